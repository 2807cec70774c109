// Values as Kubernetes' refusals quote them: fields in the names and order of its internal Go
// structs, with those that nobody set. For texts only.
#pragma once
#include <string>
#include <string_view>

#include "core/base/json.h"

namespace orrery::api {

// `value` of the type "SecurityContext" of core/v1. Types that are not in the table, and
// everything that is no object, come back as they are, maps in order of their keys.
Json goInternal(std::string_view type, const Json& value);

// What differs between two values of that type, as Kubernetes adds it to a refusal: a unified diff
// of both in the form above, an entry a line.
std::string goDiff(std::string_view type, const Json& before, const Json& after);

} // namespace orrery::api
