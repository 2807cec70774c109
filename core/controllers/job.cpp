// Job: pods until enough of them succeeded, or too many failed.
#include <algorithm>

#include "core/controllers/controllers.h"
#include "core/controllers/job_plan.h"

namespace orrery::controllers {

namespace job {

namespace {
constexpr Duration kBatch = 1s; // as in Kubernetes: what is not urgent is counted together
constexpr const char* kOwnName = "kubernetes.io/job-controller";

// Containers of an OnFailure pod restart in place; their restarts count instead of pods.
bool tooManyRestarts(const Plan& plan) {
    if (stringAt(plan.job.podTemplate, "spec.restartPolicy") != "OnFailure")
        return false;
    int restarts = 0;
    for (const PodPtr pod : plan.pods) {
        if (pod->view->phase != "Running" && pod->view->phase != "Pending")
            continue;
        for (const api::ContainerStatus& status : pod->view->initContainerStatuses)
            restarts += status.restartCount;
        for (const api::ContainerStatus& status : pod->view->containerStatuses)
            restarts += status.restartCount;
    }
    const int limit = plan.job.backoffLimit.value_or(6);
    return limit == 0 ? restarts > 0 : restarts >= limit;
}

std::string failJobByPolicy(const Plan& plan) {
    if (plan.job.hasFailurePolicy)
        for (const PodPtr pod : plan.pods)
            if (plan.failedPod(*pod->view) && pod->view->phase == "Failed")
                if (std::string message = matchFailurePolicy(plan.job, *pod->view).failJob;
                    !message.empty())
                    return message;
    return "";
}

bool pastDeadline(Plan& plan) {
    const api::Job& job = plan.job;
    if (!job.activeDeadlineSeconds || !plan.startTime || job.suspend)
        return false;
    const Duration left =
        *plan.startTime + std::chrono::seconds(*job.activeDeadlineSeconds) - plan.now;
    if (left <= Duration::zero())
        return true;
    plan.out.requeueAfter = left;
    return false;
}

void checkIndexes(Plan& plan) {
    if (!plan.perIndex() || plan.failedIndexes.empty())
        return;
    const int failed = static_cast<int>(plan.failedIndexes.size());
    if (plan.job.maxFailedIndexes && failed > *plan.job.maxFailedIndexes)
        plan.setCondition("FailureTarget", "True", "MaxFailedIndexesExceeded",
                          "Job has exceeded the specified maximal number of failed indexes");
    else if (failed + plan.succeeded() >= plan.job.completions.value_or(0))
        plan.setCondition("FailureTarget", "True", "FailedIndexes", "Job has failed indexes");
}

// Whether the Job is decided: sets the condition that announces its end.
void decide(Plan& plan) {
    if (plan.is("FailureTarget") || plan.is("SuccessCriteriaMet"))
        return;
    const std::string message = failJobByPolicy(plan);
    if (!message.empty())
        plan.setCondition("FailureTarget", "True", "PodFailurePolicy", message);
    else if (plan.failed() > plan.job.backoffLimit.value_or(6) || tooManyRestarts(plan))
        plan.setCondition("FailureTarget", "True", "BackoffLimitExceeded",
                          "Job has reached the specified backoff limit");
    else if (pastDeadline(plan))
        plan.setCondition("FailureTarget", "True", "DeadlineExceeded",
                          "Job was active longer than specified deadline");
    else
        checkIndexes(plan);
    if (plan.is("FailureTarget"))
        return;
    if (const int rule =
            plan.job.hasSuccessPolicy ? matchSuccessPolicy(plan.job, plan.succeededIndexes) : -1;
        rule >= 0)
        plan.setCondition("SuccessCriteriaMet", "True", "SuccessPolicy",
                          "Matched rules at index " + std::to_string(rule));
    const bool enough =
        plan.job.completions ? plan.succeeded() >= *plan.job.completions : plan.succeeded() > 0;
    if (enough && plan.active.empty() && !plan.is("SuccessCriteriaMet"))
        plan.setCondition("SuccessCriteriaMet", "True", "CompletionsReached",
                          "Reached expected number of succeeded pods");
}

void noticeSuspension(Plan& plan) {
    const bool was = plan.is("Suspended");
    if (plan.job.suspend) {
        plan.setCondition("Suspended", "True", "JobSuspended", "Job suspended");
        plan.startTime.reset();
        if (!was)
            plan.say("Normal", "Suspended", "Job suspended");
    } else if (was) {
        plan.setCondition("Suspended", "False", "JobResumed", "Job resumed");
        plan.startTime = plan.now; // the deadline begins anew
        plan.say("Normal", "Resumed", "Job resumed");
    }
}

// The end itself, once every pod is gone or counted.
void finish(Plan& plan) {
    const bool tracks = std::any_of(plan.pods.begin(), plan.pods.end(),
                                    [](PodPtr pod) { return tracked(*pod->view); });
    if (!plan.active.empty() || plan.terminating > 0 || plan.starting > 0 || tracks ||
        !plan.uncountedSucceeded.empty() || !plan.uncountedFailed.empty())
        return;
    if (plan.is("FailureTarget")) {
        const api::Condition target = *plan.condition("FailureTarget");
        plan.setCondition("Failed", "True", target.reason, target.message);
        plan.say("Warning", target.reason, target.message);
    } else if (plan.is("SuccessCriteriaMet")) {
        const api::Condition met = *plan.condition("SuccessCriteriaMet");
        plan.setCondition("Complete", "True", met.reason, met.message);
        plan.completionTime = plan.now;
        if (plan.job.completions && plan.succeeded() > *plan.job.completions)
            plan.say("Warning", "TooManySucceededPods",
                     "Too many succeeded pods running after completion count reached");
        plan.say("Normal", "Completed", "Job completed");
    }
}

JsonArray uids(const std::set<std::string>& values) {
    return JsonArray(values.begin(), values.end());
}

Json statusOf(const Plan& plan) {
    JsonObject out;
    JsonArray conditions;
    for (const api::Condition& condition : plan.conditions)
        conditions.push_back(conditionJson(condition.type, condition.status, condition.reason,
                                           condition.message, condition.lastTransitionTime, {},
                                           condition.lastProbeTime));
    if (!conditions.empty())
        out["conditions"] = std::move(conditions);
    if (plan.startTime)
        out["startTime"] = formatTime(*plan.startTime);
    if (plan.completionTime)
        out["completionTime"] = formatTime(*plan.completionTime);
    const auto put = [&out](const char* field, int value) {
        if (value != 0)
            out[field] = value;
    };
    put("active", static_cast<int>(plan.active.size()) + plan.starting);
    put("succeeded", plan.countedSucceeded);
    put("failed", plan.countedFailed);
    out["terminating"] = plan.terminating;
    if (plan.job.indexed && !plan.succeededIndexes.empty())
        out["completedIndexes"] = formatIndexes(plan.succeededIndexes);
    if (plan.perIndex())
        out["failedIndexes"] = formatIndexes(plan.failedIndexes);
    JsonObject uncounted;
    if (!plan.uncountedSucceeded.empty())
        uncounted["succeeded"] = uids(plan.uncountedSucceeded);
    if (!plan.uncountedFailed.empty())
        uncounted["failed"] = uids(plan.uncountedFailed);
    out["uncountedTerminatedPods"] = std::move(uncounted);
    out["ready"] = plan.ready;
    return out;
}

Plan planOf(const api::Job& job, Claimed<api::Pod> claimed, Time now) {
    Plan plan{job,
              now,
              std::move(claimed.items),
              {},
              0,
              0,
              {},
              {},
              0,
              0,
              0,
              {},
              {},
              {},
              job.conditions,
              job.startTime,
              job.completionTime,
              {}};
    plan.out.actions = std::move(claimed.actions);
    for (const PodPtr pod : plan.pods) {
        if (podActive(*pod->view)) {
            plan.active.push_back(pod);
            plan.ready += pod->view->ready() ? 1 : 0;
        }
        plan.terminating += podTerminating(*pod->view) ? 1 : 0;
    }
    return plan;
}

Outcome reconcile(const client::Cached<api::Job>& cached, const View& view, Time now) {
    const api::Job& job = *cached.view;
    if (!job.managedBy.empty() && job.managedBy != kOwnName)
        return {};
    Plan plan = planOf(job,
                       claim(view.pods, podPath(""),
                             Owner{"batch/v1", "Job", job.metadata, job.selector}, kFinalizer),
                       now);
    if (job.finished()) { // a pod that came late
        for (const PodPtr pod : plan.pods)
            if (tracked(*pod->view))
                plan.out.actions.push_back(releasePod(*pod->view, "the Job is finished"));
        return std::move(plan.out);
    }
    if (!plan.startTime && !job.suspend)
        plan.startTime = now;
    count(plan);
    decide(plan);
    if (plan.is("FailureTarget") || plan.is("SuccessCriteriaMet")) {
        deleteAllActive(plan, plan.is("FailureTarget") ? "the Job has failed"
                                                       : "the Job has succeeded without it");
    } else if (!job.metadata.deletionTimestamp) {
        managePods(plan);
        noticeSuspension(plan);
    }
    for (const PodPtr pod : plan.toRelease)
        plan.out.actions.push_back(releasePod(*pod->view, "the Job has counted it"));
    finish(plan);
    // An index is counted by the status itself: only when that says so may its pod go.
    if (std::optional<Action> status =
            patchStatus({"batch", "v1", "jobs", job.metadata.namespace_, job.metadata.name, ""},
                        cached.encoded->tree(), statusOf(plan),
                        counted(plan.succeeded(), "pod", "pods") + " succeeded, " +
                            std::to_string(plan.failed()) + " failed, " +
                            std::to_string(plan.active.size()) + " active"))
        plan.out.actions.push_back(std::move(*status));
    return std::move(plan.out);
}

// Counting under way, or an end that waits for its pods.
bool urgent(const api::Job& job) {
    if (job.finished())
        return false;
    return !job.uncountedSucceeded.empty() || !job.uncountedFailed.empty() ||
           api::findCondition(job.conditions, "FailureTarget") ||
           api::findCondition(job.conditions, "SuccessCriteriaMet") || job.indexed;
}

client::Wake wakeOf(const char* kind, client::Wake::What what, const api::ObjectMeta& metadata,
                    std::int64_t revision) {
    return {kind, what, metadata.namespacedName(), revision};
}

void watchJobs(View& view, Wakes& wakes) {
    using What = client::Wake::What;
    client::Handler<api::Job> handler;
    handler.onAdd = [&wakes](const client::Cached<api::Job>& item) {
        const api::ObjectMeta& metadata = item.view->metadata;
        wakes.add(metadata.namespacedName(), wakeOf("Job", What::Added, metadata, item.revision));
    };
    handler.onUpdate = [&wakes](const client::Cached<api::Job>& old,
                                const client::Cached<api::Job>& item) {
        const api::ObjectMeta& metadata = item.view->metadata;
        if (metadata.generation != old.view->metadata.generation || metadata.deletionTimestamp ||
            urgent(*item.view))
            wakes.add(metadata.namespacedName(),
                      wakeOf("Job", What::Changed, metadata, item.revision));
        else if (!item.view->finished())
            wakes.addAfter(metadata.namespacedName(), kBatch);
    };
    handler.onDelete = [&wakes](const client::Cached<api::Job>& last) { // its pods are let go
        const api::ObjectMeta& metadata = last.view->metadata;
        wakes.add(metadata.namespacedName(), wakeOf("Job", What::Deleted, metadata, last.revision));
    };
    wakes.on(view.jobs, std::move(handler));
}

std::string ownerKey(const api::Pod& pod) {
    const api::OwnerReference* owner = pod.metadata.controllerOf();
    return owner && owner->kind == "Job" ? pod.metadata.namespace_ + "/" + owner->name : "";
}

constexpr const char* kTrackedBy =
    "tracked-by-job"; // index: the Job's key, of pods with its finalizer

std::string trackedBy(const api::Pod& pod) {
    if (!tracked(pod))
        return "";
    if (pod.metadata.controllerOf())
        return ownerKey(pod);
    const auto name = pod.metadata.labels.find("batch.kubernetes.io/job-name");
    return name == pod.metadata.labels.end() ? "" : pod.metadata.namespace_ + "/" + name->second;
}

// Pods that wait for a Job which is gone: nobody will count them.
void releaseLeftBehind(const std::string& key, const api::Job* job, const View& view,
                       Outcome& out) {
    for (const std::string& pod : view.pods.byIndex(kTrackedBy, key)) {
        const api::Pod& left = *view.pods.get(pod)->view;
        const api::OwnerReference* owner = left.metadata.controllerOf();
        if (!job || (owner && owner->uid != job->metadata.uid))
            out.actions.push_back(releasePod(left, "its Job is gone"));
    }
}

// Does this change of a pod mean something to its Job?
bool matters(const api::Pod& old, const api::Pod& now) {
    return old.phase != now.phase || old.ready() != now.ready() ||
           old.metadata.labels != now.metadata.labels ||
           old.metadata.deletionTimestamp.has_value() !=
               now.metadata.deletionTimestamp.has_value() ||
           ownerKey(old) != ownerKey(now) ||
           (tracked(old) != tracked(now) && (now.terminal() || now.metadata.deletionTimestamp));
}

void wakeOwners(const View& view, Wakes& wakes, const api::Pod& pod, const client::Wake& wake) {
    if (const std::string key = ownerKey(pod); !key.empty()) {
        wakes.add(key, wake);
        return;
    }
    if (const std::string key = trackedBy(pod); !key.empty())
        wakes.add(key, wake);
    if (pod.metadata.controllerOf() || pod.metadata.labels.empty())
        return;
    for (const std::string& key : view.jobs.byIndex(indexes::kNamespace, pod.metadata.namespace_))
        if (view.jobs.get(key)->view->selector.matches(pod.metadata.labels))
            wakes.add(key, wake);
}

void watchPods(View& view, Wakes& wakes) {
    using What = client::Wake::What;
    view.pods.addIndex(kTrackedBy, [](const api::Pod& pod) {
        const std::string key = trackedBy(pod);
        return key.empty() ? std::vector<std::string>() : std::vector{key};
    });
    client::Handler<api::Pod> handler;
    handler.onAdd = [&view, &wakes](const client::Cached<api::Pod>& item) {
        if (ownerKey(*item.view).empty() ||
            item.view->terminal()) // its own new pods are counted already
            wakeOwners(view, wakes, *item.view,
                       wakeOf("Pod", What::Added, item.view->metadata, item.revision));
    };
    handler.onUpdate = [&view, &wakes](const client::Cached<api::Pod>& old,
                                       const client::Cached<api::Pod>& item) {
        if (!matters(*old.view, *item.view))
            return;
        const client::Wake wake = wakeOf("Pod", What::Changed, item.view->metadata, item.revision);
        wakeOwners(view, wakes, *item.view, wake);
        if (ownerKey(*old.view) != ownerKey(*item.view))
            wakes.add(ownerKey(*old.view), wake);
    };
    handler.onDelete = [&view, &wakes](const client::Cached<api::Pod>& last) {
        const std::string key = ownerKey(*last.view);
        const client::Cached<api::Job>* job = key.empty() ? nullptr : view.jobs.get(key);
        if (!job)
            return;
        if (urgent(*job->view))
            wakes.add(key, wakeOf("Pod", What::Deleted, last.view->metadata, last.revision));
        else
            wakes.addAfter(key, kBatch);
    };
    wakes.on(view.pods, std::move(handler));
}
} // namespace

} // namespace job

ControllerDef jobController(View& view) {
    ControllerDef def;
    def.name = def.component = def.user = "job-controller";
    def.watch = [&view](Wakes& wakes) {
        job::watchJobs(view, wakes);
        job::watchPods(view, wakes);
    };
    def.reconcile = [&view](const std::string& key, Time now) {
        const client::Cached<api::Job>* found = view.jobs.get(key);
        Outcome out = found ? job::reconcile(*found, view, now) : Outcome();
        job::releaseLeftBehind(key, found ? found->view.get() : nullptr, view, out);
        return out;
    };
    return def;
}

} // namespace orrery::controllers
