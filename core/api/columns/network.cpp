#include "core/api/columns/columns.h"

namespace orrery::api::columns {

namespace {
std::string ingressPoints(const Json& object) {
    std::string text;
    for (const Json& point : arrayAt(object, "status.loadBalancer.ingress")) {
        const std::string_view ip = stringAt(point, "ip");
        const std::string_view address = ip.empty() ? stringAt(point, "hostname") : ip;
        if (!address.empty())
            text += (text.empty() ? "" : ",") + std::string(address);
    }
    return text;
}

Json externalIp(const Json& service, std::int64_t) {
    const std::string_view type = stringAt(service, "spec.type");
    const std::string own = joinText(arrayAt(service, "spec.externalIPs"), "");
    if (type == "ExternalName")
        return Json(stringAt(service, "spec.externalName"));
    if (type != "LoadBalancer")
        return Json(orNone(own));
    const std::string points = ingressPoints(service);
    if (!points.empty() && !own.empty())
        return Json(points + "," + own);
    return Json(orNone(points.empty() ? own : points, "<pending>"));
}

Json clusterIp(const Json& service, std::int64_t) {
    const JsonArray& ips = arrayAt(service, "spec.clusterIPs");
    const std::string_view ip =
        ips.empty() ? stringAt(service, "spec.clusterIP") : asString(ips[0]);
    return Json(orNone(std::string(ip)));
}

Json servicePorts(const Json& service, std::int64_t) {
    std::string text;
    for (const Json& port : arrayAt(service, "spec.ports")) {
        text += (text.empty() ? "" : ",") + std::to_string(intAt(port, "port"));
        if (const std::int64_t node = intAt(port, "nodePort"))
            text += ":" + std::to_string(node);
        text += "/" + std::string(stringAt(port, "protocol"));
    }
    return Json(orNone(text));
}

Json ingressHosts(const Json& ingress, std::int64_t) {
    std::vector<std::string> hosts;
    for (const Json& rule : arrayAt(ingress, "spec.rules"))
        if (const std::string_view host = stringAt(rule, "host"); !host.empty())
            hosts.emplace_back(host);
    return Json(firstThree(hosts, "*"));
}

Json slicePorts(const Json& slice, std::int64_t) {
    std::vector<std::string> ports;
    for (const Json& port : arrayAt(slice, "ports")) {
        const std::string_view called = stringAt(port, "name");
        ports.push_back(find(port, "port") ? std::to_string(intAt(port, "port"))
                                           : orNone(std::string(called), "*"));
    }
    return Json(firstThree(ports, "<unset>"));
}

Json sliceEndpoints(const Json& slice, std::int64_t) {
    std::vector<std::string> addresses;
    for (const Json& endpoint : arrayAt(slice, "endpoints"))
        for (const Json& address : arrayAt(endpoint, "addresses"))
            addresses.emplace_back(asString(address));
    return Json(firstThree(addresses, "<unset>"));
}

Json endpointAddresses(const Json& endpoints, std::int64_t) {
    std::vector<std::string> all;
    for (const Json& subset : arrayAt(endpoints, "subsets")) {
        const JsonArray& ports = arrayAt(subset, "ports");
        const auto add = [&](const Json& address, const std::string& port) {
            const std::string ip(stringAt(address, "ip"));
            const bool six = ip.find(':') != std::string::npos && !port.empty();
            all.push_back((six ? "[" + ip + "]" : ip) + port);
        };
        for (const Json& port : ports)
            for (const Json& address : arrayAt(subset, "addresses"))
                add(address, ":" + std::to_string(intAt(port, "port")));
        if (ports.empty())
            for (const Json& address : arrayAt(subset, "addresses"))
                add(address, "");
    }
    return Json(firstThree(all, "<none>"));
}

Json ingressClassParameters(const Json& object, std::int64_t) {
    const Json* parameters = findPath(object, "spec.parameters");
    if (!parameters)
        return Json("<none>");
    std::string text(stringAt(*parameters, "kind"));
    if (const std::string_view group = stringAt(*parameters, "apiGroup"); !group.empty())
        text += "." + std::string(group);
    return Json(text + "/" + std::string(stringAt(*parameters, "name")));
}

Json parentRef(const Json& object, std::int64_t) {
    const Json* parent = findPath(object, "spec.parentRef");
    if (!parent)
        return Json("<none>");
    std::string text(stringAt(*parent, "resource"));
    for (const std::string_view member : {"group", "namespace"})
        if (const std::string_view value = stringAt(*parent, member); !value.empty())
            text += (member == "group" ? "." : "/") + std::string(value);
    return Json(text + "/" + std::string(stringAt(*parent, "name")));
}
} // namespace

void addNetwork(KindTable& table) {
    table.push_back({"",
                     "Service",
                     {
                         name(),
                         text("Type", "spec.type"),
                         computed("Cluster-IP", "string", clusterIp),
                         computed("External-IP", "string", externalIp),
                         computed("Port(s)", "string", servicePorts),
                         age(),
                         computed(
                             "Selector", "string",
                             [](const Json& service, std::int64_t) {
                                 return Json(labelsText(findPath(service, "spec.selector")));
                             },
                             kWide),
                     }});
    table.push_back(
        {"", "Endpoints", {name(), computed("Endpoints", "string", endpointAddresses), age()}});
    table.push_back(
        {"discovery.k8s.io",
         "EndpointSlice",
         {name(), text("AddressType", "addressType"), computed("Ports", "string", slicePorts),
          computed("Endpoints", "string", sliceEndpoints), age()}});
    table.push_back({"networking.k8s.io",
                     "Ingress",
                     {
                         name(),
                         text("Class", "spec.ingressClassName", "<none>"),
                         computed("Hosts", "string", ingressHosts),
                         computed("Address", "string",
                                  [](const Json& ingress, std::int64_t) {
                                      return Json(ingressPoints(ingress));
                                  }),
                         computed("Ports", "string",
                                  [](const Json& ingress, std::int64_t) {
                                      return Json(arrayAt(ingress, "spec.tls").empty() ? "80"
                                                                                       : "80, 443");
                                  }),
                         age(),
                     }});
    table.push_back({"networking.k8s.io",
                     "IngressClass",
                     {name(), text("Controller", "spec.controller"),
                      computed("Parameters", "string", ingressClassParameters), age()}});
    table.push_back({"networking.k8s.io",
                     "NetworkPolicy",
                     {
                         name(),
                         computed("Pod-Selector", "string",
                                  [](const Json& policy, std::int64_t) {
                                      return Json(
                                          selectorText(findPath(policy, "spec.podSelector")));
                                  }),
                         age(),
                     }});
    // Upstream's rows have an age that its columns do not name: see tableRow().
    table.push_back(
        {"networking.k8s.io", "IPAddress", {name(), computed("ParentRef", "string", parentRef)}});
    table.push_back({"networking.k8s.io",
                     "ServiceCIDR",
                     {
                         name(),
                         computed("CIDRs", "string",
                                  [](const Json& object, std::int64_t) {
                                      return Json(joinText(arrayAt(object, "spec.cidrs"), ""));
                                  }),
                         age(),
                     }});
}

} // namespace orrery::api::columns
