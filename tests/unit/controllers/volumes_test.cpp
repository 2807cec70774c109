// PersistentVolume binder, the protection of volumes in use, ephemeral volumes.
#include "tests/unit/controllers/table.h"

namespace orrery::tests {

class VolumesTest : public QObject {
    Q_OBJECT
  private slots:
    void findsAVolume();
    void makesThePair();
    void saysWhyItWaits();
    void losesItsVolume();
    void volumesFollowTheirClaims();
    void protectsWhatIsUsed();
    void ephemeralVolumes();
};

static void binder(std::string_view yaml) {
    checkTable(yaml, [](World& world) { return controllers::persistentVolumeBinder(world.view); });
}

void VolumesTest::findsAVolume() {
    binder(R"(
test: the smallest that is large enough, of its class, with its access modes
key: default/data
given:
- {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, uid: c1},
   spec: {storageClassName: fast, accessModes: [ReadWriteOnce],
          resources: {requests: {storage: 1Gi}}}}
- {apiVersion: v1, kind: PersistentVolume, metadata: {name: big},
   spec: {storageClassName: fast, accessModes: [ReadWriteOnce], capacity: {storage: 10Gi}},
   status: {phase: Available}}
- {apiVersion: v1, kind: PersistentVolume, metadata: {name: fits, uid: v1},
   spec: {storageClassName: fast, accessModes: [ReadWriteOnce], capacity: {storage: 2Gi}},
   status: {phase: Available}}
- {apiVersion: v1, kind: PersistentVolume, metadata: {name: reading},
   spec: {storageClassName: fast, accessModes: [ReadOnlyMany], capacity: {storage: 1Gi}},
   status: {phase: Available}}
- {apiVersion: v1, kind: PersistentVolume, metadata: {name: slow},
   spec: {storageClassName: slow, accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}},
   status: {phase: Available}}
- {apiVersion: v1, kind: PersistentVolume, metadata: {name: taken},
   spec: {storageClassName: fast, accessModes: [ReadWriteOnce], capacity: {storage: 1Gi},
          claimRef: {namespace: default, name: other, uid: c9}}, status: {phase: Bound}}
expect:
- patch fits: {metadata: {uid: v1, annotations: {pv.kubernetes.io/bound-by-controller: "yes"}},
               spec: {claimRef: {kind: PersistentVolumeClaim, namespace: default, name: data,
                                 uid: c1, apiVersion: v1}}}
---
test: a selector chooses among them
key: default/data
given:
- {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, uid: c1},
   spec: {storageClassName: fast, accessModes: [ReadWriteOnce], selector: {matchLabels: {disk: b}},
          resources: {requests: {storage: 1Gi}}}}
- {apiVersion: v1, kind: PersistentVolume, metadata: {name: a, labels: {disk: a}},
   spec: {storageClassName: fast, accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}},
   status: {phase: Available}}
- {apiVersion: v1, kind: PersistentVolume, metadata: {name: b, labels: {disk: b}},
   spec: {storageClassName: fast, accessModes: [ReadWriteOnce], capacity: {storage: 5Gi}},
   status: {phase: Available}}
expect:
- patch b: {spec: {claimRef: {name: data}}}
---
test: one that was promised to it by name wins, and keeps that its author wrote it
key: default/data
given:
- {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, uid: c1},
   spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
- {apiVersion: v1, kind: PersistentVolume, metadata: {name: free},
   spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}}, status: {phase: Available}}
- {apiVersion: v1, kind: PersistentVolume, metadata: {name: mine, uid: v2},
   spec: {accessModes: [ReadWriteOnce], capacity: {storage: 5Gi},
          claimRef: {namespace: default, name: data}}, status: {phase: Available}}
expect:
- patch mine: {metadata: {uid: v2}, spec: {claimRef: {uid: c1}}}
)");
}

void VolumesTest::makesThePair() {
    binder(R"(
test: the claim names the volume when the volume names the claim
key: default/data
given:
- {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, uid: c1},
   spec: {storageClassName: fast, accessModes: [ReadWriteOnce],
          resources: {requests: {storage: 1Gi}}}, status: {phase: Pending}}
- {apiVersion: v1, kind: PersistentVolume, metadata: {name: disk, uid: v1},
   spec: {storageClassName: fast, accessModes: [ReadWriteOnce], capacity: {storage: 2Gi},
          claimRef: {namespace: default, name: data, uid: c1}}, status: {phase: Available}}
expect:
- patchStatus: {phase: Bound}
- patch data: {metadata: {uid: c1, annotations: {pv.kubernetes.io/bind-completed: "yes",
                                                 pv.kubernetes.io/bound-by-controller: "yes"}},
               spec: {volumeName: disk}}
---
test: then it says what it got
key: default/data
given:
- {apiVersion: v1, kind: PersistentVolumeClaim,
   metadata: {name: data, uid: c1, annotations: {pv.kubernetes.io/bind-completed: "yes"}},
   spec: {storageClassName: fast, accessModes: [ReadWriteOnce], volumeName: disk,
          resources: {requests: {storage: 1Gi}}}, status: {phase: Pending}}
- {apiVersion: v1, kind: PersistentVolume, metadata: {name: disk, uid: v1},
   spec: {storageClassName: fast, accessModes: [ReadWriteOnce, ReadOnlyMany],
          capacity: {storage: 2Gi}, claimRef: {namespace: default, name: data, uid: c1}},
   status: {phase: Bound}}
expect:
- patchStatus: {phase: Bound, accessModes: [ReadWriteOnce, ReadOnlyMany],
                capacity: {storage: 2Gi}}
---
test: and rests
key: default/data
given:
- {apiVersion: v1, kind: PersistentVolumeClaim,
   metadata: {name: data, uid: c1, annotations: {pv.kubernetes.io/bind-completed: "yes"}},
   spec: {storageClassName: fast, accessModes: [ReadWriteOnce], volumeName: disk},
   status: {phase: Bound, accessModes: [ReadWriteOnce], capacity: {storage: 2Gi}}}
- {apiVersion: v1, kind: PersistentVolume, metadata: {name: disk, uid: v1},
   spec: {storageClassName: fast, accessModes: [ReadWriteOnce], capacity: {storage: 2Gi},
          claimRef: {namespace: default, name: data, uid: c1}}, status: {phase: Bound}}
expect: []
)");
}

void VolumesTest::saysWhyItWaits() {
    binder(R"(
test: for its first consumer
key: default/data
given:
- {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: late},
   provisioner: kubernetes.io/no-provisioner, volumeBindingMode: WaitForFirstConsumer}
- {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data},
   spec: {storageClassName: late, accessModes: [ReadWriteOnce]}, status: {phase: Pending}}
- {apiVersion: v1, kind: PersistentVolume, metadata: {name: free},
   spec: {storageClassName: late, accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}},
   status: {phase: Available}}
expect: []
events: ["Normal WaitForFirstConsumer waiting for first consumer to be created before binding"]
---
test: for the node of a pod
key: default/data
given:
- {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: late},
   provisioner: example.com/disks, volumeBindingMode: WaitForFirstConsumer}
- {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data},
   spec: {storageClassName: late, accessModes: [ReadWriteOnce]}, status: {phase: Pending}}
- {apiVersion: v1, kind: Pod, metadata: {name: web},
   spec: {volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]}}
expect: []
events: ["Normal WaitForPodScheduled waiting for pod web to be scheduled"]
---
test: nothing fits, and it wants no class
key: default/data
given:
- {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data},
   spec: {storageClassName: "", accessModes: [ReadWriteOnce]}, status: {phase: Pending}}
expect: []
events: ["Normal FailedBinding no persistent volumes available for this claim and no storage class is set"]
---
test: its class does not exist
key: default/data
given:
- {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data},
   spec: {storageClassName: gone, accessModes: [ReadWriteOnce]}, status: {phase: Pending}}
expect: []
events: ['Warning ProvisioningFailed storageclass.storage.k8s.io "gone" not found']
---
test: for somebody who makes volumes
key: default/data
given:
- {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: disks},
   provisioner: example.com/disks}
- {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data},
   spec: {storageClassName: disks, accessModes: [ReadWriteOnce]}, status: {phase: Pending}}
expect:
- patch data: {metadata: {annotations: {volume.kubernetes.io/storage-provisioner: example.com/disks}}}
---
test: the volume that it names belongs to another
key: default/data
given:
- {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, uid: c1},
   spec: {volumeName: disk, accessModes: [ReadWriteOnce]}, status: {phase: Pending}}
- {apiVersion: v1, kind: PersistentVolume, metadata: {name: disk},
   spec: {accessModes: [ReadWriteOnce], claimRef: {namespace: other, name: data, uid: c2}},
   status: {phase: Bound}}
expect: []
events: ['Warning FailedBinding volume "disk" already bound to a different claim.']
)");
}

void VolumesTest::losesItsVolume() {
    binder(R"(
test: the volume is gone
key: default/data
given:
- {apiVersion: v1, kind: PersistentVolumeClaim,
   metadata: {name: data, uid: c1, annotations: {pv.kubernetes.io/bind-completed: "yes"}},
   spec: {volumeName: disk}, status: {phase: Bound}}
expect:
- patchStatus: {phase: Lost}
events: ["Warning ClaimLost Bound claim has lost its PersistentVolume. Data on the volume is lost!"]
---
test: the volume has another claim
key: default/data
given:
- {apiVersion: v1, kind: PersistentVolumeClaim,
   metadata: {name: data, uid: c1, annotations: {pv.kubernetes.io/bind-completed: "yes"}},
   spec: {volumeName: disk}, status: {phase: Bound}}
- {apiVersion: v1, kind: PersistentVolume, metadata: {name: disk},
   spec: {claimRef: {namespace: default, name: other, uid: c2}}, status: {phase: Bound}}
expect:
- patchStatus: {phase: Lost}
events: ["Warning ClaimMisbound Two claims are bound to the same volume, this one is bound incorrectly"]
)");
}

void VolumesTest::volumesFollowTheirClaims() {
    binder(R"(
test: nobody wants it
key: disk
given:
- {apiVersion: v1, kind: PersistentVolume, metadata: {name: disk}, status: {phase: Pending}}
expect:
- patchStatus: {phase: Available}
---
test: its claim is gone
key: disk
given:
- {apiVersion: v1, kind: PersistentVolume, metadata: {name: disk},
   spec: {claimRef: {namespace: default, name: data, uid: c1}}, status: {phase: Bound}}
expect:
- patchStatus: {phase: Released}
---
test: another claim of the same name is not its claim
key: disk
given:
- {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, uid: c2},
   spec: {volumeName: disk}}
- {apiVersion: v1, kind: PersistentVolume, metadata: {name: disk},
   spec: {claimRef: {namespace: default, name: data, uid: c1}}, status: {phase: Bound}}
expect:
- patchStatus: {phase: Released}
---
test: its claim has chosen another
key: disk
given:
- {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, uid: c1},
   spec: {volumeName: other}}
- {apiVersion: v1, kind: PersistentVolume,
   metadata: {name: disk, annotations: {pv.kubernetes.io/bound-by-controller: "yes"}},
   spec: {claimRef: {namespace: default, name: data, uid: c1}}, status: {phase: Available}}
expect:
- patch disk: {spec: {claimRef: null}}
)");
}

void VolumesTest::protectsWhatIsUsed() {
    const auto claims = [](World& world) {
        return controllers::claimProtectionController(world.view);
    };
    checkTable(R"(
test: a pod on a node uses it
key: default/data
given:
- {apiVersion: v1, kind: PersistentVolumeClaim,
   metadata: {name: data, deletionTimestamp: 2026-01-01T00:00:00Z,
              finalizers: [kubernetes.io/pvc-protection]}}
- {apiVersion: v1, kind: Pod, metadata: {name: web},
   spec: {nodeName: w1, volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]}}
expect: []
---
test: a pod without a node can't start any more
key: default/data
given:
- {apiVersion: v1, kind: PersistentVolumeClaim,
   metadata: {name: data, deletionTimestamp: 2026-01-01T00:00:00Z,
              finalizers: [kubernetes.io/pvc-protection, example.com/mine]}}
- {apiVersion: v1, kind: Pod, metadata: {name: web},
   spec: {volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]}}
expect:
- patch data: {metadata: {finalizers: [example.com/mine]}}
)",
               claims);
    checkTable(R"(
test: a bound volume stays
key: disk
given:
- {apiVersion: v1, kind: PersistentVolume,
   metadata: {name: disk, deletionTimestamp: 2026-01-01T00:00:00Z,
              finalizers: [kubernetes.io/pv-protection]}, status: {phase: Bound}}
expect: []
---
test: a free one goes
key: disk
given:
- {apiVersion: v1, kind: PersistentVolume,
   metadata: {name: disk, deletionTimestamp: 2026-01-01T00:00:00Z,
              finalizers: [kubernetes.io/pv-protection]}, status: {phase: Released}}
expect:
- patch disk: {metadata: {finalizers: []}}
)",
               [](World& world) { return controllers::volumeProtectionController(world.view); });
}

void VolumesTest::ephemeralVolumes() {
    const char* const tables = R"(
test: gets a claim of the pod's own
key: default/job
given:
- {apiVersion: v1, kind: Pod, metadata: {name: job, uid: p1},
   spec: {volumes: [{name: scratch, ephemeral: {volumeClaimTemplate: {
            metadata: {labels: {kind: scratch}}, spec: {accessModes: [ReadWriteOnce]}}}}]}}
expect:
- create: {kind: PersistentVolumeClaim, metadata: {name: job-scratch, labels: {kind: scratch},
             ownerReferences: [{apiVersion: v1, kind: Pod, name: job, uid: p1, controller: true,
                                blockOwnerDeletion: true}]},
           spec: {accessModes: [ReadWriteOnce]}}
---
test: once
key: default/job
given:
- {apiVersion: v1, kind: Pod, metadata: {name: job, uid: p1},
   spec: {volumes: [{name: scratch, ephemeral: {volumeClaimTemplate: {spec: {}}}}]}}
- {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: job-scratch,
     ownerReferences: [{apiVersion: v1, kind: Pod, name: job, uid: p1, controller: true}]}}
expect: []
---
test: not for a pod that goes
key: default/job
given:
- {apiVersion: v1, kind: Pod,
   metadata: {name: job, uid: p1, deletionTimestamp: 2026-01-01T00:00:00Z},
   spec: {volumes: [{name: scratch, ephemeral: {volumeClaimTemplate: {spec: {}}}}]}}
expect: []
)";
    checkTable(tables, [](World& world) {
        return controllers::ephemeralVolumeController(world.view);
    });
}

ORRERY_TEST(VolumesTest)
} // namespace orrery::tests
#include "volumes_test.moc"
