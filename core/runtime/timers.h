// Timers of an executor: ordered by time, equal times by their making. Used under the owner's
// rules.
#pragma once
#include <map>
#include <optional>
#include <unordered_map>

#include "core/runtime/env.h"

namespace orrery {

class Timers {
  public:
    TimerId add(Time at, Task task) {
        const TimerId id = ++last_;
        byTime_.emplace(std::pair{at, id}, std::move(task));
        times_.emplace(id, at);
        return id;
    }
    void remove(TimerId id) {
        const auto found = times_.find(id);
        if (found == times_.end())
            return;
        byTime_.erase({found->second, id});
        times_.erase(found);
    }
    std::optional<Time> next() const {
        return byTime_.empty() ? std::nullopt : std::optional(byTime_.begin()->first.first);
    }
    // Takes the first timer that is due at `now`, if any.
    std::optional<Task> takeDue(Time now) {
        if (byTime_.empty() || byTime_.begin()->first.first > now)
            return std::nullopt;
        Task task = std::move(byTime_.begin()->second);
        times_.erase(byTime_.begin()->first.second);
        byTime_.erase(byTime_.begin());
        return task;
    }

  private:
    std::map<std::pair<Time, TimerId>, Task> byTime_;
    std::unordered_map<TimerId, Time> times_; // never iterated
    TimerId last_ = 0;
};

} // namespace orrery
