#include "core/admission/plugins.h"

namespace orrery::admission {

Error forbidden(const Request& request, std::string why) {
    const api::GroupResource resource = request.kind->groupResource();
    std::string name = request.name;
    if (name.empty() && request.object != nullptr)
        name = stringAt(*request.object, "metadata.name");
    if (name.empty() && request.object != nullptr)
        name = stringAt(*request.object, "metadata.generateName");
    if (name.empty())
        name = "Unknown";
    Error error = makeError(Reason::Forbidden,
                            resource.text() + " \"" + name + "\" is forbidden: " + std::move(why));
    error.detailsName = std::move(name);
    error.detailsGroup = resource.group;
    error.detailsKind = resource.resource;
    return error;
}

bool isMirrorPod(const Json& pod) {
    return objectAt(pod, "metadata.annotations").contains("kubernetes.io/config.mirror");
}

JsonArray& ensureArray(Json& object, std::string_view path) {
    Json& value = ensurePath(object, path);
    if (!value.is_array())
        value = JsonArray();
    return value.as_array();
}

std::string defaultClass(const Context& context, const api::GroupResource& resource,
                         const std::vector<std::string_view>& annotations) {
    std::string name, newest;
    for (const EncodedPtr& object : context.lookup.list(resource, "")) {
        const JsonObject& given = objectAt(object->tree(), "metadata.annotations");
        const bool isDefault =
            std::any_of(annotations.begin(), annotations.end(), [&](std::string_view annotation) {
                const auto at = given.find(annotation);
                return at != given.end() && asString(at->value()) == "true";
            });
        // Times of one format compare as text.
        const std::string made(stringAt(object->tree(), "metadata.creationTimestamp"));
        if (!isDefault || (!name.empty() && made <= newest))
            continue;
        name = stringAt(object->tree(), "metadata.name");
        newest = made;
    }
    return name;
}

} // namespace orrery::admission
