// The addresses of a node's pod range.
#pragma once
#include <cstdint>
#include <set>
#include <string>

#include "core/base/error.h"

namespace orrery::kubelet {

class PodRange {
  public:
    // "10.244.3.0/24"; an empty or broken text leaves the range empty.
    void setCIDR(const std::string& cidr);
    bool known() const { return size_ > 0; }
    // The next free address, lowest first after the last one given.
    Result<std::string> take();
    void give(const std::string& ip);
    // Marks an address of an earlier run as used.
    void reserve(const std::string& ip);

  private:
    std::uint32_t base_ = 0, size_ = 0, next_ = 2; // .0 is the network, .1 the node's bridge
    std::set<std::uint32_t> used_;
};

} // namespace orrery::kubelet
