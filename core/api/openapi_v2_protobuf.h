// The protobuf form of an OpenAPI v2 document (gnostic's openapi.v2.Document), for this folder
// only.
#pragma once
#include <string>

#include "core/base/json.h"

namespace orrery::api {

// `document` has the parts that openapi_v2.cpp writes; others are left out.
std::string openApiV2Message(const Json& document);

} // namespace orrery::api
