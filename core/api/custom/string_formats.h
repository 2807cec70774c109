// The values that OpenAPI's "format" of a string allows, as Kubernetes checks them.
#pragma once
#include <string_view>

namespace orrery::api {

// Whether the server knows the format; the others are no constraint.
bool knowsStringFormat(std::string_view format);
// Whether `text` has that format; true for a format that is not known.
bool hasStringFormat(std::string_view format, std::string_view text);

} // namespace orrery::api
