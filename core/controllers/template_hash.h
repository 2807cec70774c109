// The suffix that names what was made from a pod template.
#pragma once
#include <optional>
#include <string>

#include "core/base/json.h"

namespace orrery::controllers {

// Eight to ten letters of Kubernetes' alphabet, the same for equal templates (whatever their keys'
// order).
std::string podTemplateHash(const Json& podTemplate, std::optional<int> collisionCount);
// Of any value: ControllerRevisions use it too.
std::string contentHash(const Json& value, std::optional<int> collisionCount);

} // namespace orrery::controllers
