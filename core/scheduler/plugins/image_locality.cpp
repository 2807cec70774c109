// ImageLocality: a node that has the pod's images already is liked, the more so the more nodes have
// them.
#include <algorithm>

#include "core/scheduler/plugin.h"

namespace orrery::scheduler {

static constexpr std::string_view kName = "ImageLocality";
static constexpr std::int64_t kMegabyte = 1024 * 1024;
static constexpr std::int64_t kSmallest = 23 * kMegabyte;
static constexpr std::int64_t kLargestPerContainer = 1000 * kMegabyte;

static bool preScore(const Cycle& cycle, std::span<const int>, State&) {
    return std::any_of(
        cycle.pod.images.begin(), cycle.pod.images.end(),
        [&cycle](const std::string& image) { return cycle.snapshot.nodesWithImage(image) > 0; });
}

static std::int64_t score(const Cycle& cycle, const NodeInfo& node, const void*) {
    if (node.images.empty() || cycle.pod.images.empty())
        return 0;
    std::int64_t sum = 0;
    for (const std::string& image : cycle.pod.images)
        if (const auto at = node.images.find(image); at != node.images.end()) {
            const double spread = static_cast<double>(cycle.snapshot.nodesWithImage(image)) /
                                  static_cast<double>(cycle.snapshot.nodeCount());
            sum += static_cast<std::int64_t>(static_cast<double>(at->second) * spread);
        }
    const std::int64_t largest =
        kLargestPerContainer * static_cast<std::int64_t>(cycle.pod.images.size());
    return kMaxNodeScore * (std::clamp(sum, kSmallest, largest) - kSmallest) /
           (largest - kSmallest);
}

PluginDef imageLocality();
PluginDef imageLocality() {
    return {.name = kName, .weight = 1, .preScore = preScore, .score = score};
}

} // namespace orrery::scheduler
