#include "core/cluster/node_backend.h"

namespace orrery::cluster {

namespace {
class FleetLogStream final : public apiserver::LogStream {
  public:
    explicit FleetLogStream(std::unique_ptr<fleet::LogFollower> follower)
        : follower_(std::move(follower)) {}

  private:
    std::unique_ptr<fleet::LogFollower> follower_;
};
} // namespace

Result<std::unique_ptr<apiserver::LogStream>>
FleetBackend::podLogs(apiserver::PodLogOptions options, std::function<void(std::string)> onBytes,
                      std::function<void(std::string)> onEnd) {
    fleet::LogOptions asked;
    asked.nodeName = std::move(options.nodeName);
    asked.namespace_ = std::move(options.namespace_);
    asked.pod = std::move(options.pod);
    asked.container = std::move(options.container);
    asked.follow = options.follow;
    asked.previous = options.previous;
    asked.timestamps = options.timestamps;
    asked.tailLines = options.tailLines;
    asked.sinceSeconds = options.sinceSeconds;
    asked.limitBytes = options.limitBytes;
    asked.sinceTime = options.sinceTime;
    ORRERY_TRY_ASSIGN(std::unique_ptr<fleet::LogFollower> follower,
                      fleet_.podLogs(std::move(asked), std::move(onBytes), std::move(onEnd)));
    return std::unique_ptr<apiserver::LogStream>(
        std::make_unique<FleetLogStream>(std::move(follower)));
}

std::string FleetBackend::streamingRefusal(const std::string& nodeName) {
    if (!fleet_.hasNode(nodeName))
        return "node " + nodeName + " does not answer";
    return "node " + nodeName +
           " is simulated: its containers have no processes to run a command in or to connect to";
}

} // namespace orrery::cluster
