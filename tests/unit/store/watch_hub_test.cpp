#include "core/store/watch_hub.h"

#include "tests/unit/store/store_fixture.h"

using namespace orrery;
using namespace orrery::store;
using orrery::store::tests::shownAll;
using orrery::store::tests::text;

namespace {
EventPtr made(std::string key, Revision revision) {
    auto value = std::make_shared<KeyValue>();
    value->key = std::move(key);
    value->value = text("");
    value->modRevision = revision;
    auto event = std::make_shared<Event>();
    event->type = Event::Type::Put;
    event->revision = revision;
    event->current = std::move(value);
    return event;
}

struct Hub {
    NoTrace trace;
    SimEnv sim{1, trace};
    WatchHub hub{sim.env().executor};
    std::vector<std::unique_ptr<Watch>> watches;
    std::map<std::string, QStringList> seen; // by name

    void add(const std::string& name, std::string prefix, Revision next,
             std::vector<EventPtr> replay = {}) {
        watches.push_back(hub.add(
            std::move(prefix), next, std::move(replay),
            [this, name](std::span<const EventPtr> events) { seen[name] << shownAll(events); }));
    }
};
} // namespace

class WatchHubTest : public QObject {
    Q_OBJECT
  private slots:
    // Any text may be a prefix; only those of an event's key hear of it.
    void prefixes_data() {
        QTest::addColumn<QString>("prefix");
        QTest::addColumn<QString>("wanted");
        QTest::newRow("all") << ""
                             << "2+/r/pods/a/x= 3+/r/pods/b/x= 4+/r/podsets/a= 5+/r/p=";
        QTest::newRow("slash") << "/"
                               << "2+/r/pods/a/x= 3+/r/pods/b/x= 4+/r/podsets/a= 5+/r/p=";
        QTest::newRow("resource") << "/r/pods/"
                                  << "2+/r/pods/a/x= 3+/r/pods/b/x=";
        QTest::newRow("namespace") << "/r/pods/a/"
                                   << "2+/r/pods/a/x=";
        QTest::newRow("object") << "/r/pods/a/x"
                                << "2+/r/pods/a/x=";
        QTest::newRow("no cut") << "/r/pods"
                                << "2+/r/pods/a/x= 3+/r/pods/b/x= 4+/r/podsets/a=";
        QTest::newRow("longer") << "/r/pods/a/xy"
                                << "";
        QTest::newRow("beside") << "/r/pods/aa"
                                << "";
        QTest::newRow("other") << "/q"
                               << "";
    }
    void prefixes() {
        QFETCH(QString, prefix);
        QFETCH(QString, wanted);
        Hub hub;
        // Others around it, so that the look-up has something to stumble over.
        for (const char* other : {"", "/", "/q/", "/r/", "/r/p", "/r/po", "/r/pods/a/w",
                                  "/r/pods/a/z", "/r/pods/b/", "/r/podsets/", "/s"})
            hub.add("other", other, 2);
        hub.add("it", prefix.toStdString(), 2);
        hub.hub.deliver(std::vector<EventPtr>{made("/r/pods/a/x", 2), made("/r/pods/b/x", 3),
                                              made("/r/podsets/a", 4), made("/r/p", 5)});
        QCOMPARE(hub.seen["it"].join("|"), wanted); // one batch: no '|'
    }

    void startsInTheMiddle() {
        Hub hub;
        hub.add("all", "/", 2);
        hub.add("from 4", "/", 4);
        hub.add("from 9", "/", 9);
        hub.hub.deliver(std::vector<EventPtr>{made("/a", 3), made("/a", 4), made("/b", 5)});
        QCOMPARE(hub.seen["all"].join("|"), "3+/a= 4+/a= 5+/b=");
        QCOMPARE(hub.seen["from 4"].join("|"), "4+/a= 5+/b=");
        QVERIFY(hub.seen["from 9"].isEmpty());
        hub.hub.rewind(6);
        hub.hub.deliver(std::vector<EventPtr>{made("/c", 6)});
        QCOMPARE(hub.seen["from 9"].join("|"), "6+/c=");
    }

    // A replay never runs inside add(), and nothing overtakes it.
    void replayComesFirst() {
        Hub hub;
        hub.add("late", "/", 4, {made("/a", 2), made("/a", 3)});
        QVERIFY(hub.seen["late"].isEmpty());
        hub.hub.deliver(std::vector<EventPtr>{made("/a", 4)});
        QVERIFY(hub.seen["late"].isEmpty());
        hub.sim.runPosted();
        QCOMPARE(hub.seen["late"].join("|"), "2+/a= 3+/a= 4+/a=");
        hub.hub.deliver(std::vector<EventPtr>{made("/a", 5)});
        QCOMPARE(hub.seen["late"].last(), "5+/a=");
    }

    void endsBeforeReplay() {
        Hub hub;
        hub.add("late", "/", 4, {made("/a", 2)});
        hub.watches.clear();
        hub.sim.runPosted();
        QVERIFY(hub.seen["late"].isEmpty());
        QCOMPARE(hub.hub.size(), 0u);
    }

    // Callbacks may end any watch, their own too, and begin new ones.
    void changesInsideCallbacks() {
        Hub hub;
        int calls = 0;
        std::unique_ptr<Watch> own, later, fresh;
        own = hub.hub.add("/", 2, {}, [&](std::span<const EventPtr>) {
            ++calls;
            later.reset();
            fresh = hub.hub.add("/", 3, {}, [&](std::span<const EventPtr>) { calls += 100; });
            own.reset();
        });
        later = hub.hub.add("/", 2, {}, [&](std::span<const EventPtr>) { calls += 10; });
        hub.hub.deliver(std::vector<EventPtr>{made("/a", 2)});
        QCOMPARE(calls, 1);
        hub.hub.deliver(std::vector<EventPtr>{made("/a", 3)});
        QCOMPARE(calls, 101);
        QCOMPARE(hub.hub.size(), 1u);
    }

    void handleMayOutliveHub() {
        NoTrace trace;
        SimEnv sim(1, trace);
        std::unique_ptr<Watch> watch;
        {
            WatchHub hub(sim.env().executor);
            watch = hub.add("/", 2, {made("/a", 2)}, [](std::span<const EventPtr>) {});
        }
        watch.reset();
        sim.runPosted();
    }
};
ORRERY_TEST(WatchHubTest)
#include "watch_hub_test.moc"
