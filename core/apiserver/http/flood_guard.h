// Counts what a caller does for nothing: so many at once, so many a second from then on.
#pragma once
#include <algorithm>
#include <chrono>

namespace orrery::apiserver {

class FloodGuard {
  public:
    using SteadyTime = std::chrono::steady_clock::time_point;
    constexpr FloodGuard(double atOnce, double perSecond)
        : left_(atOnce), atOnce_(atOnce), perSecond_(perSecond) {}

    // One more. False: too many.
    bool allow(SteadyTime now) {
        if (now > last_) {
            if (last_ != SteadyTime{})
                left_ =
                    std::min(atOnce_, left_ + std::chrono::duration<double>(now - last_).count() *
                                                  perSecond_);
            last_ = now;
        }
        if (left_ < 1)
            return false;
        left_ -= 1;
        return true;
    }

  private:
    double left_, atOnce_, perSecond_;
    SteadyTime last_{};
};

} // namespace orrery::apiserver
