// Every pod acts as a service account, and gets its token mounted.
#include "core/admission/plugins.h"

namespace orrery::admission {
namespace {

const api::GroupResource kPods{"", "pods"};
constexpr std::string_view kMountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
constexpr std::string_view kVolumePrefix = "kube-api-access-";

Result<void> checkMirrorPod(const Request& request) {
    const Json& pod = *request.object;
    if (!stringAt(pod, "spec.serviceAccountName").empty())
        return forbidden(request, "a mirror pod may not reference service accounts");
    for (const Json& volume : arrayAt(pod, "spec.volumes"))
        for (const Json& source : arrayAt(volume, "projected.sources"))
            if (find(source, "serviceAccountToken") != nullptr)
                return forbidden(request,
                                 "a mirror pod may not use ServiceAccountToken volume projections");
    return {};
}

// The pod's own word counts, then the account's; otherwise yes.
bool wantsToken(const Json& pod, const Json& account) {
    if (const Json* own = findPath(pod, "spec.automountServiceAccountToken");
        own != nullptr && own->is_bool())
        return own->as_bool();
    return boolAt(account, "automountServiceAccountToken", true);
}

Json tokenVolume(const std::string& name) {
    const JsonObject token{
        {"serviceAccountToken", JsonObject{{"expirationSeconds", 3607}, {"path", "token"}}}};
    const JsonObject authority{
        {"configMap",
         JsonObject{{"name", "kube-root-ca.crt"},
                    {"items", JsonArray{JsonObject{{"key", "ca.crt"}, {"path", "ca.crt"}}}}}}};
    const JsonObject field{{"apiVersion", "v1"}, {"fieldPath", "metadata.namespace"}};
    const JsonObject namespace_{
        {"downwardAPI",
         JsonObject{{"items", JsonArray{JsonObject{{"path", "namespace"}, {"fieldRef", field}}}}}}};
    return JsonObject{{"name", name},
                      {"projected", JsonObject{{"sources", JsonArray{token, authority, namespace_}},
                                               {"defaultMode", 420}}}};
}

bool hasMount(const Json& container) {
    for (const Json& mount : arrayAt(container, "volumeMounts"))
        if (stringAt(mount, "mountPath") == kMountPath)
            return true;
    return false;
}

void mountToken(Json& pod, Random& random) {
    std::string name;
    for (const Json& volume : arrayAt(pod, "spec.volumes"))
        if (const std::string_view given = stringAt(volume, "name");
            given.substr(0, kVolumePrefix.size()) == kVolumePrefix)
            name = given;
    const bool hasVolume = !name.empty();
    if (!hasVolume)
        name = std::string(kVolumePrefix) + newNameSuffix(random);
    bool mounted = false;
    for (const char* list : {"initContainers", "containers"}) {
        Json* containers = find(ensurePath(pod, "spec"), list);
        if (containers == nullptr || !containers->is_array())
            continue;
        for (Json& container : containers->as_array()) {
            if (!container.is_object() || hasMount(container))
                continue;
            ensureArray(container, "volumeMounts")
                .push_back(
                    JsonObject{{"name", name}, {"readOnly", true}, {"mountPath", kMountPath}});
            mounted = true;
        }
    }
    if (mounted && !hasVolume)
        ensureArray(pod, "spec.volumes").push_back(tokenVolume(name));
}

Result<void> mutate(Request& request, const Context& context) {
    Json& pod = *request.object;
    if (isMirrorPod(pod))
        return checkMirrorPod(request);
    std::string name(stringAt(pod, "spec.serviceAccountName"));
    if (name.empty())
        name = stringAt(pod, "spec.serviceAccount", "default");
    if (name.empty())
        name = "default";
    setPath(pod, "spec.serviceAccountName", Json(name));
    setPath(pod, "spec.serviceAccount", Json(name));
    const EncodedPtr account =
        context.lookup.get({"", "serviceaccounts"}, request.namespace_, name);
    if (!account)
        return forbidden(request, "error looking up service account " + request.namespace_ + "/" +
                                      name + ": serviceaccount \"" + name + "\" not found");
    if (wantsToken(pod, account->tree()))
        mountToken(pod, context.random);
    if (arrayAt(pod, "spec.imagePullSecrets").empty() &&
        !arrayAt(account->tree(), "imagePullSecrets").empty())
        setPath(pod, "spec.imagePullSecrets", Json(arrayAt(account->tree(), "imagePullSecrets")));
    return {};
}

} // namespace

PluginDef serviceAccount() {
    PluginDef plugin;
    plugin.name = "ServiceAccount";
    plugin.operations = {Operation::Create};
    plugin.resources = {kPods};
    plugin.mutate = mutate;
    return plugin;
}

} // namespace orrery::admission
