// InterPodAffinity: pods that want to be near, or far from, other pods. The wishes of the pods that
// are there count as well: their required anti-affinity, and their preferences.
#include <algorithm>

#include "core/scheduler/plugin.h"

namespace orrery::scheduler {
namespace {

constexpr std::string_view kName = "InterPodAffinity";
constexpr int kHardAffinityWeight = 1; // of an existing pod's required affinity in our score

// A number for each value of one topology label.
struct Domains {
    std::shared_ptr<const TopologyColumn> column;
    std::vector<std::int64_t> sums;
    void add(int slot, std::int64_t amount) {
        if (const int value = column->valueOf[static_cast<std::size_t>(slot)]; value >= 0)
            sums[static_cast<std::size_t>(value)] += amount;
    }
    bool hasLabel(int slot) const { return column->valueOf[static_cast<std::size_t>(slot)] >= 0; }
    std::int64_t at(int slot) const {
        const int value = column->valueOf[static_cast<std::size_t>(slot)];
        return value < 0 ? 0 : sums[static_cast<std::size_t>(value)];
    }
    bool anyPositive() const {
        return std::any_of(sums.begin(), sums.end(), [](std::int64_t sum) { return sum > 0; });
    }
};
using DomainsByKey = std::map<std::string, Domains>;

Domains makeDomains(const Cycle& cycle, const std::string& key) {
    Domains domains;
    domains.column = cycle.snapshot.topology(key);
    domains.sums.assign(domains.column->values.size(), 0);
    return domains;
}

Domains& domainsOf(const Cycle& cycle, DomainsByKey& all, const std::string& key) {
    const auto at = all.find(key);
    return at != all.end() ? at->second : all.emplace(key, makeDomains(cycle, key)).first->second;
}

struct FilterState {
    std::vector<Domains>
        affinity; // for each required affinity term: pods that match all of the terms
    std::vector<Domains> antiAffinity; // for each required anti-affinity term
    DomainsByKey existing; // where required anti-affinity of pods that are there forbids ours
    bool matchesItself = false;
};

struct ScoreState {
    DomainsByKey sums;
};

PodSelection::Term selectionTerm(const Cycle& cycle, const AffinityTerm& term) {
    PodSelection::Term made{false, term.namespaces, term.selector};
    if (!term.namespaceSelector.present)
        return made;
    if (term.namespaceSelector.empty()) {
        made.allNamespaces = true;
        return made;
    }
    for (std::string& name : cycle.cluster.namespacesMatching(term.namespaceSelector))
        made.namespaces.push_back(std::move(name));
    std::sort(made.namespaces.begin(), made.namespaces.end());
    return made;
}

// Whether a term of a pod that is there means `pod`.
bool termMeans(const Cycle& cycle, const AffinityTerm& term, const api::Pod& pod) {
    if (!term.selector.matches(pod.metadata.labels))
        return false;
    return std::binary_search(term.namespaces.begin(), term.namespaces.end(),
                              pod.metadata.namespace_) ||
           (term.namespaceSelector.present &&
            term.namespaceSelector.matches(cycle.cluster.namespaceLabels(pod.metadata.namespace_)));
}

Domains countDomains(const Cycle& cycle, const PodSelection& selection,
                     const std::string& topologyKey) {
    Domains domains = makeDomains(cycle, topologyKey);
    const auto counts = cycle.snapshot.countsOf(selection);
    for (std::size_t slot = 0; slot < counts->size(); ++slot)
        if ((*counts)[slot] != 0)
            domains.add(static_cast<int>(slot), (*counts)[slot]);
    return domains;
}

PreFilterResult preFilter(const Cycle& cycle, State& state) {
    auto made = std::make_shared<FilterState>();
    const PodInfo& pod = cycle.pod;
    for (const auto& [key, place] : cycle.snapshot.podsWithAffinity())
        for (const AffinityTerm& term : place.pod->requiredAntiAffinity)
            if (cycle.snapshot.at(place.slot) && termMeans(cycle, term, *pod.pod))
                domainsOf(cycle, made->existing, term.topologyKey).add(place.slot, 1);
    if (made->existing.empty() && pod.requiredAffinity.empty() && pod.requiredAntiAffinity.empty())
        return PreFilterResult::skip();
    PodSelection all;
    for (const AffinityTerm& term : pod.requiredAffinity)
        all.terms.push_back(selectionTerm(cycle, term));
    made->matchesItself = all.matches(*pod.pod);
    for (const AffinityTerm& term : pod.requiredAffinity)
        made->affinity.push_back(countDomains(cycle, all, term.topologyKey));
    for (const AffinityTerm& term : pod.requiredAntiAffinity) {
        PodSelection one;
        one.terms = {selectionTerm(cycle, term)};
        made->antiAffinity.push_back(countDomains(cycle, one, term.topologyKey));
    }
    state = std::move(made);
    return {};
}

bool satisfiesAffinity(const FilterState& state, int slot) {
    bool found = true;
    for (const Domains& domains : state.affinity) {
        if (!domains.hasLabel(slot))
            return false;
        found = found && domains.at(slot) > 0;
    }
    // The first pod of a group that wants to be near itself may go anywhere.
    return found || (state.matchesItself &&
                     std::none_of(state.affinity.begin(), state.affinity.end(),
                                  [](const Domains& one) { return one.anyPositive(); }));
}

RejectionPtr filter(const Cycle&, const NodeInfo& node, const void* opaque) {
    static const RejectionPtr lonely =
        reject(kName, Rejection::Code::Unresolvable, "node(s) didn't match pod affinity rules");
    static const RejectionPtr repelled = reject(kName, Rejection::Code::Unschedulable,
                                                "node(s) didn't match pod anti-affinity rules");
    static const RejectionPtr unwanted =
        reject(kName, Rejection::Code::Unschedulable,
               "node(s) didn't satisfy existing pods anti-affinity rules");
    const FilterState& state = *static_cast<const FilterState*>(opaque);
    if (!satisfiesAffinity(state, node.slot))
        return lonely;
    for (const Domains& domains : state.antiAffinity)
        if (domains.at(node.slot) > 0)
            return repelled;
    for (const auto& [key, domains] : state.existing)
        if (domains.at(node.slot) > 0)
            return unwanted;
    return nullptr;
}

void addOwnPreferences(const Cycle& cycle, const std::vector<AffinityTerm>& terms, int sign,
                       ScoreState& state) {
    for (const AffinityTerm& term : terms) {
        PodSelection selection;
        selection.terms = {selectionTerm(cycle, term)};
        const auto counts = cycle.snapshot.countsOf(selection);
        for (std::size_t slot = 0; slot < counts->size(); ++slot)
            if ((*counts)[slot] != 0)
                domainsOf(cycle, state.sums, term.topologyKey)
                    .add(static_cast<int>(slot),
                         std::int64_t{sign} * term.weight * (*counts)[slot]);
    }
}

bool preScore(const Cycle& cycle, std::span<const int>, State& state) {
    auto made = std::make_shared<ScoreState>();
    addOwnPreferences(cycle, cycle.pod.preferredAffinity, 1, *made);
    addOwnPreferences(cycle, cycle.pod.preferredAntiAffinity, -1, *made);
    for (const auto& [key, place] : cycle.snapshot.podsWithAffinity()) {
        if (!cycle.snapshot.at(place.slot))
            continue;
        const auto add = [&](const std::vector<AffinityTerm>& terms, int factor, bool byWeight) {
            for (const AffinityTerm& term : terms)
                if (termMeans(cycle, term, *cycle.pod.pod))
                    domainsOf(cycle, made->sums, term.topologyKey)
                        .add(place.slot, byWeight ? std::int64_t{factor} * term.weight : factor);
        };
        add(place.pod->requiredAffinity, kHardAffinityWeight, false);
        add(place.pod->preferredAffinity, 1, true);
        add(place.pod->preferredAntiAffinity, -1, true);
    }
    const bool any = !made->sums.empty();
    state = std::move(made);
    return any;
}

std::int64_t score(const Cycle&, const NodeInfo& node, const void* state) {
    std::int64_t sum = 0;
    for (const auto& [key, domains] : static_cast<const ScoreState*>(state)->sums)
        sum += domains.at(node.slot);
    return sum;
}

void normalize(std::vector<std::int64_t>& scores, const void*) {
    if (scores.empty())
        return;
    const auto [least, most] = std::minmax_element(scores.begin(), scores.end());
    const std::int64_t low = *least, span = *most - *least;
    for (std::int64_t& one : scores)
        one = span == 0 ? 0
                        : static_cast<std::int64_t>(
                              static_cast<double>(kMaxNodeScore) *
                              (static_cast<double>(one - low) / static_cast<double>(span)));
}

// Namespaces are not asked here: a hint may wake too often, never too seldom.
bool unblocks(const PodInfo& waiting, const ClusterEvent& event) {
    if (event.node || (!event.pod && !event.oldPod))
        return true;
    const auto means = [](const std::vector<AffinityTerm>& terms, const PodInfo* pod) {
        return pod && std::any_of(terms.begin(), terms.end(), [pod](const AffinityTerm& term) {
                   return term.selector.matches(pod->pod->metadata.labels);
               });
    };
    return means(waiting.requiredAffinity, event.pod) ||
           means(waiting.requiredAntiAffinity, event.pod) ||
           means(waiting.requiredAntiAffinity, event.oldPod) ||
           (event.pod && means(event.pod->requiredAntiAffinity, &waiting));
}

} // namespace

PluginDef interPodAffinity();
PluginDef interPodAffinity() {
    return {.name = kName,
            .wakesOn = Happening::NodeAdded | Happening::NodeLabels | Happening::PodBound |
                       Happening::PodLabels | Happening::PodGone | Happening::Namespace,
            .unblocks = unblocks,
            .weight = 2,
            .preFilter = preFilter,
            .filter = filter,
            .preScore = preScore,
            .score = score,
            .normalize = normalize};
}

} // namespace orrery::scheduler
