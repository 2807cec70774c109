// IP addresses and ranges, as Kubernetes reads, judges and prints them.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/api/validation/formats.h"

namespace orrery::api {

// An address in 16 bytes; an IPv4 one as ::ffff:a.b.c.d, like Go's net.IP.
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};
    bool mapped = false;      // was written as ::ffff:a.b.c.d
    bool leadingZero = false; // has an IPv4 part like 010
    bool v4() const;          // IPv4, however it was written
    // The canonical form: "10.0.0.1", "2001:db8::1"; a mapped address prints as IPv4.
    std::string text() const;
    bool unspecified() const;
    bool loopback() const;
    bool linkLocal() const;
    bool linkLocalMulticast() const;
    friend bool operator==(const IpAddress& a, const IpAddress& b) { return a.bytes == b.bytes; }
};

// "10.0.0.0/8": the address as written and the length of the prefix (of 32 or 128 bits).
struct IpRange {
    IpAddress address;
    int bits = 0;
    bool leadingZero = false; // in the length
    int width() const { return address.v4() ? 32 : 128; }
    // The first address of the range.
    IpAddress first() const;
    bool contains(const IpAddress& other) const;
    // The canonical form: first address and length.
    std::string text() const;
};

// The tolerant readers: leading zeros and mapped addresses are read too.
std::optional<IpAddress> parseIp(std::string_view text);
std::optional<IpRange> parseCidr(std::string_view text);

// Newer fields: the canonical spelling alone.
Sentences checkCanonicalIp(std::string_view value);
Sentences checkCanonicalCidr(std::string_view value);
// An address with the length of its network's prefix: "192.168.1.5/24".
Sentences checkInterfaceAddress(std::string_view value);
// An address that something can be reached at: not loopback, link-local, ...
Sentences checkEndpointIp(std::string_view value);
// What a client is warned of: a spelling that later versions may refuse. `field` leads each line.
Sentences ipWarnings(const std::string& field, std::string_view value);
Sentences cidrWarnings(const std::string& field, std::string_view value);

} // namespace orrery::api
