#include "tests/unit/controllers/table.h"

namespace orrery::tests {

namespace {
struct Nodes : World {
    Nodes() {
        add(controllers::nodeLifecycleController(view, sim.env().clock));
        add(controllers::nodeIpamController(view, "10.244.0.0/16"));
        add(controllers::taintEvictionController(view));
        add(controllers::podGarbageCollector(view));
        start();
    }
    void node(const std::string& name) {
        const std::string now = formatTime(sim.env().now());
        server.put((*parseYaml(
            "{apiVersion: v1, kind: Node, metadata: {name: " + name +
            "}, status: {conditions: [{type: Ready, status: 'True', lastHeartbeatTime: '" + now +
            "', lastTransitionTime: '" + now + "'}]}}"))[0]
                       .value);
        renew(name);
    }
    void renew(const std::string& name) {
        server.put(
            (*parseYaml("{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: " +
                        name + ", namespace: kube-node-lease}, spec: {renewTime: '" +
                        formatMicroTime(sim.env().now()) + "'}}"))[0]
                .value);
    }
    void pod(const std::string& name, const std::string& node, const std::string& tolerations) {
        server.put(
            (*parseYaml("{apiVersion: v1, kind: Pod, metadata: {name: " + name +
                        "}, spec: {nodeName: " + node + ", tolerations: [" + tolerations +
                        "]}, status: {phase: Running, conditions: [{type: "
                        "Ready, status: 'True', lastTransitionTime: '2025-12-31T00:00:00Z'}]}}"))[0]
                .value);
    }
    // So long, with the leases of `alive` renewed every ten seconds.
    void pass(Duration span, const std::vector<std::string>& alive) {
        for (Duration done{}; done < span; done += 10s) {
            for (const std::string& name : alive)
                renew(name);
            settle(10s);
        }
    }
    std::string ready(const std::string& name) {
        const Json node = server.get("nodes", name);
        for (const Json& one : arrayAt(node, "status.conditions"))
            if (stringAt(one, "type") == "Ready")
                return std::string(stringAt(one, "status")) + " " +
                       std::string(stringAt(one, "reason"));
        return "";
    }
    bool tainted(const std::string& name, std::string_view key, std::string_view effect) {
        const Json node = server.get("nodes", name);
        for (const Json& one : arrayAt(node, "spec.taints"))
            if (stringAt(one, "key") == key && stringAt(one, "effect") == effect)
                return true;
        return false;
    }
};
} // namespace

class NodesTest : public QObject {
    Q_OBJECT
  private slots:
    void noticesSilence() {
        Nodes world;
        for (const char* name : {"n1", "n2", "n3"})
            world.node(name);
        const std::string tolerant = "{key: node.kubernetes.io/unreachable, operator: Exists, "
                                     "effect: NoExecute, tolerationSeconds: 60}";
        world.pod("patient", "n1", tolerant);
        world.pod("loyal", "n1", "{operator: Exists}");
        world.pod("hasty", "n1", "");
        world.pod("elsewhere", "n2", "");
        world.pass(40s, {"n2", "n3"});
        QCOMPARE(world.ready("n1"), std::string("True "));
        world.pass(20s, {"n2", "n3"});
        QCOMPARE(world.ready("n1"), std::string("Unknown NodeStatusUnknown"));
        QCOMPARE(world.ready("n2"), std::string("True "));
        QVERIFY(world.tainted("n1", "node.kubernetes.io/unreachable", "NoSchedule"));
        QVERIFY(world.tainted("n1", "node.kubernetes.io/unreachable", "NoExecute"));
        QCOMPARE(
            world.server.keys("pods"),
            std::vector<std::string>({"default/elsewhere", "default/loyal", "default/patient"}));
        const Json pod = world.server.get("pods", "default/patient");
        QCOMPARE(stringAt(arrayAt(pod, "status.conditions")[0], "status"),
                 std::string_view("False"));
        world.pass(60s, {"n2", "n3"});
        QCOMPARE(world.server.keys("pods"),
                 std::vector<std::string>({"default/elsewhere", "default/loyal"}));

        world.node("n1"); // it speaks again
        world.pass(20s, {"n1", "n2", "n3"});
        QVERIFY(!world.tainted("n1", "node.kubernetes.io/unreachable", "NoSchedule"));
        QVERIFY(!world.tainted("n1", "node.kubernetes.io/unreachable", "NoExecute"));
    }
    // When every node is silent, the fault is more likely between them and us: nothing is evicted.
    void staysCalmWhenAllAreSilent() {
        Nodes world;
        for (const char* name : {"n1", "n2"})
            world.node(name);
        world.pod("p", "n1", "");
        world.pass(200s, {});
        QCOMPARE(world.ready("n1"), std::string("Unknown NodeStatusUnknown"));
        QVERIFY(!world.tainted("n1", "node.kubernetes.io/unreachable", "NoExecute"));
        QCOMPARE(world.server.keys("pods").size(), std::size_t(1));
    }
    void givesRangesInOrder() {
        Nodes world;
        for (const char* name : {"n1", "n2", "n3"})
            world.node(name);
        world.settle(1s);
        QCOMPARE(stringAt(world.server.get("nodes", "n1"), "spec.podCIDR"),
                 std::string_view("10.244.0.0/24"));
        QCOMPARE(stringAt(world.server.get("nodes", "n3"), "spec.podCIDR"),
                 std::string_view("10.244.2.0/24"));
        world.server.remove("nodes", "n2");
        world.node("n4");
        world.settle(1s);
        QCOMPARE(stringAt(world.server.get("nodes", "n4"), "spec.podCIDR"),
                 std::string_view("10.244.1.0/24"));
    }
    void removesPodsOfLostNodes() {
        Nodes world;
        world.node("n1");
        world.pod("p", "n1", "");
        world.settle(1s);
        world.server.remove("nodes", "n1");
        world.settle(30s);
        QCOMPARE(world.server.keys("pods").size(), std::size_t(1));
        world.settle(15s);
        QVERIFY(world.server.keys("pods").empty());
        QCOMPARE(std::string(stringAt(world.server.events.back(), "reason")),
                 std::string("RemovingNode"));
    }
    void taintsByCondition() {
        checkTable(R"(
test: pressure and cordon
given:
- {apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {unschedulable: true,
     taints: [{key: mine, effect: NoSchedule}, {key: node.kubernetes.io/disk-pressure, effect: NoSchedule}]},
   status: {conditions: [{type: Ready, status: "True"}, {type: MemoryPressure, status: "True"},
                         {type: DiskPressure, status: "False"}]}}
expect:
- patch n1: {spec: {taints: [{key: mine, effect: NoSchedule},
    {key: node.kubernetes.io/memory-pressure, effect: NoSchedule},
    {key: node.kubernetes.io/unschedulable, effect: NoSchedule}]}}
events: ["Normal RegisteredNode Node n1 event: Registered Node n1 in Controller"]
)",
                   [](World& world) {
                       return controllers::nodeLifecycleController(world.view,
                                                                   world.sim.env().clock);
                   });
    }
};
ORRERY_TEST(NodesTest)

} // namespace orrery::tests

#include "nodes_test.moc"
