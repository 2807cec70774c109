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
            findings.invalid(where + ".hostPort", Json(hostPort),
                             "must match `containerPort` when `hostNetwork` is true");
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

void checkCommon(Findings& findings, const Json& container, const std::string& path,
                 PodScope& scope) {
    const std::string_view name = stringAt(container, "name");
    if (name.empty())
        findings.required(path + ".name");
    else
        findings.each(path + ".name", name, checkDns1123Label(name));
    if (stringAt(container, "image").empty())
        findings.required(path + ".image");
    checkOneOf(findings, container, "terminationMessagePolicy", path,
               {"File", "FallbackToLogsOnError"});
    checkPorts(findings, container, path + ".ports", scope);
    checkEnv(findings, container, path, scope);
    checkMounts(findings, container, path, scope);
    checkDevices(findings, container, path, scope);
    checkOneOf(findings, container, "imagePullPolicy", path, {"Always", "IfNotPresent", "Never"});
    checkResources(findings, container, path, arrayAt(scope.spec, "resourceClaims"));
    checkResizePolicy(findings, container, path, stringAt(scope.spec, "restartPolicy"));
    checkContainerSecurity(findings, container, scope.spec, path);
}

// Names are unique among all containers of a pod.
void checkNameOnce(Findings& findings, const Json& container, const std::string& path,
                   PodScope& scope) {
    const std::string_view name = stringAt(container, "name");
    if (contains(scope.names, name))
        findings.duplicate(path + ".name", Json(name));
    else if (!name.empty())
        scope.names.push_back(name);
}

void checkProbes(Findings& findings, const Json& container, const std::string& path,
                 const Json& spec) {
    const std::int64_t grace =
        std::max<std::int64_t>(0, intAt(spec, "terminationGracePeriodSeconds", 30));
    if (const Json* lifecycle = find(container, "lifecycle"))
        for (const std::string_view hook : {"postStart", "preStop"})
            if (const Json* handler = find(*lifecycle, hook))
                checkHandler(findings, *handler, path + ".lifecycle." + std::string(hook), grace);
    for (const std::string_view probe : {"livenessProbe", "readinessProbe", "startupProbe"})
        checkProbe(findings, container, probe, path);
}

void checkInit(Findings& findings, const Json& container, const std::string& path,
               const Json& spec) {
    if (stringAt(container, "restartPolicy") == "Always") {
        checkProbes(findings, container, path, spec);
        return;
    }
    for (const std::string_view member :
         {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"})
        if (find(container, member))
            findings.forbidden(path + "." + std::string(member),
                               "may not be set for init containers without restartPolicy=Always");
}

void checkEphemeral(Findings& findings, const Json& container, const std::string& path,
                    PodScope& scope) {
    constexpr std::string_view kWhy = "cannot be set for an Ephemeral Container";
    checkCommon(findings, container, path, scope);
    checkImageSpace(findings, container, path);
    checkNameOnce(findings, container, path, scope);
    const std::string_view target = stringAt(container, "targetContainerName");
    if (!target.empty() && !anyNamed(arrayAt(scope.spec, "containers"), "name", target) &&
        !anyNamed(arrayAt(scope.spec, "initContainers"), "name", target))
        findings.notFound(path + ".targetContainerName", target);
    for (const std::string_view member :
         {"ports", "resources", "resizePolicy", "restartPolicy", "restartPolicyRules",
          "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"}) {
        const Json* value = find(container, member);
        const bool empty = value && value->is_object() && value->get_object().empty();
        if (value && !empty)
            findings.forbidden(path + "." + std::string(member), kWhy);
    }
    const JsonArray& mounts = arrayAt(container, "volumeMounts");
    for (std::size_t i = 0; i < mounts.size(); ++i)
        for (const std::string_view member : {"subPath", "subPathExpr"})
            if (!stringAt(mounts[i], member).empty())
                findings.forbidden(at(path + ".volumeMounts", i) + "." + std::string(member), kWhy);
}
} // namespace

void checkImageSpace(Findings& findings, const Json& container, const std::string& path) {
    constexpr std::string_view kSpace = " \t\r\n\v\f";
    const std::string_view image = stringAt(container, "image");
    if (!image.empty() && (kSpace.find(image.front()) != std::string_view::npos ||
                           kSpace.find(image.back()) != std::string_view::npos))
        findings.invalid(path + ".image", image, "must not have leading or trailing whitespace");
}

void checkContainers(Findings& findings, const Json& spec, const std::string& path,
                     const std::vector<std::string_view>& badVolumes) {
    PodScope scope{spec, {}, {}, boolAt(spec, "hostNetwork"), badVolumes};
    const JsonArray& containers = arrayAt(spec, "containers");
    if (containers.empty())
        findings.required(path + ".containers");
    for (std::size_t i = 0; i < containers.size(); ++i) {
        const std::string where = at(path + ".containers", i);
        checkCommon(findings, containers[i], where, scope);
        checkNameOnce(findings, containers[i], where, scope);
        checkProbes(findings, containers[i], where, spec);
        checkRestartRules(findings, containers[i], where);
    }
    checkHostPorts(findings, containers, path + ".containers", scope);
    const JsonArray& inits = arrayAt(spec, "initContainers");
    for (std::size_t i = 0; i < inits.size(); ++i) {
        const std::string where = at(path + ".initContainers", i);
        checkCommon(findings, inits[i], where, scope);
        checkRestartRules(findings, inits[i], where);
        checkNameOnce(findings, inits[i], where, scope);
        checkInit(findings, inits[i], where, spec);
    }
    const JsonArray& ephemeral = arrayAt(spec, "ephemeralContainers");
    for (std::size_t i = 0; i < ephemeral.size(); ++i)
        checkEphemeral(findings, ephemeral[i], at(path + ".ephemeralContainers", i), scope);
}

void checkRestartRules(Findings& findings, const Json& container, const std::string& path) {
    constexpr std::size_t kRulesMax = 20, kValuesMax = 255;
    const Json* policy = find(container, "restartPolicy");
    const JsonArray& rules = arrayAt(container, "restartPolicyRules");
    if (policy)
        checkOneOf(findings, container, "restartPolicy", path, {"Always", "Never", "OnFailure"});
    else if (!rules.empty())
        findings.required(path + ".restartPolicy",
                          "must specify restartPolicy when restart rules are used");
    if (rules.size() > kRulesMax)
        findings.tooMany(path + ".restartPolicyRules", rules.size(), kRulesMax);
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const std::string where = at(path + ".restartPolicyRules", i);
        checkOneOf(findings, rules[i], "action", where, {"Restart", "RestartAllContainers"}, true);
        const Json* codes = find(rules[i], "exitCodes");
        if (!codes) {
            findings.required(where + ".exitCodes", "must be specified");
            continue;
        }
        checkOneOf(findings, *codes, "operator", where + ".exitCodes", {"In", "NotIn"}, true);
        if (arrayAt(*codes, "values").size() > kValuesMax)
            findings.tooMany(where + ".exitCodes.values", arrayAt(*codes, "values").size(),
                             kValuesMax);
    }
}

} // namespace orrery::api
