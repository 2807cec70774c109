// A container's environment.
#include "core/api/validation/container_parts.h"

namespace orrery::api {

namespace {
bool isSubscripted(std::string_view path) {
    return path.substr(0, 17) == "metadata.labels['" ||
           path.substr(0, 22) == "metadata.annotations['";
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
    const std::string_view field = stringAt(ref, "fieldPath");
    if (stringAt(ref, "apiVersion").empty())
        findings.required(path + ".apiVersion");
    else if (field.empty())
        findings.required(path + ".fieldPath");
    else if (!isSubscripted(field) && !contains(kEnv, field)) {
        static const std::vector<std::string_view> kKnown = {
            "metadata.annotations", "metadata.labels", "spec.restartPolicy", "spec.schedulerName",
            "status.phase"};
        if (contains(kKnown, field))
            findings.notSupported(path + ".fieldPath", Json(field), kEnv);
        else
            findings.invalid(path + ".fieldPath", field,
                             "error converting fieldPath: field label not supported: " +
                                 std::string(field));
    }
}

void checkResourceRef(Findings& findings, const Json& ref, const std::string& path) {
    static const std::vector<std::string_view> kResources = {
        "limits.cpu",   "limits.ephemeral-storage",   "limits.memory",
        "requests.cpu", "requests.ephemeral-storage", "requests.memory"};
    const std::string_view resource = stringAt(ref, "resource");
    if (resource.empty())
        findings.required(path + ".resource");
    else if (!contains(kResources, resource) && resource.substr(0, 17) != "limits.hugepages-" &&
             resource.substr(0, 19) != "requests.hugepages-")
        findings.notSupported(path + ".resource", Json(resource), kResources);
}

void checkKeyRef(Findings& findings, const Json& ref, const std::string& path) {
    if (stringAt(ref, "name").empty())
        findings.required(path + ".name");
    const std::string_view key = stringAt(ref, "key");
    if (key.empty())
        findings.required(path + ".key");
    else
        findings.each(path + ".key", key, checkConfigMapKey(key));
}

void checkValueFrom(Findings& findings, const Json& env, const std::string& path) {
    const Json* from = find(env, "valueFrom");
    if (!from)
        return;
    int sources = 0;
    const auto source = [&](std::string_view member,
                            void (*check)(Findings&, const Json&, const std::string&)) {
        if (const Json* ref = find(*from, member)) {
            ++sources;
            check(findings, *ref, path + "." + std::string(member));
        }
    };
    source("fieldRef", checkFieldRef);
    source("resourceFieldRef", checkResourceRef);
    source("configMapKeyRef", checkKeyRef);
    source("secretKeyRef", checkKeyRef);
    source("fileKeyRef", [](Findings&, const Json&, const std::string&) {});
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
} // namespace

void checkEnv(Findings& findings, const Json& container, const std::string& path) {
    const JsonArray& env = arrayAt(container, "env");
    for (std::size_t i = 0; i < env.size(); ++i) {
        const std::string where = at(path + ".env", i);
        const std::string_view name = stringAt(env[i], "name");
        if (name.empty())
            findings.required(where + ".name");
        else
            findings.each(where + ".name", name, checkEnvVarName(name));
        checkValueFrom(findings, env[i], where + ".valueFrom");
    }
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
                if (stringAt(*ref, "name").empty())
                    findings.required(where + "." + std::string(member) + ".name");
            }
        if (sources == 0)
            findings.invalid(path + ".envFrom", "",
                             "must specify one of: `configMapRef` or `secretRef`");
        else if (sources > 1)
            findings.invalid(path + ".envFrom", "",
                             "may not have more than one field specified at a time");
    }
}

} // namespace orrery::api
