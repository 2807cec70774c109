// What the server does around a write of a pod.
#include <algorithm>

#include "core/api/defaults/kind_defaults.h"
#include "core/api/defaults/set.h"
#include "core/api/kinds/strategies.h"

namespace orrery::api {

namespace {
void settlePodSpec(Json& object) {
    JsonObject* spec = objectIn(object, "spec");
    if (!spec)
        return;
    mirrorServiceAccount(*spec);
    if (intIn(*spec, "terminationGracePeriodSeconds") < 0)
        (*spec)["terminationGracePeriodSeconds"] = 1;
}

// What a pod with scheduling gates says of itself before the scheduler has ever seen it.
JsonObject gatedCondition(const Json& pod) {
    JsonObject condition{{"type", "PodScheduled"}, {"status", "False"}, {"lastProbeTime", nullptr}};
    if (const Json* now = findPath(pod, "metadata.creationTimestamp"))
        condition["lastTransitionTime"] = *now;
    condition["reason"] = "SchedulingGated";
    condition["message"] = "Scheduling is blocked due to non-empty scheduling gates";
    return condition;
}

// --- label keys become expressions ---------------------------------------------------------------

// A key stands for "the value that this pod has".
void addExpressions(JsonObject& holder, const char* keys, const char* op,
                    const JsonObject& labels) {
    JsonObject* selector = objectIn(holder, "labelSelector");
    const Json* list = holder.if_contains(keys);
    if (!selector || !list || !list->is_array())
        return;
    for (const Json& key : list->get_array()) {
        const Json* value = labels.if_contains(asString(key));
        if (!value)
            continue;
        Json& expressions = ensureMember(*selector, "matchExpressions");
        if (!expressions.is_array())
            expressions = JsonArray();
        expressions.get_array().push_back(
            JsonObject{{"key", key}, {"operator", op}, {"values", JsonArray{*value}}});
    }
}

void addTermExpressions(JsonObject& term, const JsonObject& labels) {
    addExpressions(term, "matchLabelKeys", "In", labels);
    addExpressions(term, "mismatchLabelKeys", "NotIn", labels);
}

void mergeLabelKeys(Json& pod) {
    JsonObject* spec = objectIn(pod, "spec");
    const JsonObject labels = objectAt(pod, "metadata.labels");
    if (!spec || labels.empty())
        return;
    eachIn(*spec, "topologySpreadConstraints", [&](JsonObject& constraint) {
        addExpressions(constraint, "matchLabelKeys", "In", labels);
    });
    JsonObject* affinity = objectIn(*spec, "affinity");
    for (const char* kind : {"podAffinity", "podAntiAffinity"}) {
        JsonObject* pods = affinity ? objectIn(*affinity, kind) : nullptr;
        if (!pods)
            continue;
        eachIn(*pods, "requiredDuringSchedulingIgnoredDuringExecution",
               [&](JsonObject& term) { addTermExpressions(term, labels); });
        eachIn(*pods, "preferredDuringSchedulingIgnoredDuringExecution", [&](JsonObject& each) {
            if (JsonObject* term = objectIn(each, "podAffinityTerm"))
                addTermExpressions(*term, labels);
        });
    }
}

// --- AppArmor ------------------------------------------------------------------------------------

// The profile that an old annotation asks for; null when it asks for none.
Json profileOf(std::string_view annotation) {
    constexpr std::string_view kLocal = "localhost/";
    if (annotation == "runtime/default")
        return JsonObject{{"type", "RuntimeDefault"}};
    if (annotation == "unconfined")
        return JsonObject{{"type", "Unconfined"}};
    if (annotation.starts_with(kLocal) && annotation.size() > kLocal.size())
        return JsonObject{{"type", "Localhost"},
                          {"localhostProfile", annotation.substr(kLocal.size())}};
    return nullptr;
}

void takeOldProfiles(Json& pod) {
    const JsonObject annotations = objectAt(pod, "metadata.annotations");
    JsonObject* spec = annotations.empty() ? nullptr : objectIn(pod, "spec");
    if (!spec || findPath(pod, "spec.securityContext.appArmorProfile"))
        return;
    for (const char* list : {"containers", "initContainers", "ephemeralContainers"})
        eachIn(*spec, list, [&](JsonObject& container) {
            const Json* text =
                annotations.if_contains("container.apparmor.security.beta.kubernetes.io/" +
                                        std::string(textIn(container, "name")));
            Json profile = text ? profileOf(asString(*text)) : Json();
            if (!profile.is_null())
                setDefault(ensureObject(container, "securityContext"), "appArmorProfile",
                           std::move(profile));
        });
}

// --- parts ---------------------------------------------------------------------------------------

// Copies resources and resizePolicy of the containers that have the same name and place.
void copyResources(Json& to, const Json& from, std::string_view list) {
    Json* target = find(*find(to, "spec"), list);
    const Json* spec = find(from, "spec");
    const Json* source = spec ? find(*spec, list) : nullptr;
    if (!target || !source || !target->is_array() || !source->is_array())
        return;
    JsonArray &now = target->get_array(), wanted = source->get_array();
    const bool same = std::equal(
        now.begin(), now.end(), wanted.begin(), wanted.end(),
        [](const Json& a, const Json& b) { return stringAt(a, "name") == stringAt(b, "name"); });
    if (!same) { // validation refuses it
        now = std::move(wanted);
        return;
    }
    for (std::size_t i = 0; i < now.size(); ++i)
        for (const char* part : {"resources", "resizePolicy"})
            if (const Json* value = find(wanted[i], part); value && now[i].is_object())
                now[i].get_object()[part] = *value;
}

void resizePod(Json& object, const Json& old) {
    Json resized = copyWithParts(object, old, {});
    for (const char* list : {"containers", "initContainers"})
        copyResources(resized, object, list);
    if (const Json* whole = findPath(object, "spec.resources"))
        setPath(resized, "spec.resources", *whole);
    object = std::move(resized);
}

// Kubelets of old times broke owner references, and none may take the class of service away.
void updatePodStatus(Json& object, const Json& old) {
    if (const Json* owners = findPath(old, "metadata.ownerReferences"))
        setPath(object, "metadata.ownerReferences", *owners);
    else
        removePath(object, "metadata.ownerReferences");
    const Json* kept = findPath(old, "status.qosClass");
    if (kept && stringAt(object, "status.qosClass").empty())
        setPath(object, "status.qosClass", *kept);
}
} // namespace

void createPod(Json& object) {
    settlePodSpec(object);
    mergeLabelKeys(object);
    takeOldProfiles(object);
    JsonObject status;
    status["phase"] = "Pending";
    if (!arrayAt(object, "spec.schedulingGates").empty())
        status["conditions"] = JsonArray{gatedCondition(object)};
    status["qosClass"] = qosClassOf(object);
    object.get_object()["status"] = std::move(status);
}

void updatePod(Json& object, const Json&) {
    settlePodSpec(object);
}

void updatePodPart(std::string_view subresource, Json& object, const Json& old) {
    if (subresource == "ephemeralcontainers")
        object = copyWithParts(object, old, {"spec.ephemeralContainers"});
    else if (subresource == "resize")
        resizePod(object, old);
    else if (subresource == "status")
        updatePodStatus(object, old);
}

} // namespace orrery::api
