#include "core/runtime/env.h"

#include <cstdio>

namespace orrery {

std::uint64_t Random::below(std::uint64_t bound) {
    ORRERY_ASSERT(bound > 0);
    // Values from `limit` on would make small results likelier: draw again.
    const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
    while (true) {
        const std::uint64_t value = next();
        if (value < limit)
            return value % bound;
    }
}

double Random::unit() {
    return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

std::string newUid(Random& random) {
    const std::uint64_t high = (random.next() & ~0xF000ULL) | 0x4000ULL;
    const std::uint64_t low = (random.next() & 0x3FFFFFFFFFFFFFFFULL) | 0x8000000000000000ULL;
    char text[40];
    std::snprintf(text, sizeof text, "%08x-%04x-%04x-%04x-%012llx",
                  static_cast<unsigned>(high >> 32), static_cast<unsigned>(high >> 16) & 0xFFFFu,
                  static_cast<unsigned>(high) & 0xFFFFu, static_cast<unsigned>(low >> 48),
                  static_cast<unsigned long long>(low & 0xFFFFFFFFFFFFULL));
    return text;
}

std::string newNameSuffix(Random& random, int length) {
    static constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
    std::string text;
    for (int i = 0; i < length; ++i)
        text.push_back(kAlphabet[random.below(kAlphabet.size())]);
    return text;
}

} // namespace orrery
