#include "vmnodes/kubelet/pod_range.h"

#include <cstdio>

namespace orrery::kubelet {

namespace {
bool parseAddress(const std::string& text, std::uint32_t& out) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    char rest = 0;
    if (std::sscanf(text.c_str(), "%3u.%3u.%3u.%3u%c", &a, &b, &c, &d, &rest) != 4 || a > 255 ||
        b > 255 || c > 255 || d > 255)
        return false;
    out = (a << 24) | (b << 16) | (c << 8) | d;
    return true;
}

std::string addressText(std::uint32_t address) {
    return std::to_string(address >> 24) + "." + std::to_string((address >> 16) & 255) + "." +
           std::to_string((address >> 8) & 255) + "." + std::to_string(address & 255);
}
} // namespace

void PodRange::setCIDR(const std::string& cidr) {
    const std::size_t slash = cidr.find('/');
    std::uint32_t base = 0;
    unsigned bits = 0;
    if (slash == std::string::npos || !parseAddress(cidr.substr(0, slash), base) ||
        std::sscanf(cidr.c_str() + slash + 1, "%2u", &bits) != 1 || bits < 8 || bits > 30)
        return;
    base_ = base;
    size_ = 1u << (32 - bits);
}

Result<std::string> PodRange::take() {
    if (!known())
        return internalError("the node has no pod range yet (spec.podCIDR is empty)");
    for (std::uint32_t tried = 0; tried < size_ - 3; ++tried) {
        const std::uint32_t offset = next_;
        next_ = next_ + 2 < size_ ? next_ + 1 : 2;
        if (used_.insert(offset).second)
            return addressText(base_ + offset);
    }
    return internalError("failed to allocate for range 0: no IP addresses available in range set");
}

void PodRange::give(const std::string& ip) {
    std::uint32_t address = 0;
    if (parseAddress(ip, address))
        used_.erase(address - base_);
}

void PodRange::reserve(const std::string& ip) {
    std::uint32_t address = 0;
    if (parseAddress(ip, address) && address > base_ && address - base_ < size_)
        used_.insert(address - base_);
}

} // namespace orrery::kubelet
