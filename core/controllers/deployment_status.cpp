// A Deployment's status and conditions.
#include <algorithm>

#include "core/controllers/deployment_plan.h"

namespace orrery::controllers::deployment {

namespace {
bool progressing(const api::Deployment& before, const Status& status) {
    return status.updated > before.updatedReplicas ||
           status.replicas - status.updated < before.statusReplicas - before.updatedReplicas ||
           status.ready > before.readyReplicas || status.available > before.availableReplicas;
}

bool timedOut(const Plan& plan) {
    const api::Condition* condition = plan.condition("Progressing");
    if (!plan.hasDeadline() || !condition || condition->reason == "NewReplicaSetAvailable")
        return false;
    return condition->reason == "ProgressDeadlineExceeded" ||
           condition->lastUpdateTime +
                   std::chrono::seconds(*plan.deployment.progressDeadlineSeconds) <
               plan.now;
}

std::string subject(Plan& plan) {
    return plan.newSet() ? "ReplicaSet \"" + plan.newSet()->name + "\""
                         : "Deployment \"" + plan.deployment.metadata.name + "\"";
}

// A step forward renews lastUpdateTime, the deadline's beginning, even when status and reason stay.
void renewProgressing(Plan& plan) {
    const api::Condition* before = plan.condition("Progressing");
    std::optional<Time> transition;
    if (before && before->status == "True")
        transition = before->lastTransitionTime;
    plan.removeCondition("Progressing");
    plan.setCondition("Progressing", "True", "ReplicaSetUpdated",
                      subject(plan) + " is progressing.");
    if (transition)
        plan.conditions.back().lastTransitionTime = *transition;
}

const api::Condition* replicaFailure(Plan& plan) {
    const Set* young = plan.newSet();
    if (young && young->view)
        if (const api::Condition* found =
                api::findCondition(young->view->conditions, "ReplicaFailure"))
            return found;
    for (const Set& set : plan.sets)
        if (set.view)
            if (const api::Condition* found =
                    api::findCondition(set.view->conditions, "ReplicaFailure"))
                return found;
    return nullptr;
}
} // namespace

Status computeStatus(Plan& plan) {
    Status out;
    out.terminating = 0;
    for (const Set& set : plan.sets) {
        out.replicas += set.actual;
        out.ready += set.ready;
        out.available += set.available;
        if (out.terminating && set.terminating)
            *out.terminating += *set.terminating;
        else
            out.terminating.reset(); // not known yet for one of them
    }
    if (const Set* young = plan.newSet())
        out.updated = young->actual;
    out.unavailable = std::max(0, plan.replicasOfAll() - out.available);
    if (out.available >= plan.deployment.replicas - plan.maxUnavailable())
        plan.setCondition("Available", "True", "MinimumReplicasAvailable",
                          "Deployment has minimum availability.");
    else
        plan.setCondition("Available", "False", "MinimumReplicasUnavailable",
                          "Deployment does not have minimum availability.");
    return out;
}

bool complete(const api::Deployment& deployment, const Status& status) {
    return status.updated == deployment.replicas && status.replicas == deployment.replicas &&
           status.available == deployment.replicas;
}

bool completeNow(const Plan& plan) {
    const api::Deployment& d = plan.deployment;
    return d.updatedReplicas == d.replicas && d.statusReplicas == d.replicas &&
           d.availableReplicas == d.replicas && d.observedGeneration >= d.metadata.generation;
}

void computeProgress(Plan& plan, const Status& status) {
    if (!plan.hasDeadline())
        plan.removeCondition("Progressing");
    const api::Condition* current = api::findCondition(plan.deployment.conditions, "Progressing");
    const bool wasComplete =
        status.replicas == status.updated && current && current->reason == "NewReplicaSetAvailable";
    if (plan.hasDeadline() && !wasComplete) {
        if (complete(plan.deployment, status))
            plan.setCondition("Progressing", "True", "NewReplicaSetAvailable",
                              subject(plan) + " has successfully progressed.");
        else if (progressing(plan.deployment, status))
            renewProgressing(plan);
        else if (timedOut(plan))
            plan.setCondition("Progressing", "False", "ProgressDeadlineExceeded",
                              subject(plan) + " has timed out progressing.");
    }
    if (const api::Condition* failure = replicaFailure(plan))
        plan.setCondition("ReplicaFailure", failure->status.c_str(), failure->reason.c_str(),
                          failure->message);
    else
        plan.removeCondition("ReplicaFailure");
}

Json toJson(const Plan& plan, const Status& status) {
    JsonObject out;
    const auto put = [&out](const char* field, std::int64_t value) {
        if (value != 0)
            out[field] = value;
    };
    put("observedGeneration", plan.deployment.metadata.generation);
    put("replicas", status.replicas);
    put("updatedReplicas", status.updated);
    put("readyReplicas", status.ready);
    put("availableReplicas", status.available);
    put("unavailableReplicas", status.unavailable);
    if (status.terminating)
        out["terminatingReplicas"] = *status.terminating;
    JsonArray conditions;
    for (const api::Condition& condition : plan.conditions)
        conditions.push_back(conditionJson(condition.type, condition.status, condition.reason,
                                           condition.message, condition.lastTransitionTime,
                                           condition.lastUpdateTime));
    if (!conditions.empty())
        out["conditions"] = std::move(conditions);
    if (plan.collisionCount)
        out["collisionCount"] = *plan.collisionCount;
    return out;
}

std::optional<Duration> untilDeadline(const Plan& plan, const Status& status) {
    const api::Condition* condition = plan.condition("Progressing");
    if (!plan.hasDeadline() || !condition || complete(plan.deployment, status) ||
        condition->reason == "ProgressDeadlineExceeded" ||
        condition->reason == "NewReplicaSetAvailable")
        return std::nullopt;
    const Time deadline =
        condition->lastUpdateTime + std::chrono::seconds(*plan.deployment.progressDeadlineSeconds);
    return std::max<Duration>(deadline - plan.now, Duration::zero()) +
           1s; // times are kept in whole seconds
}

} // namespace orrery::controllers::deployment
