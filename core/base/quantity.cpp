#include "core/base/quantity.h"

#include <algorithm>
#include <limits>

namespace orrery {

namespace {
__extension__ typedef __int128 Wide;
constexpr Wide kNano = 1'000'000'000;
// Kubernetes caps quantities at 2^63-1 units.
constexpr Wide kWideMax = static_cast<Wide>(std::numeric_limits<std::int64_t>::max()) * kNano;

struct Suffix {
    std::string_view text;
    int power; // of 10, or of 2
};
constexpr Suffix kDecimal[] = {{"n", -9}, {"u", -6}, {"m", -3}, {"", 0},   {"k", 3},
                               {"M", 6},  {"G", 9},  {"T", 12}, {"P", 15}, {"E", 18}};
constexpr Suffix kBinary[] = {{"Ki", 10}, {"Mi", 20}, {"Gi", 30},
                              {"Ti", 40}, {"Pi", 50}, {"Ei", 60}};

Wide power(int base, int exponent) {
    Wide result = 1;
    for (int i = 0; i < exponent; ++i)
        result *= base;
    return result;
}

std::string digits(Wide value) {
    if (value == 0)
        return "0";
    std::string text;
    const bool negative = value < 0;
    for (Wide rest = negative ? -value : value; rest != 0; rest /= 10)
        text.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    if (negative)
        text.push_back('-');
    std::reverse(text.begin(), text.end());
    return text;
}

// value * scale, saturating at the cap.
Wide multiplied(Wide value, Wide scale) {
    if (value != 0 && (value > 0 ? value : -value) > kWideMax / scale)
        return value > 0 ? kWideMax : -kWideMax;
    return value * scale;
}

// value / scale, rounded up away from zero.
Wide dividedUp(Wide value, Wide scale) {
    const Wide quotient = value / scale;
    if (value % scale == 0)
        return quotient;
    return value > 0 ? quotient + 1 : quotient - 1;
}

// The scale of a suffix: nanos = mantissa * base^power, in nano units.
struct Scale {
    Quantity::Format format = Quantity::Format::DecimalSI;
    int ten = 0, two = 0;
};

bool parseExponent(std::string_view text, int& out) {
    if (text.empty())
        return false;
    bool negative = false;
    if (text.front() == '+' || text.front() == '-') {
        negative = text.front() == '-';
        text.remove_prefix(1);
    }
    if (text.empty() || text.size() > 4)
        return false;
    int number = 0;
    for (char c : text) {
        if (c < '0' || c > '9')
            return false;
        number = number * 10 + (c - '0');
    }
    out = negative ? -number : number;
    return true;
}

bool parseSuffix(std::string_view text, Scale& scale) {
    for (const Suffix& suffix : kDecimal)
        if (text == suffix.text) {
            scale.ten = suffix.power;
            return true;
        }
    for (const Suffix& suffix : kBinary)
        if (text == suffix.text) {
            scale.two = suffix.power;
            scale.format = Quantity::Format::BinarySI;
            return true;
        }
    if ((text.front() == 'e' || text.front() == 'E') && parseExponent(text.substr(1), scale.ten)) {
        scale.format = Quantity::Format::DecimalExponent;
        return true;
    }
    return false;
}

// The digits of "12.5" as a count of 10^-fraction units; digits beyond 18 are cut (rounded up).
struct Mantissa {
    Wide number = 0;
    int fraction = 0;
    bool cut = false;
};
bool parseMantissa(std::string_view text, Mantissa& out) {
    bool point = false, any = false;
    for (char c : text) {
        if (c == '.') {
            if (point)
                return false;
            point = true;
            continue;
        }
        any = true;
        if (out.number > kWideMax || (point && out.fraction >= 18)) {
            out.cut = out.cut || c != '0';
            if (!point)
                out.fraction -= 1;
            continue;
        }
        out.number = out.number * 10 + (c - '0');
        out.fraction += point ? 1 : 0;
    }
    return any;
}
} // namespace

Result<Quantity> Quantity::parse(std::string_view text) {
    std::string_view rest = text;
    bool negative = false;
    if (!rest.empty() && (rest.front() == '+' || rest.front() == '-')) {
        negative = rest.front() == '-';
        rest.remove_prefix(1);
    }
    const std::size_t end = std::min(rest.find_first_not_of("0123456789."), rest.size());
    Mantissa mantissa;
    Scale scale;
    if (!parseMantissa(rest.substr(0, end), mantissa) || !parseSuffix(rest.substr(end), scale))
        return badRequest(std::string(kQuantityFormatError));
    Wide value = mantissa.number;
    if (scale.two > 0)
        value = multiplied(value, power(2, scale.two));
    int ten = scale.ten + 9 - mantissa.fraction; // into nano units
    bool cut = mantissa.cut;
    for (; ten > 0; --ten)
        value = multiplied(value, 10);
    for (; ten < 0; ++ten) {
        cut = cut || value % 10 != 0;
        value /= 10;
    }
    if (cut)
        value += 1;
    Quantity quantity;
    quantity.nano_ = std::min(value, kWideMax) * (negative ? -1 : 1);
    quantity.format_ = scale.format;
    return quantity;
}

Quantity Quantity::ofMilli(std::int64_t milli, Format format) {
    Quantity quantity;
    quantity.nano_ = static_cast<Wide>(milli) * (kNano / 1000);
    quantity.format_ = format;
    return quantity;
}

Quantity Quantity::of(std::int64_t value, Format format) {
    Quantity quantity;
    quantity.nano_ = static_cast<Wide>(value) * kNano;
    quantity.format_ = format;
    return quantity;
}

std::int64_t Quantity::value() const {
    return static_cast<std::int64_t>(dividedUp(nano_, kNano));
}

std::int64_t Quantity::milliValue() const {
    const Wide milli = dividedUp(nano_, kNano / 1000);
    const Wide max = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(milli > max ? max : milli < -max ? -max : milli);
}

std::string Quantity::text() const {
    if (nano_ == 0)
        return "0";
    const Wide size = nano_ < 0 ? -nano_ : nano_;
    // Binary only for whole numbers of at least 1024; smaller ones read as decimal.
    if (format_ == Format::BinarySI && size % kNano == 0 && size / kNano >= 1024) {
        Wide number = nano_ / kNano;
        int steps = 0;
        while (number % 1024 == 0 && steps < 6) {
            number /= 1024;
            ++steps;
        }
        return digits(number) + (steps == 0 ? "" : std::string(kBinary[steps - 1].text));
    }
    Wide number = nano_;
    int exponent = -9;
    while (exponent < 18 && number % 1000 == 0) {
        number /= 1000;
        exponent += 3;
    }
    if (format_ == Format::DecimalExponent)
        return digits(number) + (exponent == 0 ? "" : "e" + std::to_string(exponent));
    for (const Suffix& suffix : kDecimal)
        if (suffix.power == exponent)
            return digits(number) + std::string(suffix.text);
    return digits(number);
}

Quantity& Quantity::operator+=(const Quantity& other) {
    nano_ += other.nano_;
    return *this;
}
Quantity& Quantity::operator-=(const Quantity& other) {
    nano_ -= other.nano_;
    return *this;
}

} // namespace orrery
