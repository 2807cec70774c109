// The kubelet's decision: what to start, kill and keep for one pod. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "vmnodes/kubelet/pod_record.h"

namespace orrery::kubelet {

struct PodActions {
    bool killPod = false; // stop every container, then the sandbox
    bool createSandbox = false;
    std::vector<std::size_t> initContainersToStart, containersToStart; // indexes of the spec
    // Restarts that wait out their back-off.
    std::vector<std::size_t> initContainersBackingOff, containersBackingOff;
    std::optional<Time> wakeAt; // when the first back-off ends
    std::string because;        // one sentence; "" when there is nothing to do

    bool nothing() const {
        return !killPod && !createSandbox && initContainersToStart.empty() &&
               containersToStart.empty();
    }
};

PodActions computePodActions(const api::Pod& pod, const PodRecord& record, Time now);

// Does the pod's restart policy (or the sidecar's own) want this exited container again?
bool shouldRestart(const api::Pod& pod, const api::Container& container,
                   const ContainerRecord& record);

// No container runs and none will again (by the restart policy).
bool podFinished(const api::Pod& pod, const PodRecord& record);

// The pause after this one in a crash loop: none, 10 s, 20 s, ... 5 min.
Duration nextBackoff(Duration last);
// A container that ran so long has left its crash loop.
inline constexpr Duration kBackoffForget = std::chrono::minutes(10);

} // namespace orrery::kubelet
