// The warnings of a pod's metadata and spec, shared by all kinds that hold one. For this folder.
#pragma once
#include <string>

#include "core/api/warnings/warnings.h"

namespace orrery::api {

// `pod` holds metadata and spec; `path` is "" for a pod, "spec.template" for a template.
void warnOfPod(Warnings& warnings, const Json& pod, const std::string& path);
// What containers get wrong: environments, ports, fractions of bytes, old annotations.
void warnOfContainers(Warnings& warnings, const Json& pod, const std::string& path);
// Volumes of plugins that are gone, and files of a volume that hide one another.
void warnOfVolumes(Warnings& warnings, const Json& spec, const std::string& specPath);

// "spec.template" + "spec" joined with a dot where both are there.
std::string joinPath(const std::string& path, std::string_view member);
std::string quoted(std::string_view text);
const Json& memberIn(const Json& object, std::string_view member);

} // namespace orrery::api
