// The plugins that look at one node at a time, and volumes, by table.
#include "tests/unit/scheduler/plugin_table.h"

using namespace orrery::tests;

class PluginsTest : public QObject {
    Q_OBJECT
  private slots:
    void nodeName();
    void nodeUnschedulable();
    void taintToleration();
    void nodeAffinity();
    void nodePorts();
    void resources();
    void imageLocality();
    void volumes();
};
ORRERY_TEST(PluginsTest)

void PluginsTest::nodeName() {
    checkPlugin("NodeName", R"(
test: only the node that it names
given:
- {kind: Node, metadata: {name: a}}
- {kind: Node, metadata: {name: b}}
pod: {metadata: {name: p}, spec: {nodeName: b}}
filter: {a: node(s) didn't match the requested node name, b: ""}
unresolvable: [a]
---
test: it names none
given: [{kind: Node, metadata: {name: a}}]
pod: {metadata: {name: p}}
)");
}

void PluginsTest::nodeUnschedulable() {
    checkPlugin("NodeUnschedulable", R"(
test: a cordoned node
given:
- {kind: Node, metadata: {name: a}}
- {kind: Node, metadata: {name: b}, spec: {unschedulable: true}}
pod: {metadata: {name: p}}
filter: {a: "", b: node(s) were unschedulable}
unresolvable: [b]
---
test: which it tolerates
given: [{kind: Node, metadata: {name: b}, spec: {unschedulable: true}}]
pod:
  metadata: {name: p}
  spec: {tolerations: [{key: node.kubernetes.io/unschedulable, operator: Exists}]}
filter: {b: ""}
)");
}

void PluginsTest::taintToleration() {
    checkPlugin("TaintToleration", R"(
test: effects that keep a pod away
given:
- {kind: Node, metadata: {name: a}}
- {kind: Node, metadata: {name: b}, spec: {taints: [{key: k, effect: NoSchedule}]}}
- {kind: Node, metadata: {name: c}, spec: {taints: [{key: k, effect: NoExecute}]}}
pod: {metadata: {name: p}}
filter: {a: "", b: node(s) had untolerated taint(s), c: node(s) had untolerated taint(s)}
unresolvable: [b, c]
score: {a: 100}
---
test: key, value and effect must all be meant
given:
- {kind: Node, metadata: {name: a}, spec: {taints: [{key: k, value: v, effect: NoSchedule}]}}
- {kind: Node, metadata: {name: b}, spec: {taints: [{key: k, value: w, effect: NoSchedule}]}}
- {kind: Node, metadata: {name: c}, spec: {taints: [{key: k, value: v, effect: NoExecute}]}}
pod:
  metadata: {name: p}
  spec: {tolerations: [{key: k, operator: Equal, value: v, effect: NoSchedule}]}
filter: {a: "", b: node(s) had untolerated taint(s), c: node(s) had untolerated taint(s)}
unresolvable: [b, c]
score: {a: 100}
---
test: an empty key with Exists tolerates everything
given: [{kind: Node, metadata: {name: a}, spec: {taints: [{key: k, effect: NoExecute}]}}]
pod: {metadata: {name: p}, spec: {tolerations: [{operator: Exists}]}}
filter: {a: ""}
score: {a: 100}
---
test: the fewer unwanted PreferNoSchedule taints, the better
given:
- {kind: Node, metadata: {name: a}}
- {kind: Node, metadata: {name: b}, spec: {taints: [{key: k, effect: PreferNoSchedule}]}}
- kind: Node
  metadata: {name: c}
  spec: {taints: [{key: k, effect: PreferNoSchedule}, {key: l, effect: PreferNoSchedule}]}
pod: {metadata: {name: p}}
filter: {a: "", b: "", c: ""}
score: {a: 100, b: 50, c: 0}
)");
}

void PluginsTest::nodeAffinity() {
    checkPlugin("NodeAffinity", R"(
test: a node selector
given:
- {kind: Node, metadata: {name: a, labels: {disk: ssd}}}
- {kind: Node, metadata: {name: b, labels: {disk: hdd}}}
pod: {metadata: {name: p}, spec: {nodeSelector: {disk: ssd}}}
filter: {a: "", b: node(s) didn't match Pod's node affinity/selector}
unresolvable: [b]
---
test: terms are alternatives, requirements of one term hold together
given:
- {kind: Node, metadata: {name: a, labels: {disk: ssd, cores: "4"}}}
- {kind: Node, metadata: {name: b, labels: {disk: ssd, cores: "16"}}}
- {kind: Node, metadata: {name: c, labels: {gpu: "yes"}}}
pod:
  metadata: {name: p}
  spec:
    affinity:
      nodeAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
          nodeSelectorTerms:
          - matchExpressions:
            - {key: disk, operator: In, values: [ssd, nvme]}
            - {key: cores, operator: Gt, values: ["8"]}
          - {matchExpressions: [{key: gpu, operator: Exists}]}
filter: {a: node(s) didn't match Pod's node affinity/selector, b: "", c: ""}
unresolvable: [a]
---
test: weights of preferred terms add up
given:
- {kind: Node, metadata: {name: a, labels: {disk: ssd, zone: z1}}}
- {kind: Node, metadata: {name: b, labels: {zone: z1}}}
- {kind: Node, metadata: {name: c}}
pod:
  metadata: {name: p}
  spec:
    affinity:
      nodeAffinity:
        preferredDuringSchedulingIgnoredDuringExecution:
        - {weight: 30, preference: {matchExpressions: [{key: disk, operator: In, values: [ssd]}]}}
        - {weight: 10, preference: {matchExpressions: [{key: zone, operator: In, values: [z1]}]}}
score: {a: 100, b: 25, c: 0}
---
test: says nothing about a pod without wishes
given: [{kind: Node, metadata: {name: a}}]
pod: {metadata: {name: p}}
)");
}

void PluginsTest::nodePorts() {
    checkPlugin("NodePorts", R"(
test: one port, one pod
given:
- {kind: Node, metadata: {name: a}}
- {kind: Node, metadata: {name: b}}
- kind: Pod
  metadata: {name: one}
  spec: {nodeName: a, containers: [{name: c, ports: [{containerPort: 80, hostPort: 8080}]}]}
- kind: Pod
  metadata: {name: two}
  spec:
    nodeName: b
    containers: [{name: c, ports: [{containerPort: 80, hostPort: 8080, protocol: UDP}]}]
pod:
  metadata: {name: p}
  spec: {containers: [{name: c, ports: [{containerPort: 80, hostPort: 8080}]}]}
filter: {a: node(s) didn't have free ports for the requested pod ports, b: ""}
---
test: no host port, nothing to say
given: [{kind: Node, metadata: {name: a}}]
pod: {metadata: {name: p}, spec: {containers: [{name: c, ports: [{containerPort: 80}]}]}}
)");
}

void PluginsTest::resources() {
    checkPlugin("NodeResourcesFit", R"(
test: what is there counts; the share that is left scores
given:
- {kind: Node, metadata: {name: a},
   status: {allocatable: {cpu: "4", memory: 8Gi, pods: "110"}}}
- {kind: Node, metadata: {name: b},
   status: {allocatable: {cpu: "4", memory: 8Gi, pods: "110"}}}
- {kind: Node, metadata: {name: c},
   status: {allocatable: {cpu: "2", memory: 8Gi, pods: "1"}}}
- kind: Pod
  metadata: {name: there}
  spec:
    nodeName: b
    containers: [{name: c, resources: {requests: {cpu: "2", memory: 4Gi}}}]
- kind: Pod
  metadata: {name: big}
  spec:
    nodeName: c
    containers: [{name: c, resources: {requests: {cpu: 1500m}}}]
pod:
  metadata: {name: p}
  spec: {containers: [{name: c, resources: {requests: {cpu: "1", memory: 2Gi}}}]}
filter: {a: "", b: "", c: Too many pods}
score: {a: 75, b: 25}
---
test: more than the node has at all
given:
- {kind: Node, metadata: {name: a},
   status: {allocatable: {cpu: "4", memory: 8Gi, pods: "110"}}}
pod:
  metadata: {name: p}
  spec: {containers: [{name: c, resources: {requests: {cpu: "5"}}}]}
filter: {a: Insufficient cpu}
unresolvable: [a]
score: {}
)");
    checkPlugin("NodeResourcesBalancedAllocation", R"(
test: cpu and memory used alike are better than one of them alone
given:
- {kind: Node, metadata: {name: a},
   status: {allocatable: {cpu: "4", memory: 4Gi, pods: "110"}}}
- {kind: Node, metadata: {name: b},
   status: {allocatable: {cpu: "4", memory: 4Gi, pods: "110"}}}
- kind: Pod
  metadata: {name: there}
  spec:
    nodeName: b
    containers: [{name: c, resources: {requests: {cpu: "2", memory: "0"}}}]
pod:
  metadata: {name: p}
  spec: {containers: [{name: c, resources: {requests: {cpu: "0", memory: 2Gi}}}]}
score: {a: 62, b: 87}
)");
}

void PluginsTest::imageLocality() {
    checkPlugin("ImageLocality", R"(
test: a large image that half of the nodes have
given:
- kind: Node
  metadata: {name: a}
  status: {images: [{names: ["web:1"], sizeBytes: 524288000}]}
- {kind: Node, metadata: {name: b}}
pod: {metadata: {name: p}, spec: {containers: [{name: c, image: "web:1"}]}}
score: {a: 23, b: 0}
---
test: that all of them have
given:
- kind: Node
  metadata: {name: a}
  status: {images: [{names: ["web:1"], sizeBytes: 524288000}]}
pod: {metadata: {name: p}, spec: {containers: [{name: c, image: "web:1"}]}}
score: {a: 48}
---
test: a small one is not worth it
given:
- kind: Node
  metadata: {name: a}
  status: {images: [{names: ["web:latest"], sizeBytes: 20000000}]}
pod: {metadata: {name: p}, spec: {containers: [{name: c, image: web}]}}
score: {a: 0}
)");
}

void PluginsTest::volumes() {
    checkPlugin("VolumeBinding", R"(
test: a claim that is not there
given: [{kind: Node, metadata: {name: a}}]
pod:
  metadata: {name: p}
  spec: {volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]}
reject: persistentvolumeclaim "data" not found
---
test: a claim whose class does not wait
given:
- {kind: Node, metadata: {name: a}}
- {kind: PersistentVolumeClaim, metadata: {name: data}, spec: {storageClassName: now}}
pod:
  metadata: {name: p}
  spec: {volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]}
reject: pod has unbound immediate PersistentVolumeClaims
---
test: a bound volume is where it is
given:
- {kind: Node, metadata: {name: a, labels: {host: a}}}
- {kind: Node, metadata: {name: b, labels: {host: b}}}
- kind: PersistentVolumeClaim
  metadata: {name: data, annotations: {pv.kubernetes.io/bind-completed: "yes"}}
  spec: {volumeName: disk}
- kind: PersistentVolume
  metadata: {name: disk}
  spec:
    nodeAffinity:
      required:
        nodeSelectorTerms: [{matchExpressions: [{key: host, operator: In, values: [b]}]}]
pod:
  metadata: {name: p}
  spec: {volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]}
filter: {a: node(s) didn't match PersistentVolume's node affinity, b: ""}
unresolvable: [a]
---
test: a claim that waits for its consumer takes a volume that fits and can be reached
given:
- {kind: Node, metadata: {name: a, labels: {host: a}}}
- {kind: Node, metadata: {name: b, labels: {host: b}}}
- {kind: StorageClass, metadata: {name: local}, provisioner: kubernetes.io/no-provisioner,
   volumeBindingMode: WaitForFirstConsumer}
- kind: PersistentVolumeClaim
  metadata: {name: data}
  spec:
    storageClassName: local
    accessModes: [ReadWriteOnce]
    resources: {requests: {storage: 1Gi}}
- kind: PersistentVolume
  metadata: {name: small}
  spec: {storageClassName: local, accessModes: [ReadWriteOnce], capacity: {storage: 500Mi}}
- kind: PersistentVolume
  metadata: {name: disk}
  spec:
    storageClassName: local
    accessModes: [ReadWriteOnce]
    capacity: {storage: 2Gi}
    nodeAffinity:
      required:
        nodeSelectorTerms: [{matchExpressions: [{key: host, operator: In, values: [b]}]}]
pod:
  metadata: {name: p}
  spec: {volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]}
filter: {a: node(s) didn't find available persistent volumes to bind, b: ""}
unresolvable: [a]
)");
}

#include "plugins_test.moc"
