// CRUD, conflicts, deletion, lists and watches, as tables of requests against a server in the
// simulated world.
#include "tests/unit/apiserver/world.h"

using namespace orrery;
using namespace orrery::tests;

namespace {
struct Step {
    const char* what;
    const char* method;
    const char* target;
    const char* body;
    int code;
    const char* message; // contained in the answer's bytes; "" for anything
    const char* contentType = "application/json";
};

const QByteArray kMaps = "/api/v1/namespaces/ns/configmaps";

void run(World& world, std::initializer_list<Step> steps) {
    for (const Step& step : steps) {
        const auto reply =
            world.http(step.method, step.target, step.body, {{"content-type", step.contentType}});
        QVERIFY2(reply->code == step.code,
                 (std::string(step.what) + ": " + std::to_string(reply->code) + " " + reply->body)
                     .c_str());
        QVERIFY2(reply->body.find(step.message) != std::string::npos,
                 (std::string(step.what) + ": " + reply->body).c_str());
    }
}
constexpr const char* kMerge = "application/merge-patch+json";
} // namespace

class RegistryTest : public QObject {
    Q_OBJECT
  private slots:
    void lifeOfAnObject();
    void refusals();
    void noWriteWhenNothingChanges();
    void finalizersHold();
    void podsHaveGrace();
    void gatedPodsSaySo();
    void namespacesWaitForTheirContent();
    void generatedNames();
    void pages();
    void listsAreStoredBytes();
    void podsOfANode();
    void deletesCollections();
    void services();
    void bindsOnce();
    void scales();
    void eventsExpire();
    void dryRunStoresNothing();
    void clientAnswersWhenDurable();
    void whyTellsTheChain();
    void limitsRequestsInFlight();
    void stopsCleanly();
};

void RegistryTest::lifeOfAnObject() {
    World world;
    world.createNamespace("ns");
    const std::string one = (kMaps + "/a").toStdString();
    run(world,
        {{"create", "POST", kMaps, R"({"metadata":{"name":"a"},"data":{"k":"v"}})", 201,
          "\"k\":\"v\""},
         {"again", "POST", kMaps, R"({"metadata":{"name":"a"}})", 409,
          "configmaps \\\"a\\\" already exists"},
         {"get", "GET", one.c_str(), "", 200, "\"k\":\"v\""},
         {"put", "PUT", one.c_str(), R"({"metadata":{"name":"a"},"data":{"k":"w"}})", 200,
          "\"k\":\"w\""},
         {"stale", "PUT", one.c_str(), R"({"metadata":{"name":"a","resourceVersion":"1"}})", 409,
          "the object has been modified; please apply your changes to the latest version and try "
          "again"},
         {"merge", "PATCH", one.c_str(), R"({"data":{"l":"1"}})", 200, "\"l\":\"1\"", kMerge},
         {"json", "PATCH", one.c_str(), R"([{"op":"remove","path":"/data/l"}])", 200, "\"k\":\"w\"",
          "application/json-patch+json"},
         {"delete", "DELETE", one.c_str(), "", 200, "\"status\":\"Success\""},
         {"gone", "GET", one.c_str(), "", 404, "configmaps \\\"a\\\" not found"}});
}

void RegistryTest::refusals() {
    World world;
    world.createNamespace("ns");
    run(world,
        {{"no namespace", "POST", "/api/v1/namespaces/none/configmaps",
          R"({"metadata":{"name":"a"}})", 404, "namespaces \\\"none\\\" not found"},
         {"broken", "POST", kMaps, "{not json", 400,
          "invalid character 'n' looking for beginning of object key"},
         {"another kind", "POST", kMaps,
          R"({"kind":"Secret","apiVersion":"v1","metadata":{"name":"a"}})", 400,
          "unknown conversion"},
         {"another namespace", "POST", kMaps, R"({"metadata":{"name":"a","namespace":"other"}})",
          400, "does not match the namespace sent on the request"},
         {"bad name", "POST", kMaps, R"({"metadata":{"name":"Bad_Name"}})", 422, "metadata.name"},
         {"no kind", "GET", "/api/v1/namespaces/ns/nothings", "", 404,
          "could not find the requested resource"},
         {"no page", "GET", "/nothing", "", 404, "404 page not found"},
         {"no verb", "DELETE", "/api/v1/namespaces", "", 405, "does not allow this method"},
         {"patch type", "PATCH", (kMaps + "/a"), "{}", 415, "415: Unsupported Media Type"},
         {"future", "GET", (kMaps + "?resourceVersion=999999"), "", 504,
          "Too large resource version: 999999"},
         {"selector", "GET", (kMaps + "?labelSelector=!!"), "", 400,
          "found '!', expected: identifier"}});
    QCOMPARE(world.http("GET", kMaps.toStdString(), "", {{"authorization", "Bearer wrong"}})->code,
             401);
    QCOMPARE(world.http("GET", kMaps.toStdString(), "", {{"authorization", "Bearer nobody"}})->code,
             403);
    QCOMPARE(world.http("GET", kMaps.toStdString(), "", {{"accept", "text/html"}})->code, 406);
}

void RegistryTest::noWriteWhenNothingChanges() {
    World world;
    world.createNamespace("ns");
    world.create(kMaps.toStdString(), R"({"metadata":{"name":"a"},"data":{"k":"v"}})");
    const store::Revision before = world.store().revision();
    run(world, {{"the same", "PUT", (kMaps + "/a"), R"({"metadata":{"name":"a"},"data":{"k":"v"}})",
                 200, ""},
                {"the same", "PATCH", (kMaps + "/a"), R"({"data":{"k":"v"}})", 200, "", kMerge}});
    QCOMPARE(world.store().revision(), before);
}

void RegistryTest::finalizersHold() {
    World world;
    world.createNamespace("ns");
    world.create(kMaps.toStdString(),
                 R"({"metadata":{"name":"a","finalizers":["x.example/hold"]}})");
    run(world,
        {{"only marked", "DELETE", (kMaps + "/a"), "", 200, "deletionTimestamp"},
         {"taken", "POST", kMaps, R"({"metadata":{"name":"a"}})", 409, "object is being deleted"},
         {"let go", "PATCH", (kMaps + "/a"), R"({"metadata":{"finalizers":null}})", 200, "",
          kMerge},
         {"gone", "GET", (kMaps + "/a"), "", 404, ""}});
    world.create(kMaps.toStdString(), R"({"metadata":{"name":"b"}})");
    run(world,
        {{"foreground", "DELETE", (kMaps + "/b?propagationPolicy=Foreground"), "", 200,
          "\"finalizers\":[\"foregroundDeletion\"]"},
         {"policy", "DELETE", (kMaps + "/b?propagationPolicy=Sideways"), "", 422, "Sideways"}});
}

void RegistryTest::podsHaveGrace() {
    World world;
    world.createNamespace("ns");
    const std::string pods = "/api/v1/namespaces/ns/pods";
    const std::string spec =
        R"("containers":[{"name":"c","image":"i"}],"serviceAccountName":"default")";
    world.create("/api/v1/namespaces/ns/serviceaccounts", R"({"metadata":{"name":"default"}})");
    world.create(pods, R"({"metadata":{"name":"free"},"spec":{)" + spec + "}}");
    world.create(pods, R"({"metadata":{"name":"bound"},"spec":{"nodeName":"n1",)" + spec + "}}");
    run(world, {{"unbound: at once", "DELETE", (pods + "/free").c_str(), "", 200,
                 "deletionGracePeriodSeconds\":0"},
                {"gone", "GET", (pods + "/free").c_str(), "", 404, ""},
                {"bound: waits", "DELETE", (pods + "/bound").c_str(), "", 200,
                 "deletionGracePeriodSeconds\":30"},
                {"there", "GET", (pods + "/bound").c_str(), "", 200, "\"generation\":2"},
                {"by force", "DELETE", (pods + "/bound?gracePeriodSeconds=0").c_str(), "", 200, ""},
                {"gone", "GET", (pods + "/bound").c_str(), "", 404, ""}});
}

void RegistryTest::gatedPodsSaySo() {
    World world;
    world.createNamespace("a");
    world.create("/api/v1/namespaces/a/serviceaccounts", R"({"metadata":{"name":"default"}})");
    const Json pod =
        world.create("/api/v1/namespaces/a/pods",
                     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}],)"
                     R"("schedulingGates":[{"name":"example.com/quota"}]}})");
    const JsonArray& conditions = arrayAt(pod, "status.conditions");
    QCOMPARE(conditions.size(), std::size_t(1));
    const Json expected =
        parsed(R"({"type":"PodScheduled","status":"False","lastProbeTime":null,"reason":)"
               R"("SchedulingGated","message":)"
               R"("Scheduling is blocked due to non-empty scheduling gates"})");
    Json condition = conditions.front();
    QCOMPARE(stringAt(condition, "lastTransitionTime"),
             stringAt(pod, "metadata.creationTimestamp"));
    removePath(condition, "lastTransitionTime");
    QVERIFY(sameValue(condition, expected)); // removing reorders
    const Json free = world.create(
        "/api/v1/namespaces/a/pods",
        R"({"metadata":{"name":"q"},"spec":{"containers":[{"name":"c","image":"i"}]}})");
    QVERIFY(arrayAt(free, "status.conditions").empty());
}

void RegistryTest::namespacesWaitForTheirContent() {
    World world;
    world.createNamespace("ns");
    run(world,
        {{"marked", "DELETE", "/api/v1/namespaces/ns", "", 200, "\"phase\":\"Terminating\""},
         {"nothing new", "POST", kMaps, R"({"metadata":{"name":"a"}})", 403, "being terminated"}});
    Json namespace_ = world.http("GET", "/api/v1/namespaces/ns")->json();
    setPath(namespace_, "spec.finalizers", JsonArray());
    const auto done = world.http("PUT", "/api/v1/namespaces/ns/finalize", serializeJson(namespace_),
                                 {{"content-type", "application/json"}});
    QCOMPARE(done->code, 200);
    QCOMPARE(world.http("GET", "/api/v1/namespaces/ns")->code, 404);
}

void RegistryTest::generatedNames() {
    World world;
    world.createNamespace("ns");
    std::set<std::string> names;
    for (int i = 0; i < 50; ++i) {
        const Json made =
            world.create(kMaps.toStdString(), R"({"metadata":{"generateName":"g-"}})");
        const std::string name(stringAt(made, "metadata.name"));
        QVERIFY(name.starts_with("g-"));
        QCOMPARE(name.size(), std::size_t{7});
        names.insert(name);
    }
    QCOMPARE(names.size(), std::size_t{50});
}

void RegistryTest::pages() {
    World world;
    world.createNamespace("ns");
    for (const char* name : {"a", "b", "c", "d", "e"})
        world.create(kMaps.toStdString(), std::string(R"({"metadata":{"name":")") + name +
                                              R"(","labels":{"odd":")" +
                                              ((name[0] - 'a') % 2 ? "no" : "yes") + "\"}}}");
    const Json first = world.http("GET", (kMaps + "?limit=2").toStdString())->json();
    QCOMPARE(arrayAt(first, "items").size(), std::size_t{2});
    QCOMPARE(intAt(first, "metadata.remainingItemCount"), std::int64_t{3});
    const std::string token(stringAt(first, "metadata.continue"));
    run(world, {{"delete", "DELETE", (kMaps + "/c"), "", 200, ""}});
    const Json rest = world.http("GET", kMaps.toStdString() + "?continue=" + token)->json();
    QCOMPARE(arrayAt(rest, "items").size(), std::size_t{3}); // as it was at the first page
    QCOMPARE(stringAt(rest, "metadata.resourceVersion"),
             stringAt(first, "metadata.resourceVersion"));
    const Json odd =
        world.http("GET", (kMaps + "?limit=1&labelSelector=odd=yes").toStdString())->json();
    QCOMPARE(stringAt(arrayAt(odd, "items")[0], "metadata.name"), std::string_view("a"));
    QVERIFY(findPath(odd, "metadata.continue") && !findPath(odd, "metadata.remainingItemCount"));
    run(world, {{"garbage", "GET", (kMaps + "?continue=zzz"), "", 400, "invalid continue token"},
                {"both", "GET",
                 (kMaps + "?resourceVersion=1&continue=" + QByteArray::fromStdString(token)), "",
                 400, "specifying resource version is not allowed when using continue"}});
}

void RegistryTest::listsAreStoredBytes() {
    World world;
    world.createNamespace("ns");
    world.create(kMaps.toStdString(), R"({"metadata":{"name":"a"},"data":{"k":"v"}})");
    const Json list = world.http("GET", kMaps.toStdString())->json();
    QCOMPARE(stringAt(list, "kind"), std::string_view("ConfigMapList"));
    const Json& item = arrayAt(list, "items")[0];
    QVERIFY(!find(item, "kind") && !find(item, "apiVersion")); // as Kubernetes' typed lists
    Json single = world.http("GET", (kMaps + "/a").toStdString())->json();
    removePath(single, "kind");
    removePath(single, "apiVersion");
    QVERIFY(single == item);
    const auto yaml =
        world.http("GET", (kMaps + "/a").toStdString(), "", {{"accept", "application/yaml"}});
    QVERIFY(yaml->body.find("kind: ConfigMap") != std::string::npos);
    const Json table = world
                           .http("GET", kMaps.toStdString(), "",
                                 {{"accept", "application/json;as=Table;g=meta.k8s.io;v=v1"}})
                           ->json();
    QCOMPARE(stringAt(table, "kind"), std::string_view("Table"));
}

void RegistryTest::podsOfANode() {
    World world;
    world.createNamespace("ns");
    world.create("/api/v1/namespaces/ns/serviceaccounts", R"({"metadata":{"name":"default"}})");
    for (int i = 0; i < 9; ++i)
        world.create("/api/v1/namespaces/ns/pods",
                     R"({"metadata":{"name":"p)" + std::to_string(i) +
                         R"("},"spec":{"nodeName":"n)" + std::to_string(i % 3) +
                         R"(","containers":[{"name":"c","image":"i"}]}})");
    client::Request request;
    request.verb = "list";
    request.path = {"", "v1", "pods", "", "", ""};
    request.fieldSelector = "spec.nodeName=n1";
    const auto listed = world.send(request);
    QVERIFY(listed.has_value());
    QCOMPARE(listed->items.size(), std::size_t{3});
}

void RegistryTest::deletesCollections() {
    World world;
    world.createNamespace("ns");
    for (const char* name : {"a", "b", "c"})
        world.create(kMaps.toStdString(), std::string(R"({"metadata":{"name":")") + name + "\"}}");
    run(world, {{"all", "DELETE", kMaps, "", 200, "ConfigMapList"}});
    QCOMPARE(arrayAt(world.http("GET", kMaps.toStdString())->json(), "items").size(),
             std::size_t{0});
}

void RegistryTest::services() {
    World world;
    world.createNamespace("ns");
    const std::string all = "/api/v1/namespaces/ns/services";
    const Json web = world.create(
        all, R"({"metadata":{"name":"web"},"spec":{"type":"NodePort","ports":[{"port":80}]}})");
    const std::string address(stringAt(web, "spec.clusterIP"));
    QVERIFY(address.starts_with("10.96."));
    const std::int64_t port = intAt(arrayAt(web, "spec.ports")[0], "nodePort");
    QVERIFY(port >= 30000 && port <= 32767);
    const std::string taken = R"({"metadata":{"name":"b"},"spec":{"clusterIP":")" + address +
                              R"(","ports":[{"port":80}]}})";
    run(world,
        {{"taken", "POST", all.c_str(), taken.c_str(), 422, "provided IP is already allocated"},
         {"out of range", "POST", all.c_str(),
          R"({"metadata":{"name":"b"},"spec":{"type":"NodePort","ports":[{"port":80,"nodePort":80}]}})",
          422, "30000-32767"},
         {"kept by an update", "PUT", (all + "/web").c_str(),
          R"({"metadata":{"name":"web"},"spec":{"type":"NodePort","ports":[{"port":80}]}})", 200,
          address.c_str()},
         {"freed", "DELETE", (all + "/web").c_str(), "", 200, ""},
         {"free", "POST", all.c_str(), taken.c_str(), 201, address.c_str()}});
}

void RegistryTest::bindsOnce() {
    World world;
    world.createNamespace("ns");
    world.create("/api/v1/namespaces/ns/serviceaccounts", R"({"metadata":{"name":"default"}})");
    world.create("/api/v1/namespaces/ns/pods",
                 R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}})");
    const char* target = "/api/v1/namespaces/ns/pods/p/binding";
    run(world,
        {{"no target", "POST", target, R"({"metadata":{"name":"p"},"target":{}})", 500,
          "target.name: Required value"},
         {"bound", "POST", target,
          R"({"metadata":{"name":"p","annotations":{"a":"b"}},"target":{"kind":"Node","name":"n1"}})",
          201, "Success"},
         {"is", "GET", "/api/v1/namespaces/ns/pods/p", "", 200, "\"nodeName\":\"n1\""},
         {"once", "POST", target, R"({"metadata":{"name":"p"},"target":{"name":"n2"}})", 409,
          "pod p is already assigned to node \\\"n1\\\""}});
}

void RegistryTest::scales() {
    World world;
    world.createNamespace("ns");
    const std::string sets = "/apis/apps/v1/namespaces/ns/replicasets";
    world.create(
        sets, R"({"metadata":{"name":"r"},"spec":{"replicas":2,"selector":{"matchLabels":{"a":"b"}},
        "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})");
    run(world, {{"read", "GET", (sets + "/r/scale").c_str(), "", 200, "\"selector\":\"a=b\""},
                {"patched", "PATCH", (sets + "/r/scale").c_str(), R"({"spec":{"replicas":5}})", 200,
                 "\"replicas\":5", kMerge},
                {"seen", "GET", (sets + "/r").c_str(), "", 200, "\"generation\":2"},
                {"below nothing", "PUT", (sets + "/r/scale").c_str(),
                 R"({"metadata":{"name":"r"},"spec":{"replicas":-1}})", 422,
                 "must be greater than or equal to 0"}});
}

void RegistryTest::eventsExpire() {
    World world;
    world.createNamespace("ns");
    const std::string events = "/api/v1/namespaces/ns/events";
    world.create(events, R"({"metadata":{"name":"e"},"involvedObject":{"namespace":"ns"}})");
    world.sim().advance(std::chrono::minutes(59));
    QCOMPARE(world.http("GET", events + "/e")->code, 200);
    world.sim().advance(std::chrono::minutes(2));
    QCOMPARE(world.http("GET", events + "/e")->code, 404);
}

void RegistryTest::dryRunStoresNothing() {
    World world;
    world.createNamespace("ns");
    const store::Revision before = world.store().revision();
    run(world, {{"create", "POST", (kMaps + "?dryRun=All"), R"({"metadata":{"name":"a"}})", 201,
                 "\"uid\""},
                {"wrong", "POST", (kMaps + "?dryRun=Some"), R"({"metadata":{"name":"a"}})", 422,
                 "supported values"}});
    QCOMPARE(world.store().revision(), before);
}

void RegistryTest::clientAnswersWhenDurable() {
    World world;
    world.createNamespace("ns");
    client::Request request;
    request.verb = "create";
    request.path = {"", "v1", "configmaps", "ns", "", ""};
    request.body = parsed(R"({"metadata":{"name":"a"}})");
    bool answered = false;
    store::Revision durable = 0;
    world.client().send(request, [&](Result<client::Response> response) {
        answered = response.has_value();
        durable = world.store().durableRevision();
        QVERIFY(durable >= response->resourceVersion);
    });
    QVERIFY(!answered); // never inside send()
    world.sim().runPosted();
    QVERIFY(answered);
}

void RegistryTest::whyTellsTheChain() {
    World world;
    world.createNamespace("ns");
    const Json made = world.create(kMaps.toStdString(), R"({"metadata":{"name":"a"}})");
    client::Request request;
    request.verb = "create";
    request.path = {"", "v1", "configmaps", "ns", "", ""};
    request.body = parsed(R"({"metadata":{"name":"b"}})");
    request.cause.actor = "copier";
    request.cause.because = "a exists";
    request.cause.wokenBy = std::stoll(std::string(stringAt(made, "metadata.resourceVersion")));
    QVERIFY(world.send(request).has_value());
    const auto why = world.http(
        "GET", "/orrery/v1/why?group=&version=v1&resource=configmaps&namespace=ns&name=b");
    QCOMPARE(why->code, 200);
    const Json chain = why->json();
    const JsonArray& links = arrayAt(chain, "links");
    QCOMPARE(links.size(), std::size_t{2});
    QCOMPARE(stringAt(links[0], "actor"), std::string_view("copier"));
    QCOMPARE(stringAt(links[1], "object"), std::string_view("configmaps/ns/a"));
    QVERIFY(stringAt(links[1], "request").starts_with("POST /api/v1/namespaces/ns/configmaps"));
    QCOMPARE(world.http("GET", "/orrery/v1/why?version=v1&resource=configmaps&namespace=ns&name=x")
                 ->code,
             404);
}

void RegistryTest::limitsRequestsInFlight() {
    World world;
    world.createNamespace("ns");
    std::vector<std::shared_ptr<Reply>> replies;
    for (int i = 0; i < 300; ++i) { // nothing runs in between, so nothing becomes durable
        auto reply = std::make_shared<Reply>();
        apiserver::HttpRequest request;
        request.method = "POST";
        request.target = kMaps.toStdString();
        request.body = R"({"metadata":{"generateName":"x-"}})";
        request.json = parseJson(request.body);
        world.server().handle(std::move(request), reply);
        replies.push_back(std::move(reply));
    }
    world.sim().runPosted();
    int made = 0, refused = 0;
    for (const auto& reply : replies) {
        made += reply->code == 201;
        refused += reply->code == 429;
    }
    QCOMPARE(made, 200);
    QCOMPARE(refused, 100);
    QCOMPARE(world.http("GET", kMaps.toStdString())->code, 200);
}

void RegistryTest::stopsCleanly() {
    World world;
    world.createNamespace("ns");
    const auto watch = world.http("GET", (kMaps + "?watch=1").toStdString());
    QVERIFY(!watch->ended);
    bool stopped = false;
    world.server().stop([&stopped] { stopped = true; });
    world.sim().runPosted();
    QVERIFY(stopped && watch->ended);
    QCOMPARE(world.http("GET", kMaps.toStdString())->code, 503);
}

ORRERY_TEST(RegistryTest)
#include "registry_test.moc"
