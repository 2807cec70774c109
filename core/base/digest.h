// Fingerprints of bytes.
#pragma once
#include <string>
#include <string_view>

namespace orrery {

std::string sha256(std::string_view bytes);  // 32 bytes
std::string hexText(std::string_view bytes); // lowercase

} // namespace orrery
