// The view of a Pod (core_v1.h).
#include <algorithm>

#include "core/api/views/core_v1.h"
#include "core/api/views/rows.h"

namespace orrery::api {

namespace views {
namespace {
template <const Table* Inner> void nested(const Json& value, void* out) {
    readRows(value, *Inner, out);
}

constexpr Row kContainerPortRows[] = {
    row<&ContainerPort::name>("name"),         row<&ContainerPort::protocol>("protocol"),
    row<&ContainerPort::hostIP>("hostIP"),     row<&ContainerPort::containerPort>("containerPort"),
    row<&ContainerPort::hostPort>("hostPort"),
};
constexpr Table kContainerPort{"io.k8s.api.core.v1.ContainerPort", kContainerPortRows};

void readHandlerExec(const Json&, void* out) {
    static_cast<Probe*>(out)->handler = "exec";
}
void readHandlerHttp(const Json&, void* out) {
    static_cast<Probe*>(out)->handler = "httpGet";
}
void readHandlerTcp(const Json&, void* out) {
    static_cast<Probe*>(out)->handler = "tcpSocket";
}
void readHandlerGrpc(const Json&, void* out) {
    static_cast<Probe*>(out)->handler = "grpc";
}
constexpr Row kProbeRows[] = {
    {"exec", readHandlerExec},
    {"httpGet", readHandlerHttp},
    {"tcpSocket", readHandlerTcp},
    {"grpc", readHandlerGrpc},
    row<&Probe::initialDelaySeconds>("initialDelaySeconds"),
    row<&Probe::timeoutSeconds>("timeoutSeconds"),
    row<&Probe::periodSeconds>("periodSeconds"),
    row<&Probe::successThreshold>("successThreshold"),
    row<&Probe::failureThreshold>("failureThreshold"),
    row<&Probe::terminationGracePeriodSeconds>("terminationGracePeriodSeconds"),
};
constexpr Table kProbe{"io.k8s.api.core.v1.Probe", kProbeRows};

constexpr Row kResourceRows[] = {
    row<&Container::requests>("requests"),
    row<&Container::limits>("limits"),
};
constexpr Table kResources{"io.k8s.api.core.v1.ResourceRequirements", kResourceRows};
constexpr Row kContainerRows[] = {
    row<&Container::name>("name"),
    row<&Container::image>("image"),
    row<&Container::imagePullPolicy>("imagePullPolicy"),
    row<&Container::restartPolicy>("restartPolicy"),
    row<&Container::command>("command"),
    row<&Container::args>("args"),
    row<&Container::ports>("ports"),
    {"resources", nested<&kResources>},
    row<&Container::livenessProbe>("livenessProbe"),
    row<&Container::readinessProbe>("readinessProbe"),
    row<&Container::startupProbe>("startupProbe"),
    row<&Container::lifecycle>("lifecycle"),
    row<&Container::env>("env"),
    row<&Container::envFrom>("envFrom"),
    row<&Container::volumeMounts>("volumeMounts"),
    row<&Container::securityContext>("securityContext"),
    row<&Container::stdin_>("stdin"),
    row<&Container::tty>("tty"),
};
constexpr Table kContainer{"io.k8s.api.core.v1.Container", kContainerRows};

constexpr Row kTolerationRows[] = {
    row<&Toleration::key>("key"),
    row<&Toleration::op>("operator"),
    row<&Toleration::value>("value"),
    row<&Toleration::effect>("effect"),
    row<&Toleration::tolerationSeconds>("tolerationSeconds"),
};
constexpr Table kToleration{"io.k8s.api.core.v1.Toleration", kTolerationRows};

constexpr Row kTermRows[] = {
    row<&NodeSelectorTerm::matchExpressions>("matchExpressions"),
    row<&NodeSelectorTerm::matchFields>("matchFields"),
};
constexpr Table kTerm{"io.k8s.api.core.v1.NodeSelectorTerm", kTermRows};
constexpr Row kPreferredRows[] = {
    row<&PreferredSchedulingTerm::weight>("weight"),
    row<&PreferredSchedulingTerm::preference>("preference"),
};
constexpr Table kPreferred{"io.k8s.api.core.v1.PreferredSchedulingTerm", kPreferredRows};
constexpr Row kNodeSelectorRows[] = {row<&NodeAffinity::requiredTerms>("nodeSelectorTerms")};
constexpr Table kNodeSelector{"io.k8s.api.core.v1.NodeSelector", kNodeSelectorRows};
void readRequired(const Json& value, void* out) {
    static_cast<NodeAffinity*>(out)->required = value.is_object();
    readRows(value, kNodeSelector, out);
}
constexpr Row kNodeAffinityRows[] = {
    {"requiredDuringSchedulingIgnoredDuringExecution", readRequired},
    row<&NodeAffinity::preferred>("preferredDuringSchedulingIgnoredDuringExecution"),
};
constexpr Table kNodeAffinity{"io.k8s.api.core.v1.NodeAffinity", kNodeAffinityRows};

// podAffinity and podAntiAffinity stay as written, for the one plugin that reads them.
void copyAffinityPart(std::string_view field, const Json& value, void* out) {
    Json& affinity = static_cast<Pod*>(out)->affinity;
    if (!affinity.is_object())
        affinity = JsonObject();
    affinity.get_object()[field] = value;
}
void readPodAffinity(const Json& value, void* out) {
    copyAffinityPart("podAffinity", value, out);
}
void readPodAntiAffinity(const Json& value, void* out) {
    copyAffinityPart("podAntiAffinity", value, out);
}
constexpr Row kAffinityRows[] = {
    row<&Pod::nodeAffinity>("nodeAffinity"),
    {"podAffinity", readPodAffinity},
    {"podAntiAffinity", readPodAntiAffinity},
};
constexpr Table kAffinity{"io.k8s.api.core.v1.Affinity", kAffinityRows};

void readSchedulingGates(const Json& value, void* out) {
    if (const JsonArray* gates = value.if_array())
        for (const Json& gate : *gates)
            static_cast<Pod*>(out)->schedulingGates.emplace_back(stringAt(gate, "name"));
}
constexpr Row kPodResourceRows[] = {row<&Pod::podLevelRequests>("requests")};
constexpr Table kPodResources{"io.k8s.api.core.v1.ResourceRequirements", kPodResourceRows};

constexpr Row kPodSpecRows[] = {
    row<&Pod::nodeName>("nodeName"),
    row<&Pod::schedulerName>("schedulerName"),
    row<&Pod::restartPolicy>("restartPolicy"),
    row<&Pod::serviceAccountName>("serviceAccountName"),
    row<&Pod::priorityClassName>("priorityClassName"),
    row<&Pod::hostname>("hostname"),
    row<&Pod::subdomain>("subdomain"),
    row<&Pod::preemptionPolicy>("preemptionPolicy"),
    row<&Pod::dnsPolicy>("dnsPolicy"),
    row<&Pod::containers>("containers"),
    row<&Pod::initContainers>("initContainers"),
    row<&Pod::nodeSelector>("nodeSelector"),
    {"affinity", nested<&kAffinity>},
    row<&Pod::topologySpreadConstraints>("topologySpreadConstraints"),
    row<&Pod::tolerations>("tolerations"),
    {"schedulingGates", readSchedulingGates},
    row<&Pod::volumes>("volumes"),
    row<&Pod::overhead>("overhead"),
    {"resources", nested<&kPodResources>},
    row<&Pod::priority>("priority"),
    row<&Pod::hostNetwork>("hostNetwork"),
    row<&Pod::terminationGracePeriodSeconds>("terminationGracePeriodSeconds"),
    row<&Pod::activeDeadlineSeconds>("activeDeadlineSeconds"),
};
constexpr Table kPodSpec{"io.k8s.api.core.v1.PodSpec", kPodSpecRows};

constexpr Row kWaitingRows[] = {
    row<&ContainerState::reason>("reason"),
    row<&ContainerState::message>("message"),
};
constexpr Table kWaiting{"io.k8s.api.core.v1.ContainerStateWaiting", kWaitingRows};
constexpr Row kRunningRows[] = {row<&ContainerState::startedAt>("startedAt")};
constexpr Table kRunning{"io.k8s.api.core.v1.ContainerStateRunning", kRunningRows};
constexpr Row kTerminatedRows[] = {
    row<&ContainerState::reason>("reason"),           row<&ContainerState::message>("message"),
    row<&ContainerState::containerID>("containerID"), row<&ContainerState::exitCode>("exitCode"),
    row<&ContainerState::signal>("signal"),           row<&ContainerState::startedAt>("startedAt"),
    row<&ContainerState::finishedAt>("finishedAt"),
};
constexpr Table kTerminated{"io.k8s.api.core.v1.ContainerStateTerminated", kTerminatedRows};

template <ContainerState::Kind Kind, const Table* Inner>
void readState(const Json& value, void* out) {
    static_cast<ContainerState*>(out)->kind = Kind;
    readRows(value, *Inner, out);
}
constexpr Row kContainerStateRows[] = {
    {"waiting", readState<ContainerState::Kind::Waiting, &kWaiting>},
    {"running", readState<ContainerState::Kind::Running, &kRunning>},
    {"terminated", readState<ContainerState::Kind::Terminated, &kTerminated>},
};
constexpr Table kContainerState{"io.k8s.api.core.v1.ContainerState", kContainerStateRows};

void readLastState(const Json& value, void* out) {
    if (const JsonObject* state = value.if_object(); state && !state->empty())
        assign(value, static_cast<ContainerStatus*>(out)->lastState);
}
constexpr Row kContainerStatusRows[] = {
    row<&ContainerStatus::name>("name"),
    row<&ContainerStatus::image>("image"),
    row<&ContainerStatus::imageID>("imageID"),
    row<&ContainerStatus::containerID>("containerID"),
    row<&ContainerStatus::ready>("ready"),
    row<&ContainerStatus::started>("started"),
    row<&ContainerStatus::restartCount>("restartCount"),
    row<&ContainerStatus::state>("state"),
    {"lastState", readLastState},
};
constexpr Table kContainerStatus{"io.k8s.api.core.v1.ContainerStatus", kContainerStatusRows};

void readPodIPs(const Json& value, void* out) {
    if (const JsonArray* addresses = value.if_array())
        for (const Json& address : *addresses)
            static_cast<Pod*>(out)->podIPs.emplace_back(stringAt(address, "ip"));
}
constexpr Row kPodStatusRows[] = {
    row<&Pod::phase>("phase"),
    row<&Pod::podIP>("podIP"),
    row<&Pod::hostIP>("hostIP"),
    row<&Pod::reason>("reason"),
    row<&Pod::message>("message"),
    row<&Pod::nominatedNodeName>("nominatedNodeName"),
    row<&Pod::qosClass>("qosClass"),
    {"podIPs", readPodIPs},
    row<&Pod::startTime>("startTime"),
    row<&Pod::conditions>("conditions"),
    row<&Pod::containerStatuses>("containerStatuses"),
    row<&Pod::initContainerStatuses>("initContainerStatuses"),
};
constexpr Table kPodStatus{"io.k8s.api.core.v1.PodStatus", kPodStatusRows};

constexpr Row kPodRows[] = {
    row<&Pod::metadata>("metadata"),
    {"spec", nested<&kPodSpec>},
    {"status", nested<&kPodStatus>},
};
constexpr Table kPod{"io.k8s.api.core.v1.Pod", kPodRows};
} // namespace

std::vector<const Table*> podTables() {
    return {&kContainerPort,  &kProbe,           &kResources,    &kContainer,    &kToleration,
            &kTerm,           &kPreferred,       &kNodeSelector, &kNodeAffinity, &kAffinity,
            &kPodResources,   &kPodSpec,         &kWaiting,      &kRunning,      &kTerminated,
            &kContainerState, &kContainerStatus, &kPodStatus,    &kPod};
}

void assign(const Json& value, ContainerPort& out) {
    readRows(value, kContainerPort, &out);
}
void assign(const Json& value, Probe& out) {
    out.source = value;
    readRows(value, kProbe, &out);
}
void assign(const Json& value, Container& out) {
    readRows(value, kContainer, &out);
}
void assign(const Json& value, Toleration& out) {
    readRows(value, kToleration, &out);
}
void assign(const Json& value, NodeSelectorTerm& out) {
    readRows(value, kTerm, &out);
}
void assign(const Json& value, PreferredSchedulingTerm& out) {
    readRows(value, kPreferred, &out);
}
void assign(const Json& value, NodeAffinity& out) {
    readRows(value, kNodeAffinity, &out);
}
void assign(const Json& value, ContainerState& out) {
    readRows(value, kContainerState, &out);
}
void assign(const Json& value, ContainerStatus& out) {
    readRows(value, kContainerStatus, &out);
}
} // namespace views

void decode(const Json& object, Pod& out) {
    views::readRows(object, views::kPod, &out);
}

bool Pod::ready() const {
    const Condition* condition = findCondition(conditions, "Ready");
    return condition && condition->status == "True";
}

namespace {
void add(ResourceList& to, const ResourceList& more) {
    for (const auto& [name, amount] : more)
        to[name] += amount;
}
void raise(ResourceList& to, const ResourceList& least) {
    for (const auto& [name, amount] : least) {
        std::int64_t& at = to[name];
        at = std::max(at, amount);
    }
}
} // namespace

ResourceList Pod::requests() const {
    ResourceList running, sidecars, starting;
    for (const Container& container : containers)
        add(running, container.requests);
    // An init container runs alone, beside the sidecars that were started before it.
    for (const Container& container : initContainers) {
        ResourceList now = sidecars;
        add(now, container.requests);
        if (container.restartPolicy == "Always")
            sidecars = now;
        raise(starting, now);
    }
    add(running, sidecars);
    raise(running, starting);
    for (const auto& [name, amount] : podLevelRequests)
        running[name] = amount;
    add(running, overhead);
    return running;
}

} // namespace orrery::api
