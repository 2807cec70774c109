// resource.Quantity: "500m", "1Gi", "2e3". Exact: a signed 128-bit count of 1e-9 units.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace orrery {

// What is said of a text that is none, in upstream's words.
inline constexpr std::string_view kQuantityFormatError =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

class Quantity {
  public:
    enum class Format : std::uint8_t { DecimalExponent, BinarySI, DecimalSI };

    Quantity() = default;
    // The error's message is kQuantityFormatError.
    static Result<Quantity> parse(std::string_view text);
    static Quantity ofMilli(std::int64_t milli, Format format = Format::DecimalSI);
    static Quantity of(std::int64_t value, Format format = Format::DecimalSI);

    // Canonical form: "0.5" -> "500m", "1024Mi" -> "1Gi", "1000m" -> "1".
    std::string text() const;
    // Rounded up (away from zero), as Quantity.Value() and MilliValue(); clamped to 64 bits.
    std::int64_t value() const;
    std::int64_t milliValue() const;
    Format format() const { return format_; }
    int sign() const { return nano_ < 0 ? -1 : nano_ > 0 ? 1 : 0; }

    Quantity& operator+=(const Quantity& other);
    Quantity& operator-=(const Quantity& other);
    friend auto operator<=>(const Quantity& a, const Quantity& b) { return a.nano_ <=> b.nano_; }
    friend bool operator==(const Quantity& a, const Quantity& b) { return a.nano_ == b.nano_; }

  private:
    __extension__ typedef __int128 Nano; // of g++ and clang; MSVC needs a two-word type here
    Nano nano_ = 0;
    Format format_ = Format::DecimalSI;
};

} // namespace orrery
