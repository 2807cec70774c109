// Containers: images, ports, environment, mounts, probes, resources.
#include "core/api/validation/findings.h"
#include "core/base/quantity.h"

namespace orrery::api {

namespace {
// What a container's rules look at around it.
struct PodScope {
    const Json& spec;
    std::vector<std::string_view> names; // of the containers so far
    std::vector<std::string> hostPorts;  // "TCP/<ip>/80" of the containers so far
    bool hostNetwork = false;
    const std::vector<std::string_view>& badVolumes;
};

std::string_view view(const boost::json::string_view key) {
    return {key.data(), key.size()};
}

bool contains(const std::vector<std::string_view>& list, std::string_view item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

void checkPortRange(Findings& findings, const Json& value, const std::string& path) {
    const std::int64_t number = value.is_int64() ? value.get_int64() : 0;
    for (const std::string& sentence : checkPortNumber(number))
        findings.invalid(path, value, sentence);
}

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

// --- environment -------------------------------------------------------------------------------

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

// --- mounts ------------------------------------------------------------------------------------

const Json* volumeNamed(const PodScope& scope, std::string_view name) {
    if (contains(scope.badVolumes, name))
        return nullptr;
    for (const Json& volume : arrayAt(scope.spec, "volumes"))
        if (stringAt(volume, "name") == name)
            return &volume;
    return nullptr;
}

bool anyNamed(const JsonArray& list, std::string_view member, std::string_view value) {
    return std::any_of(list.begin(), list.end(),
                       [&](const Json& item) { return stringAt(item, member) == value; });
}

void checkLocalPath(Findings& findings, std::string_view value, const std::string& path) {
    if (!value.empty() && value.front() == '/')
        findings.invalid(path, value, "must be a relative path");
    for (std::size_t start = 0; start <= value.size();) {
        const std::size_t slash = std::min(value.find('/', start), value.size());
        if (value.substr(start, slash - start) == "..") {
            findings.invalid(path, value, "must not contain '..'");
            return;
        }
        start = slash + 1;
    }
}

void checkOneMount(Findings& findings, const Json& mount, const Json& container,
                   const std::string& path, const std::string& where) {
    const std::string_view sub = stringAt(mount, "subPath"),
                           expression = stringAt(mount, "subPathExpr");
    if (!sub.empty())
        checkLocalPath(findings, sub, path + ".subPath");
    if (!expression.empty()) {
        if (!sub.empty())
            findings.invalid(where + ".subPathExpr", expression,
                             "subPathExpr and subPath are mutually exclusive");
        checkLocalPath(findings, expression, path + ".subPathExpr");
    }
    const std::string_view propagation = stringAt(mount, "mountPropagation");
    if (propagation == "Bidirectional" && !boolAt(container, "securityContext.privileged"))
        findings.forbidden(
            path + ".mountPropagation",
            "Bidirectional mount propagation is available only to privileged containers");
    else
        checkOneOf(findings, mount, "mountPropagation", path,
                   {"Bidirectional", "HostToContainer", "None"});
    const std::string_view recursive = stringAt(mount, "recursiveReadOnly");
    if (recursive == "Enabled" || recursive == "IfPossible") {
        if (!boolAt(mount, "readOnly"))
            findings.forbidden(path + ".recursiveReadOnly",
                               "may only be specified when readOnly is true");
        else if (!propagation.empty() && propagation != "None")
            findings.forbidden(
                path + ".recursiveReadOnly",
                "may only be specified when mountPropagation is None or not specified");
    } else {
        checkOneOf(findings, mount, "recursiveReadOnly", path,
                   {"Disabled", "IfPossible", "Enabled"});
    }
}

void checkMounts(Findings& findings, const Json& container, const std::string& path,
                 const PodScope& scope) {
    const JsonArray& mounts = arrayAt(container, "volumeMounts");
    const JsonArray& devices = arrayAt(container, "volumeDevices");
    std::vector<std::string_view> paths;
    for (std::size_t i = 0; i < mounts.size(); ++i) {
        const std::string where = at(path + ".volumeMounts", i);
        const std::string_view name = stringAt(mounts[i], "name"),
                               target = stringAt(mounts[i], "mountPath");
        if (name.empty())
            findings.required(where + ".name");
        if (!volumeNamed(scope, name))
            findings.notFound(where + ".name", name);
        if (target.empty())
            findings.required(where + ".mountPath");
        if (contains(paths, target))
            findings.invalid(where + ".mountPath", target, "must be unique");
        paths.push_back(target);
        if (anyNamed(devices, "name", name))
            findings.invalid(where + ".name", name, "must not already exist in volumeDevices");
        if (anyNamed(devices, "devicePath", target))
            findings.invalid(where + ".mountPath", target,
                             "must not already exist as a path in volumeDevices");
        checkOneMount(findings, mounts[i], container, path + ".volumeMounts", where);
    }
}

void checkDevices(Findings& findings, const Json& container, const std::string& path,
                  const PodScope& scope) {
    const JsonArray& devices = arrayAt(container, "volumeDevices");
    for (std::size_t i = 0; i < devices.size(); ++i) {
        const std::string where = at(path + ".volumeDevices", i);
        const std::string_view name = stringAt(devices[i], "name"),
                               target = stringAt(devices[i], "devicePath");
        if (name.empty())
            findings.required(where + ".name");
        const Json* volume = volumeNamed(scope, name);
        if (volume && !find(*volume, "persistentVolumeClaim") && !find(*volume, "ephemeral"))
            findings.invalid(where + ".name", name,
                             "can only use volume source type of PersistentVolumeClaim or "
                             "Ephemeral for block mode");
        else if (!volume)
            findings.notFound(where + ".name", name);
        if (target.empty())
            findings.required(where + ".devicePath");
        else if (target.find("..") != std::string_view::npos)
            findings.invalid(where + ".devicePath", target, "can not contain backsteps ('..')");
        const JsonArray& mounts = arrayAt(container, "volumeMounts");
        if (anyNamed(mounts, "name", name))
            findings.invalid(where + ".name", name, "must not already exist in volumeMounts");
    }
}

// --- probes and hooks --------------------------------------------------------------------------

void checkPortOrName(Findings& findings, const Json* port, const std::string& path) {
    if (port && port->is_string())
        findings.each(path, asString(*port), checkPortName(asString(*port)));
    else
        checkPortRange(findings, port ? *port : Json(0), path);
}

void checkHandler(Findings& findings, const Json& handler, const std::string& path, bool probe) {
    int actions = 0;
    const auto action = [&](std::string_view member) -> const Json* {
        const Json* found = find(handler, member);
        if (!found)
            return nullptr;
        if (++actions > 1) {
            findings.forbidden(path + "." + std::string(member),
                               "may not specify more than 1 handler type");
            return nullptr;
        }
        return found;
    };
    if (const Json* exec = action("exec"); exec && arrayAt(*exec, "command").empty())
        findings.required(path + ".exec.command");
    if (const Json* get = action("httpGet")) {
        if (stringAt(*get, "path").empty())
            findings.required(path + ".httpGet.path");
        checkPortOrName(findings, find(*get, "port"), path + ".httpGet.port");
        checkOneOf(findings, *get, "scheme", path + ".httpGet", {"HTTP", "HTTPS"});
        const JsonArray& headers = arrayAt(*get, "httpHeaders");
        for (std::size_t i = 0; i < headers.size(); ++i)
            if (stringAt(headers[i], "name").empty())
                findings.invalid(
                    path + ".httpGet.httpHeaders", "",
                    "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. "
                    "'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')");
    }
    if (const Json* socket = action("tcpSocket"))
        checkPortOrName(findings, find(*socket, "port"), path + ".tcpSocket.port");
    if (const Json* grpc = probe ? action("grpc") : nullptr)
        checkPortRange(findings, Json(intAt(*grpc, "port")), path + ".grpc.port");
    if (const Json* sleep = probe ? nullptr : action("sleep");
        sleep && intAt(*sleep, "seconds") < 0)
        findings.invalid(path + ".sleep", Json(intAt(*sleep, "seconds")),
                         "must be greater than or equal to 0");
    if (actions == 0)
        findings.required(path, "must specify a handler type");
}

void checkProbe(Findings& findings, const Json& container, std::string_view member,
                const std::string& parent) {
    const Json* probe = find(container, member);
    if (!probe)
        return;
    const std::string path = parent + "." + std::string(member);
    checkHandler(findings, *probe, path, true);
    for (const std::string_view number : {"initialDelaySeconds", "timeoutSeconds", "periodSeconds",
                                          "successThreshold", "failureThreshold"})
        checkNonNegative(findings, *probe, number, path);
    const Json* grace = find(*probe, "terminationGracePeriodSeconds");
    if (grace && member != "readinessProbe" && intAt(*probe, "terminationGracePeriodSeconds") <= 0)
        findings.invalid(path + ".terminationGracePeriodSeconds", *grace, "must be greater than 0");
    if (grace && member == "readinessProbe")
        findings.invalid(path + ".terminationGracePeriodSeconds", *grace,
                         "must not be set for readinessProbes");
    if (member != "readinessProbe" && intAt(*probe, "successThreshold", 1) != 1)
        findings.invalid(path + ".successThreshold", *find(*probe, "successThreshold"),
                         "must be 1");
}

// --- resources ---------------------------------------------------------------------------------

bool standardResource(std::string_view name) {
    return name == "cpu" || name == "memory" || name == "ephemeral-storage" ||
           name.substr(0, 10) == "hugepages-";
}

bool overcommittable(std::string_view name) {
    return name.substr(0, 10) != "hugepages-" &&
           (name.find('/') == std::string_view::npos ||
            name.find("kubernetes.io/") != std::string_view::npos);
}

void checkResourceName(Findings& findings, std::string_view name, const std::string& path) {
    findings.each(path, name, checkQualifiedName(name));
    if (name.find('/') != std::string_view::npos)
        return;
    if (!standardResource(name)) {
        findings.invalid(path, name, "must be a standard resource type or fully qualified");
        findings.invalid(path, name, "must be a standard resource for containers");
    }
}

void checkAmounts(Findings& findings, const JsonObject& amounts, const std::string& path) {
    for (const auto& [key, value] : amounts) {
        const std::string where = keyed(path, view(key));
        checkResourceName(findings, view(key), where);
        const Result<Quantity> amount = Quantity::parse(asString(value));
        if (amount && amount->sign() < 0)
            findings.invalid(where, asString(value), kNotNegative);
        if (amount && !standardResource(view(key)) && amount->milliValue() % 1000 != 0)
            findings.invalid(where, asString(value), "must be an integer");
    }
}

void checkResources(Findings& findings, const Json& container, const std::string& parent) {
    const JsonObject& limits = objectAt(container, "resources.limits");
    const JsonObject& requests = objectAt(container, "resources.requests");
    const std::string path = parent + ".resources";
    checkAmounts(findings, limits, path + ".limits");
    for (const auto& [key, value] : requests) {
        const std::string_view name = view(key);
        JsonObject one;
        one[key] = value;
        checkAmounts(findings, one, path + ".requests");
        const Json* limit = limits.if_contains(key);
        const Result<Quantity> asked = Quantity::parse(asString(value));
        const Result<Quantity> most = Quantity::parse(limit ? asString(*limit) : "0");
        if (!asked || !most)
            continue;
        if (!limit) {
            if (!overcommittable(name))
                findings.required(path + ".limits",
                                  "Limit must be set for non overcommitable resources");
        } else if (!overcommittable(name) && *asked != *most) {
            findings.invalid(path + ".requests", asString(value),
                             "must be equal to " + std::string(name) + " limit of " +
                                 std::string(asString(*limit)));
        } else if (*asked > *most) {
            findings.invalid(path + ".requests", asString(value),
                             "must be less than or equal to " + std::string(name) + " limit of " +
                                 std::string(asString(*limit)));
        }
    }
}

// --- one container -----------------------------------------------------------------------------

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
