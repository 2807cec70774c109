// A container's environment.
#include "core/api/validation/container_parts.h"
#include "core/base/quantity.h"

namespace orrery::api {

namespace {
std::string lowered(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
}

// "metadata.labels['key']" split; nothing when it is no subscript.
bool splitSubscript(std::string_view field, std::string_view& base, std::string_view& key) {
    const std::size_t open = field.find("['");
    if (open == std::string_view::npos || !field.ends_with("']") || open + 4 > field.size())
        return false;
    base = field.substr(0, open);
    key = field.substr(open + 2, field.size() - open - 4);
    return true;
}

// What the downward API knows, in whatever place.
const std::vector<std::string_view> kKnownFields = {
    "metadata.annotations", "metadata.labels", "metadata.name",      "metadata.namespace",
    "metadata.uid",         "spec.nodeName",   "spec.restartPolicy", "spec.serviceAccountName",
    "spec.schedulerName",   "status.phase",    "status.hostIP",      "status.hostIPs",
    "status.podIP",         "status.podIPs",   "spec.hostNetwork",   "status.nominatedNodeName"};

void checkDivisor(Findings& findings, const Json& ref, std::string_view resource,
                  const std::string& path) {
    static const std::vector<std::string_view> kCpu = {"1m", "1"};
    static const std::vector<std::string_view> kBytes = {
        "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"};
    const std::string_view divisor = stringAt(ref, "divisor", "0");
    if (divisor == "0" || divisor.empty())
        return;
    std::string_view name = resource.substr(resource.find('.') + 1);
    const bool cpu = name == "cpu";
    if (contains(cpu ? kCpu : kBytes, divisor))
        return;
    if (name == "ephemeral-storage")
        name = "local ephemeral storage";
    else if (name.starts_with("hugepages-"))
        name = "hugepages";
    std::string all;
    for (const std::string_view each : kBytes)
        all += (all.empty() ? "" : ", ") + std::string(each);
    findings.invalid(path + ".divisor", resource,
                     "only divisor's values " + (cpu ? "1m and 1" : all) +
                         " are supported with the " + std::string(name) + " resource");
}

void checkFieldRef(Findings& findings, const Json& ref, const std::string& path) {
    static const std::vector<std::string_view> kEnv = {"metadata.name",
                                                       "metadata.namespace",
                                                       "metadata.uid",
                                                       "spec.nodeName",
                                                       "spec.serviceAccountName",
                                                       "status.hostIP",
                                                       "status.hostIPs",
                                                       "status.podIP",
                                                       "status.podIPs"};
    checkFieldPath(findings, ref, path, kEnv);
}

// A ConfigMap's or Secret's key.
void checkKeyRef(Findings& findings, const Json& ref, const std::string& path) {
    const std::string_view name = stringAt(ref, "name"), key = stringAt(ref, "key");
    findings.each(path + ".name", name, checkDns1123Subdomain(name));
    if (key.empty())
        findings.required(path + ".key");
    else
        findings.each(path + ".key", key, checkConfigMapKey(key));
}

void checkFileRef(Findings& findings, const Json& ref, const std::string& path,
                  const PodScope& scope) {
    const std::string_view key = stringAt(ref, "key"), volume = stringAt(ref, "volumeName"),
                           file = stringAt(ref, "path");
    if (key.empty())
        findings.required(path + ".key");
    else
        findings.each(path + ".key", key, checkEnvVarName(key));
    if (volume.empty())
        findings.required(path + ".volumeName");
    if (file.empty())
        findings.required(path + ".path");
    else
        checkBackstep(findings, file, path + ".path");
    const JsonArray& volumes = arrayAt(scope.spec, "volumes");
    const auto found = std::find_if(volumes.begin(), volumes.end(), [&](const Json& each) {
        return stringAt(each, "name") == volume;
    });
    if (found == volumes.end() || contains(scope.badVolumes, volume))
        findings.notFound(path + ".volumeName", volume);
    else if (!find(*found, "emptyDir"))
        findings.invalid(path + ".volumeName", volume,
                         "referenced volume must be of type emptyDir");
}

void checkValueFrom(Findings& findings, const Json& env, const std::string& path,
                    const PodScope& scope) {
    const Json* from = find(env, "valueFrom");
    if (!from)
        return;
    int sources = 0;
    const auto source = [&](std::string_view member) -> const Json* {
        const Json* ref = find(*from, member);
        sources += ref != nullptr;
        return ref;
    };
    if (const Json* ref = source("fieldRef"))
        checkFieldRef(findings, *ref, path + ".fieldRef");
    if (const Json* ref = source("resourceFieldRef"))
        checkResourceRef(findings, *ref, path + ".resourceFieldRef", false);
    for (const char* member : {"configMapKeyRef", "secretKeyRef"})
        if (const Json* ref = source(member))
            checkKeyRef(findings, *ref, path + "." + member);
    if (const Json* ref = source("fileKeyRef"))
        checkFileRef(findings, *ref, path + ".fileKeyRef", scope);
    if (sources == 0)
        findings.invalid(path, "",
                         "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, "
                         "`secretKeyRef` or "
                         "`fileKeyRef`");
    else if (!stringAt(env, "value").empty())
        findings.invalid(path, "", "may not be specified when `value` is not empty");
    else if (sources > 1)
        findings.invalid(path, "", "may not have more than one field specified at a time");
}

void checkEnvFrom(Findings& findings, const Json& container, const std::string& path) {
    const JsonArray& from = arrayAt(container, "envFrom");
    for (std::size_t i = 0; i < from.size(); ++i) {
        const std::string where = at(path + ".envFrom", i);
        const std::string_view prefix = stringAt(from[i], "prefix");
        if (!prefix.empty())
            findings.each(where + ".prefix", prefix, checkEnvVarName(prefix));
        int sources = 0;
        for (const std::string_view member : {"configMapRef", "secretRef"})
            if (const Json* ref = find(from[i], member)) {
                ++sources;
                const std::string_view name = stringAt(*ref, "name");
                const std::string field = where + "." + std::string(member) + ".name";
                if (name.empty())
                    findings.required(field);
                else
                    findings.each(field, name, checkDns1123Subdomain(name));
            }
        if (sources == 0)
            findings.invalid(path + ".envFrom", "",
                             "must specify one of: `configMapRef` or `secretRef`");
        else if (sources > 1)
            findings.invalid(path + ".envFrom", "",
                             "may not have more than one field specified at a time");
    }
}
} // namespace

bool checkSubscript(Findings& findings, std::string_view field, const std::string& path) {
    std::string_view base, key;
    if (!splitSubscript(field, base, key))
        return false;
    if (base == "metadata.annotations") {
        const std::string low = lowered(key);
        findings.each(path, low, checkQualifiedName(low));
    } else if (base == "metadata.labels") {
        findings.each(path, key, checkQualifiedName(key));
    } else {
        return false;
    }
    return true;
}

void checkFieldPath(Findings& findings, const Json& ref, const std::string& path,
                    const std::vector<std::string_view>& allowed) {
    const std::string_view version = stringAt(ref, "apiVersion"),
                           field = stringAt(ref, "fieldPath");
    const auto refuse = [&](const std::string& why) {
        findings.invalid(path + ".fieldPath", field, "error converting fieldPath: " + why);
    };
    if (version.empty())
        return findings.required(path + ".apiVersion");
    if (field.empty())
        return findings.required(path + ".fieldPath");
    if (version != "v1")
        return refuse("unsupported pod version: " + std::string(version));
    if (checkSubscript(findings, field, path))
        return;
    std::string_view base, key;
    if (splitSubscript(field, base, key))
        return refuse("field label does not support subscript: " + std::string(field));
    if (!contains(kKnownFields, field))
        return refuse("field label not supported: " + std::string(field));
    if (!contains(allowed, field))
        findings.notSupported(path + ".fieldPath", Json(field), allowed);
}

void checkResourceRef(Findings& findings, const Json& ref, const std::string& path, bool volume) {
    static const std::vector<std::string_view> kResources = {
        "limits.cpu",   "limits.ephemeral-storage",   "limits.memory",
        "requests.cpu", "requests.ephemeral-storage", "requests.memory"};
    const std::string_view resource = stringAt(ref, "resource");
    if (volume && stringAt(ref, "containerName").empty())
        return findings.required(path + ".containerName");
    if (resource.empty())
        return findings.required(path + ".resource");
    if (!contains(kResources, resource) && !resource.starts_with("limits.hugepages-") &&
        !resource.starts_with("requests.hugepages-"))
        findings.notSupported(path + ".resource", Json(resource), kResources);
    else
        checkDivisor(findings, ref, resource, path);
}

void checkEnv(Findings& findings, const Json& container, const std::string& path,
              const PodScope& scope) {
    const JsonArray& env = arrayAt(container, "env");
    for (std::size_t i = 0; i < env.size(); ++i) {
        const std::string where = at(path + ".env", i);
        const std::string_view name = stringAt(env[i], "name");
        if (name.empty())
            findings.required(where + ".name");
        else
            findings.each(where + ".name", name, checkEnvVarName(name));
        checkValueFrom(findings, env[i], where + ".valueFrom", scope);
    }
    checkEnvFrom(findings, container, path);
}

} // namespace orrery::api
