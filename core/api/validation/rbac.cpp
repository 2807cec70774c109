// Roles and their bindings.
#include "core/api/validation/findings.h"

namespace orrery::api {

namespace {
void checkRules(Findings& findings, const Json& role, bool namespaced) {
    const JsonArray& rules = arrayAt(role, "rules");
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const std::string path = at("rules", i);
        const JsonArray& urls = arrayAt(rules[i], "nonResourceURLs");
        if (arrayAt(rules[i], "verbs").empty())
            findings.required(path + ".verbs", "verbs must contain at least one value");
        if (!urls.empty()) {
            if (namespaced)
                findings.invalid(path + ".nonResourceURLs", Json(urls),
                                 "namespaced rules cannot apply to non-resource URLs");
            if (!arrayAt(rules[i], "apiGroups").empty() ||
                !arrayAt(rules[i], "resources").empty() ||
                !arrayAt(rules[i], "resourceNames").empty())
                findings.invalid(
                    path + ".nonResourceURLs", Json(urls),
                    "rules cannot apply to both regular resources and non-resource URLs");
            continue;
        }
        if (arrayAt(rules[i], "apiGroups").empty())
            findings.required(path + ".apiGroups",
                              "resource rules must supply at least one api group");
        if (arrayAt(rules[i], "resources").empty())
            findings.required(path + ".resources",
                              "resource rules must supply at least one resource");
    }
}

// A selector that can't be used is said once more as a whole.
void checkSelectorOf(Findings& findings, const Json& selector, const std::string& path) {
    const std::size_t before = findings.count();
    checkLabelSelector(findings, selector, path);
    if (findings.count() > before)
        findings.invalid(path, Json(), "invalid label selector.");
}

void checkClusterRole(Findings& findings, const Json& role) {
    checkRules(findings, role, false);
    const Json* aggregation = find(role, "aggregationRule");
    if (!aggregation)
        return;
    const JsonArray& selectors = arrayAt(*aggregation, "clusterRoleSelectors");
    if (selectors.empty())
        findings.required(
            "aggregationRule.clusterRoleSelectors",
            "at least one clusterRoleSelector required if aggregationRule is non-nil");
    for (std::size_t i = 0; i < selectors.size(); ++i)
        checkSelectorOf(findings, selectors[i], at("aggregationRule.clusterRoleSelectors", i));
}

void checkSubject(Findings& findings, const Json& subject, bool namespaced,
                  const std::string& path) {
    const std::string_view kind = stringAt(subject, "kind"), group = stringAt(subject, "apiGroup");
    const std::string_view name = stringAt(subject, "name");
    if (name.empty())
        findings.required(path + ".name");
    if (kind == "ServiceAccount") {
        if (!name.empty())
            findings.each(path + ".name", name, checkDns1123Subdomain(name));
        if (!group.empty())
            findings.notSupported(path + ".apiGroup", Json(group), {""});
        if (!namespaced && stringAt(subject, "namespace").empty())
            findings.required(path + ".namespace");
    } else if (kind == "User" || kind == "Group") {
        if (group != "rbac.authorization.k8s.io")
            findings.notSupported(path + ".apiGroup", Json(group), {"rbac.authorization.k8s.io"});
    } else {
        findings.notSupported(path + ".kind", Json(kind), {"ServiceAccount", "User", "Group"});
    }
}

void checkBinding(Findings& findings, const Json& binding, bool namespaced) {
    const std::string_view group = stringAt(binding, "roleRef.apiGroup"),
                           kind = stringAt(binding, "roleRef.kind");
    const std::string_view name = stringAt(binding, "roleRef.name");
    if (group != "rbac.authorization.k8s.io")
        findings.notSupported("roleRef.apiGroup", Json(group), {"rbac.authorization.k8s.io"});
    if (kind != "ClusterRole" && !(namespaced && kind == "Role")) {
        if (namespaced)
            findings.notSupported("roleRef.kind", Json(kind), {"Role", "ClusterRole"});
        else
            findings.notSupported("roleRef.kind", Json(kind), {"ClusterRole"});
    }
    if (name.empty())
        findings.required("roleRef.name");
    else
        findings.each("roleRef.name", name, checkPathSegmentName(name));
    const JsonArray& subjects = arrayAt(binding, "subjects");
    for (std::size_t i = 0; i < subjects.size(); ++i)
        checkSubject(findings, subjects[i], namespaced, at("subjects", i));
}

void checkBindingUpdate(Findings& findings, const Json& binding, const Json& old,
                        std::string_view) {
    if (objectAt(binding, "roleRef") == objectAt(old, "roleRef"))
        return;
    JsonObject internal;
    internal["APIGroup"] = stringAt(binding, "roleRef.apiGroup");
    internal["Kind"] = stringAt(binding, "roleRef.kind");
    internal["Name"] = stringAt(binding, "roleRef.name");
    findings.invalid("roleRef", Json(internal), "cannot change roleRef");
}
} // namespace

void addRbacRules(std::vector<KindRules>& rules) {
    const std::string_view group = "rbac.authorization.k8s.io";
    rules.push_back(
        {group, "Role", [](Findings& f, const Json& o) { checkRules(f, o, true); }, nullptr, true});
    rules.push_back({group, "ClusterRole", checkClusterRole, nullptr, true});
    rules.push_back({group, "RoleBinding",
                     [](Findings& f, const Json& o) { checkBinding(f, o, true); },
                     checkBindingUpdate, true});
    rules.push_back({group, "ClusterRoleBinding",
                     [](Findings& f, const Json& o) { checkBinding(f, o, false); },
                     checkBindingUpdate, true});
}

} // namespace orrery::api
