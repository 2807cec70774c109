// The pod's status as the API shall show it, from what the kubelet remembers. Pure.
#pragma once
#include <string>
#include <vector>

#include "core/base/json.h"
#include "vmnodes/kubelet/pod_record.h"

namespace orrery::kubelet {

struct StatusInputs {
    const api::Pod& pod;
    const PodRecord& record;
    std::string hostIP;
    Time now;
    // The conditions that the kubelet reported last: their times are kept while the status stays.
    const std::vector<api::Condition>& lastConditions;
};

// Pending, Running, Succeeded or Failed.
std::string computePodPhase(const api::Pod& pod, const PodRecord& record);

struct PodStatus {
    Json status; // the whole status, as a strategic merge patch of it needs it
    std::vector<api::Condition> conditions;
    std::string phase;
};
PodStatus computePodStatus(const StatusInputs& inputs);

} // namespace orrery::kubelet
