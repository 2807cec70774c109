// What Kubernetes refuses about networks, volumes, policies, devices and the cluster's own kinds.
#include "core/api/defaults.h"
#include "core/api/object.h"
#include "core/api/validation/validation.h"
#include "core/base/yaml.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::api;

namespace {
const KindRegistry& kinds() {
    static const KindRegistry all;
    return all;
}

// An object as it stands before validation: decoded and defaulted.
Json prepared(const KindDef& kind, const QString& yaml) {
    const std::string text = yaml.toStdString();
    auto parsed = parseYaml("---\n" + text); // a leading brace is YAML here, too
    ORRERY_ASSERT(parsed.has_value() && parsed->size() == 1);
    Result<Decoded> decoded =
        decodeObject(kind, std::move(parsed->front().value), FieldValidation::Strict);
    if (!decoded)
        qFatal("%s", decoded.error().message.c_str());
    Json object = std::move(decoded->object);
    if (stringAt(object, "metadata.name").empty())
        setPath(object, "metadata.name", "x");
    if (kind.scope == Scope::Namespaced)
        setPath(object, "metadata.namespace", "default");
    applyDefaults(kind, object);
    return object;
}

const KindDef& kindOf(const QString& name) {
    const KindDef* kind = kinds().byUserName(name.toStdString());
    if (!kind)
        qFatal("no kind %s", qPrintable(name));
    return *kind;
}

QString said(const FieldErrors& errors) {
    QStringList all;
    for (const FieldError& error : errors)
        all << QString::fromStdString(error.field + ": " + error.message);
    return all.join(" | ");
}
} // namespace

class ClusterKindsTest : public QObject {
    Q_OBJECT
  private slots:
    void refusesCreation_data();
    void refusesCreation();
    void refusesChange_data();
    void refusesChange();
    void warns_data();
    void warns();
    void countsGenerations_data();
    void countsGenerations();
    void showsWhatChanged();
    void readsLongListsOnce();
};

void ClusterKindsTest::refusesCreation_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("yaml");
    QTest::addColumn<QString>("want");
    const auto row = [](const char* name, const char* kind, const char* yaml, const char* want) {
        QTest::newRow(name) << kind << yaml << want;
    };
    row("service: families", "services",
        "spec: {ports: [{port: 80}], clusterIPs: [10.96.0.5, 10.96.0.6], clusterIP: 10.96.0.5}",
        "spec.clusterIPs: Invalid value: [\"10.96.0.5\",\"10.96.0.6\"]: may specify no more than "
        "one IP for each IP family");
    row("service: first address", "services",
        "spec: {ports: [{port: 80}], clusterIPs: [10.96.0.5], clusterIP: 10.96.0.6}",
        "spec.clusterIPs: Invalid value: [\"10.96.0.5\"]: first value must match `clusterIP`");
    row("service: node port twins", "services",
        "spec: {type: NodePort, ports: [{name: a, port: 80, nodePort: 30000}, {name: b, port: 81, "
        "nodePort: 30000}]}",
        "spec.ports[1].nodePort: Duplicate value: 30000");
    row("service: ranges", "services",
        "spec: {ports: [{port: 80}], loadBalancerSourceRanges: [10.0.0.1/8]}",
        "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer' "
        "| "
        "spec.LoadBalancerSourceRanges[0]: Invalid value: \"10.0.0.1/8\": must not have bits set "
        "beyond the prefix length");
    row("service: leading zeros", "services",
        "spec: {ports: [{port: 80}], externalIPs: [010.0.0.1]}",
        "spec.externalIPs[0]: Invalid value: \"010.0.0.1\": must not have leading 0s");
    row("service: mapped", "services",
        "spec: {ports: [{port: 80}], externalIPs: ['::ffff:1.2.3.4']}",
        "spec.externalIPs[0]: Invalid value: \"::ffff:1.2.3.4\": must not be an IPv4-mapped IPv6 "
        "address");
    row("service: distribution", "services",
        "spec: {ports: [{port: 80}], trafficDistribution: Near}",
        "spec.trafficDistribution: Unsupported value: \"Near\": supported values: \"PreferClose\", "
        "\"PreferSameZone\", \"PreferSameNode\"");
    row("endpoints: empty subset", "endpoints", "subsets: [{ports: [{port: 1}]}]",
        "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`");
    row("endpoints: address", "endpoints", "subsets: [{addresses: [{ip: 169.254.1.1}]}]",
        "subsets[0].addresses[0].ip: Invalid value: \"169.254.1.1\": may not be in the link-local "
        "range (169.254.0.0/16, fe80::/10)");
    row("slice: family", "endpointslices",
        "{addressType: IPv6, endpoints: [{addresses: [10.0.0.1]}]}",
        "endpoints[0].addresses: Invalid value: \"10.0.0.1\": must be an IPv6 address");
    row("slice: canonical", "endpointslices",
        "{addressType: IPv6, endpoints: [{addresses: ['2001:DB8::1']}]}",
        "endpoints[0].addresses[0]: Invalid value: \"2001:DB8::1\": must be in canonical form "
        "(\"2001:db8::1\")");
    row("slice: domain", "endpointslices",
        "{addressType: FQDN, endpoints: [{addresses: [localhost]}]}",
        "endpoints[0].addresses[0]: Invalid value: \"localhost\": should be a domain with at least "
        "two segments separated by dots");
    row("slice: hints", "endpointslices",
        "{addressType: IPv4, endpoints: [{addresses: [10.0.0.1], hints: {forZones: [{name: a}, "
        "{name: a}]}}]}",
        "endpoints[0].hints.forZones[1].name: Duplicate value: \"a\"");
    row("ingress class: scope", "ingressclasses",
        "spec: {controller: example.com/c, parameters: {kind: K, name: m, scope: Namespace}}",
        "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'");
    row("ingress class: controller", "ingressclasses", "spec: {controller: nginx}",
        "spec.controller: Invalid value: \"nginx\": must be a domain-prefixed path (such as "
        "\"acme.io/foo\")");
    row("ingress: nothing", "ingresses", "spec: {}",
        "spec: Invalid value: null: either `defaultBackend` or `rules` must be specified");
    row("service range", "servicecidrs", "spec: {cidrs: [10.0.0.0/16, 10.1.0.0/16]}",
        "spec.cidrs: Invalid value: [\"10.0.0.0/16\",\"10.1.0.0/16\"]: may specify no more than "
        "one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
    row("address: name", "ipaddresses",
        "{metadata: {name: 10.0.0.01}, spec: {parentRef: {resource: services, name: a}}}",
        "metadata.name: Invalid value: \"10.0.0.01\": must not have leading 0s");
    row("volume: nothing", "persistentvolumes", "spec: {}",
        "spec.accessModes: Required value | spec.capacity: Required value | spec.capacity: "
        "Unsupported value: null: supported values: \"storage\" | spec: Required value: must "
        "specify a volume type");
    row("volume: recycled root", "persistentvolumes",
        "spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /a/..}, "
        "persistentVolumeReclaimPolicy: Recycle}",
        "spec.hostPath.path: Invalid value: \"/a/..\": must not contain '..' | "
        "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount "
        "of '/'");
    row("volume: local", "persistentvolumes",
        "spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], local: {path: /d}}",
        "spec.nodeAffinity: Required value: Local volume requires node affinity");
    row("volume: iscsi", "persistentvolumes",
        "spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], iscsi: {targetPortal: a, "
        "iqn: iqn.2001-4.com:x, lun: 256}}",
        "spec.iscsi.iqn: Invalid value: \"iqn.2001-4.com:x\": must be valid format | "
        "spec.iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive");
    row("volume: two", "persistentvolumes",
        "spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], nfs: {server: a, path: "
        "/b}, csi: {driver: a, volumeHandle: h}}",
        "spec.csi: Forbidden: may not specify more than 1 volume type");
    row("claim: source", "persistentvolumeclaims",
        "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, "
        "dataSourceRef: {kind: Foo, name: a}}",
        "spec.dataSourceRef: Invalid value: \"Foo\": must be 'PersistentVolumeClaim' when "
        "referencing the default apiGroup");
    row("attachment", "volumeattachments", "spec: {attacher: a, nodeName: m, source: {}}",
        "spec.source: Required value: must specify exactly one of inlineVolumeSpec and "
        "persistentVolumeName");
    row("driver: tokens", "csidrivers",
        "spec: {tokenRequests: [{audience: a, expirationSeconds: 5}, {audience: a}]}",
        "spec.tokenRequests[0].expirationSeconds: Invalid value: 5: may not specify a duration "
        "less "
        "than 10 minutes | spec.tokenRequests[1].audience: Duplicate value: \"a\"");
    row("csi node", "csinodes", "spec: {drivers: [{name: a, nodeID: '', topologyKeys: [k, k]}]}",
        "spec.drivers[0].nodeID: Required value | spec.drivers[0]: Duplicate value: \"k\"");
    row("attributes class", "volumeattributesclasses", "driverName: a",
        "parameters: Required value: must contain at least one key/value pair");
    row("webhook: url", "validatingwebhookconfigurations",
        "webhooks: [{name: a.b.c, sideEffects: None, admissionReviewVersions: [v1], clientConfig: "
        "{url: 'https://u@h:x/'}}]",
        "webhooks[0].clientConfig.url: Required value: url must be a valid URL: parse "
        "\"https://u@h:x/\": invalid port \":x\" after host; desired format: https://host[/path]");
    row("webhook: path", "mutatingwebhookconfigurations",
        "webhooks: [{name: a.b.c, sideEffects: None, admissionReviewVersions: [v1], clientConfig: "
        "{service: {name: a, namespace: b, path: /x//y}}, reinvocationPolicy: Often}]",
        "webhooks[0].reinvocationPolicy: Unsupported value: \"Often\": supported values: "
        "\"IfNeeded\", \"Never\" | webhooks[0].clientConfig.service.path: Invalid value: "
        "\"/x//y\": segment[1] may not be empty");
    row("binding", "validatingadmissionpolicybindings",
        "spec: {policyName: p, validationActions: [Deny, Warn], paramRef: {}}",
        "spec.paramRef: Required value: one of name or selector must be specified | "
        "spec.paramRef.parameterNotFoundAction: Required value | spec.validationActions: Invalid "
        "value: [\"Deny\",\"Warn\"]: must not contain both Deny and Warn (repeating the same "
        "validation failure information in the API response and headers serves no purpose)");
    row("mutation", "mutatingadmissionpolicies",
        "spec: {matchConstraints: {resourceRules: [{operations: [DELETE], apiGroups: [''], "
        "apiVersions: [v1], resources: [pods]}]}, reinvocationPolicy: Never, mutations: "
        "[{patchType: JSONPatch, applyConfiguration: {expression: a}}]}",
        "spec.matchConstraints.resourceRules.operations: Unsupported value: \"DELETE\": supported "
        "values: \"*\", \"CONNECT\", \"CREATE\", \"UPDATE\" | spec.mutations[0].jsonPatch: "
        "Required value: must be specified when patchType is JSONPatch | "
        "spec.mutations[0].applyConfiguration: Invalid value: \"{applyConfiguration}\": must not "
        "be specified when patchType is JSONPatch");
    row("level: queues", "prioritylevelconfigurations",
        "spec: {type: Limited, limited: {limitResponse: {type: Queue, queuing: {queues: 1000, "
        "handSize: 30}}}}",
        "spec.limited.limitResponse.queuing.handSize: Invalid value: 30: required entropy bits of "
        "deckSize 1000 and handSize 30 should not be greater than 60");
    row("level: exempt", "prioritylevelconfigurations", "spec: {type: Exempt}",
        "spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'");
    row("schema: reserved", "flowschemas",
        "spec: {matchingPrecedence: 1, priorityLevelConfiguration: {name: a}}",
        "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have "
        "matchingPrecedence 1");
    row("schema: subject", "flowschemas",
        "spec: {priorityLevelConfiguration: {name: a}, rules: [{subjects: [{kind: ServiceAccount, "
        "user: {name: a}}], nonResourceRules: [{verbs: [get], nonResourceURLs: [a]}]}]}",
        "spec.rules[0].subjects[0].serviceAccount: Required value: serviceAccount is required when "
        "subject kind is 'ServiceAccount' | spec.rules[0].subjects[0].user: Forbidden: user is "
        "forbidden when subject kind is not 'User' | "
        "spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: \"a\": must start "
        "with slash");
    row("slice of devices", "resourceslices",
        "spec: {driver: d.example.com, pool: {name: p, resourceSliceCount: 1}, nodeName: m, "
        "allNodes: true, devices: [{name: a, attributes: {v: {version: '1.0'}}}]}",
        "spec: Invalid value: \"{`nodeName`, `allNodes`}\": exactly one of `nodeName`, "
        "`nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are "
        "set | spec.devices[0].attributes[v].version: Invalid value: \"1.0\": must be a string "
        "compatible with semver.org spec 2.0.0");
    row("class of devices", "deviceclasses", "spec: {extendedResourceName: cpu}",
        "spec.extendedResourceName: Invalid value: \"cpu\": must be a valid extended resource "
        "name");
    row("autoscaler: target", "horizontalpodautoscalers",
        "spec: {maxReplicas: 1, scaleTargetRef: {kind: A, name: b, apiVersion: apps/v1}, metrics: "
        "[{type: External, external: {metric: {name: q}, target: {type: Value, value: '0'}}}]}",
        "spec.metrics[0].external.target.value: Invalid value: \"0\": must be positive");
    row("node: taints", "nodes",
        "spec: {taints: [{key: a, effect: NoSchedule}, {key: a, effect: NoSchedule}]}",
        "metadata.taints[1]: Duplicate value: "
        "{\"Key\":\"a\",\"Value\":\"\",\"Effect\":\"NoSchedule\",\"TimeAdded\":null}: taints must "
        "be unique by key and effect pair");
    row("node: amounts", "nodes", "status: {capacity: {pods: 500m}}",
        "status.capacity.pods: Invalid value: \"500m\": must be an integer | "
        "status.allocatable.pods: Invalid value: \"500m\": must be an integer");
    row("namespace", "namespaces", "spec: {finalizers: [mine]}",
        "spec.finalizers: Invalid value: \"mine\": name is neither a standard finalizer name nor "
        "is it fully qualified");
    row("event", "events", "involvedObject: {namespace: other}",
        "involvedObject.namespace: Invalid value: \"other\": does not match event.namespace");
    row("new event", "events.events.k8s.io", "{type: Odd, regarding: {namespace: default}}",
        "eventTime: Required value | type: Invalid value: \"\": has invalid value: Odd");
    row("runtime class", "runtimeclasses",
        "{handler: Bad_H, scheduling: {tolerations: [{operator: Exists}, {operator: Exists}]}}",
        "handler: Invalid value: \"Bad_H\": a lowercase RFC 1123 label must consist of lower case "
        "alphanumeric characters or '-', and must start and end with an alphanumeric character "
        "(e.g. 'my-name',  or '123-abc', regex used for validation is "
        "'[a-z0-9]([-a-z0-9]*[a-z0-9])?') | scheduling.tolerations[1]: Duplicate value: "
        "{\"Key\":\"\",\"Operator\":\"Exists\",\"Value\":\"\",\"Effect\":\"\","
        "\"TolerationSeconds\":null}");
    row("api service", "apiservices",
        "{metadata: {name: v1.a}, spec: {group: b, version: v1, groupPriorityMinimum: 1, "
        "versionPriority: 1}}",
        "metadata.name: Invalid value: \"v1.a\": must be `spec.version+\".\"+spec.group`: "
        "\"v1.b\"");
    row("signer", "certificatesigningrequests",
        "spec: {request: eA==, signerName: a/b, usages: [any]}",
        "spec.request: Invalid value: \"eA==\": PEM block type must be CERTIFICATE REQUEST | "
        "spec.signerName: Invalid value: \"a\": should be a domain with at least two segments "
        "separated by dots");
    row("class: system", "priorityclasses", "{metadata: {name: system-node-critical}, value: 1}",
        "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for "
        "system use only. error: value of system-node-critical PriorityClass must be 2000001000");
}

void ClusterKindsTest::refusesCreation() {
    QFETCH(QString, kind);
    QFETCH(QString, yaml);
    QFETCH(QString, want);
    const KindDef& def = kindOf(kind);
    const Json object = prepared(def, yaml);
    QCOMPARE(said(validateCreate(def, object)), want);
}

void ClusterKindsTest::refusesChange_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("before");
    QTest::addColumn<QString>("after");
    QTest::addColumn<QString>("subresource");
    QTest::addColumn<QString>("want");
    const auto row = [](const char* name, const char* kind, const char* before, const char* after,
                        const char* subresource, const char* want) {
        QTest::newRow(name) << kind << before << after << subresource << want;
    };
    const char* const volume =
        "spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], csi: {driver: a, "
        "volumeHandle: h}}";
    row("volume: a secret for growing", "persistentvolumes", volume,
        "spec: {capacity: {storage: 2Gi}, accessModes: [ReadWriteOnce], csi: {driver: a, "
        "volumeHandle: h, controllerExpandSecretRef: {name: s, namespace: m}}}",
        "", "");
    row("volume: mode", "persistentvolumes", volume,
        "spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], volumeMode: Block, csi: "
        "{driver: a, volumeHandle: h}}",
        "", "volumeMode: Invalid value: \"Block\": field is immutable");
    row("claim: bound ones grow", "persistentvolumeclaims",
        "{spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, volumeName: "
        "v}, status: {phase: Bound}}",
        "{spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}, volumeName: "
        "v}, status: {phase: Bound}}",
        "", "");
    row("claim: first class", "persistentvolumeclaims",
        "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
        "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, "
        "storageClassName: a, volumeName: v}",
        "", "");
    row("attributes class", "volumeattributesclasses", "{driverName: a, parameters: {a: b}}",
        "{driverName: b, parameters: {a: b}}", "",
        "driverName: Forbidden: updates to driverName are forbidden.");
    row("service: balancer's class", "services",
        "spec: {type: LoadBalancer, ports: [{port: 80}], loadBalancerClass: a/b}",
        "spec: {type: LoadBalancer, ports: [{port: 80}]}", "",
        "spec.loadBalancerClass: Invalid value: null: may not change once set");
    row("service: status", "services", "spec: {type: LoadBalancer, ports: [{port: 80}]}",
        "{spec: {type: LoadBalancer, ports: [{port: 80}]}, status: {loadBalancer: {ingress: [{ip: "
        "1.2.3.4, ipMode: Odd, hostname: 1.2.3.4}]}}}",
        "status",
        "status.loadBalancer.ingress[0].ipMode: Unsupported value: \"Odd\": supported values: "
        "\"Proxy\", \"VIP\" | status.loadBalancer.ingress[0].hostname: Invalid value: \"1.2.3.4\": "
        "must be a DNS name, not an IP address");
    row("policy: an old range stays", "networkpolicies",
        "spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.1/8}}]}]}",
        "spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.1/8}}]}], policyTypes: "
        "[Ingress]}",
        "", "");
    row("request: approval", "certificatesigningrequests",
        "{spec: {request: '', signerName: a.b/c, usages: [any]}, status: {conditions: [{type: "
        "Approved, status: 'True', reason: a}]}}",
        "{spec: {request: '', signerName: a.b/c, usages: [any]}, status: {conditions: [{type: "
        "Denied, status: 'False'}]}}",
        "approval",
        "spec.request: Invalid value: \"\": PEM block type must be CERTIFICATE REQUEST | "
        "status.conditions[0].status: Unsupported value: \"False\": supported values: \"True\" | "
        "status.conditions: Forbidden: updates may not remove a condition of type \"Approved\"");
    row("budget: status", "poddisruptionbudgets", "spec: {minAvailable: 1}",
        "{spec: {minAvailable: 1}, status: {disruptionsAllowed: -1}}", "status",
        "status.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0");
    row("namespace: phase", "namespaces", "{}", "status: {phase: Terminating}", "status",
        "status.Phase: Invalid value: \"Terminating\": may only be 'Active' if `deletionTimestamp` "
        "is empty");
    row("webhooks: what was allowed", "validatingwebhookconfigurations",
        "webhooks: [{name: a.b.c, sideEffects: Some, admissionReviewVersions: [v1], clientConfig: "
        "{url: 'https://h'}}]",
        "webhooks: [{name: a.b.c, sideEffects: Unknown, admissionReviewVersions: [v1], "
        "clientConfig: {url: 'https://h'}}]",
        "", "");
    row("service range grows", "servicecidrs", "spec: {cidrs: [10.0.0.0/16]}",
        "spec: {cidrs: [10.0.0.0/16, 'fd00::/112']}", "", "");
    row("node: range", "nodes", "spec: {podCIDR: 10.0.0.0/24, podCIDRs: [10.0.0.0/24]}",
        "spec: {podCIDR: 10.0.1.0/24, podCIDRs: [10.0.1.0/24]}", "",
        "spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid");
}

void ClusterKindsTest::refusesChange() {
    QFETCH(QString, kind);
    QFETCH(QString, before);
    QFETCH(QString, after);
    QFETCH(QString, subresource);
    QFETCH(QString, want);
    const KindDef& def = kindOf(kind);
    const Json old = prepared(def, before), object = prepared(def, after);
    QCOMPARE(said(validateUpdate(def, object, old, subresource.toStdString())), want);
}

void ClusterKindsTest::warns_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("yaml");
    QTest::addColumn<QString>("want");
    QTest::newRow("balancer") << "services"
                              << "spec: {ports: [{port: 80}], clusterIP: None, sessionAffinity: "
                                 "ClientIP, externalName: a}"
                              << "spec.SessionAffinity is ignored for headless services | "
                                 "spec.externalName is ignored when spec.type is not "
                                 "\"ExternalName\"";
    QTest::newRow("ranges") << "networkpolicies"
                            << "spec: {podSelector: {}, egress: [{to: [{ipBlock: {cidr: "
                               "'2001:DB8::/32'}}]}]}"
                            << "spec.egress[0].to[0].ipBlock.cidr: IPv6 CIDR value "
                               "\"2001:DB8::/32\" should be in RFC 5952 canonical format "
                               "(\"2001:db8::/32\")";
    QTest::newRow("node") << "nodes"
                          << "spec: {externalID: a}"
                          << "spec.externalID: this field is deprecated, and is unused by "
                             "Kubernetes";
    QTest::newRow("claim")
        << "persistentvolumeclaims"
        << "spec: {resources: {requests: {storage: 1500m}}}"
        << "spec.resources.requests[storage]: fractional byte value \"1500m\" is "
           "invalid, must be an integer";
    QTest::newRow("volume") << "persistentvolumes"
                            << "spec: {rbd: {monitors: [a], image: b}}"
                            << "spec.rbd: deprecated in v1.28, non-functional in v1.31+";
    QTest::newRow("topology") << "storageclasses"
                              << "{provisioner: a, allowedTopologies: [{matchLabelExpressions: "
                                 "[{key: failure-domain.beta.kubernetes.io/zone, values: [a]}]}]}"
                              << "allowedTopologies[0].matchLabelExpressions[0].key: deprecated "
                                 "since v1.17; use \"topology.kubernetes.io/zone\" instead";
}

void ClusterKindsTest::warns() {
    QFETCH(QString, kind);
    QFETCH(QString, yaml);
    QFETCH(QString, want);
    const KindDef& def = kindOf(kind);
    const Json object = prepared(def, yaml);
    QVERIFY(def.strategy.warnings);
    QStringList all;
    for (const std::string& warning : def.strategy.warnings(object, nullptr))
        all << QString::fromStdString(warning);
    QCOMPARE(all.join(" | "), want);
}

void ClusterKindsTest::countsGenerations_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("before");
    QTest::addColumn<QString>("after");
    QTest::addColumn<int>("first");
    QTest::addColumn<int>("second");
    QTest::newRow("labels of slices")
        << "endpointslices"
        << "addressType: IPv4"
        << "{addressType: IPv4, metadata: {labels: {a: b}}}" << 1 << 2;
    QTest::newRow("priority classes never change") << "priorityclasses"
                                                   << "value: 1"
                                                   << "{value: 1, description: a}" << 1 << 1;
    QTest::newRow("drivers begin without") << "csidrivers"
                                           << "spec: {}"
                                           << "spec: {requiresRepublish: true}" << 0 << 1;
}

void ClusterKindsTest::countsGenerations() {
    QFETCH(QString, kind);
    QFETCH(QString, before);
    QFETCH(QString, after);
    QFETCH(int, first);
    QFETCH(int, second);
    const KindDef& def = kindOf(kind);
    Json old = prepared(def, before), object = prepared(def, after);
    prepareForCreate(def, old);
    QCOMPARE(intAt(old, "metadata.generation"), first);
    prepareForUpdate(def, "", object, old);
    QCOMPARE(intAt(object, "metadata.generation"), second);
}

void ClusterKindsTest::showsWhatChanged() {
    const KindDef& def = kindOf("persistentvolumeclaims");
    const Json old = prepared(
        def, "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}");
    const Json object = prepared(
        def, "spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 1Gi}}}");
    QCOMPARE(said(validateUpdate(def, object, old, "")),
             QStringLiteral("spec: Forbidden: spec is immutable after creation except "
                            "resources.requests and volumeAttributesClassName for bound claims\n"
                            "@@ -1,6 +1,6 @@\n"
                            " {\n"
                            "  \"AccessModes\": [\n"
                            "-  \"ReadWriteOnce\"\n"
                            "+  \"ReadWriteMany\"\n"
                            "  ],\n"
                            "  \"Selector\": null,\n"
                            "  \"Resources\": {\n"));
}

// Lists of a hundred thousand items that all say the same are refused in one pass: with a
// comparison of each with each this test would not end.
void ClusterKindsTest::readsLongListsOnce() {
    constexpr std::size_t kMany = 100'000, kCausesMax = 64;
    const KindDef& classes = kindOf("storageclasses");
    Json object = prepared(classes, "provisioner: a");
    setPath(object, "allowedTopologies", JsonArray(kMany, JsonObject()));
    QCOMPARE(validateCreate(classes, object).size(), kCausesMax);
    const KindDef& services = kindOf("services");
    Json service = prepared(services, "spec: {ports: [{port: 80}]}");
    const JsonObject port{{"port", 80}, {"name", "a"}, {"protocol", "TCP"}};
    setPath(service, "spec.ports", JsonArray(kMany, port));
    QCOMPARE(validateCreate(services, service).size(), 2 * (kMany - 1));
}

ORRERY_TEST(ClusterKindsTest)
#include "cluster_kinds_test.moc"
