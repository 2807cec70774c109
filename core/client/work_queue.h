// The queue of a control loop: client-go's work queue, on Env's time.
//
//     add -> waiting -> get -> processing -> done
//
// A key stands in it once, however often it is added. A key that is added while it is processed
// waits until done(), then stands in the queue again: nobody works on one key twice at a time.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/runtime/env.h"

namespace orrery::client {

// What made a key stand in the queue: the first event since it was taken out the last time.
struct Wake {
    enum class What : std::uint8_t { Added, Changed, Deleted, Timer, Retry };
    const char* kind = ""; // "Pod"; a literal
    What what = What::Timer;
    std::string key;           // of the object: "default/web-x2"
    std::int64_t revision = 0; // 0 for timers
    // "Pod default/web-x2 was deleted", "a timer was due"
    std::string text() const;
};

class WorkQueue {
  public:
    // `onReady` runs when the queue was empty and isn't any more.
    WorkQueue(Env& env, std::function<void()> onReady);
    ~WorkQueue();

    void add(const std::string& key, Wake wake);
    // Not before `delay` from now. An earlier time wins over a later one.
    void addAfter(const std::string& key, Duration delay, Wake wake = {});
    // After this key's back-off: 5 ms, twice as long with each failure, at most 1000 s. `revision`
    // is what woke the try that failed: the next one has the same cause; 0 is none.
    void addRateLimited(const std::string& key, std::int64_t revision = 0);
    // The key works again: its back-off starts anew.
    void forget(const std::string& key) { failures_.erase(key); }
    int failures(const std::string& key) const;

    struct Item {
        std::string key;
        Wake wake;
        Time queuedAt{};
    };
    // The next key, now processing; nothing when no key waits.
    std::optional<Item> get();
    void done(const std::string& key);

    int length() const { return static_cast<int>(order_.size()); }
    // The keys that wait, first first, at most `limit`.
    std::vector<std::string> keys(int limit) const;

  private:
    struct Waiting {
        Wake wake;
        Time queuedAt{};
    };
    void push(const std::string& key, Wake wake);
    void armTimer();
    void onTimer();

    Env& env_;
    std::function<void()> onReady_;
    std::deque<std::string> order_;
    std::unordered_map<std::string, Waiting> waiting_;                   // those in order_
    std::unordered_map<std::string, std::optional<Waiting>> processing_; // with what came meanwhile
    std::unordered_map<std::string, int> failures_;
    std::map<std::pair<Time, std::string>, Wake> delayed_;
    std::unordered_map<std::string, Time> delayedAt_;
    TimerId timer_ = 0;
    Time timerAt_{};
};

} // namespace orrery::client
