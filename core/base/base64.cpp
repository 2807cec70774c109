#include "core/base/base64.h"

#include <algorithm>

namespace orrery {

namespace {
constexpr char kStandard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kUrl[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode(std::string_view bytes, const char* letters) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t bits = 0;
    int count = 0;
    for (const char byte : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(byte);
        for (count += 8; count >= 6; count -= 6)
            out += letters[bits >> (count - 6) & 63U];
    }
    if (count > 0)
        out += letters[bits << (6 - count) & 63U];
    return out;
}

// What a letter stands for; -1 when it is none. `last` are the letters of 62 and 63.
int valueOf(char letter, const char* last) {
    if (letter >= 'A' && letter <= 'Z')
        return letter - 'A';
    if (letter >= 'a' && letter <= 'z')
        return letter - 'a' + 26;
    if (letter >= '0' && letter <= '9')
        return letter - '0' + 52;
    return letter == last[0] ? 62 : letter == last[1] ? 63 : -1;
}

Error illegalAt(std::size_t at) {
    return badRequest("illegal base64 data at input byte " + std::to_string(at));
}

// Letters alone; the bits that are left over at the end must be zero.
Result<std::string> decode(std::string_view text, const char* last) {
    std::string out;
    out.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    int count = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const int value = valueOf(text[at], last);
        if (value < 0)
            return illegalAt(at);
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        if ((count += 6) >= 8) {
            count -= 8;
            out += static_cast<char>(bits >> count & 255U);
        }
    }
    if (count >= 6 || (bits & ((1U << count) - 1)) != 0)
        return illegalAt(text.size() - 1);
    return out;
}
} // namespace

std::string base64(std::string_view bytes) {
    std::string out = encode(bytes, kStandard);
    out.resize((out.size() + 3) / 4 * 4, '=');
    return out;
}

std::string base64Url(std::string_view bytes) {
    return encode(bytes, kUrl);
}

Result<std::string> fromBase64(std::string_view text) {
    std::string letters;
    std::copy_if(text.begin(), text.end(), std::back_inserter(letters),
                 [](char c) { return c != '\r' && c != '\n'; });
    if (letters.size() % 4 != 0)
        return illegalAt(text.size());
    for (int padding = 0; padding < 2 && letters.ends_with('='); ++padding)
        letters.pop_back();
    return decode(letters, "+/");
}

Result<std::string> fromBase64Url(std::string_view text) {
    return decode(text, "-_");
}

std::string withoutStrayBits(std::string_view text) {
    std::string out(text);
    const std::size_t letters = text.find_last_not_of('=') + 1;
    const std::uint32_t used = letters % 4 == 2 ? 0x30U : letters % 4 == 3 ? 0x3CU : 0x3FU;
    if (letters == 0 || used == 0x3FU)
        return out;
    const char* alphabet = text.find_first_of("-_") == std::string_view::npos ? kStandard : kUrl;
    const std::size_t value = std::string_view(alphabet).find(out[letters - 1]);
    if (value != std::string_view::npos)
        out[letters - 1] = alphabet[value & used];
    return out;
}

} // namespace orrery
