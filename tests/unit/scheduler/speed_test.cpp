// Not a timed test: counts what the cycle does. The numbers it prints are for people.
#include <QElapsedTimer>

#include "core/scheduler/scheduling_cycle.h"
#include "tests/unit/scheduler/world.h"

using namespace orrery;
using namespace orrery::tests;
using namespace orrery::scheduler;

namespace {
class EmptyCluster final : public ClusterView {
  public:
    std::optional<api::LabelSelector> owner; // whom every pod spreads from
    const api::StringMap& namespaceLabels(const std::string&) const override { return none_; }
    std::vector<std::string> namespacesMatching(const api::LabelSelector&) const override {
        return {};
    }
    std::optional<api::LabelSelector> siblings(const api::Pod&) const override { return owner; }
    const Json* claim(const std::string&) const override { return nullptr; }
    const Json* volume(const std::string&) const override { return nullptr; }
    const Json* storageClass(const std::string&) const override { return nullptr; }
    std::string volumeReservedFor(const std::string&) const override { return ""; }
    std::vector<const Json*> volumesOfClass(const std::string&) const override { return {}; }
    std::vector<Budget> budgets(const std::string&) const override { return {}; }

  private:
    api::StringMap none_;
};
} // namespace

class SchedulerSpeedTest : public QObject {
    Q_OBJECT
  private slots:
    void tenThousandPodsOnFiveThousandNodes_data();
    void tenThousandPodsOnFiveThousandNodes();
};
ORRERY_TEST(SchedulerSpeedTest)

void SchedulerSpeedTest::tenThousandPodsOnFiveThousandNodes_data() {
    QTest::addColumn<bool>("siblings");
    QTest::newRow("plain pods") << false;
    QTest::newRow("pods of one ReplicaSet") << true;
}

void SchedulerSpeedTest::tenThousandPodsOnFiveThousandNodes() {
    QFETCH(bool, siblings);
    NoTrace trace;
    SimEnv sim(7, trace);
    EmptyCluster cluster;
    if (siblings) {
        cluster.owner.emplace();
        cluster.owner->present = true;
        cluster.owner->matchLabels = {{"app", "web"}};
    }
    Snapshot snapshot;
    SchedulingCycle cycle(snapshot, cluster, sim.env().random);
    for (int at = 0; at < 5000; ++at) {
        auto node = std::make_shared<api::Node>();
        node->metadata.name = "node-" + std::to_string(at);
        node->metadata.labels = {{"kubernetes.io/hostname", node->metadata.name}};
        node->allocatable = {{"cpu", 4000}, {"memory", 32LL << 30}, {"pods", 110}};
        snapshot.upsertNode(std::move(node));
    }
    api::Pod form;
    decode(json(
               R"({"metadata":{"namespace":"default","labels":{"app":"web"}},
            "spec":{"containers":[{"name":"c",
        "image":"pause:3","resources":{"requests":{"cpu":"100m","memory":"500Mi"}}}]}})"),
           form);
    QElapsedTimer timer;
    timer.start();
    int placed = 0;
    for (int at = 0; at < 10'000; ++at) {
        auto pod = std::make_shared<api::Pod>(form);
        pod->metadata.name = "pod-" + std::to_string(at);
        const CycleResult result = cycle.run(makePodInfo(std::move(pod)));
        placed += result.placement.outcome == Placement::Outcome::Placed ? 1 : 0;
    }
    qInfo("%.1f us a pod", static_cast<double>(timer.nsecsElapsed()) / 1000 / 10'000);
    QCOMPARE(placed, 10'000);
    std::size_t most = 0;
    for (int slot = 0; slot < snapshot.slotCount(); ++slot)
        most = std::max(most, snapshot.at(slot)->pods.size());
    QVERIFY2(most <= 3, "pods pile up on few nodes");
}

#include "speed_test.moc"
