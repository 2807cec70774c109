#include "core/controllers/template_hash.h"
#include "tests/unit/controllers/table.h"

namespace orrery::tests {

namespace {
// Deployment and ReplicaSet controllers together; pods become ready when the test says so.
struct Rollout : World {
    Rollout() {
        add(controllers::deploymentController(view));
        add(controllers::replicaSetController(view));
        start();
    }
    void apply(const std::string& yaml) {
        server.put((*parseYaml(yaml))[0].value);
        settle(100ms);
    }
    Json deployment() { return server.get("deployments.apps", "default/web"); }
    void patch(const std::string& json) {
        Json changed = api::applyMergePatch(deployment(), *parseJson(json));
        setPath(changed, "metadata.generation", Json(intAt(changed, "metadata.generation") + 1));
        server.put(std::move(changed));
        settle(100ms);
    }
    // All pods that are not ready yet, one after another; what is over after each.
    void makeReady() {
        for (const std::string& key : server.keys("pods")) {
            Json pod = server.get("pods", key);
            if (pod.is_null() || !arrayAt(pod, "status.conditions").empty())
                continue; // gone meanwhile, or ready
            setPath(pod, "status",
                    *parseJson(R"({"phase":"Running","conditions":[{"type":"Ready","status":"True",
                "lastTransitionTime":"2026-01-01T00:00:00Z"}]})"));
            server.put(std::move(pod));
            settle(100ms);
        }
    }
    std::vector<int> sizes() { // of the sets, by revision
        std::map<int, int> out;
        for (const std::string& key : server.keys("replicasets.apps")) {
            const Json set = server.get("replicasets.apps", key);
            const Json* annotations = findPath(set, "metadata.annotations");
            out[std::stoi(
                std::string(asString(*find(*annotations, "deployment.kubernetes.io/revision"))))] =
                static_cast<int>(intAt(set, "spec.replicas"));
        }
        std::vector<int> list;
        for (const auto& [revision, size] : out)
            list.push_back(size);
        return list;
    }
    std::string condition(std::string_view type) {
        const Json object = deployment();
        for (const Json& one : arrayAt(object, "status.conditions"))
            if (stringAt(one, "type") == type)
                return std::string(stringAt(one, "status")) + " " +
                       std::string(stringAt(one, "reason"));
        return "";
    }
    std::vector<std::string> said() {
        std::vector<std::string> out;
        for (const Json& event : server.events)
            if (stringAt(event, "involvedObject.kind") == "Deployment")
                out.emplace_back(stringAt(event, "message"));
        return out;
    }
};

const char* kWeb = R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, generation: 1}
spec:
  replicas: 3
  progressDeadlineSeconds: 600
  revisionHistoryLimit: 1
  selector: {matchLabels: {app: web}}
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: a}]}}
)";
} // namespace

class DeploymentTest : public QObject {
    Q_OBJECT
  private slots:
    void decides() {
        checkTable(R"(
test: makes the ReplicaSet of a new template
given:
- {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, uid: d1, generation: 1, annotations: {note: kept}},
   spec: {replicas: 3, progressDeadlineSeconds: 600, selector: {matchLabels: {app: web}},
          strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 25%}},
          template: {metadata: {labels: {app: web}}, spec: {}}}}
expect:
- create: {kind: ReplicaSet, metadata: {annotations: {note: kept, deployment.kubernetes.io/revision: "1",
             deployment.kubernetes.io/desired-replicas: "3", deployment.kubernetes.io/max-replicas: "4"},
             ownerReferences: [{kind: Deployment, name: web, uid: d1, controller: true}]},
           spec: {replicas: 3}}
- patchStatus: {observedGeneration: 1, unavailableReplicas: 3, conditions: [
    {type: Progressing, status: "True", reason: NewReplicaSetCreated},
    {type: Available, status: "False", reason: MinimumReplicasUnavailable,
     message: Deployment does not have minimum availability.}]}
---
test: a selector for everything is refused
given:
- {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {selector: {}}}
expect: []
events: ["Warning SelectingAll This deployment is selecting all pods. A non-empty selector is required."]
)",
                   [](World& world) { return controllers::deploymentController(world.view); });
    }

    void rollsOver() {
        Rollout world;
        world.apply(kWeb);
        QCOMPARE(world.sizes(), std::vector<int>({3}));
        QCOMPARE(world.condition("Available"), std::string("False MinimumReplicasUnavailable"));
        world.makeReady();
        QCOMPARE(world.condition("Available"), std::string("True MinimumReplicasAvailable"));
        QCOMPARE(world.condition("Progressing"), std::string("True NewReplicaSetAvailable"));
        QCOMPARE(intAt(world.deployment(), "metadata.generation"), 1);

        world.patch(R"({"spec":{"template":{"spec":{"containers":[{"name":"c","image":"b"}]}}}})");
        QCOMPARE(world.sizes(), std::vector<int>({3, 1})); // one more, none less, until it is ready
        world.makeReady();
        world.makeReady();
        world.makeReady();
        QCOMPARE(world.sizes(), std::vector<int>({0, 3}));
        QCOMPARE(world.condition("Progressing"), std::string("True NewReplicaSetAvailable"));
        QCOMPARE(intAt(world.deployment(), "status.updatedReplicas"), 3);
        const std::vector<std::string> said = world.said();
        QCOMPARE(said.size(), std::size_t(7)); // from 0 to 3; then six steps of one
        QVERIFY(said.back().find("from 1 to 0") != std::string::npos);

        // Back to the first template: its set gets the next revision and remembers the first.
        world.patch(R"({"spec":{"template":{"spec":{"containers":[{"name":"c","image":"a"}]}}}})");
        for (int i = 0; i < 3; ++i)
            world.makeReady();
        QCOMPARE(world.sizes(), std::vector<int>({0, 3}));
        QCOMPARE(world.server.keys("replicasets.apps").size(), std::size_t(2));
        const Json deployment = world.deployment();
        QCOMPARE(asString(*find(*findPath(deployment, "metadata.annotations"),
                                "deployment.kubernetes.io/revision")),
                 std::string_view("3"));
    }

    void keepsFewOldSets() {
        Rollout world;
        world.apply(kWeb);
        world.makeReady();
        for (const char* image : {"b", "c", "d"}) {
            world.patch(R"({"spec":{"template":{"spec":{"containers":[{"name":"c","image":")" +
                        std::string(image) + R"("}]}}}})");
            for (int i = 0; i < 4; ++i)
                world.makeReady();
        }
        world.settle(1s);
        QCOMPARE(world.server.keys("replicasets.apps").size(),
                 std::size_t(2)); // the new one and one old
    }

    void givesUpInTime() {
        Rollout world;
        std::string text = kWeb;
        text.replace(text.find("600"), 3, "5");
        world.apply(text);
        QCOMPARE(world.condition("Progressing"), std::string("True ReplicaSetUpdated"));
        world.settle(8s);
        QCOMPARE(world.condition("Progressing"), std::string("False ProgressDeadlineExceeded"));
    }

    void sharesInProportion() {
        Rollout world;
        std::string text = kWeb;
        text.replace(text.find("replicas: 3"), 11, "replicas: 10");
        text.replace(text.find("maxSurge: 1, maxUnavailable: 0"), 30,
                     "maxSurge: 3, maxUnavailable: 2");
        world.apply(text);
        world.makeReady();
        world.patch(R"({"spec":{"template":{"spec":{"containers":[{"name":"c","image":"b"}]}}}})");
        QCOMPARE(world.sizes(), std::vector<int>({8, 5}));
        world.patch(R"({"spec":{"replicas":15}})");
        QCOMPARE(world.sizes(), std::vector<int>({11, 7})); // 18 = 15 + 3, shared like 8 to 5
    }

    void pauses() {
        Rollout world;
        world.apply(kWeb);
        world.makeReady();
        world.patch(R"({"spec":{"paused":true}})");
        QCOMPARE(world.condition("Progressing"), std::string("Unknown DeploymentPaused"));
        world.patch(
            R"({"spec":{"replicas":4,"template":{"spec":{"containers":[{"name":"c","image":"b"}]}}}})");
        QCOMPARE(world.sizes(), std::vector<int>({4}));
        world.patch(R"({"spec":{"paused":false}})");
        QCOMPARE(world.sizes().size(), std::size_t(2));
    }

    void hashesLikeItself() {
        const Json one = *parseJson(R"({"metadata":{"labels":{"a":"1","b":"2"}},"spec":{}})");
        const Json same = *parseJson(R"({"spec":{},"metadata":{"labels":{"b":"2","a":"1"}}})");
        const Json other = *parseJson(R"({"spec":{},"metadata":{"labels":{"b":"2","a":"3"}}})");
        QCOMPARE(controllers::podTemplateHash(one, {}), controllers::podTemplateHash(same, {}));
        QVERIFY(controllers::podTemplateHash(one, {}) != controllers::podTemplateHash(other, {}));
        QVERIFY(controllers::podTemplateHash(one, {}) != controllers::podTemplateHash(one, 1));
        QVERIFY(controllers::podTemplateHash(one, {}).find_first_not_of("bcdf456789") ==
                std::string::npos);
    }
};
ORRERY_TEST(DeploymentTest)

} // namespace orrery::tests

#include "deployment_test.moc"
