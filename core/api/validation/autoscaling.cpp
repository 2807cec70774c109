// HorizontalPodAutoscalers, in both versions.
#include "core/api/validation/findings.h"

namespace orrery::api {

namespace {
constexpr std::string_view kPopulate = "must populate information for the given metric source";

void checkScaleReference(Findings& findings, const Json& reference, const std::string& path,
                         bool groupless) {
    checkRequired(findings, reference, "kind", path, checkPathSegmentName);
    checkRequired(findings, reference, "name", path, checkPathSegmentName);
    const std::string_view version = stringAt(reference, "apiVersion");
    const auto slashes = std::count(version.begin(), version.end(), '/');
    if (slashes > 1)
        findings.invalid(path + ".apiVersion", version,
                         "unexpected GroupVersion string: " + std::string(version));
    else if (!groupless && (slashes == 0 || version.front() == '/'))
        findings.invalid(path + ".apiVersion", version, "apiVersion must specify API group");
}

void checkPositive(Findings& findings, const Json& target, std::string_view member,
                   const std::string& path) {
    if (!has(target, member))
        return;
    const Json& value = *find(target, member);
    const std::size_t before = findings.count();
    Findings probe;
    checkPositiveQuantity(probe, value, path);
    if (probe.count() > 0 && findings.count() == before)
        findings.invalid(path + "." + std::string(member), value, "must be positive");
}

void checkTarget(Findings& findings, const Json& target, const std::string& path) {
    const std::string_view type = stringAt(target, "type");
    if (type.empty())
        findings.required(path + ".type", "must specify a metric target type");
    if (type != "Utilization" && type != "Value" && type != "AverageValue")
        findings.invalid(path + ".type", type,
                         "must be either Utilization, Value, or AverageValue");
    checkPositive(findings, target, "value", path);
    checkPositive(findings, target, "averageValue", path);
    if (has(target, "averageUtilization") && intAt(target, "averageUtilization") < 1)
        findings.invalid(path + ".averageUtilization", *find(target, "averageUtilization"),
                         "must be greater than 0");
}

void checkIdentifier(Findings& findings, const Json& source, const std::string& path) {
    const std::string_view name = stringAt(source, "metric.name");
    if (name.empty())
        findings.required(path + ".metric.name", "must specify a metric name");
    else
        findings.each(path + ".metric.name", name, checkPathSegmentName(name));
}

void checkResourceTarget(Findings& findings, const Json& source, const std::string& path) {
    const Json& target = partOf(source, "target");
    checkTarget(findings, target, path + ".target");
    const bool utilization = has(target, "averageUtilization"), value = has(target, "averageValue");
    if (!utilization && !value)
        findings.required(path + ".target.averageUtilization",
                          "must set either a target raw value or a target utilization");
    if (utilization && value)
        findings.forbidden(path + ".target.averageValue",
                           "may not set both a target raw value and a target utilization");
}

void checkObjectMetric(Findings& findings, const Json& source, const std::string& path) {
    checkScaleReference(findings, partOf(source, "describedObject"), path + ".describedObject",
                        true);
    checkIdentifier(findings, source, path);
    const Json& target = partOf(source, "target");
    checkTarget(findings, target, path + ".target");
    if (!has(target, "value") && !has(target, "averageValue"))
        findings.required(path + ".target.averageValue",
                          "must set either a target value or averageValue");
}

void checkExternalMetric(Findings& findings, const Json& source, const std::string& path) {
    checkIdentifier(findings, source, path);
    const Json& target = partOf(source, "target");
    checkTarget(findings, target, path + ".target");
    const bool value = has(target, "value"), average = has(target, "averageValue");
    if (!value && !average)
        findings.required(path + ".target.averageValue",
                          "must set either a target value for metric or a per-pod target");
    if (value && average)
        findings.forbidden(path + ".target.value",
                           "may not set both a target value for metric and a per-pod target");
}

void checkPodsMetric(Findings& findings, const Json& source, const std::string& path) {
    checkIdentifier(findings, source, path);
    checkTarget(findings, partOf(source, "target"), path + ".target");
    if (!has(partOf(source, "target"), "averageValue"))
        findings.required(path + ".target.averageValue",
                          "must specify a positive target averageValue");
}

void checkResourceMetric(Findings& findings, const Json& source, const std::string& path) {
    if (stringAt(source, "name").empty())
        findings.required(path + ".name", "must specify a resource name");
    checkResourceTarget(findings, source, path);
}

void checkContainerMetric(Findings& findings, const Json& source, const std::string& path) {
    const std::string_view name = stringAt(source, "name"),
                           container = stringAt(source, "container");
    if (name.empty())
        findings.required(path + ".name", "must specify a resource name");
    else
        findings.each(path + ".name", name, checkQualifiedName(name));
    if (container.empty())
        findings.required(path + ".container", "must specify a container");
    else
        findings.each(path + ".container", container, checkDns1123Label(container));
    checkResourceTarget(findings, source, path);
}

struct Source {
    std::string_view type, member;
    void (*check)(Findings&, const Json&, const std::string&);
};
constexpr Source kSources[] = {
    {"Object", "object", checkObjectMetric},
    {"External", "external", checkExternalMetric},
    {"Pods", "pods", checkPodsMetric},
    {"Resource", "resource", checkResourceMetric},
    {"ContainerResource", "containerResource", checkContainerMetric},
};

void checkMetric(Findings& findings, const Json& metric, const std::string& path) {
    static const std::vector<std::string_view> kTypes = {"ContainerResource", "External", "Object",
                                                         "Pods", "Resource"};
    const std::string_view type = stringAt(metric, "type");
    const bool known = std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
    if (type.empty())
        findings.required(path + ".type", "must specify a metric source type");
    if (!known)
        findings.notSupported(path + ".type", Json(type), kTypes);
    std::vector<std::string_view> present;
    for (const Source& source : kSources) {
        if (!has(metric, source.member))
            continue;
        present.push_back(source.member);
        if (present.size() == 1)
            source.check(findings, *find(metric, source.member),
                         path + "." + std::string(source.member));
    }
    std::string_view expected;
    for (const Source& source : kSources)
        if (source.type == type)
            expected = source.member;
    if (!known)
        findings.notSupported(path + ".type", Json(type), kTypes);
    else if (!has(metric, expected))
        findings.required(path + "." + std::string(expected), kPopulate);
    if (present.size() == 1)
        return;
    for (const std::string_view member : present)
        if (member != expected)
            findings.forbidden(path + "." + std::string(member),
                               "must populate the given metric source only");
}

void checkScalingRules(Findings& findings, const Json& rules, const std::string& path) {
    constexpr std::int64_t kWindowMax = 3600, kPeriodMax = 1800;
    if (rules.is_null())
        return;
    const Json& window = partOf(rules, "stabilizationWindowSeconds");
    const std::int64_t seconds = intAt(rules, "stabilizationWindowSeconds");
    if (seconds < 0)
        findings.invalid(path + ".stabilizationWindowSeconds", window,
                         "must be greater than or equal to zero");
    if (seconds > kWindowMax)
        findings.invalid(path + ".stabilizationWindowSeconds", window,
                         "must be less than or equal to 3600");
    checkOneOf(findings, rules, "selectPolicy", path, {"Disabled", "Max", "Min"});
    if (arrayAt(rules, "policies").empty())
        findings.required(path + ".policies", "must specify at least one Policy");
    eachItem(rules, "policies", path, [&](const Json& policy, const std::string& where) {
        const std::int64_t value = intAt(policy, "value"), period = intAt(policy, "periodSeconds");
        checkOneOf(findings, policy, "type", where, {"Percent", "Pods"}, true);
        if (value <= 0)
            findings.invalid(where + ".value", Json(value), "must be greater than zero");
        if (period <= 0)
            findings.invalid(where + ".periodSeconds", Json(period), "must be greater than zero");
        if (period > kPeriodMax)
            findings.invalid(where + ".periodSeconds", Json(period),
                             "must be less than or equal to 1800");
    });
    if (has(rules, "tolerance"))
        checkNonNegativeQuantity(findings, *find(rules, "tolerance"), path + ".tolerance");
}

// What v1 says in a field of its own is a metric like others.
Json cpuMetric(const Json& percent) {
    JsonObject target{{"type", "Utilization"}, {"averageUtilization", percent}};
    return JsonObject{{"type", "Resource"},
                      {"resource", JsonObject{{"name", "cpu"}, {"target", std::move(target)}}}};
}

void checkReplicas(Findings& findings, const Json& spec, std::int64_t least) {
    const std::int64_t min = intAt(spec, "minReplicas"), max = intAt(spec, "maxReplicas");
    const bool bounded = has(spec, "minReplicas");
    if (bounded && min < least)
        findings.invalid("spec.minReplicas", Json(min),
                         "must be greater than or equal to " + std::to_string(least));
    if (max == 0)
        findings.required("spec.maxReplicas", "must be set and greater than 0");
    else if (max < 0)
        findings.invalid("spec.maxReplicas", Json(max), "must be greater than or equal to 1");
    if (bounded && max < min)
        findings.invalid("spec.maxReplicas", Json(max),
                         "must be greater than or equal to `minReplicas`");
}

void checkSpec(Findings& findings, const Json& autoscaler, std::int64_t least, bool groupless) {
    const Json& spec = partOf(autoscaler, "spec");
    checkReplicas(findings, spec, least);
    checkScaleReference(findings, partOf(spec, "scaleTargetRef"), "spec.scaleTargetRef", groupless);
    Json all = JsonObject{{"metrics", arrayAt(spec, "metrics")}};
    if (has(spec, "targetCPUUtilizationPercentage"))
        all.get_object()["metrics"].get_array().push_back(
            cpuMetric(*find(spec, "targetCPUUtilizationPercentage")));
    bool foreign = false; // metrics that are there without pods
    eachItem(all, "metrics", "spec", [&](const Json& metric, const std::string& path) {
        const std::string_view type = stringAt(metric, "type");
        checkMetric(findings, metric, path);
        foreign = foreign || type == "Object" || type == "External";
    });
    if (has(spec, "minReplicas") && intAt(spec, "minReplicas") == 0 && !foreign)
        findings.forbidden("spec.metrics", "must specify at least one Object or External metric to "
                                           "support scaling to zero replicas");
    for (const std::string direction : {"scaleUp", "scaleDown"})
        checkScalingRules(findings, partOf(spec, "behavior." + direction),
                          "spec.behavior." + direction);
}

void checkAutoscaler(Findings& findings, const Json& autoscaler) {
    checkSpec(findings, autoscaler, 1, false);
}

void checkAutoscalerUpdate(Findings& findings, const Json& autoscaler, const Json& old,
                           std::string_view subresource) {
    if (subresource == "status") {
        const Json& status = partOf(autoscaler, "status");
        checkNonNegative(findings, status, "currentReplicas", "status");
        return checkNonNegative(findings, status, "desiredReplicas", "status");
    }
    const bool zero =
        has(partOf(old, "spec"), "minReplicas") && intAt(old, "spec.minReplicas") == 0;
    const std::string_view version = stringAt(old, "spec.scaleTargetRef.apiVersion");
    checkSpec(findings, autoscaler, zero ? 0 : 1,
              version.find('/') == std::string_view::npos || version.front() == '/');
}
} // namespace

void addAutoscalerRules(std::vector<KindRules>& rules) {
    rules.push_back({"autoscaling", "HorizontalPodAutoscaler", checkAutoscaler,
                     checkAutoscalerUpdate, false, nullptr, true});
}

} // namespace orrery::api
