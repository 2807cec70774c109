// What a kubelet remembers of one pod: its sandbox and its containers as the runtime reported them.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/api/views/core_v1.h"
#include "vmnodes/cri/cri.h"

namespace orrery::kubelet {

struct ContainerRecord {
    std::string name;
    bool busy = false;                            // being pulled, created, started or stopped
    std::optional<cri::ContainerStatus> current;  // the newest container of this name
    std::optional<cri::ContainerStatus> previous; // the one before it
    int restartCount = 0;
    bool started = false, ready = false;       // what the probes say
    std::string waitingReason, waitingMessage; // while there is none running: "ErrImagePull", ...
    Duration backoff{};                        // the pause before the next restart; 0 at first
    Time backoffUntil{};
    std::string image, imageRef; // as the runtime names them

    bool running() const { return current && current->state == cri::ContainerState::Running; }
    bool exited() const { return current && current->state == cri::ContainerState::Exited; }
};

struct PodRecord {
    std::string runtimeName; // the scheme of container ids: "containerd"
    std::optional<cri::SandboxStatus> sandbox;
    bool sandboxBusy = false;
    int sandboxAttempt = 0;
    std::vector<ContainerRecord> initContainers, containers; // in the order of the spec
    std::optional<Time> startTime;
    // Why the kubelet itself ends the pod: "DeadlineExceeded"; "" while it does not.
    std::string failedReason, failedMessage;

    bool anyRunning() const;
    bool anyBusy() const;
};

} // namespace orrery::kubelet
