// The embedded facts about Kubernetes v1.36 (resources/api/kubernetes-v1.36.json), for this folder
// only.
#pragma once
#include <string>
#include <string_view>

#include "core/base/json.h"

namespace orrery::api {

// The part of the facts that lists the served kinds, in discovery's order. Parsed once.
const JsonArray& kindFacts();
// The full name of a type whose facts leave "io.k8s.api." out.
std::string fullTypeName(std::string_view shortName);

} // namespace orrery::api
