// NodePorts: two pods can't hold one host port of one node.
#include <algorithm>

#include "core/scheduler/plugin.h"

namespace orrery::scheduler {

static constexpr std::string_view kName = "NodePorts";

static bool anyConflict(const std::vector<HostPort>& wanted, const std::vector<HostPort>& used) {
    return std::any_of(wanted.begin(), wanted.end(), [&used](const HostPort& want) {
        return std::any_of(used.begin(), used.end(),
                           [&want](const HostPort& have) { return portsConflict(want, have); });
    });
}

static PreFilterResult preFilter(const Cycle& cycle, State&) {
    return cycle.pod.hostPorts.empty() ? PreFilterResult::skip() : PreFilterResult{};
}

static RejectionPtr filter(const Cycle& cycle, const NodeInfo& node, const void*) {
    static const RejectionPtr taken =
        reject(kName, Rejection::Code::Unschedulable,
               "node(s) didn't have free ports for the requested pod ports");
    return anyConflict(cycle.pod.hostPorts, node.usedPorts) ? taken : nullptr;
}

static bool unblocks(const PodInfo& waiting, const ClusterEvent& event) {
    return event.node || (event.pod && anyConflict(waiting.hostPorts, event.pod->hostPorts));
}

PluginDef nodePorts();
PluginDef nodePorts() {
    return {.name = kName,
            .wakesOn = Happening::NodeAdded | Happening::PodGone,
            .unblocks = unblocks,
            .local = true,
            .preFilter = preFilter,
            .filter = filter};
}

} // namespace orrery::scheduler
