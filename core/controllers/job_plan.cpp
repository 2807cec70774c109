#include "core/controllers/job_plan.h"

namespace orrery::controllers::job {

int Plan::succeeded() const {
    return job.indexed ? static_cast<int>(succeededIndexes.size())
                       : countedSucceeded + static_cast<int>(uncountedSucceeded.size());
}

bool Plan::failedPod(const api::Pod& pod) const {
    if (pod.phase == "Failed")
        return true;
    // A pod that is being deleted may never get to say how it ended.
    return !replacesFailedOnly() && pod.metadata.deletionTimestamp && pod.phase != "Succeeded";
}

const api::Condition* Plan::condition(const char* type) const {
    return api::findCondition(conditions, type);
}

bool Plan::is(const char* type) const {
    const api::Condition* found = condition(type);
    return found && found->status == "True";
}

void Plan::setCondition(const char* type, const char* status, const std::string& reason,
                        const std::string& message) {
    api::Condition made;
    made.type = type;
    made.status = status;
    made.reason = reason;
    made.message = message;
    made.lastProbeTime = made.lastTransitionTime = now;
    for (api::Condition& old : conditions)
        if (old.type == type) {
            if (old.status != status)
                old = made;
            return;
        }
    conditions.push_back(std::move(made));
}

void Plan::say(const char* type, const std::string& reason, const std::string& message) {
    out.events.push_back({client::referenceTo("batch/v1", "Job", job.metadata),
                          {type, reason, message, "", {}, {}}});
}

} // namespace orrery::controllers::job
