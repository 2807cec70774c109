// Pods and pod templates as a whole, and what an update of a pod may change.
#include "core/api/validation/container_parts.h"
#include "core/api/validation/pod_update.h"

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

// A domain to search: a subdomain whose labels may begin with "_", or ".", with a dot behind it
// or not.
void checkSearch(Findings& findings, std::string_view search, const std::string& path) {
    if (search == ".")
        return;
    if (search.ends_with('.'))
        search.remove_suffix(1);
    const auto inner = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    const auto edge = [&](char c) { return inner(c) && c != '-' && c != '_'; };
    bool good = !search.empty();
    for (std::size_t start = 0; good && start <= search.size();) {
        const std::size_t dot = std::min(search.find('.', start), search.size());
        std::string_view label = search.substr(start, dot - start);
        if (label.starts_with('_'))
            label.remove_prefix(1);
        good = !label.empty() && edge(label.front()) && edge(label.back()) &&
               std::all_of(label.begin(), label.end(), inner);
        start = dot + 1;
    }
    if (search.size() > 253)
        findings.invalid(path, search, maxLengthSentence(253, "characters"));
    if (!good)
        findings.invalid(path, search,
                         "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric "
                         "characters, '_', '-' or '.', and must start and end with an "
                         "alphanumeric character (e.g. 'example.com', regex used for validation "
                         "is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
                         "(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')");
}

void checkDnsConfig(Findings& findings, const Json& spec, const std::string& path) {
    constexpr std::size_t kNameserversMax = 3, kSearchesMax = 32, kSearchLettersMax = 2048;
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
    const JsonArray& searches = arrayAt(*config, "searches");
    if (searches.size() > kSearchesMax)
        findings.invalid(path + ".dnsConfig.searches", Json(searches),
                         "must not have more than 32 search paths");
    std::size_t letters = searches.empty() ? 0 : searches.size() - 1; // spaces between them
    for (const Json& search : searches)
        letters += asString(search).size();
    if (letters > kSearchLettersMax)
        findings.invalid(path + ".dnsConfig.searches", Json(searches),
                         "must not have more than 2048 characters (including spaces) in the "
                         "search list");
    for (std::size_t i = 0; i < searches.size(); ++i)
        checkSearch(findings, asString(searches[i]), at(path + ".dnsConfig.searches", i));
    const JsonArray& options = arrayAt(*config, "options");
    for (std::size_t i = 0; i < options.size(); ++i)
        if (stringAt(options[i], "name").empty())
            findings.required(at(path + ".dnsConfig.options", i), "must not be empty");
}

void checkName(Findings& findings, const Json& spec, std::string_view member,
               const std::string& path, NameCheck check) {
    if (const std::string_view name = stringAt(spec, member); !name.empty())
        findings.each(path + "." + std::string(member), name, check(name));
}

void checkAliases(Findings& findings, const Json& spec, const std::string& path) {
    const JsonArray& aliases = arrayAt(spec, "hostAliases");
    for (std::size_t i = 0; i < aliases.size(); ++i) {
        const std::string where = at(path + ".hostAliases", i);
        findings.each(where + ".ip", stringAt(aliases[i], "ip"),
                      checkIp(stringAt(aliases[i], "ip")));
        const JsonArray& hosts = arrayAt(aliases[i], "hostnames");
        for (std::size_t h = 0; h < hosts.size(); ++h)
            findings.each(at(where + ".hostnames", h), asString(hosts[h]),
                          checkDns1123Subdomain(asString(hosts[h])));
    }
}

void checkReadinessGates(Findings& findings, const Json& spec, const std::string& path) {
    const JsonArray& gates = arrayAt(spec, "readinessGates");
    for (std::size_t i = 0; i < gates.size(); ++i) {
        const std::string_view type = stringAt(gates[i], "conditionType");
        findings.each(at(path + ".readinessGates", i) + ".conditionType", type,
                      checkQualifiedName(type));
    }
}

void checkHostnameOverride(Findings& findings, const Json& spec, const std::string& parent) {
    constexpr std::size_t kBytesMax = 64;
    const Json* name = find(spec, "hostnameOverride");
    if (!name)
        return;
    const std::string path = parent + ".hostnameOverride";
    if (asString(*name).size() > kBytesMax)
        findings.tooLong(path, kBytesMax);
    findings.each(path, asString(*name), checkDns1123Subdomain(asString(*name)));
    if (boolAt(spec, "hostNetwork"))
        findings.forbidden(path, "may not be specified when hostNetwork is true");
    if (boolAt(spec, "setHostnameAsFQDN"))
        findings.forbidden(path, "may not be specified when setHostnameAsFQDN is true");
}

// A token needs an account to be of.
void checkTokenOwner(Findings& findings, const Json& spec) {
    if (!stringAt(spec, "serviceAccountName").empty())
        return;
    const JsonArray& volumes = arrayAt(spec, "volumes");
    for (std::size_t v = 0; v < volumes.size(); ++v) {
        const JsonArray& sources = arrayAt(volumes[v], "projected.sources");
        for (std::size_t s = 0; s < sources.size(); ++s)
            if (find(sources[s], "serviceAccountToken"))
                findings.forbidden(at(at("spec.volumes", v) + ".projected.sources", s) +
                                       ".serviceAccountToken",
                                   "must not be specified when serviceAccountName is not set");
    }
}

// What holds for pods and not for templates of pods.
void checkPod(Findings& findings, const Json& pod) {
    static const Json kNone = JsonObject();
    const Json* annotations = findPath(pod, "metadata.annotations");
    const Json& spec = specOf(pod);
    checkPodAnnotations(findings, annotations ? *annotations : kNone, spec, "metadata.annotations");
    checkPodSpec(findings, spec, "spec");
    checkTokenOwner(findings, spec);
    for (const char* list : {"containers", "initContainers"}) {
        const JsonArray& containers = arrayAt(spec, list);
        for (std::size_t i = 0; i < containers.size(); ++i)
            checkImageSpace(findings, containers[i], at(std::string("spec.") + list, i));
    }
}

} // namespace

void checkPodSpec(Findings& findings, const Json& given, const std::string& path) {
    static const Json kEmpty = JsonObject();
    const Json& spec = given.is_object() ? given : kEmpty;
    const std::vector<std::string_view> badVolumes = checkVolumes(findings, spec, path);
    checkPodClaims(findings, spec, path);
    checkContainers(findings, spec, path, badVolumes);
    checkPodResources(findings, spec, path);
    checkOneOf(findings, spec, "restartPolicy", path, {"Always", "OnFailure", "Never"});
    checkDns(findings, spec, path);
    checkLabels(findings, find(spec, "nodeSelector"), path + ".nodeSelector");
    checkPodSecurity(findings, spec, path);
    checkAffinity(findings, spec, path);
    checkDnsConfig(findings, spec, path);
    checkReadinessGates(findings, spec, path);
    checkGates(findings, spec, path);
    checkSpread(findings, spec, path);
    checkHostProcess(findings, spec, path);
    checkHostUsers(findings, spec, path);
    checkName(findings, spec, "serviceAccountName", path, checkDns1123Subdomain);
    checkName(findings, spec, "nodeName", path, checkDns1123Subdomain);
    const Json* deadline = find(spec, "activeDeadlineSeconds");
    const std::int64_t seconds = intAt(spec, "activeDeadlineSeconds");
    if (deadline && (seconds < 1 || seconds > 2147483647))
        findings.invalid(path + ".activeDeadlineSeconds", *deadline, rangeSentence(1, 2147483647));
    checkName(findings, spec, "hostname", path, checkDns1123Label);
    checkName(findings, spec, "subdomain", path, checkDns1123Label);
    checkTolerations(findings, spec, path);
    checkAliases(findings, spec, path);
    checkName(findings, spec, "priorityClassName", path, checkDns1123Subdomain);
    checkName(findings, spec, "runtimeClassName", path, checkDns1123Subdomain);
    checkOneOf(findings, spec, "preemptionPolicy", path, {"Never", "PreemptLowerPriority"});
    checkOverhead(findings, spec, path);
    checkOperatingSystem(findings, spec, path);
    checkHostnameOverride(findings, spec, path);
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
        {"", "Pod", checkPod, checkPodUpdate, true, [](Findings& findings, const Json& pod) {
             checkProfilesAgree(findings, pod);
             if (!arrayAt(pod, "spec.ephemeralContainers").empty())
                 findings.forbidden("spec.ephemeralContainers", "cannot be set on create");
             if (!arrayAt(pod, "spec.schedulingGates").empty() &&
                 !stringAt(pod, "spec.nodeName").empty())
                 findings.forbidden("spec.nodeName",
                                    "cannot be set until all schedulingGates have been cleared");
         }});
}

} // namespace orrery::api
