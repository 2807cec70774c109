// Who watches what. Watchers of one prefix share one list of each batch's events; an event finds
// the prefixes of its key without looking at any other, so thousands of watches of single objects
// cost nothing.
#pragma once
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/store/store.h"

namespace orrery::store {

class WatchHub {
  public:
    explicit WatchHub(Executor& executor);
    ~WatchHub();

    // `next`: the first revision to deliver. `replay`: older events, delivered by a task of their
    // own (never from inside add) and before all that deliver() brings.
    std::unique_ptr<Watch> add(std::string prefix, Revision next, std::vector<EventPtr> replay,
                               Store::OnEvents onEvents);
    // Runs the callbacks of all who want a part of `batch` (ascending). They may add and end
    // watches.
    void deliver(std::span<const EventPtr> batch);
    // The next write will have revision `next`, because newer ones were undone.
    void rewind(Revision next);
    // The number of watches.
    std::size_t size() const;

  private:
    struct Watcher;
    struct Group;
    struct Groups;
    class Handle;
    static void deliverTo(Watcher& watcher, std::span<const EventPtr> events);

    Executor& executor_;
    std::shared_ptr<Groups> groups_; // handles hold it weakly
};

} // namespace orrery::store
