// NodeResourcesFit (filter, and score by what stays free) and NodeResourcesBalancedAllocation.
#include "core/scheduler/plugins/node_resources.h"

#include <algorithm>
#include <cmath>

#include "core/scheduler/plugin.h"

namespace orrery::scheduler {

static constexpr std::string_view kFit = "NodeResourcesFit";
static constexpr std::string_view kBalanced = "NodeResourcesBalancedAllocation";

static std::int64_t extendedAmount(const Amounts& amounts, const std::string& name) {
    for (const auto& [key, value] : amounts.extended)
        if (key == name)
            return value;
    return 0;
}

static void compare(std::vector<Shortage>& found, const char* reason, std::int64_t request,
                    std::int64_t allocatable, std::int64_t requested) {
    if (request > 0 && request > allocatable - requested)
        found.push_back({reason, request > allocatable});
}

std::vector<Shortage> shortages(const Amounts& request, const Amounts& allocatable,
                                const Amounts& requested, std::int64_t pods, std::int64_t podsMax) {
    std::vector<Shortage> found;
    if (pods + 1 > podsMax)
        found.push_back({"Too many pods", false});
    compare(found, "Insufficient cpu", request.cpu, allocatable.cpu, requested.cpu);
    compare(found, "Insufficient memory", request.memory, allocatable.memory, requested.memory);
    compare(found, "Insufficient ephemeral-storage", request.ephemeral, allocatable.ephemeral,
            requested.ephemeral);
    for (const auto& [name, value] : request.extended)
        compare(found, ("Insufficient " + name).c_str(), value, extendedAmount(allocatable, name),
                extendedAmount(requested, name));
    return found;
}

static std::int64_t freeShare(std::int64_t requested, std::int64_t capacity) {
    return capacity == 0 || requested > capacity
               ? 0
               : (capacity - requested) * kMaxNodeScore / capacity;
}

std::int64_t leastAllocatedScore(std::int64_t requestedCpu, std::int64_t allocatableCpu,
                                 std::int64_t requestedMemory, std::int64_t allocatableMemory) {
    std::int64_t sum = 0, weights = 0;
    if (allocatableCpu != 0) {
        sum += freeShare(requestedCpu, allocatableCpu);
        ++weights;
    }
    if (allocatableMemory != 0) {
        sum += freeShare(requestedMemory, allocatableMemory);
        ++weights;
    }
    return weights == 0 ? 0 : sum / weights;
}

// 100 when CPU and memory are used in equal shares, 50 when one is full and the other empty.
static std::int64_t balance(std::int64_t cpu, std::int64_t memory, const Amounts& allocatable) {
    if (allocatable.cpu == 0 || allocatable.memory == 0)
        return kMaxNodeScore; // one share has no deviation
    const double cpuShare =
        std::min(1.0, static_cast<double>(cpu) / static_cast<double>(allocatable.cpu));
    const double memoryShare =
        std::min(1.0, static_cast<double>(memory) / static_cast<double>(allocatable.memory));
    const double deviation = std::abs((cpuShare - memoryShare) / 2);
    return static_cast<std::int64_t>((1 - deviation) * static_cast<double>(kMaxNodeScore));
}

std::int64_t balancedAllocationScore(const Amounts& request, const Amounts& requested,
                                     const Amounts& allocatable) {
    const std::int64_t with =
        balance(requested.cpu + request.cpu, requested.memory + request.memory, allocatable);
    const std::int64_t without = balance(requested.cpu, requested.memory, allocatable);
    return kMaxNodeScore / 2 + (kMaxNodeScore / 2 + with - without) / 2;
}

static RejectionPtr filterFit(const Cycle& cycle, const NodeInfo& node, const void*) {
    const std::vector<Shortage> found =
        shortages(cycle.pod.request, node.allocatable, node.requested,
                  static_cast<std::int64_t>(node.pods.size()), node.podsMax);
    if (found.empty())
        return nullptr;
    auto rejection =
        std::make_shared<Rejection>(Rejection{Rejection::Code::Unschedulable, kFit, {}});
    for (const Shortage& shortage : found) {
        rejection->reasons.push_back(shortage.reason);
        if (shortage.unresolvable)
            rejection->code = Rejection::Code::Unresolvable;
    }
    return rejection;
}

static std::int64_t scoreFit(const Cycle& cycle, const NodeInfo& node, const void*) {
    return leastAllocatedScore(node.nonZeroCpu + cycle.pod.nonZeroCpu, node.allocatable.cpu,
                               node.nonZeroMemory + cycle.pod.nonZeroMemory,
                               node.allocatable.memory);
}

static bool unblocksFit(const PodInfo& waiting, const ClusterEvent& event) {
    if (!event.node)
        return event.pod != nullptr; // a pod made room
    Amounts allocatable;
    std::int64_t podsMax = 0;
    for (const auto& [name, value] : event.node->allocatable) {
        if (name == "cpu")
            allocatable.cpu = value;
        else if (name == "memory")
            allocatable.memory = value;
        else if (name == "ephemeral-storage")
            allocatable.ephemeral = value;
        else if (name == "pods")
            podsMax = value;
        else
            allocatable.extended.emplace_back(name, value);
    }
    return shortages(waiting.request, allocatable, {}, 0, podsMax).empty();
}

static bool preScoreBalanced(const Cycle& cycle, std::span<const int>, State&) {
    return cycle.pod.request.cpu != 0 || cycle.pod.request.memory != 0;
}

static std::int64_t scoreBalanced(const Cycle& cycle, const NodeInfo& node, const void*) {
    return balancedAllocationScore(cycle.pod.request, node.requested, node.allocatable);
}

PluginDef nodeResourcesFit();
PluginDef nodeResourcesFit() {
    return {.name = kFit,
            .wakesOn = Happening::NodeAdded | Happening::NodeAllocatable | Happening::PodGone,
            .unblocks = unblocksFit,
            .weight = 1,
            .local = true,
            .filter = filterFit,
            .score = scoreFit};
}

PluginDef nodeResourcesBalancedAllocation();
PluginDef nodeResourcesBalancedAllocation() {
    return {.name = kBalanced,
            .weight = 1,
            .local = true,
            .preScore = preScoreBalanced,
            .score = scoreBalanced};
}

} // namespace orrery::scheduler
