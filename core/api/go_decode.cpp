#include "core/api/go_decode.h"

#include <charconv>

namespace orrery::api {

std::string_view goValueName(const Json& value) {
    switch (value.kind()) {
    case JsonKind::object:
        return "object";
    case JsonKind::array:
        return "array";
    case JsonKind::string:
        return "string";
    case JsonKind::bool_:
        return "bool";
    case JsonKind::null:
        return "null";
    default:
        return "number";
    }
}

std::string goNumber(const Json& number) {
    if (!number.is_double())
        return serializeJson(number);
    // Whole doubles were written with a fraction or an exponent; the shorter spelling is shown.
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number.get_double());
    std::string text(buffer, end.ptr);
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

bool isCanonicalCount(std::string_view text) {
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9')
        ++digits;
    if (digits == 0 || digits > 3 || (text[0] == '0' && text.size() > 1))
        return false;
    const std::string_view suffix = text.substr(digits);
    return suffix.empty() || suffix == "m" || suffix == "Ki" || suffix == "Mi" || suffix == "Gi";
}

namespace {
bool isBase64(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}
bool isNewline(char c) {
    return c == '\r' || c == '\n';
}
} // namespace

std::ptrdiff_t goBase64Error(std::string_view text) {
    std::size_t at = 0, inQuantum = 0;
    const auto skipNewlines = [&] {
        while (at < text.size() && isNewline(text[at]))
            ++at;
    };
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (isBase64(c)) {
            inQuantum = (inQuantum + 1) % 4;
            continue;
        }
        if (isNewline(c))
            continue;
        if (c != '=' || inQuantum < 2)
            return static_cast<std::ptrdiff_t>(at);
        ++at;
        if (inQuantum == 2) {
            skipNewlines();
            if (at == text.size())
                return static_cast<std::ptrdiff_t>(at);
            if (text[at] != '=')
                return static_cast<std::ptrdiff_t>(at) - 1;
            ++at;
        }
        skipNewlines();
        return at < text.size() ? static_cast<std::ptrdiff_t>(at) : -1;
    }
    return inQuantum == 0 ? -1 : static_cast<std::ptrdiff_t>(text.size() - inQuantum);
}

std::string goTimeError(std::string_view text, bool micro) {
    const std::string_view layout =
        micro ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00";
    const auto sentence = [&](std::string_view rest, std::string_view element) {
        return "parsing time \"" + std::string(text) + "\" as \"" + std::string(layout) +
               "\": cannot parse \"" + std::string(rest) + "\" as \"" + std::string(element) + "\"";
    };
    static const std::pair<std::string_view, std::size_t> kElements[] = {
        {"2006", 4}, {"-", 0}, {"01", 2}, {"-", 0}, {"02", 2}, {"T", 0},
        {"15", 2},   {":", 0}, {"04", 2}, {":", 0}, {"05", 2}};
    std::string_view rest = text;
    for (const auto& [element, digits] : kElements) {
        if (digits == 0) {
            if (!rest.starts_with(element))
                return sentence(rest, element);
            rest.remove_prefix(1);
            continue;
        }
        if (rest.size() < digits ||
            rest.substr(0, digits).find_first_not_of("0123456789") != std::string_view::npos)
            return sentence(rest, element);
        rest.remove_prefix(digits);
    }
    if (rest.starts_with(".")) {
        const std::size_t digits = rest.find_first_not_of("0123456789", 1);
        rest = digits == std::string_view::npos ? std::string_view() : rest.substr(digits);
    } else if (micro) {
        return sentence(rest, ".000000");
    }
    if (rest != "Z" && !rest.starts_with('+') && !rest.starts_with('-'))
        return sentence(rest, "Z07:00");
    return "parsing time \"" + std::string(text) + "\": day out of range";
}

} // namespace orrery::api
