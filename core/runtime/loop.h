// A control loop that can be looked at, paused and stepped: every controller, the scheduler, the
// kubelets.
#pragma once
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "core/base/time.h"

namespace orrery {

// What one step did.
struct LoopStep {
    Time at{};
    std::string key;           // what it worked on: "default/web"
    std::string woken;         // what woke it: "Pod default/web-x2 was deleted"
    std::string decided;       // "create Pod (2 of 3 replicas missing)"; "nothing to do"
    std::string error;         // "" when it went well
    std::int64_t revision = 0; // the revision that woke it
    Duration took{};
};

// Plane thread only. Paused means paused: events still queue, nothing is worked on but what step()
// lets through.
class Loop {
  public:
    virtual ~Loop() = default;
    virtual std::string
    name() const = 0; // "replicaset-controller", "default-scheduler", "kubelet/node-1"
    virtual bool paused() const = 0;
    virtual void pause() = 0;
    virtual void resume() = 0;
    // Lets one queued key through while paused; nothing when the queue is empty.
    virtual void step() = 0;
    virtual int queueLength() const = 0;
    virtual std::int64_t steps() const = 0;                 // done since the start
    virtual const std::deque<LoopStep>& recent() const = 0; // newest last, at most 50
    // The keys that wait, first first, at most `limit`.
    virtual std::vector<std::string> queued(int limit) const = 0;
};

// All loops of the process, in the order of their start. Loops take themselves off when they end.
class LoopBoard {
  public:
    void add(Loop* loop) {
        loops_.push_back(loop);
        changed();
    }
    void remove(Loop* loop) {
        std::erase(loops_, loop);
        changed();
    }
    const std::vector<Loop*>& all() const { return loops_; }
    Loop* byName(const std::string& name) const {
        for (Loop* loop : loops_)
            if (loop->name() == name)
                return loop;
        return nullptr;
    }
    std::function<void()> onChanged; // the set of loops changed

  private:
    void changed() {
        if (onChanged)
            onChanged();
    }
    std::vector<Loop*> loops_;
};

} // namespace orrery
