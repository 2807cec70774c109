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

void checkPriorityClass(Findings& findings, const Json& object) {
    constexpr std::int64_t kUserMax = 1000000000;
    const std::string_view name = stringAt(object, "metadata.name");
    const std::int64_t value = intAt(object, "value");
    if (name.substr(0, 7) == "system-") {
        const bool known = (name == "system-node-critical" && value == 2000001000) ||
                           (name == "system-cluster-critical" && value == 2000000000);
        if (!known)
            findings.forbidden("metadata.name", "priority class names with 'system-' prefix are "
                                                "reserved for system use only. error: " +
                                                    std::string(name) +
                                                    " is not a known system priority class");
    } else if (value > kUserMax) {
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
} // namespace

void addPolicyRules(std::vector<KindRules>& rules) {
    rules.push_back({"policy", "PodDisruptionBudget", checkBudget, nullptr, true});
    rules.push_back(
        {"scheduling.k8s.io", "PriorityClass", checkPriorityClass, checkPriorityClassUpdate, true});
    rules.push_back({"coordination.k8s.io", "Lease", checkLease, nullptr, true});
}

} // namespace orrery::api
