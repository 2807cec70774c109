// Every plugin of the default profile, in the order in which they are asked.
#include "core/scheduler/plugin.h"

#include <algorithm>
#include <charconv>

namespace orrery::scheduler {

PluginDef nodeUnschedulable();
PluginDef nodeName();
PluginDef taintToleration();
PluginDef nodeAffinity();
PluginDef nodePorts();
PluginDef nodeResourcesFit();
PluginDef volumeBinding();
PluginDef podTopologySpread();
PluginDef interPodAffinity();
PluginDef nodeResourcesBalancedAllocation();
PluginDef imageLocality();

// The rest of Kubernetes' default profile are not filters or scores: SchedulingGates and
// PrioritySort are the queue's (queue.h), DefaultPreemption is preemption.h, DefaultBinder is
// binder.cpp.
const std::vector<PluginDef>& allPlugins() {
    static const std::vector<PluginDef> all = {
        nodeUnschedulable(), nodeName(),
        taintToleration(),   nodeAffinity(),
        nodePorts(),         nodeResourcesFit(),
        volumeBinding(),     podTopologySpread(),
        interPodAffinity(),  nodeResourcesBalancedAllocation(),
        imageLocality(),
    };
    return all;
}

int pluginIndex(std::string_view name) {
    const std::vector<PluginDef>& all = allPlugins();
    const auto at = std::find_if(all.begin(), all.end(),
                                 [name](const PluginDef& def) { return def.name == name; });
    return at == all.end() ? -1 : static_cast<int>(at - all.begin());
}

RejectionPtr reject(std::string_view plugin, Rejection::Code code, std::string reason) {
    return std::make_shared<const Rejection>(Rejection{code, plugin, {std::move(reason)}});
}

void normalizeByMax(std::vector<std::int64_t>& scores, bool reverse) {
    std::int64_t most = 0;
    for (const std::int64_t score : scores)
        most = std::max(most, score);
    for (std::int64_t& score : scores) {
        if (most > 0)
            score = kMaxNodeScore * score / most;
        if (reverse)
            score = most > 0 ? kMaxNodeScore - score : kMaxNodeScore;
    }
}

static bool toInteger(const std::string& text, std::int64_t& number) {
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && at == end;
}

static bool matchesRequirement(const api::LabelSelector::Requirement& requirement,
                               const std::string* value) {
    const std::string& op = requirement.op;
    const auto listed = [&] {
        return std::find(requirement.values.begin(), requirement.values.end(), *value) !=
               requirement.values.end();
    };
    if (op == "In")
        return value && listed();
    if (op == "NotIn")
        return !value || !listed();
    if (op == "Exists")
        return value != nullptr;
    if (op == "DoesNotExist")
        return value == nullptr;
    std::int64_t have = 0, bound = 0;
    if (!value || requirement.values.size() != 1 || !toInteger(*value, have) ||
        !toInteger(requirement.values[0], bound))
        return false;
    return op == "Gt" ? have > bound : op == "Lt" && have < bound;
}

bool matchesNodeSelectorTerm(const api::NodeSelectorTerm& term, const api::Node& node) {
    if (term.matchExpressions.empty() && term.matchFields.empty())
        return false; // an empty term matches nothing
    for (const api::LabelSelector::Requirement& requirement : term.matchExpressions) {
        const auto label = node.metadata.labels.find(requirement.key);
        if (!matchesRequirement(requirement,
                                label == node.metadata.labels.end() ? nullptr : &label->second))
            return false;
    }
    for (const api::LabelSelector::Requirement& requirement : term.matchFields)
        if (requirement.key != "metadata.name" ||
            !matchesRequirement(requirement, &node.metadata.name))
            return false;
    return true;
}

bool matchesRequiredAffinity(const api::Pod& pod, const api::Node& node) {
    for (const auto& [key, value] : pod.nodeSelector) {
        const auto label = node.metadata.labels.find(key);
        if (label == node.metadata.labels.end() || label->second != value)
            return false;
    }
    const std::vector<api::NodeSelectorTerm>& terms = pod.nodeAffinity.requiredTerms;
    return !pod.nodeAffinity.required ||
           std::any_of(terms.begin(), terms.end(), [&node](const api::NodeSelectorTerm& term) {
               return matchesNodeSelectorTerm(term, node);
           });
}

const api::Taint* untoleratedTaint(const api::Pod& pod, const api::Node& node) {
    for (const api::Taint& taint : node.taints)
        if ((taint.effect == "NoSchedule" || taint.effect == "NoExecute") &&
            !tolerates(pod.tolerations, taint))
            return &taint;
    return nullptr;
}

} // namespace orrery::scheduler
