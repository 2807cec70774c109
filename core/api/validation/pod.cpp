// Pods and pod templates as a whole, and what an update of a pod may change.
#include "core/api/validation/findings.h"

namespace orrery::api {

namespace {
const Json& specOf(const Json& object) {
    static const Json kNone = JsonObject();
    const Json* spec = find(object, "spec");
    return spec ? *spec : kNone;
}

void checkDns(Findings& findings, const Json& spec, const std::string& path) {
    checkOneOf(findings, spec, "dnsPolicy", path,
               {"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"});
}

void checkDnsConfig(Findings& findings, const Json& spec, const std::string& path) {
    constexpr std::size_t kNameserversMax = 3, kSearchesMax = 32;
    const Json* config = find(spec, "dnsConfig");
    if (stringAt(spec, "dnsPolicy") == "None") {
        if (!config) {
            findings.required(path + ".dnsConfig",
                              "must provide `dnsConfig` when `dnsPolicy` is None");
            return;
        }
        if (arrayAt(*config, "nameservers").empty())
            findings.required(path + ".dnsConfig.nameservers",
                              "must provide at least one DNS nameserver when `dnsPolicy` is None");
    }
    if (!config)
        return;
    const JsonArray& servers = arrayAt(*config, "nameservers");
    if (servers.size() > kNameserversMax)
        findings.invalid(path + ".dnsConfig.nameservers", Json(servers),
                         "must not have more than 3 nameservers");
    for (std::size_t i = 0; i < servers.size(); ++i)
        findings.each(at(path + ".dnsConfig.nameservers", i), asString(servers[i]),
                      checkIp(asString(servers[i])));
    if (arrayAt(*config, "searches").size() > kSearchesMax)
        findings.invalid(path + ".dnsConfig.searches", Json(arrayAt(*config, "searches")),
                         "must not have more than 32 search paths");
}

void checkNames(Findings& findings, const Json& spec, const std::string& path) {
    struct Row {
        std::string_view member;
        NameCheck check;
    };
    static constexpr Row kRows[] = {{"serviceAccountName", checkDns1123Subdomain},
                                    {"hostname", checkDns1123Label},
                                    {"subdomain", checkDns1123Label},
                                    {"priorityClassName", checkDns1123Subdomain},
                                    {"runtimeClassName", checkDns1123Subdomain}};
    for (const Row& row : kRows)
        if (const std::string_view name = stringAt(spec, row.member); !name.empty())
            findings.each(path + "." + std::string(row.member), name, row.check(name));
    const JsonArray& aliases = arrayAt(spec, "hostAliases");
    for (std::size_t i = 0; i < aliases.size(); ++i) {
        const std::string where = at(path + ".hostAliases", i);
        findings.each(where + ".ip", stringAt(aliases[i], "ip"),
                      checkIp(stringAt(aliases[i], "ip")));
        for (const Json& host : arrayAt(aliases[i], "hostnames"))
            findings.each(where + ".hostnames", asString(host),
                          checkDns1123Subdomain(asString(host)));
    }
    checkOneOf(findings, spec, "preemptionPolicy", path, {"Never", "PreemptLowerPriority"});
}

// --- updates -----------------------------------------------------------------------------------

constexpr std::string_view kFixedFields =
    "pod updates may not change fields other than "
    "`spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

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

void copyImages(Json& spec, const Json& from, std::string_view member) {
    JsonArray* containers = nullptr;
    if (Json* list = find(spec, member))
        containers = list->if_array();
    const JsonArray& others = arrayAt(from, member);
    for (std::size_t i = 0; containers && i < containers->size() && i < others.size(); ++i)
        if (const Json* image = find(others[i], "image"); image && (*containers)[i].is_object())
            (*containers)[i].get_object()["image"] = *image;
}

// The new spec with everything that may change set back.
Json withoutAllowed(const Json& spec, const Json& before) {
    Json out = spec;
    copyImages(out, before, "containers");
    copyImages(out, before, "initContainers");
    JsonObject& object = out.get_object();
    const bool gated = !arrayAt(before, "schedulingGates").empty();
    std::vector<std::string_view> members = {"activeDeadlineSeconds", "tolerations",
                                             "schedulingGates"};
    if (gated) { // DIVERGES: a gated pod's node selection may be changed freely, not only narrowed
        members.push_back("nodeSelector");
        members.push_back("affinity");
    }
    if (intAt(before, "terminationGracePeriodSeconds") < 0 &&
        intAt(spec, "terminationGracePeriodSeconds") == 1)
        members.push_back("terminationGracePeriodSeconds");
    for (const std::string_view member : members) {
        if (const Json* had = find(before, member))
            object[member] = *had;
        else
            object.erase(member);
    }
    return out;
}

void checkPodUpdate(Findings& findings, const Json& pod, const Json& old,
                    std::string_view subresource) {
    const Json &spec = specOf(pod), &before = specOf(old);
    if (subresource == "status")
        return;
    if (arrayAt(spec, "containers").size() != arrayAt(before, "containers").size()) {
        findings.forbidden("spec.containers", "pod updates may not add or remove containers");
        return;
    }
    if (arrayAt(spec, "initContainers").size() != arrayAt(before, "initContainers").size() &&
        !arrayAt(before, "initContainers").empty()) {
        findings.forbidden("spec.initContainers", "pod updates may not add or remove containers");
        return;
    }
    checkDeadlineUpdate(findings, spec, before);
    const JsonArray& gates = arrayAt(spec, "schedulingGates");
    const JsonArray& hadGates = arrayAt(before, "schedulingGates");
    for (std::size_t i = 0; i < gates.size(); ++i)
        if (std::find(hadGates.begin(), hadGates.end(), gates[i]) == hadGates.end())
            findings.forbidden(at("spec.schedulingGates", i) + ".name",
                               "only deletion is allowed, but found new scheduling gate '" +
                                   std::string(stringAt(gates[i], "name")) + "'");
    checkTolerationsUpdate(findings, spec, before);
    if (subresource.empty() && withoutAllowed(spec, before) != before)
        findings.forbidden("spec",
                           kFixedFields); // DIVERGES: upstream adds a diff of its internal structs
}
} // namespace

void checkPodSpec(Findings& findings, const Json& given, const std::string& path) {
    static const Json kEmpty = JsonObject();
    const Json& spec = given.is_object() ? given : kEmpty;
    checkContainers(findings, spec, path, checkVolumes(findings, spec, path));
    checkOneOf(findings, spec, "restartPolicy", path, {"Always", "OnFailure", "Never"});
    checkDns(findings, spec, path);
    checkLabels(findings, find(spec, "nodeSelector"), path + ".nodeSelector");
    const Json* context = find(spec, "securityContext");
    for (const std::string_view member : {"runAsUser", "runAsGroup", "fsGroup"})
        if (const std::int64_t id = context ? intAt(*context, member) : 0;
            id < 0 || id > 2147483647)
            findings.invalid(path + ".securityContext." + std::string(member), Json(id),
                             rangeSentence(0, 2147483647));
    checkAffinity(findings, spec, path);
    checkDnsConfig(findings, spec, path);
    checkScheduling(findings, spec, path);
    checkNames(findings, spec, path);
    const Json* deadline = find(spec, "activeDeadlineSeconds");
    const std::int64_t seconds = intAt(spec, "activeDeadlineSeconds");
    if (deadline && (seconds < 1 || seconds > 2147483647))
        findings.invalid(path + ".activeDeadlineSeconds", *deadline, rangeSentence(1, 2147483647));
    checkNonNegative(findings, spec, "terminationGracePeriodSeconds", path);
    checkQuantities(findings, find(spec, "overhead"), path + ".overhead");
}

void checkPodTemplate(Findings& findings, const Json& templateObject, const std::string& path) {
    static const Json kNone = JsonObject();
    const Json* metadata = find(templateObject, "metadata");
    checkLabels(findings, metadata ? find(*metadata, "labels") : nullptr,
                path + ".metadata.labels");
    for (const auto& member : objectAt(templateObject, "metadata.annotations")) {
        const std::string_view key(member.key().data(), member.key().size());
        findings.each(path + ".metadata.annotations", key, checkQualifiedName(key));
    }
    if (!arrayAt(templateObject, "spec.ephemeralContainers").empty())
        findings.forbidden(path + ".spec.ephemeralContainers",
                           "ephemeral containers not allowed in pod template");
    const Json* spec = find(templateObject, "spec");
    Json plain = spec ? *spec : kNone;
    if (plain.is_object())
        plain.get_object().erase("ephemeralContainers");
    checkPodSpec(findings, plain, path + ".spec");
}

void addPodRules(std::vector<KindRules>& rules) {
    rules.push_back(
        {"", "Pod",
         [](Findings& findings, const Json& pod) { checkPodSpec(findings, specOf(pod), "spec"); },
         checkPodUpdate, true,
         [](Findings& findings, const Json& pod) {
             if (!arrayAt(pod, "spec.ephemeralContainers").empty())
                 findings.forbidden("spec.ephemeralContainers", "cannot be set on create");
         }});
}

} // namespace orrery::api
