// OpenAPI documents, built from the registry and the schema facts. Each call builds a document
// anew: callers keep the bytes.
#pragma once
#include <string>
#include <string_view>

#include "core/api/kind.h"

namespace orrery::api {

// GET /openapi/v2 as JSON, and as gnostic's openapi.v2.Document message.
std::string openApiV2Json(const KindRegistry& kinds);
std::string openApiV2Protobuf(const KindRegistry& kinds);
// GET /openapi/v3: {"paths": {"apis/apps/v1": {"serverRelativeURL": "...?hash=..."}}}.
std::string openApiV3Index(const KindRegistry& kinds);
// Names the content of GET /openapi/v3/<path> without building it ("" when there is none): it
// changes exactly when a kind of it does. `path` is such as "apis/apps/v1" or "api/v1".
std::string openApiV3Hash(const KindRegistry& kinds, std::string_view path);
// GET /openapi/v3/<path> as JSON, and as gnostic's openapi.v3.Document message; "" when there is
// none.
std::string openApiV3Json(const KindRegistry& kinds, std::string_view path);
std::string openApiV3Protobuf(const KindRegistry& kinds, std::string_view path);

} // namespace orrery::api
