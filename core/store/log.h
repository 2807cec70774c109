// Where the store's events are kept: the seam between the plane thread's memory and a disk (or
// none).
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/store/store.h"

namespace orrery::store {

// What a log held when it was opened.
struct LoadedLog {
    std::vector<KeyValuePtr> live; // the newest value of each key that exists, by key
    Revision revision = 1;         // the newest revision ever kept; 1: none
    EventPtr newest;               // the event that made `revision`; null: none
};

// The writing side. One thread at a time: the writer's.
class LogWriter {
  public:
    virtual ~LogWriter() = default;
    // Keeps all of `batch`, durably, or nothing of it. Revisions ascend without a gap.
    virtual Result<void> append(std::span<const EventPtr> batch) = 0;
    // One small step of upkeep (a few milliseconds at most), between batches. `liveBytes`: the size
    // of what must be kept, so that the rest is history. `busy`: a batch waits. True: there is more
    // to do.
    virtual bool tidy(std::int64_t liveBytes, bool busy) = 0;
    virtual std::int64_t sizeBytes() const = 0;
};

// The reading side, for what memory no longer has. Plane thread. Answers are oldest first.
class LogReader {
  public:
    virtual ~LogReader() = default;
    // At most `limit` newest events of `key` before revision `before`.
    virtual Result<std::vector<EventPtr>> history(std::string_view key, Revision before,
                                                  int limit) = 0;
    // NotFound when it is not kept.
    virtual Result<EventPtr> eventAt(Revision revision) = 0;
    // At most `limit` newest events before revision `before`.
    virtual Result<std::vector<EventPtr>> recent(Revision before, int limit) = 0;
    // Lets go of what is open; later calls may open it again.
    virtual void close() {}
};

// The error of eventAt() for a revision that is not kept.
Error revisionNotKept(Revision revision);

} // namespace orrery::store
