#include "core/store/memory_log.h"

#include <algorithm>

#include "core/store/event_ring.h"

namespace orrery::store {

Error revisionNotKept(Revision revision) {
    return makeError(Reason::NotFound,
                     "revision " + std::to_string(revision) + " is not kept in the history");
}

Result<void> MemoryLog::append(std::span<const EventPtr> batch) {
    for (const EventPtr& event : batch) {
        bytes_ += eventBytes(*event);
        events_.push_back(event);
    }
    return {};
}

bool MemoryLog::tidy(std::int64_t, bool) {
    while (bytes_ > bytesMax_ && events_.size() > 1) {
        bytes_ -= eventBytes(*events_.front());
        events_.pop_front();
    }
    return false;
}

Result<std::vector<EventPtr>> MemoryLog::history(std::string_view key, Revision before, int limit) {
    std::vector<EventPtr> found;
    for (auto at = events_.rbegin(); at != events_.rend(); ++at) {
        if (static_cast<int>(found.size()) >= limit)
            break;
        if ((*at)->revision < before && (*at)->current->key == key)
            found.push_back(*at);
    }
    std::reverse(found.begin(), found.end());
    return found;
}

Result<EventPtr> MemoryLog::eventAt(Revision revision) {
    if (events_.empty() || revision < events_.front()->revision ||
        revision > events_.back()->revision)
        return revisionNotKept(revision);
    return events_[static_cast<std::size_t>(revision - events_.front()->revision)];
}

Result<std::vector<EventPtr>> MemoryLog::recent(Revision before, int limit) {
    std::vector<EventPtr> found;
    for (auto at = events_.rbegin(); at != events_.rend(); ++at) {
        if (static_cast<int>(found.size()) >= limit)
            break;
        if ((*at)->revision < before)
            found.push_back(*at);
    }
    std::reverse(found.begin(), found.end());
    return found;
}

} // namespace orrery::store
