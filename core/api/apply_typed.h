// Whether an applied object fits its schema, and how it merges into the live one.
#pragma once
#include <string>

#include "core/api/managed_fields_set.h"
#include "core/base/json.h"

namespace orrery::api {

// What does not fit, in Kubernetes' words (".data.a: expected string, got ..."); "" when all does.
std::string typedErrors(const Part& root, const Json& object);
// The live object with everything of `applied` laid over it.
Json mergeTyped(const Part& part, const Json* live, const Json* applied);
// Takes out what the manager set before (`last`), sets no more, and nobody owns (`owned`: all
// managers' sets, the manager's new one included). Fields that nobody ever owned stay where their
// parents do.
Json pruneTyped(const Part& root, Json merged, const FieldSet& last, const FieldSet& owned);

} // namespace orrery::api
