// Which steps a verb on a resource takes.
#include <algorithm>

#include "core/apiserver/pipeline.h"
#include "core/apiserver/registry.h"
#include "core/apiserver/status.h"

namespace orrery::apiserver {

namespace {
Result<Answer> planWatch(ServerCore& core, Call& call) {
    ORRERY_TRY(validateListOptions(call.options, true));
    ORRERY_TRY_ASSIGN(Selection selection, selectionOf(core, call));
    ORRERY_TRY_ASSIGN(const std::int64_t version,
                      parseResourceVersion(call.options.resourceVersion));
    Answer answer;
    answer.kind = call.kind;
    answer.resourceVersion = version;
    answer.watch = std::move(selection);
    return answer;
}

struct Verb {
    std::string_view name;
    Route route;
};
constexpr Verb kVerbs[] = {
    {"get", {nullptr, nullptr, readObject}},
    {"list", {nullptr, nullptr, readList}},
    {"watch", {nullptr, nullptr, planWatch}},
    {"create", {decodeCreate, admitWrite, storeWrite}},
    {"update", {decodeUpdate, admitWrite, storeWrite}},
    {"patch", {decodePatch, admitWrite, storeWrite}},
    {"delete", {decodeDelete, admitDelete, storeDelete}},
    {"deletecollection", {decodeDeleteOptions, nullptr, storeDeleteCollection}},
};

const Route* genericRoute(std::string_view verb) {
    for (const Verb& each : kVerbs)
        if (each.name == verb)
            return &each.route;
    return nullptr;
}

bool has(const std::vector<std::string>& verbs, const std::string& verb) {
    return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

// The path has the shape of the kind: a namespace where there must be one, and none where there
// can't be.
Result<void> checkShape(const Call& call) {
    const RequestInfo& info = call.info;
    const bool namespaced = call.kind->scope == api::Scope::Namespaced;
    if (!namespaced && !info.namespace_.empty() && info.resource != "namespaces")
        return unknownPath();
    // What can only be created (a review) has no names.
    const std::vector<std::string>& verbs = call.kind->verbs;
    if (!info.name.empty() && info.subresource.empty() && verbs.size() == 1 &&
        verbs[0] == "create")
        return unknownPath();
    if (!namespaced || !info.namespace_.empty())
        return {};
    if (!info.name.empty())
        return unknownPath();
    if (info.verb == "create" || info.verb == "deletecollection")
        return methodNotAllowed();
    return {};
}

Error notSupported(const Call& call) {
    Error error = methodNotAllowed();
    if (!call.kind->custom)
        return error;
    error.message = call.info.verb + " is not supported on resources of kind \"" +
                    call.kind->groupResource().text() + "\"";
    error.detailsGroup = call.kind->group;
    error.detailsKind = call.kind->plural;
    return error;
}
} // namespace

Result<Route> routeOf(ServerCore& core, Call& call) {
    RequestInfo& info = call.info;
    call.kind = core.kinds.byResource(info.group, info.version, info.resource);
    if (!call.kind)
        return unknownPath();
    if (!call.kind->deprecationWarning.empty() && !call.inProcess)
        call.warnings.push_back(call.kind->deprecationWarning);
    call.storage = core.storageOf(*call.kind);
    if (info.oldWatchPath && info.verb != "watch")
        return methodNotAllowed();
    ORRERY_TRY(checkShape(call));
    if (info.resource == "namespaces" && info.group.empty() && info.verb != "list" &&
        info.verb != "watch")
        info.namespace_ = info.name; // a namespace is in itself, for whoever authorizes and admits
    const std::vector<std::string>* verbs = &call.kind->verbs;
    if (!info.subresource.empty()) {
        const auto& all = call.kind->subresources;
        const auto sub =
            std::find_if(all.begin(), all.end(), [&info](const api::Subresource& each) {
                return each.name == info.subresource;
            });
        if (sub == all.end())
            return call.kind->custom ? notFound(info.group, info.resource, info.name)
                                     : unknownPath();
        verbs = &sub->verbs;
    } else if ((info.verb == "create") != info.name.empty() && info.verb != "list" &&
               info.verb != "watch" && info.verb != "deletecollection") {
        return notSupported(call); // an object's verb on a collection, or the other way round
    }
    if (!has(*verbs, info.verb))
        return notSupported(call);
    if (const Route* special = specialRoute(call))
        return *special;
    const Route* route = genericRoute(info.verb);
    if (!route)
        return methodNotAllowed();
    return *route;
}

} // namespace orrery::apiserver
