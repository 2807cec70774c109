#include "core/auth/rbac_views.h"

namespace orrery::auth {
namespace {

std::vector<std::string> strings(const Json& object, std::string_view key) {
    std::vector<std::string> out;
    for (const Json& item : arrayAt(object, key))
        out.emplace_back(asString(item));
    return out;
}

bool contains(const std::vector<std::string>& list, std::string_view wanted) {
    for (const std::string& item : list)
        if (item == "*" || item == wanted)
            return true;
    return false;
}

// "pods", "pods/log", "*/scale" (a subresource of everything) or "*".
bool containsResource(const std::vector<std::string>& list, const Attributes& attributes) {
    for (const std::string& item : list) {
        if (item == "*")
            return true;
        const std::string_view text = item;
        const std::size_t slash = text.find('/');
        if (attributes.subresource.empty()) {
            if (text == attributes.resource)
                return true;
        } else if (slash != std::string_view::npos &&
                   text.substr(slash + 1) == attributes.subresource &&
                   (text.substr(0, slash) == "*" || text.substr(0, slash) == attributes.resource)) {
            return true;
        }
    }
    return false;
}

// "/healthz", "/healthz/*" or "*".
bool containsPath(const std::vector<std::string>& list, std::string_view path) {
    for (const std::string& item : list) {
        if (item == "*" || item == path)
            return true;
        if (!item.empty() && item.back() == '*' &&
            path.substr(0, item.size() - 1) == std::string_view(item).substr(0, item.size() - 1))
            return true;
    }
    return false;
}

} // namespace

std::vector<PolicyRule> decodeRules(const Json& object) {
    std::vector<PolicyRule> rules;
    for (const Json& rule : arrayAt(object, "rules"))
        rules.push_back({strings(rule, "verbs"), strings(rule, "apiGroups"),
                         strings(rule, "resources"), strings(rule, "resourceNames"),
                         strings(rule, "nonResourceURLs")});
    return rules;
}

void decode(const Json& object, RbacRole& out) {
    if (const Json* metadata = find(object, "metadata"))
        api::decode(*metadata, out.metadata);
    out.rules = decodeRules(object);
}

void decode(const Json& object, RbacBinding& out) {
    if (const Json* metadata = find(object, "metadata"))
        api::decode(*metadata, out.metadata);
    out.roleKind = stringAt(object, "roleRef.kind");
    out.roleName = stringAt(object, "roleRef.name");
    out.subjects.clear();
    for (const Json& subject : arrayAt(object, "subjects"))
        out.subjects.push_back({std::string(stringAt(subject, "kind")),
                                std::string(stringAt(subject, "name")),
                                std::string(stringAt(subject, "namespace"))});
}

bool allows(const PolicyRule& rule, const Attributes& attributes) {
    if (!contains(rule.verbs, attributes.verb))
        return false;
    if (!attributes.resourceRequest)
        return containsPath(rule.nonResourceURLs, attributes.path);
    if (!contains(rule.apiGroups, attributes.group) ||
        !containsResource(rule.resources, attributes))
        return false;
    return rule.resourceNames.empty() ||
           std::find(rule.resourceNames.begin(), rule.resourceNames.end(), attributes.name) !=
               rule.resourceNames.end();
}

} // namespace orrery::auth
