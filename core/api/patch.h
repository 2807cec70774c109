// Patches: RFC 7386, RFC 6902 and Kubernetes' strategic merge. Server-side apply is in apply.h.
#pragma once
#include <string>
#include <string_view>

#include "core/api/kind.h"
#include "core/base/error.h"
#include "core/base/json.h"

namespace orrery::api {

enum class PatchType : std::uint8_t { Json, Merge, StrategicMerge, Apply };

// The patched tree: neither defaulted, pruned nor validated. A null that is put into a map of
// strings stays null (Kubernetes' decoder reads it as the empty value). `type` is not Apply.
// Errors: BadRequest for a patch that is none, Invalid for one that does not fit the object,
// InternalError for wrong strategic directives; all with Kubernetes' sentences.
Result<Json> applyPatch(const KindDef& kind, PatchType type, const Json& current,
                        const Json& patch);

Result<Json> applyJsonPatch(const Json& current, const Json& patch);
Json applyMergePatch(Json current, const Json& patch);
// `schema` names the type ("io.k8s.api.core.v1.Pod").
Result<Json> applyStrategicMerge(std::string_view schema, const Json& current, const Json& patch);

// Kubernetes' answer (422, ` "" is invalid: patch: Invalid value: ...`) when the patched object
// can't be decoded; `reason` is the decoder's sentence.
Error patchedObjectError(PatchType type, const Json& patch, const Json& patched,
                         std::string_view reason);

// A value as Go's %v prints it: map[a:1 b:[x y]], keys sorted, null as <nil>.
std::string goFormat(const Json& value);

} // namespace orrery::api
