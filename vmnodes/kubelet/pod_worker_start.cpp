// How a worker brings its containers up: sandbox, image, container, back-off.
#include "vmnodes/kubelet/pod_worker.h"

#include "vmnodes/kubelet/pod_status.h"

namespace orrery::kubelet {

namespace {
// A sandbox that could not be made is tried again after this.
constexpr Duration kSandboxRetry = 5s;
} // namespace

void PodWorker::createSandbox() {
    if (!plannedTold_)
        station(Station::Planned, "create the sandbox, then " +
                                      std::to_string(pod_->containers.size()) + " container(s)");
    plannedTold_ = true;
    record_.sandboxBusy = true;
    node_.statusDirty(key_);
    cri::PodSandboxConfig config;
    config.name = pod_->metadata.name;
    config.namespace_ = pod_->metadata.namespace_;
    config.uid = pod_->metadata.uid;
    config.attempt = record_.sandboxAttempt++;
    config.labels = pod_->metadata.labels;
    config.annotations = pod_->metadata.annotations;
    config.hostNetwork = pod_->hostNetwork;
    node_.runtime.runPodSandbox(config, guarded([this](Result<cri::SandboxStatus> made) {
                                    record_.sandboxBusy = false;
                                    if (made) {
                                        record_.sandbox = std::move(*made);
                                        return woke();
                                    }
                                    say("Warning", "FailedCreatePodSandBox",
                                        "Failed to create pod sandbox: " + made.error().message);
                                    record_.sandboxBusy = true; // until the retry
                                    wakeTimer_ = node_.env.executor.postAt(
                                        node_.env.now() + kSandboxRetry, guarded([this] {
                                            record_.sandboxBusy = false;
                                            node_.wake(key_);
                                        }));
                                }));
}

void PodWorker::startContainer(ContainerRecord& record, const api::Container& spec,
                               const std::string& fieldPath) {
    record.busy = true;
    ensureImage(spec, fieldPath,
                guarded([this, name = spec.name, fieldPath](Result<cri::Image> image) {
                    if (!image)
                        return failedToStart(name, fieldPath, image.error());
                    ContainerRecord* found = find(name);
                    found->image = image->ref;
                    found->imageRef = image->id;
                    create(name, *specOf(name), fieldPath);
                }));
}

void PodWorker::ensureImage(const api::Container& spec, const std::string& fieldPath,
                            std::function<void(Result<cri::Image>)> done) {
    if (spec.imagePullPolicy == "Always")
        return pull(spec.image, fieldPath, std::move(done));
    node_.runtime.imageStatus(
        spec.image, guarded([this, image = spec.image, mayPull = spec.imagePullPolicy != "Never",
                             fieldPath, done](Result<std::optional<cri::Image>> there) {
            if (!there)
                return done(there.error());
            if (*there) {
                say("Normal", "Pulled",
                    "Container image \"" + image +
                        "\" already present on machine and can be accessed by the pod",
                    fieldPath);
                return done(std::move(**there));
            }
            if (mayPull)
                return pull(image, fieldPath, done);
            Error error = internalError("Container image \"" + image +
                                        "\" is not present with pull policy of Never");
            error.detailsKind = "ErrImageNeverPull";
            say("Warning", "ErrImageNeverPull", error.message, fieldPath);
            done(std::move(error));
        }));
}

void PodWorker::pull(const std::string& image, const std::string& fieldPath,
                     std::function<void(Result<cri::Image>)> done) {
    say("Normal", "Pulling", "Pulling image \"" + image + "\"", fieldPath);
    const Time began = node_.env.now();
    node_.runtime.pullImage(
        image,
        guarded([this, image, fieldPath, began, done = std::move(done)](Result<cri::Image> pulled) {
            if (!pulled) {
                Error error = pulled.error();
                error.detailsKind = "ErrImagePull";
                say("Warning", "Failed", "Failed to pull image \"" + image + "\": " + error.message,
                    fieldPath);
                return done(std::move(error));
            }
            const std::string took = formatDuration(
                std::chrono::floor<std::chrono::milliseconds>(node_.env.now() - began));
            say("Normal", "Pulled",
                "Successfully pulled image \"" + image + "\" in " + took + " (" + took +
                    " including waiting). Image size: " + std::to_string(pulled->sizeBytes) +
                    " bytes.",
                fieldPath);
            done(std::move(pulled));
        }));
}

void PodWorker::create(const std::string& name, const api::Container& spec,
                       const std::string& fieldPath) {
    ContainerRecord* record = find(name);
    if (!record_.sandbox || !record_.sandbox->ready || terminating_) {
        record->busy = false; // the pod ended meanwhile
        return woke();
    }
    const int attempt = record->current ? record->current->attempt + 1 : record->restartCount;
    node_.runtime.createContainer(
        record_.sandbox->id, {name, spec.image, attempt},
        guarded([this, name, fieldPath](Result<std::string> id) {
            if (!id)
                return failedToStart(name, fieldPath, id.error());
            say("Normal", "Created", "Container created", fieldPath);
            node_.runtime.startContainer(
                *id, guarded([this, name, fieldPath, id = *id](Result<void> ran) {
                    if (!ran)
                        return failedToStart(name, fieldPath, ran.error());
                    started(name, id, fieldPath);
                }));
        }));
}

void PodWorker::started(const std::string& name, const std::string& id,
                        const std::string& fieldPath) {
    say("Normal", "Started", "Container started", fieldPath);
    node_.runtime.containerStatus(
        id, guarded([this, name, fieldPath](Result<cri::ContainerStatus> status) {
            if (!status)
                return failedToStart(name, fieldPath, status.error());
            ContainerRecord& record = *find(name);
            record.busy = false;
            if (record.current) {
                ++record.restartCount;
                node_.runtime.removeContainer(record.current->id, [](Result<void>) {});
                record.previous = std::move(record.current);
            }
            record.current = std::move(*status);
            record.waitingReason.clear();
            record.waitingMessage.clear();
            probe(name);
            if (!startedTold_ && computePodPhase(*pod_, record_) == "Running") {
                station(Station::Started, name);
                startedTold_ = true;
            }
            woke();
        }));
}

void PodWorker::failedToStart(const std::string& name, const std::string& fieldPath,
                              const Error& error) {
    ContainerRecord& record = *find(name);
    record.busy = false;
    record.waitingReason = error.detailsKind.empty() ? "CreateContainerError" : error.detailsKind;
    record.waitingMessage = error.message;
    say("Warning", "Failed", "Error: " + record.waitingReason, fieldPath);
    record.backoff = nextBackoff(record.backoff);
    record.backoffUntil = node_.env.now() + record.backoff;
    woke();
}

void PodWorker::backOff(ContainerRecord& record, const std::string& fieldPath) {
    const bool pulling =
        record.waitingReason == "ErrImagePull" || record.waitingReason == "ImagePullBackOff";
    const std::string reason = pulling ? "ImagePullBackOff" : "CrashLoopBackOff";
    if (record.waitingReason == reason)
        return;
    // The pause that is under way is the one before `backoff`, which is for the next time.
    const Duration pause =
        record.backoffUntil - (record.current ? record.current->finishedAt : node_.env.now());
    const std::string where =
        pod_->metadata.name + "_" + pod_->metadata.namespace_ + "(" + pod_->metadata.uid + ")";
    record.waitingReason = reason;
    record.waitingMessage = pulling ? "Back-off pulling image"
                                    : "back-off " + formatDuration(pause) +
                                          " restarting failed container=" + record.name +
                                          " pod=" + where;
    say("Warning", "BackOff",
        pulling ? "Back-off pulling image"
                : "Back-off restarting failed container " + record.name + " in pod " + where,
        fieldPath);
    node_.statusDirty(key_);
}

} // namespace orrery::kubelet
