// Events live for an hour after their last change. One timer, for the oldest.
#pragma once
#include <deque>
#include <functional>
#include <string>

#include "core/runtime/env.h"
#include "core/store/store.h"

namespace orrery::apiserver {

class EventExpiry {
  public:
    static constexpr std::string_view kPrefix = "/registry/events/";
    EventExpiry(Env& env, store::Store& store, Duration live);
    ~EventExpiry();
    // Counts the events that are in the store already from now on.
    void start();
    // An event was written.
    void onWrite(const std::string& key, store::Revision revision);

  private:
    struct Due {
        Time at;
        std::string key;
        store::Revision revision; // nothing happens when it was written again since
    };
    void arm();
    void expire();

    Env& env_;
    store::Store& store_;
    Duration live_;
    std::deque<Due> queue_; // by time: all live equally long
    TimerId timer_ = 0;
};

} // namespace orrery::apiserver
