// What /metrics tells: counters of requests in Prometheus' text format.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "core/base/time.h"

namespace orrery::apiserver {

class Metrics {
  public:
    struct Request {
        std::string verb, group, version, resource, subresource, scope;
        int code = 0;
        friend auto operator<=>(const Request&, const Request&) = default;
    };
    void count(const Request& request, Duration took);
    // `readOnly` and `mutating` are in flight now; `watches` are open.
    std::string text(int readOnly, int mutating, int watches, std::int64_t revision,
                     std::int64_t storeBytes) const;

  private:
    static constexpr std::array<double, 10> kSeconds = {0.005, 0.025, 0.05, 0.1, 0.2,
                                                        0.4,   0.6,   1,    5,   60};
    struct Histogram {
        std::array<std::uint64_t, kSeconds.size()> below{};
        std::uint64_t count = 0;
        double sum = 0;
    };
    std::map<Request, std::uint64_t> total_;
    std::map<Request, Histogram> duration_; // the code is 0
};

} // namespace orrery::apiserver
