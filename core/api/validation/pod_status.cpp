// Writes of a pod's status, and resizes.
#include "core/api/defaults/kind_defaults.h"
#include "core/api/go_internal.h"
#include "core/api/validation/container_parts.h"
#include "core/api/validation/pod_update.h"

namespace orrery::api {

namespace {
const Json& memberOf(const Json& object, std::string_view member) {
    static const Json kNone = JsonObject();
    const Json* found = find(object, member);
    return found ? *found : kNone;
}

// One address of each family, all of them good.
void checkIps(Findings& findings, const Json& status, const char* member, const std::string& path) {
    const JsonArray& ips = arrayAt(status, member);
    for (std::size_t i = 0; i < ips.size(); ++i)
        findings.each(at(path, i), stringAt(ips[i], "ip"), checkIp(stringAt(ips[i], "ip")));
    const auto six =
        static_cast<std::size_t>(std::count_if(ips.begin(), ips.end(), [](const Json& each) {
            return stringAt(each, "ip").find(':') != std::string_view::npos;
        }));
    const bool wrong = std::any_of(ips.begin(), ips.end(), [](const Json& each) {
        return !checkIp(stringAt(each, "ip")).empty();
    });
    if (!wrong && (six > 1 || ips.size() - six > 1))
        findings.invalid(path, goInternal("PodIP", Json(ips)),
                         "may specify no more than one IP for each IP family");
}

void checkConditions(Findings& findings, const Json& status) {
    const JsonArray& conditions = arrayAt(status, "conditions");
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        const std::string path = at("status.conditions", i);
        const std::string_view type = stringAt(conditions[i], "type");
        static constexpr std::string_view kSystem[] = {"PodScheduled", "Ready", "Initialized"};
        if (std::find(std::begin(kSystem), std::end(kSystem), type) == std::end(kSystem))
            findings.each(path + ".Type", type, checkQualifiedName(type)); // upstream's letter
        if (intAt(conditions[i], "observedGeneration") < 0)
            findings.invalid(path + ".observedGeneration",
                             Json(intAt(conditions[i], "observedGeneration")),
                             "must be a non-negative integer");
    }
}

std::string_view restartPolicyOf(const Json& spec, const char* list, std::string_view name) {
    for (const Json& container : arrayAt(spec, list))
        if (stringAt(container, "name") == name)
            if (const std::string_view own = stringAt(container, "restartPolicy"); !own.empty())
                return own;
    return stringAt(spec, "restartPolicy", "Always");
}

// A container that is done for good does not run again.
void checkTransitions(Findings& findings, const Json& status, const Json& before, const Json& spec,
                      const char* member, const char* list) {
    const JsonArray& had = arrayAt(before, member);
    for (std::size_t i = 0; i < had.size(); ++i) {
        const Json* done = findPath(had[i], "state.terminated");
        const std::string_view name = stringAt(had[i], "name");
        const std::string_view policy = restartPolicyOf(spec, list, name);
        if (!done || policy == "Always" || (policy == "OnFailure" && intAt(*done, "exitCode") != 0))
            continue;
        for (const Json& now : arrayAt(status, member))
            if (stringAt(now, "name") == name && !findPath(now, "state.terminated"))
                findings.forbidden(at(std::string("status.") + member, i) + ".state",
                                   "may not be transitioned to non-terminated state");
    }
}

void checkClaimStatuses(Findings& findings, const Json& status, const Json& spec) {
    const JsonArray& claims = arrayAt(status, "resourceClaimStatuses");
    for (std::size_t i = 0; i < claims.size(); ++i) {
        const std::string path = at("status.resourceClaimStatuses", i);
        const std::string_view name = stringAt(claims[i], "name");
        if (!anyNamed(arrayAt(spec, "resourceClaims"), "name", name))
            findings.invalid(path + ".name", name,
                             "must match the name of an entry in `spec.resourceClaims`");
        if (const Json* claim = find(claims[i], "resourceClaimName"))
            findings.each(path + ".resourceClaimName", asString(*claim),
                          checkDns1123Subdomain(asString(*claim)));
    }
}

// --- resize --------------------------------------------------------------------------------------

constexpr const char* kLists[] = {"containers", "initContainers"};

bool checkSameContainers(Findings& findings, const Json& spec, const Json& before) {
    bool same = true;
    for (const char* list : kLists) {
        const JsonArray &now = arrayAt(spec, list), &had = arrayAt(before, list);
        const std::string path = std::string("spec.") + list;
        if (now.size() != had.size()) {
            findings.forbidden(path, "containers may not be added or removed on resize");
            same = false;
            continue;
        }
        for (std::size_t i = 0; i < now.size(); ++i)
            if (stringAt(now[i], "name") != stringAt(had[i], "name")) {
                findings.forbidden(at(path, i) + ".name",
                                   "containers may not be renamed or reordered on resize");
                same = false;
            }
    }
    return same;
}

void checkRemoved(Findings& findings, const Json& now, const Json& had, const std::string& path) {
    for (const auto& [member, what] :
         {std::pair{"requests", "resource requests"}, std::pair{"limits", "resource limits"}}) {
        const JsonObject &kept = objectAt(memberOf(now, "resources"), member),
                         &before = objectAt(memberOf(had, "resources"), member);
        const bool gone = std::any_of(before.begin(), before.end(), [&](const auto& amount) {
            return !kept.if_contains(amount.key());
        });
        if (gone)
            findings.forbidden(path + ".resources." + member,
                               std::string(what) + " cannot be removed");
    }
}

void setAmountsBack(Json& resources, const char* member, const JsonObject& before) {
    JsonObject amounts = objectAt(resources, member);
    for (const char* name : {"cpu", "memory"}) {
        if (const Json* amount = before.if_contains(name))
            amounts[name] = *amount;
        else
            amounts.erase(name);
    }
    if (amounts.empty())
        resources.get_object().erase(member);
    else
        resources.get_object()[member] = std::move(amounts);
}

// The new spec with cpu and memory as they were.
Json withoutAmounts(const Json& spec, const Json& before) {
    Json out = spec;
    for (const char* list : kLists) {
        Json* containers = find(out, list);
        JsonArray* items = containers ? containers->if_array() : nullptr;
        const JsonArray& had = arrayAt(before, list);
        for (std::size_t i = 0; items && i < items->size() && i < had.size(); ++i) {
            if (!(*items)[i].is_object())
                continue;
            Json resources = memberOf((*items)[i], "resources");
            for (const char* member : {"limits", "requests"})
                setAmountsBack(resources, member, objectAt(memberOf(had[i], "resources"), member));
            (*items)[i].get_object()["resources"] = std::move(resources);
        }
    }
    return out;
}
} // namespace

void checkPodStatus(Findings& findings, const Json& pod, const Json& old) {
    const Json &status = memberOf(pod, "status"), &before = memberOf(old, "status");
    const Json& spec = memberOf(old, "spec");
    checkPodAnnotationsUpdate(findings, pod, old);
    checkConditions(findings, status);
    const std::string_view nominated = stringAt(status, "nominatedNodeName");
    if (!nominated.empty() && nominated != stringAt(before, "nominatedNodeName"))
        findings.each("status.nominatedNodeName", nominated, checkDns1123Subdomain(nominated));
    if (intAt(status, "observedGeneration") < 0)
        findings.invalid("status.observedGeneration", Json(intAt(status, "observedGeneration")),
                         "must be a non-negative integer");
    if (stringAt(status, "qosClass") != stringAt(before, "qosClass"))
        findings.invalid("status.qosClass", stringAt(status, "qosClass"), kImmutable);
    checkTransitions(findings, status, before, spec, "containerStatuses", "containers");
    checkTransitions(findings, status, before, spec, "initContainerStatuses", "initContainers");
    checkClaimStatuses(findings, status, spec);
    if (arrayAt(status, "podIPs") != arrayAt(before, "podIPs"))
        checkIps(findings, status, "podIPs", "status.podIPs");
    const JsonArray& hostIps = arrayAt(status, "hostIPs");
    if (hostIps == arrayAt(before, "hostIPs") || hostIps.empty())
        return;
    if (stringAt(hostIps[0], "ip") != stringAt(status, "hostIP"))
        findings.invalid("status.hostIPs[0].ip", stringAt(hostIps[0], "ip"),
                         "must be equal to `hostIP`");
    checkIps(findings, status, "hostIPs", "status.hostIPs");
}

void checkPodResize(Findings& findings, const Json& pod, const Json& old) {
    const Json &spec = memberOf(pod, "spec"), &before = memberOf(old, "spec");
    if (objectAt(old, "metadata.annotations").contains("kubernetes.io/config.mirror"))
        return findings.forbidden("[]", "static pods cannot be resized");
    if (stringAt(before, "os.name") == "windows")
        return findings.forbidden("[]", "windows pods cannot be resized");
    if (!checkSameContainers(findings, spec, before))
        return;
    if (qosClassOf(pod) != qosClassOf(old))
        findings.invalid("spec", stringAt(old, "status.qosClass"),
                         "Pod QOS Class may not change as a result of resizing");
    for (const char* list : kLists) {
        const JsonArray &now = arrayAt(spec, list), &had = arrayAt(before, list);
        for (std::size_t i = 0; i < now.size(); ++i)
            checkRemoved(findings, now[i], had[i], at(std::string("spec.") + list, i));
    }
    Json changed = withoutAmounts(spec, before), kept = before;
    for (Json* each : {&changed, &kept})
        if (each->is_object())
            each->get_object().erase("resources");
    if (!sameValue(changed, kept))
        findings.forbidden("spec", "only cpu and memory resources are mutable");
}

} // namespace orrery::api
