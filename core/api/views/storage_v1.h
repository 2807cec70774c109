// Views of volumes, as controllers read them. Sizes are in bytes.
#pragma once
#include <cstdint>

#include "core/api/views/meta.h"

namespace orrery::api {

struct PersistentVolumeClaim {
    ObjectMeta metadata;
    std::string volumeName, volumeMode = "Filesystem", volumeAttributesClassName;
    std::string storageClassName; // "": it wants a volume without one
    std::vector<std::string> accessModes;
    LabelSelector selector;
    std::int64_t requestedBytes = 0;
    std::string phase;

    // pv.kubernetes.io/bind-completed: the binding was finished once.
    bool bindCompleted() const;
};

// spec.claimRef of a volume.
struct ClaimReference {
    std::string namespace_, name, uid;
    std::string key() const { return namespace_ + "/" + name; }
};

struct PersistentVolume {
    ObjectMeta metadata;
    std::string storageClassName, volumeMode = "Filesystem", volumeAttributesClassName;
    std::string reclaimPolicy = "Retain";
    std::vector<std::string> accessModes;
    std::optional<ClaimReference> claim;
    std::int64_t capacityBytes = 0;
    std::string phase;

    // pv.kubernetes.io/bound-by-controller: nobody asked for this very pair.
    bool boundByController() const;
    bool claimedBy(const PersistentVolumeClaim& claim) const;
};

struct StorageClass {
    ObjectMeta metadata;
    std::string provisioner;
    bool waitsForConsumer = false; // volumeBindingMode: WaitForFirstConsumer
};

// `out` must be fresh: what the object lacks keeps its value.
void decode(const Json& object, PersistentVolumeClaim& out);
void decode(const Json& object, PersistentVolume& out);
void decode(const Json& object, StorageClass& out);

// Names of the PersistentVolumeClaims that a pod mounts, with those of its ephemeral volumes.
std::vector<std::string> claimsOf(const ObjectMeta& pod, const Json& volumes);

} // namespace orrery::api
