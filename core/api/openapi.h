// OpenAPI documents, built from the registry and the schema facts. Each call builds a document
// anew: callers keep the bytes (they are shared and immutable).
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "core/api/kind.h"

namespace orrery::api {

// GET /openapi/v2 as JSON.
std::shared_ptr<const std::string> openapiV2Json(const KindRegistry& kinds);
// GET /openapi/v2 as gnostic's openapi.v2.Document message.
std::shared_ptr<const std::string> openapiV2Protobuf(const KindRegistry& kinds);
// GET /openapi/v3: {"paths": {"apis/apps/v1": {"serverRelativeURL": "...?hash=..."}}}.
std::shared_ptr<const std::string> openapiV3Index(const KindRegistry& kinds);
// GET /openapi/v3/<path>, `path` such as "apis/apps/v1" or "api/v1"; nullptr when there is none.
std::shared_ptr<const std::string> openapiV3Document(const KindRegistry& kinds,
                                                     std::string_view path);

} // namespace orrery::api
