// metadata.managedFields: who set which field. Sets of fields are computed by schema.
#pragma once
#include <string_view>

#include "core/api/kind.h"
#include "core/base/json.h"
#include "core/base/time.h"

namespace orrery::api {

// Records a create, update or non-apply patch: `object` is what will be stored (defaulted,
// admitted), `old` what was stored (null on creation). Takes `old`'s managedFields as the start,
// whatever the request's object says, except that an empty list in the request resets them.
// `subresource` is "" for the object itself. `manager` is the field manager, or what
// defaultFieldManager() says. No time is taken over when nothing changed.
void updateManagedFields(const KindDef& kind, Json& object, const Json* old,
                         std::string_view manager, std::string_view subresource, Time now);

// The manager of a request without fieldManager: the user agent up to its first "/".
std::string defaultFieldManager(std::string_view userAgent);

} // namespace orrery::api
