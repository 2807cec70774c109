// A disk that refuses: everything that was not durable is undone, and later writes work again.
#include <thread>

#include "core/runtime/real/real_env.h"
#include "core/store/writer_thread.h"
#include "tests/unit/store/store_fixture.h"

using namespace orrery;
using namespace orrery::store;
using namespace orrery::store::tests;

class StoreFailureTest : public QObject {
    Q_OBJECT
  private slots:
    void undoesInReverse() {
        SimStore s;
        s.write(put("/a", "1")); // 2
        s.write(put("/b", "1")); // 3
        s.sim.runPosted();
        QStringList seen, done;
        const auto note = [&](Result<void> result) {
            done << (result ? "ok" : QString::fromStdString(result.error().message));
            if (!result)
                QCOMPARE(result.error().httpCode(), 500);
        };
        const auto watch = s.store->watch(
            {"/", 0}, [&](std::span<const EventPtr> events) { seen << shownAll(events); });
        // A watch from a revision that will be undone, and made again by another write.
        const auto ahead = s.store->watch({"/", 6}, [&](std::span<const EventPtr> events) {
            seen << "ahead: " + shownAll(events);
        });
        s.log->full = true;
        QVERIFY(s.store->commit(put("/a", "2"), {}, note));  // 4
        QVERIFY(s.store->commit(removeKey("/b"), {}, note)); // 5
        QVERIFY(s.store->commit(put("/b", "2"), {}, note));  // 6
        QVERIFY(s.store->commit(put("/c", "1"), {}, note));  // 7
        QVERIFY(s.store->commit(removeKey("/a"), {}, note)); // 8
        s.store->whenDurable(5, note);
        s.sim.runPosted();
        QCOMPARE(done.size(), 6);
        QCOMPARE(done.count("the disk of the store is full"), 6);
        QVERIFY(seen.isEmpty());
        QCOMPARE(s.store->revision(), 3);
        QCOMPARE(shownItems(*s.store->list("/")), "/a=1@2 /b=1@3");
        QCOMPARE(s.store->count("/"), 2);
        QCOMPARE(s.store->get("/b")->version, 1);

        s.log->full = false;                                   // space returns
        QVERIFY(s.store->commit(put("/d", "1", 0), {}, note)); // 4
        s.sim.runPosted();
        QCOMPARE(done.last(), "ok");
        QCOMPARE(seen.join("|"), "4+/d=1|ahead: 4+/d=1");
        QCOMPARE(shownAll(s.store->recent(9)), "2+/a=1 3+/b=1 4+/d=1");
    }

    // Callbacks of a failed batch may write at once.
    void writesFromFailedCallbacks() {
        SimStore s;
        s.log->full = true;
        int tries = 0;
        std::function<void(Result<void>)> again = [&](Result<void> result) {
            if (result)
                return;
            if (++tries == 3)
                s.log->full = false;
            QVERIFY(s.store->commit(put("/a", std::to_string(tries)), {}, again));
        };
        QVERIFY(s.store->commit(put("/a", "0"), {}, again));
        s.sim.runPosted();
        QCOMPARE(tries, 3);
        QCOMPARE(shownItems(*s.store->list("/")), "/a=3@2");
    }

    void closeWithAFullDisk() {
        SimStore s;
        s.log->full = true;
        QString outcome;
        QVERIFY(s.store->commit(put("/a", "1"), {},
                                [&](Result<void> r) { outcome = r ? "ok" : "failed"; }));
        s.store->close();
        QCOMPARE(outcome, "failed");
        QCOMPARE(s.store->revision(), 1);
    }

    // The same with the real thread: batches never overlap, never reorder, and nothing is lost.
    void threadKeepsOrderThroughFailures() {
        NoTrace trace;
        RealEnv real(trace);
        real.start();
        auto memory = std::make_shared<MemoryLog>(64 << 20);
        auto log = std::make_shared<FailingLog>(memory);
        std::unique_ptr<Store> store;
        std::vector<Revision> acknowledged, seen;
        int refused = 0, accepted = 0;
        std::unique_ptr<Watch> watch;
        real.runAndWait([&] {
            StoreParts parts;
            parts.writer = std::make_unique<WriterThread>(real.env().executor, log);
            parts.reader = memory;
            store = std::make_unique<EmbeddedStore>(real.env(), StoreOptions{}, std::move(parts));
            watch = *store->watch({"/", 0}, [&](std::span<const EventPtr> events) {
                for (const EventPtr& event : events)
                    seen.push_back(event->revision);
            });
        });
        for (int round = 0; round < 300; ++round) {
            log->full = round % 10 == 7;
            real.runAndWait([&] {
                for (int i = 0; i < round % 7 + 1; ++i, ++accepted) {
                    const Revision next = store->nextRevision();
                    QVERIFY(store->commit(put("/a", "x"), {}, [&, next](Result<void> result) {
                        refused += result ? 0 : 1;
                        if (result)
                            acknowledged.push_back(next);
                    }));
                }
            });
        }
        log->full = false;
        real.runAndWait([&] { store->close(); });
        QCOMPARE(static_cast<int>(acknowledged.size()) + refused, accepted);
        std::vector<Revision> inOrder;
        for (Revision revision = 2; revision <= store->revision(); ++revision)
            inOrder.push_back(revision);
        std::vector<Revision> kept;
        for (const std::vector<Revision>& batch : log->batches)
            kept.insert(kept.end(), batch.begin(), batch.end());
        QCOMPARE(kept, inOrder);
        QCOMPARE(acknowledged, inOrder);
        QCOMPARE(seen, inOrder);
        real.runAndWait([&] {
            watch.reset();
            store.reset();
        });
        real.stop();
    }

    // While a batch is being written, the next one collects.
    void groupCommit() {
        struct SlowLog final : LogWriter {
            std::vector<std::size_t> sizes;
            std::atomic<bool> open = false;
            std::atomic<int> inside = 0;
            Result<void> append(std::span<const EventPtr> batch) override {
                sizes.push_back(batch.size());
                ++inside;
                while (!open)
                    std::this_thread::yield();
                return {};
            }
            bool tidy(std::int64_t, bool) override { return false; }
            std::int64_t sizeBytes() const override { return 0; }
        };
        NoTrace trace;
        RealEnv real(trace);
        real.start();
        auto log = std::make_shared<SlowLog>();
        std::unique_ptr<Store> store;
        real.runAndWait([&] {
            StoreParts parts;
            parts.writer = std::make_unique<WriterThread>(real.env().executor, log);
            parts.reader = std::make_shared<MemoryLog>(1 << 20);
            store = std::make_unique<EmbeddedStore>(real.env(), StoreOptions{}, std::move(parts));
            QVERIFY(store->commit(put("/a", "0"), {}, nullptr));
        });
        while (log->inside == 0)
            std::this_thread::yield();
        real.runAndWait([&] {
            for (int i = 0; i < 50; ++i)
                QVERIFY(store->commit(put("/a", "x"), {}, nullptr));
        });
        log->open = true;
        real.runAndWait([&] { store->close(); });
        QCOMPARE(log->sizes, (std::vector<std::size_t>{1, 50}));
        QCOMPARE(store->durableRevision(), 52);
        real.runAndWait([&] { store.reset(); });
        real.stop();
    }
};
ORRERY_TEST(StoreFailureTest)
#include "store_failure_test.moc"
