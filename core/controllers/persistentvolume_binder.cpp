// PersistentVolume binder: claims find volumes, volumes learn what became of their claims.
//
// A pair is made in three looks, each at what the one before has written: the volume names the
// claim, the claim names the volume, the claim says what it got. So a crash between them is no
// loss: whoever looks next goes on from there.
#include <algorithm>

#include "core/controllers/controllers.h"

namespace orrery::controllers {

namespace {
using api::PersistentVolume;
using api::PersistentVolumeClaim;
using ClaimPtr = const client::Cached<PersistentVolumeClaim>*;
using VolumePtr = const client::Cached<PersistentVolume>*;

constexpr const char* kBoundByController = "pv.kubernetes.io/bound-by-controller";
constexpr const char* kBindCompleted = "pv.kubernetes.io/bind-completed";
constexpr const char* kSelectedNode = "volume.kubernetes.io/selected-node";

client::ResourcePath claimPath(const api::ObjectMeta& claim, const char* subresource = "") {
    return {"", "v1", "persistentvolumeclaims", claim.namespace_, claim.name, subresource};
}

client::ResourcePath volumePath(const api::ObjectMeta& volume, const char* subresource = "") {
    return {"", "v1", "persistentvolumes", "", volume.name, subresource};
}

Said saidOf(const char* kind, const api::ObjectMeta& metadata, const char* type, const char* reason,
            std::string message) {
    return {client::referenceTo("v1", kind, metadata),
            {type, reason, std::move(message), "", {}, {}}};
}

void setStatus(client::ResourcePath path, const Json& object, const Json& status,
               std::string because, Outcome& out) {
    if (std::optional<Action> action =
            patchStatus(std::move(path), object, status, std::move(because)))
        out.actions.push_back(std::move(*action));
}

void setVolumePhase(const client::Cached<PersistentVolume>& volume, const char* phase, Time now,
                    const std::string& because, Outcome& out) {
    if (volume.view->phase == phase)
        return;
    Json status(objectAt(volume.encoded->tree(), "status"));
    status.get_object()["phase"] = phase;
    status.get_object()["lastPhaseTransitionTime"] = formatTime(now);
    setStatus(volumePath(volume.view->metadata, "status"), volume.encoded->tree(), status, because,
              out);
}

void setClaimPhase(const client::Cached<PersistentVolumeClaim>& claim, const char* phase,
                   const std::string& because, Outcome& out) {
    Json status(objectAt(claim.encoded->tree(), "status"));
    status.get_object()["phase"] = phase;
    setStatus(claimPath(claim.view->metadata, "status"), claim.encoded->tree(), status, because,
              out);
}

// --- which volume ---

bool satisfies(const PersistentVolume& volume, const PersistentVolumeClaim& claim) {
    const auto offers = [&volume](const std::string& mode) {
        return std::find(volume.accessModes.begin(), volume.accessModes.end(), mode) !=
               volume.accessModes.end();
    };
    return volume.capacityBytes >= claim.requestedBytes &&
           volume.storageClassName == claim.storageClassName &&
           volume.volumeMode == claim.volumeMode &&
           volume.volumeAttributesClassName == claim.volumeAttributesClassName &&
           std::all_of(claim.accessModes.begin(), claim.accessModes.end(), offers);
}

// One that was promised to the claim; else, when the claim does not wait for a consumer, the
// smallest free one.
VolumePtr findVolume(const PersistentVolumeClaim& claim, const View& view, bool promisedOnly) {
    VolumePtr best = nullptr;
    for (const std::string& name :
         view.persistentVolumes.byIndex(indexes::kStorageClass, claim.storageClassName)) {
        VolumePtr volume = view.persistentVolumes.get(name);
        const PersistentVolume& offered = *volume->view;
        if (offered.metadata.deletionTimestamp || !satisfies(offered, claim))
            continue;
        if (offered.claimedBy(claim))
            return volume;
        if (promisedOnly || offered.claim || offered.phase != "Available" ||
            (claim.selector.present && !claim.selector.matches(offered.metadata.labels)))
            continue;
        if (!best || offered.capacityBytes < best->view->capacityBytes)
            best = volume;
    }
    return best;
}

// --- making a pair ---

void nameClaim(const client::Cached<PersistentVolume>& volume,
               const client::Cached<PersistentVolumeClaim>& claim, Outcome& out) {
    const api::ObjectMeta& metadata = claim.view->metadata;
    JsonObject patch{
        {"metadata", JsonObject{{"uid", volume.view->metadata.uid},
                                {"resourceVersion", std::to_string(volume.revision)}}},
        {"spec", JsonObject{{"claimRef",
                             JsonObject{{"kind", "PersistentVolumeClaim"},
                                        {"namespace", metadata.namespace_},
                                        {"name", metadata.name},
                                        {"uid", metadata.uid},
                                        {"apiVersion", "v1"},
                                        {"resourceVersion", std::to_string(claim.revision)}}}}}};
    if (!volume.view->claim)
        patch["metadata"].get_object()["annotations"] = JsonObject{{kBoundByController, "yes"}};
    out.actions.push_back(
        patchObject(volumePath(volume.view->metadata), std::move(patch),
                    "it fits persistentvolumeclaim " + metadata.namespacedName()));
}

void nameVolume(const client::Cached<PersistentVolumeClaim>& claim, const PersistentVolume& volume,
                Outcome& out) {
    JsonObject annotations{{kBindCompleted, "yes"}};
    if (claim.view->volumeName.empty())
        annotations[kBoundByController] = "yes";
    JsonObject patch{{"metadata", JsonObject{{"uid", claim.view->metadata.uid},
                                             {"annotations", std::move(annotations)}}}};
    if (claim.view->volumeName.empty())
        patch["spec"] = JsonObject{{"volumeName", volume.metadata.name}};
    out.actions.push_back(
        patchObject(claimPath(claim.view->metadata), std::move(patch),
                    "persistentvolume " + volume.metadata.name + " is promised to it"));
}

// The next step from "these two fit" to "both say so".
void bind(const client::Cached<PersistentVolumeClaim>& claim,
          const client::Cached<PersistentVolume>& volume, Time now, Outcome& out) {
    if (!volume.view->claim || volume.view->claim->uid != claim.view->metadata.uid)
        return nameClaim(volume, claim, out);
    setVolumePhase(volume, "Bound", now,
                   "it serves persistentvolumeclaim " + claim.view->metadata.namespacedName(), out);
    if (claim.view->volumeName.empty() || !claim.view->bindCompleted())
        return nameVolume(claim, *volume.view, out);
    Json status(objectAt(claim.encoded->tree(), "status"));
    JsonObject& fields = status.get_object();
    if (claim.view->phase != "Bound") {
        fields["phase"] = "Bound";
        fields["accessModes"] = arrayAt(volume.encoded->tree(), "spec.accessModes");
        fields["capacity"] = objectAt(volume.encoded->tree(), "spec.capacity");
    }
    setStatus(claimPath(claim.view->metadata, "status"), claim.encoded->tree(), status,
              "persistentvolume " + volume.view->metadata.name + " is bound to it", out);
}

// --- a claim's turn ---

void waitForConsumer(const client::Cached<PersistentVolumeClaim>& claim, const View& view,
                     Outcome& out) {
    std::vector<std::string> waiting;
    for (const std::string& key :
         view.pods.byIndex(indexes::kClaim, claim.view->metadata.namespacedName()))
        if (const auto* pod = view.pods.get(key);
            pod->view->nodeName.empty() && !pod->view->terminal())
            waiting.push_back(pod->view->metadata.name);
    if (waiting.empty())
        return out.events.push_back(
            saidOf("PersistentVolumeClaim", claim.view->metadata, "Normal", "WaitForFirstConsumer",
                   "waiting for first consumer to be created before binding"));
    std::string names = waiting.front();
    for (std::size_t i = 1; i < waiting.size(); ++i)
        names += "," + waiting[i];
    out.events.push_back(saidOf("PersistentVolumeClaim", claim.view->metadata, "Normal",
                                "WaitForPodScheduled",
                                std::string("waiting for pod") + (waiting.size() > 1 ? "s " : " ") +
                                    names + " to be scheduled"));
}

// Provisioners outside of this process see the annotation and make a volume.
void askProvisioner(const client::Cached<PersistentVolumeClaim>& claim,
                    const std::string& provisioner, Outcome& out) {
    const api::ObjectMeta& metadata = claim.view->metadata;
    if (provisioner.starts_with("kubernetes.io/"))
        return out.events.push_back(saidOf("PersistentVolumeClaim", metadata, "Warning",
                                           "ProvisioningFailed",
                                           "no volume plugin matched name: " + provisioner));
    const auto asked = metadata.annotations.find("volume.kubernetes.io/storage-provisioner");
    if (asked == metadata.annotations.end() || asked->second != provisioner)
        out.actions.push_back(patchObject(
            claimPath(metadata),
            JsonObject{
                {"metadata",
                 JsonObject{
                     {"uid", metadata.uid},
                     {"annotations",
                      JsonObject{{"volume.beta.kubernetes.io/storage-provisioner", provisioner},
                                 {"volume.kubernetes.io/storage-provisioner", provisioner}}}}}},
            "its storage class is provisioned by " + provisioner));
    out.events.push_back(saidOf(
        "PersistentVolumeClaim", metadata, "Normal", "ExternalProvisioning",
        "Waiting for a volume to be created either by the external provisioner '" + provisioner +
            "' or manually by the system administrator. If volume creation is delayed, "
            "please verify that the provisioner is running and correctly registered."));
}

void lookForVolume(const client::Cached<PersistentVolumeClaim>& claim, const View& view, Time now,
                   Outcome& out) {
    const PersistentVolumeClaim& wanted = *claim.view;
    const auto* storageClass = view.storageClasses.get(wanted.storageClassName);
    const bool waits = storageClass && storageClass->view->waitsForConsumer &&
                       wanted.metadata.annotations.count(kSelectedNode) == 0;
    if (const VolumePtr volume = findVolume(wanted, view, waits))
        return bind(claim, *volume, now, out);
    if (waits)
        waitForConsumer(claim, view, out);
    else if (wanted.storageClassName.empty())
        out.events.push_back(
            saidOf("PersistentVolumeClaim", wanted.metadata, "Normal", "FailedBinding",
                   "no persistent volumes available for this claim and no storage class is set"));
    else if (!storageClass)
        out.events.push_back(
            saidOf("PersistentVolumeClaim", wanted.metadata, "Warning", "ProvisioningFailed",
                   "storageclass.storage.k8s.io \"" + wanted.storageClassName + "\" not found"));
    else
        askProvisioner(claim, storageClass->view->provisioner, out);
    setClaimPhase(claim, "Pending", "no volume serves it", out);
}

// It names a volume of its author's choice.
void takeNamedVolume(const client::Cached<PersistentVolumeClaim>& claim, const View& view, Time now,
                     Outcome& out) {
    const PersistentVolumeClaim& wanted = *claim.view;
    const VolumePtr volume = view.persistentVolumes.get(wanted.volumeName);
    if (volume && volume->view->claimedBy(wanted))
        return bind(claim, *volume, now, out);
    if (volume && volume->view->claim)
        out.events.push_back(
            saidOf("PersistentVolumeClaim", wanted.metadata, "Warning", "FailedBinding",
                   "volume \"" + wanted.volumeName + "\" already bound to a different claim."));
    else if (volume && satisfies(*volume->view, wanted))
        return bind(claim, *volume, now, out);
    else if (volume)
        out.events.push_back(saidOf("PersistentVolumeClaim", wanted.metadata, "Warning",
                                    "VolumeMismatch",
                                    "Cannot bind to requested volume \"" + wanted.volumeName +
                                        "\": it does not satisfy the claim"));
    setClaimPhase(claim, "Pending", "persistentvolume " + wanted.volumeName + " does not serve it",
                  out);
}

void keepBound(const client::Cached<PersistentVolumeClaim>& claim, const View& view, Time now,
               Outcome& out) {
    const PersistentVolumeClaim& bound = *claim.view;
    const VolumePtr volume = view.persistentVolumes.get(bound.volumeName);
    if (volume && (!volume->view->claim || volume->view->claimedBy(bound)))
        return bind(claim, *volume, now, out);
    if (bound.phase == "Lost")
        return;
    const char* reason = volume ? "ClaimMisbound" : "ClaimLost";
    const char* message =
        volume ? "Two claims are bound to the same volume, this one is bound incorrectly"
        : bound.volumeName.empty()
            ? "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!"
            : "Bound claim has lost its PersistentVolume. Data on the volume is lost!";
    setClaimPhase(claim, "Lost", "its volume is gone or belongs to another claim", out);
    out.events.push_back(
        saidOf("PersistentVolumeClaim", bound.metadata, "Warning", reason, message));
}

Outcome reconcileClaim(const client::Cached<PersistentVolumeClaim>& claim, const View& view,
                       Time now) {
    Outcome out;
    if (claim.view->bindCompleted())
        keepBound(claim, view, now, out);
    else if (claim.view->volumeName.empty())
        lookForVolume(claim, view, now, out);
    else
        takeNamedVolume(claim, view, now, out);
    return out;
}

// --- a volume's turn ---

// The pair that the controller made is undone: the claim has chosen another volume.
void forgetClaim(const client::Cached<PersistentVolume>& volume, Outcome& out) {
    const api::ObjectMeta& metadata = volume.view->metadata;
    JsonObject patch{{"metadata", JsonObject{{"uid", metadata.uid}}},
                     {"spec", JsonObject{{"claimRef", JsonObject{{"uid", nullptr}}}}}};
    if (volume.view->boundByController()) {
        patch["metadata"].get_object()["annotations"] = JsonObject{{kBoundByController, nullptr}};
        patch["spec"] = JsonObject{{"claimRef", nullptr}};
    }
    out.actions.push_back(patchObject(volumePath(metadata), std::move(patch),
                                      "its claim is bound to another volume"));
}

Outcome reconcileVolume(const client::Cached<PersistentVolume>& volume, const View& view,
                        Time now) {
    Outcome out;
    const PersistentVolume& offered = *volume.view;
    if (!offered.claim || offered.claim->uid.empty()) {
        setVolumePhase(volume, "Available", now, "no claim has it", out);
        return out;
    }
    const ClaimPtr found = view.persistentVolumeClaims.get(offered.claim->key());
    const PersistentVolumeClaim* claim =
        found && found->view->metadata.uid == offered.claim->uid ? found->view.get() : nullptr;
    // DIVERGES: no volume plugins run here, so nothing is deleted or scrubbed: what its policy asks
    // for is left to whoever provisioned it.
    if (!claim) {
        if (offered.phase != "Failed")
            setVolumePhase(volume, "Released", now, "its claim is gone", out);
    } else if (claim->volumeName == offered.metadata.name) {
        setVolumePhase(volume, "Bound", now,
                       "it serves persistentvolumeclaim " + claim->metadata.namespacedName(), out);
    } else if (!claim->volumeName.empty()) {
        forgetClaim(volume, out);
    }
    return out;
}

// --- what wakes whom ---

std::vector<std::string> keysOfClaim(const PersistentVolumeClaim& claim, const View& view) {
    std::vector<std::string> keys{claim.metadata.namespacedName()};
    for (const std::string& volume :
         view.persistentVolumes.byIndex(indexes::kClaim, claim.metadata.namespacedName()))
        keys.push_back(volume);
    return keys;
}

std::vector<std::string> keysOfVolume(const PersistentVolume& volume, const View& view) {
    std::vector<std::string> keys{volume.metadata.name};
    if (volume.claim)
        keys.push_back(volume.claim->key());
    else if (volume.phase == "Available")
        for (const std::string& claim :
             view.persistentVolumeClaims.byIndex(indexes::kUnbound, volume.storageClassName))
            keys.push_back(claim);
    for (const std::string& claim :
         view.persistentVolumeClaims.byIndex(indexes::kVolume, volume.metadata.name))
        keys.push_back(claim);
    return keys;
}

void watch(View& view, Wakes& wakes) {
    wakes.mapped<PersistentVolumeClaim>(
        view.persistentVolumeClaims, "PersistentVolumeClaim",
        [&view](const PersistentVolumeClaim& claim) { return keysOfClaim(claim, view); });
    wakes.mapped<PersistentVolume>(
        view.persistentVolumes, "PersistentVolume",
        [&view](const PersistentVolume& volume) { return keysOfVolume(volume, view); });
    wakes.mapped<api::StorageClass>(
        view.storageClasses, "StorageClass", [&view](const api::StorageClass& storageClass) {
            const std::set<std::string>& claims =
                view.persistentVolumeClaims.byIndex(indexes::kUnbound, storageClass.metadata.name);
            return std::vector<std::string>(claims.begin(), claims.end());
        });
}
} // namespace

ControllerDef persistentVolumeBinder(View& view) {
    ControllerDef def;
    def.name = "persistentvolume-binder-controller";
    def.component = "persistentvolume-controller";
    def.user = "persistent-volume-binder";
    def.watch = [&view](Wakes& wakes) { watch(view, wakes); };
    // A claim's key is "namespace/name", a volume's has no namespace.
    def.reconcile = [&view](const std::string& key, Time now) {
        if (key.find('/') == std::string::npos) {
            const VolumePtr volume = view.persistentVolumes.get(key);
            return volume ? reconcileVolume(*volume, view, now) : Outcome();
        }
        const ClaimPtr claim = view.persistentVolumeClaims.get(key);
        return claim ? reconcileClaim(*claim, view, now) : Outcome();
    };
    return def;
}

} // namespace orrery::controllers
