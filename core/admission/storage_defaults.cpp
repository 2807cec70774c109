// Storage: the default class of claims, and the finalizers that protect what is in use.
#include "core/admission/plugins.h"

namespace orrery::admission {
namespace {

const api::GroupResource kClaims{"", "persistentvolumeclaims"};
const api::GroupResource kVolumes{"", "persistentvolumes"};
const api::GroupResource kAttributesClasses{"storage.k8s.io", "volumeattributesclasses"};

Result<void> setClass(Request& request, const Context& context) {
    Json& claim = *request.object;
    const Json* name = findPath(claim, "spec.storageClassName");
    // "" is an answer too: no class.
    if ((name != nullptr && !name->is_null()) ||
        objectAt(claim, "metadata.annotations").contains("volume.beta.kubernetes.io/storage-class"))
        return {};
    const std::string found = defaultClass(context, {"storage.k8s.io", "storageclasses"},
                                           {"storageclass.kubernetes.io/is-default-class",
                                            "storageclass.beta.kubernetes.io/is-default-class"});
    if (!found.empty())
        setPath(claim, "spec.storageClassName", Json(found));
    return {};
}

Result<void> addFinalizer(Request& request, const Context&) {
    const api::GroupResource resource = request.kind->groupResource();
    const Json finalizer(resource == kClaims    ? "kubernetes.io/pvc-protection"
                         : resource == kVolumes ? "kubernetes.io/pv-protection"
                                                : "kubernetes.io/vac-protection");
    JsonArray& finalizers = ensureArray(*request.object, "metadata.finalizers");
    if (std::find(finalizers.begin(), finalizers.end(), finalizer) == finalizers.end())
        finalizers.push_back(finalizer);
    return {};
}

} // namespace

PluginDef defaultStorageClass() {
    PluginDef plugin;
    plugin.name = "DefaultStorageClass";
    plugin.operations = {Operation::Create};
    plugin.resources = {kClaims};
    plugin.mutate = setClass;
    return plugin;
}

PluginDef storageObjectInUseProtection() {
    PluginDef plugin;
    plugin.name = "StorageObjectInUseProtection";
    plugin.operations = {Operation::Create};
    plugin.resources = {kClaims, kVolumes, kAttributesClasses};
    plugin.mutate = addFinalizer;
    return plugin;
}

} // namespace orrery::admission
