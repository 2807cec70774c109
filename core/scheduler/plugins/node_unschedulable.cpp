// NodeUnschedulable: a cordoned node takes only pods that tolerate its taint.
#include "core/scheduler/plugin.h"

namespace orrery::scheduler {

static constexpr std::string_view kName = "NodeUnschedulable";

static bool accepts(const api::Pod& pod, const api::Node& node) {
    if (!node.unschedulable)
        return true;
    static const api::Taint cordon{"node.kubernetes.io/unschedulable", "", "NoSchedule",
                                   std::nullopt};
    return tolerates(pod.tolerations, cordon);
}

static RejectionPtr filter(const Cycle& cycle, const NodeInfo& node, const void*) {
    static const RejectionPtr cordoned =
        reject(kName, Rejection::Code::Unresolvable, "node(s) were unschedulable");
    return accepts(*cycle.pod.pod, *node.node) ? nullptr : cordoned;
}

static bool unblocks(const PodInfo& waiting, const ClusterEvent& event) {
    return event.node && accepts(*waiting.pod, *event.node);
}

PluginDef nodeUnschedulable();
PluginDef nodeUnschedulable() {
    return {.name = kName,
            .wakesOn = Happening::NodeAdded | Happening::NodeTaints,
            .unblocks = unblocks,
            .local = true,
            .filter = filter};
}

} // namespace orrery::scheduler
