// Defaults of the core group's other kinds.
#include "core/api/defaults/kind_defaults.h"
#include "core/api/defaults/set.h"
#include "core/base/base64.h"

namespace orrery::api {

namespace {
bool isZeroPort(const Json* port) {
    return !port || (port->is_int64() && port->get_int64() == 0) ||
           (port->is_string() && port->get_string().empty());
}

void defaultServicePort(JsonObject& port) {
    setDefault(port, "protocol", "TCP");
    if (isZeroPort(port.if_contains("targetPort")))
        if (const Json* number = port.if_contains("port"))
            port["targetPort"] = Json(*number);
}
} // namespace

void defaultService(Json& object) {
    JsonObject* spec = objectIn(object, "spec");
    if (!spec)
        return;
    setDefault(*spec, "sessionAffinity", "None");
    if (textIn(*spec, "sessionAffinity") == "None")
        spec->erase("sessionAffinityConfig");
    else if (textIn(*spec, "sessionAffinity") == "ClientIP")
        setDefault(ensureObject(ensureObject(*spec, "sessionAffinityConfig"), "clientIP"),
                   "timeoutSeconds", 10800);
    setDefault(*spec, "type", "ClusterIP");
    eachIn(*spec, "ports", defaultServicePort);
    const std::string type(textIn(*spec, "type"));
    const bool outside = type == "NodePort" || type == "LoadBalancer" ||
                         (type == "ClusterIP" && spec->contains("externalIPs"));
    if (outside)
        setDefault(*spec, "externalTrafficPolicy", "Cluster");
    if (type == "ClusterIP" || type == "NodePort" || type == "LoadBalancer")
        setDefault(*spec, "internalTrafficPolicy", "Cluster");
    if (type != "LoadBalancer")
        return;
    setDefault(*spec, "allocateLoadBalancerNodePorts", true);
    JsonObject* status = objectIn(object, "status");
    if (JsonObject* balancer = status ? objectIn(*status, "loadBalancer") : nullptr)
        eachIn(*balancer, "ingress", [](JsonObject& ingress) {
            if (!textIn(ingress, "ip").empty())
                setDefault(ingress, "ipMode", "VIP");
        });
}

void defaultEndpoints(Json& object) {
    eachIn(object.get_object(), "subsets", [](JsonObject& subset) {
        eachIn(subset, "ports", [](JsonObject& port) { setDefault(port, "protocol", "TCP"); });
    });
}

void defaultNamespace(Json& object) {
    const std::string name(stringAt(object, "metadata.name"));
    if (!name.empty()) {
        JsonObject& metadata = ensureObject(object.get_object(), "metadata");
        ensureObject(metadata, "labels")["kubernetes.io/metadata.name"] = name;
    }
    setDefault(ensureObject(object.get_object(), "status"), "phase", "Active");
}

void defaultNode(Json& object) {
    if (JsonObject* spec = objectIn(object, "spec")) {
        // podCIDR is the old name of the first of podCIDRs.
        const std::string first(textIn(*spec, "podCIDR"));
        const JsonArray& all = arrayAt(object, "spec.podCIDRs");
        if (!first.empty() && all.empty())
            (*spec)["podCIDRs"] = JsonArray{Json(first)};
        else if (first.empty() && !all.empty())
            (*spec)["podCIDR"] = Json(all.front());
    }
    JsonObject* status = objectIn(object, "status");
    if (const Json* capacity = status ? status->if_contains("capacity") : nullptr)
        setDefault(*status, "allocatable", Json(*capacity));
}

void defaultSecret(Json& object) {
    JsonObject& secret = object.get_object();
    setDefault(secret, "type", "Opaque");
    // What is written as text is kept as bytes.
    Json* texts = secret.if_contains("stringData");
    if (!texts)
        return;
    const Json copy = *texts;
    secret.erase("stringData");
    JsonObject& data = ensureObject(secret, "data");
    for (const auto& [key, text] : copy.get_object())
        data[key] = base64(asString(text));
}

void defaultLimitRange(Json& object) {
    JsonObject* spec = objectIn(object, "spec");
    if (!spec)
        return;
    // For containers a missing default is the maximum; a missing default request the default, then
    // the minimum.
    const auto fill = [](JsonObject& item, const char* to, const char* from) {
        JsonObject* source = objectIn(item, from);
        if (!source || source->empty())
            return;
        const JsonObject copy = *source;
        JsonObject& target = ensureObject(item, to);
        for (const auto& [name, amount] : copy)
            setDefault(target, name, amount);
    };
    eachIn(*spec, "limits", [&fill](JsonObject& item) {
        if (textIn(item, "type") != "Container")
            return;
        fill(item, "default", "max");
        fill(item, "defaultRequest", "default");
        fill(item, "defaultRequest", "min");
    });
}

namespace {
void defaultVolumeSource(JsonObject& spec) {
    if (JsonObject* iscsi = objectIn(spec, "iscsi"))
        setDefault(*iscsi, "iscsiInterface", "default");
    if (JsonObject* rbd = objectIn(spec, "rbd")) {
        setDefault(*rbd, "pool", "rbd");
        setDefault(*rbd, "user", "admin");
        setDefault(*rbd, "keyring", "/etc/ceph/keyring");
    }
    if (JsonObject* disk = objectIn(spec, "azureDisk")) {
        setDefault(*disk, "cachingMode", "ReadWrite");
        setDefault(*disk, "kind", "Shared");
        setDefault(*disk, "fsType", "ext4");
        setDefault(*disk, "readOnly", false);
    }
    if (JsonObject* scale = objectIn(spec, "scaleIO")) {
        setDefault(*scale, "storageMode", "ThinProvisioned");
        setDefault(*scale, "fsType", "xfs");
    }
}
} // namespace

void defaultPersistentVolume(Json& object) {
    JsonObject* spec = objectIn(object, "spec");
    if (spec) {
        setDefault(*spec, "persistentVolumeReclaimPolicy", "Retain");
        setDefault(*spec, "volumeMode", "Filesystem");
        if (JsonObject* host = objectIn(*spec, "hostPath"))
            setDefault(*host, "type", "");
        defaultVolumeSource(*spec);
    }
    setDefault(ensureObject(object.get_object(), "status"), "phase", "Pending");
}

void defaultClaimSpec(JsonObject& spec) {
    setDefault(spec, "volumeMode", "Filesystem");
}

void defaultPersistentVolumeClaim(Json& object) {
    if (JsonObject* spec = objectIn(object, "spec"))
        defaultClaimSpec(*spec);
    setDefault(ensureObject(object.get_object(), "status"), "phase", "Pending");
}

} // namespace orrery::api
