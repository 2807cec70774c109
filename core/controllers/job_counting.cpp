// Counting a Job's finished pods.
#include <algorithm>
#include <charconv>

#include "core/controllers/job_plan.h"

namespace orrery::controllers::job {

namespace {
void countFailedIndex(Plan& plan, const api::Pod& pod, const PolicyMatch& match) {
    const int index = indexOf(pod);
    if (!plan.perIndex() || index < 0 || index >= plan.job.completions.value_or(0))
        return;
    const bool spent =
        match.counts && annotatedNumber(pod, kIndexFailures) >= *plan.job.backoffLimitPerIndex;
    if ((match.failIndex || spent) && plan.succeededIndexes.count(index) == 0)
        plan.failedIndexes.insert(index);
}

// A tracked pod that ended (or, when the Job is over, any): where it is counted, and whether it may
// go.
void countPod(Plan& plan, PodPtr pod, const std::set<std::string>& stored, bool jobFailed) {
    const api::Pod& view = *pod->view;
    const std::string& uid = view.metadata.uid;
    if (stored.count(uid) != 0) { // the status names it: the finalizer has done its duty
        plan.toRelease.push_back(pod);
        return;
    }
    if (view.phase == "Succeeded") {
        if (plan.job.indexed) {
            const int index = indexOf(view);
            const bool valid = index >= 0 && index < plan.job.completions.value_or(0);
            const bool known = plan.succeededIndexes.count(index) != 0;
            if (!valid || known)
                plan.toRelease.push_back(pod);
            else
                plan.succeededIndexes.insert(index);
        } else {
            plan.uncountedSucceeded.insert(uid);
        }
        return;
    }
    if (!plan.failedPod(view) && !(jobFailed && view.metadata.deletionTimestamp)) {
        if (plan.job.metadata.deletionTimestamp)
            plan.toRelease.push_back(pod);
        return;
    }
    const PolicyMatch match = matchFailurePolicy(plan.job, view);
    countFailedIndex(plan, view, match);
    if (match.counts)
        plan.uncountedFailed.insert(uid);
    else
        plan.toRelease.push_back(pod);
}
} // namespace

bool tracked(const api::Pod& pod) {
    const std::vector<std::string>& finalizers = pod.metadata.finalizers;
    return std::find(finalizers.begin(), finalizers.end(), kFinalizer) != finalizers.end();
}

int annotatedNumber(const api::Pod& pod, const char* key) {
    const auto at = pod.metadata.annotations.find(key);
    int value = 0;
    if (at != pod.metadata.annotations.end())
        std::from_chars(at->second.data(), at->second.data() + at->second.size(), value);
    return value;
}

int indexOf(const api::Pod& pod) {
    return pod.metadata.annotations.count(kIndex) != 0 ? annotatedNumber(pod, kIndex) : -1;
}

Time finishedAt(const api::Pod& pod) {
    Time last{};
    for (const api::ContainerStatus& status : pod.containerStatuses) {
        if (status.state.kind != api::ContainerState::Kind::Terminated ||
            status.state.finishedAt == Time{}) {
            last = Time{};
            break;
        }
        last = std::max(last, status.state.finishedAt);
    }
    if (last != Time{})
        return last;
    const api::Condition* ready = api::findCondition(pod.conditions, "Ready");
    if (ready && ready->status == "False" && ready->lastTransitionTime != Time{})
        return ready->lastTransitionTime;
    return pod.metadata.deletionTimestamp.value_or(pod.metadata.creationTimestamp);
}

void count(Plan& plan) {
    const api::Job& job = plan.job;
    plan.countedSucceeded = job.succeeded;
    plan.countedFailed = job.failed;
    if (job.indexed) {
        plan.succeededIndexes = parseIndexes(job.completedIndexes, job.completions.value_or(0));
        plan.failedIndexes = parseIndexes(job.failedIndexes, job.completions.value_or(0));
    }
    std::set<std::string> stillTracked, stored;
    for (const PodPtr pod : plan.pods)
        if (tracked(*pod->view))
            stillTracked.insert(pod->view->metadata.uid);
    const auto settle = [&](const std::vector<std::string>& uids, std::set<std::string>& uncounted,
                            int& counted) {
        for (const std::string& uid : uids) {
            if (stillTracked.count(uid) != 0) {
                uncounted.insert(uid);
                stored.insert(uid);
            } else {
                ++counted;
            }
        }
    };
    settle(job.uncountedSucceeded, plan.uncountedSucceeded, plan.countedSucceeded);
    settle(job.uncountedFailed, plan.uncountedFailed, plan.countedFailed);
    const bool jobFailed = plan.is("FailureTarget");
    for (const PodPtr pod : plan.pods)
        if (tracked(*pod->view))
            countPod(plan, pod, stored, jobFailed);
    if (job.indexed)
        plan.countedSucceeded = static_cast<int>(plan.succeededIndexes.size());
}

Action releasePod(const api::Pod& pod, const std::string& because) {
    JsonObject metadata{{"uid", pod.metadata.uid},
                        {"$deleteFromPrimitiveList/finalizers", JsonArray{Json(kFinalizer)}}};
    Action action = patchObject(podPath(pod.metadata.namespace_, pod.metadata.name),
                                JsonObject{{"metadata", std::move(metadata)}}, because);
    action.request.patchType = client::PatchType::StrategicMerge;
    return action;
}

} // namespace orrery::controllers::job
