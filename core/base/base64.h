// Base64 of RFC 4648: the standard alphabet with padding, and the URL alphabet without.
#pragma once
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace orrery {

std::string base64(std::string_view bytes);
std::string base64Url(std::string_view bytes);

// The bytes of a text in the standard alphabet; line breaks are passed over, padding must be right.
// BadRequest says where the text is wrong.
Result<std::string> fromBase64(std::string_view text);
// The same of the URL alphabet: no padding, no line breaks, and no stray bits, so that one value
// has one text.
Result<std::string> fromBase64Url(std::string_view text);

// The same text, in either alphabet, without the bits of its last letter that belong to no byte:
// Go's decoders pass over them.
std::string withoutStrayBits(std::string_view text);

} // namespace orrery
