#include "tests/unit/controllers/table.h"

namespace orrery::tests {

namespace {
const std::string kGiven = R"(
given:
- {apiVersion: v1, kind: Node, metadata: {name: n1, labels: {topology.kubernetes.io/zone: west}}}
- {apiVersion: v1, kind: Service, metadata: {name: web, uid: s1, labels: {team: a}},
   spec: {selector: {app: web}, clusterIP: 10.96.0.9, ipFamilies: [IPv4],
          ports: [{name: http, port: 80, protocol: TCP, targetPort: http}]}}
- {apiVersion: v1, kind: Pod, metadata: {name: w1, uid: p1, labels: {app: web}},
   spec: {nodeName: n1, containers: [{name: c, ports: [{name: http, containerPort: 8080, protocol: TCP}]}]},
   status: {phase: Running, podIP: 10.1.0.1, podIPs: [{ip: 10.1.0.1}], conditions: [{type: Ready, status: "True"}]}}
- {apiVersion: v1, kind: Pod, metadata: {name: w2, uid: p2, labels: {app: web}},
   spec: {nodeName: n1, containers: [{name: c, ports: [{name: http, containerPort: 8080, protocol: TCP}]}]},
   status: {phase: Running, podIP: 10.1.0.2, podIPs: [{ip: 10.1.0.2}], conditions: [{type: Ready, status: "False"}]}}
- {apiVersion: v1, kind: Pod, metadata: {name: done, labels: {app: web}}, spec: {nodeName: n1},
   status: {phase: Succeeded, podIP: 10.1.0.3}}
)";
} // namespace

class EndpointsTest : public QObject {
    Q_OBJECT
  private slots:
    void slices() {
        checkTable("test: one slice for one set of ports" + kGiven + R"(
expect:
- create: {kind: EndpointSlice, addressType: IPv4,
    metadata: {generateName: web-, labels: {team: a, kubernetes.io/service-name: web,
               endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io},
               ownerReferences: [{kind: Service, name: web, uid: s1, controller: true}]},
    endpoints: [{addresses: [10.1.0.1], conditions: {ready: true, serving: true, terminating: false}, nodeName: n1,
                 zone: west, targetRef: {kind: Pod, name: w1, uid: p1}},
                {addresses: [10.1.0.2], conditions: {ready: false, serving: false, terminating: false}}],
    ports: [{name: http, protocol: TCP, port: 8080}]}
)",
                   [](World& world) { return controllers::endpointSliceController(world.view); });
    }
    void endpoints() {
        checkTable("test: ready and not ready apart" + kGiven + R"(
expect:
- create: {kind: Endpoints, metadata: {name: web, labels: {team: a,
             endpoints.kubernetes.io/managed-by: endpoint-controller}},
    subsets: [{addresses: [{ip: 10.1.0.1, nodeName: n1, targetRef: {name: w1}}], notReadyAddresses: [{ip: 10.1.0.2}],
               ports: [{name: http, port: 8080, protocol: TCP}]}]}
)",
                   [](World& world) { return controllers::endpointsController(world.view); });
    }
    void mirrors() {
        checkTable(
            R"(
test: hand-written Endpoints as a slice
given:
- {apiVersion: v1, kind: Service, metadata: {name: db}, spec: {ports: [{port: 5432}]}}
- {apiVersion: v1, kind: Endpoints, metadata: {name: db, uid: e1, labels: {who: me}},
   subsets: [{addresses: [{ip: 192.0.2.1}], notReadyAddresses: [{ip: 192.0.2.2}], ports: [{name: db, port: 5432}]}]}
expect:
- create: {metadata: {generateName: db-, labels: {who: me, kubernetes.io/service-name: db,
             endpointslice.kubernetes.io/managed-by: endpointslicemirroring-controller.k8s.io},
             ownerReferences: [{kind: Endpoints, name: db, uid: e1}]}, addressType: IPv4,
    endpoints: [{addresses: [192.0.2.1], conditions: {ready: true}}, {addresses: [192.0.2.2], conditions: {ready: false}}],
    ports: [{name: db, protocol: TCP, port: 5432}]}
)",
            [](World& world) { return controllers::endpointSliceMirroringController(world.view); });
    }
    // Slices hold a hundred; who stays, stays where it is.
    void splits() {
        World world;
        world.add(controllers::endpointSliceController(world.view));
        world.start();
        world.server.put(
            (*parseYaml("{apiVersion: v1, kind: Node, metadata: {name: n1}}"))[0].value);
        world.server.put((*parseYaml(
            "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: "
            "web}, ports: [{port: 80}]}}"))[0]
                             .value);
        world.settle(1s);
        QCOMPARE(world.server.keys("endpointslices.discovery.k8s.io").size(),
                 std::size_t(1)); // an empty one
        for (int i = 0; i < 150; ++i)
            world.server.put((*parseYaml(
                "{apiVersion: v1, kind: Pod, metadata: {name: p" + std::to_string(i) +
                ", labels: {app: web}}, spec: {nodeName: n1}, status: {phase: Running, podIP: "
                "10.1.0." +
                std::to_string(i) + "}}"))[0]
                                 .value);
        world.settle(1s);
        std::size_t endpoints = 0;
        for (const std::string& key : world.server.keys("endpointslices.discovery.k8s.io")) {
            const Json slice = world.server.get("endpointslices.discovery.k8s.io", key);
            QVERIFY(arrayAt(slice, "endpoints").size() <= 100);
            endpoints += arrayAt(slice, "endpoints").size();
        }
        QCOMPARE(endpoints, std::size_t(150));
        world.server.asked.clear();
        world.server.remove("pods", "default/p7");
        world.settle(1s);
        QCOMPARE(world.server.asked.size(), std::size_t(1)); // one slice changed
    }
};
ORRERY_TEST(EndpointsTest)

} // namespace orrery::tests

#include "endpoints_test.moc"
