// What containers get wrong without being refused.
#include <algorithm>
#include <map>

#include "core/api/validation/findings.h"
#include "core/api/warnings/pod_spec.h"
#include "core/base/quantity.h"

namespace orrery::api {

namespace {
constexpr std::string_view kOldSeccomp =
    ": non-functional in v1.27+; use the \"seccompProfile\" field instead";
constexpr std::string_view kOldAppArmor =
    ": deprecated since v1.30; use the \"appArmorProfile\" field instead";

// Calls `step(container, path)` for each container, in the order that warnings are given.
template <typename Step>
void eachContainer(const Json& spec, const std::string& path, const Step& step) {
    for (const char* list : {"initContainers", "containers", "ephemeralContainers"}) {
        const JsonArray& containers = arrayAt(spec, list);
        for (std::size_t i = 0; i < containers.size(); ++i)
            step(containers[i], at(path + "." + list, i));
    }
}

void warnOfOldProfiles(Warnings& warnings, const Json& pod, const Json& container,
                       const std::string& path) {
    const JsonObject& annotations = objectAt(pod, "metadata.annotations");
    if (annotations.empty())
        return;
    const std::string where = joinPath(path, "metadata.annotations");
    const std::string name(stringAt(container, "name"));
    const std::string seccomp = "container.seccomp.security.alpha.kubernetes.io/" + name;
    if (!findPath(container, "securityContext.seccompProfile") && annotations.contains(seccomp))
        warnings.push_back(keyed(where, seccomp) + std::string(kOldSeccomp));
    const std::string armor = "container.apparmor.security.beta.kubernetes.io/" + name;
    // DIVERGES: a pod's annotation has become its field by now, so that both look alike.
    const bool has = findPath(container, "securityContext.appArmorProfile") != nullptr;
    if (annotations.contains(armor) && (path.empty() || !has) &&
        !findPath(pod, "spec.securityContext.appArmorProfile"))
        warnings.push_back(keyed(where, armor) + std::string(kOldAppArmor));
}

void warnOfFractions(Warnings& warnings, const Json& container, const std::string& path) {
    for (const char* part : {"limits", "requests"}) {
        const JsonObject& amounts = objectAt(memberIn(container, "resources"), part);
        for (const char* resource : {"memory", "ephemeral-storage"}) {
            const Json* amount = amounts.if_contains(resource);
            const Result<Quantity> parsed = Quantity::parse(amount ? asString(*amount) : "0");
            if (parsed && parsed->milliValue() % 1000 != 0)
                warnings.push_back(keyed(path + ".resources." + part, resource) +
                                   ": fractional byte value " + quoted(parsed->text()) +
                                   " is invalid, must be an integer");
        }
    }
}

// A variable that is set again may build on itself; else the first is lost.
void warnOfEnv(Warnings& warnings, const Json& container, const std::string& path) {
    std::vector<std::string_view> seen;
    const JsonArray& env = arrayAt(container, "env");
    for (std::size_t i = 0; i < env.size(); ++i) {
        const std::string_view name = stringAt(env[i], "name"), value = stringAt(env[i], "value");
        const std::string reference = "$(" + std::string(name) + ")";
        const bool again = std::find(seen.begin(), seen.end(), name) != seen.end();
        if (again && (find(env[i], "valueFrom") || value == reference ||
                      value.find(reference) == std::string_view::npos))
            warnings.push_back(at(path + ".env", i) + ": hides previous definition of " +
                               quoted(name) + ", which may be dropped when using apply");
        seen.push_back(name);
    }
}

struct Port {
    std::string path;
    std::string_view hostIP;
    std::int64_t hostPort;
};

// A port as Go prints its struct.
std::string goText(const Json& port) {
    return "{Name:" + std::string(stringAt(port, "name")) +
           " HostPort:" + std::to_string(intAt(port, "hostPort")) +
           " ContainerPort:" + std::to_string(intAt(port, "containerPort")) +
           " Protocol:" + std::string(stringAt(port, "protocol")) +
           " HostIP:" + std::string(stringAt(port, "hostIP")) + "}";
}

void warnOfTwin(Warnings& warnings, const Port& port, const Port& other) {
    const char* what = nullptr;
    if (port.hostIP == other.hostIP && port.hostPort == other.hostPort)
        what = "duplicate";
    else if (port.hostPort == 0 || other.hostPort == 0)
        what = "overlapping";
    else if (port.hostPort == other.hostPort && port.hostIP.empty() != other.hostIP.empty())
        what = "dangerously ambiguous";
    if (what)
        warnings.push_back(port.path + ": " + what + " port definition with " + other.path);
}

void warnOfPorts(Warnings& warnings, const Json& spec, const std::string& path) {
    std::map<std::string, std::vector<Port>> byNumber;
    eachContainer(spec, path, [&](const Json& container, const std::string& where) {
        const JsonArray& ports = arrayAt(container, "ports");
        for (std::size_t i = 0; i < ports.size(); ++i) {
            const Port port{at(where + ".ports", i), stringAt(ports[i], "hostIP"),
                            intAt(ports[i], "hostPort")};
            if (!port.hostIP.empty() && port.hostPort == 0)
                warnings.push_back(port.path +
                                   ": hostIP set without hostPort: " + goText(ports[i]));
            auto& others = byNumber[std::to_string(intAt(ports[i], "containerPort")) + "/" +
                                    std::string(stringAt(ports[i], "protocol"))];
            for (const Port& other : others)
                warnOfTwin(warnings, port, other);
            others.push_back(port);
        }
    });
    std::map<std::string, std::string> byName;
    eachContainer(spec, path, [&](const Json& container, const std::string& where) {
        const JsonArray& ports = arrayAt(container, "ports");
        for (std::size_t i = 0; i < ports.size(); ++i) {
            const std::string name(stringAt(ports[i], "name"));
            if (name.empty())
                continue;
            const std::string own = at(where + ".ports", i);
            const auto [first, fresh] = byName.emplace(name, own);
            if (!fresh)
                warnings.push_back(
                    own + ": duplicate port name " + quoted(name) + " with " + first->second +
                    ", services and probes that select ports by name will use " + first->second);
        }
    });
}
} // namespace

void warnOfContainers(Warnings& warnings, const Json& pod, const std::string& path) {
    const Json& spec = memberIn(pod, "spec");
    const std::string specPath = joinPath(path, "spec");
    constexpr const char* kPodSeccomp = "seccomp.security.alpha.kubernetes.io/pod";
    if (!findPath(spec, "securityContext.seccompProfile") &&
        objectAt(pod, "metadata.annotations").contains(kPodSeccomp))
        warnings.push_back(keyed(joinPath(path, "metadata.annotations"), kPodSeccomp) +
                           std::string(kOldSeccomp));
    eachContainer(spec, specPath, [&](const Json& container, const std::string& where) {
        warnOfOldProfiles(warnings, pod, container, path);
        warnOfFractions(warnings, container, where);
        warnOfEnv(warnings, container, where);
    });
    warnOfPorts(warnings, spec, specPath);
}

} // namespace orrery::api
