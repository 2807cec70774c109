#include "core/runtime/real/real_env.h"
#include "core/runtime/sim/sim_env.h"
#include "tests/support/test.h"

#include <future>
#include <thread>

using namespace orrery;

class SimTest : public QObject {
    Q_OBJECT
  private slots:
    void timersRunInOrder() {
        NoTrace trace;
        SimEnv world(1, trace);
        Env& env = world.env();
        const Time start = env.now();
        std::string order;
        env.executor.postAt(start + 2s, [&] { order += "c"; });
        env.executor.postAt(start + 1s, [&] {
            order += "a";
            env.executor.post([&] { order += "b"; });
        });
        const TimerId cancelled = env.executor.postAt(start + 1s, [&] { order += "x"; });
        env.executor.cancel(cancelled);
        world.advance(1500ms);
        QCOMPARE(order, std::string("ab"));
        QCOMPARE(env.now() - start, Duration(1500ms));
        world.advance(1s);
        QCOMPARE(order, std::string("abc"));
        QVERIFY(!world.nextTimer());
    }
    void sameSeedSameNumbers() {
        NoTrace trace;
        SimEnv one(7, trace), two(7, trace), other(8, trace);
        QCOMPARE(newUid(one.env().random), newUid(two.env().random));
        QVERIFY(newUid(one.env().random) != newUid(other.env().random));
        QCOMPARE(newUid(one.env().random).size(), std::size_t(36));
    }
    void realExecutorRunsAndStops() {
        NoTrace trace;
        RealEnv world(trace);
        world.start();
        std::vector<int> order;
        std::thread::id plane, worker;
        world.runAndWait([&] { plane = std::this_thread::get_id(); });
        std::promise<void> offloaded, timed;
        world.runAndWait([&] {
            world.env().executor.postAt(world.env().now() + 20ms, [&] { timed.set_value(); });
            world.env().executor.offload([&] { worker = std::this_thread::get_id(); },
                                         [&] {
                                             QCOMPARE(std::this_thread::get_id(), plane);
                                             offloaded.set_value();
                                         });
        });
        QCOMPARE(offloaded.get_future().wait_for(5s), std::future_status::ready);
        QCOMPARE(timed.get_future().wait_for(5s), std::future_status::ready);
        QVERIFY(worker != plane);
        for (int i = 0; i < 100; ++i)
            world.env().executor.post([&order, i] { order.push_back(i); });
        world.stop();
        QCOMPARE(order.size(), std::size_t(100));
        QVERIFY(std::is_sorted(order.begin(), order.end()));
    }
    void files() {
        NoTrace trace;
        RealEnv world(trace);
        QTemporaryDir folder;
        Files& files = world.env().files;
        const std::string path = folder.path().toStdString() + "/a/b";
        QVERIFY(files.makeFolders(folder.path().toStdString() + "/a").has_value());
        QVERIFY(files.write(path, "one", true).has_value());
        QCOMPARE(*files.read(path), std::string("one"));
        QCOMPARE(QFileInfo(QString::fromStdString(path)).permissions() & QFile::ReadOther,
                 QFile::Permissions());
        QCOMPARE(files.read(path + "x").error().reason, Reason::NotFound);
        auto held = files.lock(path + ".lock");
        QVERIFY(held.has_value());
        QCOMPARE(files.lock(path + ".lock").error().reason, Reason::Conflict);
        held->reset();
        QVERIFY(files.lock(path + ".lock").has_value());
    }
    void takenPortSaysWhatToDo() {
        NoTrace trace;
        RealEnv world(trace);
        auto first = world.env().network.listen("127.0.0.1", 0);
        QVERIFY(first.has_value());
        auto second = world.env().network.listen("127.0.0.1", (*first)->port());
        QVERIFY(!second);
        QVERIFY(second.error().message.find("--listen") != std::string::npos);
    }
};
ORRERY_TEST(SimTest)
#include "sim_test.moc"
