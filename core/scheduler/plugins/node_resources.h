// The arithmetic of resources: what fits, and how good a fit it is.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/scheduler/pod_info.h"

namespace orrery::scheduler {

struct Shortage {
    std::string reason;        // "Insufficient cpu", "Too many pods"
    bool unresolvable = false; // the node could not hold it even when empty
};
// What a node lacks to take one more pod; `pods` of `podsMax` are there.
std::vector<Shortage> shortages(const Amounts& request, const Amounts& allocatable,
                                const Amounts& requested, std::int64_t pods, std::int64_t podsMax);
// 0..100: the mean over CPU and memory of what stays free, in percent. `requested` counts the pod
// too.
std::int64_t leastAllocatedScore(std::int64_t requestedCpu, std::int64_t allocatableCpu,
                                 std::int64_t requestedMemory, std::int64_t allocatableMemory);
// 50..100: how much the pod evens out a node's shares of CPU and memory; about 75 when it changes
// nothing.
std::int64_t balancedAllocationScore(const Amounts& request, const Amounts& requested,
                                     const Amounts& allocatable);

} // namespace orrery::scheduler
