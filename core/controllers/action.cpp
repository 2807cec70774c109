#include "core/controllers/action.h"

namespace orrery::controllers {

namespace {
constexpr const char* kFieldManager = "kube-controller-manager";

Action actionOf(std::string verb, client::ResourcePath path, std::string because) {
    Action out;
    out.request.verb = std::move(verb);
    out.request.path = std::move(path);
    out.request.fieldManager = kFieldManager;
    out.because = std::move(because);
    return out;
}
} // namespace

Action createObject(client::ResourcePath path, Json object, std::string because) {
    path.name.clear();
    Action out = actionOf("create", std::move(path), std::move(because));
    out.request.body = std::move(object);
    return out;
}

Action deleteObject(client::ResourcePath path, const std::string& uid, std::string because,
                    const std::string& propagation) {
    Action out = actionOf("delete", std::move(path), std::move(because));
    JsonObject options;
    if (!uid.empty())
        options["preconditions"] = JsonObject{{"uid", uid}};
    if (!propagation.empty())
        options["propagationPolicy"] = propagation;
    if (!options.empty()) {
        options["kind"] = "DeleteOptions";
        options["apiVersion"] = "v1";
        out.request.body = Json(std::move(options));
    }
    return out;
}

Action patchObject(client::ResourcePath path, Json patch, std::string because) {
    Action out = actionOf("patch", std::move(path), std::move(because));
    out.request.patchType = client::PatchType::Merge;
    out.request.body = std::move(patch);
    return out;
}

std::optional<Action> patchStatus(client::ResourcePath path, const Json& object, const Json& status,
                                  std::string because) {
    const Json* old = find(object, "status");
    Json change = mergeDiff(old ? *old : Json(JsonObject()), status);
    if (change.get_object().empty())
        return std::nullopt;
    path.subresource = "status";
    return patchObject(std::move(path), Json(JsonObject{{"status", std::move(change)}}),
                       std::move(because));
}

Json mergeDiff(const Json& from, const Json& to) {
    JsonObject out;
    if (!from.is_object() || !to.is_object())
        return to;
    for (const auto& [key, value] : to.get_object()) {
        const Json* old = from.get_object().if_contains(key);
        if (old && *old == value)
            continue;
        if (old && old->is_object() && value.is_object())
            out[key] = mergeDiff(*old, value);
        else
            out[key] = value;
    }
    for (const auto& [key, value] : from.get_object())
        if (!to.get_object().contains(key))
            out[key] = nullptr;
    return out;
}

Json controllerReference(const std::string& apiVersion, const std::string& kind,
                         const api::ObjectMeta& owner) {
    return JsonObject{{"apiVersion", apiVersion}, {"kind", kind},
                      {"name", owner.name},       {"uid", owner.uid},
                      {"controller", true},       {"blockOwnerDeletion", true}};
}

Json conditionJson(const std::string& type, const std::string& status, const std::string& reason,
                   const std::string& message, Time lastTransition, std::optional<Time> lastUpdate,
                   std::optional<Time> lastProbe) {
    JsonObject out{{"type", type}, {"status", status}};
    if (lastProbe)
        out["lastProbeTime"] = formatTime(*lastProbe);
    if (lastUpdate)
        out["lastUpdateTime"] = formatTime(*lastUpdate);
    out["lastTransitionTime"] = formatTime(lastTransition);
    if (!reason.empty())
        out["reason"] = reason;
    if (!message.empty())
        out["message"] = message;
    return out;
}

Json toJson(const api::StringMap& map) {
    JsonObject out;
    for (const auto& [key, value] : map)
        out[key] = value;
    return out;
}

std::string counted(int count, const std::string& singular, const std::string& plural) {
    return std::to_string(count) + " " + (count == 1 ? singular : plural);
}

} // namespace orrery::controllers
