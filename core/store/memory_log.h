// The log of a store without a file: history in memory, bounded, so that "why" and rewind work in
// the simulated world too. Plane thread only.
#pragma once
#include <deque>

#include "core/store/log.h"

namespace orrery::store {

class MemoryLog final : public LogWriter, public LogReader {
  public:
    // The oldest events are dropped beyond `bytesMax`.
    explicit MemoryLog(std::int64_t bytesMax) : bytesMax_(bytesMax) {}

    Result<void> append(std::span<const EventPtr> batch) override;
    bool tidy(std::int64_t liveBytes, bool busy) override;
    std::int64_t sizeBytes() const override { return bytes_; }

    Result<std::vector<EventPtr>> history(std::string_view key, Revision before,
                                          int limit) override;
    Result<EventPtr> eventAt(Revision revision) override;
    Result<std::vector<EventPtr>> recent(Revision before, int limit) override;

  private:
    std::int64_t bytesMax_;
    std::int64_t bytes_ = 0;
    std::deque<EventPtr> events_; // revisions without a gap
};

} // namespace orrery::store
