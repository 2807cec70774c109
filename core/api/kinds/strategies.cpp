#include "core/api/kinds/strategies.h"

#include <algorithm>

#include "core/api/defaults/kind_defaults.h"
#include "core/api/defaults/set.h"

namespace orrery::api {

// `old` with a few parts of `object`.
Json copyWithParts(const Json& object, const Json& old,
                   std::initializer_list<std::string_view> paths) {
    Json result = old;
    if (const Json* metadata = find(object, "metadata"))
        if (const Json* fields = find(*metadata, "managedFields"))
            setPath(result, "metadata.managedFields", *fields);
    if (const Json* version = findPath(object, "metadata.resourceVersion"))
        setPath(result, "metadata.resourceVersion", *version);
    for (const std::string_view path : paths) {
        if (const Json* part = findPath(object, path))
            setPath(result, path, *part);
        else
            removePath(result, path);
    }
    return result;
}

void createNamespace(Json& object) {
    JsonObject& fields = object.get_object();
    fields["status"] = JsonObject{{"phase", "Active"}};
    const JsonArray& finalizers = arrayAt(object, "spec.finalizers");
    if (std::find(finalizers.begin(), finalizers.end(), Json("kubernetes")) == finalizers.end()) {
        JsonArray all = finalizers;
        all.push_back("kubernetes");
        ensureObject(fields, "spec")["finalizers"] = std::move(all);
    }
    const std::string name(stringAt(object, "metadata.name"));
    ensureObject(ensureObject(fields, "metadata"), "labels")["kubernetes.io/metadata.name"] = name;
}

void updateNamespace(Json& object, const Json& old) {
    // Only the finalize subresource changes these.
    JsonObject& spec = ensureObject(object.get_object(), "spec");
    if (const Json* finalizers = findPath(old, "spec.finalizers"))
        spec["finalizers"] = *finalizers;
    else
        spec.erase("finalizers");
}

void updateNamespacePart(std::string_view subresource, Json& object, const Json& old) {
    if (subresource == "finalize")
        object = copyWithParts(object, old, {"spec.finalizers"});
}

void createJob(Json& object) {
    JsonObject* spec = objectIn(object, "spec");
    if (!spec)
        return;
    const auto labelLikeTemplate = [&object] {
        const JsonObject labels = objectAt(object, "spec.template.metadata.labels");
        if (!labels.empty())
            setDefault(ensureObject(object.get_object(), "metadata"), "labels", labels);
    };
    if (boolAt(object, "spec.manualSelector"))
        return labelLikeTemplate();
    const std::string uid(stringAt(object, "metadata.uid"));
    const std::string name(stringAt(object, "metadata.name"));
    JsonObject& metadata = ensureObject(ensureObject(*spec, "template"), "metadata");
    JsonObject& labels = ensureObject(metadata, "labels");
    // What a person set is kept here and refused by validation when it is wrong.
    setDefault(labels, "controller-uid", Json(uid));
    setDefault(labels, "batch.kubernetes.io/controller-uid", Json(uid));
    setDefault(labels, "job-name", Json(name));
    setDefault(labels, "batch.kubernetes.io/job-name", Json(name));
    JsonObject& selector = ensureObject(*spec, "selector");
    ensureObject(selector, "matchLabels")["batch.kubernetes.io/controller-uid"] = uid;
    labelLikeTemplate(); // the generated ones too
}

namespace {
constexpr const char* kTemplateGeneration = "deprecated.daemonset.template.generation";

void setTemplateGeneration(Json& object, std::int64_t generation) {
    JsonObject& metadata = ensureObject(object.get_object(), "metadata");
    ensureObject(metadata, "annotations")[kTemplateGeneration] = std::to_string(generation);
}
} // namespace

void createDaemonSet(Json& object) {
    setTemplateGeneration(object, 1);
}

void updateDaemonSet(Json& object, const Json& old) {
    const JsonObject& annotations = objectAt(old, "metadata.annotations");
    const Json* before = annotations.if_contains(kTemplateGeneration);
    std::int64_t generation = 0;
    for (const char c : before ? asString(*before) : std::string_view())
        generation = c >= '0' && c <= '9' ? generation * 10 + (c - '0') : 0;
    const bool changed = objectAt(object, "spec.template") != objectAt(old, "spec.template");
    setTemplateGeneration(object, generation + (changed ? 1 : 0));
}

void createCustomResourceDefinition(Json& object) {
    JsonArray stored;
    for (const Json& version : arrayAt(object, "spec.versions"))
        if (boolAt(version, "storage") && stored.empty())
            stored.emplace_back(stringAt(version, "name"));
    JsonObject& status = ensureObject(object.get_object(), "status");
    status["storedVersions"] = std::move(stored);
}

// A version that was ever stored is remembered until somebody says that nothing of it is left.
void updateCustomResourceDefinition(Json& object, const Json&) {
    JsonArray stored = arrayAt(object, "status.storedVersions");
    for (const Json& version : arrayAt(object, "spec.versions")) {
        const Json name(stringAt(version, "name"));
        if (boolAt(version, "storage") &&
            std::find(stored.begin(), stored.end(), name) == stored.end())
            stored.push_back(name);
    }
    ensureObject(object.get_object(), "status")["storedVersions"] = std::move(stored);
}

} // namespace orrery::api
