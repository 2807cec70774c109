// Watches: where they start, what selectors make of events, bookmarks, and readers that are too
// slow.
#include "tests/unit/apiserver/world.h"

using namespace orrery;
using namespace orrery::tests;

namespace {
const std::string kMaps = "/api/v1/namespaces/ns/configmaps";

// "ADDED a, MODIFIED a, ..."
std::string story(const Reply& reply) {
    std::string out;
    for (const Json& line : reply.lines())
        out += (out.empty() ? "" : ", ") + std::string(stringAt(line, "type")) + " " +
               std::string(stringAt(line, "object.metadata.name", "-"));
    return out;
}

void label(World& world, const std::string& name, const std::string& value) {
    const auto done = world.http("PATCH", kMaps + "/" + name,
                                 R"({"metadata":{"labels":{"stage":")" + value + "\"}}}",
                                 {{"content-type", "application/merge-patch+json"}});
    QCOMPARE(done->code, 200);
}
std::string make(World& world, const std::string& name, const std::string& stage = "dev") {
    const Json made = world.create(kMaps, R"({"metadata":{"name":")" + name +
                                              R"(","labels":{"stage":")" + stage + "\"}}}");
    return std::string(stringAt(made, "metadata.resourceVersion"));
}
} // namespace

class WatchTest : public QObject {
    Q_OBJECT
  private slots:
    void initThenLive();
    void startsBehindARevision();
    void selectionsComeAndGo();
    void catchesUpAndJoins();
    void endOfInitialEvents();
    void bookmarksFollow();
    void timesOut();
    void slowReadersAreCut();
    void tablesSendColumnsOnce();
    void tooOldIsExpired();
    void nodeWatchersSeeTheirPodsOnly();
    void inProcess();
};

void WatchTest::initThenLive() {
    World world;
    world.createNamespace("ns");
    make(world, "a");
    const auto watch = world.http("GET", kMaps + "?watch=1");
    make(world, "b");
    label(world, "a", "prod");
    world.http("DELETE", kMaps + "/b");
    QCOMPARE(story(*watch), std::string("ADDED a, ADDED b, MODIFIED a, DELETED b"));
    const std::vector<Json> lines = watch->lines();
    // The deleted object carries the deletion's revision.
    QCOMPARE(stringAt(lines[3], "object.metadata.resourceVersion"),
             std::string_view(std::to_string(world.store().revision())));
}

void WatchTest::startsBehindARevision() {
    World world;
    world.createNamespace("ns");
    make(world, "a");
    const std::string from = make(world, "b");
    make(world, "c");
    const auto watch = world.http("GET", kMaps + "?watch=1&resourceVersion=" + from);
    make(world, "d");
    QCOMPARE(story(*watch), std::string("ADDED c, ADDED d"));
}

void WatchTest::selectionsComeAndGo() {
    World world;
    world.createNamespace("ns");
    const std::string from = make(world, "z");
    const auto watch =
        world.http("GET", kMaps + "?watch=1&labelSelector=stage%3Dprod&resourceVersion=" + from);
    make(world, "a", "dev");
    label(world, "a", "prod"); // in
    label(world, "a", "dev");  // and out
    make(world, "b", "prod");
    world.http("DELETE", kMaps + "/a");
    world.http("DELETE", kMaps + "/b");
    QCOMPARE(story(*watch), std::string("ADDED a, DELETED a, ADDED b, DELETED b"));
    QCOMPARE(stringAt(watch->lines()[1], "object.metadata.labels.stage"), std::string_view("prod"));
}

void WatchTest::catchesUpAndJoins() {
    World world;
    world.createNamespace("ns");
    const auto opener =
        world.http("GET", kMaps + "?watch=1"); // the kind has watchers from the start
    const std::string from = make(world, "a");
    for (int i = 0; i < 5; ++i)
        make(world, "b" + std::to_string(i));
    const auto watch = world.http("GET", kMaps + "?watch=1&resourceVersion=" + from);
    for (int i = 0; i < 5; ++i)
        make(world, "c" + std::to_string(i));
    QCOMPARE(story(*watch),
             std::string("ADDED b0, ADDED b1, ADDED b2, ADDED b3, ADDED b4, ADDED c0, ADDED c1, "
                         "ADDED c2, ADDED c3, ADDED c4"));
}

void WatchTest::endOfInitialEvents() {
    World world;
    world.createNamespace("ns");
    make(world, "a");
    const auto watch =
        world.http("GET", kMaps + "?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&"
                                  "resourceVersionMatch=NotOlderThan");
    QCOMPARE(story(*watch), std::string("ADDED a, BOOKMARK -"));
    QCOMPARE(watch->lines()[1]
                 .at("object")
                 .at("metadata")
                 .at("annotations")
                 .at("k8s.io/initial-events-end"),
             Json("true"));
    const auto wrong = world.http("GET", kMaps + "?watch=1&sendInitialEvents=true");
    QCOMPARE(wrong->code, 422);
}

void WatchTest::bookmarksFollow() {
    World world;
    world.createNamespace("ns");
    const std::string from = make(world, "a");
    const auto watch =
        world.http("GET", kMaps + "?watch=1&allowWatchBookmarks=true&resourceVersion=" + from);
    world.createNamespace("other"); // not for this watcher, but the store moves on
    world.sim().advance(std::chrono::minutes(2));
    QCOMPARE(story(*watch), std::string("BOOKMARK -"));
    world.sim().advance(std::chrono::minutes(5));
    QCOMPARE(story(*watch), std::string("BOOKMARK -")); // nothing happened, so nothing is said
}

void WatchTest::timesOut() {
    World world;
    world.createNamespace("ns");
    const auto watch = world.http("GET", kMaps + "?watch=1&timeoutSeconds=10");
    world.sim().advance(std::chrono::seconds(9));
    QVERIFY(!watch->ended);
    world.sim().advance(std::chrono::seconds(2));
    QVERIFY(watch->ended);
}

void WatchTest::slowReadersAreCut() {
    World world;
    world.createNamespace("ns");
    const auto slow = world.http("GET", kMaps + "?watch=1");
    const auto quick = world.http("GET", kMaps + "?watch=1");
    slow->stuckBytes = std::size_t{9} << 20;
    make(world, "a");
    QVERIFY(slow->ended && !quick->ended);
    QCOMPARE(story(*quick), std::string("ADDED a"));
}

void WatchTest::tablesSendColumnsOnce() {
    World world;
    world.createNamespace("ns");
    make(world, "a");
    make(world, "b");
    auto reply = std::make_shared<Reply>();
    const auto watch = world.http("GET", kMaps + "?watch=1", "",
                                  {{"accept", "application/json;as=Table;g=meta.k8s.io;v=v1"}});
    const std::vector<Json> lines = watch->lines();
    QCOMPARE(lines.size(), std::size_t{2});
    QVERIFY(!arrayAt(lines[0], "object.columnDefinitions").empty());
    QVERIFY(arrayAt(lines[1], "object.columnDefinitions").empty());
}

void WatchTest::tooOldIsExpired() {
    World world;
    world.createNamespace("ns");
    const std::string from = make(world, "a");
    world.sim().advance(std::chrono::minutes(4));
    make(world, "b");
    world.sim().advance(std::chrono::minutes(20));
    if (world.store().compactRevision() <= std::stoll(from))
        QSKIP("the store keeps more than it has to");
    const auto watch = world.http("GET", kMaps + "?watch=1&resourceVersion=" + from);
    QCOMPARE(watch->code, 200);
    QVERIFY(watch->ended);
    QCOMPARE(stringAt(watch->lines()[0], "type"), std::string_view("ERROR"));
    QCOMPARE(intAt(watch->lines()[0], "object.code"), std::int64_t{410});
}

void WatchTest::nodeWatchersSeeTheirPodsOnly() {
    World world;
    world.createNamespace("ns");
    world.create("/api/v1/namespaces/ns/serviceaccounts", R"({"metadata":{"name":"default"}})");
    const auto watch = world.http("GET", "/api/v1/pods?watch=1&fieldSelector=spec.nodeName%3Dn1");
    for (const char* name : {"p1", "p2"})
        world.create("/api/v1/namespaces/ns/pods",
                     std::string(R"({"metadata":{"name":")") + name +
                         R"("},"spec":{"containers":[{"name":"c","image":"i"}]}})");
    const auto bind = [&](const std::string& pod, const std::string& node) {
        const auto done = world.http("POST", "/api/v1/namespaces/ns/pods/" + pod + "/binding",
                                     R"({"metadata":{"name":")" + pod + R"("},"target":{"name":")" +
                                         node + "\"}}",
                                     {{"content-type", "application/json"}});
        QCOMPARE(done->code, 201);
    };
    bind("p1", "n1");
    bind("p2", "n2");
    world.http("DELETE", "/api/v1/namespaces/ns/pods/p1?gracePeriodSeconds=0");
    QCOMPARE(story(*watch), std::string("ADDED p1, DELETED p1"));
}

void WatchTest::inProcess() {
    World world;
    world.createNamespace("ns");
    make(world, "a");
    std::string seen;
    client::WatchRequest request;
    request.path = {"", "v1", "configmaps", "", "", ""};
    auto handle = world.client().watch(
        request,
        [&seen](std::span<const client::WatchEvent> events) {
            for (const client::WatchEvent& event : events)
                seen += std::to_string(static_cast<int>(event.type)) +
                        std::string(stringAt(event.object->tree(), "metadata.name")) + " ";
        },
        [&seen](Error error) { seen += error.message; });
    world.sim().runPosted();
    make(world, "b");
    QCOMPARE(seen, std::string("0a 0b "));
    handle.reset();
    make(world, "c");
    QCOMPARE(seen, std::string("0a 0b "));
    request.path.resource = "nothings";
    handle = world.client().watch(
        request, [](auto) {}, [&seen](Error error) { seen = error.message; });
    world.sim().runPosted();
    QCOMPARE(seen, std::string("the server could not find the requested resource"));
}

ORRERY_TEST(WatchTest)
#include "watch_test.moc"
