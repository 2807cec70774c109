#include "core/admission/admission.h"
#include "core/base/yaml.h"
#include "core/runtime/sim/sim_env.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::admission;

namespace {

Json yaml(const std::string& text) {
    Result<std::vector<YamlDocument>> documents = parseYaml(text);
    if (!documents || documents->size() > 1)
        qFatal("bad YAML in a test: %s", text.c_str());
    return documents->empty() ? Json(JsonObject()) : std::move((*documents)[0].value);
}

class FakeLookup final : public Lookup {
  public:
    void put(const std::string& resource, const std::string& text) {
        const Json object = yaml(text);
        objects_[resource + "/" + std::string(stringAt(object, "metadata.namespace")) + "/" +
                 std::string(stringAt(object, "metadata.name"))] =
            std::make_shared<Encoded>(object);
    }
    EncodedPtr get(const api::GroupResource& resource, const std::string& namespace_,
                   const std::string& name) const override {
        const auto at = objects_.find(resource.resource + "/" + namespace_ + "/" + name);
        return at == objects_.end() ? nullptr : at->second;
    }
    std::vector<EncodedPtr> list(const api::GroupResource& resource,
                                 const std::string& namespace_) const override {
        std::vector<EncodedPtr> found;
        const std::string prefix = resource.resource + "/" + namespace_ + "/";
        for (const auto& [key, object] : objects_)
            if (key.compare(0, prefix.size(), prefix) == 0)
                found.push_back(object);
        return found;
    }

  private:
    std::map<std::string, EncodedPtr> objects_;
};

struct World {
    explicit World(Trace& trace) : sim(1, trace) {
        lookup.put("namespaces", "{metadata: {name: shop}, status: {phase: Active}}");
        lookup.put("namespaces", "{metadata: {name: going}, status: {phase: Terminating}}");
        lookup.put("serviceaccounts", "{metadata: {name: default, namespace: shop}}");
        lookup.put("serviceaccounts", "{metadata: {name: robot, namespace: shop}, "
                                      "automountServiceAccountToken: false, "
                                      "imagePullSecrets: [{name: reg}]}");
        lookup.put("priorityclasses", "{metadata: {name: high}, value: 1000, "
                                      "preemptionPolicy: PreemptLowerPriority}");
        lookup.put("runtimeclasses",
                   "{metadata: {name: vm}, handler: vm, overhead: {podFixed: {cpu: 250m}}, "
                   "scheduling: {nodeSelector: {vm: 'yes'}, tolerations: [{key: vm, operator: "
                   "Exists}]}}");
        lookup.put("runtimeclasses", "{metadata: {name: bare}, handler: vm}");
    }
    Result<void> run(Operation operation, const std::string& plural, Json& object,
                     const Json* old = nullptr, const std::string& subresource = "",
                     const client::UserInfo* user = nullptr, const std::string& group = "") {
        api::KindDef kind;
        kind.group = group;
        kind.plural = plural;
        Request request;
        request.operation = operation;
        request.kind = &kind;
        request.namespace_ = stringAt(object, "metadata.namespace");
        request.name = stringAt(object, "metadata.name");
        request.subresource = subresource;
        request.object = operation == Operation::Delete ? nullptr : &object;
        request.old = old;
        request.user = user;
        return admit(request, {lookup, sim.env().now(), sim.env().random});
    }

    SimEnv sim;
    FakeLookup lookup;
};

QString text(const Result<void>& result) {
    return result ? QString() : QString::fromStdString(result.error().message);
}

std::string pod(const std::string& spec, const std::string& containers = "[{name: app}]") {
    return "{metadata: {name: p, namespace: shop}, spec: {containers: " + containers +
           (spec.empty() ? "" : ", " + spec) + "}}";
}

} // namespace

class AdmissionTest : public QObject {
    Q_OBJECT
  private slots:
    void orderIsKubernetes();
    void namespaceLifecycle_data();
    void namespaceLifecycle();
    void terminatingNamespaceHasACause();
    void podGetsItsToken();
    void serviceAccount_data();
    void serviceAccount();
    void ownMountIsKept();
    void podIsRefused_data();
    void podIsRefused();
    void priorities_data();
    void priorities();
    void tolerations_data();
    void tolerations();
    void newNodeIsTainted();
    void runtimeClassIsMerged();
    void limitRangeFills();
    void limitRangeRefuses_data();
    void limitRangeRefuses();
    void storageAndIngressDefaults();
    void nodesAreRestricted_data();
    void nodesAreRestricted();

  private:
    NoTrace trace_;
};
ORRERY_TEST(AdmissionTest)

void AdmissionTest::orderIsKubernetes() {
    QStringList names;
    for (const PluginDef& plugin : allPlugins())
        names << QString::fromStdString(plugin.name);
    QCOMPARE(names.join(' '),
             QString("NamespaceLifecycle LimitRanger ServiceAccount NodeRestriction "
                     "TaintNodesByCondition Priority DefaultTolerationSeconds DefaultStorageClass "
                     "StorageObjectInUseProtection RuntimeClass DefaultIngressClass"));
}

void AdmissionTest::namespaceLifecycle_data() {
    QTest::addColumn<QString>("operation");
    QTest::addColumn<QString>("resource");
    QTest::addColumn<QString>("namespace_");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* operation, const char* resource, const char* namespace_,
                        const char* name, const char* message) {
        QTest::addRow("%s %s %s/%s", operation, resource, namespace_, name)
            << operation << resource << namespace_ << name << message;
    };
    row("create", "configmaps", "shop", "a", "");
    row("create", "configmaps", "nowhere", "a", "namespaces \"nowhere\" not found");
    row("create", "configmaps", "going", "a",
        "configmaps \"a\" is forbidden: unable to create new content in namespace going because "
        "it is being terminated");
    row("update", "configmaps", "going", "a", "");
    row("delete", "configmaps", "going", "a", "");
    row("delete", "configmaps", "nowhere", "a", "");
    row("create", "namespaces", "", "new", "");
    row("delete", "namespaces", "", "shop", "");
    row("delete", "namespaces", "", "default",
        "namespaces \"default\" is forbidden: this namespace may not be deleted");
    row("delete", "namespaces", "", "kube-system",
        "namespaces \"kube-system\" is forbidden: this namespace may not be deleted");
    row("delete", "namespaces", "", "kube-public",
        "namespaces \"kube-public\" is forbidden: this namespace may not be deleted");
    row("delete", "namespaces", "", "kube-node-lease", "");
    row("create", "clusterthings", "", "a", "");
}

void AdmissionTest::namespaceLifecycle() {
    QFETCH(QString, operation);
    QFETCH(QString, resource);
    QFETCH(QString, namespace_);
    QFETCH(QString, name);
    QFETCH(QString, message);
    World world(trace_);
    Json object = yaml("{metadata: {name: " + name.toStdString() + "}}");
    if (!namespace_.isEmpty())
        setPath(object, "metadata.namespace", Json(namespace_.toStdString()));
    const Json old = object;
    const Operation what = operation == "create"   ? Operation::Create
                           : operation == "update" ? Operation::Update
                                                   : Operation::Delete;
    const Result<void> result = world.run(what, resource.toStdString(), object, &old);
    QCOMPARE(text(result), message);
    if (!result)
        QCOMPARE(result.error().httpCode(), message.endsWith("not found") ? 404 : 403);
}

void AdmissionTest::terminatingNamespaceHasACause() {
    World world(trace_);
    Json object = yaml("{metadata: {generateName: web-, namespace: going}}");
    const Result<void> result =
        world.run(Operation::Create, "deployments", object, nullptr, "", nullptr, "apps");
    QCOMPARE(text(result), QString("deployments.apps \"web-\" is forbidden: unable to create new "
                                   "content in namespace going because it is being terminated"));
    const Error& error = result.error();
    QCOMPARE(error.detailsGroup, std::string("apps"));
    QCOMPARE(error.detailsKind, std::string("deployments"));
    QCOMPARE(error.causes.size(), std::size_t(1));
    QCOMPARE(error.causes[0].reason, std::string("NamespaceTerminating"));
    QCOMPARE(error.causes[0].message, std::string("namespace going is being terminated"));
    QCOMPARE(error.causes[0].field, std::string("metadata.namespace"));
}

void AdmissionTest::podGetsItsToken() {
    World world(trace_);
    Json object = yaml(pod(""));
    QCOMPARE(text(world.run(Operation::Create, "pods", object)), QString());
    const std::string name(stringAt(object.at("spec").at("volumes").at(0), "name"));
    QVERIFY2(name.compare(0, 16, "kube-api-access-") == 0 && name.size() == 21, name.c_str());
    std::string shown = serializeJson(object.at("spec"));
    for (std::size_t at; (at = shown.find(name)) != std::string::npos;)
        shown.replace(at, name.size(), "TOKEN");
    QCOMPARE(shown,
             std::string(R"({"containers":[{"name":"app","volumeMounts":[{"name":"TOKEN",)"
                         R"("readOnly":true,"mountPath":)"
                         R"("/var/run/secrets/kubernetes.io/serviceaccount"}]}],)"
                         R"("serviceAccountName":"default","serviceAccount":"default",)"
                         R"("volumes":[{"name":"TOKEN","projected":{"sources":[)"
                         R"({"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},)"
                         R"({"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt",)"
                         R"("path":"ca.crt"}]}},{"downwardAPI":{"items":[{"path":"namespace",)"
                         R"("fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"}}]}}],)"
                         R"("defaultMode":420}}],"priority":0,)"
                         R"("preemptionPolicy":"PreemptLowerPriority","tolerations":[)"
                         R"({"key":"node.kubernetes.io/not-ready","operator":"Exists",)"
                         R"("effect":"NoExecute","tolerationSeconds":300},)"
                         R"({"key":"node.kubernetes.io/unreachable","operator":"Exists",)"
                         R"("effect":"NoExecute","tolerationSeconds":300}]})"));
}

void AdmissionTest::serviceAccount_data() {
    QTest::addColumn<QString>("spec");
    QTest::addColumn<bool>("mounted");
    QTest::addColumn<QString>("pullSecrets");
    QTest::newRow("default") << "" << true << "[]";
    QTest::newRow("pod says no") << "automountServiceAccountToken: false" << false << "[]";
    QTest::newRow("account says no")
        << "serviceAccountName: robot" << false << R"([{"name":"reg"}])";
    QTest::newRow("old name") << "serviceAccount: robot" << false << R"([{"name":"reg"}])";
    QTest::newRow("pod wins") << "serviceAccountName: robot, automountServiceAccountToken: true"
                              << true << R"([{"name":"reg"}])";
    QTest::newRow("own secrets") << "serviceAccountName: robot, imagePullSecrets: [{name: own}]"
                                 << false << R"([{"name":"own"}])";
}

void AdmissionTest::serviceAccount() {
    QFETCH(QString, spec);
    QFETCH(bool, mounted);
    QFETCH(QString, pullSecrets);
    World world(trace_);
    Json object = yaml(pod(spec.toStdString()));
    QCOMPARE(text(world.run(Operation::Create, "pods", object)), QString());
    QCOMPARE(!arrayAt(object, "spec.volumes").empty(), mounted);
    QCOMPARE(!arrayAt(object.at("spec").at("containers").at(0), "volumeMounts").empty(), mounted);
    QCOMPARE(QString::fromStdString(serializeJson(Json(arrayAt(object, "spec.imagePullSecrets")))),
             pullSecrets);
    QCOMPARE(stringAt(object, "spec.serviceAccount"), stringAt(object, "spec.serviceAccountName"));
}

void AdmissionTest::ownMountIsKept() {
    World world(trace_);
    Json object = yaml(pod("volumes: [{name: own}], initContainers: [{name: init}]",
                           "[{name: a, volumeMounts: [{name: own, mountPath: "
                           "/var/run/secrets/kubernetes.io/serviceaccount}]}, {name: b}]"));
    QCOMPARE(text(world.run(Operation::Create, "pods", object)), QString());
    QCOMPARE(arrayAt(object, "spec.volumes").size(), std::size_t(2));
    const Json& spec = object.at("spec");
    QCOMPARE(arrayAt(spec.at("containers").at(0), "volumeMounts").size(), std::size_t(1));
    QCOMPARE(arrayAt(spec.at("containers").at(1), "volumeMounts").size(), std::size_t(1));
    QCOMPARE(arrayAt(spec.at("initContainers").at(0), "volumeMounts").size(), std::size_t(1));

    Json alone =
        yaml(pod("volumes: [{name: own}]", "[{name: a, volumeMounts: [{name: own, mountPath: "
                                           "/var/run/secrets/kubernetes.io/serviceaccount}]}]"));
    QCOMPARE(text(world.run(Operation::Create, "pods", alone)), QString());
    QCOMPARE(arrayAt(alone, "spec.volumes").size(), std::size_t(1));
}

void AdmissionTest::podIsRefused_data() {
    QTest::addColumn<QString>("spec");
    QTest::addColumn<QString>("why");
    QTest::newRow("account") << "serviceAccountName: nobody"
                             << "error looking up service account shop/nobody: serviceaccount "
                                "\"nobody\" not found";
    QTest::newRow("class") << "priorityClassName: none"
                           << "no PriorityClass with name none was found";
    QTest::newRow("own priority")
        << "priority: 7"
        << "the integer value of priority (7) must not be provided in pod spec; priority admission "
           "controller computed 0 from the given PriorityClass name";
    QTest::newRow("own policy")
        << "priorityClassName: high, preemptionPolicy: Never"
        << "the string value of PreemptionPolicy (Never) must not be provided in pod spec; "
           "priority admission controller computed PreemptLowerPriority from the given "
           "PriorityClass name";
    QTest::newRow("runtime class") << "runtimeClassName: none"
                                   << "pod rejected: RuntimeClass \"none\" not found";
    QTest::newRow("selector") << "runtimeClassName: vm, nodeSelector: {vm: 'no'}"
                              << "conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; "
                                 "pod.spec.nodeSelector[vm] = no";
    QTest::newRow("overhead")
        << "runtimeClassName: vm, overhead: {cpu: '1'}"
        << "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";
    QTest::newRow("overhead alone")
        << "overhead: {cpu: '1'}"
        << "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead";
}

void AdmissionTest::podIsRefused() {
    QFETCH(QString, spec);
    QFETCH(QString, why);
    World world(trace_);
    Json object = yaml(pod(spec.toStdString()));
    const Result<void> result = world.run(Operation::Create, "pods", object);
    QCOMPARE(text(result), "pods \"p\" is forbidden: " + why);
    QCOMPARE(result.error().httpCode(), 403);
    QCOMPARE(result.error().detailsName, std::string("p"));
    QCOMPARE(result.error().detailsKind, std::string("pods"));
}

void AdmissionTest::priorities_data() {
    QTest::addColumn<QString>("spec");
    QTest::addColumn<bool>("withDefault");
    QTest::addColumn<QString>("expected");
    QTest::newRow("none") << "" << false << " 0";
    QTest::newRow("class") << "priorityClassName: high" << false << "high 1000";
    QTest::newRow("said right") << "priorityClassName: high, priority: 1000" << false
                                << "high 1000";
    QTest::newRow("default class") << "" << true << "usual 5";
}

void AdmissionTest::priorities() {
    QFETCH(QString, spec);
    QFETCH(bool, withDefault);
    QFETCH(QString, expected);
    World world(trace_);
    if (withDefault) {
        world.lookup.put("priorityclasses",
                         "{metadata: {name: usual}, value: 5, globalDefault: true}");
        world.lookup.put("priorityclasses",
                         "{metadata: {name: zz}, value: 9, globalDefault: true}");
    }
    Json object = yaml(pod(spec.toStdString()));
    QCOMPARE(text(world.run(Operation::Create, "pods", object)), QString());
    QCOMPARE(QString::fromStdString(std::string(stringAt(object, "spec.priorityClassName")) + " " +
                                    std::to_string(intAt(object, "spec.priority", -1))),
             expected);
    QCOMPARE(stringAt(object, "spec.preemptionPolicy"), std::string_view("PreemptLowerPriority"));
}

void AdmissionTest::tolerations_data() {
    QTest::addColumn<QString>("given");
    QTest::addColumn<int>("count");
    QTest::newRow("none") << "[]" << 2;
    QTest::newRow("not-ready") << "[{key: node.kubernetes.io/not-ready, operator: Exists, effect: "
                                  "NoExecute, tolerationSeconds: 9}, {key: a}]"
                               << 3;
    QTest::newRow("everything") << "[{operator: Exists}]" << 1;
    QTest::newRow("every NoExecute") << "[{operator: Exists, effect: NoExecute}]" << 1;
    QTest::newRow("other effect")
        << "[{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoSchedule}]" << 3;
}

void AdmissionTest::tolerations() {
    QFETCH(QString, given);
    QFETCH(int, count);
    World world(trace_);
    Json object = yaml(pod("tolerations: " + given.toStdString()));
    QCOMPARE(text(world.run(Operation::Create, "pods", object)), QString());
    QCOMPARE(static_cast<int>(arrayAt(object, "spec.tolerations").size()), count);
    const Json old = object;
    QCOMPARE(text(world.run(Operation::Update, "pods", object, &old)), QString());
    QVERIFY(object == old);
}

void AdmissionTest::newNodeIsTainted() {
    World world(trace_);
    Json object = yaml("{metadata: {name: w1}, spec: {taints: [{key: a, effect: NoSchedule}]}}");
    QCOMPARE(text(world.run(Operation::Create, "nodes", object)), QString());
    QCOMPARE(serializeJson(object.at("spec")),
             std::string(R"({"taints":[{"key":"a","effect":"NoSchedule"},)"
                         R"({"key":"node.kubernetes.io/not-ready","effect":"NoSchedule"}]})"));
    const Json once = object;
    QCOMPARE(text(world.run(Operation::Create, "nodes", object)), QString());
    QVERIFY(object == once);
}

void AdmissionTest::runtimeClassIsMerged() {
    World world(trace_);
    Json object = yaml(pod("runtimeClassName: vm, nodeSelector: {disk: ssd}"));
    QCOMPARE(text(world.run(Operation::Create, "pods", object)), QString());
    QCOMPARE(serializeJson(object.at("spec").at("nodeSelector")),
             std::string(R"({"disk":"ssd","vm":"yes"})"));
    QCOMPARE(serializeJson(object.at("spec").at("overhead")), std::string(R"({"cpu":"250m"})"));
    QCOMPARE(arrayAt(object, "spec.tolerations").size(), std::size_t(3));
    Json same = yaml(pod("runtimeClassName: vm, overhead: {cpu: '0.25'}"));
    QCOMPARE(text(world.run(Operation::Create, "pods", same)), QString());
    Json bare = yaml(pod("runtimeClassName: bare"));
    QCOMPARE(text(world.run(Operation::Create, "pods", bare)), QString());
    QVERIFY(findPath(bare, "spec.overhead") == nullptr);
}

namespace {
constexpr const char* kSizes =
    "{metadata: {name: sizes, namespace: shop}, spec: {limits: [{type: Container, min: {cpu: 50m, "
    "memory: 16Mi}, max: {cpu: '1', memory: 512Mi}, default: {cpu: 500m, memory: 128Mi}, "
    "defaultRequest: {cpu: 100m, memory: 64Mi}, maxLimitRequestRatio: {cpu: '10'}}]}}";
}

void AdmissionTest::limitRangeFills() {
    World world(trace_);
    world.lookup.put("limitranges", kSizes);
    Json object = yaml(
        pod("initContainers: [{name: i}]", "[{name: app, resources: {requests: {cpu: 200m}}}]"));
    QCOMPARE(text(world.run(Operation::Create, "pods", object)), QString());
    QCOMPARE(serializeJson(object.at("spec").at("containers").at(0).at("resources")),
             std::string(R"({"requests":{"cpu":"200m","memory":"64Mi"},)"
                         R"("limits":{"cpu":"500m","memory":"128Mi"}})"));
    QCOMPARE(std::string(asString(
                 object.at("metadata").at("annotations").at("kubernetes.io/limit-ranger"))),
             std::string("LimitRanger plugin set: memory request for container app; cpu, memory "
                         "limit for container app; cpu, memory request for init container i; cpu, "
                         "memory limit for init container i"));
}

void AdmissionTest::limitRangeRefuses_data() {
    QTest::addColumn<QString>("resources");
    QTest::addColumn<QString>("why");
    QTest::newRow("low") << "{requests: {cpu: 10m}}"
                         << "[minimum cpu usage per Container is 50m, but request is 10m, cpu max "
                            "limit to request ratio per Container is 10, but provided ratio is "
                            "50.000000]";
    QTest::newRow("high") << "{requests: {cpu: 100m}, limits: {cpu: '2'}}"
                          << "[maximum cpu usage per Container is 1, but limit is 2, cpu max limit "
                             "to request ratio per Container is 10, but provided ratio is "
                             "20.000000]";
    QTest::newRow("ratio") << "{requests: {cpu: 60m}, limits: {cpu: 900m}}"
                           << "cpu max limit to request ratio per Container is 10, but provided "
                              "ratio is 15.000000";
    QTest::newRow("memory") << "{limits: {memory: 1Gi}}"
                            << "maximum memory usage per Container is 512Mi, but limit is 1Gi";
}

void AdmissionTest::limitRangeRefuses() {
    QFETCH(QString, resources);
    QFETCH(QString, why);
    World world(trace_);
    world.lookup.put("limitranges", kSizes);
    Json object = yaml(pod("", "[{name: app, resources: " + resources.toStdString() + "}]"));
    QCOMPARE(text(world.run(Operation::Create, "pods", object)), "pods \"p\" is forbidden: " + why);
}

void AdmissionTest::storageAndIngressDefaults() {
    World world(trace_);
    const char* isDefault = "storageclass.kubernetes.io/is-default-class: 'true'";
    world.lookup.put("storageclasses", std::string("{metadata: {name: a, creationTimestamp: "
                                                   "'2026-01-01T00:00:00Z', annotations: {") +
                                           isDefault + "}}}");
    world.lookup.put("storageclasses", std::string("{metadata: {name: b, creationTimestamp: "
                                                   "'2026-01-02T00:00:00Z', annotations: {") +
                                           isDefault + "}}}");
    world.lookup.put("ingressclasses",
                     "{metadata: {name: gate, creationTimestamp: '2026-01-01T00:00:00Z', "
                     "annotations: {ingressclass.kubernetes.io/is-default-class: 'true'}}}");
    Json claim = yaml("{metadata: {name: c, namespace: shop}, spec: {}}");
    QCOMPARE(text(world.run(Operation::Create, "persistentvolumeclaims", claim)), QString());
    QCOMPARE(stringAt(claim, "spec.storageClassName"), std::string_view("b"));
    QCOMPARE(serializeJson(claim.at("metadata").at("finalizers")),
             std::string(R"(["kubernetes.io/pvc-protection"])"));
    Json none = yaml("{metadata: {name: c, namespace: shop}, spec: {storageClassName: ''}}");
    QCOMPARE(text(world.run(Operation::Create, "persistentvolumeclaims", none)), QString());
    QCOMPARE(stringAt(none, "spec.storageClassName", "?"), std::string_view(""));
    Json volume = yaml("{metadata: {name: v}, spec: {}}");
    QCOMPARE(text(world.run(Operation::Create, "persistentvolumes", volume)), QString());
    QCOMPARE(serializeJson(volume.at("metadata").at("finalizers")),
             std::string(R"(["kubernetes.io/pv-protection"])"));
    Json ingress = yaml("{metadata: {name: i, namespace: shop}, spec: {}}");
    QCOMPARE(text(world.run(Operation::Create, "ingresses", ingress, nullptr, "", nullptr,
                            "networking.k8s.io")),
             QString());
    QCOMPARE(stringAt(ingress, "spec.ingressClassName"), std::string_view("gate"));
}

void AdmissionTest::nodesAreRestricted_data() {
    QTest::addColumn<QString>("operation");
    QTest::addColumn<QString>("resource"); // "pods/status"
    QTest::addColumn<QString>("object");
    QTest::addColumn<QString>("old");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* operation, const char* resource, const char* object,
                        const char* old, const char* message) {
        QTest::addRow("%s %s %s", operation, resource, message)
            << operation << resource << object << old << message;
    };
    row("create", "nodes", "{metadata: {name: w1, labels: {kubernetes.io/hostname: w1}}}", "", "");
    row("create", "nodes", "{metadata: {name: w2}}", "",
        "nodes \"w2\" is forbidden: node \"w1\" is not allowed to modify node \"w2\"");
    row("update", "nodes",
        "{metadata: {name: w1, labels: {node-restriction.kubernetes.io/tier: gold, mine: x}}}",
        "{metadata: {name: w1}}",
        "nodes \"w1\" is forbidden: is not allowed to modify labels: "
        "node-restriction.kubernetes.io/tier");
    row("update", "nodes", "{metadata: {name: w1}, spec: {taints: [{key: a}]}}",
        "{metadata: {name: w1}}",
        "nodes \"w1\" is forbidden: node \"w1\" is not allowed to modify taints");
    row("update", "nodes/status", "{metadata: {name: w2}}", "{metadata: {name: w2}}",
        "nodes \"w2\" is forbidden: node \"w1\" is not allowed to modify node \"w2\"");
    row("create", "pods", "{metadata: {name: own, namespace: shop}, spec: {nodeName: w1}}", "",
        "pods \"own\" is forbidden: pod does not have \"kubernetes.io/config.mirror\" annotation, "
        "node \"w1\" can only create mirror pods");
    row("create", "pods",
        "{metadata: {name: own, namespace: shop, annotations: {kubernetes.io/config.mirror: x}}, "
        "spec: {nodeName: w1}}",
        "", "");
    row("update", "pods/status", "{metadata: {name: p, namespace: shop}, spec: {nodeName: w1}}",
        "{metadata: {name: p, namespace: shop}, spec: {nodeName: w1}}", "");
    row("update", "pods/status", "{metadata: {name: p, namespace: shop}, spec: {nodeName: w2}}",
        "{metadata: {name: p, namespace: shop}, spec: {nodeName: w2}}",
        "pods \"p\" is forbidden: node \"w1\" can only update pod status for pods with "
        "spec.nodeName set to itself");
    row("delete", "pods", "{metadata: {name: p, namespace: shop}}",
        "{metadata: {name: p, namespace: shop}, spec: {nodeName: w2}}",
        "pods \"p\" is forbidden: node \"w1\" can only delete pods with spec.nodeName set to "
        "itself");
    row("create", "serviceaccounts/token", "{metadata: {name: default, namespace: shop}, spec: {}}",
        "", "serviceaccounts \"default\" is forbidden: node requested token not bound to a pod");
}

void AdmissionTest::nodesAreRestricted() {
    QFETCH(QString, operation);
    QFETCH(QString, resource);
    QFETCH(QString, object);
    QFETCH(QString, old);
    QFETCH(QString, message);
    World world(trace_);
    client::UserInfo node;
    node.name = "system:node:w1";
    node.groups = {"system:nodes"};
    Json changed = yaml(object.toStdString());
    const Json before = yaml(old.toStdString());
    const Operation what = operation == "create"   ? Operation::Create
                           : operation == "update" ? Operation::Update
                                                   : Operation::Delete;
    const auto run = [&](const client::UserInfo* who) {
        Json copy = changed;
        return text(world.run(what, resource.section('/', 0, 0).toStdString(), copy,
                              old.isEmpty() ? nullptr : &before,
                              resource.section('/', 1).toStdString(), who));
    };
    QCOMPARE(run(&node), message);
    node.groups = {"system:authenticated"}; // then it is nobody special
    QCOMPARE(run(&node), QString());
}

#include "admission_test.moc"
