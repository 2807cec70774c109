// Endpoints and EndpointSlices.
#include "core/api/validation/addresses.h"
#include "core/api/validation/findings.h"

namespace orrery::api {

namespace {
// DIVERGES: Kubernetes' API server can't be reached at a loopback address; Orrery's is by default,
// so the objects that say where it is may name one.
bool saysWhereServerIs(const Json& object) {
    return stringAt(object, "metadata.name") == "kubernetes" &&
           stringAt(object, "metadata.namespace") == "default";
}

Sentences checkReachable(std::string_view address, bool server) {
    return server ? Sentences() : checkEndpointIp(address);
}

// --- EndpointSlice -----------------------------------------------------------------------------

constexpr std::size_t kEndpointsMax = 1000, kPortsMax = 20000, kAddressesMax = 100;
constexpr std::size_t kTopologyMax = 16, kHintsMax = 8;

void checkSliceAddress(Findings& findings, std::string_view type, const Json& item,
                       const std::string& list, const std::string& path, bool server) {
    const std::string_view address = asString(item);
    if (type == "FQDN") {
        if (address.empty())
            return findings.required(path);
        return findings.each(path, address, checkFullyQualifiedDomain(address));
    }
    if (type != "IPv4" && type != "IPv6")
        return;
    const bool six = type == "IPv6";
    const Sentences wrong = six ? checkCanonicalIp(address) : checkIp(address);
    if (!wrong.empty())
        return findings.each(path, address, wrong);
    if (parseIp(address)->v4() == six)
        findings.invalid(list, address, "must be an " + std::string(type) + " address");
    findings.each(path, address, checkReachable(address, server));
}

// Names that may stand once only, at most eight of them.
bool checkHintList(Findings& findings, const Json& hints, std::string_view member,
                   const std::string& path, Sentences (*check)(std::string_view)) {
    const JsonArray& items = arrayAt(hints, member);
    if (items.size() > kHintsMax) {
        findings.tooMany(path + "." + std::string(member), items.size(), kHintsMax);
        return false;
    }
    Seen seen;
    eachItem(hints, member, path, [&](const Json& item, const std::string& where) {
        const std::string_view name = stringAt(item, "name");
        if (!seen.add(name))
            findings.duplicate(where + ".name", Json(name));
        findings.each(where + ".name", name, check(name));
    });
    return true;
}

void checkEndpoint(Findings& findings, const Json& endpoint, std::string_view type,
                   const std::string& path, bool server) {
    const std::string list = path + ".addresses";
    const JsonArray& addresses = arrayAt(endpoint, "addresses");
    if (addresses.empty())
        findings.required(list, "must contain at least 1 address");
    else if (addresses.size() > kAddressesMax)
        findings.tooMany(list, addresses.size(), kAddressesMax);
    eachItem(endpoint, "addresses", path, [&](const Json& item, const std::string& where) {
        checkSliceAddress(findings, type, item, list, where, server);
    });
    if (has(endpoint, "nodeName"))
        findings.each(path + ".nodeName", stringAt(endpoint, "nodeName"),
                      checkDns1123Subdomain(stringAt(endpoint, "nodeName")));
    const JsonObject& topology = objectAt(endpoint, "deprecatedTopology");
    if (topology.size() > kTopologyMax)
        findings.tooMany(path + ".deprecatedTopology", topology.size(), kTopologyMax);
    checkLabels(findings, find(endpoint, "deprecatedTopology"), path + ".deprecatedTopology");
    if (has(endpoint, "hostname"))
        findings.each(path + ".hostname", stringAt(endpoint, "hostname"),
                      checkDns1123Label(stringAt(endpoint, "hostname")));
    const Json& hints = partOf(endpoint, "hints");
    if (checkHintList(findings, hints, "forZones", path + ".hints", checkLabelValue))
        checkHintList(findings, hints, "forNodes", path + ".hints", checkDns1123Subdomain);
}

void checkSlicePorts(Findings& findings, const Json& slice) {
    const JsonArray& ports = arrayAt(slice, "ports");
    if (ports.size() > kPortsMax)
        return findings.tooMany("ports", ports.size(), kPortsMax);
    Seen names;
    eachItem(slice, "ports", "", [&](const Json& port, const std::string& path) {
        const std::string_view name = stringAt(port, "name");
        if (!name.empty())
            findings.each(path + ".name", name, checkDns1123Label(name));
        if (!names.add(name))
            findings.duplicate(path + ".name", Json(name));
        checkOneOf(findings, port, "protocol", path, {"SCTP", "TCP", "UDP"});
        if (has(port, "appProtocol"))
            findings.each(path + ".appProtocol", stringAt(port, "appProtocol"),
                          checkQualifiedName(stringAt(port, "appProtocol")));
    });
}

void checkSliceEndpoints(Findings& findings, const Json& slice) {
    const JsonArray& endpoints = arrayAt(slice, "endpoints");
    if (endpoints.size() > kEndpointsMax)
        return findings.tooMany("endpoints", endpoints.size(), kEndpointsMax);
    eachItem(slice, "endpoints", "", [&](const Json& endpoint, const std::string& path) {
        checkEndpoint(findings, endpoint, stringAt(slice, "addressType"), path,
                      saysWhereServerIs(slice));
    });
}

void checkSliceParts(Findings& findings, const Json& slice, bool endpointsToo) {
    if (stringAt(slice, "addressType").empty())
        findings.required("addressType");
    else
        checkOneOf(findings, slice, "addressType", "", {"FQDN", "IPv4", "IPv6"});
    checkSlicePorts(findings, slice);
    if (endpointsToo)
        checkSliceEndpoints(findings, slice);
}

void checkSlice(Findings& findings, const Json& slice) {
    checkSliceParts(findings, slice, true);
}

void checkSliceUpdate(Findings& findings, const Json& slice, const Json& old, std::string_view) {
    // A list that nobody touched passes as it is.
    checkSliceParts(findings, slice,
                    !sameValue(partOf(slice, "endpoints"), partOf(old, "endpoints")));
    checkImmutable(findings, slice, old, "addressType");
}

// --- Endpoints ---------------------------------------------------------------------------------

void checkAddress(Findings& findings, const Json& address, const std::string& path, bool server) {
    const std::string_view ip = stringAt(address, "ip"), host = stringAt(address, "hostname");
    findings.each(path + ".ip", ip, checkIp(ip));
    if (!host.empty())
        findings.each(path + ".hostname", host, checkDns1123Label(host));
    if (has(address, "nodeName"))
        findings.each(path + ".nodeName", stringAt(address, "nodeName"),
                      checkDns1123Subdomain(stringAt(address, "nodeName")));
    findings.each(path + ".ip", ip, checkReachable(ip, server));
}

void checkSubsetPort(Findings& findings, const Json& port, bool named, const std::string& path) {
    const std::string_view name = stringAt(port, "name");
    if (named && name.empty())
        findings.required(path + ".name");
    else if (!name.empty())
        findings.each(path + ".name", name, checkDns1123Label(name));
    for (const std::string& sentence : checkPortNumber(intAt(port, "port")))
        findings.invalid(path + ".port", Json(intAt(port, "port")), sentence);
    if (stringAt(port, "protocol").empty())
        findings.required(path + ".protocol");
    else
        checkOneOf(findings, port, "protocol", path, {"SCTP", "TCP", "UDP"});
    if (has(port, "appProtocol"))
        findings.each(path + ".appProtocol", stringAt(port, "appProtocol"),
                      checkQualifiedName(stringAt(port, "appProtocol")));
}

void checkSubsets(Findings& findings, const Json& endpoints) {
    const bool server = saysWhereServerIs(endpoints);
    eachItem(endpoints, "subsets", "", [&](const Json& subset, const std::string& path) {
        if (arrayAt(subset, "addresses").empty() && arrayAt(subset, "notReadyAddresses").empty())
            findings.required(path, "must specify `addresses` or `notReadyAddresses`");
        for (const std::string_view list : {"addresses", "notReadyAddresses"})
            eachItem(subset, list, path, [&](const Json& address, const std::string& where) {
                checkAddress(findings, address, where, server);
            });
        const bool named = arrayAt(subset, "ports").size() > 1;
        eachItem(subset, "ports", path, [&](const Json& port, const std::string& where) {
            checkSubsetPort(findings, port, named, where);
        });
    });
}

void checkEndpointsUpdate(Findings& findings, const Json& endpoints, const Json& old,
                          std::string_view) {
    if (!sameValue(partOf(endpoints, "subsets"), partOf(old, "subsets")))
        checkSubsets(findings, endpoints);
}
} // namespace

void addEndpointRules(std::vector<KindRules>& rules) {
    rules.push_back({"discovery.k8s.io", "EndpointSlice", checkSlice, checkSliceUpdate, false});
    rules.push_back({"", "Endpoints", checkSubsets, checkEndpointsUpdate, false});
}

} // namespace orrery::api
