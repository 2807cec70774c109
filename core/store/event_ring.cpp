#include "core/store/event_ring.h"

namespace orrery::store {

std::int64_t eventBytes(const Event& event) {
    constexpr std::int64_t kEventOverhead =
        320; // the structs, their strings and their shared counts
    const std::size_t value = event.current->value ? event.current->value->bytes().size() : 0;
    return kEventOverhead + static_cast<std::int64_t>(event.current->key.size() + value);
}

void EventRing::push(EventPtr event) {
    ORRERY_ASSERT(events_.empty() || event->revision == events_.back()->revision + 1);
    bytes_ += eventBytes(*event);
    events_.push_back(std::move(event));
}

void EventRing::dropBefore(Revision revision) {
    while (!events_.empty() && events_.front()->revision < revision) {
        bytes_ -= eventBytes(*events_.front());
        events_.pop_front();
    }
}

EventPtr EventRing::at(Revision revision) const {
    if (events_.empty() || revision < events_.front()->revision ||
        revision > events_.back()->revision)
        return nullptr;
    return events_[static_cast<std::size_t>(revision - events_.front()->revision)];
}

std::deque<EventPtr>::const_iterator EventRing::from(Revision revision) const {
    if (events_.empty() || revision > events_.back()->revision)
        return events_.end();
    if (revision <= events_.front()->revision)
        return events_.begin();
    return events_.begin() + (revision - events_.front()->revision);
}

} // namespace orrery::store
