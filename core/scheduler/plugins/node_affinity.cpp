// NodeAffinity: spec.nodeSelector, and required and preferred node affinity.
#include <algorithm>

#include "core/scheduler/plugin.h"

namespace orrery::scheduler {

static constexpr std::string_view kName = "NodeAffinity";

// The node names that the required terms allow by metadata.name, or nullopt when some term is open.
static std::optional<std::set<std::string>> namedNodes(const api::Pod& pod) {
    if (!pod.nodeAffinity.required || pod.nodeAffinity.requiredTerms.empty())
        return std::nullopt;
    std::set<std::string> all;
    for (const api::NodeSelectorTerm& term : pod.nodeAffinity.requiredTerms) {
        std::optional<std::set<std::string>> names;
        for (const api::LabelSelector::Requirement& field : term.matchFields) {
            if (field.key != "metadata.name" || field.op != "In")
                continue;
            std::set<std::string> these(field.values.begin(), field.values.end());
            if (names)
                std::erase_if(
                    these, [&names](const std::string& name) { return names->count(name) == 0; });
            names = std::move(these);
        }
        if (!names)
            return std::nullopt;
        all.insert(names->begin(), names->end());
    }
    return all;
}

static PreFilterResult preFilter(const Cycle& cycle, State&) {
    const api::Pod& pod = *cycle.pod.pod;
    if (pod.nodeSelector.empty() && !pod.nodeAffinity.required)
        return PreFilterResult::skip();
    PreFilterResult result;
    result.nodeNames = namedNodes(pod);
    if (result.nodeNames && result.nodeNames->empty())
        return PreFilterResult::reject(
            reject(kName, Rejection::Code::Unresolvable, "pod affinity terms conflict"));
    return result;
}

static RejectionPtr filter(const Cycle& cycle, const NodeInfo& node, const void*) {
    static const RejectionPtr mismatch = reject(
        kName, Rejection::Code::Unresolvable, "node(s) didn't match Pod's node affinity/selector");
    return matchesRequiredAffinity(*cycle.pod.pod, *node.node) ? nullptr : mismatch;
}

static bool preScore(const Cycle& cycle, std::span<const int>, State&) {
    return !cycle.pod.pod->nodeAffinity.preferred.empty();
}

// An empty preference matches every node.
static bool prefers(const api::PreferredSchedulingTerm& term, const api::Node& node) {
    return (term.preference.matchExpressions.empty() && term.preference.matchFields.empty()) ||
           matchesNodeSelectorTerm(term.preference, node);
}

static std::int64_t score(const Cycle& cycle, const NodeInfo& node, const void*) {
    std::int64_t sum = 0;
    for (const api::PreferredSchedulingTerm& term : cycle.pod.pod->nodeAffinity.preferred)
        if (term.weight != 0 && prefers(term, *node.node))
            sum += term.weight;
    return sum;
}

static void normalize(std::vector<std::int64_t>& scores, const void*) {
    normalizeByMax(scores, false);
}

static bool unblocks(const PodInfo& waiting, const ClusterEvent& event) {
    return event.node && matchesRequiredAffinity(*waiting.pod, *event.node);
}

PluginDef nodeAffinity();
PluginDef nodeAffinity() {
    return {.name = kName,
            .wakesOn = Happening::NodeAdded | Happening::NodeLabels,
            .unblocks = unblocks,
            .weight = 2,
            .local = true,
            .preFilter = preFilter,
            .filter = filter,
            .preScore = preScore,
            .score = score,
            .normalize = normalize};
}

} // namespace orrery::scheduler
