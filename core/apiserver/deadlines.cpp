#include "core/apiserver/deadlines.h"

#include "core/apiserver/exchange.h"

namespace orrery::apiserver {

Deadlines::Place Deadlines::add(Exchange& exchange, Time at) {
    const Place place = waiting_.insert(waiting_.end(), {&exchange, at});
    if (timer_ == 0)
        arm();
    return place;
}

void Deadlines::remove(Place place) {
    waiting_.erase(place);
    if (waiting_.empty()) // nothing runs while nobody waits
        env_.executor.cancel(std::exchange(timer_, 0));
}

void Deadlines::arm() {
    timer_ = env_.executor.postAt(waiting_.front().at, [this] {
        timer_ = 0;
        while (!waiting_.empty() && waiting_.front().at <= env_.now()) {
            const auto kept = waiting_.front().exchange->shared_from_this();
            kept->timeOut();
        }
        if (!waiting_.empty() && timer_ == 0)
            arm();
    });
}

} // namespace orrery::apiserver
