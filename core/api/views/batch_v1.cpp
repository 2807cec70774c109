#include "core/api/views/batch_v1.h"

namespace orrery::api {

namespace {
std::optional<int> optionalAt(const Json& object, std::string_view path) {
    if (!findPath(object, path))
        return std::nullopt;
    return static_cast<int>(intAt(object, path));
}

std::optional<Time> timeAt(const Json& object, std::string_view path) {
    const Result<Time> parsed = parseTime(stringAt(object, path));
    return parsed ? std::optional(*parsed) : std::nullopt;
}

std::vector<std::string> stringsAt(const Json& object, std::string_view path) {
    std::vector<std::string> out;
    for (const Json& item : arrayAt(object, path))
        out.emplace_back(asString(item));
    return out;
}

PodFailureRule failureRule(const Json& rule) {
    PodFailureRule out;
    out.action = stringAt(rule, "action");
    out.hasExitCodes = find(rule, "onExitCodes") != nullptr;
    out.containerName = stringAt(rule, "onExitCodes.containerName");
    out.op = stringAt(rule, "onExitCodes.operator");
    for (const Json& code : arrayAt(rule, "onExitCodes.values"))
        out.exitCodes.push_back(code.is_int64() ? static_cast<int>(code.get_int64()) : 0);
    for (const Json& pattern : arrayAt(rule, "onPodConditions"))
        out.conditions.push_back({std::string(stringAt(pattern, "type")),
                                  std::string(stringAt(pattern, "status", "True"))});
    return out;
}

void jobStatus(const Json& object, Job& out) {
    out.active = static_cast<int>(intAt(object, "status.active"));
    out.succeeded = static_cast<int>(intAt(object, "status.succeeded"));
    out.failed = static_cast<int>(intAt(object, "status.failed"));
    out.terminating = optionalAt(object, "status.terminating");
    out.ready = optionalAt(object, "status.ready");
    out.startTime = timeAt(object, "status.startTime");
    out.completionTime = timeAt(object, "status.completionTime");
    out.completedIndexes = stringAt(object, "status.completedIndexes");
    out.failedIndexes = stringAt(object, "status.failedIndexes");
    out.hasUncounted = findPath(object, "status.uncountedTerminatedPods") != nullptr;
    out.uncountedSucceeded = stringsAt(object, "status.uncountedTerminatedPods.succeeded");
    out.uncountedFailed = stringsAt(object, "status.uncountedTerminatedPods.failed");
    for (const Json& condition : arrayAt(object, "status.conditions"))
        decode(condition, out.conditions.emplace_back());
}
} // namespace

bool Job::finished() const {
    for (const Condition& condition : conditions)
        if ((condition.type == "Complete" || condition.type == "Failed") &&
            condition.status == "True")
            return true;
    return false;
}

void decode(const Json& object, Job& out) {
    if (const Json* metadata = find(object, "metadata"))
        decode(*metadata, out.metadata);
    out.parallelism = optionalAt(object, "spec.parallelism");
    out.completions = optionalAt(object, "spec.completions");
    out.backoffLimit = optionalAt(object, "spec.backoffLimit");
    out.backoffLimitPerIndex = optionalAt(object, "spec.backoffLimitPerIndex");
    out.maxFailedIndexes = optionalAt(object, "spec.maxFailedIndexes");
    out.ttlSecondsAfterFinished = optionalAt(object, "spec.ttlSecondsAfterFinished");
    if (findPath(object, "spec.activeDeadlineSeconds"))
        out.activeDeadlineSeconds = intAt(object, "spec.activeDeadlineSeconds");
    out.suspend = boolAt(object, "spec.suspend");
    out.indexed = stringAt(object, "spec.completionMode") == "Indexed";
    out.managedBy = stringAt(object, "spec.managedBy");
    out.podReplacementPolicy = stringAt(object, "spec.podReplacementPolicy", "TerminatingOrFailed");
    if (const Json* selector = findPath(object, "spec.selector"))
        decode(*selector, out.selector);
    if (const Json* podTemplate = findPath(object, "spec.template"))
        out.podTemplate = *podTemplate;
    out.hasFailurePolicy = findPath(object, "spec.podFailurePolicy") != nullptr;
    for (const Json& rule : arrayAt(object, "spec.podFailurePolicy.rules"))
        out.failureRules.push_back(failureRule(rule));
    out.hasSuccessPolicy = findPath(object, "spec.successPolicy") != nullptr;
    for (const Json& rule : arrayAt(object, "spec.successPolicy.rules"))
        out.successRules.push_back(
            {std::string(stringAt(rule, "succeededIndexes")), optionalAt(rule, "succeededCount")});
    jobStatus(object, out);
}

void decode(const Json& object, CronJob& out) {
    if (const Json* metadata = find(object, "metadata"))
        decode(*metadata, out.metadata);
    out.schedule = stringAt(object, "spec.schedule");
    out.timeZone = stringAt(object, "spec.timeZone");
    out.concurrencyPolicy = stringAt(object, "spec.concurrencyPolicy", "Allow");
    if (findPath(object, "spec.startingDeadlineSeconds"))
        out.startingDeadlineSeconds = intAt(object, "spec.startingDeadlineSeconds");
    out.suspend = boolAt(object, "spec.suspend");
    if (const Json* jobTemplate = findPath(object, "spec.jobTemplate"))
        out.jobTemplate = *jobTemplate;
    out.successfulJobsHistoryLimit =
        static_cast<int>(intAt(object, "spec.successfulJobsHistoryLimit", 3));
    out.failedJobsHistoryLimit = static_cast<int>(intAt(object, "spec.failedJobsHistoryLimit", 1));
    for (const Json& reference : arrayAt(object, "status.active"))
        out.active.push_back(
            {std::string(stringAt(reference, "name")), std::string(stringAt(reference, "uid"))});
    out.lastScheduleTime = timeAt(object, "status.lastScheduleTime");
    out.lastSuccessfulTime = timeAt(object, "status.lastSuccessfulTime");
}

} // namespace orrery::api
