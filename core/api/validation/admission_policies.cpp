// Admission policies and their bindings. Expressions are only looked at for being there.
#include "core/api/validation/admission_parts.h"

namespace orrery::api {

namespace {
constexpr std::string_view kGroup = "admissionregistration.k8s.io";

std::string lowered(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
}

std::string joined(const Sentences& sentences) {
    std::string text;
    for (const std::string& sentence : sentences)
        text += (text.empty() ? "" : ",") + sentence;
    return text;
}

void checkParamVersion(Findings& findings, std::string_view text, const std::string& path) {
    if (text.empty())
        return findings.required(path);
    const auto slashes = std::count(text.begin(), text.end(), '/');
    if (slashes > 1)
        return findings.invalid(path, text, "unexpected GroupVersion string: " + std::string(text));
    const std::size_t slash = text.find('/');
    const std::string_view group = slashes ? text.substr(0, slash) : std::string_view();
    const std::string_view version = slashes ? text.substr(slash + 1) : text;
    if (!group.empty())
        if (const Sentences wrong = checkDns1123Subdomain(group); !wrong.empty())
            findings.invalid(path, group, joined(wrong));
    if (version.empty())
        findings.invalid(path, text, "version must be specified");
    else if (const Sentences wrong = checkDns1035Label(version); !wrong.empty())
        findings.invalid(path, version, joined(wrong));
}

void checkParamKind(Findings& findings, const Json& spec) {
    if (!has(spec, "paramKind"))
        return;
    const Json& kind = *find(spec, "paramKind");
    checkParamVersion(findings, stringAt(kind, "apiVersion"), "spec.paramKind.apiVersion");
    const std::string_view name = stringAt(kind, "kind");
    if (name.empty())
        return findings.required("spec.paramKind.kind");
    if (const Sentences wrong = checkDns1035Label(lowered(name)); !wrong.empty())
        findings.invalid("spec.paramKind.kind", name,
                         "may have mixed case, but should otherwise match: " + joined(wrong));
}

void checkNamedRule(Findings& findings, const Json& rule, const std::string& path) {
    Seen names;
    eachItem(rule, "resourceNames", path, [&](const Json& item, const std::string& where) {
        findings.each(where, asString(item), checkPathSegmentName(asString(item)));
        if (!names.add(asString(item)))
            findings.duplicate(where, item);
    });
    checkAdmissionRule(findings, rule, path);
}

void checkMatch(Findings& findings, const Json& match, const std::string& path) {
    if (!has(match, "matchPolicy"))
        findings.required(path + ".matchPolicy");
    checkOneOf(findings, match, "matchPolicy", path, {"Equivalent", "Exact"});
    checkSelectorMember(findings, match, "namespaceSelector", path);
    checkSelectorMember(findings, match, "objectSelector", path);
    for (const std::string_view list : {"resourceRules", "excludeResourceRules"})
        eachItem(match, list, path, [&](const Json& rule, const std::string& where) {
            checkNamedRule(findings, rule, where);
        });
}

// A policy that changes objects has nothing to do where they are deleted.
void checkMutatingOperations(Findings& findings, const Json& match, const std::string& path) {
    static const std::vector<std::string_view> kOperations = {"*", "CONNECT", "CREATE", "UPDATE"};
    for (const Json& rule : arrayAt(match, "resourceRules"))
        for (const Json& operation : arrayAt(rule, "operations"))
            if (std::find(kOperations.begin(), kOperations.end(), asString(operation)) ==
                kOperations.end())
                findings.notSupported(path + ".resourceRules.operations", operation, kOperations);
}

bool isCelIdentifier(std::string_view name) {
    static const std::set<std::string_view> kReserved = {
        "true",     "false",   "null",      "in",       "as",  "break",  "const",
        "continue", "else",    "for",       "function", "if",  "import", "let",
        "loop",     "package", "namespace", "return",   "var", "void",   "while"};
    return checkCIdentifier(name).empty() && !kReserved.contains(name);
}

void checkVariable(Findings& findings, const Json& variable, const std::string& path) {
    const std::string_view name = stringAt(variable, "name");
    if (trimmed(name).empty())
        findings.required(path + ".name", "name is not specified");
    else if (!isCelIdentifier(name))
        findings.invalid(path + ".name", name, "must be a valid CEL identifier");
    if (trimmed(stringAt(variable, "expression")).empty())
        findings.required(path + ".expression", "expression is not specified");
}

// What both sorts of policies begin with.
void checkPolicyHead(Findings& findings, const Json& spec, bool mutating, bool conditionsToo) {
    if (!has(spec, "failurePolicy"))
        findings.required("spec.failurePolicy");
    checkOneOf(findings, spec, "failurePolicy", "spec", {"Fail", "Ignore"});
    checkParamKind(findings, spec);
    const std::string path = "spec.matchConstraints";
    const Json& match = partOf(spec, "matchConstraints");
    if (match.is_null()) {
        findings.required(path);
    } else {
        checkMatch(findings, match, path);
        if (arrayAt(match, "resourceRules").empty())
            findings.required(path + ".resourceRules");
        if (mutating)
            checkMutatingOperations(findings, match, path);
    }
    if (conditionsToo)
        checkMatchConditions(findings, spec, "spec");
    eachItem(spec, "variables", "spec", [&](const Json& variable, const std::string& where) {
        checkVariable(findings, variable, where);
    });
}

// --- ValidatingAdmissionPolicy -----------------------------------------------------------------

void checkValidation(Findings& findings, const Json& validation, const std::string& path) {
    if (trimmed(stringAt(validation, "expression")).empty())
        findings.required(path + ".expression", "expression is not specified");
    for (const std::string_view member : {"messageExpression", "message"}) {
        const std::string_view text = stringAt(validation, member), inner = trimmed(text);
        const std::string where = path + "." + std::string(member);
        if (!text.empty() && inner.empty())
            findings.invalid(where, text, "must be non-empty if specified");
        else if (member == "message" && inner.find_first_of("\n\r") != std::string_view::npos)
            findings.invalid(where, text, "must not contain line breaks");
    }
    checkOneOf(findings, validation, "reason", path,
               {"Forbidden", "Invalid", "RequestEntityTooLarge"});
}

void checkAuditAnnotations(Findings& findings, const Json& policy) {
    constexpr std::size_t kAnnotationsMax = 20, kExpressionMax = 5 * 1024;
    const std::string name(stringAt(policy, "metadata.name"));
    const JsonArray& annotations = arrayAt(policy, "spec.auditAnnotations");
    if (annotations.size() > kAnnotationsMax)
        findings.invalid("spec.auditAnnotations", Json(annotations),
                         "must not have more than 20 auditAnnotations");
    Seen keys;
    eachItem(policy, "spec.auditAnnotations", "", [&](const Json& item, const std::string& path) {
        const std::string key(stringAt(item, "key"));
        if (name.empty())
            findings.invalid(path + ".key", key, "requires metadata.name be non-empty");
        else
            findings.each(path + ".key", name + "/" + key, checkQualifiedName(name + "/" + key));
        const std::string_view expression = trimmed(stringAt(item, "valueExpression"));
        if (expression.empty())
            findings.required(path + ".valueExpression", "valueExpression is not specified");
        else if (expression.size() > kExpressionMax)
            findings.required(path + ".valueExpression", "must not exceed 5120 bytes in length");
        if (!keys.add(key))
            findings.duplicate(path + ".key", Json(key));
    });
}

void checkValidatingPolicy(Findings& findings, const Json& policy, bool conditionsToo) {
    const Json& spec = partOf(policy, "spec");
    checkPolicyHead(findings, spec, false, conditionsToo);
    if (arrayAt(spec, "validations").empty() && arrayAt(spec, "auditAnnotations").empty()) {
        for (const char* path : {"spec.validations", "spec.auditAnnotations"})
            findings.required(path,
                              "validations or auditAnnotations must contain at least one item");
        return;
    }
    eachItem(spec, "validations", "spec", [&](const Json& validation, const std::string& path) {
        checkValidation(findings, validation, path);
    });
    checkAuditAnnotations(findings, policy);
}

void checkPolicyStatus(Findings& findings, const Json& policy) {
    eachItem(policy, "status.typeChecking.expressionWarnings", "",
             [&](const Json& warning, const std::string& path) {
                 checkRequired(findings, warning, "warning", path);
                 if (trimmed(stringAt(warning, "fieldRef")).empty())
                     findings.required(path + ".fieldRef");
             });
    checkConditions(findings, partOf(policy, "status"), "status");
}

bool conditionsChanged(const Json& policy, const Json& old) {
    return !sameValue(partOf(policy, "spec.paramKind"), partOf(old, "spec.paramKind")) ||
           !sameValue(partOf(policy, "spec.matchConditions"), partOf(old, "spec.matchConditions"));
}

// --- MutatingAdmissionPolicy -------------------------------------------------------------------

void checkMutation(Findings& findings, const Json& mutation, const std::string& path) {
    const std::string_view type = stringAt(mutation, "patchType");
    if (type.empty())
        return findings.required(path + ".patchType");
    if (type != "JSONPatch" && type != "ApplyConfiguration")
        return checkOneOf(findings, mutation, "patchType", path,
                          {"ApplyConfiguration", "JSONPatch"});
    const bool patch = type == "JSONPatch";
    const std::string wanted = patch ? "jsonPatch" : "applyConfiguration";
    const std::string other = patch ? "applyConfiguration" : "jsonPatch";
    if (!has(mutation, wanted))
        findings.required(path + "." + wanted,
                          "must be specified when patchType is " + std::string(type));
    else if (trimmed(stringAt(mutation, wanted + ".expression")).empty())
        findings.required(path + "." + wanted + ".expression");
    if (has(mutation, other))
        findings.invalid(path + "." + other, "{" + other + "}",
                         "must not be specified when patchType is " + std::string(type));
}

void checkMutatingPolicy(Findings& findings, const Json& policy, bool conditionsToo) {
    const Json& spec = partOf(policy, "spec");
    checkPolicyHead(findings, spec, true, conditionsToo);
    if (arrayAt(spec, "mutations").empty())
        findings.required("spec.mutations", "mutations must contain at least one item");
    eachItem(spec, "mutations", "spec", [&](const Json& mutation, const std::string& path) {
        checkMutation(findings, mutation, path);
    });
    if (stringAt(spec, "reinvocationPolicy").empty())
        findings.required("spec.reinvocationPolicy");
    else
        checkOneOf(findings, spec, "reinvocationPolicy", "spec", {"IfNeeded", "Never"});
}

// --- bindings ----------------------------------------------------------------------------------

void checkParamRef(Findings& findings, const Json& spec) {
    const std::string path = "spec.paramRef";
    if (!has(spec, "paramRef"))
        return;
    const Json& reference = *find(spec, "paramRef");
    const std::string_view name = stringAt(reference, "name");
    const bool selects = has(reference, "selector");
    if (!name.empty()) {
        findings.each(path + ".name", name, checkPathSegmentName(name));
        if (selects)
            findings.forbidden(path + ".name", "name and selector are mutually exclusive");
    }
    if (selects) {
        checkLabelSelector(findings, *find(reference, "selector"), path + ".selector");
        if (!name.empty())
            findings.forbidden(path + ".selector", "name and selector are mutually exclusive");
    }
    if (name.empty() && !selects)
        findings.required(path, "one of name or selector must be specified");
    if (stringAt(reference, "parameterNotFoundAction").empty())
        findings.required(path + ".parameterNotFoundAction");
    else
        checkOneOf(findings, reference, "parameterNotFoundAction", path, {"Deny", "Allow"});
}

void checkBindingHead(Findings& findings, const Json& spec) {
    checkRequired(findings, spec, "policyName", "spec", checkDns1123Subdomain);
    checkParamRef(findings, spec);
    if (has(spec, "matchResources"))
        checkMatch(findings, *find(spec, "matchResources"), "spec.matchResources");
}

void checkValidatingBinding(Findings& findings, const Json& binding) {
    const Json& spec = partOf(binding, "spec");
    checkBindingHead(findings, spec);
    static const std::vector<std::string_view> kActions = {"Audit", "Deny", "Warn"};
    Seen actions;
    eachItem(spec, "validationActions", "spec", [&](const Json& action, const std::string& path) {
        if (std::find(kActions.begin(), kActions.end(), asString(action)) == kActions.end())
            findings.notSupported(path, action, kActions);
        if (!actions.add(asString(action)))
            findings.duplicate(path, action);
    });
    const std::string path = "spec.validationActions";
    if (actions.has("Deny") && actions.has("Warn"))
        findings.invalid(path, *find(spec, "validationActions"),
                         "must not contain both Deny and Warn (repeating the same validation "
                         "failure information in the API response and headers serves no purpose)");
    if (arrayAt(spec, "validationActions").empty())
        findings.required(path, "at least one validation action is required");
}

void checkMutatingBinding(Findings& findings, const Json& binding) {
    const Json& spec = partOf(binding, "spec");
    checkBindingHead(findings, spec);
    checkMutatingOperations(findings, partOf(spec, "matchResources"), "spec.matchResources");
}
} // namespace

void addAdmissionPolicyRules(std::vector<KindRules>& rules) {
    rules.push_back(
        {kGroup, "ValidatingAdmissionPolicy",
         [](Findings& f, const Json& policy) { checkValidatingPolicy(f, policy, true); },
         [](Findings& f, const Json& policy, const Json& old, std::string_view subresource) {
             if (subresource == "status")
                 checkPolicyStatus(f, policy);
             else
                 checkValidatingPolicy(f, policy, conditionsChanged(policy, old));
         },
         false});
    rules.push_back({kGroup, "MutatingAdmissionPolicy",
                     [](Findings& f, const Json& policy) { checkMutatingPolicy(f, policy, true); },
                     [](Findings& f, const Json& policy, const Json& old, std::string_view) {
                         checkMutatingPolicy(f, policy, conditionsChanged(policy, old));
                     },
                     false});
    rules.push_back(
        {kGroup, "ValidatingAdmissionPolicyBinding", checkValidatingBinding, nullptr, true});
    rules.push_back(
        {kGroup, "MutatingAdmissionPolicyBinding", checkMutatingBinding, nullptr, true});
}

} // namespace orrery::api
