// One simulated node: its addresses, its pretended runtime and the real kubelet on top.
#pragma once
#include <memory>

#include "vmnodes/cri/simulated_runtime.h"
#include "vmnodes/fleet/simulated_fleet.h"
#include "vmnodes/kubelet/kubelet.h"
#include "vmnodes/kubelet/pod_range.h"

namespace orrery::fleet {

struct SimulatedNode {
    std::unique_ptr<client::Client> client;
    kubelet::PodRange range;
    std::unique_ptr<cri::SimulatedRuntime> runtime;
    std::unique_ptr<kubelet::Kubelet> kubelet; // null: its plug is pulled
    bool adopted = false;                      // kwok's: somebody else made the Node
    bool instant = false;
    std::string hostIP;
    NodeSize size;
};

} // namespace orrery::fleet
