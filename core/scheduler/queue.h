// The pods without a node. Active ones have their turn by priority, then by time (PrioritySort). A
// pod that fits nowhere waits until something happens that could change that; gated pods
// (SchedulingGates) wait for their gates.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/runtime/env.h"
#include "core/scheduler/placement.h"
#include "core/scheduler/plugin.h"

namespace orrery::scheduler {

struct QueuedPod {
    PodInfoPtr info;
    WaitingPod::Where where = WaitingPod::Where::Active;
    Time since{};    // first seen
    Time queuedAt{}; // its place among equals of the active queue
    Time until{};    // no turn before this: the pause after the last failure
    int attempts = 0;
    int timesUnschedulable = 0, errorsInARow = 0;
    bool failed = false;          // the last attempt ended in an error: its pause is kept in full
    std::uint32_t rejectedBy = 0; // plugins, as bits
    std::uint32_t wakesOn = 0;    // the Happenings that those plugins wait for
    std::string reason, message;  // of the last attempt
    std::string woken;
    std::int64_t wokenBy = 0;
    std::uint64_t sequence = 0; // of its arrival
};

class SchedulingQueue {
  public:
    static constexpr Duration kPauseFirst = std::chrono::seconds(1);
    static constexpr Duration kPauseMax = std::chrono::seconds(10);
    // A pod that nothing woke for so long is tried again anyway.
    static constexpr Duration kForgottenAfter = std::chrono::minutes(5);

    explicit SchedulingQueue(const Clock& clock) : clock_(clock) {}

    // A new pod, or a newer state of one. A waiting pod whose spec or labels changed gets its turn.
    void upsert(PodInfoPtr info, const std::string& woken, std::int64_t revision);
    void remove(const std::string& key);
    // The next pod's turn: it is Binding from now on. Null when nobody's turn has come.
    QueuedPod* pop();
    // It fits nowhere: waits for what its rejecting plugins wake on.
    void onUnschedulable(const std::string& key, std::uint32_t rejectedBy, std::uint32_t wakesOn,
                         std::string reason, std::string message);
    // Something failed: again after a pause.
    void onError(const std::string& key, std::string reason, std::string message);
    // Wakes the pods that this may unblock; returns how many.
    int onEvent(const ClusterEvent& event);
    // Moves what is due by now.
    void flush();
    // When flush() will have something to do; nullopt: never, as things stand.
    std::optional<Time> nextDue() const;

    const QueuedPod* find(const std::string& key) const;
    bool anyReady() const;
    int readyCount() const { return static_cast<int>(active_.size() + backoff_.size()); }
    int size() const { return static_cast<int>(pods_.size()); }
    // By arrival.
    const std::map<std::uint64_t, QueuedPod>& all() const { return pods_; }
    // The keys whose turn comes, first first, at most `limit`.
    std::vector<std::string> ready(int limit) const;

  private:
    struct ActiveKey {
        int priority;
        Time queuedAt;
        std::uint64_t sequence;
        bool operator<(const ActiveKey& other) const;
    };
    using TimeKey = std::pair<Time, std::uint64_t>;
    QueuedPod* entry(const std::string& key);
    ActiveKey activeKey(const QueuedPod& pod) const {
        return {pod.info->priority(), pod.queuedAt, pod.sequence};
    }
    void takeOut(QueuedPod& pod);
    void putInto(QueuedPod& pod, WaitingPod::Where where);
    void wake(QueuedPod& pod, const std::string& woken, std::int64_t revision);
    Duration pauseOf(const QueuedPod& pod) const;

    const Clock& clock_;
    std::map<std::uint64_t, QueuedPod> pods_; // by sequence
    std::unordered_map<std::string, std::uint64_t> sequenceOf_;
    std::uint64_t lastSequence_ = 0;
    std::set<ActiveKey> active_;
    std::set<TimeKey> backoff_;       // by QueuedPod::until
    std::set<TimeKey> unschedulable_; // by QueuedPod::queuedAt
};

} // namespace orrery::scheduler
