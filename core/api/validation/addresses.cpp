#include "core/api/validation/addresses.h"

#include <algorithm>
#include <charconv>

namespace orrery::api {

namespace {
constexpr std::string_view kBadIp = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
constexpr std::string_view kBadCidr =
    "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

bool digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<int> decimal(std::string_view text, int max) {
    constexpr std::size_t kDigitsMax = 9; // zeros may lead
    if (!digits(text) || text.size() > kDigitsMax)
        return std::nullopt;
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value <= max ? std::optional<int>(value) : std::nullopt;
}

// Four decimal parts into `out`; `leadingZero` is set when one begins with a needless zero.
bool readFour(std::string_view text, std::uint8_t* out, bool& leadingZero) {
    for (int part = 0; part < 4; ++part) {
        const std::size_t dot = part < 3 ? text.find('.') : text.size();
        if (dot == std::string_view::npos)
            return false;
        const std::string_view number = text.substr(0, dot);
        const auto value = decimal(number, 255);
        if (!value)
            return false;
        leadingZero = leadingZero || (number.size() > 1 && number[0] == '0');
        out[part] = static_cast<std::uint8_t>(*value);
        text.remove_prefix(std::min(dot + 1, text.size()));
    }
    return true;
}

// The groups of "a:b:c", the last of which may be an IPv4 address. Nullopt when it is none.
std::optional<std::string> readGroups(std::string_view text, bool& leadingZero) {
    std::string bytes;
    while (!text.empty()) {
        const std::size_t colon = text.find(':');
        const std::string_view part = text.substr(0, colon);
        const bool last = colon == std::string_view::npos;
        if (last && part.find('.') != std::string_view::npos) {
            std::uint8_t four[4];
            if (!readFour(part, four, leadingZero))
                return std::nullopt;
            bytes.append(reinterpret_cast<const char*>(four), 4);
            return bytes;
        }
        unsigned value = 0;
        const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), value, 16);
        if (part.empty() || part.size() > 4 || code != std::errc() ||
            end != part.data() + part.size())
            return std::nullopt;
        bytes += static_cast<char>(value >> 8);
        bytes += static_cast<char>(value & 255);
        if (last)
            return bytes;
        text.remove_prefix(colon + 1);
        if (text.empty())
            return std::nullopt; // ends with a colon
    }
    return bytes;
}

std::optional<IpAddress> readSix(std::string_view text) {
    IpAddress address;
    const std::size_t gap = text.find("::");
    const auto head = readGroups(text.substr(0, gap), address.leadingZero);
    if (!head || (gap == std::string_view::npos && head->size() != 16))
        return std::nullopt;
    std::string tail;
    if (gap != std::string_view::npos) {
        if (text.substr(0, gap).find('.') != std::string_view::npos)
            return std::nullopt; // an IPv4 part stands at the end only
        const auto rest = readGroups(text.substr(gap + 2), address.leadingZero);
        if (!rest || head->size() + rest->size() > 14)
            return std::nullopt;
        tail = *rest;
    }
    std::copy(head->begin(), head->end(), address.bytes.begin());
    std::copy(tail.begin(), tail.end(), address.bytes.end() - static_cast<long>(tail.size()));
    address.mapped = address.v4();
    return address;
}

std::string textOfSix(const std::array<std::uint8_t, 16>& bytes) {
    const auto group = [&bytes](int i) { return bytes[2 * i] << 8 | bytes[2 * i + 1]; };
    int best = -1, bestLength = 1; // one zero group alone is not shortened
    for (int i = 0; i < 8; ++i) {
        int length = 0;
        while (i + length < 8 && group(i + length) == 0)
            ++length;
        if (length > bestLength) {
            best = i;
            bestLength = length;
        }
        i += length;
    }
    std::string text;
    for (int i = 0; i < 8; ++i) {
        if (i == best) {
            text += "::";
            i += bestLength - 1;
            continue;
        }
        if (!text.empty() && text.back() != ':')
            text += ':';
        char digits[4];
        const auto [end, code] = std::to_chars(digits, digits + 4, group(i), 16);
        text.append(digits, static_cast<std::size_t>(end - digits));
    }
    return text;
}

std::string quoted(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}
} // namespace

bool IpAddress::v4() const {
    return std::all_of(bytes.begin(), bytes.begin() + 10, [](auto b) { return b == 0; }) &&
           bytes[10] == 255 && bytes[11] == 255;
}

std::string IpAddress::text() const {
    if (!v4())
        return textOfSix(bytes);
    return std::to_string(bytes[12]) + "." + std::to_string(bytes[13]) + "." +
           std::to_string(bytes[14]) + "." + std::to_string(bytes[15]);
}

bool IpAddress::unspecified() const {
    return std::all_of(bytes.begin() + (v4() ? 12 : 0), bytes.end(), [](auto b) { return b == 0; });
}
bool IpAddress::loopback() const {
    return v4() ? bytes[12] == 127
                : bytes[15] == 1 &&
                      std::all_of(bytes.begin(), bytes.end() - 1, [](auto b) { return b == 0; });
}
bool IpAddress::linkLocal() const {
    return v4() ? bytes[12] == 169 && bytes[13] == 254
                : bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}
bool IpAddress::linkLocalMulticast() const {
    return v4() ? bytes[12] == 224 && bytes[13] == 0 && bytes[14] == 0
                : bytes[0] == 0xff && (bytes[1] & 0x0f) == 0x02;
}

IpAddress IpRange::first() const {
    IpAddress result = address;
    const int skip = 128 - width();
    for (int bit = skip + bits; bit < 128; ++bit)
        result.bytes[static_cast<std::size_t>(bit / 8)] &=
            static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
    return result;
}

bool IpRange::contains(const IpAddress& other) const {
    if (other.v4() != address.v4())
        return false;
    return IpRange{other, bits, false}.first() == first();
}

std::string IpRange::text() const {
    return first().text() + "/" + std::to_string(bits);
}

std::optional<IpAddress> parseIp(std::string_view text) {
    if (text.find(':') != std::string_view::npos)
        return readSix(text);
    IpAddress address;
    address.bytes[10] = address.bytes[11] = 255;
    if (!readFour(text, &address.bytes[12], address.leadingZero))
        return std::nullopt;
    return address;
}

std::optional<IpRange> parseCidr(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos)
        return std::nullopt;
    const auto address = parseIp(text.substr(0, slash));
    const std::string_view length = text.substr(slash + 1);
    const auto bits =
        address ? decimal(length, address->v4() && !address->mapped ? 32 : 128) : std::nullopt;
    if (!bits)
        return std::nullopt;
    IpRange range{*address, *bits, length.size() > 1 && length[0] == '0'};
    if (address->mapped) // its own length counts the 96 leading bits
        range.bits = std::max(0, *bits - 96);
    return range;
}

Sentences checkIp(std::string_view value) {
    const auto address = parseIp(value);
    if (!address)
        return {std::string(kBadIp)};
    Sentences wrong;
    if (address->leadingZero)
        wrong.emplace_back("must not have leading 0s");
    if (address->mapped)
        wrong.emplace_back("must not be an IPv4-mapped IPv6 address");
    return wrong;
}

Sentences checkCanonicalIp(std::string_view value) {
    Sentences wrong = checkIp(value);
    if (!wrong.empty())
        return wrong;
    const std::string text = parseIp(value)->text();
    if (text != value)
        wrong.push_back("must be in canonical form (" + quoted(text) + ")");
    return wrong;
}

Sentences checkCidr(std::string_view value) {
    const auto range = parseCidr(value);
    if (!range)
        return {std::string(kBadCidr)};
    if (range->leadingZero || range->address.leadingZero)
        return {"must not have leading 0s in IP or prefix length"};
    if (range->address.mapped)
        return {"must not have an IPv4-mapped IPv6 address"};
    if (!(range->first() == range->address))
        return {"must not have bits set beyond the prefix length"};
    return {};
}

Sentences checkCanonicalCidr(std::string_view value) {
    Sentences wrong = checkCidr(value);
    if (!wrong.empty())
        return wrong;
    const std::string text = parseCidr(value)->text();
    if (text != value)
        wrong.push_back("must be in canonical form (" + quoted(text) + ")");
    return wrong;
}

Sentences checkInterfaceAddress(std::string_view value) {
    const auto range = parseCidr(value);
    if (!range)
        return {"must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)"};
    const std::string text = range->address.text() + "/" + std::to_string(range->bits);
    if (text != value)
        return {"must be in canonical form (" + quoted(text) + ")"};
    return {};
}

Sentences checkEndpointIp(std::string_view value) {
    const auto address = parseIp(value);
    if (!address)
        return {"must be a valid IP address"};
    Sentences wrong;
    if (address->unspecified())
        wrong.push_back("may not be unspecified (" + std::string(value) + ")");
    if (address->loopback())
        wrong.emplace_back("may not be in the loopback range (127.0.0.0/8, ::1/128)");
    if (address->linkLocal())
        wrong.emplace_back("may not be in the link-local range (169.254.0.0/16, fe80::/10)");
    if (address->linkLocalMulticast())
        wrong.emplace_back(
            "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
    return wrong;
}

Sentences ipWarnings(const std::string& field, std::string_view value) {
    const auto address = parseIp(value);
    if (!address)
        return {};
    const std::string text = address->text();
    if (address->leadingZero || address->mapped)
        return {field + ": non-standard IP address " + quoted(value) + " is invalid: use " +
                quoted(text)};
    if (!address->v4() && text != value)
        return {field + ": IPv6 address " + quoted(value) +
                " should be in RFC 5952 canonical format (" + quoted(text) + ")"};
    return {};
}

Sentences cidrWarnings(const std::string& field, std::string_view value) {
    const auto range = parseCidr(value);
    if (!range)
        return {};
    Sentences warnings;
    const std::string text = range->text();
    if (!(range->first() == range->address))
        warnings.push_back(field + ": CIDR value " + quoted(value) +
                           " is ambiguous in this context (should be " + quoted(text) + " or " +
                           quoted(range->address.text() + "/" + std::to_string(range->width())) +
                           "?)");
    if (range->leadingZero || range->address.leadingZero || range->address.mapped)
        warnings.push_back(field + ": non-standard CIDR value " + quoted(value) +
                           " is invalid: use " + quoted(text));
    else if (!range->address.v4() && warnings.empty() && text != value)
        warnings.push_back(field + ": IPv6 CIDR value " + quoted(value) +
                           " should be in RFC 5952 canonical format (" + quoted(text) + ")");
    return warnings;
}

} // namespace orrery::api
