#include "core/api/custom/string_formats.h"

#include <algorithm>

#include "core/api/custom/go_regexp.h"
#include "core/api/go_decode.h"
#include "core/api/validation/formats.h"
#include "core/base/time.h"

namespace orrery::api {

namespace {
using Check = bool (*)(std::string_view);

bool fits(const char* pattern, std::string_view text) {
    // One program for each pattern, kept: the patterns are literals of this file.
    static std::map<const char*, GoRegexp> kept;
    auto at = kept.find(pattern);
    if (at == kept.end()) {
        Result<GoRegexp> made = GoRegexp::compile(pattern);
        ORRERY_ASSERT(made.has_value());
        at = kept.emplace(pattern, std::move(*made)).first;
    }
    return at->second.matches(text);
}

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

std::string digitsOf(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (c != '-' && c != ' ')
            out.push_back(c);
    return out;
}

bool isUri(std::string_view text) {
    if (text.empty())
        return false;
    for (const char c : text)
        if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f)
            return false;
    return text[0] == '/' || fits(R"(^[A-Za-z][A-Za-z0-9+.-]*:)", text);
}

bool isEmail(std::string_view text) {
    return fits(R"(^([^<>]*<)?[^\s@<>(),:;"\[\]]+@[^\s@<>(),:;"]+>?$)", text) &&
           (text.find('<') == std::string_view::npos) == (text.find('>') == std::string_view::npos);
}

bool isHostname(std::string_view text) {
    constexpr std::size_t kBytesMax = 255;
    return text.size() <= kBytesMax &&
           fits(R"(^([a-zA-Z0-9\p{S}\p{L}](-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?|)"
                R"(([a-zA-Z0-9\p{S}\p{L}]([a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?\.)+)"
                R"([a-zA-Z\p{L}]{2,63})$)",
                text);
}

bool isIp(std::string_view text) {
    return checkIp(text).empty();
}

bool isIpv4(std::string_view text) {
    return text.find('.') != std::string_view::npos && isIp(text);
}

bool isIpv6(std::string_view text) {
    return text.find(':') != std::string_view::npos && isIp(text);
}

bool isCidr(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos || !isIp(text.substr(0, slash)))
        return false;
    const std::string_view bits = text.substr(slash + 1);
    if (bits.empty() || bits.size() > 3 || !std::all_of(bits.begin(), bits.end(), isDigit))
        return false;
    const bool six = text.find(':') != std::string_view::npos;
    return std::atoi(std::string(bits).c_str()) <= (six ? 128 : 32);
}

bool isMac(std::string_view text) {
    return fits(R"(^([0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){7}|)"
                R"([0-9A-Fa-f]{4}(\.[0-9A-Fa-f]{4}){2}|[0-9A-Fa-f]{4}(\.[0-9A-Fa-f]{4}){3})$)",
                text);
}

bool isUuid(std::string_view text) {
    return fits(R"((?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$)", text);
}

bool isUuid3(std::string_view text) {
    return fits(R"((?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$)", text);
}

bool isUuid4(std::string_view text) {
    return fits(R"((?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$)",
                text);
}

bool isUuid5(std::string_view text) {
    return fits(R"((?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$)",
                text);
}

bool isIsbn10(std::string_view text) {
    const std::string digits = digitsOf(text);
    if (digits.size() != 10)
        return false;
    int sum = 0;
    for (int i = 0; i < 10; ++i) {
        const char c = digits[static_cast<std::size_t>(i)];
        if (!isDigit(c) && !(i == 9 && c == 'X'))
            return false;
        sum += (10 - i) * (c == 'X' ? 10 : c - '0');
    }
    return sum % 11 == 0;
}

bool isIsbn13(std::string_view text) {
    const std::string digits = digitsOf(text);
    if (digits.size() != 13 || !std::all_of(digits.begin(), digits.end(), isDigit))
        return false;
    int sum = 0;
    for (std::size_t i = 0; i < 13; ++i)
        sum += (digits[i] - '0') * (i % 2 == 0 ? 1 : 3);
    return sum % 10 == 0;
}

bool isIsbn(std::string_view text) {
    return isIsbn10(text) || isIsbn13(text);
}

bool isCreditCard(std::string_view text) {
    const std::string digits = digitsOf(text);
    if (digits.size() < 13 || digits.size() > 19 ||
        !std::all_of(digits.begin(), digits.end(), isDigit))
        return false;
    int sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        int digit = digits[digits.size() - 1 - i] - '0';
        if (i % 2 == 1)
            digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10 == 0;
}

bool isDate(std::string_view text) {
    return text.size() == 10 && fits(R"(^\d{4}-\d{2}-\d{2}$)", text) &&
           parseTime(std::string(text) + "T00:00:00Z").has_value();
}

bool isDateTime(std::string_view text) {
    const std::size_t t = text.find_first_of("Tt");
    return t == 10 && isDate(text.substr(0, t)) &&
           fits(R"((?i)^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(z|[+-]\d{2}:\d{2})$)",
                text.substr(t + 1));
}

bool isDuration(std::string_view text) {
    return fits(R"(^[+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)((\d+(\.\d*)?|\.\d+))"
                R"((ns|us|µs|μs|ms|s|m|h))*$)",
                text) ||
           text == "0" ||
           fits(R"((?i)^\s*-?\d+\s*(ns|nanos?|nanoseconds?|us|µs|micros?|microseconds?|)"
                R"(ms|millis?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|)"
                R"(d|days?|w|weeks?)$)",
                text);
}

bool isByte(std::string_view text) {
    return goBase64Error(text) < 0;
}

bool isHexColor(std::string_view text) {
    return fits(R"(^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$)", text);
}

bool isRgbColor(std::string_view text) {
    return fits(
        R"(^rgb\(\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|)"
        R"(25[0-5])\s*,\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*\)$)",
        text);
}

bool isSsn(std::string_view text) {
    return fits(R"(^\d{3}[- ]?\d{2}[- ]?\d{4}$)", text);
}

bool isObjectId(std::string_view text) {
    return fits(R"((?i)^[0-9a-f]{24}$)", text);
}

bool isShortName(std::string_view text) {
    return checkDns1123Label(text).empty();
}

bool isLongName(std::string_view text) {
    return checkDns1123Subdomain(text).empty();
}

bool anything(std::string_view) {
    return true;
}

// Dashes in a format's name don't count: "date-time" is "datetime".
Check checkOf(std::string_view format) {
    static const std::map<std::string, Check, std::less<>> kChecks = {
        {"bsonobjectid", isObjectId},
        {"uri", isUri},
        {"email", isEmail},
        {"hostname", isHostname},
        {"ipv4", isIpv4},
        {"ipv6", isIpv6},
        {"cidr", isCidr},
        {"mac", isMac},
        {"uuid", isUuid},
        {"uuid3", isUuid3},
        {"uuid4", isUuid4},
        {"uuid5", isUuid5},
        {"isbn", isIsbn},
        {"isbn10", isIsbn10},
        {"isbn13", isIsbn13},
        {"creditcard", isCreditCard},
        {"ssn", isSsn},
        {"hexcolor", isHexColor},
        {"rgbcolor", isRgbColor},
        {"byte", isByte},
        {"password", anything},
        {"date", isDate},
        {"duration", isDuration},
        {"datetime", isDateTime},
        {"k8sshortname", isShortName},
        {"k8slongname", isLongName},
    };
    std::string name;
    for (const char c : format)
        if (c != '-')
            name.push_back(c);
    const auto at = kChecks.find(name);
    return at == kChecks.end() ? nullptr : at->second;
}
} // namespace

bool knowsStringFormat(std::string_view format) {
    return checkOf(format) != nullptr;
}

bool hasStringFormat(std::string_view format, std::string_view text) {
    const Check check = checkOf(format);
    return !check || check(text);
}

} // namespace orrery::api
