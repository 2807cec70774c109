#include "core/pki/kubeconfig.h"

#include "core/base/base64.h"
#include "core/base/yaml.h"
#include "core/pki/ec_key.h"

namespace orrery::pki {
namespace {

constexpr std::string_view kClusterName = "orrery";
constexpr std::string_view kUserName = "kubernetes-admin";
// In a shared file: kubeadm's clusters call their user kubernetes-admin too, and must keep theirs.
constexpr std::string_view kMergedUserName = "orrery-admin";

Json named(std::string_view name, std::string_view key, JsonObject value) {
    JsonObject out;
    out["name"] = name;
    out[key] = std::move(value);
    return out;
}

// Replaces the member of config[list] with that name, or adds it.
void upsert(JsonObject& config, std::string_view list, Json entry) {
    Json& value = config[list];
    if (!value.is_array())
        value = JsonArray();
    for (Json& existing : value.as_array())
        if (stringAt(existing, "name") == stringAt(entry, "name")) {
            existing = std::move(entry);
            return;
        }
    value.as_array().push_back(std::move(entry));
}

void put(JsonObject& config, const KubeconfigEntry& entry, std::string_view userName) {
    JsonObject cluster, user, context;
    cluster["certificate-authority-data"] = base64(entry.caPem);
    cluster["server"] = entry.server;
    user["client-certificate-data"] = base64(entry.clientCertificatePem);
    user["client-key-data"] = base64(entry.clientKeyPem);
    context["cluster"] = kClusterName;
    context["user"] = userName;
    upsert(config, "clusters", named(kClusterName, "cluster", std::move(cluster)));
    upsert(config, "contexts", named(kClusterName, "context", std::move(context)));
    upsert(config, "users", named(userName, "user", std::move(user)));
    config["current-context"] = kClusterName;
    if (!config.contains("apiVersion"))
        config["apiVersion"] = "v1";
    if (!config.contains("kind"))
        config["kind"] = "Config";
    if (!config.contains("preferences"))
        config["preferences"] = JsonObject();
}

Result<void> writeChanged(Env& env, const std::string& path, const std::string& text) {
    if (env.files.exists(path)) {
        const Result<std::string> now = env.files.read(path);
        if (now && *now == text)
            return {};
    }
    if (const std::size_t slash = path.rfind('/'); slash != std::string::npos && slash > 0)
        ORRERY_TRY(env.files.makeFolders(path.substr(0, slash)));
    return env.files.write(path, text, true);
}

} // namespace

Json kubeconfig(const KubeconfigEntry& entry) {
    JsonObject config;
    put(config, entry, kUserName);
    return config;
}

Json mergedKubeconfig(Json existing, const KubeconfigEntry& entry) {
    if (!existing.is_object())
        existing = JsonObject();
    put(existing.as_object(), entry, kMergedUserName);
    return existing;
}

Result<void> writeKubeconfig(Env& env, const std::string& path, const KubeconfigEntry& entry) {
    return writeChanged(env, path, emitYaml(kubeconfig(entry)));
}

Result<Json> readKubeconfig(Env& env, const std::string& path) {
    if (!env.files.exists(path))
        return Json();
    ORRERY_TRY_ASSIGN(const std::string text, env.files.read(path));
    Result<std::vector<YamlDocument>> documents = parseYaml(text);
    if (!documents)
        return badRequest(path + ": " + documents.error().message);
    if (documents->empty())
        return Json();
    Json& config = documents->front().value;
    if (documents->size() > 1 || !config.is_object())
        return badRequest(path + " is not a kubeconfig file");
    for (const char* list : {"clusters", "contexts", "users"})
        if (const Json* part = find(config, list); part && !part->is_array() && !part->is_null())
            return badRequest(path + " is not a kubeconfig file: " + list + " is no list");
    return std::move(config);
}

Result<void> mergeKubeconfig(Env& env, const std::string& path, const KubeconfigEntry& entry) {
    ORRERY_TRY_ASSIGN(Json existing, readKubeconfig(env, path));
    const Json before = existing;
    const Json after = mergedKubeconfig(std::move(existing), entry);
    return before == after ? Result<void>() : writeChanged(env, path, emitYaml(after));
}

} // namespace orrery::pki
