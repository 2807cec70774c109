// Defaults of a pod's spec, alone and in templates.
#include <algorithm>

#include "core/api/defaults/kind_defaults.h"
#include "core/api/defaults/set.h"

namespace orrery::api {

namespace {
// Whether a text can name an image at all.
bool isReference(std::string_view image) {
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("./:_@-").find(c) != std::string_view::npos;
    };
    return !image.empty() && std::all_of(image.begin(), image.end(), good);
}

// "latest" or no tag and no digest: pulled every time.
std::string_view pullPolicyOf(std::string_view image) {
    if (!isReference(image)) // no tag can be read from it
        return "IfNotPresent";
    const std::size_t digest = image.find('@');
    std::string_view name = image.substr(0, digest);
    const std::size_t slash = name.rfind('/');
    name = name.substr(slash == std::string_view::npos ? 0 : slash + 1);
    const std::size_t colon = name.find(':');
    if (colon == std::string_view::npos)
        return digest == std::string_view::npos ? "Always" : "IfNotPresent";
    return name.substr(colon + 1) == "latest" ? "Always" : "IfNotPresent";
}

void defaultHttpGet(JsonObject& http) {
    setDefault(http, "path", "/");
    setDefault(http, "scheme", "HTTP");
}

void defaultProbe(JsonObject* probe) {
    if (!probe)
        return;
    if (JsonObject* http = objectIn(*probe, "httpGet"))
        defaultHttpGet(*http);
    if (JsonObject* grpc = objectIn(*probe, "grpc"))
        setDefault(*grpc, "service", "");
    setDefault(*probe, "timeoutSeconds", 1);
    setDefault(*probe, "periodSeconds", 10);
    setDefault(*probe, "successThreshold", 1);
    setDefault(*probe, "failureThreshold", 3);
}

void defaultFieldRef(JsonObject& holder) {
    if (JsonObject* ref = objectIn(holder, "fieldRef"))
        setDefault(*ref, "apiVersion", "v1");
}

void defaultContainer(JsonObject& container) {
    setDefault(container, "terminationMessagePath", "/dev/termination-log");
    setDefault(container, "terminationMessagePolicy", "File");
    setDefault(container, "imagePullPolicy", Json(pullPolicyOf(textIn(container, "image"))));
    eachIn(container, "ports", [](JsonObject& port) { setDefault(port, "protocol", "TCP"); });
    eachIn(container, "env", [](JsonObject& variable) {
        if (JsonObject* from = objectIn(variable, "valueFrom")) {
            defaultFieldRef(*from);
            if (JsonObject* file = objectIn(*from, "fileKeyRef"))
                setDefault(*file, "optional", false);
        }
    });
    for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"})
        defaultProbe(objectIn(container, probe));
    if (JsonObject* lifecycle = objectIn(container, "lifecycle")) {
        // Fields of features that are off by default are dropped, here and below.
        if (lifecycle->erase("stopSignal") != 0 && lifecycle->empty())
            container.erase("lifecycle");
    }
    if (JsonObject* lifecycle = objectIn(container, "lifecycle"))
        for (const char* hook : {"postStart", "preStop"})
            if (JsonObject* handler = objectIn(*lifecycle, hook))
                if (JsonObject* http = objectIn(*handler, "httpGet"))
                    defaultHttpGet(*http);
}

void defaultDownwardItems(JsonObject& source) {
    eachIn(source, "items", defaultFieldRef);
}

void defaultProjection(JsonObject& source) {
    source.erase("clusterTrustBundle");
    source.erase("podCertificate");
    if (JsonObject* token = objectIn(source, "serviceAccountToken"))
        setDefault(*token, "expirationSeconds", 3600);
    if (JsonObject* downward = objectIn(source, "downwardAPI"))
        defaultDownwardItems(*downward);
}

// Sources whose only defaults are constants.
void defaultPlainSources(JsonObject& volume) {
    struct Constant {
        const char *source, *field;
        Json value;
    };
    static const Constant kConstants[] = {
        {"secret", "defaultMode", 420},
        {"configMap", "defaultMode", 420},
        {"downwardAPI", "defaultMode", 420},
        {"projected", "defaultMode", 420},
        {"hostPath", "type", ""},
        {"iscsi", "iscsiInterface", "default"},
        {"rbd", "pool", "rbd"},
        {"rbd", "user", "admin"},
        {"rbd", "keyring", "/etc/ceph/keyring"},
        {"azureDisk", "cachingMode", "ReadWrite"},
        {"azureDisk", "kind", "Shared"},
        {"azureDisk", "fsType", "ext4"},
        {"azureDisk", "readOnly", false},
        {"scaleIO", "storageMode", "ThinProvisioned"},
        {"scaleIO", "fsType", "xfs"},
    };
    for (const Constant& each : kConstants)
        if (JsonObject* source = objectIn(volume, each.source))
            setDefault(*source, each.field, each.value);
}

void defaultVolume(JsonObject& volume) {
    if (volume.size() == 1 && volume.contains("name"))
        volume["emptyDir"] = JsonObject();
    defaultPlainSources(volume);
    if (JsonObject* downward = objectIn(volume, "downwardAPI"))
        defaultDownwardItems(*downward);
    if (JsonObject* projected = objectIn(volume, "projected"))
        eachIn(*projected, "sources", defaultProjection);
    if (JsonObject* image = objectIn(volume, "image"))
        setDefault(*image, "pullPolicy", Json(pullPolicyOf(textIn(*image, "reference"))));
    if (JsonObject* ephemeral = objectIn(volume, "ephemeral"))
        if (JsonObject* claim = objectIn(*ephemeral, "volumeClaimTemplate"))
            if (JsonObject* spec = objectIn(*claim, "spec"))
                defaultClaimSpec(*spec);
}

// A limit without a request requests the limit.
void defaultRequests(JsonObject& container) {
    JsonObject* resources = objectIn(container, "resources");
    JsonObject* limits = resources ? objectIn(*resources, "limits") : nullptr;
    if (!limits)
        return;
    const JsonObject copy = *limits;
    JsonObject& requests = ensureObject(*resources, "requests");
    for (const auto& [name, amount] : copy)
        setDefault(requests, name, amount);
}

void defaultHostPorts(JsonObject& container) {
    eachIn(container, "ports", [](JsonObject& port) {
        if (const Json* inside = port.if_contains("containerPort"))
            setDefault(port, "hostPort", Json(*inside));
    });
}
} // namespace

void defaultPodIps(Json& pod) {
    JsonObject* status = objectIn(pod, "status");
    if (!status)
        return;
    const std::string first(textIn(*status, "podIP"));
    const Json* list = status->if_contains("podIPs");
    const JsonArray* ips = list ? list->if_array() : nullptr;
    const std::string_view listed =
        ips && !ips->empty() ? stringAt(ips->front(), "ip") : std::string_view();
    if (first.empty() && !listed.empty())
        (*status)["podIP"] = std::string(listed);
    else if (!first.empty() && listed != first)
        (*status)["podIPs"] = JsonArray{JsonObject{{"ip", first}}};
}

void mirrorServiceAccount(JsonObject& spec) {
    const std::string name(textIn(spec, "serviceAccountName"));
    if (!name.empty())
        spec["serviceAccount"] = name;
    else if (const std::string old(textIn(spec, "serviceAccount")); !old.empty())
        spec["serviceAccountName"] = old;
}

void defaultPodSpec(JsonObject& spec) {
    for (const char* list : {"containers", "initContainers", "ephemeralContainers"})
        eachIn(spec, list, defaultContainer);
    eachIn(spec, "volumes", defaultVolume);
    setDefault(spec, "restartPolicy", "Always");
    setDefault(spec, "terminationGracePeriodSeconds", 30);
    setDefault(spec, "dnsPolicy", "ClusterFirst");
    setDefault(spec, "securityContext", JsonObject());
    setDefault(spec, "schedulerName", "default-scheduler");
    spec.erase("schedulingGroup");
    mirrorServiceAccount(spec);
}

void defaultPod(Json& object) {
    JsonObject* spec = objectIn(object, "spec");
    if (!spec)
        return;
    defaultPodSpec(*spec);
    setDefault(*spec, "enableServiceLinks", true);
    const Json* hostNetwork = spec->if_contains("hostNetwork");
    const bool onHost = hostNetwork && hostNetwork->is_bool() && hostNetwork->get_bool();
    for (const char* list : {"containers", "initContainers"})
        eachIn(*spec, list, [onHost](JsonObject& container) {
            defaultRequests(container);
            if (onHost)
                defaultHostPorts(container);
        });
    defaultPodRequests(*spec);
    defaultPodIps(object);
}

} // namespace orrery::api
