// The sentences of Go's decoders, for this folder only.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/json.h"

namespace orrery::api {

// "object", "array", "string", "number", "bool".
std::string_view goValueName(const Json& value);
// A number as a person would have written it: "1.5", "3000000000".
std::string goNumber(const Json& number);
// Whether a quantity is in canonical form beyond doubt: up to three digits ("500m" and "1Gi" too).
bool isCanonicalCount(std::string_view text);
// Where Go's base64.StdEncoding stops with an error; -1 when it does not.
std::ptrdiff_t goBase64Error(std::string_view text);
// time.Parse's sentence about a text that is no RFC 3339 time.
std::string goTimeError(std::string_view text, bool micro);

} // namespace orrery::api
