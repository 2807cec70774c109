// The pods that a Job wants to run now.
#include <algorithm>
#include <cmath>

#include "core/controllers/job_plan.h"

namespace orrery::controllers::job {

namespace {
constexpr Duration kBackoffFirst = 10s;
constexpr Duration kBackoffMax = 600s;
constexpr const char* kIndexEnv = "JOB_COMPLETION_INDEX";

Said said(const Plan& plan, const char* type, const char* reason, const char* message) {
    return {client::referenceTo("batch/v1", "Job", plan.job.metadata),
            {type, reason, message, "", {}, {}}};
}

// Uncounted: first the finalizer goes, so that its end means nothing to the Job.
void deleteUncounted(Plan& plan, PodPtr pod, const std::string& because) {
    if (tracked(*pod->view))
        plan.out.actions.push_back(releasePod(*pod->view, because));
    const api::ObjectMeta& metadata = pod->view->metadata;
    Action gone = deleteObject(podPath(metadata.namespace_, metadata.name), metadata.uid, because);
    gone.whenDone = said(plan, "Normal", "SuccessfulDelete", "Deleted pod: {name}");
    gone.whenFailed = said(plan, "Warning", "FailedDelete", "Error deleting: {error}");
    plan.out.actions.push_back(std::move(gone));
    ++plan.terminating;
    if (pod->view->ready())
        --plan.ready;
    std::erase(plan.active, pod);
}

// How long the next pod has to wait after failures in a row.
Duration remainingBackoff(const Plan& plan) {
    Time lastSuccess{}, lastFailure{};
    for (const PodPtr pod : plan.pods)
        if (pod->view->phase == "Succeeded")
            lastSuccess = std::max(lastSuccess, finishedAt(*pod->view));
    int failures = 0;
    for (const PodPtr pod : plan.pods) {
        if (pod->view->phase != "Failed" || finishedAt(*pod->view) <= lastSuccess ||
            !matchFailurePolicy(plan.job, *pod->view).counts)
            continue;
        ++failures;
        lastFailure = std::max(lastFailure, finishedAt(*pod->view));
    }
    if (failures == 0)
        return Duration::zero();
    Duration wait = kBackoffFirst;
    for (int i = 1; i < failures && wait < kBackoffMax; ++i)
        wait *= 2;
    return std::max(lastFailure + std::min(wait, kBackoffMax) - plan.now, Duration::zero());
}

// Active pods beyond what is wanted: of an index twice, of no valid index, then the most
// dispensable.
std::vector<PodPtr> surplusPods(const Plan& plan, int atLeast) {
    std::vector<PodPtr> out;
    std::vector<RankedPod> rest;
    IndexSet taken = plan.succeededIndexes;
    for (const PodPtr pod : plan.active) {
        const int index = indexOf(*pod->view);
        if (plan.job.indexed &&
            (index < 0 || index >= plan.job.completions.value_or(0) || !taken.insert(index).second))
            out.push_back(pod);
        else
            rest.push_back({pod, 0});
    }
    sortForDeletion(rest, plan.now);
    for (const RankedPod& one : rest) {
        if (static_cast<int>(out.size()) >= atLeast)
            break;
        out.push_back(one.pod);
    }
    return out;
}

std::vector<int> pendingIndexes(const Plan& plan, int count) {
    IndexSet taken = plan.succeededIndexes;
    taken.insert(plan.failedIndexes.begin(), plan.failedIndexes.end());
    for (const PodPtr pod : plan.pods)
        if (podActive(*pod->view) || (plan.replacesFailedOnly() && podTerminating(*pod->view)))
            taken.insert(indexOf(*pod->view));
    std::vector<int> out;
    for (int index = 0;
         index < plan.job.completions.value_or(0) && static_cast<int>(out.size()) < count; ++index)
        if (taken.count(index) == 0)
            out.push_back(index);
    return out;
}

// Earlier failures of the index go on in its next pod's annotations.
void countIndexFailures(const Plan& plan, int index, Json& pod) {
    if (!plan.perIndex())
        return;
    int failures = 0, ignored = 0;
    for (const PodPtr old : plan.pods) {
        if (indexOf(*old->view) != index || !plan.failedPod(*old->view))
            continue;
        const bool counts = matchFailurePolicy(plan.job, *old->view).counts;
        failures =
            std::max(failures, annotatedNumber(*old->view, kIndexFailures) + (counts ? 1 : 0));
        ignored = std::max(ignored, annotatedNumber(*old->view, kIndexIgnored) + (counts ? 0 : 1));
    }
    Json& annotations = ensurePath(pod, "metadata.annotations");
    annotations.get_object()[kIndexFailures] = std::to_string(failures);
    if (ignored > 0)
        annotations.get_object()[kIndexIgnored] = std::to_string(ignored);
}

void addIndex(const Plan& plan, int index, Json& pod) {
    const std::string text = std::to_string(index);
    for (const char* map : {"metadata.annotations", "metadata.labels"}) {
        Json& at = ensurePath(pod, map);
        if (!at.is_object())
            at = JsonObject();
        at.get_object()[kIndex] = text;
    }
    countIndexFailures(plan, index, pod);
    const std::string base = plan.job.metadata.name + "-" + text;
    setPath(pod, "metadata.generateName", Json(base + "-"));
    if (stringAt(pod, "spec.hostname").empty())
        setPath(pod, "spec.hostname", Json(base));
    for (const char* list : {"spec.initContainers", "spec.containers"}) {
        if (!findPath(pod, list))
            continue;
        Json& containers = ensurePath(pod, list);
        for (Json& container : containers.as_array()) {
            Json& env = ensurePath(container, "env");
            if (!env.is_array())
                env = JsonArray();
            const JsonArray& entries = env.get_array();
            if (std::any_of(entries.begin(), entries.end(),
                            [](const Json& entry) { return stringAt(entry, "name") == kIndexEnv; }))
                continue;
            const std::string field = std::string("metadata.labels['") + kIndex + "']";
            env.get_array().push_back(JsonObject{
                {"name", kIndexEnv},
                {"valueFrom", JsonObject{{"fieldRef", JsonObject{{"fieldPath", field}}}}}});
        }
    }
}

void createPods(Plan& plan, int missing) {
    const api::Job& job = plan.job;
    Json pod = podFromTemplate(job.podTemplate, job.metadata.namespace_,
                               controllerReference("batch/v1", "Job", job.metadata));
    Json& finalizers = ensurePath(pod, "metadata.finalizers");
    if (!finalizers.is_array())
        finalizers = JsonArray();
    finalizers.get_array().emplace_back(kFinalizer);
    setPath(pod, "metadata.generateName", Json(job.metadata.name + "-"));
    const std::vector<int> indexes =
        job.indexed ? pendingIndexes(plan, missing) : std::vector<int>();
    if (job.indexed)
        missing = static_cast<int>(indexes.size());
    plan.starting = missing;
    const std::string because =
        job.completions
            ? std::to_string(plan.succeeded()) + " of " + std::to_string(*job.completions) +
                  " completions, at most " + counted(job.parallelism.value_or(1), "pod", "pods") +
                  " at once"
            : "it wants " + counted(job.parallelism.value_or(1), "pod", "pods") + " at once";
    for (int i = 0; i < missing; ++i) {
        Json one = pod;
        if (job.indexed)
            addIndex(plan, indexes[static_cast<std::size_t>(i)], one);
        Action create = createObject(podPath(job.metadata.namespace_), std::move(one), because);
        create.whenDone = said(plan, "Normal", "SuccessfulCreate", "Created pod: {name}");
        create.whenFailed = said(plan, "Warning", "FailedCreate", "Error creating: {error}");
        plan.out.actions.push_back(std::move(create));
    }
}

int wantedActive(const Plan& plan) {
    const api::Job& job = plan.job;
    const int parallelism = job.parallelism.value_or(1);
    const int active = static_cast<int>(plan.active.size());
    if (!job.completions) // a work queue: after the first success no new pods
        return plan.succeeded() > 0 ? std::min(active, parallelism) : parallelism;
    return std::clamp(*job.completions - plan.succeeded() -
                          static_cast<int>(plan.failedIndexes.size()),
                      0, parallelism);
}
} // namespace

void managePods(Plan& plan) {
    if (plan.job.suspend) {
        for (const PodPtr pod : std::vector<PodPtr>(plan.active))
            deleteUncounted(plan, pod, "the Job is suspended");
        return;
    }
    const int wanted = wantedActive(plan);
    for (const PodPtr pod : surplusPods(plan, static_cast<int>(plan.active.size()) - wanted))
        deleteUncounted(plan, pod, "the Job wants " + counted(wanted, "active pod", "active pods"));
    const int missing = wanted - static_cast<int>(plan.active.size()) -
                        (plan.replacesFailedOnly() ? plan.terminating : 0);
    if (missing <= 0)
        return;
    if (const Duration wait = remainingBackoff(plan); wait > Duration::zero()) {
        plan.out.requeueAfter =
            plan.out.requeueAfter ? std::min(*plan.out.requeueAfter, wait) : wait;
        return;
    }
    createPods(plan, missing);
}

void deleteAllActive(Plan& plan, const std::string& because) {
    for (const PodPtr pod : plan.active) {
        const api::ObjectMeta& metadata = pod->view->metadata;
        Action gone =
            deleteObject(podPath(metadata.namespace_, metadata.name), metadata.uid, because);
        gone.whenDone = said(plan, "Normal", "SuccessfulDelete", "Deleted pod: {name}");
        gone.whenFailed = said(plan, "Warning", "FailedDelete", "Error deleting: {error}");
        plan.out.actions.push_back(std::move(gone));
    }
    plan.terminating += static_cast<int>(plan.active.size());
    plan.active.clear();
    plan.ready = 0;
}

} // namespace orrery::controllers::job
