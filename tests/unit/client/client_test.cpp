#include "core/client/event_recorder.h"
#include "core/client/informer.h"
#include "core/client/work_queue.h"
#include "core/runtime/sim/sim_env.h"
#include "tests/support/test.h"
#include "tests/unit/controllers/fake_server.h"

namespace orrery::tests {

namespace {
struct Thing {
    std::string name, colour;
};
void decode(const Json& object, Thing& out) {
    out.name = stringAt(object, "metadata.name");
    out.colour = stringAt(object, "data.colour");
}

struct Setup {
    NoTrace trace;
    SimEnv sim{1, trace};
    FakeServer server{sim.env()};
    void put(const std::string& name, const std::string& colour) {
        server.put(JsonObject{{"apiVersion", "v1"},
                              {"kind", "ConfigMap"},
                              {"metadata", JsonObject{{"name", name}}},
                              {"data", JsonObject{{"colour", colour}}}});
    }
};
const client::ResourcePath kMaps{"", "v1", "configmaps", "", "", ""};
} // namespace

class ClientTest : public QObject {
    Q_OBJECT
  private slots:
    void followsAKind() {
        Setup setup;
        setup.put("a", "red");
        client::Informer<Thing> informer(setup.sim.env(), setup.server, kMaps);
        informer.addIndex(
            "colour", [](const Thing& thing) { return std::vector<std::string>{thing.colour}; });
        std::vector<std::string> heard;
        client::Handler<Thing> handler;
        handler.onAdd = [&](const auto& item) { heard.push_back("+" + item.view->name); };
        handler.onUpdate = [&](const auto& old, const auto& item) {
            heard.push_back(old.view->colour + ">" + item.view->colour);
        };
        handler.onDelete = [&](const auto& last) { heard.push_back("-" + last.view->name); };
        informer.addHandler(std::move(handler));
        informer.start();
        setup.sim.runPosted();
        QVERIFY(informer.synced());
        setup.put("b", "red");
        setup.put("a", "blue");
        setup.sim.runPosted();
        QCOMPARE(informer.byIndex("colour", "red"), std::set<std::string>({"default/b"}));
        QCOMPARE(informer.byIndex("colour", "blue"), std::set<std::string>({"default/a"}));
        setup.server.remove("configmaps", "default/b");
        setup.sim.runPosted();
        QVERIFY(informer.byIndex("colour", "red").empty());
        QCOMPARE(heard, std::vector<std::string>({"+a", "+b", "red>blue", "-b"}));
    }
    // After a watch expired, the next list tells what was missed, and nothing twice.
    void listsAgainAfterExpiry() {
        Setup setup;
        setup.put("kept", "red");
        setup.put("gone", "red");
        client::Informer<Thing> informer(setup.sim.env(), setup.server, kMaps);
        int added = 0, changed = 0, deleted = 0;
        client::Handler<Thing> handler;
        handler.onAdd = [&](const auto&) { ++added; };
        handler.onUpdate = [&](const auto&, const auto&) { ++changed; };
        handler.onDelete = [&](const auto&) { ++deleted; };
        informer.addHandler(std::move(handler));
        informer.start();
        setup.sim.runPosted();
        setup.server.expireWatches();
        setup.sim.runPosted();
        setup.server.remove("configmaps", "default/gone");
        setup.put("new", "blue");
        setup.sim.runPosted();
        setup.sim.advance(60s);
        QCOMPARE(added, 3);
        QCOMPARE(changed, 0);
        QCOMPARE(deleted, 1);
        QCOMPARE(informer.all().size(), std::size_t(2));
    }
    void queuesOnce() {
        Setup setup;
        int woken = 0;
        client::WorkQueue queue(setup.sim.env(), [&woken] { ++woken; });
        queue.add("a", {});
        queue.add("b", {});
        queue.add("a", {});
        QCOMPARE(queue.length(), 2);
        QCOMPARE(woken, 1);
        QCOMPARE(queue.get()->key, std::string("a"));
        queue.add("a", {}); // while it is processed: afterwards
        QCOMPARE(queue.length(), 1);
        queue.done("a");
        QCOMPARE(queue.keys(10), std::vector<std::string>({"b", "a"}));
    }
    void backsOff() {
        Setup setup;
        client::WorkQueue queue(setup.sim.env(), [] {});
        const auto take = [&queue] {
            const auto item = queue.get();
            if (item)
                queue.done(item->key);
            return item.has_value();
        };
        for (const Duration wait : {5ms, 10ms, 20ms, 40ms}) {
            queue.addRateLimited("a");
            setup.sim.advance(wait - 1ms);
            QVERIFY(!take());
            setup.sim.advance(1ms);
            QVERIFY(take());
        }
        queue.forget("a");
        queue.addRateLimited("a", 42); // the next try has the cause of the one that failed
        setup.sim.advance(5ms);
        const auto retried = queue.get();
        QVERIFY(retried && retried->wake.revision == 42);
        queue.done("a");
        queue.addAfter("b", 10s);
        queue.addAfter("b", 2s); // the earlier wins
        queue.addAfter("b", 20s);
        setup.sim.advance(2s);
        QVERIFY(take());
        setup.sim.advance(60s);
        QVERIFY(!take());
    }
    void recordsClassicEvents() {
        Setup setup;
        client::EventRecorder recorder(
            setup.sim.env(), setup.server,
            {"job-controller", "", client::EventSource::Style::Classic, ""});
        const client::ObjectReference about{"batch/v1", "Job", "shop", "sum", "u1", "7", ""};
        recorder.record(about, {"Normal", "Completed", "Job completed", "", {}, {}});
        setup.sim.runPosted();
        const Json event = setup.server.events.front();
        QCOMPARE(std::string(stringAt(event, "metadata.name")).substr(0, 4), std::string("sum."));
        QCOMPARE(stringAt(event, "metadata.namespace"), std::string_view("shop"));
        QCOMPARE(stringAt(event, "source.component"), std::string_view("job-controller"));
        QCOMPARE(stringAt(event, "reportingComponent"), std::string_view("job-controller"));
        QCOMPARE(intAt(event, "count"), 1);
        QVERIFY(find(event, "eventTime")->is_null());
        // The same again is counted in the one that is there.
        for (int i = 0; i < 3; ++i)
            recorder.record(about, {"Normal", "Completed", "Job completed", "", {}, {}});
        setup.sim.runPosted();
        QCOMPARE(setup.server.events.size(), std::size_t(1));
        // Many that differ in their text become one; nobody says more than 25 things at once.
        for (int i = 0; i < 100; ++i)
            recorder.record(about, {"Normal",
                                    "SuccessfulCreate",
                                    "Created pod: sum-" + std::to_string(i),
                                    "",
                                    {},
                                    {}});
        setup.sim.runPosted();
        QVERIFY(setup.server.events.size() <= 12);
        QVERIFY(std::string(stringAt(setup.server.events.back(), "message"))
                    .starts_with("(combined from similar events): "));
    }
    void recordsModernEvents() {
        Setup setup;
        client::EventRecorder recorder(setup.sim.env(), setup.server,
                                       {"default-scheduler", "", client::EventSource::Style::Modern,
                                        "default-scheduler-here"});
        recorder.record(
            {"v1", "Pod", "shop", "p", "u1", "", ""},
            {"Warning", "FailedScheduling", "0/1 nodes are available", "Scheduling", {}, {}});
        setup.sim.runPosted();
        const Json event = setup.server.events.front();
        QVERIFY(objectAt(event, "source").empty() && find(event, "source"));
        QCOMPARE(stringAt(event, "action"), std::string_view("Scheduling"));
        QCOMPARE(stringAt(event, "reportingInstance"), std::string_view("default-scheduler-here"));
        QCOMPARE(stringAt(event, "eventTime"), std::string_view("2026-01-01T00:00:00.000000Z"));
        QVERIFY(find(event, "firstTimestamp")->is_null());
    }
};
ORRERY_TEST(ClientTest)

} // namespace orrery::tests

#include "client_test.moc"
