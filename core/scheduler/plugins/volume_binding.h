// How a pod's claims get their volumes on a node.
#pragma once
#include <string>
#include <vector>

#include "core/scheduler/plugin.h"

namespace orrery::scheduler {

// What must happen to a claim before its pod can be bound.
struct VolumeStep {
    std::string claim; // "namespace/name"
    std::string
        volume; // a PersistentVolume to bind it to; "": its class provisions one for the node
};
struct VolumePlan {
    RejectionPtr rejection; // set: the node can't have the pod's volumes
    std::vector<VolumeStep> steps;
};
// The claims of `cycle.pod` that wait for their first consumer, on one node.
VolumePlan planVolumes(const Cycle& cycle, const NodeInfo& node);
// Whether a claim has its volume.
bool claimIsBound(const Json& claim);

} // namespace orrery::scheduler
