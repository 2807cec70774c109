// The protobuf forms of OpenAPI documents (gnostic's openapi.v2.Document and openapi.v3.Document),
// for this folder only.
#pragma once
#include <string>

#include "core/base/json.h"

namespace orrery::api {

// `document` has the parts that our documents are made of; others are left out.
std::string openApiV2Message(const Json& document);
std::string openApiV3Message(const Json& document);

} // namespace orrery::api
