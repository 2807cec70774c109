// What /metrics tells of requests, in Prometheus' text format and with Kubernetes' names.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/time.h"

namespace orrery::apiserver {

// Counts of values by upper bounds.
template <std::size_t N> struct Histogram {
    std::array<std::uint64_t, N> within{}; // of each bucket alone
    std::uint64_t count = 0;
    double sum = 0;

    void observe(const std::array<double, N>& bounds, double value) {
        for (std::size_t i = 0; i < N; ++i)
            if (value <= bounds[i]) {
                ++within[i];
                break;
            }
        ++count;
        sum += value;
    }
};

// Writes one family after the other.
class MetricsText {
  public:
    void family(std::string_view name, std::string_view type, std::string_view help);
    // `labels` as in "verb=\"GET\",code=\"200\"", or "".
    void value(std::string_view name, std::string_view labels, double value);
    template <std::size_t N>
    void histogram(std::string_view name, std::string_view labels,
                   const std::array<double, N>& bounds, const Histogram<N>& from) {
        std::uint64_t below = 0;
        for (std::size_t i = 0; i < N; ++i)
            bucket(name, labels, number(bounds[i]), below += from.within[i]);
        bucket(name, labels, "+Inf", from.count);
        value(std::string(name) + "_sum", labels, from.sum);
        value(std::string(name) + "_count", labels, static_cast<double>(from.count));
    }
    std::string take() { return std::move(out_); }

    static std::string number(double value); // as Go prints it: 1e+06
    static std::string quoted(std::string_view text);

  private:
    void bucket(std::string_view name, std::string_view labels, std::string_view bound,
                std::uint64_t count);
    std::string out_;
};

class Metrics {
  public:
    struct Request {
        std::string verb, group, version, resource, subresource, scope;
        bool dryRun = false;
        int code = 0;
    };
    void count(const Request& request, Duration took, std::size_t responseBytes);
    // A watch or a log: it counts when it begins, and lasts as long as it may.
    void countStream(const Request& request);
    // How long a write took from its commit until it was on disk.
    void countDurable(const std::string& group, const std::string& resource,
                      std::string_view operation, Duration took);
    void append(MetricsText& text) const;

  private:
    static constexpr std::array<double, 23> kSeconds = {0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8,
                                                        1,     1.25,  1.5,  2,   3,   4,   5,   6,
                                                        8,     10,    15,   20,  30,  45,  60};
    static constexpr std::array<double, 7> kBytes = {1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    struct Series {
        Request request; // without the code
        std::vector<std::pair<int, std::uint64_t>> codes;
        Histogram<kSeconds.size()> seconds;
        Histogram<kBytes.size()> bytes;
    };
    struct Durable {
        std::string labels;
        Histogram<kSeconds.size()> seconds;
    };
    Series& seriesOf(const Request& request);
    static std::string labelsOf(const Request& request, int code, bool dryRun);

    std::string key_;                                 // of the series at hand: its room is kept
    std::unordered_map<std::string, Series> series_;  // sorted when it is told
    std::unordered_map<std::string, Durable> stored_; // likewise
};

} // namespace orrery::apiserver
