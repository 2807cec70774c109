// The steps of storage, certificates, nodes, leases and endpoints.
#include "core/api/defaults/set.h"
#include "core/api/kinds/strategies.h"

namespace orrery::api {

void createPersistentVolume(Json& object) {
    JsonObject status{{"phase", "Pending"}};
    if (const Json* now = findPath(object, "metadata.creationTimestamp"))
        status["lastPhaseTransitionTime"] = *now;
    object.get_object()["status"] = std::move(status);
}

namespace {
bool isClaimOrSnapshot(const Json& reference) {
    const std::string_view kind = stringAt(reference, "kind");
    const std::string_view group = stringAt(reference, "apiGroup");
    return (kind == "PersistentVolumeClaim" && group.empty()) ||
           (kind == "VolumeSnapshot" && group == "snapshot.storage.k8s.io");
}

// dataSource is the old name of a dataSourceRef in the claim's own namespace. A source of another
// kind that stands alone is dropped, and so is what is in another namespace: that is not served.
void settleDataSource(JsonObject& spec, const Json* oldSpec) {
    const bool hadReference = oldSpec && find(*oldSpec, "dataSourceRef");
    const bool had = hadReference || (oldSpec && find(*oldSpec, "dataSource"));
    if (const Json* reference = spec.if_contains("dataSourceRef");
        reference && !hadReference && !stringAt(*reference, "namespace").empty())
        spec.erase("dataSourceRef");
    if (const Json* source = spec.if_contains("dataSource");
        source && !had && !spec.contains("dataSourceRef") && !isClaimOrSnapshot(*source))
        spec.erase("dataSource");
    const Json* source = spec.if_contains("dataSource");
    const Json* reference = spec.if_contains("dataSourceRef");
    if (source && !reference) {
        spec["dataSourceRef"] = Json(*source);
    } else if (reference && !source && stringAt(*reference, "namespace").empty()) {
        Json copy = *reference;
        removePath(copy, "namespace");
        spec["dataSource"] = std::move(copy);
    }
}

void bumpGeneration(Json& object, const Json& old) {
    setPath(object, "metadata.generation", intAt(old, "metadata.generation") + 1);
}

void dropMembers(Json& object, std::initializer_list<std::string_view> paths) {
    for (const std::string_view path : paths)
        removePath(object, path);
}

// Fields of features that are off go, unless the stored object has them.
void dropUnused(Json& object, const Json& old, std::initializer_list<std::string_view> paths) {
    for (const std::string_view path : paths)
        if (!findPath(old, path))
            removePath(object, path);
}
} // namespace

void createPersistentVolumeClaim(Json& object) {
    object.get_object()["status"] = JsonObject{{"phase", "Pending"}};
    if (JsonObject* spec = objectIn(object, "spec"))
        settleDataSource(*spec, nullptr);
}

void updatePersistentVolumeClaim(Json& object, const Json& old) {
    if (JsonObject* spec = objectIn(object, "spec"))
        settleDataSource(*spec, find(old, "spec"));
}

void createCertificateSigningRequest(Json& object) {
    // Who asks is what authentication found; the API server sets it before this.
    object.get_object()["status"] = JsonObject();
}

void updateCertificateSigningRequest(Json& object, const Json& old) {
    if (const Json* spec = find(old, "spec"))
        object.get_object()["spec"] = *spec;
}

void updateCertificateSigningRequestPart(std::string_view subresource, Json& object,
                                         const Json& old) {
    if (subresource != "approval")
        return;
    const Json* conditions = findPath(object, "status.conditions");
    const Json decided = conditions ? *conditions : Json();
    for (const char* part : {"spec", "status"})
        if (const Json* kept = find(old, part))
            object.get_object()[part] = *kept;
    if (decided.is_null())
        removePath(object, "status.conditions");
    else
        setPath(object, "status.conditions", decided);
}

void createNode(Json& object) {
    dropMembers(object, {"spec.configSource", "status.config"});
}

void updateNode(Json& object, const Json& old) {
    dropUnused(object, old, {"spec.configSource"});
}

void createLease(Json& object) {
    dropMembers(object, {"spec.strategy", "spec.preferredHolder"});
}

void updateLease(Json& object, const Json& old) {
    dropUnused(object, old, {"spec.strategy", "spec.preferredHolder"});
}

void createCsiDriver(Json& object) {
    dropMembers(object, {"spec.preventPodSchedulingIfMissing"});
}

void updateCsiDriver(Json& object, const Json& old) {
    dropUnused(object, old, {"spec.preventPodSchedulingIfMissing"});
    const Json *now = find(object, "spec"), *before = find(old, "spec");
    if (now && before && !sameValue(*now, *before))
        bumpGeneration(object, old);
}

void updateEndpointSlice(Json& object, const Json& old) {
    if (intAt(object, "metadata.generation") == intAt(old, "metadata.generation") &&
        objectAt(object, "metadata.labels") != objectAt(old, "metadata.labels"))
        bumpGeneration(object, old);
}

void keepGeneration(Json& object, const Json& old) {
    setPath(object, "metadata.generation", intAt(old, "metadata.generation"));
}

} // namespace orrery::api
