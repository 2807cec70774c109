// A Job's podFailurePolicy and successPolicy.
#include <algorithm>

#include "core/controllers/job_plan.h"

namespace orrery::controllers::job {

namespace {
const api::ContainerStatus* matchingContainer(const api::PodFailureRule& rule,
                                              const std::vector<api::ContainerStatus>& statuses) {
    for (const api::ContainerStatus& status : statuses) {
        if (status.state.kind != api::ContainerState::Kind::Terminated ||
            status.state.exitCode == 0)
            continue;
        if (!rule.containerName.empty() && rule.containerName != status.name)
            continue;
        const bool listed = std::find(rule.exitCodes.begin(), rule.exitCodes.end(),
                                      status.state.exitCode) != rule.exitCodes.end();
        if (listed == (rule.op == "In"))
            return &status;
    }
    return nullptr;
}

const api::Condition* matchingCondition(const api::PodFailureRule& rule, const api::Pod& pod) {
    for (const api::Condition& condition : pod.conditions)
        for (const api::PodFailureRule::ConditionPattern& pattern : rule.conditions)
            if (condition.type == pattern.type && condition.status == pattern.status)
                return &condition;
    return nullptr;
}

std::string failJobMessage(const api::Pod& pod, const api::ContainerStatus* container,
                           const api::Condition* condition, std::size_t index) {
    const std::string name = pod.metadata.namespace_ + "/" + pod.metadata.name;
    const std::string rule = " matching FailJob rule at index " + std::to_string(index);
    if (container)
        return "Container " + container->name + " for pod " + name + " failed with exit code " +
               std::to_string(container->state.exitCode) + rule;
    return "Pod " + name + " has condition " + condition->type + rule;
}
} // namespace

PolicyMatch matchFailurePolicy(const api::Job& job, const api::Pod& failed) {
    for (std::size_t i = 0; i < job.failureRules.size(); ++i) {
        const api::PodFailureRule& rule = job.failureRules[i];
        const api::ContainerStatus* container = nullptr;
        if (rule.hasExitCodes) {
            container = matchingContainer(rule, failed.containerStatuses);
            if (!container)
                container = matchingContainer(rule, failed.initContainerStatuses);
        }
        const api::Condition* condition =
            rule.hasExitCodes ? nullptr : matchingCondition(rule, failed);
        if (!container && !condition)
            continue;
        PolicyMatch out;
        out.counts = rule.action != "Ignore";
        out.failIndex = rule.action == "FailIndex";
        if (rule.action == "FailJob")
            out.failJob = failJobMessage(failed, container, condition, i);
        return out;
    }
    return {};
}

int matchSuccessPolicy(const api::Job& job, const IndexSet& succeeded) {
    const int completions = job.completions.value_or(0);
    for (std::size_t i = 0; i < job.successRules.size(); ++i) {
        const api::JobSuccessRule& rule = job.successRules[i];
        const IndexSet wanted = parseIndexes(rule.succeededIndexes, completions);
        int hits = 0;
        for (const int index : succeeded)
            hits += rule.succeededIndexes.empty() || wanted.count(index) != 0 ? 1 : 0;
        const int needed = rule.succeededCount.value_or(static_cast<int>(wanted.size()));
        if (hits >= needed && needed > 0)
            return static_cast<int>(i);
    }
    return -1;
}

} // namespace orrery::controllers::job
