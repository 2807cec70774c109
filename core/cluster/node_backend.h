// The fleet as the API server sees it.
#pragma once
#include "core/apiserver/node_backend.h"
#include "vmnodes/fleet/simulated_fleet.h"

namespace orrery::cluster {

class FleetBackend final : public apiserver::NodeBackend {
  public:
    explicit FleetBackend(fleet::SimulatedFleet& fleet) : fleet_(fleet) {}
    Result<std::unique_ptr<apiserver::LogStream>>
    podLogs(apiserver::PodLogOptions options, std::function<void(std::string)> onBytes,
            std::function<void(std::string)> onEnd) override;
    std::string streamingRefusal(const std::string& nodeName) override;

  private:
    fleet::SimulatedFleet& fleet_;
};

} // namespace orrery::cluster
