// base64url as continue tokens use it: no padding.
#pragma once
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace orrery::apiserver {

std::string base64UrlEncode(std::string_view bytes);
// BadRequest when `text` is no base64url.
Result<std::string> base64UrlDecode(std::string_view text);

} // namespace orrery::apiserver
