// NodeName: a pod that names its node (pods that the queue hands out never do; preemption's dry
// runs neither).
#include "core/scheduler/plugin.h"

namespace orrery::scheduler {

static constexpr std::string_view kName = "NodeName";

static PreFilterResult preFilter(const Cycle& cycle, State&) {
    return cycle.pod.pod->nodeName.empty() ? PreFilterResult::skip() : PreFilterResult{};
}

static RejectionPtr filter(const Cycle& cycle, const NodeInfo& node, const void*) {
    static const RejectionPtr other = reject(kName, Rejection::Code::Unresolvable,
                                             "node(s) didn't match the requested node name");
    return cycle.pod.pod->nodeName == node.name ? nullptr : other;
}

PluginDef nodeName();
PluginDef nodeName() {
    return {.name = kName,
            .wakesOn = static_cast<std::uint32_t>(Happening::NodeAdded),
            .local = true,
            .preFilter = preFilter,
            .filter = filter};
}

} // namespace orrery::scheduler
