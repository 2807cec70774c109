// Where a pod may run: affinity, tolerations, spread, gates.
#include "core/api/validation/findings.h"

namespace orrery::api {

namespace {
void checkNodeRequirement(Findings& findings, const Json& requirement, const std::string& path,
                          bool strictValues) {
    const std::string_view key = stringAt(requirement, "key"),
                           op = stringAt(requirement, "operator");
    const JsonArray& values = arrayAt(requirement, "values");
    if (op == "In" || op == "NotIn") {
        if (values.empty())
            findings.required(path + ".values",
                              "must be specified when `operator` is 'In' or 'NotIn'");
    } else if (op == "Exists" || op == "DoesNotExist") {
        if (!values.empty())
            findings.forbidden(
                path + ".values",
                "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    } else if (op == "Gt" || op == "Lt") {
        if (values.size() != 1)
            findings.required(path + ".values",
                              "must be specified single value when `operator` is 'Lt' or 'Gt'");
    } else {
        findings.invalid(path + ".operator", op, "not a valid selector operator");
    }
    findings.each(path + ".key", key, checkQualifiedName(key));
    for (std::size_t i = 0; strictValues && i < values.size(); ++i)
        findings.each(at(path + ".values", i), asString(values[i]),
                      checkLabelValue(asString(values[i])));
}

void checkFieldRequirement(Findings& findings, const Json& requirement, const std::string& path) {
    const std::string_view key = stringAt(requirement, "key"),
                           op = stringAt(requirement, "operator");
    const JsonArray& values = arrayAt(requirement, "values");
    if (op == "In" || op == "NotIn") {
        if (values.size() != 1)
            findings.required(path + ".values", "must be only one value when `operator` is 'In' or "
                                                "'NotIn' for node field selector");
    } else {
        findings.invalid(path + ".operator", op, "not a valid selector operator");
    }
    if (key != "metadata.name") {
        findings.invalid(path + ".key", key, "not a valid field selector key");
        return;
    }
    for (std::size_t i = 0; i < values.size(); ++i)
        findings.each(at(path + ".values", i), asString(values[i]),
                      checkDns1123Subdomain(asString(values[i])));
}

// `strictValues`: what a term demands must be values that labels can have; what it prefers need
// not.
void checkNodeTerm(Findings& findings, const Json& term, const std::string& path,
                   bool strictValues) {
    const JsonArray& expressions = arrayAt(term, "matchExpressions");
    for (std::size_t i = 0; i < expressions.size(); ++i)
        checkNodeRequirement(findings, expressions[i], at(path + ".matchExpressions", i),
                             strictValues);
    const JsonArray& fields = arrayAt(term, "matchFields");
    for (std::size_t i = 0; i < fields.size(); ++i)
        checkFieldRequirement(findings, fields[i], at(path + ".matchFields", i));
}

void checkWeight(Findings& findings, const Json& preferred, const std::string& path) {
    const std::int64_t weight = intAt(preferred, "weight");
    if (weight < 1 || weight > 100)
        findings.invalid(path + ".weight", Json(weight), "must be in the range 1-100");
}

void checkNodeAffinity(Findings& findings, const Json& affinity, const std::string& path) {
    if (const Json* required = find(affinity, "requiredDuringSchedulingIgnoredDuringExecution")) {
        checkNodeSelector(findings, *required,
                          path + ".requiredDuringSchedulingIgnoredDuringExecution");
    }
    static const Json kNone;
    const JsonArray& preferred =
        arrayAt(affinity, "preferredDuringSchedulingIgnoredDuringExecution");
    for (std::size_t i = 0; i < preferred.size(); ++i) {
        const std::string where = at(path + ".preferredDuringSchedulingIgnoredDuringExecution", i);
        checkWeight(findings, preferred[i], where);
        const Json* preference = find(preferred[i], "preference");
        checkNodeTerm(findings, preference ? *preference : kNone, where + ".preference", false);
    }
}

// matchLabelKeys and mismatchLabelKeys of a term.
void checkTermKeys(Findings& findings, const Json& term, const std::string& path) {
    const JsonArray &match = arrayAt(term, "matchLabelKeys"),
                    &mismatch = arrayAt(term, "mismatchLabelKeys");
    for (const std::string_view member : {"matchLabelKeys", "mismatchLabelKeys"}) {
        const JsonArray& keys = arrayAt(term, member);
        const std::string where = path + "." + std::string(member);
        if (!keys.empty() && !find(term, "labelSelector"))
            findings.forbidden(where, "must not be specified when labelSelector is not set");
        for (std::size_t i = 0; i < keys.size(); ++i)
            findings.each(at(where, i), asString(keys[i]), checkQualifiedName(asString(keys[i])));
    }
    for (std::size_t i = 0; i < match.size(); ++i)
        if (std::find(mismatch.begin(), mismatch.end(), match[i]) != mismatch.end())
            findings.invalid(at(path + ".matchLabelKeys", i), asString(match[i]),
                             "exists in both matchLabelKeys and mismatchLabelKeys");
}

void checkPodTerm(Findings& findings, const Json& term, const std::string& path) {
    for (const std::string_view member : {"labelSelector", "namespaceSelector"})
        if (const Json* selector = find(term, member))
            checkLabelSelector(findings, *selector, path + "." + std::string(member));
    for (const Json& name : arrayAt(term, "namespaces"))
        findings.each(path + ".namespace", asString(name), checkDns1123Label(asString(name)));
    const std::string_view key = stringAt(term, "topologyKey");
    if (key.empty())
        findings.required(path + ".topologyKey", "can not be empty");
    findings.each(path + ".topologyKey", key, checkQualifiedName(key));
    checkTermKeys(findings, term, path);
}

void checkPodTerms(Findings& findings, const Json& affinity, const std::string& path) {
    static const Json kNone;
    const JsonArray& required = arrayAt(affinity, "requiredDuringSchedulingIgnoredDuringExecution");
    for (std::size_t i = 0; i < required.size(); ++i)
        checkPodTerm(findings, required[i],
                     at(path + ".requiredDuringSchedulingIgnoredDuringExecution", i));
    const JsonArray& preferred =
        arrayAt(affinity, "preferredDuringSchedulingIgnoredDuringExecution");
    for (std::size_t i = 0; i < preferred.size(); ++i) {
        const std::string where = at(path + ".preferredDuringSchedulingIgnoredDuringExecution", i);
        checkWeight(findings, preferred[i], where);
        const Json* term = find(preferred[i], "podAffinityTerm");
        checkPodTerm(findings, term ? *term : kNone, where + ".podAffinityTerm");
    }
}

void checkToleration(Findings& findings, const Json& toleration, const std::string& path) {
    const std::string_view key = stringAt(toleration, "key"), op = stringAt(toleration, "operator");
    const std::string_view value = stringAt(toleration, "value"),
                           effect = stringAt(toleration, "effect");
    if (!key.empty())
        findings.each(path + ".key", key, checkQualifiedName(key));
    if (key.empty() && op != "Exists")
        findings.invalid(path + ".operator", op,
                         "operator must be Exists when `key` is empty, which means \"match all "
                         "values and all keys\"");
    if (find(toleration, "tolerationSeconds") && effect != "NoExecute")
        findings.invalid(path + ".effect", effect,
                         "effect must be 'NoExecute' when `tolerationSeconds` is set");
    if (op.empty() || op == "Equal") {
        if (const Sentences wrong = checkLabelValue(value); !wrong.empty())
            findings.invalid(path + ".operator", value, wrong[0]);
    } else if (op == "Exists") {
        if (!value.empty())
            findings.invalid(path + ".operator", value,
                             "value must be empty when `operator` is 'Exists'");
    } else if (op == "Lt" || op == "Gt") { // known, and off
        findings.notSupported(path + ".operator", Json(op), {"Equal", "Exists", "Lt", "Gt"});
    } else {
        findings.notSupported(path + ".operator", Json(op), {"Equal", "Exists"});
    }
    if (!effect.empty())
        checkOneOf(findings, toleration, "effect", path,
                   {"NoSchedule", "PreferNoSchedule", "NoExecute"});
}

void checkSpreadKeys(Findings& findings, const Json& constraint, const std::string& path) {
    const JsonArray& keys = arrayAt(constraint, "matchLabelKeys");
    const std::string where = path + ".matchLabelKeys";
    if (!keys.empty() && !find(constraint, "labelSelector"))
        findings.forbidden(where, "must not be specified when labelSelector is not set");
    for (std::size_t i = 0; i < keys.size(); ++i) {
        findings.each(at(where, i), asString(keys[i]), checkQualifiedName(asString(keys[i])));
        // A key that was merged into the selector is there once for each time it is named.
        const auto before = keys.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::find(keys.begin(), before, keys[i]) != before)
            findings.invalid(at(path, i), asString(keys[i]),
                             "exists in both matchLabelKeys and labelSelector");
    }
}
} // namespace

void checkSpread(Findings& findings, const Json& spec, const std::string& path) {
    const JsonArray& constraints = arrayAt(spec, "topologySpreadConstraints");
    for (std::size_t i = 0; i < constraints.size(); ++i) {
        const Json& one = constraints[i];
        const std::string where = at(path + ".topologySpreadConstraints", i);
        const std::string_view key = stringAt(one, "topologyKey"),
                               when = stringAt(one, "whenUnsatisfiable");
        if (intAt(one, "maxSkew") <= 0)
            findings.invalid(where + ".maxSkew", Json(intAt(one, "maxSkew")),
                             "must be greater than zero");
        if (key.empty())
            findings.required(where + ".topologyKey", "can not be empty");
        checkOneOf(findings, one, "whenUnsatisfiable", where, {"DoNotSchedule", "ScheduleAnyway"},
                   true);
        // A later twin is reported at the earlier one.
        for (std::size_t j = i + 1; j < constraints.size(); ++j)
            if (stringAt(constraints[j], "topologyKey") == key &&
                stringAt(constraints[j], "whenUnsatisfiable") == when) {
                findings.duplicate(where + ".{topologyKey, whenUnsatisfiable}",
                                   Json("{" + std::string(key) + ", " + std::string(when) + "}"));
                break;
            }
        if (const Json* domains = find(one, "minDomains")) {
            if (intAt(one, "minDomains") <= 0)
                findings.invalid(where + ".minDomains", *domains, "must be greater than zero");
            if (when != "DoNotSchedule")
                findings.invalid(
                    where + ".minDomains", *domains,
                    "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not " +
                        std::string(when));
        }
        for (const std::string_view policy : {"nodeAffinityPolicy", "nodeTaintsPolicy"})
            checkOneOf(findings, one, policy, where, {"Honor", "Ignore"});
        checkSpreadKeys(findings, one, where);
        if (const Json* selector = find(one, "labelSelector"))
            checkLabelSelector(findings, *selector, where + ".labelSelector");
    }
}

void checkGates(Findings& findings, const Json& spec, const std::string& path) {
    const JsonArray& gates = arrayAt(spec, "schedulingGates");
    std::vector<std::string_view> seen;
    for (std::size_t i = 0; i < gates.size(); ++i) {
        const std::string where = at(path + ".schedulingGates", i);
        const std::string_view name = stringAt(gates[i], "name");
        findings.each(where, name, checkQualifiedName(name));
        if (std::find(seen.begin(), seen.end(), name) != seen.end())
            findings.duplicate(where, Json(name));
        seen.push_back(name);
    }
}

void checkNodeSelector(Findings& findings, const Json& selector, const std::string& path) {
    const JsonArray& terms = arrayAt(selector, "nodeSelectorTerms");
    if (terms.empty())
        findings.required(path + ".nodeSelectorTerms", "must have at least one node selector term");
    for (std::size_t i = 0; i < terms.size(); ++i)
        checkNodeTerm(findings, terms[i], at(path + ".nodeSelectorTerms", i), true);
}

void checkAffinity(Findings& findings, const Json& spec, const std::string& parent) {
    const Json* affinity = find(spec, "affinity");
    if (!affinity)
        return;
    const std::string path = parent + ".affinity";
    if (const Json* node = find(*affinity, "nodeAffinity"))
        checkNodeAffinity(findings, *node, path + ".nodeAffinity");
    for (const std::string_view member : {"podAffinity", "podAntiAffinity"})
        if (const Json* pods = find(*affinity, member))
            checkPodTerms(findings, *pods, path + "." + std::string(member));
}

void checkTolerations(Findings& findings, const Json& holder, const std::string& path) {
    const JsonArray& tolerations = arrayAt(holder, "tolerations");
    for (std::size_t i = 0; i < tolerations.size(); ++i)
        checkToleration(findings, tolerations[i], at(path + ".tolerations", i));
}

} // namespace orrery::api
