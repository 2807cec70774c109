// Service, Endpoints, EndpointSlice.
#include "core/api/validation/findings.h"

namespace orrery::api {

namespace {
const Json& memberOf(const Json& object, std::string_view path) {
    static const Json kNone;
    const Json* found = findPath(object, path);
    return found ? *found : kNone;
}

void checkTarget(Findings& findings, const Json& target, const std::string& path) {
    if (target.is_string())
        findings.each(path, asString(target), checkPortName(asString(target)));
    else if (target.is_number())
        for (const std::string& sentence :
             checkPortNumber(target.is_int64() ? target.get_int64() : 0))
            findings.invalid(path, target, sentence);
}

void checkServicePort(Findings& findings, const Json& port, bool named,
                      std::vector<std::string_view>& names, const std::string& path) {
    const std::string_view name = stringAt(port, "name");
    if (named && name.empty())
        findings.required(path + ".name");
    else if (!name.empty()) {
        findings.each(path + ".name", name, checkDns1123Label(name));
        if (std::find(names.begin(), names.end(), name) != names.end())
            findings.duplicate(path + ".name", Json(name));
        else
            names.push_back(name);
    }
    for (const std::string& sentence : checkPortNumber(intAt(port, "port")))
        findings.invalid(path + ".port", Json(intAt(port, "port")), sentence);
    const std::string_view protocol = stringAt(port, "protocol");
    if (protocol.empty())
        findings.required(path + ".protocol");
    else
        checkOneOf(findings, port, "protocol", path, {"SCTP", "TCP", "UDP"});
    checkTarget(findings, memberOf(port, "targetPort"), path + ".targetPort");
    if (const std::string_view application = stringAt(port, "appProtocol"); !application.empty())
        findings.each(path + ".appProtocol", application, checkQualifiedName(application));
}

void checkTwins(Findings& findings, const JsonArray& ports) {
    for (std::size_t i = 0; i < ports.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (intAt(ports[i], "port") == intAt(ports[j], "port") &&
                stringAt(ports[i], "protocol") == stringAt(ports[j], "protocol")) {
                JsonObject internal;
                internal["Name"] = "";
                internal["Protocol"] = stringAt(ports[i], "protocol");
                internal["AppProtocol"] = nullptr;
                internal["Port"] = intAt(ports[i], "port");
                internal["TargetPort"] = 0;
                internal["NodePort"] = 0;
                findings.duplicate(at("spec.ports", i), Json(internal));
                break;
            }
}

void checkPorts(Findings& findings, const Json& spec, std::string_view type, bool headless) {
    const JsonArray& ports = arrayAt(spec, "ports");
    if (ports.empty() && !headless && type != "ExternalName")
        findings.required("spec.ports");
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < ports.size(); ++i)
        checkServicePort(findings, ports[i], ports.size() > 1, names, at("spec.ports", i));
}

void checkAddresses(Findings& findings, const Json& spec) {
    const JsonArray& external = arrayAt(spec, "externalIPs");
    for (std::size_t i = 0; i < external.size(); ++i) {
        const std::string_view ip = asString(external[i]);
        const std::string path = at("spec.externalIPs", i);
        const Sentences wrong = checkIp(ip);
        findings.each(path, ip, wrong);
        if (!wrong.empty())
            continue;
        if (ip == "0.0.0.0" || ip == "::")
            findings.invalid(path, ip, "may not be unspecified (0.0.0.0 or ::)");
        if (ip.substr(0, 4) == "127." || ip == "::1")
            findings.invalid(path, ip, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
        if (ip.substr(0, 8) == "169.254.")
            findings.invalid(path, ip,
                             "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        if (ip.substr(0, 8) == "224.0.0.")
            findings.invalid(
                path, ip, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
    }
}

void checkType(Findings& findings, const Json& spec, std::string_view type, bool headless) {
    if (headless && (type == "NodePort" || type == "LoadBalancer"))
        findings.invalid("spec.clusterIPs[0]", "None",
                         "may not be set to 'None' for " + std::string(type) + " services");
    if (type == "ExternalName") {
        const std::string_view name = stringAt(spec, "externalName");
        if (!stringAt(spec, "clusterIP").empty())
            findings.forbidden("spec.clusterIPs", "may not be set for ExternalName services");
        const std::string_view plain =
            !name.empty() && name.back() == '.' ? name.substr(0, name.size() - 1) : name;
        if (name.empty())
            findings.required("spec.externalName");
        else
            findings.each("spec.externalName", name, checkDns1123Subdomain(plain));
    }
    if (type.empty())
        findings.required("spec.type");
}

void checkAffinity(Findings& findings, const Json& spec) {
    const std::string_view affinity = stringAt(spec, "sessionAffinity");
    if (affinity.empty())
        findings.required("spec.sessionAffinity");
    else
        checkOneOf(findings, spec, "sessionAffinity", "spec", {"ClientIP", "None"});
    const Json* timeout = findPath(spec, "sessionAffinityConfig.clientIP.timeoutSeconds");
    const std::int64_t seconds = intAt(spec, "sessionAffinityConfig.clientIP.timeoutSeconds");
    if (affinity == "ClientIP" && timeout && (seconds <= 0 || seconds > 86400))
        findings.invalid("spec.sessionAffinityConfig.clientIP.timeoutSeconds", *timeout,
                         "must be greater than 0 and less than 86400");
    else if (affinity == "None" && find(spec, "sessionAffinityConfig"))
        findings.forbidden("spec.sessionAffinityConfig",
                           "must not be set when session affinity is None");
}

void checkPolicies(Findings& findings, const Json& spec, std::string_view type) {
    const bool exposed = type == "NodePort" || type == "LoadBalancer" ||
                         (type == "ClusterIP" && !arrayAt(spec, "externalIPs").empty());
    if (const Json* policy = find(spec, "externalTrafficPolicy")) {
        if (!exposed)
            findings.invalid("spec.externalTrafficPolicy", *policy,
                             "may only be set for externally-accessible services");
        else
            checkOneOf(findings, spec, "externalTrafficPolicy", "spec", {"Cluster", "Local"});
    } else if (exposed) {
        findings.required("spec.externalTrafficPolicy");
    }
    const bool needsHealth =
        type == "LoadBalancer" && stringAt(spec, "externalTrafficPolicy") == "Local";
    if (intAt(spec, "healthCheckNodePort") != 0 && !needsHealth)
        findings.invalid(
            "spec.healthCheckNodePort", Json(intAt(spec, "healthCheckNodePort")),
            "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
    if (type != "ExternalName")
        checkOneOf(findings, spec, "internalTrafficPolicy", "spec", {"Cluster", "Local"});
    if (const std::string_view balancer = stringAt(spec, "loadBalancerClass"); !balancer.empty()) {
        if (type != "LoadBalancer")
            findings.forbidden("spec.loadBalancerClass",
                               "may only be used when `type` is 'LoadBalancer'");
        else
            findings.each("spec.loadBalancerClass", balancer, checkQualifiedName(balancer));
    }
}

void checkClusterIps(Findings& findings, const Json& spec) {
    const JsonArray& ips = arrayAt(spec, "clusterIPs");
    if (ips.size() > 2)
        findings.invalid("spec.clusterIPs", Json(ips), "may only hold up to 2 values");
    for (std::size_t i = 0; i < ips.size(); ++i) {
        const std::string_view ip = asString(ips[i]);
        if (ip == "None") {
            if (ips.size() > 1)
                findings.invalid(at("spec.clusterIPs", i), ip,
                                 "'None' must be the first and only value");
            continue;
        }
        findings.each(at("spec.clusterIPs", i), ip, checkIp(ip));
    }
}

void checkService(Findings& findings, const Json& service) {
    static const Json kNone = JsonObject();
    const Json& given = memberOf(service, "spec");
    const Json& spec = given.is_object() ? given : kNone;
    const std::string_view type = stringAt(spec, "type");
    const JsonArray& ips = arrayAt(spec, "clusterIPs");
    const bool headless = (ips.empty() ? stringAt(spec, "clusterIP") : asString(ips[0])) == "None";
    checkPorts(findings, spec, type, headless);
    checkType(findings, spec, type, headless);
    checkLabels(findings, find(spec, "selector"), "spec.selector");
    checkAffinity(findings, spec);
    checkClusterIps(findings, spec);
    checkAddresses(findings, spec);
    if (!type.empty())
        checkOneOf(findings, spec, "type", "spec",
                   {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"});
    if (type == "ClusterIP") {
        const JsonArray& ports = arrayAt(spec, "ports");
        for (std::size_t i = 0; i < ports.size(); ++i)
            if (intAt(ports[i], "nodePort") != 0)
                findings.forbidden(at("spec.ports", i) + ".nodePort",
                                   "may not be used when `type` is 'ClusterIP'");
    }
    checkTwins(findings, arrayAt(spec, "ports"));
    checkPolicies(findings, spec, type);
}

void checkServiceUpdate(Findings& findings, const Json& service, const Json& old,
                        std::string_view subresource) {
    if (subresource == "status") {
        const JsonArray& ingress = arrayAt(service, "status.loadBalancer.ingress");
        if (!ingress.empty() && stringAt(service, "spec.type") != "LoadBalancer")
            findings.forbidden("status.loadBalancer.ingress",
                               "may only be used when `spec.type` is 'LoadBalancer'");
        return;
    }
    const bool external = stringAt(old, "spec.type") == "ExternalName" ||
                          stringAt(service, "spec.type") == "ExternalName";
    const JsonArray &now = arrayAt(service, "spec.clusterIPs"),
                    &before = arrayAt(old, "spec.clusterIPs");
    if (!external && !before.empty() && (now.empty() || now[0] != before[0]))
        findings.invalid("spec.clusterIPs[0]", Json(now), "may not change once set");
}

// --- EndpointSlice -----------------------------------------------------------------------------

void checkSlice(Findings& findings, const Json& slice) {
    constexpr std::size_t kEndpointsMax = 1000, kPortsMax = 20000, kAddressesMax = 100;
    const std::string_view type = stringAt(slice, "addressType");
    if (type.empty())
        findings.required("addressType");
    else
        checkOneOf(findings, slice, "addressType", "", {"FQDN", "IPv4", "IPv6"});
    const JsonArray& endpoints = arrayAt(slice, "endpoints");
    if (endpoints.size() > kEndpointsMax)
        findings.tooMany("endpoints", endpoints.size(), kEndpointsMax);
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        const std::string path = at("endpoints", i) + ".addresses";
        const JsonArray& addresses = arrayAt(endpoints[i], "addresses");
        if (addresses.empty())
            findings.required(path, "must contain at least 1 address");
        else if (addresses.size() > kAddressesMax)
            findings.tooMany(path, addresses.size(), kAddressesMax);
        for (std::size_t a = 0; a < addresses.size(); ++a)
            findings.each(at(path, a), asString(addresses[a]),
                          type == "FQDN" ? checkDns1123Subdomain(asString(addresses[a]))
                                         : checkIp(asString(addresses[a])));
    }
    const JsonArray& ports = arrayAt(slice, "ports");
    if (ports.size() > kPortsMax)
        findings.tooMany("ports", ports.size(), kPortsMax);
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const std::string_view name = stringAt(ports[i], "name");
        if (!name.empty())
            findings.each(at("ports", i) + ".name", name, checkDns1123Label(name));
        if (std::find(names.begin(), names.end(), name) != names.end())
            findings.duplicate(at("ports", i) + ".name", Json(name));
        names.push_back(name);
    }
}
} // namespace

void addServiceRules(std::vector<KindRules>& rules) {
    rules.push_back({"", "Service", checkService, checkServiceUpdate, true});
    rules.push_back({"discovery.k8s.io", "EndpointSlice", checkSlice,
                     [](Findings& findings, const Json& slice, const Json& old, std::string_view) {
                         checkImmutable(findings, slice, old, "addressType");
                     },
                     true});
}

} // namespace orrery::api
