// Which kind warns about what, and when.
#include <algorithm>

#include "core/api/validation/findings.h"
#include "core/api/warnings/pod_spec.h"

namespace orrery::api {

namespace {
void warnOfName(Warnings& warnings, const Json& object, std::string_view use) {
    const Sentences wrong = checkDns1123Label(stringAt(object, "metadata.name"));
    if (wrong.empty())
        return;
    std::string all;
    for (const std::string& sentence : wrong)
        all += (all.empty() ? "" : " ") + sentence;
    warnings.push_back("metadata.name: this is used in " + std::string(use) +
                       ", which can result in surprising behavior; a DNS label is recommended: [" +
                       all + "]");
}

constexpr std::string_view kPodNames = "Pod names and hostnames";

// A template is looked at when it is new, or when something beside status changed.
bool isNews(const Json& object, const Json* old) {
    return !old || intAt(object, "metadata.generation") != intAt(*old, "metadata.generation");
}

Warnings templateWarnings(const Json& object, const Json* old, bool name,
                          const std::string& path = "spec.template") {
    Warnings warnings;
    if (name && !old)
        warnOfName(warnings, object, kPodNames);
    const Json* inside = findPath(object, path);
    if (inside && isNews(object, old))
        warnOfPod(warnings, *inside, path);
    return warnings;
}

void warnOfManyIndexes(Warnings& warnings, const Json& spec, const std::string& path) {
    constexpr std::int64_t kCompletionsMax = 100000, kParallelismMax = 10000;
    if (stringAt(spec, "completionMode") == "Indexed" &&
        intAt(spec, "completions") > kCompletionsMax &&
        intAt(spec, "parallelism") > kParallelismMax)
        warnings.push_back(path +
                           ": In Indexed Jobs with a number of completions higher than 10^5 and a "
                           "parallelism higher than 10^4, a Kubernetes control plane may be "
                           "unable to track completion indexes");
}
} // namespace

Warnings podWarnings(const Json& object, const Json* old) {
    Warnings warnings;
    if (old)
        return warnings;
    warnOfName(warnings, object, "the Pod's hostname");
    warnOfPod(warnings, object, "");
    return warnings;
}

Warnings podTemplateWarnings(const Json& object, const Json* old) {
    Warnings warnings;
    const Json *now = find(object, "template"), *before = old ? find(*old, "template") : nullptr;
    if (now && !(before && sameValue(*now, *before)))
        warnOfPod(warnings, *now, "template");
    return warnings;
}

Warnings replicationControllerWarnings(const Json& object, const Json* old) {
    return templateWarnings(object, old, true);
}

Warnings deploymentWarnings(const Json& object, const Json* old) {
    return templateWarnings(object, old, true);
}

Warnings replicaSetWarnings(const Json& object, const Json* old) {
    return templateWarnings(object, old, true);
}

Warnings statefulSetWarnings(const Json& object, const Json* old) {
    Warnings warnings = templateWarnings(object, old, false);
    if (isNews(object, old) && intAt(object, "spec.revisionHistoryLimit") < 0)
        warnings.push_back("spec.revisionHistoryLimit: a negative value retains all historical "
                           "revisions; a value >= 0 is recommended");
    return warnings;
}

Warnings daemonSetWarnings(const Json& object, const Json* old) {
    return templateWarnings(object, old, false);
}

Warnings jobWarnings(const Json& object, const Json* old) {
    Warnings warnings = templateWarnings(object, old, true);
    if (const Json* spec = find(object, "spec"); spec && isNews(object, old))
        warnOfManyIndexes(warnings, *spec, "spec");
    return warnings;
}

Warnings cronJobWarnings(const Json& object, const Json* old) {
    Warnings warnings = templateWarnings(object, old, true, "spec.jobTemplate.spec.template");
    if (const Json* spec = findPath(object, "spec.jobTemplate.spec"); spec && isNews(object, old))
        warnOfManyIndexes(warnings, *spec, "spec.jobTemplate.spec");
    return warnings;
}

} // namespace orrery::api
