#include "core/apiserver/subresources.h"

#include "core/apiserver/pipeline.h"
#include "core/apiserver/registry.h"

namespace orrery::apiserver {

namespace {
void keepPath(Json& to, const Json& from, std::string_view path) {
    if (const Json* value = findPath(from, path))
        setPath(to, path, *value);
    else
        removePath(to, path);
}

// What a resize may set of each container: resources and resizePolicy. Containers that the stored
// pod lacks are added, so that validation sees and refuses them.
void keepResources(Json& to, const Json& from, std::string_view path) {
    const JsonArray& given = arrayAt(from, path);
    if (given.size() != arrayAt(to, path).size())
        return keepPath(to, from, path);
    Json& containers = ensurePath(to, path);
    if (!containers.is_array())
        return;
    for (std::size_t i = 0; i < given.size(); ++i) {
        Json& container = containers.get_array()[i];
        if (stringAt(container, "name") != stringAt(given[i], "name"))
            return keepPath(to, from, path);
        keepPath(container, given[i], "resources");
        keepPath(container, given[i], "resizePolicy");
    }
}

// The request's object, reduced to the part that its subresource stands for.
void shapePart(Call& call) {
    if (!call.old)
        return;
    Json asked = std::move(call.object);
    call.object = *call.old;
    const std::string& part = call.info.subresource;
    if (part == "finalize") {
        keepPath(call.object, asked, "spec.finalizers");
    } else if (part == "approval") {
        keepPath(call.object, asked, "status.conditions");
    } else if (part == "ephemeralcontainers") {
        keepPath(call.object, asked, "spec.ephemeralContainers");
    } else {
        keepResources(call.object, asked, "spec.containers");
        keepResources(call.object, asked, "spec.initContainers");
        keepPath(call.object, asked, "spec.resources");
    }
    keepPath(call.object, asked, "metadata.resourceVersion");
    keepPath(call.object, asked, "metadata.managedFields");
}

constexpr Route kPartUpdate{decodePartUpdate, admitWrite, storeWrite};
constexpr Route kPartPatch{decodePartPatch, admitWrite, storeWrite};
constexpr Route kBinding{decodeBinding, admitConnect, storeBinding};
constexpr Route kEviction{nullptr, nullptr, storeEviction};
constexpr Route kLog{nullptr, nullptr, planLog};
constexpr Route kStreaming{nullptr, nullptr, refuseStreaming};
constexpr Route kProxy{nullptr, nullptr, refuseProxy};
constexpr Route kScaleRead{nullptr, nullptr, readScale};
constexpr Route kScaleUpdate{decodeScaleUpdate, admitWrite, storeScale};
constexpr Route kScalePatch{decodeScalePatch, admitWrite, storeScale};
constexpr Route kReview{nullptr, nullptr, answerReview};
constexpr Route kToken{nullptr, nullptr, answerTokenRequest};

struct Special {
    std::string_view resource, subresource, verb; // "": any
    const Route* route;
};
constexpr Special kSpecial[] = {
    {"bindings", "", "create", &kBinding},
    {"pods", "binding", "create", &kBinding},
    {"pods", "eviction", "create", &kEviction},
    {"pods", "log", "get", &kLog},
    {"pods", "exec", "", &kStreaming},
    {"pods", "attach", "", &kStreaming},
    {"pods", "portforward", "", &kStreaming},
    {"", "proxy", "", &kProxy},
    {"pods", "ephemeralcontainers", "update", &kPartUpdate},
    {"pods", "ephemeralcontainers", "patch", &kPartPatch},
    {"pods", "resize", "update", &kPartUpdate},
    {"pods", "resize", "patch", &kPartPatch},
    {"namespaces", "finalize", "update", &kPartUpdate},
    {"certificatesigningrequests", "approval", "update", &kPartUpdate},
    {"certificatesigningrequests", "approval", "patch", &kPartPatch},
    {"", "scale", "get", &kScaleRead},
    {"", "scale", "update", &kScaleUpdate},
    {"", "scale", "patch", &kScalePatch},
    {"serviceaccounts", "token", "create", &kToken},
    {"subjectaccessreviews", "", "create", &kReview},
    {"localsubjectaccessreviews", "", "create", &kReview},
    {"selfsubjectaccessreviews", "", "create", &kReview},
    {"selfsubjectrulesreviews", "", "create", &kReview},
    {"selfsubjectreviews", "", "create", &kReview},
    {"tokenreviews", "", "create", &kReview},
};
} // namespace

const Route* specialRoute(const Call& call) {
    for (const Special& each : kSpecial)
        if ((each.resource.empty() || each.resource == call.info.resource) &&
            each.subresource == call.info.subresource &&
            (each.verb.empty() || each.verb == call.info.verb))
            return each.route;
    return nullptr;
}

Result<void> decodePartUpdate(ServerCore& core, Call& call) {
    ORRERY_TRY(decodeUpdate(core, call));
    shapePart(call);
    return {};
}

Result<void> decodePartPatch(ServerCore& core, Call& call) {
    ORRERY_TRY(decodePatch(core, call));
    shapePart(call);
    return {};
}

Result<void> admitConnect(ServerCore& core, Call& call) {
    ORRERY_TRY(runAdmission(core, call, true));
    return runAdmission(core, call, false);
}

} // namespace orrery::apiserver
