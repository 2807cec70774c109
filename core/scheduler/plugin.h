// A scheduler plugin: its name, what could unblock a pod that it rejected, and the hooks it needs.
// One file each in core/scheduler/plugins; all of them, in order, in all_plugins.cpp. Hooks are
// pure: they read the cycle and return an answer; the cycle does the rest.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/scheduler/placement.h"
#include "core/scheduler/pod_info.h"
#include "core/scheduler/snapshot.h"

namespace orrery::scheduler {

inline constexpr std::int64_t kMaxNodeScore = 100;

// What a plugin may ask of the cluster beyond nodes and pods.
class ClusterView {
  public:
    virtual ~ClusterView() = default;
    virtual const api::StringMap& namespaceLabels(const std::string& name) const = 0;
    // Sorted.
    virtual std::vector<std::string>
    namespacesMatching(const api::LabelSelector& selector) const = 0;
    // The selector of the services and the owner of a pod: whom it should spread from. nullopt:
    // nobody.
    virtual std::optional<api::LabelSelector> siblings(const api::Pod& pod) const = 0;
    // A PersistentVolumeClaim, PersistentVolume or StorageClass as written, or null.
    virtual const Json* claim(const std::string& key) const = 0;
    virtual const Json* volume(const std::string& name) const = 0;
    virtual const Json* storageClass(const std::string& name) const = 0;
    // The claim ("namespace/name") for which a placed pod has reserved a volume; "" for none.
    virtual std::string volumeReservedFor(const std::string& name) const = 0;
    // All PersistentVolumes of a storage class, by name.
    virtual std::vector<const Json*> volumesOfClass(const std::string& name) const = 0;
    // Selectors and allowed disruptions of a namespace's PodDisruptionBudgets, by name.
    struct Budget {
        api::LabelSelector selector;
        std::int64_t disruptionsAllowed = 0;
        std::set<std::string> disruptedPods;
    };
    virtual std::vector<Budget> budgets(const std::string& namespace_) const = 0;
};

// One pod's turn.
struct Cycle {
    const PodInfo& pod;
    const Snapshot& snapshot;
    const ClusterView& cluster;
};

using State = std::shared_ptr<const void>; // what a plugin computes once in a cycle

struct PreFilterResult {
    enum class Kind : std::uint8_t { Filter, Skip, Reject };
    Kind kind = Kind::Filter;
    RejectionPtr rejection = nullptr;                              // Reject
    std::optional<std::set<std::string>> nodeNames = std::nullopt; // only these can pass
    static PreFilterResult skip() { return {Kind::Skip}; }
    static PreFilterResult reject(RejectionPtr why) { return {Kind::Reject, std::move(why)}; }
};

// What happened in the cluster, as far as it may unblock a pod. Bits, so that a plugin can name
// several.
enum class Happening : std::uint32_t {
    NodeAdded = 1 << 0,
    NodeAllocatable = 1 << 1,
    NodeLabels = 1 << 2,
    NodeTaints = 1 << 3, // or spec.unschedulable
    NodeDeleted = 1 << 4,
    PodBound = 1 << 5,  // a pod came to a node
    PodLabels = 1 << 6, // of a pod on a node
    PodGone = 1 << 7,   // a pod left its node, or asks less of it
    Claim = 1 << 8,     // a PersistentVolumeClaim came or changed
    Volume = 1 << 9,
    StorageClass = 1 << 10,
    Namespace = 1 << 11, // a namespace's labels
};
constexpr std::uint32_t operator|(Happening a, Happening b) {
    return static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b);
}
constexpr std::uint32_t operator|(std::uint32_t a, Happening b) {
    return a | static_cast<std::uint32_t>(b);
}

struct ClusterEvent {
    std::uint32_t what = 0;          // Happening bits
    const api::Node* node = nullptr; // as it is now
    const api::Node* oldNode = nullptr;
    const PodInfo* pod = nullptr; // as it is now (PodGone: as it was)
    const PodInfo* oldPod = nullptr;
    std::string object = {}; // the claim's, volume's, ... key
    std::string text = {};   // "Node node-1 was added"
    std::int64_t revision = 0;
};

struct PluginDef {
    std::string_view name;
    // Happenings that could unblock a pod that this plugin rejected...
    std::uint32_t wakesOn = 0;
    // ...and whether this very event could; null: always.
    bool (*unblocks)(const PodInfo& waiting, const ClusterEvent& event) = nullptr;
    int weight = 0; // of its scores
    // filter and score read nothing but PodInfo::shape and the node: answers are remembered until
    // the node changes.
    bool local = false;

    PreFilterResult (*preFilter)(const Cycle& cycle, State& state) = nullptr;
    RejectionPtr (*filter)(const Cycle& cycle, const NodeInfo& node, const void* state) = nullptr;
    // False: this plugin has no preference about this pod.
    bool (*preScore)(const Cycle& cycle, std::span<const int> feasible, State& state) = nullptr;
    std::int64_t (*score)(const Cycle& cycle, const NodeInfo& node, const void* state) = nullptr;
    // Brings the scores of all feasible nodes to 0..100; null: they are already.
    void (*normalize)(std::vector<std::int64_t>& scores, const void* state) = nullptr;
};

// In the order in which they are asked.
const std::vector<PluginDef>& allPlugins();
// The position in allPlugins() of a name; -1 for none.
int pluginIndex(std::string_view name);

// --- what several plugins need ---
RejectionPtr reject(std::string_view plugin, Rejection::Code code, std::string reason);
// Scales by the largest to 0..100; `reverse` turns it around (all equal to zero: everybody gets
// 100).
void normalizeByMax(std::vector<std::int64_t>& scores, bool reverse);
bool matchesNodeSelectorTerm(const api::NodeSelectorTerm& term, const api::Node& node);
// spec.nodeSelector and required node affinity.
bool matchesRequiredAffinity(const api::Pod& pod, const api::Node& node);
// The first taint of NoSchedule or NoExecute that the pod does not tolerate, or null.
const api::Taint* untoleratedTaint(const api::Pod& pod, const api::Node& node);

} // namespace orrery::scheduler
