// What a worker learns of containers that run: probes, and what an earlier run of this process
// left.
#include "vmnodes/kubelet/pod_worker.h"

namespace orrery::kubelet {

void PodWorker::probe(const std::string& name) {
    ContainerRecord* record = find(name);
    const api::Container* spec = specOf(name);
    if (!record || !spec || !record->running())
        return;
    const Time now = node_.env.now();
    const auto due = [&](const std::optional<api::Probe>& wanted) {
        return record->current->startedAt +
               std::chrono::seconds(wanted ? wanted->initialDelaySeconds : 0);
    };
    const std::optional<api::Probe>& wanted =
        record->started ? spec->readinessProbe : spec->startupProbe;
    if (now < due(wanted))
        return probeLater(name, due(wanted));
    const cri::ProbeKind kind =
        record->started ? cri::ProbeKind::Readiness : cri::ProbeKind::Startup;
    const cri::Runtime::ProbeResult result = node_.runtime.probe(record->current->id, kind);
    const bool before = record->started ? record->ready : false;
    (record->started ? record->ready : record->started) = result.passed;
    if (!result.passed && wanted && kind == cri::ProbeKind::Readiness)
        say("Warning", "Unhealthy", "Readiness probe failed: " + result.output,
            "spec.containers{" + name + "}");
    if (kind == cri::ProbeKind::Startup && result.passed)
        return probe(name); // started: readiness is next
    if (before != result.passed) {
        because_ = "container " + name + (result.passed ? " became ready" : " is not ready");
        woke();
    }
    if (result.changesAt)
        probeLater(name, *result.changesAt);
    else if (!result.steady)
        probeLater(name, now + std::chrono::seconds(wanted ? wanted->periodSeconds : 10));
}

void PodWorker::probeLater(const std::string& name, Time at) {
    TimerId& timer = probeTimers_[name];
    node_.env.executor.cancel(timer);
    timer = node_.env.executor.postAt(at, guarded([this, name] { probe(name); }));
}

bool PodWorker::resumeFromStatus() {
    std::vector<cri::ContainerStatus> running;
    cri::SandboxStatus sandbox{"resumed-" + pod_->metadata.uid,
                               pod_->metadata.uid,
                               pod_->podIP,
                               true,
                               0,
                               *pod_->startTime};
    const auto take = [&](const std::vector<api::ContainerStatus>& statuses) {
        for (const api::ContainerStatus& status : statuses) {
            ContainerRecord* record = find(status.name);
            const std::size_t scheme = status.containerID.find("://");
            if (!record || scheme == std::string::npos)
                continue;
            cri::ContainerStatus known{status.containerID.substr(scheme + 3),
                                       sandbox.id,
                                       pod_->metadata.uid,
                                       status.name,
                                       status.image,
                                       status.imageID,
                                       status.restartCount,
                                       cri::ContainerState::Created,
                                       {},
                                       status.state.startedAt,
                                       status.state.finishedAt,
                                       status.state.exitCode,
                                       status.state.reason,
                                       ""};
            if (status.state.kind == api::ContainerState::Kind::Waiting)
                continue;
            known.state = status.state.kind == api::ContainerState::Kind::Running
                              ? cri::ContainerState::Running
                              : cri::ContainerState::Exited;
            record->current = known;
            record->restartCount = status.restartCount;
            record->image = status.image;
            record->imageRef = status.imageID;
            record->started = status.started.value_or(false);
            record->ready = status.ready;
            running.push_back(std::move(known));
        }
    };
    take(pod_->initContainerStatuses);
    take(pod_->containerStatuses);
    cri::PodSandboxConfig config{
        pod_->metadata.name,   pod_->metadata.namespace_,  pod_->metadata.uid, 0,
        pod_->metadata.labels, pod_->metadata.annotations, pod_->hostNetwork};
    if (pod_->terminal() || pod_->podIP.empty() ||
        !node_.runtime.resume(config, sandbox, running)) {
        if (!pod_->terminal()) // the runtime lost them: begin anew
            for (auto* list : {&record_.containers, &record_.initContainers})
                for (ContainerRecord& record : *list)
                    record.current.reset();
        return pod_->terminal();
    }
    record_.sandbox = sandbox;
    return true;
}

} // namespace orrery::kubelet
