// What the store promises, on the virtual clock and without a file.
#include "tests/unit/store/store_fixture.h"

using namespace orrery;
using namespace orrery::store;
using orrery::store::tests::put;
using orrery::store::tests::removeKey;
using orrery::store::tests::shownAll;
using orrery::store::tests::shownItems;
using orrery::store::tests::SimStore;
using orrery::store::tests::text;

namespace {
// Records what a watch brings; batches are separated by '|'.
struct Recorder {
    QStringList batches;
    Store::OnEvents callback() {
        return [this](std::span<const EventPtr> events) { batches << shownAll(events); };
    }
    QString all() const { return batches.join("|"); }
};
} // namespace

class EmbeddedStoreTest : public QObject {
    Q_OBJECT
  private slots:
    // etcd's numbers: an empty store is at 1, the first write makes 2.
    void revisionsBeginAtTwo() {
        SimStore s;
        QCOMPARE(s.store->revision(), 1);
        QCOMPARE(s.store->nextRevision(), 2);
        QCOMPARE(s.store->compactRevision(), 1);
        QCOMPARE(s.write(put("/a", "1")), 2);
        QCOMPARE(s.store->revision(), 2);
    }

    void ownWritesAreSeenAtOnceOthersWaitForTheDisk() {
        SimStore s;
        Recorder seen;
        const auto watch = s.store->watch({"/", 0}, seen.callback());
        QStringList done;
        const auto note = [&](const char* name) {
            return [&done, name](Result<void> result) { done << (result ? name : "failed"); };
        };
        QCOMPARE(*s.store->commit(put("/a", "1"), {}, note("a")), 2);
        s.store->whenDurable(3, note("waiter"));
        s.store->whenDurable(1, note("old"));
        QCOMPARE(*s.store->commit(put("/b", "1"), {}, note("b")), 3);
        QCOMPARE(s.store->get("/a")->value->bytes(), std::string("1"));
        QCOMPARE(shownItems(*s.store->list("/")), "/a=1@2 /b=1@3");
        QCOMPARE(s.store->durableRevision(), 1);
        QCOMPARE(done.join(" "), "old");
        QVERIFY(seen.batches.isEmpty());
        s.sim.runPosted();
        QCOMPARE(s.store->durableRevision(), 3);
        QCOMPARE(done.join(" "), "old a b waiter");
        QCOMPARE(seen.all(), "2+/a=1 3+/b=1"); // one batch
    }

    void expectations_data() {
        QTest::addColumn<QString>("key");
        QTest::addColumn<int>("expect");
        QTest::addColumn<bool>("deletes");
        QTest::addColumn<int>("reason"); // -1: accepted
        const int ok = -1;
        const int conflict = static_cast<int>(Reason::Conflict);
        QTest::newRow("create") << "/new" << 0 << false << ok;
        QTest::newRow("create what exists") << "/a" << 0 << false << conflict;
        QTest::newRow("update") << "/a" << 2 << false << ok;
        QTest::newRow("update with an old one") << "/a" << 1 << false << conflict;
        QTest::newRow("update of nothing") << "/new" << 2 << false << conflict;
        QTest::newRow("delete") << "/a" << 2 << true << ok;
        QTest::newRow("delete with an old one") << "/a" << 1 << true << conflict;
        QTest::newRow("delete of nothing")
            << "/new" << -1 << true << static_cast<int>(Reason::NotFound);
        QTest::newRow("any") << "/a" << -1 << false << ok;
        QTest::newRow("no key") << "" << -1 << false << static_cast<int>(Reason::BadRequest);
        QTest::newRow("giant key")
            << QString(5000, 'x') << -1 << false << static_cast<int>(Reason::BadRequest);
    }
    void expectations() {
        QFETCH(QString, key);
        QFETCH(int, expect);
        QFETCH(bool, deletes);
        QFETCH(int, reason);
        SimStore s;
        s.write(put("/a", "1"));
        Write write{key.toStdString(), deletes ? nullptr : text("2"), {}, nullptr};
        if (expect >= 0)
            write.expect = expect;
        bool called = false;
        const Result<Revision> result =
            s.store->commit(write, {}, [&](Result<void>) { called = true; });
        QCOMPARE(result ? -1 : static_cast<int>(result.error().reason), reason);
        QCOMPARE(s.store->revision(), reason == -1 ? 3 : 2);
        s.sim.runPosted();
        QCOMPARE(called, reason == -1); // refused at once: nobody is called
    }

    void createUpdateDeleteCreate() {
        SimStore s;
        std::vector<EventPtr> events;
        const auto watch = s.store->watch({"/a", 0}, [&](std::span<const EventPtr> batch) {
            events.insert(events.end(), batch.begin(), batch.end());
        });
        WriteCause cause;
        cause.actor = "me";
        cause.because = std::string(5000, 'x');
        QVERIFY(s.store->commit(put("/a", "1"), cause, nullptr));
        s.write(put("/a", "2"));
        s.write(Write{"/a", nullptr, 3, text("last")});
        s.write(put("/a", "3"));
        s.sim.runPosted();
        QCOMPARE(events.size(), 4u);
        const auto row = [&](std::size_t i) {
            const KeyValue& now = *events[i]->current;
            const KeyValuePtr& old = events[i]->previous;
            return QString::fromStdString(std::to_string(now.createRevision) + " " +
                                          std::to_string(now.version) + " " + now.value->bytes() +
                                          " " + (old ? old->value->bytes() : "-"));
        };
        QCOMPARE(row(0), "2 1 1 -");
        QCOMPARE(row(1), "2 2 2 1");
        QCOMPARE(row(2), "2 0 last 2");
        QCOMPARE(row(3), "5 1 3 -");
        QCOMPARE(events[0]->cause->actor, std::string("me"));
        QCOMPARE(events[0]->cause->because.size(), 1024u); // clipped
        QCOMPARE(events[0]->at, s.sim.env().now());
        QCOMPARE(events[2]->type, Event::Type::Delete);
    }

    void watchFromEveryRevision() {
        SimStore s;
        const QStringList lines{"2+/a=1", "3+/b=1", "4-/a", "5+/c=1", "6+/b=2"};
        s.write(put("/a", "1"));
        s.write(put("/b", "1"));
        s.sim.runPosted();
        s.write(removeKey("/a"));
        s.write(put("/c", "1"));
        s.sim.runPosted();
        s.write(put("/b", "2")); // not durable when the watches begin
        for (int start = 1; start <= 8; ++start) {
            Recorder seen;
            const auto watch = s.store->watch({"/", start}, seen.callback());
            QVERIFY(watch.has_value());
            QVERIFY(seen.batches.isEmpty());
            s.sim.runPosted();
            QCOMPARE(seen.batches.join(" "), lines.mid(std::max(0, start - 2)).join(" "));
        }
        Recorder onlyB;
        const auto watch = s.store->watch({"/b", 1}, onlyB.callback());
        s.sim.runPosted();
        QCOMPARE(onlyB.all(), "3+/b=1 6+/b=2");
    }

    // "From now on" is behind all that is seen now, durable or not.
    void watchFromNow() {
        SimStore s;
        s.write(put("/a", "1"));
        Recorder seen;
        const auto watch = s.store->watch({"/", 0}, seen.callback());
        s.write(put("/a", "2"));
        s.sim.runPosted();
        QCOMPARE(seen.all(), "3+/a=2");
    }

    void expiresAfterCompactAfter() {
        StoreOptions options;
        options.compactAfter = 5min;
        SimStore s(options);
        s.write(put("/a", "1"));  // 2
        s.write(put("/a", "2"));  // 3
        s.write(put("/b", "1"));  // 4
        s.write(removeKey("/b")); // 5
        s.sim.runPosted();
        s.sim.advance(4min);
        QCOMPARE(s.store->compactRevision(), 1);
        QCOMPARE(shownItems(*s.store->list("/", {}, 0, 2)), "/a=1@2");
        QCOMPARE(shownItems(*s.store->list("/", {}, 0, 4)), "/a=2@3 /b=1@4");
        s.write(put("/c", "1")); // 6
        s.sim.runPosted();
        s.sim.advance(3min);
        QCOMPARE(s.store->compactRevision(), 5); // 6 is newer than five minutes
        QCOMPARE(s.store->list("/", {}, 0, 4).error().reason, Reason::Expired);
        QCOMPARE(s.store->list("/", {}, 0, 4).error().httpCode(), 410);
        QCOMPARE(s.store->watch({"/", 4}, [](auto) {}).error().reason, Reason::Expired);
        QCOMPARE(shownItems(*s.store->list("/", {}, 0, 5)), "/a=2@3");
        Recorder seen;
        const auto watch = s.store->watch({"/", 5}, seen.callback());
        s.sim.runPosted();
        QCOMPARE(seen.all(), "5-/b 6+/c=1");
        s.sim.advance(10min);
        QCOMPARE(s.store->compactRevision(), 6);
        QVERIFY(!s.sim.nextTimer()); // an idle store has no timer
        // The history is longer than that.
        QCOMPARE(shownAll(*s.store->history("/a")), "2+/a=1 3+/a=2");
        QCOMPARE(shownAll(*s.store->history("/a", 1)), "3+/a=2");
        QCOMPARE((*s.store->eventAt(3))->previous->value->bytes(), std::string("1"));
        QCOMPARE(s.store->eventAt(7).error().reason, Reason::NotFound);
        QCOMPARE(shownAll(s.store->recent(3)), "4+/b=1 5-/b 6+/c=1");
        QCOMPARE(shownAll(s.store->recent(100)), "2+/a=1 3+/a=2 4+/b=1 5-/b 6+/c=1");
    }

    void memoryForOldRevisionsIsBounded() {
        StoreOptions options;
        options.eventBytesMax = 100'000;
        SimStore s(options);
        for (int i = 0; i < 1000; ++i)
            s.write(put("/a", std::string(1000, 'x')));
        s.sim.runPosted();
        const Revision kept = s.store->revision() - s.store->compactRevision();
        QVERIFY2(kept > 50 && kept < 110, qPrintable(QString::number(kept)));
        QVERIFY(s.store->list("/", {}, 0, s.store->compactRevision()));
        QCOMPARE(s.store->list("/", {}, 0, 2).error().reason, Reason::Expired);
    }

    // More than one compaction turn, and writes in between.
    void compactsMuchInSteps() {
        SimStore s;
        for (int i = 0; i < 23'000; ++i)
            s.write(put("/" + std::to_string(i % 10), "x"));
        s.sim.runPosted();
        s.sim.advance(6min);
        QCOMPARE(s.store->compactRevision(), s.store->revision());
    }

    void futureRevision() {
        SimStore s;
        const Error error = s.store->list("/", {}, 0, 9).error();
        QCOMPARE(error.message, std::string("Too large resource version: 9, current: 1"));
        QCOMPARE(error.httpCode(), 504);
        Recorder seen;
        const auto watch = s.store->watch({"/", 3}, seen.callback());
        s.write(put("/a", "1"));
        s.write(put("/a", "2"));
        s.sim.runPosted();
        QCOMPARE(seen.all(), "3+/a=2");
    }

    void treesAreNotKept() {
        SimStore s;
        auto value = std::make_shared<const Encoded>(Json(JsonObject{{"a", 1}}));
        const std::weak_ptr<const Json> tree = value->sharedTree();
        std::shared_ptr<const Json> held;
        const auto watch = s.store->watch({"/", 0}, [&](std::span<const EventPtr> events) {
            held = events[0]->current->value->sharedTree();
        });
        s.write(Write{"/a", value, {}, nullptr});
        QVERIFY(!tree.expired());
        s.sim.runPosted();
        QCOMPARE(held, tree.lock()); // the watcher's
        held.reset();
        QVERIFY(tree.expired());
    }

    // Callbacks may use the store in every way.
    void callbacksMayWriteWatchAndClose() {
        SimStore s;
        Recorder seen;
        std::unique_ptr<Watch> watch;
        QStringList done;
        QVERIFY(s.store->commit(put("/a", "1"), {}, [&](Result<void>) {
            done << "a";
            watch = *s.store->watch({"/", 2}, seen.callback());
            QVERIFY(s.store->commit(put("/b", "1"), {}, [&](Result<void>) {
                done << "b";
                QVERIFY(s.store->commit(put("/c", "1"), {}, [&](Result<void> result) {
                    done << (result ? "c" : "failed");
                }));
                s.store->close();
                done << "closed";
            }));
        }));
        s.sim.runPosted();
        QCOMPARE(done.join(" "), "a b closed c");
        QCOMPARE(seen.all(), "2+/a=1|3+/b=1|4+/c=1");
    }

    void close() {
        SimStore s;
        QStringList done;
        QVERIFY(
            s.store->commit(put("/a", "1"), {}, [&](Result<void> r) { done << (r ? "a" : "?"); }));
        s.store->whenDurable(9, [&](Result<void> r) { done << (r ? "?" : "never"); });
        s.store->close();
        QCOMPARE(done.join(" "), "a never"); // what was pending is written
        QCOMPARE(s.store->commit(put("/b", "1"), {}, nullptr).error().reason,
                 Reason::ServiceUnavailable);
        QCOMPARE(s.store->watch({"/", 0}, [](auto) {}).error().reason, Reason::ServiceUnavailable);
        QCOMPARE(s.store->get("/a")->value->bytes(), std::string("1"));
        s.store->close();
        QCOMPARE(done.size(), 2);
    }

    void storeMayGoWhileTasksArePosted() {
        SimStore s;
        s.write(put("/a", "1"));
        s.sim.runPosted();
        const auto watch = s.store->watch({"/", 1}, [](auto) {});
        s.write(put("/a", "1"));
        s.store.reset();
        s.sim.runPosted();
        s.sim.advance(10min);
    }

    void openStoreWithoutFile() {
        NoTrace trace;
        SimEnv sim(1, trace);
        Result<std::unique_ptr<Store>> store = openStore(sim.env(), {});
        QVERIFY(store.has_value());
        QVERIFY((*store)->commit(put("/a", "1"), {}, nullptr));
        sim.runPosted();
        QCOMPARE((*store)->durableRevision(), 2);
        QVERIFY((*store)->sizeBytes() > 0);
    }
};
ORRERY_TEST(EmbeddedStoreTest)
#include "embedded_store_test.moc"
