// A CustomResourceDefinition as kinds.
#pragma once
#include <memory>
#include <vector>

#include "core/api/kind.h"

namespace orrery::api {

inline constexpr const char* kDefinitionGroup = "apiextensions.k8s.io";
inline constexpr const char* kDefinitionPlural = "customresourcedefinitions";
inline constexpr const char* kDefinitionFinalizer = "customresourcecleanup.apiextensions.k8s.io";

bool isDefinition(const KindDef& kind);
// The status of a condition of status.conditions: "True", "False", "Unknown" or "".
std::string_view conditionStatus(const Json& object, std::string_view type);

// What a definition's objects depend on: equal texts serve alike.
std::string servedForm(const Json& definition);
// All versions of a definition's kind, under the names that were accepted.
std::shared_ptr<const KindFamily> familyOf(const Json& definition, std::int64_t storedFormSince);
// Those that are served; none before the definition is established.
std::vector<const KindDef*> servedKinds(const Json& definition, const KindFamily& family);

} // namespace orrery::api
