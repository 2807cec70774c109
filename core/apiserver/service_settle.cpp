#include "core/apiserver/service_allocator.h"

namespace orrery::apiserver {

namespace {
std::string_view typeOf(const Json& service) {
    return stringAt(service, "spec.type", "ClusterIP");
}
bool needsClusterIP(const Json& service) {
    return typeOf(service) != "ExternalName";
}
bool needsNodePort(const Json& service) {
    const std::string_view type = typeOf(service);
    return type == "NodePort" ||
           (type == "LoadBalancer" && boolAt(service, "spec.allocateLoadBalancerNodePorts", true));
}
bool isExternal(const Json& service) {
    return typeOf(service) == "NodePort" || typeOf(service) == "LoadBalancer";
}
bool needsHealthCheckPort(const Json& service) {
    return typeOf(service) == "LoadBalancer" &&
           stringAt(service, "spec.externalTrafficPolicy") == "Local";
}
bool same(const Json& a, const Json& b, std::string_view path) {
    const Json *left = findPath(a, path), *right = findPath(b, path);
    return (!left && !right) || (left && right && *left == *right);
}
bool isSet(const Json& service, std::string_view path) {
    const Json* value = findPath(service, path);
    return value && !value->is_null() && !(value->is_string() && value->get_string().empty()) &&
           !(value->is_array() && value->get_array().empty());
}

std::pair<std::string, std::int64_t> portId(const Json& port) {
    return {std::string(stringAt(port, "protocol", "TCP")), intAt(port, "port")};
}

// clusterIP and the first of clusterIPs say the same thing; whoever changes one means both.
void normaliseClusterIPs(Json& service, const Json* old) {
    const std::string address(stringAt(service, "spec.clusterIP"));
    const bool listed = isSet(service, "spec.clusterIPs");
    if (!old) {
        if (!address.empty() && !listed)
            setPath(service, "spec.clusterIPs", JsonArray{Json(address)});
        return;
    }
    const bool addressChanged = address != stringAt(*old, "spec.clusterIP");
    const bool listChanged =
        !same(service, *old, "spec.clusterIPs") && (listed || isSet(*old, "spec.clusterIPs"));
    if (addressChanged && !listChanged) {
        if (address.empty())
            removePath(service, "spec.clusterIPs");
        else
            setPath(service, "spec.clusterIPs", JsonArray{Json(address)});
    } else if (!addressChanged && listChanged && !listed) {
        removePath(service, "spec.clusterIP");
    } else if (addressChanged && !listed && !address.empty()) {
        setPath(service, "spec.clusterIPs", JsonArray{Json(address)});
    }
}

// What the stored Service has allocated stays, unless the new one says otherwise.
void keepAllocated(Json& service, const Json& old) {
    if (needsClusterIP(old) && needsClusterIP(service)) {
        if (!isSet(service, "spec.clusterIP") && isSet(old, "spec.clusterIP"))
            setPath(service, "spec.clusterIP", *findPath(old, "spec.clusterIP"));
        if (!isSet(service, "spec.clusterIPs") && isSet(old, "spec.clusterIPs") &&
            same(service, old, "spec.clusterIP"))
            setPath(service, "spec.clusterIPs", *findPath(old, "spec.clusterIPs"));
    }
    Json* ports = find(ensurePath(service, "spec"), "ports");
    if (needsNodePort(old) && needsNodePort(service) && ports && ports->is_array())
        for (Json& port : ports->get_array())
            for (const Json& before : arrayAt(old, "spec.ports"))
                if (portId(port) == portId(before) && intAt(port, "nodePort") == 0 &&
                    intAt(before, "nodePort") != 0)
                    setPath(port, "nodePort", intAt(before, "nodePort"));
    if (needsHealthCheckPort(old) && needsHealthCheckPort(service) &&
        intAt(service, "spec.healthCheckNodePort") == 0 &&
        intAt(old, "spec.healthCheckNodePort") != 0)
        setPath(service, "spec.healthCheckNodePort", intAt(old, "spec.healthCheckNodePort"));
}

void dropNodePorts(Json& service, const Json& old) {
    Json* ports = find(ensurePath(service, "spec"), "ports");
    if (!ports || !ports->is_array())
        return;
    std::vector<std::int64_t> before;
    for (const Json& port : arrayAt(old, "spec.ports"))
        before.push_back(intAt(port, "nodePort"));
    for (const Json& port : ports->get_array())
        if (std::find(before.begin(), before.end(), intAt(port, "nodePort")) == before.end())
            return; // asked for explicitly: validation refuses it
    for (Json& port : ports->get_array())
        removePath(port, "nodePort");
}

// Fields that only the old type had go with it, when nobody asked for another value.
void dropForType(Json& service, const Json& old) {
    if (needsClusterIP(old) && !needsClusterIP(service) &&
        (same(service, old, "spec.clusterIPs") || !isSet(service, "spec.clusterIPs")))
        for (const char* field : {"spec.clusterIP", "spec.clusterIPs", "spec.ipFamilies",
                                  "spec.ipFamilyPolicy", "spec.internalTrafficPolicy"})
            removePath(service, field);
    if (needsNodePort(old) && !needsNodePort(service))
        dropNodePorts(service, old);
    const auto drop = [&](const char* field) {
        if (same(service, old, field))
            removePath(service, field);
    };
    if (needsHealthCheckPort(old) && !needsHealthCheckPort(service))
        drop("spec.healthCheckNodePort");
    if (typeOf(old) == "LoadBalancer" && typeOf(service) != "LoadBalancer") {
        drop("spec.allocateLoadBalancerNodePorts");
        drop("spec.loadBalancerClass");
        removePath(service, "status.loadBalancer.ingress");
    }
    if (isExternal(old) && !isExternal(service))
        drop("spec.externalTrafficPolicy");
}
} // namespace

void settleService(Json& service, const Json* old) {
    normaliseClusterIPs(service, old);
    if (!old)
        return;
    keepAllocated(service, *old);
    dropForType(service, *old);
}

} // namespace orrery::apiserver
