#include "tests/qml/sample_batches.h"

#include <chrono>

namespace orrery::tests {

using namespace app;

static Time now() {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

static PodRow pod(const std::string& name, const std::string& node, PodShape shape) {
    PodRow row;
    row.namespace_ = "default";
    row.name = name;
    row.key = "default/" + name;
    row.uid = "uid-" + name;
    row.nodeName = node;
    row.shape = shape;
    row.status = shape == PodShape::Running  ? "Running"
                 : shape == PodShape::Failed ? "Error"
                                             : "ContainerCreating";
    row.cpuMillis = 180;
    row.memoryBytes = 128 << 20;
    row.createdAt = now();
    return row;
}

static LoopRow loop(const std::string& name, int queue, std::int64_t steps,
                    const std::string& decided) {
    LoopRow row;
    row.name = name;
    row.queueLength = queue;
    row.steps = steps;
    row.decided = decided;
    row.key = steps > 0 ? "default/shop-7d9f" : "";
    row.woken = steps > 0 ? "ReplicaSet default/shop-7d9f changed" : "";
    row.at = now();
    row.took = std::chrono::microseconds(210);
    return row;
}

static void addRevisions(Batch& batch, std::int64_t first, int count) {
    const char* const who[] = {"deployment-controller", "replicaset-controller",
                               "default-scheduler", "kubelet/w1", "kubernetes-admin"};
    const char* const verbs[] = {"PUT", "POST", "POST", "PATCH", "PATCH"};
    const char* const keys[] = {"replicasets/default/shop-7d9f", "pods/default/shop-7d9f-x2k4q",
                                "pods/default/shop-7d9f-m9d7w", "leases/kube-node-lease/w1",
                                "deployments/default/shop"};
    const char* const because[] = {"spec.replicas is 5, it has 3", "3 of 5 pods exist",
                                   "w2 scored 87; w1 61; w3 lacks 200m cpu",
                                   "renew time is 10 s old", "kubectl scale --replicas=5"};
    const std::int64_t second =
        std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch()).count();
    for (int i = 0; i < count; ++i) {
        RevisionRow row;
        const int kind = i % 5;
        row.revision = first + i;
        row.wokenBy = kind == 4 ? 0 : row.revision - 1;
        row.bytes = 500 + 700 * kind;
        row.at = now() - std::chrono::milliseconds(17 * (count - i));
        row.who = who[kind];
        row.verb = verbs[kind];
        row.key = keys[kind];
        row.because = because[kind];
        batch.revisions.push_back(row);
        // A skyline with hills.
        batch.skyline[second - (static_cast<std::int64_t>(i) * 37) % 940] +=
            1 + (i % 7 == 0 ? 5 : 0);
    }
    batch.revision = first + count - 1;
}

static void addRestingLoops(Batch& batch, int count) {
    static const char* const names[] = {"replicationcontroller",
                                        "daemonset",
                                        "statefulset",
                                        "cronjob",
                                        "endpointslice-mirroring",
                                        "serviceaccount-token",
                                        "ttl",
                                        "pod-garbage-collector",
                                        "disruption",
                                        "horizontal-pod-autoscaler",
                                        "resourcequota",
                                        "persistentvolume-binder",
                                        "persistentvolume-attach-detach",
                                        "persistentvolume-expander",
                                        "persistentvolumeclaim-protection",
                                        "persistentvolume-protection",
                                        "ephemeral-volume",
                                        "certificatesigningrequest-signing",
                                        "certificatesigningrequest-approving",
                                        "certificatesigningrequest-cleaner",
                                        "clusterrole-aggregation",
                                        "bootstrap-signer",
                                        "token-cleaner",
                                        "legacy-serviceaccount-token-cleaner",
                                        "validatingadmissionpolicy-status",
                                        "service-cidr",
                                        "resource-claim",
                                        "device-taint-eviction",
                                        "storage-version-migrator",
                                        "selinux-warning",
                                        "node-route"};
    for (int i = 0; i < count && i < static_cast<int>(std::size(names)); ++i)
        batch.loops.push_back(loop(std::string(names[i]) + "-controller", 0, i % 3, ""));
}

BatchPtr firstBatch(int nodes, int podsPerNode, int loops) {
    auto batch = std::make_shared<Batch>();
    batch->at = now();
    auto facts = std::make_shared<ClusterFacts>();
    facts->serverUrl = "https://127.0.0.1:6443";
    facts->context = "orrery";
    facts->dataFolder = "/home/me/.local/share/workshop";
    facts->kubeconfigPath = "/home/me/.kube/config";
    batch->facts = facts;
    batch->storeBytes = 3250585;
    batch->compactRevision = 1;
    for (int n = 1; n <= nodes; ++n) {
        const std::string name = "w" + std::to_string(n);
        batch->nodes.push_back({name, n == 1 ? "simulated" : "VM · containerd 1.6", n != 5, false,
                                n == 3 ? 2200 : 4000, std::int64_t(8) << 30, 110});
        for (int p = 0; p < podsPerNode - (n == 3 ? 2 : 0); ++p) {
            const PodShape shape = n == 1 && p == 5                 ? PodShape::Succeeded
                                   : n == 1 && p == 11              ? PodShape::Terminating
                                   : n == 2 && p == 4               ? PodShape::Failed
                                   : n == 2 && p >= podsPerNode - 2 ? PodShape::Starting
                                                                    : PodShape::Running;
            batch->pods.push_back(pod("shop-" + name + "-" + std::to_string(p), name, shape));
        }
    }
    for (const char* name : {"report-a", "report-b"}) {
        PodRow row = pod(name, "", PodShape::Pending);
        row.waiting = "0/3 nodes are available: 3 Insufficient cpu.";
        batch->pods.push_back(row);
    }
    batch->loops = {
        loop("namespace-controller", 0, 4, "nothing to do"),
        loop("serviceaccount-controller", 0, 5,
             "create ServiceAccount default (namespace team is new)"),
        loop("root-ca-publisher", 0, 5,
             "create ConfigMap kube-root-ca.crt (namespace team is new)"),
        loop("deployment-controller", 1, 160,
             "scale shop-7d9f to 5 (spec.replicas is 5 and it has 3)"),
        loop("replicaset-controller", 2, 230, "create 2 pods of shop-7d9f (3 of 5 pods exist)"),
        loop("job-controller", 0, 9, "nothing to do"),
        loop("endpoints-controller", 0, 61, "nothing to do"),
        loop("endpointslice-controller", 3, 120,
             "add 10.244.2.9:8080 to shop-8xk2l (pod shop-7d9f-m9d7w became Ready)"),
        loop("node-lifecycle-controller", 0, 14,
             "nothing to do (every lease is younger than 40 s)"),
        loop("node-ipam-controller", 0, 3, "nothing to do"),
        loop("taint-eviction-controller", 0, 0, ""),
        loop("garbage-collector", 0, 12,
             "delete ReplicaSet shop-5c6b (deployment/shop keeps 10 old ones; this was the 11th)"),
        loop("ttl-after-finished-controller", 0, 0, ""),
        loop("default-scheduler", 2, 180,
             "place shop-7d9f-x2k4q on w2 (w2 scored 87; w1 61; w3 lacks cpu)"),
        loop("kubelet/w1", 0, 40, "report 14 pods Ready (a readiness probe turned true)"),
        loop("kubelet/w2", 2, 44, "make the sandbox of shop-7d9f-x2k4q (spec.nodeName is w2)"),
        loop("kubelet/w3", 0, 21, "nothing to do")};
    batch->loops[5].paused = true;
    addRestingLoops(*batch, loops - 14);
    batch->loopsChanged = true;
    for (const LoopRow& row : batch->loops)
        batch->loopNames.push_back(row.name);
    for (const auto& [kind, plural, group, count] :
         std::vector<std::tuple<const char*, const char*, const char*, int>>{
             {"Pod", "pods", "", nodes * podsPerNode},
             {"ConfigMap", "configmaps", "", 11},
             {"Event", "events", "", 812},
             {"Deployment", "deployments", "apps", 2},
             {"ReplicaSet", "replicasets", "apps", 5},
             {"Lease", "leases", "coordination.k8s.io", 3},
             {"StorageClass", "storageclasses", "storage.k8s.io", 0}}) {
        KindRow row;
        row.kind = kind;
        row.plural = plural;
        row.group = group;
        row.id = std::string(plural) + (*group ? std::string(".") + group : "");
        row.apiVersion = *group ? std::string(group) + "/v1" : "v1";
        row.keyPrefix = std::string("/registry/") + plural + "/";
        row.count = count;
        batch->kinds.push_back(row);
    }
    addRevisions(*batch, 1419, 900);
    return batch;
}

BatchPtr rolloutBatch(int pods, std::int64_t revision) {
    auto batch = std::make_shared<Batch>();
    batch->at = now();
    for (int i = 0; i < pods; ++i)
        batch->pods.push_back(pod("shop-7d9f-" + std::to_string(revision) + "-" + std::to_string(i),
                                  "w" + std::to_string(1 + i % 3), PodShape::Starting));
    batch->loops = {
        loop("deployment-controller", 1, 160 + revision,
             "scale shop-7d9f to 5 (spec.replicas is 5 and it has 3)"),
        loop("replicaset-controller", 2, 230 + revision,
             "create 2 pods of shop-7d9f (3 of 5 pods exist)"),
        loop("default-scheduler", 2, 180 + revision, "place shop-7d9f-x2k4q on w2 (w2 scored 87)"),
        loop("endpointslice-controller", 3, 120 + revision, "add 10.244.2.9:8080")};
    addRevisions(*batch, revision, 4);
    return batch;
}

BatchPtr inspectionBatch(const std::string& key) {
    auto batch = std::make_shared<Batch>();
    batch->at = now();
    batch->revision = 2319;
    batch->storeBytes = 3250585;
    auto shown = std::make_shared<Inspection>();
    shown->key = key;
    shown->kind = "Pod";
    shown->name = key.substr(key.rfind('/') + 1);
    shown->namespace_ = "default";
    shown->summary = "Pod in default · starting on w2";
    shown->exists = true;
    shown->shape = static_cast<int>(PodShape::Starting);
    shown->yaml =
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: " + shown->name +
        "\n  namespace: default\nspec:\n  containers:\n  - image: shop:1.2\n    name: shop\n    "
        "ports:\n    - containerPort: 8080\n  nodeName: w2\nstatus:\n  phase: Pending\n";
    shown->why = {
        {"You ran kubectl scale", "deployment/shop from 3 to 5 replicas", 2316, 0},
        {"deployment-controller", "because spec.replicas is 5 and replicaset shop-7d9f has 3", 2317,
         2},
        {"replicaset-controller", "because 3 of 5 pods exist: created 2", 2318, 4},
        {"scheduler", "because w2 scored 87; w1 61; w3 lacks 200m cpu", 2319, 7},
        {"kubelet on w2", "because spec.nodeName is w2: sandbox made, pulling image", 2320, 9}};
    for (int i = 0; i < 10; ++i)
        shown->stations.push_back({static_cast<Station>(i),
                                   now() + std::chrono::microseconds(300 * i), i == 8 ? "w2" : ""});
    shown->grid.attempt = 1;
    shown->grid.plugins = {"Fit", "Affinity", "Taints", "Ports", "Spread", "Balance"};
    shown->grid.rows = {{"w1",
                         "",
                         false,
                         {{"40", 40}, {"0", 0}, {"100", 100}, {"", -1}, {"30", 30}, {"51", 51}},
                         61},
                        {"w2",
                         "",
                         true,
                         {{"62", 62}, {"0", 0}, {"100", 100}, {"", -1}, {"80", 80}, {"90", 90}},
                         87},
                        {"w3", "Insufficient cpu", false, {}, 0}};
    shown->events = {{"Normal", "Pulling", "Pulling image \"shop:1.2\"", "kubelet, w2", 1, now()},
                     {"Warning", "FailedScheduling", "0/3 nodes are available: 3 Insufficient cpu.",
                      "default-scheduler", 4, now()}};
    shown->versions = {{2320, 2700, "kubelet/w2", "PATCH", "sandbox made", now()},
                       {2319, 2600, "default-scheduler", "POST", "w2 scored 87", now()},
                       {2318, 2500, "replicaset-controller", "POST", "3 of 5 pods exist", now()}};
    shown->diffFrom = 2319;
    shown->diffTo = 2320;
    shown->diff = {{0, "status:", "", "", DiffRow::What::Context},
                   {1, "phase:", "Pending", "Running", DiffRow::What::Changed},
                   {1, "podIP:", "", "10.244.2.9", DiffRow::What::Added}};
    shown->facts = {{"node", "w2"},
                    {"podIP", "10.244.2.9"},
                    {"image", "shop:1.2"},
                    {"requests", "200m cpu, 128Mi memory"}};
    batch->inspection = shown;
    return batch;
}

} // namespace orrery::tests
