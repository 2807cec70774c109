// Views of batch/v1: Job, CronJob.
#pragma once
#include <cstdint>

#include "core/api/views/meta.h"

namespace orrery::api {

// One rule of a Job's podFailurePolicy.
struct PodFailureRule {
    std::string action; // FailJob FailIndex Ignore Count
    bool hasExitCodes = false;
    std::string containerName; // "": any container
    std::string op;            // In NotIn
    std::vector<int> exitCodes;
    struct ConditionPattern {
        std::string type, status;
    };
    std::vector<ConditionPattern> conditions;
};

struct JobSuccessRule {
    std::string succeededIndexes; // "0-2,5"; "" when absent
    std::optional<int> succeededCount;
};

struct Job {
    ObjectMeta metadata;
    // spec
    std::optional<int> parallelism, completions, backoffLimit, backoffLimitPerIndex,
        maxFailedIndexes;
    std::optional<int> ttlSecondsAfterFinished;
    std::optional<std::int64_t> activeDeadlineSeconds;
    bool suspend = false, indexed = false, hasFailurePolicy = false, hasSuccessPolicy = false;
    std::string podReplacementPolicy = "TerminatingOrFailed"; // or "Failed"
    std::string managedBy;
    LabelSelector selector;
    Json podTemplate; // as written
    std::vector<PodFailureRule> failureRules;
    std::vector<JobSuccessRule> successRules;
    // status
    int active = 0, succeeded = 0, failed = 0;
    std::optional<int> terminating, ready;
    std::optional<Time> startTime, completionTime;
    std::string completedIndexes, failedIndexes;
    std::vector<std::string> uncountedSucceeded, uncountedFailed; // uids
    bool hasUncounted = false;
    std::vector<Condition> conditions;

    // Complete or Failed is True.
    bool finished() const;
};

struct CronJob {
    ObjectMeta metadata;
    std::string schedule, timeZone, concurrencyPolicy = "Allow";
    std::optional<std::int64_t> startingDeadlineSeconds;
    bool suspend = false;
    Json jobTemplate; // as written
    int successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1;
    struct Active {
        std::string name, uid;
    };
    std::vector<Active> active;
    std::optional<Time> lastScheduleTime, lastSuccessfulTime;
};

void decode(const Json& object, Job& out);
void decode(const Json& object, CronJob& out);

} // namespace orrery::api
