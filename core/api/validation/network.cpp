// Ingresses, their classes, network policies, IP addresses and service ranges.
#include "core/api/validation/addresses.h"
#include "core/api/validation/findings.h"

namespace orrery::api {

namespace {
constexpr std::string_view kGroup = "networking.k8s.io";

// --- NetworkPolicy -----------------------------------------------------------------------------

void checkPolicyPort(Findings& findings, const Json& port, const std::string& path) {
    checkOneOf(findings, port, "protocol", path, {"TCP", "UDP", "SCTP"});
    const Json &number = partOf(port, "port"), &end = partOf(port, "endPort");
    const std::string endPath = path + ".endPort";
    if (number.is_null()) {
        if (!end.is_null())
            findings.invalid(endPath, end, "may not be specified when `port` is not specified");
        return;
    }
    if (number.is_string()) {
        if (!end.is_null())
            findings.invalid(endPath, end, "may not be specified when `port` is non-numeric");
        findings.each(path + ".port", asString(number), checkPortName(asString(number)));
        return;
    }
    for (const std::string& sentence : checkPortNumber(intAt(port, "port")))
        findings.invalid(path + ".port", number, sentence);
    if (end.is_null())
        return;
    if (intAt(port, "endPort") < intAt(port, "port"))
        findings.invalid(endPath, number, "must be greater than or equal to `port`");
    for (const std::string& sentence : checkPortNumber(intAt(port, "endPort")))
        findings.invalid(endPath, end, sentence);
}

// What a stored policy has already is not judged again.
using Kept = Seen;

void checkKeptCidr(Findings& findings, std::string_view cidr, const std::string& path,
                   const Kept& kept) {
    if (!kept.has(cidr))
        findings.each(path, cidr, checkCidr(cidr));
}

void checkIpBlock(Findings& findings, const Json& block, const std::string& path,
                  const Kept& kept) {
    const std::string_view cidr = stringAt(block, "cidr");
    if (cidr.empty())
        return findings.required(path + ".cidr");
    checkKeptCidr(findings, cidr, path + ".cidr", kept);
    const auto whole = parseCidr(cidr);
    if (!whole)
        return;
    eachItem(block, "except", path, [&](const Json& item, const std::string& where) {
        checkKeptCidr(findings, asString(item), where, kept);
        const auto part = parseCidr(asString(item));
        if (part && (!whole->contains(part->first()) || whole->bits >= part->bits))
            findings.invalid(where, item, "must be a strict subset of `cidr`");
    });
}

void checkPeer(Findings& findings, const Json& peer, const std::string& path, const Kept& kept) {
    int peers = 0;
    for (const std::string_view member : {"podSelector", "namespaceSelector"})
        if (has(peer, member)) {
            ++peers;
            checkLabelSelector(findings, *find(peer, member), path + "." + std::string(member));
        }
    const bool block = has(peer, "ipBlock");
    if (block)
        checkIpBlock(findings, *find(peer, "ipBlock"), path + ".ipBlock", kept);
    if (peers == 0 && !block)
        findings.required(path, "must specify a peer");
    else if (peers > 0 && block)
        findings.forbidden(path, "may not specify both ipBlock and another peer");
}

void checkPolicySpec(Findings& findings, const Json& policy, const Kept& kept) {
    constexpr std::size_t kTypesMax = 2;
    const Json& spec = partOf(policy, "spec");
    checkLabelSelector(findings, partOf(spec, "podSelector"), "spec.podSelector");
    for (const bool ingress : {true, false})
        eachItem(spec, ingress ? "ingress" : "egress", "spec",
                 [&](const Json& rule, const std::string& path) {
                     eachItem(rule, "ports", path, [&](const Json& port, const std::string& where) {
                         checkPolicyPort(findings, port, where);
                     });
                     eachItem(rule, ingress ? "from" : "to", path,
                              [&](const Json& peer, const std::string& where) {
                                  checkPeer(findings, peer, where, kept);
                              });
                 });
    const JsonArray& types = arrayAt(spec, "policyTypes");
    if (types.size() > kTypesMax)
        return findings.invalid("spec.policyTypes", Json(types),
                                "may not specify more than two policyTypes");
    eachItem(spec, "policyTypes", "spec", [&](const Json& type, const std::string& where) {
        if (asString(type) != "Ingress" && asString(type) != "Egress")
            findings.notSupported(where, type, {"Ingress", "Egress"});
    });
}

void checkPolicy(Findings& findings, const Json& policy) {
    checkPolicySpec(findings, policy, {});
}

void checkPolicyUpdate(Findings& findings, const Json& policy, const Json& old, std::string_view) {
    Kept kept;
    for (const std::string_view direction : {"spec.ingress", "spec.egress"})
        for (const Json& rule : arrayAt(old, direction))
            for (const Json& peer : arrayAt(rule, direction == "spec.ingress" ? "from" : "to")) {
                kept.add(stringAt(peer, "ipBlock.cidr"));
                for (const Json& except : arrayAt(peer, "ipBlock.except"))
                    kept.add(asString(except));
            }
    checkPolicySpec(findings, policy, kept);
}

// --- Ingress -----------------------------------------------------------------------------------

// A reference to an object by group, kind and name; `kind` and `name` may be anything that fits a
// path.
void checkReference(Findings& findings, const Json& reference, const std::string& path,
                    std::string_view group, std::string_view kind) {
    if (has(reference, group) && (group == "apiGroup" || !stringAt(reference, group).empty()))
        findings.each(path + "." + std::string(group), stringAt(reference, group),
                      checkDns1123Subdomain(stringAt(reference, group)));
    checkRequired(findings, reference, kind, path, checkPathSegmentName);
    checkRequired(findings, reference, "name", path, checkPathSegmentName);
}

void checkBackend(Findings& findings, const Json& backend, const std::string& path) {
    const bool resource = has(backend, "resource"), service = has(backend, "service");
    if (resource && service)
        return findings.invalid(path, "", "cannot set both resource and service backends");
    if (resource)
        return checkReference(findings, partOf(backend, "resource"), path + ".resource", "apiGroup",
                              "kind");
    if (!service)
        return findings.invalid(path, "", "resource or service backend is required");
    checkRequired(findings, partOf(backend, "service"), "name", path + ".service",
                  checkDns1123Label);
    const std::string_view name = stringAt(backend, "service.port.name");
    const std::int64_t number = intAt(backend, "service.port.number");
    if (!name.empty() && number != 0)
        return findings.invalid(path, "", "cannot set both port name & port number");
    if (!name.empty())
        findings.each(path + ".service.port.name", name, checkPortName(name));
    else if (number == 0)
        findings.required(path, "port name or number is required");
    else
        for (const std::string& sentence : checkPortNumber(number))
            findings.invalid(path + ".service.port.number", Json(number), sentence);
}

void checkIngressPath(Findings& findings, const Json& item, const std::string& path) {
    const std::string_view text = stringAt(item, "path"), type = stringAt(item, "pathType");
    const std::string where = path + ".path";
    if (!has(item, "pathType"))
        return findings.required(path + ".pathType", "pathType must be specified");
    const bool absolute = !text.empty() && text.front() == '/';
    if (type == "Exact" || type == "Prefix") {
        if (!absolute)
            findings.invalid(where, text, "must be an absolute path");
        for (const std::string_view part : {"//", "/./", "/../", "%2f", "%2F"})
            if (text.find(part) != std::string_view::npos)
                findings.invalid(where, text, "must not contain '" + std::string(part) + "'");
        for (const std::string_view end : {"/..", "/."})
            if (text.ends_with(end))
                findings.invalid(where, text, "cannot end with '" + std::string(end) + "'");
    } else if (type == "ImplementationSpecific") {
        if (!text.empty() && !absolute)
            findings.invalid(where, text, "must be an absolute path");
    } else {
        checkOneOf(findings, item, "pathType", path, {"Exact", "ImplementationSpecific", "Prefix"});
    }
    checkBackend(findings, partOf(item, "backend"), path + ".backend");
}

void checkHost(Findings& findings, std::string_view host, const std::string& path) {
    findings.each(path, host,
                  host.find('*') == std::string_view::npos ? checkDns1123Subdomain(host)
                                                           : checkWildcardSubdomain(host));
}

void checkIngressRule(Findings& findings, const Json& rule, const std::string& path) {
    const std::string_view host = stringAt(rule, "host");
    if (!host.empty()) {
        if (parseIp(host))
            findings.invalid(path + ".host", host, "must be a DNS name, not an IP address");
        checkHost(findings, host, path + ".host");
    }
    if (!has(rule, "http"))
        return;
    if (arrayAt(rule, "http.paths").empty())
        findings.required(path + ".http.paths");
    eachItem(rule, "http.paths", path, [&](const Json& item, const std::string& where) {
        checkIngressPath(findings, item, where);
    });
}

void checkIngress(Findings& findings, const Json& ingress) {
    const Json& spec = partOf(ingress, "spec");
    if (arrayAt(spec, "rules").empty() && !has(spec, "defaultBackend"))
        findings.invalid("spec", find(spec, "rules") ? partOf(spec, "rules") : Json(),
                         "either `defaultBackend` or `rules` must be specified");
    if (has(spec, "defaultBackend"))
        checkBackend(findings, partOf(spec, "defaultBackend"), "spec.defaultBackend");
    eachItem(spec, "rules", "spec", [&](const Json& rule, const std::string& path) {
        checkIngressRule(findings, rule, path);
    });
    eachItem(spec, "tls", "spec", [&](const Json& tls, const std::string& path) {
        eachItem(tls, "hosts", path, [&](const Json& host, const std::string& where) {
            checkHost(findings, asString(host), where);
        });
        const std::string_view secret = stringAt(tls, "secretName");
        if (!secret.empty())
            findings.each(path + ".secretName", secret, checkDns1123Subdomain(secret));
    });
    if (has(spec, "ingressClassName"))
        findings.each("spec.ingressClassName", stringAt(spec, "ingressClassName"),
                      checkDns1123Subdomain(stringAt(spec, "ingressClassName")));
}

void checkNewIngress(Findings& findings, const Json& ingress) {
    const Json* old =
        objectAt(ingress, "metadata.annotations").if_contains("kubernetes.io/ingress.class");
    const Json& name = partOf(ingress, "spec.ingressClassName");
    if (old && !name.is_null() && asString(*old) != asString(name))
        findings.invalid("annotations.kubernetes.io/ingress.class", *old,
                         "must match `ingressClassName` when both are specified");
}

void checkIngressUpdate(Findings& findings, const Json& ingress, const Json& old,
                        std::string_view subresource) {
    if (subresource != "status")
        return checkIngress(findings, ingress);
    Seen kept;
    for (const Json& each : arrayAt(old, "status.loadBalancer.ingress"))
        kept.add(stringAt(each, "ip"));
    eachItem(
        ingress, "status.loadBalancer.ingress", "", [&](const Json& each, const std::string& path) {
            const std::string_view ip = stringAt(each, "ip"), host = stringAt(each, "hostname");
            if (!ip.empty() && !kept.has(ip))
                findings.each(path + ".ip", ip, checkIp(ip));
            if (host.empty())
                return;
            findings.each(path + ".hostname", host, checkDns1123Subdomain(host));
            if (parseIp(host))
                findings.invalid(path + ".hostname", host, "must be a DNS name, not an IP address");
        });
}

// --- IngressClass ------------------------------------------------------------------------------

void checkClassParameters(Findings& findings, const Json& parameters) {
    const std::string path = "spec.parameters";
    checkReference(findings, parameters, path, "apiGroup", "kind");
    if (!has(parameters, "scope"))
        return findings.required(path + ".scope");
    const std::string_view scope = stringAt(parameters, "scope");
    const Json& space = partOf(parameters, "namespace");
    if (scope == "Namespace" && space.is_null())
        findings.required(path + ".namespace", "`parameters.scope` is set to 'Namespace'");
    else if (scope == "Namespace")
        findings.each(path + ".namespace", asString(space), checkDns1123Label(asString(space)));
    else if (scope == "Cluster" && !space.is_null())
        findings.forbidden(path + ".namespace", "`parameters.scope` is set to 'Cluster'");
    else
        checkOneOf(findings, parameters, "scope", path, {"Cluster", "Namespace"});
}

void checkIngressClass(Findings& findings, const Json& object) {
    constexpr std::size_t kControllerMax = 250;
    const std::string_view controller = stringAt(object, "spec.controller");
    if (controller.size() > kControllerMax)
        findings.tooLong("spec.controller", kControllerMax);
    checkDomainPath(findings, controller, "spec.controller");
    const Json& parameters = partOf(object, "spec.parameters");
    if (!parameters.is_null())
        checkClassParameters(findings, parameters);
}

void checkIngressClassUpdate(Findings& findings, const Json& object, const Json& old,
                             std::string_view) {
    checkImmutable(findings, object, old, "spec.controller");
    checkIngressClass(findings, object);
}

// --- IPAddress, ServiceCIDR --------------------------------------------------------------------

void checkIpAddressObject(Findings& findings, const Json& object) {
    const std::string path = "spec.parentRef";
    const Json& parent = partOf(object, path);
    if (parent.is_null())
        return findings.required(path);
    checkReference(findings, parent, path, "group", "resource");
    const std::string_view space = stringAt(parent, "namespace");
    if (!space.empty())
        findings.each(path + ".namespace", space, checkPathSegmentName(space));
}

void checkIpAddressUpdate(Findings& findings, const Json& object, const Json& old,
                          std::string_view) {
    const Json& now = partOf(object, "spec.parentRef");
    if (sameValue(now, partOf(old, "spec.parentRef")))
        return;
    JsonObject internal;
    for (const auto& [name, member] :
         std::initializer_list<std::pair<const char*, const char*>>{{"Group", "group"},
                                                                    {"Resource", "resource"},
                                                                    {"Namespace", "namespace"},
                                                                    {"Name", "name"}})
        internal[name] = stringAt(now, member);
    findings.invalid("spec.parentRef", now.is_null() ? now : Json(internal), kImmutable);
}

void checkServiceCidr(Findings& findings, const Json& object) {
    const std::string path = "spec.cidrs";
    const JsonArray& cidrs = arrayAt(object, path);
    if (cidrs.empty())
        return findings.required(path, "at least one CIDR required");
    if (cidrs.size() > 2)
        return findings.invalid(path, Json(JsonObject{{"CIDRs", cidrs}}),
                                "may only hold up to 2 values");
    eachItem(object, path, "", [&](const Json& cidr, const std::string& where) {
        findings.each(where, asString(cidr), checkCanonicalCidr(asString(cidr)));
    });
    const auto first = parseCidr(asString(cidrs[0]));
    const auto second = cidrs.size() == 2 ? parseCidr(asString(cidrs[1])) : std::nullopt;
    if (first && second && first->address.v4() == second->address.v4())
        findings.invalid(path, Json(cidrs),
                         "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 "
                         "and 2001:db8::/64");
}

void checkServiceCidrUpdate(Findings& findings, const Json& object, const Json& old,
                            std::string_view subresource) {
    if (subresource == "status")
        return;
    const JsonArray &now = arrayAt(object, "spec.cidrs"), &before = arrayAt(old, "spec.cidrs");
    const bool grows = before.size() == 1 && now.size() == 2;
    if (before.size() != now.size() && !grows)
        return findings.invalid("spec.cidrs", Json(now), kImmutable);
    for (std::size_t i = 0; i < before.size(); ++i)
        if (now[i] != before[i])
            findings.invalid(at("spec.cidrs", i), now[i], kImmutable);
    if (grows)
        checkServiceCidr(findings, object);
}
} // namespace

void addNetworkRules(std::vector<KindRules>& rules) {
    rules.push_back(
        {kGroup, "NetworkPolicy", checkPolicy, checkPolicyUpdate, false, nullptr, true});
    rules.push_back({kGroup, "Ingress", checkIngress, checkIngressUpdate, false, checkNewIngress});
    rules.push_back({kGroup, "IngressClass", checkIngressClass, checkIngressClassUpdate, false});
    rules.push_back({kGroup, "IPAddress", checkIpAddressObject, checkIpAddressUpdate, true});
    rules.push_back(
        {kGroup, "ServiceCIDR", checkServiceCidr, checkServiceCidrUpdate, false, nullptr, true});
}

} // namespace orrery::api
