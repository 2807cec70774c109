// Ephemeral volumes: a pod's volume of kind `ephemeral` gets a PersistentVolumeClaim that lives as
// long as the pod.
#include "core/controllers/controllers.h"
#include "core/controllers/pods.h"

namespace orrery::controllers {

namespace {
bool wantsClaims(const api::Pod& pod) {
    const JsonArray* volumes = pod.volumes.if_array();
    return volumes && std::any_of(volumes->begin(), volumes->end(), [](const Json& volume) {
               return find(volume, "ephemeral") != nullptr;
           });
}

Json claimFor(const api::Pod& pod, const Json& claimTemplate, const std::string& name) {
    Json metadata(objectAt(claimTemplate, "metadata"));
    JsonObject made;
    made["name"] = name;
    for (const char* part : {"labels", "annotations"})
        if (const Json* value = find(metadata, part))
            made[part] = *value;
    made["ownerReferences"] = JsonArray{controllerReference("v1", "Pod", pod.metadata)};
    return JsonObject{{"apiVersion", "v1"},
                      {"kind", "PersistentVolumeClaim"},
                      {"metadata", std::move(made)},
                      {"spec", objectAt(claimTemplate, "spec")}};
}

Outcome reconcile(const api::Pod& pod, const View& view) {
    Outcome out;
    if (pod.metadata.deletionTimestamp || pod.terminal() || !pod.volumes.is_array())
        return out;
    for (const Json& volume : pod.volumes.get_array()) {
        const Json* claimTemplate = findPath(volume, "ephemeral.volumeClaimTemplate");
        if (!claimTemplate)
            continue;
        const std::string name = pod.metadata.name + "-" + std::string(stringAt(volume, "name"));
        const auto* there = view.persistentVolumeClaims.get(pod.metadata.namespace_ + "/" + name);
        if (!there) {
            out.actions.push_back(createObject(
                {"", "v1", "persistentvolumeclaims", pod.metadata.namespace_, "", ""},
                claimFor(pod, *claimTemplate, name),
                "volume " + std::string(stringAt(volume, "name")) + " of the pod is ephemeral"));
            continue;
        }
        const api::OwnerReference* owner = there->view->metadata.controllerOf();
        if (!owner || owner->uid != pod.metadata.uid) {
            const std::string why = "PVC \"" + pod.metadata.namespace_ + "/" + name +
                                    "\" was not created for pod \"" +
                                    pod.metadata.namespacedName() + "\" (pod is not owner)";
            out.error = makeError(Reason::Conflict, why);
        }
    }
    return out;
}
} // namespace

ControllerDef ephemeralVolumeController(View& view) {
    ControllerDef def;
    def.name = "ephemeral-volume-controller";
    def.component = "ephemeral_volume";
    def.user = "ephemeral-volume-controller";
    def.watch = [&view](Wakes& wakes) {
        wakes.mapped<api::Pod>(view.pods, "Pod", [](const api::Pod& pod) {
            return wantsClaims(pod) ? std::vector<std::string>{pod.metadata.namespacedName()}
                                    : std::vector<std::string>();
        });
        wakes.owned(view.persistentVolumeClaims, "PersistentVolumeClaim", "Pod");
    };
    def.reconcile = [&view](const std::string& key, Time) {
        const PodPtr pod = view.pods.get(key);
        return pod ? reconcile(*pod->view, view) : Outcome();
    };
    return def;
}

} // namespace orrery::controllers
