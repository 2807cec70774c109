#include "vmnodes/kubelet/pod_worker.h"

#include "vmnodes/kubelet/pod_status.h"

namespace orrery::kubelet {

namespace {
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
    : node_(node), key_(pod.view->metadata.namespacedName()), pod_(pod.view),
      revision_(pod.revision) {
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
        backOff(record_.initContainers[i],
                "spec.initContainers{" + pod_->initContainers[i].name + "}");
    for (const std::size_t i : actions.containersBackingOff)
        backOff(record_.containers[i], "spec.containers{" + pod_->containers[i].name + "}");
    if (actions.wakeAt) {
        node_.env.executor.cancel(wakeTimer_);
        wakeTimer_ =
            node_.env.executor.postAt(*actions.wakeAt, guarded([this] { node_.wake(key_); }));
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
        node_.runtime.stopPodSandbox(record_.sandbox->id,
                                     guarded([this](Result<void>) { woke(); }));
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
            say("Normal", "Killing", "Stopping container " + record.name,
                "spec.containers{" + record.name + "}");
            node_.runtime.stopContainer(record.current->id, grace,
                                        guarded([this, name = record.name](Result<void>) {
                                            find(name)->busy = false;
                                            woke();
                                        }));
        }
    if (!any && !record_.anyRunning() && record_.sandbox && record_.sandbox->ready) {
        record_.sandbox->ready = false;
        node_.runtime.stopPodSandbox(record_.sandbox->id,
                                     guarded([this](Result<void>) { woke(); }));
    }
}

client::Request PodWorker::request(const char* verb, std::string subresource) const {
    client::Request made;
    made.verb = verb;
    made.path = {
        "", "v1", "pods", pod_->metadata.namespace_, pod_->metadata.name, std::move(subresource)};
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
                          if (answer || answer.error().reason == Reason::NotFound ||
                              answer.error().reason == Reason::Conflict)
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
    if (node_.keepsPodIP && record_.sandbox && !pod_->podIP.empty())
        record_.sandbox->ip = pod_->podIP;
    PodStatus computed =
        computePodStatus({*pod_, record_, node_.hostIP, node_.env.now(), lastConditions_});
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
    node_.client.send(std::move(patch),
                      guarded([this, phase = computed.phase](Result<client::Response> answer) {
                          statusInFlight_ = false;
                          if (!answer && answer.error().reason != Reason::NotFound) {
                              lastSent_.clear();
                              node_.env.executor.postAt(node_.env.now() + kDeleteRetry,
                                                        guarded([this] { flushStatus(); }));
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

void PodWorker::say(const char* type, const char* reason, std::string message,
                    const std::string& fieldPath) {
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
    node_.env.trace.onStation({station, node_.env.now(), "/registry/pods/" + key_,
                               pod_->metadata.uid, node_.nodeName + ": " + note, revision_});
}

void PodWorker::woke() {
    node_.statusDirty(key_);
    node_.wake(key_);
}

} // namespace orrery::kubelet
