#include "vmnodes/kubelet/pod_status.h"

namespace orrery::kubelet {

namespace {
bool isSidecar(const api::Container& container) {
    return container.restartPolicy == "Always";
}

// Containers by what they do, as the phase counts them.
struct Counts {
    int waiting = 0, running = 0, stopped = 0, succeeded = 0;
};

Counts countContainers(const PodRecord& record) {
    Counts counts;
    for (const ContainerRecord& container : record.containers) {
        if (container.running())
            ++counts.running;
        else if (container.exited())
            ++counts.stopped, counts.succeeded += container.current->exitCode == 0;
        else
            ++counts.waiting;
    }
    return counts;
}

// Init containers that have not done their part; `failed`: one never will.
bool initPending(const api::Pod& pod, const PodRecord& record, bool& failed) {
    bool pending = false;
    for (std::size_t i = 0; i < pod.initContainers.size(); ++i) {
        const ContainerRecord& container = record.initContainers[i];
        if (isSidecar(pod.initContainers[i])) {
            pending = pending || !(container.started || container.exited());
        } else if (!container.exited() || container.current->exitCode != 0) {
            pending = true;
            failed = failed || (container.exited() && pod.restartPolicy == "Never");
        }
    }
    return pending;
}

JsonObject terminatedState(const cri::ContainerStatus& status, const std::string& runtime) {
    JsonObject state;
    state["exitCode"] = status.exitCode;
    state["reason"] = status.reason;
    if (!status.message.empty())
        state["message"] = status.message;
    state["startedAt"] = formatTime(status.startedAt);
    state["finishedAt"] = formatTime(status.finishedAt);
    state["containerID"] = runtime + "://" + status.id;
    return state;
}

JsonObject stateOf(const ContainerRecord& container, const char* defaultWaiting,
                   const std::string& runtime) {
    JsonObject state;
    if (container.running()) {
        state["running"] = JsonObject{{"startedAt", formatTime(container.current->startedAt)}};
    } else if (container.exited() && container.waitingReason.empty()) {
        state["terminated"] = terminatedState(*container.current, runtime);
    } else {
        JsonObject waiting;
        waiting["reason"] =
            container.waitingReason.empty() ? defaultWaiting : container.waitingReason;
        if (!container.waitingMessage.empty())
            waiting["message"] = container.waitingMessage;
        state["waiting"] = std::move(waiting);
    }
    return state;
}

Json containerStatus(const ContainerRecord& container, const std::string& specImage,
                     const char* defaultWaiting, bool ready, const std::string& runtime) {
    JsonObject status;
    status["name"] = container.name;
    status["state"] = stateOf(container, defaultWaiting, runtime);
    // A container that waits to be started again shows its end as the last state.
    const bool waits = container.exited() && !container.waitingReason.empty();
    JsonObject last;
    if (waits)
        last["terminated"] = terminatedState(*container.current, runtime);
    else if (container.previous)
        last["terminated"] = terminatedState(*container.previous, runtime);
    status["lastState"] = std::move(last);
    status["ready"] = ready;
    status["restartCount"] = container.restartCount;
    status["image"] = container.image.empty() ? specImage : container.image;
    status["imageID"] = container.imageRef;
    if (container.current)
        status["containerID"] = runtime + "://" + container.current->id;
    status["started"] = container.running() && container.started;
    return status;
}

std::string joined(const std::vector<std::string>& names) {
    std::string text = "[";
    for (const std::string& name : names)
        text += (text.size() > 1 ? " " : "") + name;
    return text + "]";
}

api::Condition condition(const char* type, bool status, std::string reason = "",
                         std::string message = "") {
    api::Condition made;
    made.type = type;
    made.status = status ? "True" : "False";
    made.reason = std::move(reason);
    made.message = std::move(message);
    return made;
}

api::Condition initialized(const api::Pod& pod, const PodRecord& record, const std::string& phase) {
    std::vector<std::string> incomplete;
    for (std::size_t i = 0; i < pod.initContainers.size(); ++i) {
        const ContainerRecord& container = record.initContainers[i];
        const bool done = isSidecar(pod.initContainers[i])
                              ? container.started
                              : container.exited() && container.current->exitCode == 0;
        if (!done)
            incomplete.push_back(container.name);
    }
    if (phase == "Succeeded")
        return condition("Initialized", true, "PodCompleted");
    if (incomplete.empty())
        return condition("Initialized", true);
    return condition("Initialized", false, "ContainersNotInitialized",
                     "containers with incomplete status: " + joined(incomplete));
}

api::Condition containersReady(const PodRecord& record, const std::string& phase) {
    if (phase == "Succeeded")
        return condition("ContainersReady", false, "PodCompleted");
    if (phase == "Failed")
        return condition("ContainersReady", false, "PodFailed");
    std::vector<std::string> unready;
    for (const ContainerRecord& container : record.containers)
        if (!container.running() || !container.ready)
            unready.push_back(container.name);
    if (unready.empty())
        return condition("ContainersReady", true);
    return condition("ContainersReady", false, "ContainersNotReady",
                     "containers with unready status: " + joined(unready));
}

api::Condition podReady(const api::Pod& pod, const api::Condition& containers) {
    api::Condition ready = containers;
    ready.type = "Ready";
    if (containers.status != "True")
        return ready;
    std::string missing;
    for (const std::string& gate : pod.readinessGates) {
        const api::Condition* found = api::findCondition(pod.conditions, gate);
        if (found && found->status == "True")
            continue;
        missing += missing.empty() ? "" : ", ";
        missing += found ? "the status of pod readiness gate \"" + gate +
                               "\" is not \"True\", but " + found->status
                         : "corresponding condition of pod readiness gate \"" + gate +
                               "\" does not exist.";
    }
    if (!missing.empty())
        ready = condition("Ready", false, "ReadinessGatesNotReady", missing);
    return ready;
}

Json conditionJson(const api::Condition& condition) {
    JsonObject object;
    object["type"] = condition.type;
    object["observedGeneration"] = condition.observedGeneration;
    object["status"] = condition.status;
    object["lastTransitionTime"] = formatTime(condition.lastTransitionTime);
    object["reason"] = condition.reason.empty() ? Json() : Json(condition.reason);
    object["message"] = condition.message.empty() ? Json() : Json(condition.message);
    return object;
}

JsonArray addresses(const std::string& ip) {
    return ip.empty() ? JsonArray() : JsonArray{JsonObject{{"ip", ip}}};
}
} // namespace

std::string computePodPhase(const api::Pod& pod, const PodRecord& record) {
    if (!record.failedReason.empty())
        return "Failed";
    bool failed = false;
    const bool pending = initPending(pod, record, failed);
    const Counts counts = countContainers(record);
    if (failed)
        return "Failed";
    if (pending && counts.running + counts.stopped == 0)
        return "Pending";
    if (counts.waiting > 0)
        return "Pending";
    if (counts.running > 0 || pod.restartPolicy == "Always" || counts.stopped == 0)
        return counts.running + counts.stopped > 0 ? "Running" : "Pending";
    if (counts.stopped == counts.succeeded)
        return "Succeeded";
    return pod.restartPolicy == "Never" ? "Failed" : "Running";
}

PodStatus computePodStatus(const StatusInputs& inputs) {
    const api::Pod& pod = inputs.pod;
    const PodRecord& record = inputs.record;
    PodStatus result;
    result.phase = computePodPhase(pod, record);
    const bool hasSandbox = record.sandbox && record.sandbox->ready;
    const api::Condition ready = containersReady(record, result.phase);
    result.conditions = {condition("PodReadyToStartContainers", hasSandbox),
                         initialized(pod, record, result.phase), podReady(pod, ready), ready};
    JsonArray conditions;
    for (api::Condition& made : result.conditions) {
        const api::Condition* last = api::findCondition(inputs.lastConditions, made.type);
        made.lastTransitionTime =
            last && last->status == made.status ? last->lastTransitionTime : inputs.now;
        made.observedGeneration = pod.metadata.generation;
        conditions.push_back(conditionJson(made));
    }
    JsonObject status;
    status["observedGeneration"] = pod.metadata.generation;
    status["phase"] = result.phase;
    status["conditions"] = std::move(conditions);
    status["hostIP"] = inputs.hostIP;
    status["hostIPs"] = addresses(inputs.hostIP);
    const std::string podIP = pod.hostNetwork  ? inputs.hostIP
                              : record.sandbox ? record.sandbox->ip
                                               : std::string();
    if (!podIP.empty()) {
        status["podIP"] = podIP;
        status["podIPs"] = addresses(podIP);
    }
    if (record.startTime)
        status["startTime"] = formatTime(*record.startTime);
    if (!record.failedReason.empty()) {
        status["reason"] = record.failedReason;
        status["message"] = record.failedMessage;
    }
    JsonArray init, containers;
    for (std::size_t i = 0; i < record.initContainers.size(); ++i) {
        const ContainerRecord& container = record.initContainers[i];
        const bool done = isSidecar(pod.initContainers[i])
                              ? container.running() && container.ready
                              : container.exited() && container.current->exitCode == 0;
        init.push_back(containerStatus(container, pod.initContainers[i].image, "PodInitializing",
                                       done, record.runtimeName));
    }
    const char* waiting = pod.initContainers.empty() ? "ContainerCreating" : "PodInitializing";
    for (std::size_t i = 0; i < record.containers.size(); ++i)
        containers.push_back(containerStatus(
            record.containers[i], pod.containers[i].image, waiting,
            record.containers[i].running() && record.containers[i].ready, record.runtimeName));
    if (!init.empty())
        status["initContainerStatuses"] = std::move(init);
    status["containerStatuses"] = std::move(containers);
    result.status = std::move(status);
    return result;
}

} // namespace orrery::kubelet
