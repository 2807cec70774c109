#include "app/bridge/timeline.h"

#include "app/bridge/text.h"

namespace orrery::app {

void Timeline::apply(const Batch& batch) {
    advance(epochMillis(batch.at) / 1000);
    for (const auto& [second, revisions] : batch.skyline) {
        const std::int64_t bar = second / kSecondsPerBar;
        end_ = std::max(end_, bar);
        if (bar > end_ - kBars)
            counts_[bar] += revisions;
    }
    counts_.erase(counts_.begin(), counts_.upper_bound(end_ - kBars));
    if (!batch.skyline.empty())
        emit changed();
}

void Timeline::advance(std::int64_t nowSeconds) {
    const std::int64_t now = nowSeconds / kSecondsPerBar;
    if (now <= end_)
        return;
    end_ = now;
    if (!counts_.empty())
        emit changed();
}

std::vector<int> Timeline::bars() const {
    std::vector<int> result(kBars, 0);
    for (const auto& [bar, revisions] : counts_)
        if (const std::int64_t at = bar - (end_ - kBars) - 1; at >= 0 && at < kBars)
            result[static_cast<std::size_t>(at)] = revisions;
    return result;
}

} // namespace orrery::app
