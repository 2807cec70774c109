// Containers as a whole, and their ports.
#include "core/api/validation/container_parts.h"

namespace orrery::api {

namespace {

void checkPorts(Findings& findings, const Json& container, const std::string& path,
                PodScope& scope) {
    const JsonArray& ports = arrayAt(container, "ports");
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const Json& port = ports[i];
        const std::string where = at(path, i);
        const std::string_view name = stringAt(port, "name");
        if (!name.empty()) {
            const Sentences wrong = checkPortName(name);
            findings.each(where + ".name", name, wrong);
            if (wrong.empty() && contains(names, name))
                findings.duplicate(where + ".name", Json(name));
            else if (wrong.empty())
                names.push_back(name);
        }
        if (intAt(port, "containerPort") == 0)
            findings.required(where + ".containerPort");
        else
            checkPortRange(findings, *find(port, "containerPort"), where + ".containerPort");
        const std::int64_t hostPort = intAt(port, "hostPort");
        if (hostPort != 0)
            checkPortRange(findings, *find(port, "hostPort"), where + ".hostPort");
        if (scope.hostNetwork && hostPort != intAt(port, "containerPort") && hostPort != 0)
            findings.invalid(where + ".containerPort", Json(intAt(port, "containerPort")),
                             "must match `hostPort` when `hostNetwork` is true");
        const std::string_view protocol = stringAt(port, "protocol");
        if (protocol.empty())
            findings.required(where + ".protocol");
        else
            checkOneOf(findings, port, "protocol", where, {"SCTP", "TCP", "UDP"});
    }
}

// Runs after all containers, as two of them may want the same port of the node.
void checkHostPorts(Findings& findings, const JsonArray& containers, const std::string& path,
                    PodScope& scope) {
    for (std::size_t c = 0; c < containers.size(); ++c) {
        const JsonArray& ports = arrayAt(containers[c], "ports");
        for (std::size_t i = 0; i < ports.size(); ++i) {
            const std::int64_t port = intAt(ports[i], "hostPort");
            if (port == 0)
                continue;
            const std::string text = std::string(stringAt(ports[i], "protocol")) + "/" +
                                     std::string(stringAt(ports[i], "hostIP")) + "/" +
                                     std::to_string(port);
            if (std::find(scope.hostPorts.begin(), scope.hostPorts.end(), text) !=
                scope.hostPorts.end())
                findings.duplicate(at(at(path, c) + ".ports", i) + ".hostPort", Json(text));
            else
                scope.hostPorts.push_back(text);
        }
    }
}

void checkSecurity(Findings& findings, const Json& container, const std::string& parent) {
    const Json* context = find(container, "securityContext");
    if (!context)
        return;
    const std::string path = parent + ".securityContext";
    for (const std::string_view member : {"runAsUser", "runAsGroup"}) {
        const std::int64_t id = intAt(*context, member);
        if (id < 0 || id > 2147483647)
            findings.invalid(path + "." + std::string(member), Json(id),
                             rangeSentence(0, 2147483647));
    }
    if (findPath(*context, "allowPrivilegeEscalation") &&
        !boolAt(*context, "allowPrivilegeEscalation", true)) {
        if (boolAt(*context, "privileged"))
            findings.invalid(
                path, *context,
                "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        for (const Json& capability : arrayAt(*context, "capabilities.add"))
            if (asString(capability) == "CAP_SYS_ADMIN")
                findings.invalid(path, *context,
                                 "cannot set `allowPrivilegeEscalation` to false and "
                                 "`capabilities.Add` CAP_SYS_ADMIN");
    }
}

void checkCommon(Findings& findings, const Json& container, const std::string& path,
                 PodScope& scope) {
    const std::string_view name = stringAt(container, "name"), image = stringAt(container, "image");
    if (name.empty())
        findings.required(path + ".name");
    else
        findings.each(path + ".name", name, checkDns1123Label(name));
    const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\n'; };
    if (image.empty())
        findings.required(path + ".image");
    else if (space(image.front()) || space(image.back()))
        findings.invalid(path + ".image", image, "must not have leading or trailing whitespace");
    checkOneOf(findings, container, "terminationMessagePolicy", path,
               {"File", "FallbackToLogsOnError"});
    checkPorts(findings, container, path + ".ports", scope);
    checkEnv(findings, container, path);
    checkMounts(findings, container, path, scope);
    checkDevices(findings, container, path, scope);
    checkOneOf(findings, container, "imagePullPolicy", path, {"Always", "IfNotPresent", "Never"});
    checkResources(findings, container, path);
    checkSecurity(findings, container, path);
    if (name.empty())
        return;
    if (contains(scope.names, name))
        findings.duplicate(path + ".name", Json(name));
    else
        scope.names.push_back(name);
}

void checkProbes(Findings& findings, const Json& container, const std::string& path) {
    if (const Json* lifecycle = find(container, "lifecycle"))
        for (const std::string_view hook : {"postStart", "preStop"})
            if (const Json* handler = find(*lifecycle, hook))
                checkHandler(findings, *handler, path + ".lifecycle." + std::string(hook), false);
    for (const std::string_view probe : {"livenessProbe", "readinessProbe", "startupProbe"})
        checkProbe(findings, container, probe, path);
}

void checkInit(Findings& findings, const Json& container, const std::string& path) {
    const bool sidecar = stringAt(container, "restartPolicy") == "Always";
    if (sidecar) {
        checkProbes(findings, container, path);
        return;
    }
    for (const std::string_view member :
         {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"})
        if (find(container, member))
            findings.forbidden(path + "." + std::string(member),
                               "may not be set for init containers without restartPolicy=Always");
}
} // namespace

void checkContainers(Findings& findings, const Json& spec, const std::string& path,
                     const std::vector<std::string_view>& badVolumes) {
    PodScope scope{spec, {}, {}, boolAt(spec, "hostNetwork"), badVolumes};
    const JsonArray& containers = arrayAt(spec, "containers");
    if (containers.empty())
        findings.required(path + ".containers");
    for (std::size_t i = 0; i < containers.size(); ++i) {
        const std::string where = at(path + ".containers", i);
        checkCommon(findings, containers[i], where, scope);
        checkProbes(findings, containers[i], where);
    }
    checkHostPorts(findings, containers, path + ".containers", scope);
    const JsonArray& inits = arrayAt(spec, "initContainers");
    for (std::size_t i = 0; i < inits.size(); ++i) {
        const std::string where = at(path + ".initContainers", i);
        PodScope own = scope;
        checkCommon(findings, inits[i], where, own);
        scope.names = std::move(own.names);
        checkInit(findings, inits[i], where);
    }
    const JsonArray& ephemeral = arrayAt(spec, "ephemeralContainers");
    for (std::size_t i = 0; i < ephemeral.size(); ++i) {
        const std::string where = at(path + ".ephemeralContainers", i);
        checkCommon(findings, ephemeral[i], where, scope);
        const std::string_view target = stringAt(ephemeral[i], "targetContainerName");
        if (!target.empty() && !anyNamed(containers, "name", target) &&
            !anyNamed(inits, "name", target))
            findings.notFound(where + ".targetContainerName", target);
        for (const std::string_view member : {"ports", "resources", "lifecycle", "livenessProbe",
                                              "readinessProbe", "startupProbe"}) {
            const Json* value = find(ephemeral[i], member);
            const bool empty = value && value->is_object() && value->get_object().empty();
            if (value && !empty)
                findings.forbidden(where + "." + std::string(member),
                                   "cannot be set for an Ephemeral Container");
        }
    }
}

} // namespace orrery::api
