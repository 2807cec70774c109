// What an update of a pod, or of a part of it, may change. For this folder.
#pragma once
#include <string_view>

#include "core/api/validation/findings.h"

namespace orrery::api {

void checkPodUpdate(Findings& findings, const Json& pod, const Json& old,
                    std::string_view subresource);
void checkPodStatus(Findings& findings, const Json& pod, const Json& old);
void checkPodResize(Findings& findings, const Json& pod, const Json& old);
// Seccomp and AppArmor: an annotation must say what the field says. Creations only.
void checkProfilesAgree(Findings& findings, const Json& pod);
// What an update may do to annotations that mean something to pods.
void checkPodAnnotationsUpdate(Findings& findings, const Json& pod, const Json& old);

} // namespace orrery::api
