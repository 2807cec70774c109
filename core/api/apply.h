// Server-side apply.
#pragma once
#include <string_view>

#include "core/api/kind.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/time.h"

namespace orrery::api {

// What an apply makes of an object. `current` is null when the object is to be created; `applied`
// is the request's object as sent. The result carries its managedFields and is neither defaulted
// nor validated; when it equals `current` nothing needs to be written. Errors: Conflict (409) with
// one cause FieldManagerConflict for each field that another manager owns, unless `force`;
// BadRequest for an applied object that breaks the rules.
Result<Json> applyServerSide(const KindDef& kind, const Json* current, const Json& applied,
                             std::string_view manager, bool force, Time now,
                             std::string_view subresource);

} // namespace orrery::api
