// The scheduler's verdict on one pod: every node, every plugin, a reason or a score. The same data
// make the FailedScheduling event, the `because` of the binding and the window's grid.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"

namespace orrery::scheduler {

// A plugin's part in scoring.
struct ScorePlugin {
    std::string_view name; // "NodeResourcesFit"; lives as long as the program
    int weight = 1;        // its normalized score (0..100) counts this often
};

// Why a pod can't be on a node (or at all).
struct Rejection {
    enum class Code : std::uint8_t {
        Unschedulable, // removing pods may help
        Unresolvable,  // nothing that preemption does would help
        Error,         // the plugin failed: tried again after a pause
    };
    Code code = Code::Unschedulable;
    std::string_view plugin;          // lives as long as the program
    std::vector<std::string> reasons; // not empty: "Insufficient cpu"
};
using RejectionPtr = std::shared_ptr<const Rejection>; // null: no objection

// What one score plugin said of one node: as it came, and from 0 to 100.
struct NodeScore {
    std::int32_t raw = 0, normalized = 0;
};

// What became of one node. Thousands of placements are kept with hundreds of these each, so names
// and reasons are shared, and scores stand in Placement.
struct NodeVerdict {
    std::shared_ptr<const std::string> name;
    RejectionPtr rejection; // null: the pod fits
    std::int64_t total = 0; // sum of normalized x weight

    const std::string& node() const { return *name; }
    bool feasible() const { return !rejection; }
};

// The last verdict on one pod.
struct Placement {
    enum class Outcome : std::uint8_t {
        Placed,        // `node` is chosen (and bound, unless `bindError` says why not)
        Unschedulable, // no node fits; `message` says why
        Failed,        // something went wrong; `message` says what
    };
    std::string podKey, podUid; // "default/web"
    Outcome outcome = Outcome::Unschedulable;
    std::int64_t attempt = 1; // counts from 1
    Time queuedAt{};          // when it first waited
    Time at{};                // of this attempt
    Duration took{};
    std::string woken;        // what brought it to its turn: "Pod added", "Node node-1 changed"
    std::int64_t wokenBy = 0; // the revision of that event; 0: start-up or a timer

    std::string node;                 // the winner; "" for none
    std::string nominatedNode;        // room is being made there by preemption
    std::vector<std::string> victims; // the pods evicted for it, "namespace/name"
    std::string message;              // the whole FailedScheduling text; "" when placed
    std::string because;              // one sentence for the cause of the binding
    std::string bindError;            // why the binding was refused; "" while fine

    std::vector<std::string_view>
        filterPlugins;                     // asked in this order; the first that rejects ends it
    std::vector<ScorePlugin> scorePlugins; // that had something to say about this pod
    int nodesTotal = 0, nodesExamined = 0, nodesFeasible = 0;
    std::map<std::string, int> histogram; // reason -> number of nodes
    // Up to kGridNodesMax nodes: all, in the order of their examination. Larger clusters: the best
    // scored and one example of each reason.
    std::vector<NodeVerdict> nodes;
    bool shortened = false;

    // The scores of nodes[position], in the order of scorePlugins; empty when it was not scored
    // (rejected, or the only feasible node).
    std::span<const NodeScore> scoresOf(std::size_t position) const {
        const std::size_t width = scorePlugins.size();
        if ((position + 1) * width > scores.size())
            return {};
        return std::span(scores).subspan(position * width, width);
    }
    std::vector<NodeScore>
        scores; // of the scored nodes, which stand first in `nodes`, one row each
};

// Clusters above this keep shortened grids (histogram, the best kScoredNodesMax nodes).
inline constexpr int kGridNodesMax = 200;
inline constexpr int kScoredNodesMax = 24;
// So many verdicts are kept; the oldest go first.
inline constexpr int kPlacementsMax = 2000;

// A pod that has no node yet.
struct WaitingPod {
    enum class Where : std::uint8_t {
        Active,        // its turn comes
        Backoff,       // waits out a pause after a failure, until `until`
        Unschedulable, // waits for something to change
        Gated,         // spec.schedulingGates
        Binding,       // a node is chosen, the API server has not confirmed it yet
    };
    std::string podKey, podUid;
    Where where = Where::Active;
    Time since{}; // first seen
    Time until{}; // Backoff only
    std::int64_t attempts = 0;
    std::string reason;  // PodScheduled's reason: "Unschedulable", "SchedulingGated"; "" before the
                         // first try
    std::string message; // Kubernetes' words
};

} // namespace orrery::scheduler
