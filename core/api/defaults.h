// What the server fills in: schema defaults, Kubernetes' defaulting functions, and the strategies'
// steps around a write. All pure.
#pragma once
#include <string_view>

#include "core/api/kind.h"
#include "core/base/json.h"

namespace orrery::api {

// Schema defaults and the kind's own defaults. Idempotent. `object` has been through decodeObject.
void applyDefaults(const KindDef& kind, Json& object);

// Before a creation is validated: status cleared where the status is a subresource, generation 1
// for kinds that count it, what only the server sets. metadata.uid must be set already (Jobs use
// it).
void prepareForCreate(const KindDef& kind, Json& object);

// Before an update is validated. `subresource` is "", "status", ...: a plain write keeps `old`'s
// status, a status write keeps everything but status (and the metadata that status writers may
// set); bumps metadata.generation when the rest changed.
void prepareForUpdate(const KindDef& kind, std::string_view subresource, Json& object,
                      const Json& old);

// The object as another version of the same group and kind, or between kinds that share storage
// (Event of core and of events.k8s.io).
Json convertVersion(const KindDef& from, const KindDef& to, Json object);

} // namespace orrery::api
