#include "core/auth/bootstrap.h"

namespace orrery::auth {
namespace {

// Literals in the programs' own folder of data: the files are text, wrapped so that they compile.
constexpr std::string_view kRoles =
#include "resources/bootstrap/roles.inc"
    ;
constexpr std::string_view kBindings =
#include "resources/bootstrap/bindings.inc"
    ;
constexpr std::string_view kObjects =
#include "resources/bootstrap/objects.inc"
    ;
constexpr std::string_view kRbacGroup = "rbac.authorization.k8s.io";

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t at = std::min(text.find(separator), text.size());
        if (at > 0)
            parts.push_back(text.substr(0, at));
        text.remove_prefix(std::min(at + 1, text.size()));
    }
    return parts;
}

JsonArray list(std::string_view text) {
    JsonArray items;
    for (const std::string_view item : split(text, ','))
        items.emplace_back(item == "\"\"" ? std::string_view() : item);
    return items;
}

std::pair<std::string_view, std::string_view> keyAndValue(std::string_view text) {
    const std::size_t at = text.rfind('=');
    ORRERY_ASSERT(at != std::string_view::npos);
    return {text.substr(0, at), text.substr(at + 1)};
}

// "NAMESPACE/NAME" or "NAME".
JsonObject metadata(std::string_view name) {
    JsonObject out;
    const std::size_t slash = name.find('/');
    out["name"] = slash == std::string_view::npos ? name : name.substr(slash + 1);
    if (slash != std::string_view::npos)
        out["namespace"] = name.substr(0, slash);
    out["labels"] = JsonObject{{"kubernetes.io/bootstrapping", "rbac-defaults"}};
    out["annotations"] = JsonObject{{"rbac.authorization.kubernetes.io/autoupdate", "true"}};
    return out;
}

JsonObject rbacObject(std::string_view kind, std::string_view name) {
    JsonObject out;
    out["kind"] = kind;
    out["apiVersion"] = "rbac.authorization.k8s.io/v1";
    out["metadata"] = metadata(name);
    return out;
}

JsonObject readRole(const std::vector<std::string_view>& words) {
    JsonObject role = rbacObject(words[0], words[1]);
    for (std::size_t at = 2; at < words.size(); ++at) {
        const auto [what, rest] = std::pair(words[at].substr(0, words[at].find('=')),
                                            words[at].substr(words[at].find('=') + 1));
        const auto [key, value] = keyAndValue(rest);
        if (what == "label") {
            role["metadata"].as_object()["labels"].as_object()[key] = value;
            continue;
        }
        ORRERY_ASSERT(what == "aggregate");
        const JsonObject selector{{"matchLabels", JsonObject{{key, value}}}};
        role["aggregationRule"] = JsonObject{{"clusterRoleSelectors", JsonArray{selector}}};
    }
    role["rules"] = JsonArray();
    return role;
}

Json readRule(const std::vector<std::string_view>& words) {
    ORRERY_ASSERT(words.size() >= 3 && words.size() <= 4);
    JsonObject rule;
    rule["verbs"] = list(words[0]);
    if (words[1] == "@") {
        rule["nonResourceURLs"] = list(words[2]);
        return rule;
    }
    rule["apiGroups"] = list(words[1]);
    rule["resources"] = list(words[2]);
    if (words.size() == 4)
        rule["resourceNames"] = list(words[3]);
    return rule;
}

// The rules of every role that an aggregating role selects: those of each role in name order, each
// once. Roles that aggregate themselves are filled first.
void aggregate(std::vector<JsonObject>& roles, JsonObject& role) {
    const auto selectors = role.find("aggregationRule");
    if (selectors == role.end() || !role["rules"].as_array().empty())
        return;
    const JsonObject& labels =
        selectors->value().at("clusterRoleSelectors").at(0).at("matchLabels").as_object();
    const auto key = labels.begin()->key();
    JsonArray& rules = role["rules"].as_array();
    for (JsonObject& other : roles) {
        const Json* value = find(other["metadata"].at("labels"), key);
        if (value == nullptr || *value != labels.begin()->value())
            continue;
        aggregate(roles, other);
        for (const Json& rule : other["rules"].as_array())
            if (std::find(rules.begin(), rules.end(), rule) == rules.end())
                rules.push_back(rule);
    }
}

void addRoles(std::vector<Json>& objects) {
    std::vector<JsonObject> roles;
    for (const std::string_view line : split(kRoles, '\n')) {
        if (line.front() == '#')
            continue;
        if (line.front() == ' ')
            roles.back()["rules"].as_array().push_back(readRule(split(line, ' ')));
        else
            roles.push_back(readRole(split(line, ' ')));
    }
    for (JsonObject& role : roles)
        aggregate(roles, role);
    for (JsonObject& role : roles)
        objects.emplace_back(std::move(role));
}

Json readSubject(std::string_view word) {
    const std::size_t colon = word.find(':');
    ORRERY_ASSERT(colon != std::string_view::npos);
    const std::string_view what = word.substr(0, colon);
    const std::string_view name = word.substr(colon + 1);
    JsonObject subject;
    if (what == "account") {
        const std::size_t slash = name.find('/');
        subject["kind"] = "ServiceAccount";
        subject["name"] = name.substr(slash + 1);
        subject["namespace"] = name.substr(0, slash);
        return subject;
    }
    ORRERY_ASSERT(what == "user" || what == "group");
    subject["kind"] = what == "user" ? "User" : "Group";
    subject["apiGroup"] = kRbacGroup;
    subject["name"] = name;
    return subject;
}

void addBindings(std::vector<Json>& objects) {
    for (const std::string_view line : split(kBindings, '\n')) {
        if (line.front() == '#')
            continue;
        const std::vector<std::string_view> words = split(line, ' ');
        JsonObject binding = rbacObject(words[0], words[1]);
        JsonArray subjects;
        for (std::size_t at = 3; at < words.size(); ++at)
            subjects.push_back(readSubject(words[at]));
        if (!subjects.empty())
            binding["subjects"] = std::move(subjects);
        const bool cluster = words[0] == "ClusterRoleBinding";
        binding["roleRef"] =
            JsonObject{{"apiGroup", kRbacGroup},
                       {"kind", cluster ? "ClusterRole" : "Role"},
                       {"name", words[2] == "=" ? binding["metadata"].at("name") : Json(words[2])}};
        objects.emplace_back(std::move(binding));
    }
}

std::vector<Json> makeObjects() {
    std::vector<Json> objects;
    for (const std::string_view line : split(kObjects, '\n')) {
        Result<Json> object = parseJson(line);
        ORRERY_ASSERT(object.has_value());
        objects.push_back(std::move(*object));
    }
    addRoles(objects);
    addBindings(objects);
    objects.push_back(kubernetesService(6443));
    return objects;
}

} // namespace

const std::vector<Json>& bootstrapObjects() {
    static const std::vector<Json> objects = makeObjects();
    return objects;
}

Json kubernetesService(int targetPort) {
    const JsonObject labels{{"component", "apiserver"}, {"provider", "kubernetes"}};
    const JsonObject port{
        {"name", "https"}, {"protocol", "TCP"}, {"port", 443}, {"targetPort", targetPort}};
    return JsonObject{
        {"kind", "Service"},
        {"apiVersion", "v1"},
        {"metadata",
         JsonObject{{"name", "kubernetes"}, {"namespace", "default"}, {"labels", labels}}},
        {"spec", JsonObject{{"ports", JsonArray{port}},
                            {"clusterIP", "10.96.0.1"},
                            {"clusterIPs", JsonArray{"10.96.0.1"}},
                            {"type", "ClusterIP"},
                            {"sessionAffinity", "None"},
                            {"ipFamilies", JsonArray{"IPv4"}},
                            {"ipFamilyPolicy", "SingleStack"},
                            {"internalTrafficPolicy", "Cluster"}}},
        {"status", JsonObject{{"loadBalancer", JsonObject()}}}};
}

Json authenticationConfigMap(const std::string& caPem) {
    return JsonObject{{"kind", "ConfigMap"},
                      {"apiVersion", "v1"},
                      {"metadata", JsonObject{{"name", "extension-apiserver-authentication"},
                                              {"namespace", "kube-system"}}},
                      {"data", JsonObject{{"client-ca-file", caPem}}}};
}

} // namespace orrery::auth
