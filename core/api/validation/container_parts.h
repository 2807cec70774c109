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
void checkEnv(Findings& findings, const Json& container, const std::string& path);
void checkMounts(Findings& findings, const Json& container, const std::string& path,
                 const PodScope& scope);
void checkDevices(Findings& findings, const Json& container, const std::string& path,
                  const PodScope& scope);
void checkHandler(Findings& findings, const Json& handler, const std::string& path, bool probe);
void checkProbe(Findings& findings, const Json& container, std::string_view member,
                const std::string& parent);
void checkResources(Findings& findings, const Json& container, const std::string& parent);

} // namespace orrery::api
