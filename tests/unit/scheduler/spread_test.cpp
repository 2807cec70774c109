// PodTopologySpread, by table.
#include "tests/unit/scheduler/plugin_table.h"

using namespace orrery::tests;

class SpreadTest : public QObject {
    Q_OBJECT
  private slots:
    void hard();
    void whoCounts();
    void whichNodesCount();
    void soft();
    void ofItself();
};
ORRERY_TEST(SpreadTest)

void SpreadTest::hard() {
    checkPlugin("PodTopologySpread", R"(
test: the fuller zone is too full; a node without the label can't be weighed
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1}}}
- {kind: Node, metadata: {name: b, labels: {zone: z1}}}
- {kind: Node, metadata: {name: c, labels: {zone: z2}}}
- {kind: Node, metadata: {name: d}}
- {kind: Pod, metadata: {name: web-1, labels: {app: web}}, spec: {nodeName: a}}
pod:
  metadata: {name: p, labels: {app: web}}
  spec:
    topologySpreadConstraints:
    - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule,
       labelSelector: {matchLabels: {app: web}}}
filter:
  a: node(s) didn't match pod topology spread constraints
  b: node(s) didn't match pod topology spread constraints
  c: ""
  d: node(s) didn't match pod topology spread constraints (missing required label)
unresolvable: [d]
---
test: a larger skew
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1}}}
- {kind: Node, metadata: {name: c, labels: {zone: z2}}}
- {kind: Pod, metadata: {name: web-1, labels: {app: web}}, spec: {nodeName: a}}
pod:
  metadata: {name: p, labels: {app: web}}
  spec:
    topologySpreadConstraints:
    - {maxSkew: 2, topologyKey: zone, whenUnsatisfiable: DoNotSchedule,
       labelSelector: {matchLabels: {app: web}}}
filter: {a: "", c: ""}
---
test: a pod that its own selector does not mean adds nothing
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1}}}
- {kind: Node, metadata: {name: c, labels: {zone: z2}}}
- {kind: Pod, metadata: {name: web-1, labels: {app: web}}, spec: {nodeName: a}}
pod:
  metadata: {name: p, labels: {app: db}}
  spec:
    topologySpreadConstraints:
    - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule,
       labelSelector: {matchLabels: {app: web}}}
filter: {a: "", c: ""}
---
test: fewer domains than minDomains count as an empty one
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1}}}
- {kind: Node, metadata: {name: c, labels: {zone: z2}}}
- {kind: Pod, metadata: {name: web-1, labels: {app: web}}, spec: {nodeName: a}}
pod:
  metadata: {name: p, labels: {app: web}}
  spec:
    topologySpreadConstraints:
    - {maxSkew: 1, minDomains: 3, topologyKey: zone, whenUnsatisfiable: DoNotSchedule,
       labelSelector: {matchLabels: {app: web}}}
filter: {a: node(s) didn't match pod topology spread constraints, c: ""}
---
test: two constraints, both must hold
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1, host: a}}}
- {kind: Node, metadata: {name: b, labels: {zone: z1, host: b}}}
- {kind: Node, metadata: {name: c, labels: {zone: z2, host: c}}}
- {kind: Pod, metadata: {name: web-1, labels: {app: web}}, spec: {nodeName: a}}
- {kind: Pod, metadata: {name: web-2, labels: {app: web}}, spec: {nodeName: c}}
pod:
  metadata: {name: p, labels: {app: web}}
  spec:
    topologySpreadConstraints:
    - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule,
       labelSelector: {matchLabels: {app: web}}}
    - {maxSkew: 1, topologyKey: host, whenUnsatisfiable: DoNotSchedule,
       labelSelector: {matchLabels: {app: web}}}
filter:
  a: node(s) didn't match pod topology spread constraints
  b: ""
  c: node(s) didn't match pod topology spread constraints
)");
}

void SpreadTest::whoCounts() {
    checkPlugin("PodTopologySpread", R"(
test: neither pods of other namespaces nor those that are going
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1}}}
- {kind: Node, metadata: {name: c, labels: {zone: z2}}}
- {kind: Pod, metadata: {name: web-1, namespace: other, labels: {app: web}}, spec: {nodeName: a}}
- kind: Pod
  metadata: {name: web-2, labels: {app: web}, deletionTimestamp: "2026-01-01T00:00:00Z"}
  spec: {nodeName: a}
pod:
  metadata: {name: p, labels: {app: web}}
  spec:
    topologySpreadConstraints:
    - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule,
       labelSelector: {matchLabels: {app: web}}}
filter: {a: "", c: ""}
---
test: matchLabelKeys tell this revision from the one before
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1}}}
- {kind: Node, metadata: {name: c, labels: {zone: z2}}}
- {kind: Pod, metadata: {name: old-1, labels: {app: web, rev: "1"}}, spec: {nodeName: a}}
- {kind: Pod, metadata: {name: old-2, labels: {app: web, rev: "1"}}, spec: {nodeName: a}}
- {kind: Pod, metadata: {name: new-1, labels: {app: web, rev: "2"}}, spec: {nodeName: c}}
pod:
  metadata: {name: p, labels: {app: web, rev: "2"}}
  spec:
    topologySpreadConstraints:
    - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, matchLabelKeys: [rev],
       labelSelector: {matchLabels: {app: web}}}
filter: {a: "", c: node(s) didn't match pod topology spread constraints}
)");
}

void SpreadTest::whichNodesCount() {
    checkPlugin("PodTopologySpread", R"(
test: nodes that its selector excludes are no domain
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1, disk: ssd}}}
- {kind: Node, metadata: {name: c, labels: {zone: z2}}}
- {kind: Pod, metadata: {name: web-1, labels: {app: web}}, spec: {nodeName: a}}
pod:
  metadata: {name: p, labels: {app: web}}
  spec:
    nodeSelector: {disk: ssd}
    topologySpreadConstraints:
    - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule,
       labelSelector: {matchLabels: {app: web}}}
filter: {a: "", c: ""}
---
test: unless the policy ignores that
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1, disk: ssd}}}
- {kind: Node, metadata: {name: c, labels: {zone: z2}}}
- {kind: Pod, metadata: {name: web-1, labels: {app: web}}, spec: {nodeName: a}}
pod:
  metadata: {name: p, labels: {app: web}}
  spec:
    nodeSelector: {disk: ssd}
    topologySpreadConstraints:
    - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule,
       nodeAffinityPolicy: Ignore, labelSelector: {matchLabels: {app: web}}}
filter: {a: node(s) didn't match pod topology spread constraints, c: ""}
---
test: tainted nodes count
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1}}}
- kind: Node
  metadata: {name: c, labels: {zone: z2}}
  spec: {taints: [{key: gpu, effect: NoSchedule}]}
- {kind: Pod, metadata: {name: web-1, labels: {app: web}}, spec: {nodeName: a}}
pod:
  metadata: {name: p, labels: {app: web}}
  spec:
    topologySpreadConstraints:
    - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule,
       labelSelector: {matchLabels: {app: web}}}
filter: {a: node(s) didn't match pod topology spread constraints, c: ""}
---
test: unless the policy honors taints
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1}}}
- kind: Node
  metadata: {name: c, labels: {zone: z2}}
  spec: {taints: [{key: gpu, effect: NoSchedule}]}
- {kind: Pod, metadata: {name: web-1, labels: {app: web}}, spec: {nodeName: a}}
pod:
  metadata: {name: p, labels: {app: web}}
  spec:
    topologySpreadConstraints:
    - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, nodeTaintsPolicy: Honor,
       labelSelector: {matchLabels: {app: web}}}
filter: {a: "", c: ""}
)");
}

void SpreadTest::soft() {
    // By zone: the logarithm of 2 domains + 2 is 1.386; two pods weigh 2.77, rounded 3.
    checkPlugin("PodTopologySpread", R"(
test: the emptier zone scores more, a node without the label nothing
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1}}}
- {kind: Node, metadata: {name: b, labels: {zone: z1}}}
- {kind: Node, metadata: {name: c, labels: {zone: z2}}}
- {kind: Node, metadata: {name: d}}
- {kind: Pod, metadata: {name: web-1, labels: {app: web}}, spec: {nodeName: a}}
- {kind: Pod, metadata: {name: web-2, labels: {app: web}}, spec: {nodeName: b}}
pod:
  metadata: {name: p, labels: {app: web}}
  spec:
    topologySpreadConstraints:
    - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway,
       labelSelector: {matchLabels: {app: web}}}
score: {a: 0, b: 0, c: 100, d: 0}
---
test: by host name each node is its own domain (1.609 a pod)
given:
- {kind: Node, metadata: {name: a, labels: {kubernetes.io/hostname: a}}}
- {kind: Node, metadata: {name: b, labels: {kubernetes.io/hostname: b}}}
- {kind: Node, metadata: {name: c, labels: {kubernetes.io/hostname: c}}}
- {kind: Pod, metadata: {name: web-1, labels: {app: web}}, spec: {nodeName: a}}
- {kind: Pod, metadata: {name: web-2, labels: {app: web}}, spec: {nodeName: a}}
- {kind: Pod, metadata: {name: web-3, labels: {app: web}}, spec: {nodeName: b}}
pod:
  metadata: {name: p, labels: {app: web}}
  spec:
    topologySpreadConstraints:
    - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway,
       labelSelector: {matchLabels: {app: web}}}
score: {a: 0, b: 33, c: 100}
---
test: nobody there yet
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1}}}
- {kind: Node, metadata: {name: c, labels: {zone: z2}}}
pod:
  metadata: {name: p, labels: {app: web}}
  spec:
    topologySpreadConstraints:
    - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway,
       labelSelector: {matchLabels: {app: web}}}
score: {a: 100, c: 100}
)");
}

// Without constraints of its own, a pod keeps away from its siblings: by host name with a skew of
// 3, by zone with 5, and nodes without a zone take part.
void SpreadTest::ofItself() {
    checkPlugin("PodTopologySpread", R"(
test: pods of its service (1.386 + 2 rounds to 3, against 2)
given:
- {kind: Service, metadata: {name: web}, spec: {selector: {app: web}}}
- {kind: Node, metadata: {name: a, labels: {kubernetes.io/hostname: a}}}
- {kind: Node, metadata: {name: b, labels: {kubernetes.io/hostname: b}}}
- {kind: Pod, metadata: {name: web-1, labels: {app: web}}, spec: {nodeName: a}}
pod: {metadata: {name: p, labels: {app: web}}}
score: {a: 66, b: 100}
---
test: of no service
given:
- {kind: Service, metadata: {name: web}, spec: {selector: {app: web}}}
- {kind: Node, metadata: {name: a, labels: {kubernetes.io/hostname: a}}}
pod: {metadata: {name: p, labels: {app: db}}}
)");
}

#include "spread_test.moc"
