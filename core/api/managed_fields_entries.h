// The entries of metadata.managedFields, as updates and applies share them.
#pragma once
#include <string_view>

#include "core/api/kind.h"
#include "core/api/managed_fields_set.h"
#include "core/base/json.h"

namespace orrery::api::managed {

// Who writes. An applier is the same whatever version it applies.
struct Writer {
    std::string_view manager, operation, apiVersion, subresource;
};

bool isValidEntry(const Json& entry);
bool isOwn(const Json& entry, const Writer& writer);
Json newEntry(const Writer& writer); // without time
JsonObject& fieldsOfEntry(Json& entry);
void dropEmpty(JsonArray& entries);
void sortEntries(JsonArray& entries); // by operation, time, manager
void capEntries(JsonArray& entries);  // at most ten that update
// The part of an object that a write of this subresource can't set ("status" for the object
// itself).
Ignored ignoredMembers(const KindDef& kind, std::string_view subresource);

} // namespace orrery::api::managed
