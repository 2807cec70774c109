#include "core/api/views/storage_v1.h"

#include "core/base/quantity.h"

namespace orrery::api {

namespace {
void metaOf(const Json& object, ObjectMeta& out) {
    if (const Json* metadata = find(object, "metadata"))
        decode(*metadata, out);
}

std::vector<std::string> stringsAt(const Json& object, std::string_view path) {
    std::vector<std::string> out;
    for (const Json& item : arrayAt(object, path))
        out.emplace_back(asString(item));
    return out;
}

std::int64_t bytesAt(const Json& object, std::string_view path) {
    const Result<Quantity> parsed = Quantity::parse(stringAt(object, path, "0"));
    return parsed ? parsed->value() : 0;
}
} // namespace

bool PersistentVolumeClaim::bindCompleted() const {
    return metadata.annotations.count("pv.kubernetes.io/bind-completed") != 0;
}

bool PersistentVolume::boundByController() const {
    return metadata.annotations.count("pv.kubernetes.io/bound-by-controller") != 0;
}

bool PersistentVolume::claimedBy(const PersistentVolumeClaim& by) const {
    return claim && claim->key() == by.metadata.namespacedName() &&
           (claim->uid.empty() || claim->uid == by.metadata.uid);
}

void decode(const Json& object, PersistentVolumeClaim& out) {
    metaOf(object, out.metadata);
    out.volumeName = stringAt(object, "spec.volumeName");
    out.volumeMode = stringAt(object, "spec.volumeMode", "Filesystem");
    out.volumeAttributesClassName = stringAt(object, "spec.volumeAttributesClassName");
    out.storageClassName = stringAt(object, "spec.storageClassName");
    out.accessModes = stringsAt(object, "spec.accessModes");
    if (const Json* selector = findPath(object, "spec.selector"))
        decode(*selector, out.selector);
    out.requestedBytes = bytesAt(object, "spec.resources.requests.storage");
    out.phase = stringAt(object, "status.phase");
}

void decode(const Json& object, PersistentVolume& out) {
    metaOf(object, out.metadata);
    out.storageClassName = stringAt(object, "spec.storageClassName");
    out.volumeMode = stringAt(object, "spec.volumeMode", "Filesystem");
    out.volumeAttributesClassName = stringAt(object, "spec.volumeAttributesClassName");
    out.reclaimPolicy = stringAt(object, "spec.persistentVolumeReclaimPolicy", "Retain");
    out.accessModes = stringsAt(object, "spec.accessModes");
    if (const Json* claim = findPath(object, "spec.claimRef"); claim && claim->is_object())
        out.claim = ClaimReference{std::string(stringAt(*claim, "namespace")),
                                   std::string(stringAt(*claim, "name")),
                                   std::string(stringAt(*claim, "uid"))};
    out.capacityBytes = bytesAt(object, "spec.capacity.storage");
    out.phase = stringAt(object, "status.phase");
}

void decode(const Json& object, StorageClass& out) {
    metaOf(object, out.metadata);
    out.provisioner = stringAt(object, "provisioner");
    out.waitsForConsumer = stringAt(object, "volumeBindingMode") == "WaitForFirstConsumer";
}

std::vector<std::string> claimsOf(const ObjectMeta& pod, const Json& volumes) {
    std::vector<std::string> names;
    const JsonArray* all = volumes.if_array();
    if (!all)
        return names;
    for (const Json& volume : *all) {
        if (const std::string_view name = stringAt(volume, "persistentVolumeClaim.claimName");
            !name.empty())
            names.emplace_back(name);
        else if (find(volume, "ephemeral"))
            names.push_back(pod.name + "-" + std::string(stringAt(volume, "name")));
    }
    return names;
}

} // namespace orrery::api
