// InterPodAffinity, by table. Nodes a and b are in zone z1, c in z2, d in no zone.
#include "tests/unit/scheduler/plugin_table.h"

using namespace orrery::tests;

class AffinityTest : public QObject {
    Q_OBJECT
  private slots:
    void required();
    void requiredAnti();
    void ofPodsThatAreThere();
    void namespaces();
    void preferred();
};
ORRERY_TEST(AffinityTest)

void AffinityTest::required() {
    checkPlugin("InterPodAffinity", R"(
test: near a pod of another name, by zone
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1, host: a}}}
- {kind: Node, metadata: {name: b, labels: {zone: z1, host: b}}}
- {kind: Node, metadata: {name: c, labels: {zone: z2, host: c}}}
- {kind: Node, metadata: {name: d, labels: {host: d}}}
- {kind: Pod, metadata: {name: web-1, labels: {app: web}}, spec: {nodeName: a}}
pod:
  metadata: {name: p, labels: {app: db}}
  spec:
    affinity:
      podAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
        - {topologyKey: zone, labelSelector: {matchLabels: {app: web}}}
filter:
  a: ""
  b: ""
  c: node(s) didn't match pod affinity rules
  d: node(s) didn't match pod affinity rules
unresolvable: [c, d]
---
test: by host, only the very node
given:
- {kind: Node, metadata: {name: a, labels: {host: a}}}
- {kind: Node, metadata: {name: b, labels: {host: b}}}
- {kind: Pod, metadata: {name: web-1, labels: {app: web}}, spec: {nodeName: a}}
pod:
  metadata: {name: p}
  spec:
    affinity:
      podAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
        - {topologyKey: host, labelSelector: {matchLabels: {app: web}}}
filter: {a: "", b: node(s) didn't match pod affinity rules}
unresolvable: [b]
---
test: the first of a group that wants to be near itself may go where the label is
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1}}}
- {kind: Node, metadata: {name: d}}
pod:
  metadata: {name: p, labels: {app: web}}
  spec:
    affinity:
      podAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
        - {topologyKey: zone, labelSelector: {matchLabels: {app: web}}}
filter: {a: "", d: node(s) didn't match pod affinity rules}
unresolvable: [d]
---
test: near nobody that exists, and not near itself
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1}}}
pod:
  metadata: {name: p, labels: {app: db}}
  spec:
    affinity:
      podAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
        - {topologyKey: zone, labelSelector: {matchLabels: {app: web}}}
filter: {a: node(s) didn't match pod affinity rules}
unresolvable: [a]
---
test: two terms mean pods that match both of them
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1, host: a}}}
- {kind: Node, metadata: {name: b, labels: {zone: z1, host: b}}}
- {kind: Pod, metadata: {name: half, labels: {app: web}}, spec: {nodeName: a}}
- {kind: Pod, metadata: {name: whole, labels: {app: web, tier: front}}, spec: {nodeName: b}}
pod:
  metadata: {name: p}
  spec:
    affinity:
      podAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
        - {topologyKey: zone, labelSelector: {matchLabels: {app: web}}}
        - {topologyKey: host, labelSelector: {matchExpressions: [{key: tier, operator: Exists}]}}
filter: {a: node(s) didn't match pod affinity rules, b: ""}
unresolvable: [a]
)");
}

void AffinityTest::requiredAnti() {
    checkPlugin("InterPodAffinity", R"(
test: far from its own kind, by host
given:
- {kind: Node, metadata: {name: a, labels: {host: a}}}
- {kind: Node, metadata: {name: b, labels: {host: b}}}
- {kind: Pod, metadata: {name: web-1, labels: {app: web}}, spec: {nodeName: a}}
pod:
  metadata: {name: p, labels: {app: web}}
  spec:
    affinity:
      podAntiAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
        - {topologyKey: host, labelSelector: {matchLabels: {app: web}}}
filter: {a: node(s) didn't match pod anti-affinity rules, b: ""}
---
test: each term on its own; a node without the label is far from everybody
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1}}}
- {kind: Node, metadata: {name: c, labels: {zone: z2}}}
- {kind: Node, metadata: {name: d}}
- {kind: Pod, metadata: {name: web-1, labels: {app: web}}, spec: {nodeName: a}}
- {kind: Pod, metadata: {name: db-1, labels: {app: db}}, spec: {nodeName: c}}
pod:
  metadata: {name: p}
  spec:
    affinity:
      podAntiAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
        - {topologyKey: zone, labelSelector: {matchLabels: {app: web}}}
        - {topologyKey: zone, labelSelector: {matchLabels: {app: db}}}
filter:
  a: node(s) didn't match pod anti-affinity rules
  c: node(s) didn't match pod anti-affinity rules
  d: ""
)");
}

void AffinityTest::ofPodsThatAreThere() {
    checkPlugin("InterPodAffinity", R"(
test: a pod that is there does not want ours in its zone
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1}}}
- {kind: Node, metadata: {name: b, labels: {zone: z1}}}
- {kind: Node, metadata: {name: c, labels: {zone: z2}}}
- kind: Pod
  metadata: {name: hermit, labels: {app: hermit}}
  spec:
    nodeName: a
    affinity:
      podAntiAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
        - {topologyKey: zone, labelSelector: {matchLabels: {app: web}}}
pod: {metadata: {name: p, labels: {app: web}}}
filter:
  a: node(s) didn't satisfy existing pods anti-affinity rules
  b: node(s) didn't satisfy existing pods anti-affinity rules
  c: ""
---
test: it means somebody else
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1}}}
- kind: Pod
  metadata: {name: hermit}
  spec:
    nodeName: a
    affinity:
      podAntiAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
        - {topologyKey: zone, labelSelector: {matchLabels: {app: web}}}
pod: {metadata: {name: p, labels: {app: db}}}
---
test: its wishes to be near ours count in the score, required ones by one
given:
- {kind: Node, metadata: {name: a, labels: {host: a}}}
- {kind: Node, metadata: {name: b, labels: {host: b}}}
- {kind: Node, metadata: {name: c, labels: {host: c}}}
- kind: Pod
  metadata: {name: friend}
  spec:
    nodeName: a
    affinity:
      podAffinity:
        preferredDuringSchedulingIgnoredDuringExecution:
        - weight: 4
          podAffinityTerm: {topologyKey: host, labelSelector: {matchLabels: {app: web}}}
- kind: Pod
  metadata: {name: needy}
  spec:
    nodeName: b
    affinity:
      podAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
        - {topologyKey: host, labelSelector: {matchLabels: {app: web}}}
pod: {metadata: {name: p, labels: {app: web}}}
score: {a: 100, b: 25, c: 0}
)");
}

void AffinityTest::namespaces() {
    checkPlugin("InterPodAffinity", R"(
test: without namespaces, only pods of its own
given:
- {kind: Node, metadata: {name: a, labels: {host: a}}}
- {kind: Pod, metadata: {name: web-1, namespace: other, labels: {app: web}}, spec: {nodeName: a}}
pod:
  metadata: {name: p}
  spec:
    affinity:
      podAntiAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
        - {topologyKey: host, labelSelector: {matchLabels: {app: web}}}
filter: {a: ""}
---
test: a namespace by name
given:
- {kind: Node, metadata: {name: a, labels: {host: a}}}
- {kind: Pod, metadata: {name: web-1, namespace: other, labels: {app: web}}, spec: {nodeName: a}}
pod:
  metadata: {name: p}
  spec:
    affinity:
      podAntiAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
        - {topologyKey: host, namespaces: [other], labelSelector: {matchLabels: {app: web}}}
filter: {a: node(s) didn't match pod anti-affinity rules}
---
test: namespaces by their labels
given:
- {kind: Node, metadata: {name: a, labels: {host: a}}}
- {kind: Node, metadata: {name: b, labels: {host: b}}}
- {kind: Namespace, metadata: {name: other, labels: {team: blue}}}
- {kind: Namespace, metadata: {name: third}}
- {kind: Pod, metadata: {name: web-1, namespace: other, labels: {app: web}}, spec: {nodeName: a}}
- {kind: Pod, metadata: {name: web-1, namespace: third, labels: {app: web}}, spec: {nodeName: b}}
pod:
  metadata: {name: p}
  spec:
    affinity:
      podAntiAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
        - topologyKey: host
          namespaceSelector: {matchLabels: {team: blue}}
          labelSelector: {matchLabels: {app: web}}
filter: {a: node(s) didn't match pod anti-affinity rules, b: ""}
---
test: an empty namespace selector means all
given:
- {kind: Node, metadata: {name: a, labels: {host: a}}}
- {kind: Pod, metadata: {name: web-1, namespace: third, labels: {app: web}}, spec: {nodeName: a}}
pod:
  metadata: {name: p}
  spec:
    affinity:
      podAntiAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
        - {topologyKey: host, namespaceSelector: {}, labelSelector: {matchLabels: {app: web}}}
filter: {a: node(s) didn't match pod anti-affinity rules}
)");
}

void AffinityTest::preferred() {
    checkPlugin("InterPodAffinity", R"(
test: weights times pods, by zone
given:
- {kind: Node, metadata: {name: a, labels: {zone: z1}}}
- {kind: Node, metadata: {name: b, labels: {zone: z1}}}
- {kind: Node, metadata: {name: c, labels: {zone: z2}}}
- {kind: Node, metadata: {name: d}}
- {kind: Pod, metadata: {name: web-1, labels: {app: web}}, spec: {nodeName: a}}
- {kind: Pod, metadata: {name: web-2, labels: {app: web}}, spec: {nodeName: b}}
- {kind: Pod, metadata: {name: web-3, labels: {app: web}}, spec: {nodeName: c}}
pod:
  metadata: {name: p}
  spec:
    affinity:
      podAffinity:
        preferredDuringSchedulingIgnoredDuringExecution:
        - weight: 5
          podAffinityTerm: {topologyKey: zone, labelSelector: {matchLabels: {app: web}}}
score: {a: 100, b: 100, c: 50, d: 0}
---
test: near and far at once; the least gets 0, whatever its sign
given:
- {kind: Node, metadata: {name: a, labels: {host: a}}}
- {kind: Node, metadata: {name: b, labels: {host: b}}}
- {kind: Node, metadata: {name: c, labels: {host: c}}}
- {kind: Pod, metadata: {name: web-1, labels: {app: web}}, spec: {nodeName: a}}
- {kind: Pod, metadata: {name: db-1, labels: {app: db}}, spec: {nodeName: b}}
pod:
  metadata: {name: p}
  spec:
    affinity:
      podAffinity:
        preferredDuringSchedulingIgnoredDuringExecution:
        - weight: 30
          podAffinityTerm: {topologyKey: host, labelSelector: {matchLabels: {app: web}}}
      podAntiAffinity:
        preferredDuringSchedulingIgnoredDuringExecution:
        - weight: 10
          podAffinityTerm: {topologyKey: host, labelSelector: {matchLabels: {app: db}}}
score: {a: 100, b: 0, c: 25}
---
test: a wish about nobody is no preference
given:
- {kind: Node, metadata: {name: a, labels: {host: a}}}
pod:
  metadata: {name: p}
  spec:
    affinity:
      podAffinity:
        preferredDuringSchedulingIgnoredDuringExecution:
        - weight: 30
          podAffinityTerm: {topologyKey: host, labelSelector: {matchLabels: {app: web}}}
---
test: nor is a pod without wishes
given:
- {kind: Node, metadata: {name: a, labels: {host: a}}}
- {kind: Pod, metadata: {name: web-1, labels: {app: web}}, spec: {nodeName: a}}
pod: {metadata: {name: p}}
)");
}

#include "affinity_test.moc"
