// PodTopologySpread: pods of one kind are spread evenly over zones, nodes, ... Constraints of the
// pod, or, when it has none, mild ones for the pods of its services and its owner.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/scheduler/plugin.h"

namespace orrery::scheduler {
namespace {

constexpr std::string_view kName = "PodTopologySpread";
constexpr const char* kHostname = "kubernetes.io/hostname";
constexpr const char* kZone = "topology.kubernetes.io/zone";

// One constraint, and the pods that it counts.
struct Spread {
    SpreadConstraint constraint;
    std::shared_ptr<const TopologyColumn> column;
    std::shared_ptr<const std::vector<int>> counts; // matching pods by slot
    std::vector<std::int64_t> domains; // matching pods by the label's value; -1: not counted
    std::int64_t least = 0;            // of hard constraints: the emptiest domain
    bool selfMatch = false;
    double weight = 0; // of soft constraints

    int value(int slot) const { return column->valueOf[static_cast<std::size_t>(slot)]; }
};

struct HardState {
    std::vector<Spread> spreads;
};

struct SoftState {
    std::vector<Spread> spreads;
    bool requireAll = false; // a node that lacks one of the labels scores 0
    bool ignored(int slot) const {
        if (requireAll)
            for (const Spread& spread : spreads)
                if (spread.value(slot) < 0)
                    return true;
        return false;
    }
    std::vector<bool> ignoredInOrder; // of the feasible nodes
};

Spread makeSpread(const Cycle& cycle, SpreadConstraint constraint) {
    PodSelection selection;
    selection.terms = {{false, {cycle.pod.pod->metadata.namespace_}, constraint.selector}};
    selection.skipTerminating = true;
    Spread spread;
    spread.column = cycle.snapshot.topology(constraint.topologyKey);
    spread.counts = cycle.snapshot.countsOf(selection);
    spread.domains.assign(spread.column->values.size(), -1);
    spread.selfMatch = constraint.selector.matches(cycle.pod.pod->metadata.labels);
    spread.constraint = std::move(constraint);
    return spread;
}

// Whether the constraint's policies let a node's pods count.
bool included(const Cycle& cycle, const SpreadConstraint& constraint, const NodeInfo& node) {
    const api::Pod& pod = *cycle.pod.pod;
    if (constraint.honorAffinity && (!pod.nodeSelector.empty() || pod.nodeAffinity.required) &&
        !matchesRequiredAffinity(pod, *node.node))
        return false;
    return !constraint.honorTaints || !untoleratedTaint(pod, *node.node);
}

PreFilterResult preFilter(const Cycle& cycle, State& state) {
    auto made = std::make_shared<HardState>();
    for (const SpreadConstraint& constraint : cycle.pod.spread)
        if (constraint.hard)
            made->spreads.push_back(makeSpread(cycle, constraint));
    if (made->spreads.empty())
        return PreFilterResult::skip();
    for (int slot = 0; slot < cycle.snapshot.slotCount(); ++slot) {
        const NodeInfo* node = cycle.snapshot.at(slot);
        if (!node || std::any_of(made->spreads.begin(), made->spreads.end(),
                                 [slot](const Spread& spread) { return spread.value(slot) < 0; }))
            continue;
        for (Spread& spread : made->spreads)
            if (included(cycle, spread.constraint, *node)) {
                std::int64_t& domain = spread.domains[static_cast<std::size_t>(spread.value(slot))];
                domain = std::max<std::int64_t>(domain, 0) +
                         (*spread.counts)[static_cast<std::size_t>(slot)];
            }
    }
    for (Spread& spread : made->spreads) {
        std::int64_t domains = 0;
        spread.least = std::numeric_limits<std::int64_t>::max();
        for (const std::int64_t domain : spread.domains)
            if (domain >= 0) {
                spread.least = std::min(spread.least, domain);
                ++domains;
            }
        if (domains < spread.constraint.minDomains)
            spread.least = 0;
    }
    state = std::move(made);
    return {};
}

RejectionPtr filter(const Cycle&, const NodeInfo& node, const void* state) {
    static const RejectionPtr noLabel =
        reject(kName, Rejection::Code::Unresolvable,
               "node(s) didn't match pod topology spread constraints (missing required label)");
    static const RejectionPtr skewed =
        reject(kName, Rejection::Code::Unschedulable,
               "node(s) didn't match pod topology spread constraints");
    for (const Spread& spread : static_cast<const HardState*>(state)->spreads) {
        const int value = spread.value(node.slot);
        if (value < 0)
            return noLabel;
        const std::int64_t here =
            std::max<std::int64_t>(spread.domains[static_cast<std::size_t>(value)], 0);
        if (here + (spread.selfMatch ? 1 : 0) - spread.least > spread.constraint.maxSkew)
            return skewed;
    }
    return nullptr;
}

// The constraints that every pod of a service, ReplicaSet, ... has when it names none itself.
std::vector<SpreadConstraint> defaultConstraints(const Cycle& cycle) {
    const std::optional<api::LabelSelector> siblings = cycle.cluster.siblings(*cycle.pod.pod);
    if (!siblings)
        return {};
    SpreadConstraint hostname, zone;
    hostname.topologyKey = kHostname;
    hostname.maxSkew = 3;
    zone.topologyKey = kZone;
    zone.maxSkew = 5;
    hostname.hard = zone.hard = false;
    hostname.selector = zone.selector = *siblings;
    return {hostname, zone};
}

// How many different values the feasible nodes have (a missing label counts as one more).
int domainsAmong(Spread& spread, const SoftState& state, std::span<const int> feasible) {
    int size = 0;
    bool missing = false;
    for (const int slot : feasible) {
        if (state.ignored(slot))
            continue;
        const int value = spread.value(slot);
        if (value < 0) {
            missing = true;
        } else if (std::int64_t& domain = spread.domains[static_cast<std::size_t>(value)];
                   domain < 0) {
            domain = 0;
            ++size;
        }
    }
    return size + (missing ? 1 : 0);
}

void countDomains(const Cycle& cycle, SoftState& state, Spread& spread) {
    if (std::all_of(spread.domains.begin(), spread.domains.end(),
                    [](std::int64_t one) { return one < 0; }))
        return;
    for (int slot = 0; slot < cycle.snapshot.slotCount(); ++slot) {
        const int value = spread.value(slot);
        const int count = (*spread.counts)[static_cast<std::size_t>(slot)];
        if (value < 0 || count == 0 || spread.domains[static_cast<std::size_t>(value)] < 0)
            continue;
        const NodeInfo* node = cycle.snapshot.at(slot);
        if (node && !state.ignored(slot) && included(cycle, spread.constraint, *node))
            spread.domains[static_cast<std::size_t>(value)] += count;
    }
}

bool preScore(const Cycle& cycle, std::span<const int> feasible, State& state) {
    auto made = std::make_shared<SoftState>();
    made->requireAll = !cycle.pod.spread.empty();
    const std::vector<SpreadConstraint> constraints =
        cycle.pod.spread.empty() ? defaultConstraints(cycle) : cycle.pod.spread;
    for (const SpreadConstraint& constraint : constraints)
        if (!constraint.hard)
            made->spreads.push_back(makeSpread(cycle, constraint));
    if (made->spreads.empty())
        return false;
    int ignored = 0;
    for (const int slot : feasible) {
        made->ignoredInOrder.push_back(made->ignored(slot));
        ignored += made->ignoredInOrder.back() ? 1 : 0;
    }
    for (Spread& spread : made->spreads) {
        int size = static_cast<int>(feasible.size()) - ignored;
        if (spread.constraint.topologyKey != kHostname) {
            size = domainsAmong(spread, *made, feasible);
            countDomains(cycle, *made, spread);
        }
        spread.weight = std::log(static_cast<double>(size + 2));
    }
    state = std::move(made);
    return true;
}

std::int64_t score(const Cycle&, const NodeInfo& node, const void* state) {
    const SoftState& soft = *static_cast<const SoftState*>(state);
    if (soft.ignored(node.slot))
        return 0;
    double sum = 0;
    for (const Spread& spread : soft.spreads) {
        const int value = spread.value(node.slot);
        if (value < 0)
            continue;
        const std::int64_t count = spread.constraint.topologyKey == kHostname
                                       ? (*spread.counts)[static_cast<std::size_t>(node.slot)]
                                       : spread.domains[static_cast<std::size_t>(value)];
        sum += static_cast<double>(count) * spread.weight + (spread.constraint.maxSkew - 1);
    }
    return std::llround(sum);
}

void normalize(std::vector<std::int64_t>& scores, const void* state) {
    const SoftState& soft = *static_cast<const SoftState*>(state);
    std::int64_t least = std::numeric_limits<std::int64_t>::max(), most = 0;
    for (std::size_t at = 0; at < scores.size(); ++at)
        if (!soft.ignoredInOrder[at]) {
            least = std::min(least, scores[at]);
            most = std::max(most, scores[at]);
        }
    for (std::size_t at = 0; at < scores.size(); ++at) {
        if (soft.ignoredInOrder[at])
            scores[at] = 0;
        else
            scores[at] =
                most == 0 ? kMaxNodeScore : kMaxNodeScore * (most + least - scores[at]) / most;
    }
}

bool unblocks(const PodInfo& waiting, const ClusterEvent& event) {
    const auto counts = [&waiting](const PodInfo* pod) {
        return pod && pod->pod->metadata.namespace_ == waiting.pod->metadata.namespace_ &&
               std::any_of(waiting.spread.begin(), waiting.spread.end(),
                           [pod](const SpreadConstraint& constraint) {
                               return constraint.hard &&
                                      constraint.selector.matches(pod->pod->metadata.labels);
                           });
    };
    return event.node || counts(event.pod) || counts(event.oldPod);
}

} // namespace

PluginDef podTopologySpread();
PluginDef podTopologySpread() {
    return {.name = kName,
            .wakesOn = Happening::NodeAdded | Happening::NodeDeleted | Happening::NodeLabels |
                       Happening::NodeTaints | Happening::PodBound | Happening::PodLabels |
                       Happening::PodGone,
            .unblocks = unblocks,
            .weight = 2,
            .preFilter = preFilter,
            .filter = filter,
            .preScore = preScore,
            .score = score,
            .normalize = normalize};
}

} // namespace orrery::scheduler
