#include "core/auth/escalation.h"

#include "core/auth/rbac_views.h"

namespace orrery::auth {
namespace {

constexpr std::string_view kGroup = "rbac.authorization.k8s.io";
using Strings = std::vector<std::string>;

// One rule as many: a single verb and group and resource (and name), or verb and path, each.
std::vector<PolicyRule> breakDown(const PolicyRule& rule) {
    std::vector<PolicyRule> parts;
    for (const std::string& group : rule.apiGroups)
        for (const std::string& resource : rule.resources)
            for (const std::string& verb : rule.verbs) {
                if (rule.resourceNames.empty())
                    parts.push_back({{verb}, {group}, {resource}, {}, {}});
                for (const std::string& name : rule.resourceNames)
                    parts.push_back({{verb}, {group}, {resource}, {name}, {}});
            }
    for (const std::string& path : rule.nonResourceURLs)
        for (const std::string& verb : rule.verbs)
            parts.push_back({{verb}, {}, {}, {}, {path}});
    return parts;
}

bool has(const Strings& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}
bool hasOrAll(const Strings& list, const std::string& item) {
    return has(list, "*") || has(list, item);
}

bool coversResource(const Strings& held, const std::string& resource) {
    if (hasOrAll(held, resource))
        return true;
    const std::size_t slash = resource.find('/');
    return slash != std::string::npos && has(held, "*" + resource.substr(slash));
}

bool coversPath(const Strings& held, const std::string& path) {
    for (const std::string& item : held)
        if (item == path || (!item.empty() && item.back() == '*' &&
                             path.compare(0, item.size() - 1, item, 0, item.size() - 1) == 0))
            return true;
    return false;
}

// `part` is broken down.
bool covers(const PolicyRule& held, const PolicyRule& part) {
    if (!hasOrAll(held.verbs, part.verbs[0]))
        return false;
    if (!part.nonResourceURLs.empty())
        return coversPath(held.nonResourceURLs, part.nonResourceURLs[0]);
    if (!hasOrAll(held.apiGroups, part.apiGroups[0]) ||
        !coversResource(held.resources, part.resources[0]))
        return false;
    return held.resourceNames.empty() ||
           (!part.resourceNames.empty() && has(held.resourceNames, part.resourceNames[0]));
}

// Parts that differ only in their verb become one rule, where the first of them stood.
std::vector<PolicyRule> merge(const std::vector<PolicyRule>& parts) {
    std::vector<PolicyRule> merged;
    for (const PolicyRule& part : parts) {
        const auto same = std::find_if(merged.begin(), merged.end(), [&](const PolicyRule& other) {
            return part.nonResourceURLs.empty() && other.nonResourceURLs.empty() &&
                   other.apiGroups == part.apiGroups && other.resources == part.resources &&
                   other.resourceNames == part.resourceNames;
        });
        if (same == merged.end())
            merged.push_back(part);
        else if (!has(same->verbs, part.verbs[0]))
            same->verbs.push_back(part.verbs[0]);
    }
    return merged;
}

std::string quotedList(const Strings& list) {
    std::string text;
    for (const std::string& item : list)
        text += (text.empty() ? "\"" : " \"") + item + "\"";
    return "[" + text + "]";
}

// {APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}
std::string ruleText(const PolicyRule& rule) {
    std::string text;
    const auto add = [&](const char* name, const Strings& list) {
        if (!list.empty())
            text += (text.empty() ? "" : ", ") + std::string(name) + ":" + quotedList(list);
    };
    add("APIGroups", rule.apiGroups);
    add("Resources", rule.resources);
    add("NonResourceURLs", rule.nonResourceURLs);
    add("ResourceNames", rule.resourceNames);
    add("Verbs", rule.verbs);
    return "{" + text + "}";
}

// The order in which Kubernetes prints rules: verbs come first.
std::string sortText(const PolicyRule& rule) {
    std::string text;
    for (const Strings* list : {&rule.verbs, &rule.apiGroups, &rule.resources, &rule.resourceNames,
                                &rule.nonResourceURLs}) {
        std::string items;
        for (const std::string& item : *list)
            items += (items.empty() ? "" : " ") + item;
        text += "[" + items + "],";
    }
    return text;
}

Error refusal(const RbacWrite& write, std::string why) {
    Error error =
        makeError(Reason::Forbidden, write.resource + "." + std::string(kGroup) + " \"" +
                                         write.name + "\" is forbidden: " + std::move(why));
    error.detailsName = write.name;
    error.detailsGroup = kGroup;
    error.detailsKind = write.resource;
    return error;
}

bool may(Authorizer& authorizer, const UserInfo& user, const std::string& verb,
         const std::string& resource, const std::string& namespace_, const std::string& name) {
    Attributes attributes;
    attributes.user = user;
    attributes.verb = verb;
    attributes.resourceRequest = true;
    attributes.group = kGroup;
    attributes.version = "*";
    attributes.resource = resource;
    attributes.namespace_ = namespace_;
    attributes.name = name;
    return authorizer.authorize(attributes).allowed;
}

Result<void> checkRules(Authorizer& authorizer, const UserInfo& user, const RbacWrite& write,
                        const std::vector<PolicyRule>& wanted) {
    std::vector<PolicyRule> missing =
        missingRules(authorizer.rulesFor(user, write.namespace_), wanted);
    if (missing.empty())
        return {};
    std::stable_sort(missing.begin(), missing.end(), [](const PolicyRule& a, const PolicyRule& b) {
        return sortText(a) < sortText(b);
    });
    std::string why = "user \"" + user.name + "\" (groups=" + quotedList(user.groups) +
                      ") is attempting to grant RBAC permissions not currently held:";
    for (const PolicyRule& rule : missing)
        why += "\n" + ruleText(rule);
    return refusal(write, std::move(why));
}

bool sameMember(const Json& a, const Json& b, std::string_view key) {
    const Json* left = find(a, key);
    const Json* right = find(b, key);
    return left != nullptr && right != nullptr ? *left == *right : left == right;
}

Result<void> checkRole(Authorizer& authorizer, const UserInfo& user, const RbacWrite& write) {
    if (may(authorizer, user, "escalate", write.resource, write.namespace_, write.name))
        return {};
    const Json& object = *write.object;
    if (write.old != nullptr && sameMember(object, *write.old, "rules") &&
        sameMember(object, *write.old, "aggregationRule"))
        return {};
    if (find(object, "aggregationRule") != nullptr &&
        (write.old == nullptr || !sameMember(object, *write.old, "aggregationRule"))) {
        const std::vector<PolicyRule> everything = {{{"*"}, {"*"}, {"*"}, {}, {}},
                                                    {{"*"}, {}, {}, {}, {"*"}}};
        if (!missingRules(authorizer.rulesFor(user, ""), everything).empty())
            return refusal(write, "must have cluster-admin privileges to use the aggregationRule");
    }
    return checkRules(authorizer, user, write, decodeRules(object));
}

Result<void> checkBinding(Authorizer& authorizer, const ObjectLookup& lookup, const UserInfo& user,
                          const RbacWrite& write) {
    const std::string kind(stringAt(*write.object, "roleRef.kind"));
    const std::string name(stringAt(*write.object, "roleRef.name"));
    const std::string resource = kind == "ClusterRole" ? "clusterroles" : "roles";
    if (may(authorizer, user, "bind", resource, write.namespace_, name))
        return {};
    const EncodedPtr role = lookup({std::string(kGroup), resource},
                                   kind == "ClusterRole" ? "" : write.namespace_, name);
    if (!role) {
        Error error = makeError(Reason::NotFound, resource + "." + std::string(kGroup) + " \"" +
                                                      name + "\" not found");
        error.detailsName = name;
        error.detailsGroup = kGroup;
        error.detailsKind = resource;
        return error;
    }
    return checkRules(authorizer, user, write, decodeRules(role->tree()));
}

} // namespace

std::vector<PolicyRule> missingRules(const std::vector<PolicyRule>& held,
                                     const std::vector<PolicyRule>& wanted) {
    std::vector<PolicyRule> missing;
    for (const PolicyRule& rule : wanted)
        for (PolicyRule& part : breakDown(rule))
            if (std::none_of(held.begin(), held.end(),
                             [&](const PolicyRule& one) { return covers(one, part); }))
                missing.push_back(std::move(part));
    return merge(missing);
}

Result<void> checkEscalation(Authorizer& authorizer, const ObjectLookup& lookup,
                             const UserInfo& user, const RbacWrite& write) {
    ORRERY_ASSERT(write.object != nullptr);
    if (has(user.groups, "system:masters"))
        return {};
    if (write.resource == "roles" || write.resource == "clusterroles")
        return checkRole(authorizer, user, write);
    return checkBinding(authorizer, lookup, user, write);
}

} // namespace orrery::auth
