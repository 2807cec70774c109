#include "tests/unit/controllers/table.h"

namespace orrery::tests {

class ReplicaSetTest : public QObject {
    Q_OBJECT
  private slots:
    void decides() {
        checkTable(R"(
test: creates what is missing
given:
- {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web, uid: u1, generation: 1},
   spec: {replicas: 2, selector: {matchLabels: {app: web}},
          template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: i}]}}}}
- {apiVersion: v1, kind: Pod, metadata: {name: web-a, labels: {app: web},
     ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: u1, controller: true}]},
   status: {phase: Running, conditions: [{type: Ready, status: "True", lastTransitionTime: 2025-12-31T00:00:00Z}]}}
expect:
- create: {kind: Pod, metadata: {generateName: web-, labels: {app: web},
     ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: u1, controller: true,
                        blockOwnerDeletion: true}]}, spec: {containers: [{name: c, image: i}]}}
- patchStatus: {replicas: 1, fullyLabeledReplicas: 1, readyReplicas: 1, availableReplicas: 1,
                terminatingReplicas: 0, observedGeneration: 1}
---
test: adopts an orphan and releases what no longer matches
key: default/web
given:
- {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web, uid: u1, generation: 1},
   spec: {replicas: 1, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}}}}
- {apiVersion: v1, kind: Pod, metadata: {name: orphan, uid: p1, labels: {app: web}}, status: {phase: Pending}}
- {apiVersion: v1, kind: Pod, metadata: {name: lost, uid: p2, labels: {app: other},
     ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: u1, controller: true}]}}
- {apiVersion: v1, kind: Pod, metadata: {name: alien, uid: p3, labels: {app: web},
     ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: other, uid: u9, controller: true}]}}
expect:
- patch orphan: {metadata: {uid: p1, ownerReferences: [{name: web, uid: u1, controller: true}]}}
- patch lost: {metadata: {uid: p2, ownerReferences: [{$patch: delete, uid: u1}]}}
- patchStatus: {replicas: 1, terminatingReplicas: 0}
---
test: deletes the most dispensable
given:
- {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web, uid: u1, generation: 2},
   spec: {replicas: 1, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}}},
   status: {replicas: 4, observedGeneration: 2, fullyLabeledReplicas: 4, readyReplicas: 1, availableReplicas: 1,
            terminatingReplicas: 0}}
- {apiVersion: v1, kind: Pod, metadata: {name: ready, labels: {app: web},
     ownerReferences: [{kind: ReplicaSet, name: web, uid: u1, controller: true}]}, spec: {nodeName: n1},
   status: {phase: Running, conditions: [{type: Ready, status: "True", lastTransitionTime: 2025-12-31T00:00:00Z}]}}
- {apiVersion: v1, kind: Pod, metadata: {name: unbound, labels: {app: web},
     ownerReferences: [{kind: ReplicaSet, name: web, uid: u1, controller: true}]}, status: {phase: Pending}}
- {apiVersion: v1, kind: Pod, metadata: {name: dear, labels: {app: web},
     annotations: {controller.kubernetes.io/pod-deletion-cost: "100"},
     ownerReferences: [{kind: ReplicaSet, name: web, uid: u1, controller: true}]}, spec: {nodeName: n1},
   status: {phase: Running}}
- {apiVersion: v1, kind: Pod, metadata: {name: starting, labels: {app: web},
     ownerReferences: [{kind: ReplicaSet, name: web, uid: u1, controller: true}]}, spec: {nodeName: n1},
   status: {phase: Running}}
expect:
- delete: unbound
- delete: starting
- delete: dear
events: ["Normal SuccessfulDelete Deleted pod: unbound", "Normal SuccessfulDelete Deleted pod: starting",
         "Normal SuccessfulDelete Deleted pod: dear"]
---
test: counts terminating pods, leaves finished ones out
given:
- {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web, uid: u1, generation: 1},
   spec: {replicas: 0, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}}}}
- {apiVersion: v1, kind: Pod, metadata: {name: going, labels: {app: web}, deletionTimestamp: 2026-01-01T00:00:00Z,
     finalizers: [x], ownerReferences: [{kind: ReplicaSet, name: web, uid: u1, controller: true}]},
   status: {phase: Running}}
- {apiVersion: v1, kind: Pod, metadata: {name: done, labels: {app: web},
     ownerReferences: [{kind: ReplicaSet, name: web, uid: u1, controller: true}]}, status: {phase: Failed}}
expect:
- patchStatus: {replicas: 0, terminatingReplicas: 1, observedGeneration: 1}
)",
                   [](World& world) { return controllers::replicaSetController(world.view); });
    }

    // All creations of a set go out together, and no key is looked at again before its own writes
    // are seen.
    void createsAllAtOnce() {
        World world;
        world.server.put(
            *parseJson(R"({"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"web"},
            "spec":{"replicas":1000,"selector":{"matchLabels":{"app":"web"}},
            "template":{"metadata":{"labels":{"app":"web"}},"spec":{}}}})"));
        controllers::Engine& engine = world.add(controllers::replicaSetController(world.view));
        world.start();
        QCOMPARE(world.server.keys("pods").size(), std::size_t(1000));
        QCOMPARE(intAt(world.server.get("replicasets.apps", "default/web"), "status.replicas"),
                 1000);
        QVERIFY2(engine.steps() <= 4, std::to_string(engine.steps()).c_str());
        QCOMPARE(world.server.asked.front().cause.actor, std::string("replicaset-controller"));
        QCOMPARE(world.server.asked.front().cause.because,
                 std::string("1000 of 1000 replicas missing"));
        QVERIFY(world.server.asked.front().cause.wokenBy > 0);
    }

    // A full quota is told once, asked with back-off by single pods, and the condition goes when it
    // is over.
    void reportsFailure() {
        World world;
        bool full = true;
        world.server.refuse = [&full](const client::Request& request) -> std::optional<Error> {
            if (full && request.verb == "create")
                return makeError(Reason::Forbidden, "exceeded quota");
            return std::nullopt;
        };
        world.server.put(
            *parseJson(R"({"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"web"},
            "spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"}},
            "template":{"metadata":{"labels":{"app":"web"}},"spec":{}}}})"));
        world.add(controllers::replicaSetController(world.view));
        world.start();
        world.settle(1s);
        const Json failing = world.server.get("replicasets.apps", "default/web");
        QCOMPARE(arrayAt(failing, "status.conditions").size(), std::size_t(1));
        const Json& condition = arrayAt(failing, "status.conditions")[0];
        QCOMPARE(std::string(stringAt(condition, "reason")), std::string("FailedCreate"));
        QCOMPARE(std::string(stringAt(condition, "message")), std::string("exceeded quota"));
        int creations = 0;
        for (const client::Request& request : world.server.asked)
            creations += request.verb == "create" ? 1 : 0;
        QVERIFY2(creations < 15, std::to_string(creations).c_str());
        QCOMPARE(std::string(stringAt(world.server.events.front(), "message")),
                 std::string("Error creating: exceeded quota"));
        full = false;
        world.settle(20s);
        QCOMPARE(world.server.keys("pods").size(), std::size_t(3));
        QVERIFY(arrayAt(world.server.get("replicasets.apps", "default/web"), "status.conditions")
                    .empty());
    }

    void pausesAndSteps() {
        World world;
        controllers::Engine& engine = world.add(controllers::replicaSetController(world.view));
        world.start();
        engine.pause();
        for (const char* name : {"a", "b"})
            world.server.put(
                *parseJson(R"({"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":")" +
                           std::string(name) + R"("},"spec":{"replicas":1,"selector":{"matchLabels":
                {"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{}}}})"));
        world.settle();
        QCOMPARE(engine.queueLength(), 2);
        QVERIFY(world.server.keys("pods").empty());
        engine.step();
        world.settle();
        QCOMPARE(world.server.keys("pods").size(), std::size_t(1));
        QCOMPARE(engine.recent().back().woken, std::string("ReplicaSet default/a was added"));
        engine.resume();
        world.settle();
        QCOMPARE(world.server.keys("pods").size(), std::size_t(2));
        QCOMPARE(engine.queueLength(), 0);
    }
};
ORRERY_TEST(ReplicaSetTest)

} // namespace orrery::tests

#include "replicaset_test.moc"
