#include "core/api/validation/pod_update.h"

#include "core/api/go_internal.h"
#include "core/api/validation/container_parts.h"

namespace orrery::api {

namespace {
const Json& memberOf(const Json& object, std::string_view member) {
    static const Json kNone = JsonObject();
    const Json* found = find(object, member);
    return found ? *found : kNone;
}

constexpr std::string_view kFixedFields =
    "pod updates may not change fields other than "
    "`spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

// False: there are more or fewer, and nothing else is looked at.
bool checkContainersUpdate(Findings& findings, const Json& spec, const Json& before,
                           const char* list) {
    const JsonArray &now = arrayAt(spec, list), &had = arrayAt(before, list);
    const std::string path = std::string("spec.") + list;
    if (now.size() != had.size()) {
        findings.forbidden(path, "pod updates may not add or remove containers");
        return false;
    }
    for (std::size_t i = 0; i < now.size(); ++i) {
        if (stringAt(now[i], "image").empty())
            findings.required(at(path, i) + ".image");
        checkImageSpace(findings, now[i], at(path, i));
    }
    return true;
}

void checkDeadlineUpdate(Findings& findings, const Json& spec, const Json& before) {
    const Json *now = find(spec, "activeDeadlineSeconds"),
               *had = find(before, "activeDeadlineSeconds");
    const std::string path = "spec.activeDeadlineSeconds";
    if (now) {
        const std::int64_t value = intAt(spec, "activeDeadlineSeconds");
        if (value < 0 || value > 2147483647)
            findings.invalid(path, *now, rangeSentence(0, 2147483647));
        else if (had && intAt(before, "activeDeadlineSeconds") < value)
            findings.invalid(path, *now, "must be less than or equal to previous value");
    } else if (had) {
        findings.invalid(path, Json(), "must not update from a positive integer to nil value");
    }
}

// Old tolerations stay, but for their seconds.
void checkTolerationsUpdate(Findings& findings, const Json& spec, const Json& before) {
    const auto plain = [](Json toleration) {
        if (JsonObject* object = toleration.if_object())
            object->erase("tolerationSeconds");
        return toleration;
    };
    for (const Json& old : arrayAt(before, "tolerations")) {
        const JsonArray& now = arrayAt(spec, "tolerations");
        const bool kept = std::any_of(now.begin(), now.end(),
                                      [&](const Json& one) { return plain(one) == plain(old); });
        if (!kept) {
            findings.forbidden(
                "spec.tolerations",
                "existing toleration can not be modified except its tolerationSeconds");
            return;
        }
    }
}

void checkGatesUpdate(Findings& findings, const Json& spec, const Json& before) {
    const JsonArray &gates = arrayAt(spec, "schedulingGates"),
                    &had = arrayAt(before, "schedulingGates");
    for (std::size_t i = 0; i < gates.size(); ++i)
        if (std::find(had.begin(), had.end(), gates[i]) == had.end())
            findings.forbidden(at("spec.schedulingGates", i) + ".name",
                               "only deletion is allowed, but found new scheduling gate '" +
                                   std::string(stringAt(gates[i], "name")) + "'");
}

// --- gated pods may be narrowed ------------------------------------------------------------------

bool beginsWith(const JsonArray& list, const JsonArray& head) {
    return head.size() <= list.size() && std::equal(head.begin(), head.end(), list.begin());
}

bool onlyAdds(const Json& term, const Json& before) {
    const JsonArray &labels = arrayAt(before, "matchExpressions"),
                    &fields = arrayAt(before, "matchFields");
    const JsonArray &nowLabels = arrayAt(term, "matchExpressions"),
                    &nowFields = arrayAt(term, "matchFields");
    if (labels.empty() && fields.empty()) // it selects nothing, and must go on so
        return nowLabels.empty() && nowFields.empty();
    return beginsWith(nowLabels, labels) && beginsWith(nowFields, fields);
}

void checkNodeAffinityUpdate(Findings& findings, const Json& spec, const Json& before) {
    constexpr const char* kTerms =
        "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
    const std::string path = std::string("spec.") + kTerms;
    const JsonArray &terms = arrayAt(spec, kTerms), &had = arrayAt(before, kTerms);
    if (had.empty())
        return;
    if (terms.size() != had.size())
        return findings.invalid(
            path, terms.empty() ? Json() : goInternal("NodeSelectorTerm", Json(terms)),
            "no additions/deletions to non-empty NodeSelectorTerms list are allowed");
    for (std::size_t i = 0; i < terms.size(); ++i)
        if (!onlyAdds(terms[i], had[i]))
            findings.invalid(at(path, i), goInternal("NodeSelectorTerm", terms[i]),
                             "only additions are allowed (no mutations or deletions)");
}

void checkNarrowed(Findings& findings, const Json& spec, const Json& before) {
    const JsonObject &now = objectAt(spec, "nodeSelector"), &had = objectAt(before, "nodeSelector");
    const bool kept = std::all_of(had.begin(), had.end(), [&](const auto& member) {
        const Json* value = now.if_contains(member.key());
        return value && *value == member.value();
    });
    if (!kept)
        findings.invalid(
            "spec.nodeSelector", now.empty() ? Json() : goInternal("", Json(now)),
            "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
    checkNodeAffinityUpdate(findings, spec, before);
}

// --- everything else stays -----------------------------------------------------------------------

void setBack(JsonObject& object, const Json& before, std::string_view member) {
    if (const Json* had = find(before, member))
        object[member] = *had;
    else
        object.erase(member);
}

void copyImages(Json& spec, const Json& from, std::string_view member) {
    JsonArray* containers = nullptr;
    if (Json* list = find(spec, member))
        containers = list->if_array();
    const JsonArray& others = arrayAt(from, member);
    for (std::size_t i = 0; containers && i < containers->size() && i < others.size(); ++i)
        if (const Json* image = find(others[i], "image"); image && (*containers)[i].is_object())
            (*containers)[i].get_object()["image"] = *image;
}

// A gated pod's node affinity counts as it was; what was made for it alone goes.
void setNodeAffinityBack(JsonObject& spec, const Json& before) {
    const Json* had = findPath(before, "affinity.nodeAffinity");
    Json* affinity = spec.if_contains("affinity");
    if (!affinity && had)
        affinity = &(spec["affinity"] = JsonObject());
    if (!affinity || !affinity->is_object())
        return;
    if (had)
        affinity->get_object()["nodeAffinity"] = *had;
    else
        affinity->get_object().erase("nodeAffinity");
    if (affinity->get_object().empty() && !find(before, "affinity"))
        spec.erase("affinity");
}

// The new spec with everything that may change set back.
Json withoutAllowed(const Json& spec, const Json& before) {
    Json out = spec;
    copyImages(out, before, "containers");
    copyImages(out, before, "initContainers");
    JsonObject& object = out.get_object();
    for (const std::string_view member :
         {"activeDeadlineSeconds", "tolerations", "schedulingGates"})
        setBack(object, before, member);
    if (!arrayAt(before, "schedulingGates").empty()) {
        setBack(object, before, "nodeSelector");
        setNodeAffinityBack(object, before);
    }
    if (intAt(before, "terminationGracePeriodSeconds") < 0 &&
        intAt(spec, "terminationGracePeriodSeconds") == 1)
        setBack(object, before, "terminationGracePeriodSeconds");
    return out;
}

// --- ephemeral containers ------------------------------------------------------------------------

void checkEphemeralUpdate(Findings& findings, const Json& spec, const Json& before) {
    const JsonArray& now = arrayAt(spec, "ephemeralContainers");
    for (const Json& old : arrayAt(before, "ephemeralContainers")) {
        const std::string_view name = stringAt(old, "name");
        const auto kept = std::find_if(now.begin(), now.end(), [&](const Json& each) {
            return stringAt(each, "name") == name;
        });
        const std::string what = "existing ephemeral containers " + serializeJson(Json(name));
        if (kept == now.end())
            findings.forbidden("spec.ephemeralContainers", what + " may not be removed\n");
        else if (!sameValue(*kept, old))
            findings.forbidden("spec.ephemeralContainers",
                               what + " may not be changed\n" +
                                   goDiff("EphemeralContainer", old, *kept));
    }
}
} // namespace

void checkPodUpdate(Findings& findings, const Json& pod, const Json& old,
                    std::string_view subresource) {
    const Json &spec = memberOf(pod, "spec"), &before = memberOf(old, "spec");
    if (subresource == "status")
        return checkPodStatus(findings, pod, old);
    if (subresource == "resize")
        return checkPodResize(findings, pod, old);
    if (subresource == "ephemeralcontainers")
        return checkEphemeralUpdate(findings, spec, before);
    checkPodAnnotationsUpdate(findings, pod, old);
    if (!checkContainersUpdate(findings, spec, before, "containers") ||
        !checkContainersUpdate(findings, spec, before, "initContainers"))
        return;
    checkDeadlineUpdate(findings, spec, before);
    checkTolerationsUpdate(findings, spec, before);
    checkGatesUpdate(findings, spec, before);
    if (!arrayAt(before, "schedulingGates").empty())
        checkNarrowed(findings, spec, before);
    if (const Json fixed = withoutAllowed(spec, before); !sameValue(fixed, before))
        findings.forbidden("spec",
                           std::string(kFixedFields) + "\n" + goDiff("PodSpec", before, fixed));
}

} // namespace orrery::api
