// DefaultPreemption: room for a pod that fits nowhere, at the cost of pods that matter less.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/runtime/env.h"
#include "core/scheduler/plugin.h"

namespace orrery::scheduler {

struct Preemption {
    std::string node;                // "": none found, `message` says why
    std::vector<PodInfoPtr> victims; // most important first
    std::string message; // "0/6 nodes are available: 6 Preemption is not helpful for scheduling."
    bool tried = true;   // false: the pod may not preempt now; its nomination stays as it is
    std::vector<std::string>
        outbid; // keys of less important pods that lose their nomination to `node`
};

struct PreemptionInput {
    const PodInfo& pod;
    const ClusterView& cluster;
    // Nodes that rejected the pod in a way that removing pods may change.
    std::vector<int> candidates;
    // Why the pod can't be on a node as the snapshot stands now; null: it can.
    std::function<RejectionPtr(int slot)> rejectionOn;
};

// Looks for the cheapest set of victims. `snapshot` is changed while looking, and is as before at
// the end.
Preemption findPreemption(Snapshot& snapshot, Random& random, const PreemptionInput& input);

// One way to make room, for comparing.
struct Sacrifice {
    int slot = 0;
    std::vector<PodInfoPtr> victims; // most important first; not empty
    int budgetsViolated = 0;
};
// The best: fewest violated budgets, then the least important top victim, the smallest sum of
// priorities, the fewest victims, the youngest top victim, the first. Not empty.
const Sacrifice& bestSacrifice(const std::vector<Sacrifice>& all);

} // namespace orrery::scheduler
