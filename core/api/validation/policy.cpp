// Disruption budgets, autoscalers, priority classes and leases.
#include "core/api/validation/findings.h"

namespace orrery::api {

namespace {
void checkBudget(Findings& findings, const Json& budget) {
    static const Json kNone;
    const Json* least = findPath(budget, "spec.minAvailable");
    const Json* most = findPath(budget, "spec.maxUnavailable");
    if (least && most) {
        JsonObject internal;
        internal["MinAvailable"] = *least;
        const Json* selector = findPath(budget, "spec.selector");
        internal["Selector"] = selector ? *selector : kNone;
        internal["MaxUnavailable"] = *most;
        const Json* eviction = findPath(budget, "spec.unhealthyPodEvictionPolicy");
        internal["UnhealthyPodEvictionPolicy"] = eviction ? *eviction : kNone;
        findings.invalid("spec", Json(internal),
                         "minAvailable and maxUnavailable cannot be both set");
    }
    if (least)
        checkIntOrPercent(findings, *least, "spec.minAvailable", true);
    if (most)
        checkIntOrPercent(findings, *most, "spec.maxUnavailable", true);
    if (const Json* selector = findPath(budget, "spec.selector"))
        checkLabelSelector(findings, *selector, "spec.selector");
    const Json* spec = find(budget, "spec");
    if (spec)
        checkOneOf(findings, *spec, "unhealthyPodEvictionPolicy", "spec",
                   {"AlwaysAllow", "IfHealthyBudget"});
}

// Why a class whose name is reserved for the system is none of the system's.
std::string systemClassError(const Json& object) {
    struct Known {
        std::string_view name;
        std::int64_t value;
    };
    static constexpr Known kKnown[] = {{"system-node-critical", 2000001000},
                                       {"system-cluster-critical", 2000000000}};
    const std::string name(stringAt(object, "metadata.name"));
    for (const Known& known : kKnown) {
        if (known.name != name)
            continue;
        if (intAt(object, "value") != known.value)
            return "value of " + name + " PriorityClass must be " + std::to_string(known.value);
        if (boolAt(object, "globalDefault"))
            return "globalDefault of " + name + " PriorityClass must be false";
        return {};
    }
    return name + " is not a known system priority class";
}

void checkPriorityClass(Findings& findings, const Json& object) {
    constexpr std::int64_t kUserMax = 1000000000;
    if (stringAt(object, "metadata.name").starts_with("system-")) {
        if (const std::string wrong = systemClassError(object); !wrong.empty())
            findings.forbidden("metadata.name", "priority class names with 'system-' prefix are "
                                                "reserved for system use only. error: " +
                                                    wrong);
    } else if (intAt(object, "value") > kUserMax) {
        findings.forbidden("value",
                           "maximum allowed value of a user defined priority is 1000000000");
    }
    checkOneOf(findings, object, "preemptionPolicy", "", {"Never", "PreemptLowerPriority"});
}

void checkPriorityClassUpdate(Findings& findings, const Json& object, const Json& old,
                              std::string_view) {
    if (intAt(object, "value") != intAt(old, "value"))
        findings.forbidden("value", "may not be changed in an update.");
    checkImmutable(findings, object, old, "preemptionPolicy");
}

void checkLease(Findings& findings, const Json& lease) {
    const Json* spec = find(lease, "spec");
    if (!spec)
        return;
    const Json* seconds = find(*spec, "leaseDurationSeconds");
    if (seconds && intAt(*spec, "leaseDurationSeconds") <= 0)
        findings.invalid("spec.leaseDurationSeconds", *seconds, "must be greater than 0");
    checkNonNegative(findings, *spec, "leaseTransitions", "spec");
}

void checkBudgetUpdate(Findings& findings, const Json& budget, const Json&,
                       std::string_view subresource) {
    if (subresource != "status")
        return;
    const Json& status = partOf(budget, "status");
    checkConditions(findings, status, "status");
    for (const std::string_view member :
         {"disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"})
        checkNonNegative(findings, status, member, "status");
}
} // namespace

void addPolicyRules(std::vector<KindRules>& rules) {
    rules.push_back({"policy", "PodDisruptionBudget", checkBudget, checkBudgetUpdate, true});
    rules.push_back({"scheduling.k8s.io", "PriorityClass", nullptr, checkPriorityClassUpdate, false,
                     checkPriorityClass, true});
    rules.push_back({"coordination.k8s.io", "Lease", checkLease, nullptr, true});
}

} // namespace orrery::api
