// TTL after finished: a Job that ended goes after spec.ttlSecondsAfterFinished.
#include "core/controllers/controllers.h"

namespace orrery::controllers {

namespace {
Outcome reconcile(const api::Job& job, Time now) {
    Outcome out;
    if (!job.ttlSecondsAfterFinished || job.metadata.deletionTimestamp)
        return out;
    for (const api::Condition& condition : job.conditions) {
        if ((condition.type != "Complete" && condition.type != "Failed") ||
            condition.status != "True")
            continue;
        const Time expires =
            condition.lastTransitionTime + std::chrono::seconds(*job.ttlSecondsAfterFinished);
        if (expires > now) {
            out.requeueAfter = expires - now;
            return out;
        }
        out.actions.push_back(
            deleteObject({"batch", "v1", "jobs", job.metadata.namespace_, job.metadata.name, ""},
                         job.metadata.uid,
                         "it ended more than " + std::to_string(*job.ttlSecondsAfterFinished) +
                             " s ago (ttlSecondsAfterFinished)",
                         "Foreground"));
        return out;
    }
    return out;
}
} // namespace

ControllerDef ttlAfterFinishedController(View& view) {
    ControllerDef def;
    def.name = def.component = def.user = "ttl-after-finished-controller";
    def.watch = [&view](Wakes& wakes) {
        wakes.mapped<api::Job>(view.jobs, "Job", [](const api::Job& job) {
            return job.ttlSecondsAfterFinished && job.finished()
                       ? std::vector<std::string>{job.metadata.namespacedName()}
                       : std::vector<std::string>();
        });
    };
    def.reconcile = [&view](const std::string& key, Time now) {
        const client::Cached<api::Job>* found = view.jobs.get(key);
        return found ? reconcile(*found->view, now) : Outcome();
    };
    return def;
}

} // namespace orrery::controllers
