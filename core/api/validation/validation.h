// Kubernetes' validation: causes with exact reason, sentence, field path and order.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/api/kind.h"
#include "core/base/error.h"
#include "core/base/json.h"

namespace orrery::api {

using FieldError =
    StatusCause; // reason "FieldValueInvalid", message "Invalid value: ...", field "spec.replicas"
using FieldErrors = std::vector<FieldError>;

// What Kubernetes refuses about a defaulted object: its metadata, then its kind's own rules.
FieldErrors validateCreate(const KindDef& kind, const Json& object);
// About an update from `old`; `subresource` is "" for the object itself, "status",
// "ephemeralcontainers", ...
FieldErrors validateUpdate(const KindDef& kind, const Json& object, const Json& old,
                           std::string_view subresource);

// What is wrong with a Service's clusterIPs, ipFamilies and ipFamilyPolicy: looked at before
// addresses are given out, and again with the rest.
FieldErrors validateClusterIps(const Json& service, const Json* old);

// The 422 answer: `ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: ...`, several as
// [a, b].
Error invalid(const KindDef& kind, std::string_view name, FieldErrors errors);
// The same for any group and kind.
Error invalid(std::string_view group, std::string_view kind, std::string_view name,
              FieldErrors errors);

} // namespace orrery::api
