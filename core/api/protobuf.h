// Kubernetes' protobuf encoding of objects, as client-go and kubectl send it.
#pragma once
#include <string_view>

#include "core/base/error.h"
#include "core/base/json.h"

namespace orrery::api {

// The media type of such a body.
inline constexpr std::string_view kProtobufMediaType = "application/vnd.kubernetes.protobuf";

// The object that `body` encodes, as its JSON form with apiVersion and kind. Zero values that the
// encoding spells out are in it; normalise() drops them. Any thread. BadRequest says what is wrong.
Result<Json> decodeProtobuf(std::string_view body);

} // namespace orrery::api
