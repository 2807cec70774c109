// Env on the real machine.
#pragma once
#include <memory>

#include "core/runtime/env.h"

namespace orrery {

// Owns the real clock, executor (its own plane thread and worker threads), random, files and
// network.
class RealEnv {
  public:
    // `trace` outlives it. The plane thread starts with start().
    explicit RealEnv(Trace& trace);
    ~RealEnv(); // stop()
    Env& env();
    void start();
    // Runs what was posted before, then ends the threads. Not on the plane thread.
    void stop();
    // Runs `task` on the plane thread and waits for its end. Not on the plane thread.
    void runAndWait(Task task);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace orrery
