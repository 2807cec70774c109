// What persistent volumes, claims, and the templates of both are judged by.
#pragma once
#include <string>
#include <string_view>

#include "core/api/validation/findings.h"

namespace orrery::api {

// A PersistentVolumeSpec. `inlined`: it stands in a VolumeAttachment. `name` is the volume's.
void checkVolumeSpec(Findings& findings, const Json& spec, std::string_view name, bool inlined,
                     const std::string& path);
// A PersistentVolumeClaimSpec. `anyGroup`: the groups of its data sources are not looked at.
void checkClaimSpec(Findings& findings, const Json& spec, const std::string& path, bool anyGroup);
// The one volume source that a spec has. `placed`: it says where its nodes are.
void checkVolumeSources(Findings& findings, const Json& spec, std::string_view name, bool placed,
                        const std::string& path);

} // namespace orrery::api
