#include "core/api/defaults.h"

#include "core/api/custom/custom_schema.h"
#include "core/api/defaults/set.h"
#include "core/api/schema.h"

namespace orrery::api {

namespace {
// What the encoder writes for a status that nobody set: {} with its obligatory zeros.
Json emptyStatus(const KindDef& kind) {
    Json status = JsonObject();
    const Type* type = kind.custom ? nullptr : Schema::builtIn().find(kind.schema);
    const Field* field = type ? type->field("status") : nullptr;
    if (field) {
        NormaliseReport report;
        normalise(*field->type, status, report);
    }
    return status;
}

std::int64_t generationOf(const Json& object) {
    return intAt(object, "metadata.generation");
}

void setGeneration(Json& object, std::int64_t generation) {
    JsonObject& metadata = ensureObject(object.get_object(), "metadata");
    if (generation == 0)
        metadata.erase("generation");
    else
        ensureMember(metadata, "generation") = generation;
}

bool sameMember(const Json& a, const Json& b, std::string_view key) {
    const Json* left = find(a, key);
    const Json* right = find(b, key);
    return left && right ? sameValue(*left, *right) : left == right;
}

// Whether anything but metadata and status differs.
bool contentDiffers(const Json& a, const Json& b, bool hasStatus) {
    const auto counts = [hasStatus](std::string_view key) {
        return key != "metadata" && key != "apiVersion" && key != "kind" &&
               !(hasStatus && key == "status");
    };
    for (const auto& [key, value] : a.get_object())
        if (counts(key) && !sameMember(a, b, key))
            return true;
    for (const auto& [key, value] : b.get_object())
        if (counts(key) && !find(a, key))
            return true;
    return false;
}

void copyMember(JsonObject& to, const Json& from, std::string_view key) {
    if (const Json* value = find(from, key))
        ensureMember(to, key) = *value;
    else
        to.erase(key);
}

// A status write changes the status and, as in Kubernetes, labels, annotations and the like; the
// rest is old's.
void keepAllButStatus(Json& object, const Json& old) {
    JsonObject& fields = object.get_object();
    JsonObject kept;
    kept.reserve(old.get_object().size() + 1);
    const auto take = [&](std::string_view key) {
        if (Json* given = fields.if_contains(key); given && !kept.contains(key))
            kept[key] = std::move(*given);
    };
    for (const auto& [key, value] : old.get_object()) {
        const Json* given = key == "status" ? nullptr : fields.if_contains(key);
        if (key == "metadata" || (given && sameValue(*given, value)))
            take(key); // comparing is cheaper than a copy
        else if (key != "status")
            kept[key] = value;
    }
    take("metadata");
    take("status");
    fields = std::move(kept);
}

// Kinds whose status writes can't touch metadata (except managedFields).
bool statusKeepsMetadata(const KindDef& kind) {
    static constexpr std::string_view kGroups[] = {"apiextensions.k8s.io",
                                                   "apiregistration.k8s.io",
                                                   "flowcontrol.apiserver.k8s.io",
                                                   "admissionregistration.k8s.io",
                                                   "certificates.k8s.io",
                                                   "resource.k8s.io",
                                                   "storage.k8s.io"};
    for (const std::string_view group : kGroups)
        if (kind.group == group)
            return true;
    return kind.custom || kind.kind == "ServiceCIDR";
}

void keepMetadata(Json& object, const Json& old) {
    JsonObject& metadata = ensureObject(object.get_object(), "metadata");
    const Json* kept = find(old, "metadata");
    for (const char* key : {"labels", "annotations", "finalizers", "ownerReferences",
                            "deletionTimestamp", "generation", "selfLink"})
        copyMember(metadata, kept ? *kept : Json(), key);
}

void updateStatus(const KindDef& kind, Json& object, const Json& old) {
    keepAllButStatus(object, old);
    if (statusKeepsMetadata(kind))
        keepMetadata(object, old);
    if (kind.strategy.prepareForSubresource)
        kind.strategy.prepareForSubresource("status", object, old);
    setGeneration(object, generationOf(old));
}
} // namespace

void applyDefaults(const KindDef& kind, Json& object) {
    if (kind.customSchema)
        return applySchemaDefaults(kind.customSchema->root, object);
    if (kind.strategy.defaultObject && object.is_object())
        kind.strategy.defaultObject(object);
}

void prepareForCreate(const KindDef& kind, Json& object) {
    if (!object.is_object())
        return;
    if (kind.statusSubresource && !kind.keepsStatusOnCreate) {
        if (kind.custom)
            object.get_object().erase("status");
        else
            object.get_object()["status"] = emptyStatus(kind);
    }
    if (kind.generation)
        setGeneration(object, 1);
    if (kind.strategy.prepareForCreate)
        kind.strategy.prepareForCreate(object);
}

void prepareForUpdate(const KindDef& kind, std::string_view subresource, Json& object,
                      const Json& old) {
    if (!object.is_object() || !old.is_object())
        return;
    if (subresource == "status")
        return updateStatus(kind, object, old);
    if (kind.statusSubresource && subresource.empty())
        copyMember(object.get_object(), old, "status");
    if (kind.strategy.prepareForSubresource && !subresource.empty())
        kind.strategy.prepareForSubresource(subresource, object, old);
    std::int64_t generation = generationOf(old);
    if (kind.generation && (contentDiffers(object, old, kind.statusSubresource) ||
                            (kind.annotationsCount && objectAt(object, "metadata.annotations") !=
                                                          objectAt(old, "metadata.annotations"))))
        ++generation;
    setGeneration(object, generation);
    // A subresource has rules of its own: finalize changes just what an update may not.
    if (kind.strategy.prepareForUpdate && subresource.empty())
        kind.strategy.prepareForUpdate(object, old);
}

} // namespace orrery::api
