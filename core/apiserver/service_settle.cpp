#include <map>

#include "core/apiserver/service_allocator.h"

namespace orrery::apiserver {

namespace {
std::string_view typeOf(const Json& service) {
    return stringAt(service, "spec.type", "ClusterIP");
}
bool needsClusterIP(const Json& service) {
    return typeOf(service) != "ExternalName";
}
// Whether node ports are kept from version to version; a balancer may do without.
bool keepsNodePorts(const Json& service) {
    const std::string_view type = typeOf(service);
    return type == "NodePort" ||
           (type == "LoadBalancer" && boolAt(service, "spec.allocateLoadBalancerNodePorts", true));
}
bool isExternal(const Json& service) {
    const std::string_view type = typeOf(service);
    return type == "NodePort" || type == "LoadBalancer" ||
           (type == "ClusterIP" && !arrayAt(service, "spec.externalIPs").empty());
}
bool needsHealthCheckPort(const Json& service) {
    return typeOf(service) == "LoadBalancer" &&
           stringAt(service, "spec.externalTrafficPolicy") == "Local";
}
bool same(const Json& a, const Json& b, std::string_view path) {
    const Json *left = findPath(a, path), *right = findPath(b, path);
    return (!left && !right) || (left && right && *left == *right);
}
bool sameList(const Json& a, const Json& b, std::string_view path) {
    return arrayAt(a, path) == arrayAt(b, path);
}

// clusterIP and the first of clusterIPs say the same thing; whoever changes one means both.
void normaliseClusterIPs(Json& service, const Json* old) {
    const std::string address(stringAt(service, "spec.clusterIP"));
    const bool listed = !arrayAt(service, "spec.clusterIPs").empty();
    if (!old) {
        if (!address.empty() && !listed)
            setPath(service, "spec.clusterIPs", JsonArray{Json(address)});
        return;
    }
    const std::string before(stringAt(*old, "spec.clusterIP"));
    if (!listed && address == before && !arrayAt(*old, "spec.clusterIPs").empty())
        setPath(service, "spec.clusterIPs", *findPath(*old, "spec.clusterIPs"));
    if (address == before || !sameList(service, *old, "spec.clusterIPs"))
        return;
    if (address.empty())
        removePath(service, "spec.clusterIPs");
    else
        setPath(service, "spec.clusterIPs", JsonArray{Json(address)});
}

// A port keeps its node port by its name, unless another port asks for that one.
void keepNodePorts(Json& service, const Json& old) {
    Json* ports = find(ensurePath(service, "spec"), "ports");
    if (!ports || !ports->is_array())
        return;
    std::set<std::int64_t> asked, used;
    std::map<std::string_view, std::int64_t> byName;
    for (const Json& port : ports->get_array())
        asked.insert(intAt(port, "nodePort"));
    for (const Json& port : arrayAt(old, "spec.ports")) {
        const std::int64_t number = intAt(port, "nodePort");
        byName[stringAt(port, "name")] = number;
        if (number != 0 && asked.contains(number))
            used.insert(number);
    }
    for (Json& port : ports->get_array()) {
        const auto kept = byName.find(stringAt(port, "name"));
        if (intAt(port, "nodePort") == 0 && kept != byName.end() && kept->second != 0 &&
            !used.contains(kept->second))
            setPath(port, "nodePort", kept->second);
    }
}

// What the stored Service has allocated stays, unless the new one says otherwise.
void keepAllocated(Json& service, const Json& old) {
    if (needsClusterIP(old) && needsClusterIP(service)) {
        const std::string_view before = stringAt(old, "spec.clusterIP");
        if (stringAt(service, "spec.clusterIP").empty() && !before.empty())
            setPath(service, "spec.clusterIP", Json(before));
        if (arrayAt(service, "spec.clusterIPs").empty() && !arrayAt(old, "spec.clusterIPs").empty())
            setPath(service, "spec.clusterIPs", *findPath(old, "spec.clusterIPs"));
    }
    if (keepsNodePorts(old) && keepsNodePorts(service))
        keepNodePorts(service, old);
    if (needsHealthCheckPort(old) && needsHealthCheckPort(service) &&
        intAt(service, "spec.healthCheckNodePort") == 0)
        setPath(service, "spec.healthCheckNodePort", intAt(old, "spec.healthCheckNodePort"));
}

void dropNodePorts(Json& service, const Json& old) {
    Json* ports = find(ensurePath(service, "spec"), "ports");
    if (!ports || !ports->is_array())
        return;
    std::set<std::int64_t> before{0};
    for (const Json& port : arrayAt(old, "spec.ports"))
        before.insert(intAt(port, "nodePort"));
    for (const Json& port : ports->get_array())
        if (!before.contains(intAt(port, "nodePort")))
            return; // asked for explicitly: validation refuses it
    for (Json& port : ports->get_array())
        removePath(port, "nodePort");
}
} // namespace

void settleService(Json& service, const Json* old) {
    if (old)
        keepAllocated(service, *old);
    normaliseClusterIPs(service, old);
}

void dropForType(Json& service, const Json& old) {
    const auto drop = [&](const char* field) {
        if (same(service, old, field))
            removePath(service, field);
    };
    if (needsClusterIP(old) && !needsClusterIP(service)) {
        if (same(service, old, "spec.clusterIP") && sameList(service, old, "spec.clusterIPs")) {
            removePath(service, "spec.clusterIP");
            removePath(service, "spec.clusterIPs");
        }
        drop("spec.ipFamilies");
        drop("spec.ipFamilyPolicy");
    }
    const auto ported = [](const Json& each) {
        return typeOf(each) == "NodePort" || typeOf(each) == "LoadBalancer";
    };
    if (ported(old) && !ported(service))
        dropNodePorts(service, old);
    if (needsHealthCheckPort(old) && !needsHealthCheckPort(service))
        drop("spec.healthCheckNodePort");
    if (typeOf(old) == "LoadBalancer" && typeOf(service) != "LoadBalancer") {
        drop("spec.allocateLoadBalancerNodePorts");
        drop("spec.loadBalancerClass");
    }
    if (isExternal(old) && !isExternal(service))
        drop("spec.externalTrafficPolicy");
    if (typeOf(service) != "LoadBalancer" && findPath(service, "status.loadBalancer"))
        setPath(service, "status.loadBalancer", JsonObject());
}

void finishService(Json& service) {
    if (!needsClusterIP(service))
        removePath(service, "spec.internalTrafficPolicy");
}

} // namespace orrery::apiserver
