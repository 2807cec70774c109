#include "vmnodes/kubelet/pod_worker.h"

#include "vmnodes/kubelet/pod_status.h"

namespace orrery::kubelet {

namespace {
// A sandbox that could not be made is tried again after this.
constexpr Duration kSandboxRetry = 5s;
// Deleting again when the API server did not answer well.
constexpr Duration kDeleteRetry = 1s;

std::vector<ContainerRecord> recordsFor(const std::vector<api::Container>& containers) {
    std::vector<ContainerRecord> records;
    for (const api::Container& container : containers)
        records.push_back({}), records.back().name = container.name;
    return records;
}
} // namespace

PodWorker::PodWorker(NodeContext& node, const client::Cached<api::Pod>& pod)
    : node_(node), key_(pod.view->metadata.namespacedName()), pod_(pod.view), revision_(pod.revision) {
    record_.runtimeName = node_.runtime.name();
    record_.initContainers = recordsFor(pod_->initContainers);
    record_.containers = recordsFor(pod_->containers);
    record_.startTime = pod_->startTime ? pod_->startTime : std::optional(node_.env.now());
    lastConditions_ = pod_->conditions;
    terminating_ = pod_->metadata.deletionTimestamp.has_value();
    if (pod_->startTime && resumeFromStatus())
        plannedTold_ = startedTold_ = reportedTold_ = true;
}

PodWorker::~PodWorker() {
    node_.env.executor.cancel(wakeTimer_);
    node_.env.executor.cancel(deadlineTimer_);
    for (const auto& [name, timer] : probeTimers_)
        node_.env.executor.cancel(timer);
}

void PodWorker::update(const client::Cached<api::Pod>& pod) {
    pod_ = pod.view;
    revision_ = pod.revision;
    terminating_ = terminating_ || pod_->metadata.deletionTimestamp.has_value();
}

std::string PodWorker::sync() {
    if (terminating_)
        return terminate();
    if (pod_->terminal() && !record_.sandbox && !record_.anyBusy())
        return "nothing to do: the pod is " + pod_->phase;
    checkDeadline();
    return execute(computePodActions(*pod_, record_, node_.env.now()));
}

void PodWorker::checkDeadline() {
    if (!pod_->activeDeadlineSeconds || !record_.startTime || !record_.failedReason.empty())
        return;
    const Time end = *record_.startTime + std::chrono::seconds(*pod_->activeDeadlineSeconds);
    if (node_.env.now() >= end) {
        record_.failedReason = "DeadlineExceeded";
        record_.failedMessage = "Pod was active on the node longer than the specified deadline";
        say("Normal", "DeadlineExceeded", record_.failedMessage);
        node_.statusDirty(key_);
    } else if (deadlineTimer_ == 0) {
        deadlineTimer_ = node_.env.executor.postAt(end, guarded([this] {
                                                       deadlineTimer_ = 0;
                                                       node_.wake(key_);
                                                   }));
    }
}

std::string PodWorker::execute(const PodActions& actions) {
    if (!actions.because.empty())
        because_ = actions.because;
    if (actions.killPod) {
        stopAll(std::chrono::seconds(pod_->terminationGracePeriodSeconds));
        return "stop the pod: " + actions.because;
    }
    if (actions.createSandbox) {
        createSandbox();
        return "create the sandbox: " + actions.because;
    }
    for (const std::size_t i : actions.initContainersBackingOff)
        backOff(record_.initContainers[i], "spec.initContainers{" + pod_->initContainers[i].name + "}");
    for (const std::size_t i : actions.containersBackingOff)
        backOff(record_.containers[i], "spec.containers{" + pod_->containers[i].name + "}");
    if (actions.wakeAt) {
        node_.env.executor.cancel(wakeTimer_);
        wakeTimer_ = node_.env.executor.postAt(*actions.wakeAt, guarded([this] { node_.wake(key_); }));
    }
    for (const std::size_t i : actions.initContainersToStart)
        startContainer(record_.initContainers[i], pod_->initContainers[i],
                       "spec.initContainers{" + pod_->initContainers[i].name + "}");
    for (const std::size_t i : actions.containersToStart)
        startContainer(record_.containers[i], pod_->containers[i],
                       "spec.containers{" + pod_->containers[i].name + "}");
    if (actions.nothing())
        return actions.wakeAt ? "wait: a container is backing off" : "nothing to do";
    return "start: " + actions.because;
}

void PodWorker::createSandbox() {
    if (!plannedTold_)
        station(Station::Planned, "create the sandbox, then " + std::to_string(pod_->containers.size()) +
                                      " container(s)");
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
        say("Warning", "FailedCreatePodSandBox", "Failed to create pod sandbox: " + made.error().message);
        record_.sandboxBusy = true; // until the retry
        wakeTimer_ = node_.env.executor.postAt(node_.env.now() + kSandboxRetry, guarded([this] {
                                                   record_.sandboxBusy = false;
                                                   node_.wake(key_);
                                               }));
    }));
}

void PodWorker::startContainer(ContainerRecord& record, const api::Container& spec,
                               const std::string& fieldPath) {
    record.busy = true;
    ensureImage(spec, fieldPath, guarded([this, name = spec.name, fieldPath](Result<cri::Image> image) {
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
        return pull(spec, fieldPath, std::move(done));
    node_.runtime.imageStatus(
        spec.image, guarded([this, spec, fieldPath, done](Result<std::optional<cri::Image>> there) {
            if (!there)
                return done(there.error());
            if (*there) {
                say("Normal", "Pulled",
                    "Container image \"" + spec.image +
                        "\" already present on machine and can be accessed by the pod",
                    fieldPath);
                return done(std::move(**there));
            }
            if (spec.imagePullPolicy != "Never")
                return pull(spec, fieldPath, done);
            Error error = internalError("Container image \"" + spec.image +
                                        "\" is not present with pull policy of Never");
            error.detailsKind = "ErrImageNeverPull";
            say("Warning", "ErrImageNeverPull", error.message, fieldPath);
            done(std::move(error));
        }));
}

void PodWorker::pull(const api::Container& spec, const std::string& fieldPath,
                     std::function<void(Result<cri::Image>)> done) {
    say("Normal", "Pulling", "Pulling image \"" + spec.image + "\"", fieldPath);
    const Time began = node_.env.now();
    node_.runtime.pullImage(spec.image, guarded([this, image = spec.image, fieldPath, began,
                                                 done = std::move(done)](Result<cri::Image> pulled) {
        if (!pulled) {
            Error error = pulled.error();
            error.detailsKind = "ErrImagePull";
            say("Warning", "Failed", "Failed to pull image \"" + image + "\": " + error.message, fieldPath);
            return done(std::move(error));
        }
        const std::string took =
            formatDuration(std::chrono::floor<std::chrono::milliseconds>(node_.env.now() - began));
        say("Normal", "Pulled",
            "Successfully pulled image \"" + image + "\" in " + took + " (" + took +
                " including waiting). Image size: " + std::to_string(pulled->sizeBytes) + " bytes.",
            fieldPath);
        done(std::move(pulled));
    }));
}

void PodWorker::create(const std::string& name, const api::Container& spec, const std::string& fieldPath) {
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
            node_.runtime.startContainer(*id, guarded([this, name, fieldPath, id = *id](Result<void> ran) {
                if (!ran)
                    return failedToStart(name, fieldPath, ran.error());
                started(name, id, fieldPath);
            }));
        }));
}

void PodWorker::started(const std::string& name, const std::string& id, const std::string& fieldPath) {
    say("Normal", "Started", "Container started", fieldPath);
    node_.runtime.containerStatus(id, guarded([this, name, fieldPath](Result<cri::ContainerStatus> status) {
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

void PodWorker::failedToStart(const std::string& name, const std::string& fieldPath, const Error& error) {
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
    const bool pulling = record.waitingReason == "ErrImagePull" || record.waitingReason == "ImagePullBackOff";
    const std::string reason = pulling ? "ImagePullBackOff" : "CrashLoopBackOff";
    if (record.waitingReason == reason)
        return;
    // The pause that is under way is the one before `backoff`, which is for the next time.
    const Duration pause = record.backoffUntil - (record.current ? record.current->finishedAt : node_.env.now());
    const std::string where = pod_->metadata.name + "_" + pod_->metadata.namespace_ + "(" + pod_->metadata.uid + ")";
    record.waitingReason = reason;
    record.waitingMessage = pulling ? "Back-off pulling image"
                                    : "back-off " + formatDuration(pause) + " restarting failed container=" +
                                          record.name + " pod=" + where;
    say("Warning", "BackOff",
        pulling ? "Back-off pulling image" : "Back-off restarting failed container " + record.name + " in pod " + where,
        fieldPath);
    node_.statusDirty(key_);
}

void PodWorker::onContainerExited(const cri::ContainerStatus& status) {
    ContainerRecord* record = find(status.name);
    if (!record || !record->current || record->current->id != status.id)
        return;
    record->current = status;
    record->started = record->ready = false;
    node_.env.executor.cancel(std::exchange(probeTimers_[status.name], 0));
    if (status.finishedAt - status.startedAt >= kBackoffForget)
        record->backoff = Duration::zero();
    record->backoffUntil = status.finishedAt + record->backoff;
    record->backoff = nextBackoff(record->backoff);
    because_ = "container " + status.name + " exited with " + std::to_string(status.exitCode);
    woke();
}

std::string PodWorker::terminate() {
    if (deleteSent_)
        return "wait: the API server is deleting the pod";
    if (record_.anyRunning()) {
        if (!stopAsked_) {
            stopAsked_ = true;
            because_ = "the pod is being deleted";
            stopAll(std::chrono::seconds(pod_->metadata.deletionGracePeriodSeconds.value_or(
                pod_->terminationGracePeriodSeconds)));
        }
        if (record_.anyRunning())
            return "stop the containers: the pod is being deleted";
    }
    if (record_.anyBusy())
        return "wait: a container is being started";
    if (record_.sandbox && record_.sandbox->ready) {
        record_.sandbox->ready = false;
        node_.runtime.stopPodSandbox(record_.sandbox->id, guarded([this](Result<void>) { woke(); }));
        return "stop the sandbox: the containers have ended";
    }
    if (node_.reportStop)
        flushStatus();
    finishDeletion();
    return "delete the pod: everything of it has ended";
}

void PodWorker::stopAll(Duration grace) {
    bool any = false;
    for (auto* list : {&record_.containers, &record_.initContainers})
        for (ContainerRecord& record : *list) {
            if (!record.running() || record.busy)
                continue;
            any = true;
            record.busy = true;
            say("Normal", "Killing", "Stopping container " + record.name, "spec.containers{" + record.name + "}");
            node_.runtime.stopContainer(record.current->id, grace, guarded([this, name = record.name](Result<void>) {
                find(name)->busy = false;
                woke();
            }));
        }
    if (!any && !record_.anyRunning() && record_.sandbox && record_.sandbox->ready) {
        record_.sandbox->ready = false;
        node_.runtime.stopPodSandbox(record_.sandbox->id, guarded([this](Result<void>) { woke(); }));
    }
}

client::Request PodWorker::request(const char* verb, std::string subresource) const {
    client::Request made;
    made.verb = verb;
    made.path = {"", "v1", "pods", pod_->metadata.namespace_, pod_->metadata.name, std::move(subresource)};
    made.cause.actor = node_.actor;
    made.cause.because = because_;
    made.cause.wokenBy = revision_;
    return made;
}

void PodWorker::finishDeletion() {
    deleteSent_ = true;
    because_ = "its containers have ended";
    client::Request remove = request("delete", "");
    JsonObject options;
    options["gracePeriodSeconds"] = 0;
    options["preconditions"] = JsonObject{{"uid", pod_->metadata.uid}};
    remove.body = Json(std::move(options));
    node_.client.send(std::move(remove), guarded([this](Result<client::Response> answer) {
        if (answer || answer.error().reason == Reason::NotFound || answer.error().reason == Reason::Conflict)
            return; // gone, or another pod of this name: the watch tells
        node_.env.executor.postAt(node_.env.now() + kDeleteRetry, guarded([this] {
                                      deleteSent_ = false;
                                      node_.wake(key_);
                                  }));
    }));
}

void PodWorker::flushStatus() {
    if (statusInFlight_ || deleteSent_)
        return;
    PodStatus computed = computePodStatus({*pod_, record_, node_.hostIP, node_.env.now(), lastConditions_});
    if (terminating_ && !record_.anyRunning() && !pod_->terminal() && computed.phase == "Running")
        computed.status.get_object()["phase"] = "Succeeded"; // a deleted pod ends in a final phase
    std::string text = serializeJson(computed.status);
    if (text == lastSent_)
        return;
    lastSent_ = std::move(text);
    lastConditions_ = computed.conditions;
    client::Request patch = request("patch", "status");
    patch.patchType = client::PatchType::StrategicMerge;
    patch.fieldManager = "kubelet";
    JsonObject body;
    body["metadata"] = JsonObject{{"uid", pod_->metadata.uid}};
    body["status"] = std::move(computed.status);
    patch.body = Json(std::move(body));
    statusInFlight_ = true;
    node_.client.send(std::move(patch), guarded([this, phase = computed.phase](Result<client::Response> answer) {
        statusInFlight_ = false;
        if (!answer && answer.error().reason != Reason::NotFound) {
            lastSent_.clear();
            node_.env.executor.postAt(node_.env.now() + kDeleteRetry, guarded([this] { flushStatus(); }));
            return;
        }
        if (answer && phase != "Pending" && !reportedTold_) {
            station(Station::Reported, phase);
            reportedTold_ = true;
        }
        flushStatus(); // what changed while it was under way
    }));
}

void PodWorker::abandon() {
    for (auto* list : {&record_.containers, &record_.initContainers})
        for (ContainerRecord& record : *list)
            if (record.current)
                node_.runtime.removeContainer(record.current->id, [](Result<void>) {});
    if (record_.sandbox)
        node_.runtime.removePodSandbox(record_.sandbox->id, [](Result<void>) {});
    alive_.reset();
}

void PodWorker::probe(const std::string& name) {
    ContainerRecord* record = find(name);
    const api::Container* spec = specOf(name);
    if (!record || !spec || !record->running())
        return;
    const Time now = node_.env.now();
    const auto due = [&](const std::optional<api::Probe>& wanted) {
        return record->current->startedAt + std::chrono::seconds(wanted ? wanted->initialDelaySeconds : 0);
    };
    const std::optional<api::Probe>& wanted = record->started ? spec->readinessProbe : spec->startupProbe;
    if (now < due(wanted))
        return probeLater(name, due(wanted));
    const cri::ProbeKind kind = record->started ? cri::ProbeKind::Readiness : cri::ProbeKind::Startup;
    const cri::Runtime::ProbeResult result = node_.runtime.probe(record->current->id, kind);
    const bool before = record->started ? record->ready : false;
    (record->started ? record->ready : record->started) = result.passed;
    if (!result.passed && wanted && kind == cri::ProbeKind::Readiness)
        say("Warning", "Unhealthy", "Readiness probe failed: " + result.output, "spec.containers{" + name + "}");
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

ContainerRecord* PodWorker::find(const std::string& name) {
    for (auto* list : {&record_.containers, &record_.initContainers})
        for (ContainerRecord& record : *list)
            if (record.name == name)
                return &record;
    return nullptr;
}

const api::Container* PodWorker::specOf(const std::string& name) const {
    for (const auto* list : {&pod_->containers, &pod_->initContainers})
        for (const api::Container& container : *list)
            if (container.name == name)
                return &container;
    return nullptr;
}

void PodWorker::say(const char* type, const char* reason, std::string message, const std::string& fieldPath) {
    if (!node_.events)
        return;
    client::ObjectReference about = client::referenceTo("v1", "Pod", pod_->metadata);
    about.fieldPath = fieldPath;
    client::EventText text;
    text.type = type;
    text.reason = reason;
    text.message = std::move(message);
    WriteCause cause;
    cause.actor = node_.actor;
    cause.wokenBy = revision_;
    node_.events->record(about, std::move(text), std::move(cause));
}

void PodWorker::station(Station station, std::string note) {
    if (!node_.env.trace.enabled())
        return;
    node_.env.trace.onStation({station, node_.env.now(), "/registry/pods/" + key_, pod_->metadata.uid,
                               node_.nodeName + ": " + note, revision_});
}

void PodWorker::woke() {
    node_.statusDirty(key_);
    node_.wake(key_);
}

bool PodWorker::resumeFromStatus() {
    std::vector<cri::ContainerStatus> running;
    cri::SandboxStatus sandbox{"resumed-" + pod_->metadata.uid, pod_->metadata.uid, pod_->podIP, true, 0,
                               *pod_->startTime};
    const auto take = [&](const std::vector<api::ContainerStatus>& statuses) {
        for (const api::ContainerStatus& status : statuses) {
            ContainerRecord* record = find(status.name);
            const std::size_t scheme = status.containerID.find("://");
            if (!record || scheme == std::string::npos)
                continue;
            cri::ContainerStatus known{status.containerID.substr(scheme + 3), sandbox.id, pod_->metadata.uid,
                                       status.name, status.image, status.imageID, status.restartCount,
                                       cri::ContainerState::Created, {}, status.state.startedAt,
                                       status.state.finishedAt, status.state.exitCode, status.state.reason, ""};
            if (status.state.kind == api::ContainerState::Kind::Waiting)
                continue;
            known.state = status.state.kind == api::ContainerState::Kind::Running ? cri::ContainerState::Running
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
    cri::PodSandboxConfig config{pod_->metadata.name, pod_->metadata.namespace_, pod_->metadata.uid, 0,
                                 pod_->metadata.labels, pod_->metadata.annotations, pod_->hostNetwork};
    if (pod_->terminal() || pod_->podIP.empty() || !node_.runtime.resume(config, sandbox, running)) {
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
