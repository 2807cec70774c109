// Env on a virtual clock: one seed, one history. Single-threaded; files are in memory.
#pragma once
#include <memory>
#include <optional>

#include "core/runtime/env.h"

namespace orrery {

class SimEnv {
  public:
    // The clock starts at 2026-01-01T00:00:00Z.
    SimEnv(std::uint64_t seed, Trace& trace);
    ~SimEnv();
    Env& env();
    // Runs posted tasks until none is left; the clock stands still. Returns the number of tasks
    // run. Stops with an assertion after `tasksMax` tasks (a loop that never settles).
    std::uint64_t runPosted(std::uint64_t tasksMax = 50'000'000);
    // Runs everything due up to now() + `span`, moving the clock from timer to timer; ends at
    // exactly that time.
    void advance(Duration span);
    // The next timer's time, if any.
    std::optional<Time> nextTimer() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace orrery
