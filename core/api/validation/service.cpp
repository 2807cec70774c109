// Services.
#include "core/api/validation/addresses.h"
#include "core/api/validation/findings.h"

namespace orrery::api {

namespace {
void checkTarget(Findings& findings, const Json& target, const std::string& path) {
    if (target.is_string())
        findings.each(path, asString(target), checkPortName(asString(target)));
    else if (target.is_number())
        for (const std::string& sentence :
             checkPortNumber(target.is_int64() ? target.get_int64() : 0))
            findings.invalid(path, target, sentence);
}

void checkServicePort(Findings& findings, const Json& port, bool named, Seen& names,
                      const std::string& path) {
    const std::string_view name = stringAt(port, "name");
    if (named && name.empty())
        findings.required(path + ".name");
    else if (!name.empty()) {
        findings.each(path + ".name", name, checkDns1123Label(name));
        if (!names.add(name))
            findings.duplicate(path + ".name", Json(name));
    }
    for (const std::string& sentence : checkPortNumber(intAt(port, "port")))
        findings.invalid(path + ".port", Json(intAt(port, "port")), sentence);
    const std::string_view protocol = stringAt(port, "protocol");
    if (protocol.empty())
        findings.required(path + ".protocol");
    else
        checkOneOf(findings, port, "protocol", path, {"SCTP", "TCP", "UDP"});
    checkTarget(findings, partOf(port, "targetPort"), path + ".targetPort");
    if (has(port, "appProtocol"))
        findings.each(path + ".appProtocol", stringAt(port, "appProtocol"),
                      checkQualifiedName(stringAt(port, "appProtocol")));
}

std::string_view protocolOf(const Json& port) {
    return stringAt(port, "protocol");
}

// No two ports of one protocol share a node port, or a port.
void checkTwins(Findings& findings, const JsonArray& ports) {
    Seen nodePorts, numbers;
    const auto id = [](const Json& port, std::string_view member) {
        return std::string(protocolOf(port)) + "/" + std::to_string(intAt(port, member));
    };
    for (std::size_t i = 0; i < ports.size(); ++i)
        if (intAt(ports[i], "nodePort") != 0 && !nodePorts.add(id(ports[i], "nodePort")))
            findings.duplicate(at("spec.ports", i) + ".nodePort",
                               Json(intAt(ports[i], "nodePort")));
    for (std::size_t i = 0; i < ports.size(); ++i) {
        if (numbers.add(id(ports[i], "port")))
            continue;
        JsonObject internal;
        internal["Name"] = "";
        internal["Protocol"] = protocolOf(ports[i]);
        internal["AppProtocol"] = nullptr;
        internal["Port"] = intAt(ports[i], "port");
        internal["TargetPort"] = 0;
        internal["NodePort"] = 0;
        findings.duplicate(at("spec.ports", i), Json(internal));
    }
}

void checkPorts(Findings& findings, const JsonArray& ports) {
    Seen names;
    for (std::size_t i = 0; i < ports.size(); ++i)
        checkServicePort(findings, ports[i], ports.size() > 1, names, at("spec.ports", i));
}

// Addresses of the stored Service are not judged again.
Seen keptAt(const Json* old, std::string_view path) {
    Seen kept;
    if (old)
        for (const Json& each : arrayAt(*old, path))
            kept.add(trimmed(asString(each)));
    return kept;
}

void checkExternalIps(Findings& findings, const Json& spec, const Json* old) {
    const Seen kept = keptAt(old, "spec.externalIPs");
    eachItem(spec, "externalIPs", "spec", [&](const Json& item, const std::string& path) {
        const std::string_view ip = asString(item);
        const Sentences wrong = kept.has(ip) ? Sentences() : checkIp(ip);
        findings.each(path, ip, wrong.empty() ? checkEndpointIp(ip) : wrong);
    });
}

// The ranges that clients of a load balancer come from, in the spec or in the old annotation.
void checkSourceRanges(Findings& findings, const Json& service, std::string_view type,
                       const Json* old) {
    constexpr const char* kAnnotation = "service.beta.kubernetes.io/load-balancer-source-ranges";
    constexpr std::string_view kOnly = "may only be used when `type` is 'LoadBalancer'";
    const auto annotationOf = [](const Json& object) {
        const Json* found = objectAt(object, "metadata.annotations").if_contains(kAnnotation);
        return found ? asString(*found) : std::string_view();
    };
    if (!arrayAt(service, "spec.loadBalancerSourceRanges").empty()) {
        const std::string path = "spec.LoadBalancerSourceRanges";
        if (type != "LoadBalancer")
            findings.forbidden(path, kOnly);
        const Seen kept = keptAt(old, "spec.loadBalancerSourceRanges");
        std::size_t index = 0;
        for (const Json& item : arrayAt(service, "spec.loadBalancerSourceRanges")) {
            const std::string_view range = trimmed(asString(item));
            const std::string where = at(path, index++);
            if (!kept.has(range))
                findings.each(where, range, checkCidr(range));
        }
        return;
    }
    if (!objectAt(service, "metadata.annotations").contains(kAnnotation))
        return;
    const std::string path = keyed("metadata.annotations", kAnnotation);
    if (type != "LoadBalancer")
        findings.forbidden(path, kOnly);
    std::string_view left = trimmed(annotationOf(service));
    if (old && objectAt(*old, "metadata.annotations").contains(kAnnotation) &&
        annotationOf(*old) == annotationOf(service))
        return;
    while (!left.empty()) {
        const std::size_t comma = std::min(left.find(','), left.size());
        const std::string_view range = trimmed(left.substr(0, comma));
        findings.each(path, range, checkCidr(range));
        left.remove_prefix(std::min(comma + 1, left.size()));
    }
}

void checkType(Findings& findings, const Json& spec, std::string_view type, bool headless) {
    if (headless && (type == "NodePort" || type == "LoadBalancer"))
        findings.invalid("spec.clusterIPs[0]", "None",
                         "may not be set to 'None' for " + std::string(type) + " services");
    if (type == "ExternalName") {
        constexpr std::string_view kNot = "may not be set for ExternalName services";
        if (!arrayAt(spec, "clusterIPs").empty())
            findings.forbidden("spec.clusterIPs", kNot);
        if (!arrayAt(spec, "ipFamilies").empty())
            findings.forbidden("spec.ipFamilies", kNot);
        if (has(spec, "ipFamilyPolicy"))
            findings.forbidden("spec.ipFamilyPolicy", kNot);
        std::string_view name = stringAt(spec, "externalName");
        if (name.ends_with('.'))
            name.remove_suffix(1);
        if (name.empty())
            findings.required("spec.externalName");
        else
            findings.each("spec.externalName", name, checkDns1123Subdomain(name));
    }
}

void checkAffinity(Findings& findings, const Json& spec) {
    constexpr std::int64_t kDaySeconds = 86400;
    const std::string_view affinity = stringAt(spec, "sessionAffinity");
    if (affinity.empty())
        findings.required("spec.sessionAffinity");
    else
        checkOneOf(findings, spec, "sessionAffinity", "spec", {"ClientIP", "None"});
    if (affinity == "None" && has(spec, "sessionAffinityConfig"))
        findings.forbidden("spec.sessionAffinityConfig",
                           "must not be set when session affinity is None");
    if (affinity != "ClientIP")
        return;
    std::string path = "spec";
    const Json* part = &spec;
    for (const std::string_view member : {"sessionAffinityConfig", "clientIP", "timeoutSeconds"}) {
        path += "." + std::string(member);
        if (!has(*part, member))
            return findings.required(path, "when session affinity type is ClientIP");
        part = find(*part, member);
    }
    const std::int64_t seconds = part->is_int64() ? part->get_int64() : 0;
    if (seconds <= 0 || seconds > kDaySeconds)
        findings.invalid(path, *part, "must be greater than 0 and less than 86400");
}

void checkExternalPolicy(Findings& findings, const Json& spec, std::string_view type) {
    const bool exposed = type == "NodePort" || type == "LoadBalancer" ||
                         (type == "ClusterIP" && !arrayAt(spec, "externalIPs").empty());
    const std::string_view policy = stringAt(spec, "externalTrafficPolicy");
    if (!exposed && !policy.empty())
        findings.invalid("spec.externalTrafficPolicy", policy,
                         "may only be set for externally-accessible services");
    else if (exposed && policy.empty())
        findings.required("spec.externalTrafficPolicy");
    else if (exposed)
        checkOneOf(findings, spec, "externalTrafficPolicy", "spec", {"Cluster", "Local"});
    const std::string path = "spec.healthCheckNodePort";
    const std::int64_t port = intAt(spec, "healthCheckNodePort");
    if (type != "LoadBalancer" || policy != "Local") {
        if (port != 0)
            findings.invalid(path, Json(port),
                             "may only be set when `type` is 'LoadBalancer' and "
                             "`externalTrafficPolicy` is 'Local'");
    } else if (port == 0) {
        findings.required(path);
    } else {
        for (const std::string& sentence : checkPortNumber(port))
            findings.invalid(path, Json(port), sentence);
    }
}

void checkBalancerClass(Findings& findings, const Json& spec, std::string_view type) {
    if (!has(spec, "loadBalancerClass"))
        return;
    const std::string_view name = stringAt(spec, "loadBalancerClass");
    if (type == "LoadBalancer")
        findings.each("spec.loadBalancerClass", name, checkQualifiedName(name));
    else
        findings.forbidden("spec.loadBalancerClass",
                           "may only be used when `type` is 'LoadBalancer'");
}

void checkPolicies(Findings& findings, const Json& spec, std::string_view type) {
    const bool balanced = type == "LoadBalancer";
    if (has(spec, "allocateLoadBalancerNodePorts") && !balanced)
        findings.forbidden("spec.allocateLoadBalancerNodePorts",
                           "may only be used when `type` is 'LoadBalancer'");
    if (!has(spec, "allocateLoadBalancerNodePorts") && balanced)
        findings.required("allocateLoadBalancerNodePorts");
    checkBalancerClass(findings, spec, type);
    checkExternalPolicy(findings, spec, type);
    const bool known = type == "ClusterIP" || type == "NodePort" || balanced;
    if (!has(spec, "internalTrafficPolicy") && known)
        findings.required("spec.internalTrafficPolicy");
    checkOneOf(findings, spec, "internalTrafficPolicy", "spec", {"Cluster", "Local"});
    checkOneOf(findings, spec, "trafficDistribution", "spec",
               {"PreferClose", "PreferSameZone", "PreferSameNode"});
}

bool isHeadless(const Json& service) {
    const JsonArray& ips = arrayAt(service, "spec.clusterIPs");
    return ips.size() == 1 && asString(ips[0]) == "None";
}

void checkTopologyAnnotations(Findings& findings, const Json& service) {
    const JsonObject& annotations = objectAt(service, "metadata.annotations");
    const Json* hints = annotations.if_contains("service.kubernetes.io/topology-aware-hints");
    const Json* mode = annotations.if_contains("service.kubernetes.io/topology-mode");
    if (hints && mode && *hints != *mode)
        findings.invalid(keyed("metadata.annotations", "service.kubernetes.io/topology-mode"),
                         *mode,
                         "must match annotations[service.kubernetes.io/topology-aware-hints] when "
                         "both are specified");
}

constexpr std::size_t kFamiliesMax = 2;

// clusterIP and clusterIPs say the same thing.
void checkAddressList(Findings& findings, const Json& spec) {
    const std::string_view first = stringAt(spec, "clusterIP");
    const JsonArray& ips = arrayAt(spec, "clusterIPs");
    if (first.empty() && !ips.empty())
        findings.invalid("spec.clusterIPs", Json(ips),
                         "must be empty when `clusterIP` is not specified");
    else if (!first.empty() && ips.empty())
        findings.required("spec.clusterIPs");
    else if (!first.empty() && asString(ips[0]) != first)
        findings.invalid("spec.clusterIPs", Json(ips), "first value must match `clusterIP`");
}

void checkFamilies(Findings& findings, const Json& spec) {
    Seen seen;
    eachItem(spec, "ipFamilies", "spec", [&](const Json& item, const std::string& path) {
        const std::string_view family = asString(item);
        if (family != "IPv4" && family != "IPv6")
            findings.notSupported(path, item, {"IPv4", "IPv6"});
        if (!seen.add(family))
            findings.duplicate(path, item);
    });
    checkOneOf(findings, spec, "ipFamilyPolicy", "spec",
               {"PreferDualStack", "RequireDualStack", "SingleStack"});
}

// Each address is of the family that stands at its place.
void checkAddressFamilies(Findings& findings, const Json& spec, bool headless) {
    const JsonArray &ips = arrayAt(spec, "clusterIPs"), &families = arrayAt(spec, "ipFamilies");
    const auto six = [&ips](std::size_t i) {
        const auto address = parseIp(asString(ips[i]));
        return address && !address->v4();
    };
    if (ips.size() > 1 && (ips.size() > kFamiliesMax || six(0) == six(1)))
        findings.invalid("spec.clusterIPs", Json(ips),
                         "may specify no more than one IP for each IP family");
    if (headless)
        return;
    for (std::size_t i = 0; i < std::min(ips.size(), families.size()); ++i) {
        const std::string_view family = asString(families[i]);
        if ((family == "IPv4" && six(i)) || (family == "IPv6" && !six(i)))
            findings.invalid(at("spec.clusterIPs", i), ips[i],
                             "expected an " + std::string(family) +
                                 " value as indicated by `ipFamilies[" + std::to_string(i) + "]`");
    }
}

void checkServiceSpec(Findings& findings, const Json& service, const Json* old) {
    static const Json kNone = JsonObject();
    checkTopologyAnnotations(findings, service);
    const Json& given = partOf(service, "spec");
    const Json& spec = given.is_object() ? given : kNone;
    const std::string_view type = stringAt(spec, "type");
    const JsonArray& ports = arrayAt(spec, "ports");
    const bool headless = isHeadless(service);
    if (ports.empty() && !headless && type != "ExternalName")
        findings.required("spec.ports");
    checkType(findings, spec, type, headless);
    checkPorts(findings, ports);
    checkLabels(findings, find(spec, "selector"), "spec.selector");
    checkAffinity(findings, spec);
    findings.append(validateClusterIps(service, old));
    checkExternalIps(findings, spec, old);
    if (type.empty())
        findings.required("spec.type");
    else
        checkOneOf(findings, spec, "type", "spec",
                   {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"});
    if (type == "ClusterIP")
        for (std::size_t i = 0; i < ports.size(); ++i)
            if (intAt(ports[i], "nodePort") != 0)
                findings.forbidden(at("spec.ports", i) + ".nodePort",
                                   "may not be used when `type` is 'ClusterIP'");
    checkTwins(findings, ports);
    checkSourceRanges(findings, service, type, old);
    checkPolicies(findings, spec, type);
}

void checkService(Findings& findings, const Json& service) {
    checkServiceSpec(findings, service, nullptr);
}

// --- updates -----------------------------------------------------------------------------------

// What was allocated stays: the first address and family for ever, the second until given back.
void checkListKept(Findings& findings, const Json& service, const Json& old,
                   const std::string& path, std::string_view word) {
    const JsonArray &now = arrayAt(service, path), &before = arrayAt(old, path);
    const bool addresses = path == "spec.clusterIPs";
    const auto refuse = [&](std::size_t index, const JsonArray& shown, std::string_view why) {
        findings.invalid(at(path, index), Json(shown), why);
    };
    if (now.size() == before.size()) {
        for (std::size_t i = 0; i < now.size(); ++i)
            if (now[i] != before[i])
                refuse(addresses ? i : 0, now, "may not change once set");
        return;
    }
    // Upstream shows the addresses here even where the families are meant.
    const JsonArray& ips = arrayAt(service, "spec.clusterIPs");
    if (before.size() > now.size() && ips.empty())
        refuse(0, now, "primary " + std::string(word) + " can not be unset");
    if (!before.empty() && !now.empty() && now[0] != before[0])
        refuse(0, ips, "may not change once set");
    if (before.size() > now.size() && now.size() == 1 &&
        stringAt(service, "spec.ipFamilyPolicy") != "SingleStack")
        findings.invalid("spec.ipFamilyPolicy", partOf(service, "spec.ipFamilyPolicy"),
                         "must be set to 'SingleStack' when releasing the secondary " +
                             std::string(word));
}

void checkAllocationKept(Findings& findings, const Json& service, const Json& old) {
    if (stringAt(old, "spec.type") == "ExternalName" ||
        stringAt(service, "spec.type") == "ExternalName")
        return;
    if (!isHeadless(service) || !isHeadless(old))
        checkListKept(findings, service, old, "spec.clusterIPs", "clusterIP");
    if (!isHeadless(service) && !isHeadless(old))
        checkListKept(findings, service, old, "spec.ipFamilies", "ipFamily");
}

void checkBalancerStatus(Findings& findings, const Json& service, const Json& old) {
    const std::string list = "status.loadBalancer.ingress";
    if (!arrayAt(service, list).empty() && stringAt(service, "spec.type") != "LoadBalancer")
        return findings.forbidden(list, "may only be used when `spec.type` is 'LoadBalancer'");
    Seen kept;
    for (const Json& each : arrayAt(old, list))
        kept.add(stringAt(each, "ip"));
    eachItem(service, list, "", [&](const Json& each, const std::string& path) {
        const std::string_view ip = stringAt(each, "ip"), host = stringAt(each, "hostname");
        if (!ip.empty() && !kept.has(ip))
            findings.each(path + ".ip", ip, checkIp(ip));
        if (!has(each, "ipMode") && !ip.empty())
            findings.required(path + ".ipMode", "must be specified when `ip` is set");
        else if (has(each, "ipMode") && ip.empty())
            findings.forbidden(path + ".ipMode", "may not be specified when `ip` is not set");
        else
            checkOneOf(findings, each, "ipMode", path, {"Proxy", "VIP"});
        if (host.empty())
            return;
        findings.each(path + ".hostname", host, checkDns1123Subdomain(host));
        if (parseIp(host))
            findings.invalid(path + ".hostname", host, "must be a DNS name, not an IP address");
    });
}

bool needsHealthPort(const Json& service) {
    return stringAt(service, "spec.type") == "LoadBalancer" &&
           stringAt(service, "spec.externalTrafficPolicy") == "Local";
}

void checkServiceUpdate(Findings& findings, const Json& service, const Json& old,
                        std::string_view subresource) {
    if (subresource == "status")
        return checkBalancerStatus(findings, service, old);
    checkAllocationKept(findings, service, old);
    const std::string_view type = stringAt(service, "spec.type");
    const Json &now = partOf(service, "spec.loadBalancerClass"),
               &before = partOf(old, "spec.loadBalancerClass");
    if (type == "LoadBalancer" && stringAt(old, "spec.type") == type && now != before)
        findings.invalid("spec.loadBalancerClass", now, "may not change once set");
    checkBalancerClass(findings, partOf(service, "spec"), type);
    if (needsHealthPort(old) && needsHealthPort(service) &&
        intAt(service, "spec.healthCheckNodePort") != intAt(old, "spec.healthCheckNodePort"))
        findings.forbidden("spec.healthCheckNodePort", kImmutable);
    checkServiceSpec(findings, service, &old);
}
} // namespace

FieldErrors validateClusterIps(const Json& service, const Json* old) {
    Findings findings;
    if (stringAt(service, "spec.type") == "ExternalName")
        return {};
    const Json& spec = partOf(service, "spec");
    checkAddressList(findings, spec);
    checkFamilies(findings, spec);
    const JsonArray& ips = arrayAt(spec, "clusterIPs");
    const Json shown(ips);
    const std::size_t before = findings.count();
    const Seen kept = keptAt(old, "spec.clusterIPs");
    for (std::size_t i = 0; i < ips.size(); ++i) {
        if (i == 0 && asString(ips[0]) == "None") {
            if (ips.size() > 1)
                findings.invalid("spec.clusterIPs", shown,
                                 "'None' must be the first and only value");
        } else if (!kept.has(asString(ips[i]))) {
            findings.each(at("spec.clusterIPs", i), asString(ips[i]), checkIp(asString(ips[i])));
        }
    }
    const bool wrong = findings.count() > before;
    if (ips.size() > kFamiliesMax)
        findings.invalid("spec.clusterIPs", shown, "may only hold up to 2 values");
    if (!wrong)
        checkAddressFamilies(findings, spec, isHeadless(service));
    return findings.take();
}

void addServiceRules(std::vector<KindRules>& rules) {
    rules.push_back({"", "Service", checkService, checkServiceUpdate, false, nullptr, true});
}

} // namespace orrery::api
