// The parts of a container's rules, a file each.
#pragma once
#include <algorithm>

#include "core/api/validation/findings.h"

namespace orrery::api {

// What a container's rules look at around it.
struct PodScope {
    const Json& spec;
    std::vector<std::string_view> names; // of the containers so far
    std::vector<std::string> hostPorts;  // "TCP/<ip>/80" of the containers so far
    bool hostNetwork = false;
    const std::vector<std::string_view>& badVolumes;
};

inline bool contains(const std::vector<std::string_view>& list, std::string_view item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

// Whether an item of `list` has that value as its `member`.
inline bool anyNamed(const JsonArray& list, std::string_view member, std::string_view value) {
    return std::any_of(list.begin(), list.end(),
                       [&](const Json& item) { return stringAt(item, member) == value; });
}

void checkPortRange(Findings& findings, const Json& value, const std::string& path);
void checkEnv(Findings& findings, const Json& container, const std::string& path,
              const PodScope& scope);
void checkMounts(Findings& findings, const Json& container, const std::string& path,
                 const PodScope& scope);
void checkDevices(Findings& findings, const Json& container, const std::string& path,
                  const PodScope& scope);
// A hook when `graceSeconds` is 0 or more: how long a sleep may take; else a probe.
void checkHandler(Findings& findings, const Json& handler, const std::string& path,
                  std::int64_t graceSeconds = -1);
void checkProbe(Findings& findings, const Json& container, std::string_view member,
                const std::string& parent);
// A container's resources; `claims` are the pod's resourceClaims.
void checkResources(Findings& findings, const Json& container, const std::string& parent,
                    const JsonArray& claims);
// A resource's name, a container's, and how much of it: quotas and limits know them too.
void checkResourceName(Findings& findings, std::string_view name, const std::string& path);
void checkContainerResourceName(Findings& findings, std::string_view name, const std::string& path);
void checkResourceAmount(Findings& findings, std::string_view name, const Json& value,
                         const std::string& path);
void checkResizePolicy(Findings& findings, const Json& container, const std::string& parent,
                       std::string_view podRestartPolicy);
// Pods alone refuse an image with blanks around it; templates don't.
void checkImageSpace(Findings& findings, const Json& container, const std::string& path);
void checkRestartRules(Findings& findings, const Json& container, const std::string& path);
void checkContainerSecurity(Findings& findings, const Json& container, const Json& spec,
                            const std::string& parent);

// A path that stays below where it starts: relative, without "..".
void checkLocalPath(Findings& findings, std::string_view value, const std::string& path);
// Only "must not contain '..'".
void checkBackstep(Findings& findings, std::string_view value, const std::string& path);
// metadata.labels['key'] and metadata.annotations['key']: whether it is one; says what is wrong
// with the key.
bool checkSubscript(Findings& findings, std::string_view field, const std::string& path);
// What a field selector's path must be beyond `allowed`.
void checkFieldPath(Findings& findings, const Json& ref, const std::string& path,
                    const std::vector<std::string_view>& allowed);
// A container's resource as a value; `volume`: the container must be named.
void checkResourceRef(Findings& findings, const Json& ref, const std::string& path, bool volume);

// --- the pod as a whole ---
void checkPodClaims(Findings& findings, const Json& spec, const std::string& path);
void checkPodResources(Findings& findings, const Json& spec, const std::string& path);
void checkOverhead(Findings& findings, const Json& spec, const std::string& path);
void checkPodSecurity(Findings& findings, const Json& spec, const std::string& path);
void checkOperatingSystem(Findings& findings, const Json& spec, const std::string& path);
void checkHostProcess(Findings& findings, const Json& spec, const std::string& path);
void checkHostUsers(Findings& findings, const Json& spec, const std::string& path);
// Rules of annotations that mean something to pods.
void checkPodAnnotations(Findings& findings, const Json& annotations, const Json& spec,
                         const std::string& path);

} // namespace orrery::api
