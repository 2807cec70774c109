// What a pod's operating system and its user namespace leave no room for.
#include "core/api/validation/container_parts.h"

namespace orrery::api {

namespace {
constexpr const char* kLists[] = {"initContainers", "containers", "ephemeralContainers"};

template <typename Step>
void eachContainer(const Json& spec, const std::string& path, const Step& step) {
    for (const char* list : kLists) {
        const JsonArray& containers = arrayAt(spec, list);
        for (std::size_t i = 0; i < containers.size(); ++i)
            step(containers[i], at(path + "." + list, i));
    }
}

void forbidMembers(Findings& findings, const Json* holder, const std::string& path,
                   std::initializer_list<std::string_view> members, std::string_view why) {
    for (const std::string_view member : members)
        if (const Json* value = holder ? find(*holder, member) : nullptr;
            value && !(value->is_bool() && member.starts_with("host") && !value->get_bool()))
            findings.forbidden(path + "." + std::string(member), why);
}

constexpr std::string_view kNoWindows = "windows options cannot be set for a linux pod";
constexpr std::string_view kNotOnWindows = "cannot be set for a windows pod";

void checkLinux(Findings& findings, const Json& spec, const std::string& path) {
    forbidMembers(findings, find(spec, "securityContext"), path + ".securityContext",
                  {"windowsOptions"}, kNoWindows);
    eachContainer(spec, path, [&](const Json& container, const std::string& where) {
        forbidMembers(findings, find(container, "securityContext"), where + ".securityContext",
                      {"windowsOptions"}, kNoWindows);
    });
}

void checkWindows(Findings& findings, const Json& spec, const std::string& path) {
    const Json* context = find(spec, "securityContext");
    const std::string where = path + ".securityContext";
    const auto inContext = [&](std::initializer_list<std::string_view> members) {
        forbidMembers(findings, context, where, members, kNotOnWindows);
    };
    inContext({"appArmorProfile", "seLinuxOptions"});
    if (find(spec, "hostUsers"))
        findings.forbidden(path + ".hostUsers", kNotOnWindows);
    forbidMembers(findings, &spec, path, {"hostPID", "hostIPC"}, kNotOnWindows);
    inContext({"seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls"});
    forbidMembers(findings, &spec, path, {"shareProcessNamespace"}, kNotOnWindows);
    inContext({"runAsUser", "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy"});
    eachContainer(spec, path, [&](const Json& container, const std::string& own) {
        forbidMembers(findings, find(container, "securityContext"), own + ".securityContext",
                      {"appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities",
                       "readOnlyRootFilesystem", "privileged", "allowPrivilegeEscalation",
                       "procMount", "runAsUser", "runAsGroup"},
                      kNotOnWindows);
    });
}

bool isSet(const Json& holder) {
    return findPath(holder, "securityContext.windowsOptions.hostProcess") != nullptr;
}

bool isHostProcess(const Json& holder) {
    return boolAt(holder, "securityContext.windowsOptions.hostProcess");
}
} // namespace

void checkOperatingSystem(Findings& findings, const Json& spec, const std::string& path) {
    const Json* os = find(spec, "os");
    if (!os)
        return;
    const std::string_view name = stringAt(*os, "name");
    if (name.empty())
        findings.required(path + ".os.name");
    else if (name == "linux")
        checkLinux(findings, spec, path);
    else if (name == "windows")
        checkWindows(findings, spec, path);
    else
        findings.notSupported(path + ".os", Json(name), {"linux", "windows"});
}

void checkHostProcess(Findings& findings, const Json& spec, const std::string& path) {
    int total = 0, hostProcess = 0;
    eachContainer(spec, path, [&](const Json& container, const std::string& where) {
        ++total;
        const bool own = isHostProcess(container), of = isHostProcess(spec);
        if (isSet(spec) && isSet(container) && own != of)
            findings.invalid(where + ".securityContext.windowsOptions.hostProcess", Json(own),
                             std::string("pod hostProcess value must be identical if both are "
                                         "specified, was ") +
                                 (of ? "true" : "false"));
        hostProcess += isSet(container) ? own : of;
    });
    if (hostProcess == 0)
        return;
    if (hostProcess != total)
        findings.invalid(path, "",
                         "If pod contains any hostProcess containers then all containers must be "
                         "HostProcess containers");
    if (!boolAt(spec, "hostNetwork"))
        findings.invalid(path + ".hostNetwork", Json(false),
                         "hostNetwork must be true if pod contains any hostProcess containers");
}

void checkHostUsers(Findings& findings, const Json& spec, const std::string& path) {
    constexpr std::string_view kWhy = "when `hostUsers` is false";
    if (boolAt(spec, "hostUsers", true))
        return;
    if (boolAt(spec, "hostNetwork"))
        findings.forbidden(path + ".hostNetwork", kWhy);
    if (boolAt(spec, "hostPID")) // upstream's own letters
        findings.forbidden(path + ".HostPID", kWhy);
    if (boolAt(spec, "hostIPC"))
        findings.forbidden(path + ".HostIPC", kWhy);
    eachContainer(spec, path, [&](const Json& container, const std::string& where) {
        if (!arrayAt(container, "volumeDevices").empty())
            findings.forbidden(where + ".volumeDevices", kWhy);
    });
}

} // namespace orrery::api
