#include "core/api/custom/go_numbers.h"

#include <charconv>

namespace orrery::api {

namespace {
// The shortest digits that read back as `value`; with an exponent outside of 1e-`low` to 1e`high`.
std::string shortest(double value, int low, int high) {
    char buffer[40];
    auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
    const std::string text(buffer, end.ptr);
    const int exponent = std::atoi(text.c_str() + text.find('e') + 1);
    if (exponent < low || exponent >= high)
        return text;
    char plain[400];
    end = std::to_chars(plain, plain + sizeof plain, value, std::chars_format::fixed);
    return std::string(plain, end.ptr);
}
} // namespace

std::string goNumberText(double value, bool whole) {
    return whole ? std::to_string(static_cast<std::int64_t>(value)) : shortest(value, -4, 6);
}

Json goNumberJson(double value, bool whole) {
    return whole ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

std::string goJsonNumber(double value) {
    std::string text = shortest(value, -6, 21);
    // Go leaves the zero of a negative exponent of one digit out: 1e-7.
    const std::size_t at = text.find("e-0");
    if (at != std::string::npos && at + 4 == text.size())
        text.erase(at + 2, 1);
    return text;
}

} // namespace orrery::api
