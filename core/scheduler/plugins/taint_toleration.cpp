// TaintToleration: taints keep pods away; PreferNoSchedule taints only make a node less liked.
#include <algorithm>

#include "core/scheduler/plugin.h"

namespace orrery::scheduler {

static constexpr std::string_view kName = "TaintToleration";

static RejectionPtr filter(const Cycle& cycle, const NodeInfo& node, const void*) {
    static const RejectionPtr tainted =
        reject(kName, Rejection::Code::Unresolvable, "node(s) had untolerated taint(s)");
    return untoleratedTaint(*cycle.pod.pod, *node.node) ? tainted : nullptr;
}

static std::int64_t score(const Cycle& cycle, const NodeInfo& node, const void*) {
    if (node.node->taints.empty())
        return 0;
    // Only tolerations that are meant for soft taints (or for all effects) count.
    std::vector<api::Toleration> soft;
    std::copy_if(cycle.pod.pod->tolerations.begin(), cycle.pod.pod->tolerations.end(),
                 std::back_inserter(soft), [](const api::Toleration& one) {
                     return one.effect.empty() || one.effect == "PreferNoSchedule";
                 });
    return std::count_if(node.node->taints.begin(), node.node->taints.end(),
                         [&soft](const api::Taint& taint) {
                             return taint.effect == "PreferNoSchedule" && !tolerates(soft, taint);
                         });
}

static void normalize(std::vector<std::int64_t>& scores, const void*) {
    normalizeByMax(scores, true);
}

static bool unblocks(const PodInfo& waiting, const ClusterEvent& event) {
    return event.node && !untoleratedTaint(*waiting.pod, *event.node);
}

PluginDef taintToleration();
PluginDef taintToleration() {
    return {.name = kName,
            .wakesOn = Happening::NodeAdded | Happening::NodeTaints,
            .unblocks = unblocks,
            .weight = 3,
            .local = true,
            .filter = filter,
            .score = score,
            .normalize = normalize};
}

} // namespace orrery::scheduler
