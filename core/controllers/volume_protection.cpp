// PersistentVolumeClaim protection and PersistentVolume protection: what is in use goes only when
// it is used no longer. The API server adds the finalizers, these take them away.
#include "core/controllers/controllers.h"
#include "core/controllers/pods.h"

namespace orrery::controllers {

namespace {
constexpr const char* kClaimFinalizer = "kubernetes.io/pvc-protection";
constexpr const char* kVolumeFinalizer = "kubernetes.io/pv-protection";

bool has(const api::ObjectMeta& metadata, const char* finalizer) {
    const std::vector<std::string>& all = metadata.finalizers;
    return std::find(all.begin(), all.end(), finalizer) != all.end();
}

Action removeFinalizer(client::ResourcePath path, const api::ObjectMeta& metadata,
                       const char* finalizer, std::string because) {
    JsonArray left;
    for (const std::string& one : metadata.finalizers)
        if (one != finalizer)
            left.emplace_back(one);
    return patchObject(
        std::move(path),
        JsonObject{
            {"metadata", JsonObject{{"uid", metadata.uid},
                                    {"resourceVersion", std::to_string(metadata.resourceVersion)},
                                    {"finalizers", std::move(left)}}}},
        std::move(because));
}

// Whether a pod on a node mounts it. A pod without a node can't start any more once its claim is
// being deleted.
bool used(const api::ObjectMeta& claim, const View& view) {
    for (const std::string& key : view.pods.byIndex(indexes::kClaim, claim.namespacedName())) {
        const PodPtr pod = view.pods.get(key);
        if (!pod->view->nodeName.empty())
            return true;
    }
    return false;
}

Outcome releaseClaim(const api::PersistentVolumeClaim& claim, const View& view) {
    Outcome out;
    const api::ObjectMeta& metadata = claim.metadata;
    if (metadata.deletionTimestamp && has(metadata, kClaimFinalizer) && !used(metadata, view))
        out.actions.push_back(removeFinalizer(
            {"", "v1", "persistentvolumeclaims", metadata.namespace_, metadata.name, ""}, metadata,
            kClaimFinalizer, "it is being deleted, and no pod uses it"));
    return out;
}

Outcome releaseVolume(const api::PersistentVolume& volume) {
    Outcome out;
    const api::ObjectMeta& metadata = volume.metadata;
    if (metadata.deletionTimestamp && has(metadata, kVolumeFinalizer) && volume.phase != "Bound")
        out.actions.push_back(
            removeFinalizer({"", "v1", "persistentvolumes", "", metadata.name, ""}, metadata,
                            kVolumeFinalizer, "it is being deleted, and no claim has it"));
    return out;
}
} // namespace

ControllerDef claimProtectionController(View& view) {
    ControllerDef def;
    def.name = "persistentvolumeclaim-protection-controller";
    def.component = def.user = "pvc-protection-controller";
    def.watch = [&view](Wakes& wakes) {
        wakes.mapped<api::PersistentVolumeClaim>(
            view.persistentVolumeClaims, "PersistentVolumeClaim",
            [](const api::PersistentVolumeClaim& claim) {
                return claim.metadata.deletionTimestamp
                           ? std::vector<std::string>{claim.metadata.namespacedName()}
                           : std::vector<std::string>();
            });
        wakes.mapped<api::Pod>(view.pods, "Pod", [&view](const api::Pod& pod) {
            std::vector<std::string> keys;
            for (const std::string& name : api::claimsOf(pod.metadata, pod.volumes)) {
                const std::string key = pod.metadata.namespace_ + "/" + name;
                const auto* claim = view.persistentVolumeClaims.get(key);
                if (claim && claim->view->metadata.deletionTimestamp)
                    keys.push_back(key);
            }
            return keys;
        });
    };
    def.reconcile = [&view](const std::string& key, Time) {
        const auto* claim = view.persistentVolumeClaims.get(key);
        return claim ? releaseClaim(*claim->view, view) : Outcome();
    };
    return def;
}

ControllerDef volumeProtectionController(View& view) {
    ControllerDef def;
    def.name = "persistentvolume-protection-controller";
    def.component = def.user = "pv-protection-controller";
    def.watch = [&view](Wakes& wakes) {
        wakes.mapped<api::PersistentVolume>(
            view.persistentVolumes, "PersistentVolume", [](const api::PersistentVolume& volume) {
                return volume.metadata.deletionTimestamp
                           ? std::vector<std::string>{volume.metadata.name}
                           : std::vector<std::string>();
            });
    };
    def.reconcile = [&view](const std::string& key, Time) {
        const auto* volume = view.persistentVolumes.get(key);
        return volume ? releaseVolume(*volume->view) : Outcome();
    };
    return def;
}

} // namespace orrery::controllers
