// The container runtime as the kubelet sees it: CRI v1's RuntimeService and ImageService,
// asynchronous. The kubelet can't tell a real runtime from the simulated one. Plane thread;
// callbacks run there too, perhaps before the call returns.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"

namespace orrery::cri {

using StringMap = std::map<std::string, std::string, std::less<>>;

struct PodSandboxConfig {
    std::string name, namespace_, uid;
    int attempt = 0;
    StringMap labels, annotations; // the pod's
    bool hostNetwork = false;
};

struct ContainerConfig {
    std::string name;
    std::string image; // as the pod names it
    int attempt = 0;
};

struct SandboxStatus {
    std::string id, podUid, ip;
    bool ready = false;
    int attempt = 0;
    Time createdAt{};
};

enum class ContainerState : std::uint8_t { Created, Running, Exited };

struct ContainerStatus {
    std::string id, sandboxId, podUid, name, image, imageRef;
    int attempt = 0;
    ContainerState state = ContainerState::Created;
    Time createdAt{}, startedAt{}, finishedAt{};
    int exitCode = 0;
    std::string reason, message; // "Completed", "Error", "OOMKilled"
};

struct Image {
    std::string ref; // what a pod's status shows: "docker.io/library/nginx:1.27"
    std::string id;  // "docker.io/library/nginx@sha256:..."
    std::int64_t sizeBytes = 0;
};

enum class ProbeKind : std::uint8_t { Startup, Readiness, Liveness };

class Runtime {
  public:
    virtual ~Runtime() = default;
    virtual std::string name() const = 0;    // "containerd"
    virtual std::string version() const = 0; // "1.7.1"

    virtual void runPodSandbox(const PodSandboxConfig& config,
                               std::function<void(Result<SandboxStatus>)> done) = 0;
    virtual void stopPodSandbox(const std::string& id, std::function<void(Result<void>)> done) = 0;
    virtual void removePodSandbox(const std::string& id,
                                  std::function<void(Result<void>)> done) = 0;

    virtual void createContainer(const std::string& sandboxId, const ContainerConfig& config,
                                 std::function<void(Result<std::string>)> done) = 0;
    virtual void startContainer(const std::string& id, std::function<void(Result<void>)> done) = 0;
    // SIGTERM, then SIGKILL after `grace`. `done` when it has stopped.
    virtual void stopContainer(const std::string& id, Duration grace,
                               std::function<void(Result<void>)> done) = 0;
    virtual void removeContainer(const std::string& id, std::function<void(Result<void>)> done) = 0;
    virtual void containerStatus(const std::string& id,
                                 std::function<void(Result<ContainerStatus>)> done) = 0;

    // nullopt when the image is not on the node.
    virtual void imageStatus(const std::string& image,
                             std::function<void(Result<std::optional<Image>>)> done) = 0;
    virtual void pullImage(const std::string& image, std::function<void(Result<Image>)> done) = 0;
    virtual std::vector<Image> images() const = 0;

    // A probe of a running container, whichever handler the pod names.
    struct ProbeResult {
        bool passed = true;
        std::string output;
        bool steady = false; // stays so until `changesAt`: no need to ask each period
        std::optional<Time> changesAt;
    };
    virtual ProbeResult probe(const std::string& containerId, ProbeKind kind) = 0;

    // What the kubelet knew before a restart of this process: true when the runtime took it over as
    // still running. Real runtimes kept running by themselves and return false.
    virtual bool resume(const PodSandboxConfig&, const SandboxStatus&,
                        const std::vector<ContainerStatus>&) {
        return false;
    }

    // A container of this pod changed its state by itself (it exited).
    std::function<void(const ContainerStatus&)> onContainerExited;
};

} // namespace orrery::cri
