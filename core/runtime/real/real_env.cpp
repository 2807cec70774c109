#include "core/runtime/real/real_env.h"

#include <future>
#include <random>

#include "core/runtime/real/real_executor.h"
#include "core/runtime/real/real_files.h"
#include "core/runtime/real/real_network.h"

namespace orrery {

namespace {
class RealClock final : public Clock {
  public:
    Time now() const override {
        return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    }
    Duration monotonic() const override {
        return std::chrono::steady_clock::now().time_since_epoch();
    }
};

class RealRandom final : public Random {
  public:
    std::uint64_t next() override { return engine_(); }

  private:
    static std::uint64_t seed() {
        std::random_device device;
        return (static_cast<std::uint64_t>(device()) << 32) | device();
    }
    std::mt19937_64 engine_{seed()};
};
} // namespace

struct RealEnv::State {
    explicit State(Trace& trace)
        : executor(clock), env{clock, executor, random, files, network, trace} {}
    RealClock clock;
    RealRandom random;
    RealFiles files;
    RealNetwork network;
    RealExecutor executor;
    Env env;
};

RealEnv::RealEnv(Trace& trace) : state_(std::make_unique<State>(trace)) {}
RealEnv::~RealEnv() = default;
Env& RealEnv::env() {
    return state_->env;
}
void RealEnv::start() {
    state_->executor.start();
}
void RealEnv::stop() {
    state_->executor.stop();
}

void RealEnv::runAndWait(Task task) {
    std::promise<void> ran;
    state_->executor.post([&] {
        task();
        ran.set_value();
    });
    ran.get_future().wait();
}

} // namespace orrery
