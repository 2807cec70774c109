#include "vmnodes/kubelet/pod_actions.h"

namespace orrery::kubelet {

namespace {
constexpr Duration kBackoffFirst = 10s;
constexpr Duration kBackoffMax = 300s;

bool isSidecar(const api::Container& container) {
    return container.restartPolicy == "Always";
}

// Starts the container now, or when its back-off has passed.
void startOrWait(const ContainerRecord& record, std::size_t index, Time now,
                 std::vector<std::size_t>& start, std::vector<std::size_t>& waiting,
                 PodActions& actions) {
    if (record.busy)
        return;
    if (record.backoffUntil <= now) {
        start.push_back(index);
        return;
    }
    waiting.push_back(index);
    if (!actions.wakeAt || record.backoffUntil < *actions.wakeAt)
        actions.wakeAt = record.backoffUntil;
}

// True when all init containers have done their part, so that the pod's containers may start.
bool initialize(const api::Pod& pod, const PodRecord& record, Time now, PodActions& actions) {
    for (std::size_t i = 0; i < pod.initContainers.size(); ++i) {
        const ContainerRecord& container = record.initContainers[i];
        const bool sidecar = isSidecar(pod.initContainers[i]);
        if (!sidecar && container.exited() && container.current->exitCode == 0)
            continue;
        if (!container.running() && shouldRestart(pod, pod.initContainers[i], container))
            startOrWait(container, i, now, actions.initContainersToStart,
                        actions.initContainersBackingOff, actions);
        if (!sidecar || !container.running() || !container.started)
            return false;
    }
    return true;
}

bool initFailed(const api::Pod& pod, const PodRecord& record) {
    for (std::size_t i = 0; i < pod.initContainers.size(); ++i) {
        const ContainerRecord& container = record.initContainers[i];
        if (!isSidecar(pod.initContainers[i]) && container.exited() &&
            container.current->exitCode != 0 && pod.restartPolicy == "Never")
            return true;
    }
    return false;
}

std::string names(const std::vector<api::Container>& containers,
                  const std::vector<std::size_t>& indexes) {
    std::string text;
    for (const std::size_t index : indexes)
        text += (text.empty() ? "" : ", ") + containers[index].name;
    return text;
}

std::string describe(const api::Pod& pod, const PodActions& actions) {
    if (!actions.initContainersToStart.empty())
        return "init container " + names(pod.initContainers, actions.initContainersToStart) +
               " is next";
    if (!actions.containersToStart.empty())
        return "container " + names(pod.containers, actions.containersToStart) +
               " should run and does not";
    return "";
}
} // namespace

bool PodRecord::anyRunning() const {
    for (const auto* list : {&initContainers, &containers})
        for (const ContainerRecord& container : *list)
            if (container.running())
                return true;
    return false;
}

bool PodRecord::anyBusy() const {
    for (const auto* list : {&initContainers, &containers})
        for (const ContainerRecord& container : *list)
            if (container.busy)
                return true;
    return sandboxBusy;
}

bool shouldRestart(const api::Pod& pod, const api::Container& container,
                   const ContainerRecord& record) {
    if (record.running())
        return false;
    if (!record.exited() || isSidecar(container))
        return true;
    if (pod.restartPolicy == "Never")
        return false;
    return pod.restartPolicy == "Always" || record.current->exitCode != 0;
}

bool podFinished(const api::Pod& pod, const PodRecord& record) {
    if (!record.failedReason.empty() || initFailed(pod, record))
        return true;
    for (std::size_t i = 0; i < pod.containers.size(); ++i)
        if (!record.containers[i].exited() ||
            shouldRestart(pod, pod.containers[i], record.containers[i]))
            return false;
    return true;
}

PodActions computePodActions(const api::Pod& pod, const PodRecord& record, Time now) {
    PodActions actions;
    if (podFinished(pod, record)) {
        actions.killPod = record.anyRunning() || (record.sandbox && record.sandbox->ready);
        if (actions.killPod)
            actions.because =
                record.failedReason.empty() ? "its containers are done" : record.failedReason;
        return actions;
    }
    if (!record.sandbox || !record.sandbox->ready) {
        actions.createSandbox = !record.sandboxBusy;
        if (actions.createSandbox)
            actions.because = "spec.nodeName is this node and there is no sandbox";
        return actions;
    }
    if (initialize(pod, record, now, actions))
        for (std::size_t i = 0; i < pod.containers.size(); ++i)
            if (shouldRestart(pod, pod.containers[i], record.containers[i]))
                startOrWait(record.containers[i], i, now, actions.containersToStart,
                            actions.containersBackingOff, actions);
    actions.because = describe(pod, actions);
    return actions;
}

Duration nextBackoff(Duration last) {
    return last == Duration::zero() ? kBackoffFirst : std::min(last * 2, kBackoffMax);
}

} // namespace orrery::kubelet
