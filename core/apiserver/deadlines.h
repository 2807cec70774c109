// Requests whose answers take a while, in the order in which their time is over. All have the same
// time, so that the order is that of their arrival: adding and removing cost next to nothing.
#pragma once
#include <list>

#include "core/runtime/env.h"

namespace orrery::apiserver {

struct Exchange;

class Deadlines {
  public:
    struct Waiting {
        Exchange* exchange = nullptr;
        Time at;
    };
    using Place = std::list<Waiting>::iterator;
    explicit Deadlines(Env& env) : env_(env) {}
    ~Deadlines() { env_.executor.cancel(timer_); }
    Deadlines(const Deadlines&) = delete;
    Deadlines& operator=(const Deadlines&) = delete;

    // `at` is no earlier than that of the one before. When it comes, the exchange times out, which
    // removes it.
    Place add(Exchange& exchange, Time at);
    void remove(Place place);

  private:
    void arm();

    Env& env_;
    std::list<Waiting> waiting_;
    TimerId timer_ = 0; // while somebody waits
};

} // namespace orrery::apiserver
