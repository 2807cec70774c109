// A container runtime that only pretends: states, durations and exits are believable, nothing runs.
#pragma once
#include <cstdint>
#include <set>

#include "core/runtime/env.h"
#include "vmnodes/cri/cri.h"

namespace orrery::cri {

// What a pod's annotations say of its simulated containers.
struct Behaviour {
    std::optional<Duration> runFor; // orrery.dev/run-for; nullopt: until stopped
    int exitCode = 0;               // orrery.dev/exit-code
    Duration readyAfter{};          // orrery.dev/ready-after
    bool neverReady = false;        // orrery.dev/never-ready
    bool ofJob = false; // the pod carries a Job's labels: it succeeds after a short while
};
// Values that can't be read are as if they were not there.
Behaviour behaviourOf(const StringMap& labels, const StringMap& annotations);

// "nginx" -> "docker.io/library/nginx:latest", as containerd names it.
std::string normalizedImage(const std::string& image);

class SimulatedRuntime final : public Runtime {
  public:
    // `podIP` gives an address of the node's range for a new sandbox, or the error that the sandbox
    // ends with; `freeIP` takes it back. `instant`: no durations.
    SimulatedRuntime(Env& env, bool instant, std::function<Result<std::string>()> podIP,
                     std::function<void(const std::string&)> freeIP);
    ~SimulatedRuntime() override;

    std::string name() const override { return "simulated"; }
    std::string version() const override { return "1.0.0"; }
    void runPodSandbox(const PodSandboxConfig& config,
                       std::function<void(Result<SandboxStatus>)> done) override;
    void stopPodSandbox(const std::string& id, std::function<void(Result<void>)> done) override;
    void removePodSandbox(const std::string& id, std::function<void(Result<void>)> done) override;
    void createContainer(const std::string& sandboxId, const ContainerConfig& config,
                         std::function<void(Result<std::string>)> done) override;
    void startContainer(const std::string& id, std::function<void(Result<void>)> done) override;
    void stopContainer(const std::string& id, Duration grace,
                       std::function<void(Result<void>)> done) override;
    void removeContainer(const std::string& id, std::function<void(Result<void>)> done) override;
    void containerStatus(const std::string& id,
                         std::function<void(Result<ContainerStatus>)> done) override;
    void imageStatus(const std::string& image,
                     std::function<void(Result<std::optional<Image>>)> done) override;
    void pullImage(const std::string& image, std::function<void(Result<Image>)> done) override;
    std::vector<Image> images() const override;
    ProbeResult probe(const std::string& containerId, ProbeKind kind) override;
    bool resume(const PodSandboxConfig& config, const SandboxStatus& sandbox,
                const std::vector<ContainerStatus>& containers) override;

  private:
    struct Sandbox {
        PodSandboxConfig config;
        SandboxStatus status;
        Behaviour behaviour;
    };
    struct Container {
        ContainerStatus status;
        TimerId exitTimer = 0;
    };
    // Runs `then` after a duration between the two, or at once when instant.
    void after(Duration least, Duration most, Task then);
    std::string newId();
    void planExit(Container& container, const Behaviour& behaviour, Duration already);
    void exited(const std::string& id, int exitCode, const std::string& reason);

    Env& env_;
    bool instant_;
    std::function<Result<std::string>()> podIP_;
    std::function<void(const std::string&)> freeIP_;
    std::map<std::string, Sandbox> sandboxes_;
    std::map<std::string, Container> containers_;
    std::map<std::string, Image> images_; // by normalized name
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace orrery::cri
