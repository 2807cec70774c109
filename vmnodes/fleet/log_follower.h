// One `kubectl logs` of a simulated container: prints what is there, then follows.
#pragma once
#include "core/runtime/env.h"
#include "vmnodes/cri/simulated_logs.h"
#include "vmnodes/fleet/simulated_fleet.h"
#include "vmnodes/kubelet/pod_record.h"

namespace orrery::fleet {

cri::SimulatedLog logOf(const api::Pod& pod, const cri::ContainerStatus& status);

class SimulatedFollower final : public LogFollower {
  public:
    // `read` gives the container's log as it is now; nullopt when the container is gone.
    SimulatedFollower(Env& env, std::function<std::optional<cri::SimulatedLog>()> read,
                      LogOptions options, std::function<void(std::string)> onBytes,
                      std::function<void(std::string)> onEnd);
    ~SimulatedFollower() override;
    // The first lines come in a task of their own, when the caller holds the stream.
    void start();

  private:
    void tick(bool first);
    Time firstTime(const cri::SimulatedLog& log) const;
    std::string format(const std::vector<cri::LogLine>& lines);

    Env& env_;
    std::function<std::optional<cri::SimulatedLog>()> read_;
    LogOptions options_;
    std::function<void(std::string)> onBytes_, onEnd_;
    Time shown_{};
    std::int64_t sent_ = 0;
    TimerId timer_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace orrery::fleet
