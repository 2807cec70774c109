#include "core/apiserver/base64.h"

namespace orrery::apiserver {

namespace {
constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
int valueOf(char c) {
    for (int i = 0; i < 64; ++i)
        if (kAlphabet[i] == c)
            return i;
    return -1;
}
} // namespace

std::string base64UrlEncode(std::string_view bytes) {
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const unsigned char c : bytes) {
        bits = bits << 8 | c;
        for (count += 8; count >= 6; count -= 6)
            out.push_back(kAlphabet[bits >> (count - 6) & 63]);
    }
    if (count > 0)
        out.push_back(kAlphabet[bits << (6 - count) & 63]);
    return out;
}

Result<std::string> base64UrlDecode(std::string_view text) {
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int value = valueOf(text[i]);
        if (value < 0)
            return badRequest("illegal base64 data at input byte " + std::to_string(i));
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out.push_back(static_cast<char>(bits >> count & 255));
        }
    }
    if (text.size() % 4 == 1)
        return badRequest("illegal base64 data at input byte " + std::to_string(text.size() - 1));
    return out;
}

} // namespace orrery::apiserver
