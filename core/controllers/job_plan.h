// The working copy of one Job's reconcile, for the job_*.cpp files.
//
// A finished pod is counted once, whatever crashes when: its uid goes into
// status.uncountedTerminatedPods, then its finalizer goes, then uid and count change places. Each
// step is one write that the next one has seen.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/controllers/index_set.h"
#include "core/controllers/pods.h"

namespace orrery::controllers::job {

inline constexpr const char* kFinalizer = "batch.kubernetes.io/job-tracking";
inline constexpr const char* kIndex = "batch.kubernetes.io/job-completion-index";
inline constexpr const char* kIndexFailures = "batch.kubernetes.io/job-index-failure-count";
inline constexpr const char* kIndexIgnored = "batch.kubernetes.io/job-index-ignored-failure-count";

bool tracked(const api::Pod& pod); // has the finalizer
// The completion index, or -1.
int indexOf(const api::Pod& pod);
// When it ended, as well as its status tells.
Time finishedAt(const api::Pod& pod);
int annotatedNumber(const api::Pod& pod, const char* key);

struct Plan {
    const api::Job& job;
    Time now;
    std::vector<PodPtr> pods, active;
    int terminating = 0, ready = 0;

    // counting
    std::set<std::string> uncountedSucceeded, uncountedFailed;
    int countedSucceeded = 0, countedFailed = 0; // as status shall say
    int starting = 0;                            // pods that are being created
    IndexSet succeededIndexes, failedIndexes;
    std::vector<PodPtr> toRelease; // counted: their finalizers may go

    std::vector<api::Condition> conditions;
    std::optional<Time> startTime, completionTime;
    Outcome out;

    int succeeded() const;
    int failed() const { return countedFailed + static_cast<int>(uncountedFailed.size()); }
    bool replacesFailedOnly() const { return job.podReplacementPolicy == "Failed"; }
    bool perIndex() const { return job.indexed && job.backoffLimitPerIndex.has_value(); }
    bool failedPod(const api::Pod& pod) const;
    const api::Condition* condition(const char* type) const;
    bool is(const char* type) const; // the condition is True
    // Adds it, or changes it when its status differs.
    void setCondition(const char* type, const char* status, const std::string& reason,
                      const std::string& message);
    void say(const char* type, const std::string& reason, const std::string& message);
};

// --- job_counting.cpp ---
void count(Plan& plan);
// Takes the finalizer from a pod.
Action releasePod(const api::Pod& pod, const std::string& because);

// --- job_policy.cpp ---
struct PolicyMatch {
    std::string failJob; // the message, when the rule fails the Job
    bool counts = true;  // towards the back-off limit
    bool failIndex = false;
};
PolicyMatch matchFailurePolicy(const api::Job& job, const api::Pod& failed);
// The index of the success rule that holds, or -1.
int matchSuccessPolicy(const api::Job& job, const IndexSet& succeeded);

// --- job_pods.cpp ---
void managePods(Plan& plan);                                  // as many active pods as it wants
void deleteAllActive(Plan& plan, const std::string& because); // those count as failed

} // namespace orrery::controllers::job
