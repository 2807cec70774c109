// The durable events of the last minutes, for watches that start in the past. Revisions have no
// gaps, so an event is found by counting.
#pragma once
#include <cstdint>
#include <deque>

#include "core/store/store.h"

namespace orrery::store {

class EventRing {
  public:
    // The revision must follow the newest one.
    void push(EventPtr event);
    // Drops events older than `revision`.
    void dropBefore(Revision revision);
    // Null when it is not (or no longer) here.
    EventPtr at(Revision revision) const;
    // Events from `revision` on, or all of them when that is older than the oldest.
    std::deque<EventPtr>::const_iterator from(Revision revision) const;
    const std::deque<EventPtr>& events() const { return events_; }
    // About what the events keep from being freed.
    std::int64_t bytes() const { return bytes_; }

  private:
    std::deque<EventPtr> events_;
    std::int64_t bytes_ = 0;
};

// About what an event takes in memory: its key, its new value, and a constant.
std::int64_t eventBytes(const Event& event);

} // namespace orrery::store
