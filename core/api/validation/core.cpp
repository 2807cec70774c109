// Rules of the core group's plain kinds: ConfigMap, Secret, ServiceAccount, quotas.
#include "core/api/validation/findings.h"
#include "core/base/quantity.h"

namespace orrery::api {

namespace {
constexpr std::size_t kDataBytesMax = 1024 * 1024;

std::string_view view(const JsonStringView key) {
    return {key.data(), key.size()};
}

void checkConfigMap(Findings& findings, const Json& object) {
    std::size_t bytes = 0;
    const JsonObject& binary = objectAt(object, "binaryData");
    for (const auto& [key, value] : objectAt(object, "data")) {
        findings.each(keyed("data", view(key)), view(key), checkConfigMapKey(view(key)));
        if (binary.if_contains(key))
            findings.invalid(keyed("data", view(key)), view(key),
                             "duplicate of key present in binaryData");
        bytes += asString(value).size();
    }
    for (const auto& [key, value] : binary) {
        findings.each(keyed("binaryData", view(key)), view(key), checkConfigMapKey(view(key)));
        bytes += asString(value).size() / 4 * 3;
    }
    if (bytes > kDataBytesMax)
        findings.tooLong("", kDataBytesMax);
}

void checkFrozen(Findings& findings, const Json& object, const Json& old,
                 const std::vector<std::string_view>& members) {
    constexpr std::string_view kWhy = "field is immutable when `immutable` is set";
    if (!boolAt(old, "immutable"))
        return;
    if (!boolAt(object, "immutable"))
        findings.forbidden("immutable", kWhy);
    for (const std::string_view member : members)
        if (objectAt(object, member) != objectAt(old, member))
            findings.forbidden(std::string(member), kWhy);
}

void checkConfigMapUpdate(Findings& findings, const Json& object, const Json& old,
                          std::string_view) {
    checkFrozen(findings, object, old, {"data", "binaryData"});
    checkConfigMap(findings, object);
}

// --- Secret ------------------------------------------------------------------------------------

void checkSecret(Findings& findings, const Json& object) {
    const JsonObject& data = objectAt(object, "data");
    std::size_t bytes = 0;
    for (const auto& [key, value] : data) {
        findings.each(keyed("data", view(key)), view(key), checkConfigMapKey(view(key)));
        bytes += asString(value).size() / 4 * 3;
    }
    if (bytes > kDataBytesMax)
        findings.tooLong("data", kDataBytesMax);
    const std::string_view type = stringAt(object, "type");
    const auto need = [&](std::string_view key) {
        if (!data.if_contains(key))
            findings.required(keyed("data", key));
    };
    if (type == "kubernetes.io/tls") {
        need("tls.crt");
        need("tls.key");
    } else if (type == "kubernetes.io/ssh-auth") {
        if (stringAt(Json(data), "ssh-privatekey").empty())
            findings.required("data[ssh-privatekey]");
    } else if (type == "kubernetes.io/basic-auth") {
        if (!data.if_contains("username") && !data.if_contains("password")) {
            findings.required("data[username]");
            findings.required("data[password]");
        }
    } else if (type == "kubernetes.io/dockerconfigjson") {
        need(".dockerconfigjson");
    } else if (type == "kubernetes.io/dockercfg") {
        need(".dockercfg");
    } else if (type == "kubernetes.io/service-account-token") {
        const JsonObject& annotations = objectAt(object, "metadata.annotations");
        const Json* name = annotations.if_contains("kubernetes.io/service-account.name");
        if (!name || asString(*name).empty())
            findings.required("metadata.annotations[kubernetes.io/service-account.name]");
    }
}

void checkSecretUpdate(Findings& findings, const Json& object, const Json& old, std::string_view) {
    checkImmutable(findings, object, old, "type");
    checkFrozen(findings, object, old, {"data"});
    checkSecret(findings, object);
}

// --- quotas -----------------------------------------------------------------------------------

void checkHard(Findings& findings, const Json& object, const std::string& path) {
    const Json* amounts = findPath(object, path);
    if (!amounts || !amounts->is_object())
        return;
    for (const auto& member : amounts->get_object())
        findings.each(keyed(path, view(member.key())), view(member.key()),
                      checkQualifiedName(view(member.key())));
    checkQuantities(findings, amounts, path);
}

void checkQuota(Findings& findings, const Json& quota) {
    checkHard(findings, quota, "spec.hard");
}

void checkQuotaUpdate(Findings& findings, const Json& quota, const Json& old,
                      std::string_view subresource) {
    if (subresource == "status") {
        checkHard(findings, quota, "status.hard");
        checkHard(findings, quota, "status.used");
        return;
    }
    checkQuota(findings, quota);
    checkImmutable(findings, quota, old, "spec.scopes");
    checkImmutable(findings, quota, old, "spec.scopeSelector");
}
} // namespace

void addCoreRules(std::vector<KindRules>& rules) {
    rules.push_back({"", "ConfigMap", checkConfigMap, checkConfigMapUpdate, false});
    rules.push_back({"", "Secret", checkSecret, checkSecretUpdate, false});
    rules.push_back({"", "ServiceAccount", nullptr, nullptr, false});
    rules.push_back({"", "ResourceQuota", checkQuota, checkQuotaUpdate, false});
    rules.push_back({"", "PodTemplate",
                     [](Findings& findings, const Json& object) {
                         static const Json kNone;
                         const Json* inside = find(object, "template");
                         checkPodTemplate(findings, inside ? *inside : kNone, "template");
                     },
                     nullptr, true});
}

} // namespace orrery::api
