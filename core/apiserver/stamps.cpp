#include "core/apiserver/stamps.h"

namespace orrery::apiserver {

namespace {
// Whoever sends it, it is theirs.
void stampRequester(Call& call) {
    Json& spec = ensurePath(call.object, "spec");
    for (const char* member : {"username", "uid", "groups", "extra"})
        removePath(spec, member);
    const client::UserInfo& user = call.user;
    if (!user.name.empty())
        setPath(spec, "username", Json(user.name));
    if (!user.uid.empty())
        setPath(spec, "uid", Json(user.uid));
    if (!user.groups.empty())
        setPath(spec, "groups", JsonArray(user.groups.begin(), user.groups.end()));
    if (user.extra.empty())
        return;
    JsonObject extra;
    for (const auto& [key, values] : user.extra)
        extra[key] = JsonArray(values.begin(), values.end());
    setPath(spec, "extra", std::move(extra));
}

// A condition of the same type and status turned when the stored one did.
void stampConditions(Call& call, const std::string& now) {
    Json* status = find(call.object, "status");
    Json* list = status ? find(*status, "conditions") : nullptr;
    if (!list || !list->is_array())
        return;
    for (Json& condition : list->get_array()) {
        if (!condition.is_object())
            continue;
        if (stringAt(condition, "lastUpdateTime").empty())
            setPath(condition, "lastUpdateTime", Json(now));
        if (!stringAt(condition, "lastTransitionTime").empty())
            continue;
        Json turned(now);
        for (const Json& old : arrayAt(*call.old, "status.conditions"))
            if (stringAt(old, "type") == stringAt(condition, "type") &&
                stringAt(old, "status") == stringAt(condition, "status") &&
                !stringAt(old, "lastTransitionTime").empty()) {
                turned = *find(old, "lastTransitionTime");
                break;
            }
        setPath(condition, "lastTransitionTime", std::move(turned));
    }
}

void stampPhase(Call& call, const std::string& now) {
    constexpr const char* kTime = "status.lastPhaseTransitionTime";
    const std::string_view given = stringAt(call.object, kTime),
                           before = stringAt(*call.old, kTime);
    const bool turned =
        stringAt(call.object, "status.phase") != stringAt(*call.old, "status.phase");
    if (turned && (given.empty() || given == before))
        setPath(call.object, kTime, Json(now));
    else if (!turned && given.empty() && !before.empty())
        setPath(call.object, kTime, Json(before));
}
// A taint that doesn't say when it was put on was put on now.
void stampTaints(Call& call, const std::string& now) {
    Json* spec = find(call.object, "spec");
    Json* devices = spec ? find(*spec, "devices") : nullptr;
    if (!devices || !devices->is_array())
        return;
    for (Json& device : devices->get_array())
        if (Json* taints = find(device, "taints"); taints && taints->is_array())
            for (Json& taint : taints->get_array())
                if (taint.is_object() && stringAt(taint, "timeAdded").empty())
                    setPath(taint, "timeAdded", Json(now));
}
} // namespace

void stampObject(Call& call, Time now) {
    const std::string& plural = call.kind->plural;
    const bool request =
        plural == "certificatesigningrequests" && call.kind->group == "certificates.k8s.io";
    if (request && call.creates())
        stampRequester(call);
    else if (request && !call.info.subresource.empty())
        stampConditions(call, formatTime(now));
    else if (plural == "persistentvolumes" && call.kind->group.empty() && !call.creates() &&
             call.info.subresource == "status")
        stampPhase(call, formatTime(now));
    else if (plural == "resourceslices" && call.kind->group == "resource.k8s.io")
        stampTaints(call, formatTime(now));
}

} // namespace orrery::apiserver
