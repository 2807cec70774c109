// The scheduler as a whole: what gets bound where, what waits and why, what wakes it.
#include "tests/unit/scheduler/world.h"

using namespace orrery;
using namespace orrery::tests;
using scheduler::Placement;
using scheduler::WaitingPod;

namespace {
constexpr const char* kOneCpu = R"({"cpu":"1"})";
constexpr const char* kNoHelp1 =
    " no new claims to deallocate, preemption: 0/1 nodes are available: "
    "1 Preemption is not helpful for scheduling.";
} // namespace

class SchedulerTest : public QObject {
    Q_OBJECT
  private slots:
    void bindsAndTells();
    void takesTheEmptierNode();
    void waitsForRoomAndWakes();
    void wakesOnTheRightThings_data();
    void wakesOnTheRightThings();
    void withoutNodesWaitsForTheFirst();
    void gatesHold();
    void pausedAndStepped();
    void priorityGoesFirst();
    void aRefusedBindingIsTriedAgain();
    void leavesOtherSchedulersPodsAlone();
    void placementNamesEveryNode();
    void preemptsTheLessImportant();
    void preemptionSparesBudgets();
    void bindsVolumesFirst();
    void spreadsSiblings();
    void forgottenPodsAreTriedAgain();
    void idleHasNoTimer();
};
ORRERY_TEST(SchedulerTest)

void SchedulerTest::bindsAndTells() {
    World world;
    world.node("node-1");
    world.pod("web", kOneCpu);
    world.start();
    QCOMPARE(world.nodeOf("web"), std::string("node-1"));
    QCOMPARE(world.api.eventsOf("web"),
             std::vector<std::string>{"Scheduled: Successfully assigned default/web to node-1"});
    const Json& event = world.api.events.front();
    QCOMPARE(std::string(stringAt(event, "action")), std::string("Binding"));
    QCOMPARE(std::string(stringAt(event, "type")), std::string("Normal"));
    QCOMPARE(std::string(stringAt(event, "reportingComponent")), std::string("default-scheduler"));
    QCOMPARE(world.api.bindings.front().cause.because, std::string("node node-1 is the only node"));
    QVERIFY(world.api.bindings.front().cause.wokenBy > 0);
    QCOMPARE(world.scheduler->waitingCount(), 0);
    QCOMPARE(world.scheduler->placementOf("default/web")->node, std::string("node-1"));
}

void SchedulerTest::takesTheEmptierNode() {
    World world;
    world.node("node-1");
    world.node("node-2");
    world.pod("load", R"({"cpu":"2","memory":"4Gi"})", R"({"spec":{"nodeName":"node-1"}})");
    world.pod("web", R"({"cpu":"500m","memory":"1Gi"})");
    world.start();
    QCOMPARE(world.nodeOf("web"), std::string("node-2"));
    QVERIFY(world.api.bindings.front().cause.because.rfind("node node-2 scored ", 0) == 0);
}

void SchedulerTest::waitsForRoomAndWakes() {
    World world;
    world.node("node-1", "2");
    world.pod("first", R"({"cpu":"2"})");
    world.start();
    world.pod("second", kOneCpu);
    world.settle();
    QCOMPARE(world.reasonOf("second"), std::string("Unschedulable"));
    QCOMPARE(world.messageOf("second"),
             std::string("0/1 nodes are available: 1 Insufficient cpu. no new claims to "
                         "deallocate, preemption: 0/1 "
                         "nodes are available: 1 No preemption victims found for incoming pod."));
    QCOMPARE(world.api.eventsOf("second").size(), std::size_t(1));
    QCOMPARE(std::string(stringAt(world.api.events.back(), "type")), std::string("Warning"));
    QCOMPARE(std::string(stringAt(world.api.events.back(), "action")), std::string("Scheduling"));
    const std::vector<WaitingPod> waiting = world.scheduler->waiting();
    QCOMPARE(waiting.size(), std::size_t(1));
    QVERIFY(waiting[0].where == WaitingPod::Where::Unschedulable);
    QCOMPARE(waiting[0].message, world.messageOf("second"));
    world.api.remove("pods", "default/first");
    world.settle();
    QCOMPARE(world.nodeOf("second"), std::string("node-1"));
    QCOMPARE(world.scheduler->placementOf("default/second")->woken,
             std::string("Pod default/first was deleted"));
    QCOMPARE(world.scheduler->placementOf("default/second")->attempt, std::int64_t(2));
}

void SchedulerTest::wakesOnTheRightThings_data() {
    QTest::addColumn<QString>("pod");
    QTest::addColumn<QString>("node");
    QTest::addColumn<bool>("bound");
    QTest::newRow("more cpu") << R"({})"
                              << R"({"status":{"allocatable":{"cpu":"8"}}})" << true;
    QTest::newRow("not enough cpu") << R"({})"
                                    << R"({"status":{"allocatable":{"cpu":"3"}}})" << false;
    QTest::newRow("label")
        << R"({"spec":{"nodeSelector":{"disk":"ssd"}}})"
        << R"({"metadata":{"labels":{"disk":"ssd"}},"status":{"allocatable":{"cpu":"8"}}})" << true;
    QTest::newRow("another label") << R"({"spec":{"nodeSelector":{"disk":"ssd"}}})"
                                   << R"({"metadata":{"labels":{"disk":"hdd"}}})" << false;
    QTest::newRow("a taint in the way")
        << R"({})"
        << R"({"spec":{"taints":[{"key":"a","effect":"NoSchedule"}]},
               "status":{"allocatable":{"cpu":"8"}}})"
        << false;
}

void SchedulerTest::wakesOnTheRightThings() {
    QFETCH(QString, pod);
    QFETCH(QString, node);
    QFETCH(bool, bound);
    World world;
    world.node("node-1", "2");
    world.pod("web", R"({"cpu":"4"})", pod.toStdString());
    world.start();
    QCOMPARE(world.reasonOf("web"), std::string("Unschedulable"));
    world.node("node-1", "2", "8Gi", node.toStdString());
    world.settle();
    QCOMPARE(world.nodeOf("web").empty(), !bound);
}

void SchedulerTest::withoutNodesWaitsForTheFirst() {
    World world;
    world.pod("web");
    world.start();
    QCOMPARE(world.messageOf("web"), std::string("no nodes available to schedule pods"));
    world.sim.advance(std::chrono::minutes(2));
    QCOMPARE(world.scheduler->steps(), std::int64_t(1));
    world.node("node-1");
    world.settle();
    QCOMPARE(world.nodeOf("web"), std::string("node-1"));
}

void SchedulerTest::gatesHold() {
    World world;
    world.node("node-1");
    world.pod("web", "{}", R"({"spec":{"schedulingGates":[{"name":"a/b"},{"name":"a/c"}]}})");
    world.start();
    QCOMPARE(world.reasonOf("web"), std::string("SchedulingGated"));
    QCOMPARE(world.messageOf("web"),
             std::string("Scheduling is blocked due to non-empty scheduling gates"));
    QVERIFY(world.api.events.empty());
    QVERIFY(world.scheduler->waiting()[0].where == WaitingPod::Where::Gated);
    world.pod("web", "{}",
              R"({"metadata":{"uid":"uid-2"},"spec":{"schedulingGates":[{"name":"a/c"}]}})");
    world.settle();
    QCOMPARE(world.nodeOf("web"), std::string());
    world.pod("web", "{}", R"({"metadata":{"uid":"uid-2"}})");
    world.settle();
    QCOMPARE(world.nodeOf("web"), std::string("node-1"));
}

void SchedulerTest::pausedAndStepped() {
    World world;
    world.node("node-1");
    world.start();
    QCOMPARE(world.board.byName("default-scheduler"), static_cast<Loop*>(world.scheduler.get()));
    world.scheduler->pause();
    world.pod("a");
    world.pod("b");
    world.settle();
    world.sim.advance(std::chrono::minutes(10));
    QCOMPARE(world.scheduler->queueLength(), 2);
    QCOMPARE(world.scheduler->queued(10), (std::vector<std::string>{"default/a", "default/b"}));
    QCOMPARE(world.nodeOf("a"), std::string());
    world.scheduler->step();
    world.settle();
    QCOMPARE(world.nodeOf("a"), std::string("node-1"));
    QCOMPARE(world.nodeOf("b"), std::string());
    world.scheduler->resume();
    world.settle();
    QCOMPARE(world.nodeOf("b"), std::string("node-1"));
    QCOMPARE(world.scheduler->recent().size(), std::size_t(2));
}

void SchedulerTest::priorityGoesFirst() {
    World world;
    world.node("node-1", "1");
    world.start();
    world.scheduler->pause();
    world.pod("low", kOneCpu);
    world.pod("high", kOneCpu, R"({"spec":{"priority":10,"preemptionPolicy":"Never"}})");
    world.settle();
    world.scheduler->resume();
    world.settle();
    QCOMPARE(world.nodeOf("high"), std::string("node-1"));
    QCOMPARE(world.nodeOf("low"), std::string());
}

void SchedulerTest::aRefusedBindingIsTriedAgain() {
    World world;
    world.node("node-1", "1");
    world.api.failBindings = 2;
    world.pod("web", kOneCpu);
    world.start();
    QCOMPARE(world.reasonOf("web"), std::string("SchedulerError"));
    QCOMPARE(world.messageOf("web"),
             std::string("running Bind plugin \"DefaultBinder\": the disk is full"));
    world.sim.advance(std::chrono::milliseconds(900));
    QCOMPARE(world.api.bindings.size(), std::size_t(1));
    world.sim.advance(std::chrono::milliseconds(200)); // 1 s after the first
    QCOMPARE(world.api.bindings.size(), std::size_t(2));
    world.sim.advance(std::chrono::milliseconds(1500));
    QCOMPARE(world.api.bindings.size(), std::size_t(2));
    world.sim.advance(std::chrono::milliseconds(600)); // 2 s after the second
    QCOMPARE(world.nodeOf("web"), std::string("node-1"));
}

void SchedulerTest::leavesOtherSchedulersPodsAlone() {
    World world;
    world.node("node-1");
    world.pod("web", "{}", R"({"spec":{"schedulerName":"another"}})");
    world.pod("done", "{}", R"({"status":{"phase":"Failed"}})");
    world.pod("going", "{}", R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"}})");
    world.start();
    QVERIFY(world.api.bindings.empty());
    QCOMPARE(world.scheduler->waitingCount(), 0);
}

void SchedulerTest::placementNamesEveryNode() {
    World world;
    world.node("node-1");
    world.node("node-2");
    world.node("node-3", "4", "8Gi", R"({"spec":{"unschedulable":true}})");
    world.node("node-4", "100m");
    world.pod("web", R"({"cpu":"1","memory":"1Gi"})");
    world.start();
    const Placement& placement = *world.scheduler->placementOf("default/web");
    QVERIFY(placement.outcome == Placement::Outcome::Placed);
    QCOMPARE(placement.nodes.size(), std::size_t(4));
    QCOMPARE(placement.nodesFeasible, 2);
    QCOMPARE(placement.histogram.at("Insufficient cpu"), 1);
    for (std::size_t node = 0; node < placement.nodes.size(); ++node) {
        if (!placement.nodes[node].feasible()) {
            QVERIFY(placement.scoresOf(node).empty());
            continue;
        }
        QCOMPARE(placement.scoresOf(node).size(), placement.scorePlugins.size());
        std::int64_t total = 0;
        for (std::size_t at = 0; at < placement.scorePlugins.size(); ++at)
            total += placement.scoresOf(node)[at].normalized * placement.scorePlugins[at].weight;
        QCOMPARE(placement.nodes[node].total, total);
        // TaintToleration 3 x 100, NodeResourcesFit (75 + 87) / 2, balanced 50 + (50 + 93 - 100)
        // / 2.
        QCOMPARE(total, std::int64_t(300 + 81 + 71));
    }
    const scheduler::NodeVerdict& cordoned = placement.nodes[2];
    QCOMPARE(cordoned.node(), std::string("node-3"));
    QVERIFY(!cordoned.feasible());
    QCOMPARE(std::string(cordoned.rejection->plugin), std::string("NodeUnschedulable"));
    QCOMPARE(cordoned.rejection->reasons, std::vector<std::string>{"node(s) were unschedulable"});
}

void SchedulerTest::preemptsTheLessImportant() {
    World world;
    world.node("node-1", "2");
    world.pod("small", R"({"cpu":"500m"})",
              R"({"metadata":{"finalizers":["a/hold"]},"spec":{"nodeName":"node-1","priority":10},
            "status":{"phase":"Running"}})");
    world.pod("wide", kOneCpu, R"({"spec":{"nodeName":"node-1","priority":1000}})");
    world.start();
    world.pod("urgent", kOneCpu, R"({"metadata":{"uid":"u-urgent"},"spec":{"priority":1000}})");
    world.settle();
    QCOMPARE(
        std::string(stringAt(world.api.get("pods", "default/urgent"), "status.nominatedNodeName")),
        std::string("node-1"));
    QCOMPARE(world.messageOf("urgent"),
             std::string("0/1 nodes are available: 1 Insufficient cpu."));
    const Json condition = world.api.condition("default/small", "DisruptionTarget");
    QCOMPARE(std::string(stringAt(condition, "reason")), std::string("PreemptionByScheduler"));
    QCOMPARE(std::string(stringAt(condition, "message")),
             std::string("default-scheduler: preempting to accommodate a higher priority pod"));
    QCOMPARE(world.api.eventsOf("small"),
             std::vector<std::string>{"Preempted: Preempted by pod u-urgent on node node-1"});
    // A pod of lower priority does not take the promised room.
    world.pod("sneaky", R"({"cpu":"500m"})", R"({"spec":{"priority":5}})");
    world.settle();
    QCOMPARE(world.nodeOf("sneaky"), std::string());
    world.api.remove("pods", "default/small");
    world.settle();
    QCOMPARE(world.nodeOf("urgent"), std::string("node-1"));
    QCOMPARE(world.nodeOf("sneaky"), std::string());
}

void SchedulerTest::preemptionSparesBudgets() {
    World world;
    world.node("node-1", "1");
    world.node("node-2", "1");
    world.api.put("poddisruptionbudgets.policy",
                  json(R"({"metadata":{"name":"b"},"spec":{"selector":{"matchLabels":{"app":"db"}}},
        "status":{"disruptionsAllowed":0}})"));
    world.pod("guarded", kOneCpu,
              R"({"metadata":{"labels":{"app":"db"}},"spec":{"nodeName":"node-1","priority":1}})");
    world.pod("plain", kOneCpu, R"({"spec":{"nodeName":"node-2","priority":2}})");
    world.start();
    world.pod("urgent", kOneCpu, R"({"spec":{"priority":1000}})");
    world.settle();
    QVERIFY(world.api.get("pods", "default/plain").is_null());
    QVERIFY(!world.api.get("pods", "default/guarded").is_null());
    QCOMPARE(world.nodeOf("urgent"), std::string("node-2"));
}

void SchedulerTest::bindsVolumesFirst() {
    World world;
    world.node("node-1");
    world.node("node-2");
    world.api.put("storageclasses.storage.k8s.io",
                  json(R"({"metadata":{"name":"local"},"provisioner":"kubernetes.io/no-provisioner",
        "volumeBindingMode":"WaitForFirstConsumer"})"));
    world.api.put("persistentvolumeclaims",
                  json(R"({"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],
        "storageClassName":"local","resources":{"requests":{"storage":"500Mi"}}},
        "status":{"phase":"Pending"}})"));
    world.pod(
        "user", "{}",
        R"({"spec":{"volumes":[{"name":"d","persistentVolumeClaim":{"claimName":"data"}}]}})");
    world.start();
    QCOMPARE(world.messageOf("user"), std::string("0/2 nodes are available: 2 node(s) didn't find "
                                                  "available persistent volumes to bind. no new "
                                                  "claims to deallocate, preemption: 0/2 nodes are "
                                                  "available: 2 Preemption is not helpful for "
                                                  "scheduling."));
    world.api.put("persistentvolumes",
                  json(R"({"metadata":{"name":"pv"},"spec":{"capacity":{"storage":"1Gi"},
        "accessModes":["ReadWriteOnce"],"storageClassName":"local",
        "nodeAffinity":{"required":{"nodeSelectorTerms":[
        {"matchExpressions":[{"key":"kubernetes.io/hostname","operator":"In",
         "values":["node-2"]}]}]}}}})"));
    world.settle();
    QCOMPARE(std::string(stringAt(world.api.get("persistentvolumes", "pv"), "spec.claimRef.name")),
             std::string("data"));
    QVERIFY(world.api.bindings.empty());
    Json claim = world.api.get("persistentvolumeclaims", "default/data");
    setPath(claim, "spec.volumeName", "pv");
    claim.as_object()["metadata"].as_object()["annotations"] =
        JsonObject{{"pv.kubernetes.io/bind-completed", "yes"}};
    world.api.put("persistentvolumeclaims", claim);
    world.settle();
    QCOMPARE(world.nodeOf("user"), std::string("node-2"));
}

void SchedulerTest::spreadsSiblings() {
    World world;
    for (const char* name : {"node-1", "node-2", "node-3", "node-4"})
        world.node(name);
    world.api.put("services",
                  json(R"({"metadata":{"name":"s"},"spec":{"selector":{"app":"web"}}})"));
    world.start();
    std::map<std::string, int> pods;
    for (int at = 0; at < 8; ++at)
        world.pod("web-" + std::to_string(at), "{}", R"({"metadata":{"labels":{"app":"web"}}})");
    world.settle();
    for (int at = 0; at < 8; ++at)
        ++pods[world.nodeOf("web-" + std::to_string(at))];
    QCOMPARE(pods, (std::map<std::string, int>{
                       {"node-1", 2}, {"node-2", 2}, {"node-3", 2}, {"node-4", 2}}));
}

void SchedulerTest::forgottenPodsAreTriedAgain() {
    World world;
    world.node("node-1", "1");
    world.pod("web", R"({"cpu":"2"})");
    world.start();
    QCOMPARE(world.messageOf("web"),
             std::string("0/1 nodes are available: 1 Insufficient cpu.") + kNoHelp1);
    world.sim.advance(std::chrono::minutes(4));
    QCOMPARE(world.scheduler->steps(), std::int64_t(1));
    world.sim.advance(std::chrono::minutes(2));
    QCOMPARE(world.scheduler->steps(), std::int64_t(2));
}

void SchedulerTest::idleHasNoTimer() {
    World world;
    world.node("node-1");
    world.pod("web");
    world.start();
    QVERIFY(!world.sim.nextTimer().has_value());
}

#include "scheduler_test.moc"
