// One pod from a request to Running, in the simulated world: every station once, in the order of
// the enum.
#include "core/apiserver/server.h"
#include "tests/support/sim_world.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::tests;

namespace {
std::vector<std::string> stationsOf(const SimWorld& world, const std::string& key) {
    std::vector<std::string> names;
    for (const StationEvent& event : world.stations().journeyOf(key))
        names.emplace_back(stationName(event.station));
    return names;
}

std::vector<std::string> allStations() {
    std::vector<std::string> names;
    for (int i = 0; i < kStationCount; ++i)
        names.emplace_back(stationName(static_cast<Station>(i)));
    return names;
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words)
        out += word + " ";
    return out;
}

Json podNamed(const std::string& name) {
    Json pod = JsonObject{{"apiVersion", "v1"}, {"kind", "Pod"}};
    setPath(pod, name.ends_with('-') ? "metadata.generateName" : "metadata.name", Json(name));
    setPath(pod, "spec.containers",
            JsonArray{JsonObject{{"name", "main"}, {"image", "busybox:1.36"}}});
    return pod;
}
} // namespace

class JourneyTest : public QObject {
    Q_OBJECT
  private slots:
    void throughTheClient() {
        SimWorld world({.seed = 3, .nodes = 2});
        const auto answer =
            world.send("create", {"", "v1", "pods", "default", "", ""}, podNamed("web"));
        QVERIFY2(answer.has_value(), answer ? "" : answer.error().message.c_str());
        QVERIFY(world.settle());
        const std::vector<std::string> got = stationsOf(world, "/registry/pods/default/web");
        QVERIFY2(got == allStations(), joined(got).c_str());
    }
    void throughHttp() {
        SimWorld world({.seed = 3, .nodes = 2});
        const Result<Json> made = world.post("/api/v1/namespaces/default/pods", podNamed("web-"));
        QVERIFY2(made.has_value(), made ? "" : made.error().message.c_str());
        QVERIFY(world.settle());
        const std::string key =
            "/registry/pods/default/" + std::string(stringAt(*made, "metadata.name"));
        const std::vector<std::string> got = stationsOf(world, key);
        QVERIFY2(got == allStations(), joined(got).c_str());
        const std::vector<StationEvent> events = world.stations().journeyOf(key);
        QCOMPARE(events[0].note, std::string("create /api/v1/namespaces/default/pods"));
        QCOMPARE(events[1].note, std::string("kubernetes-admin"));
        QVERIFY(std::is_sorted(
            events.begin(), events.end(),
            [](const StationEvent& a, const StationEvent& b) { return a.at < b.at; }));
        for (const StationEvent& event : events)
            QCOMPARE(event.key, key);
    }
    // What others ask about the pod meanwhile is no part of its journey, and a refused second
    // creation neither.
    void othersDoNotDisturb() {
        SimWorld world({.seed = 3, .nodes = 1});
        const client::ResourcePath pods{"", "v1", "pods", "default", "", ""};
        QVERIFY(world.send("create", pods, podNamed("web")).has_value());
        QVERIFY(world.settle());
        QVERIFY(!world.send("create", pods, podNamed("web")));
        QVERIFY(world.send("get", {"", "v1", "pods", "default", "web", ""}).has_value());
        QVERIFY(world.settle());
        QCOMPARE(joined(stationsOf(world, "/registry/pods/default/web")), joined(allStations()));
    }
    // Another pod of the same name has a journey of its own.
    void aNewPodBeginsAnew() {
        SimWorld world({.seed = 3, .nodes = 1});
        const client::ResourcePath pods{"", "v1", "pods", "default", "", ""};
        QVERIFY(world.send("create", pods, podNamed("web")).has_value());
        QVERIFY(world.settle());
        const Time first = world.stations().journeyOf("/registry/pods/default/web").front().at;
        QVERIFY(world.send("delete", {"", "v1", "pods", "default", "web", ""}).has_value());
        QVERIFY(world.settle(std::chrono::seconds(40)));
        QVERIFY(world.send("create", pods, podNamed("web")).has_value());
        QVERIFY(world.settle());
        QCOMPARE(joined(stationsOf(world, "/registry/pods/default/web")), joined(allStations()));
        QVERIFY(world.stations().journeyOf("/registry/pods/default/web").front().at > first);
    }
};
ORRERY_TEST(JourneyTest)
#include "journey_test.moc"
