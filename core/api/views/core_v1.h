// Views of the core group: Pod, Node, Service, Namespace, ... Quantities are in base units: CPU in
// millicores, everything else in bytes or counts.
#pragma once
#include <cstdint>

#include "core/api/views/meta.h"

namespace orrery::api {

// By resource name: "cpu" in millicores, others in their unit (rounded up).
using ResourceList = std::map<std::string, std::int64_t, std::less<>>;

struct ContainerPort {
    std::string name, protocol = "TCP", hostIP;
    int containerPort = 0, hostPort = 0;
};

struct Probe {
    std::string handler; // "exec", "httpGet", "tcpSocket", "grpc"
    int initialDelaySeconds = 0, timeoutSeconds = 1, periodSeconds = 10, successThreshold = 1,
        failureThreshold = 3;
    std::optional<std::int64_t> terminationGracePeriodSeconds;
    Json source; // the whole probe as written
};

struct Container {
    std::string name, image, imagePullPolicy,
        restartPolicy; // restartPolicy "Always" on an init container: sidecar
    std::vector<std::string> command, args;
    std::vector<ContainerPort> ports;
    ResourceList requests, limits;
    std::optional<Probe> livenessProbe, readinessProbe, startupProbe;
    Json lifecycle, env, envFrom, volumeMounts, securityContext; // as written; null when absent
    bool stdin_ = false, tty = false;
};

struct Toleration {
    std::string key, op = "Equal", value, effect;
    std::optional<std::int64_t> tolerationSeconds;
};

struct Taint {
    std::string key, value, effect;
    std::optional<Time> timeAdded;
};

struct NodeSelectorTerm {
    std::vector<LabelSelector::Requirement> matchExpressions, matchFields;
};

struct PreferredSchedulingTerm {
    int weight = 0;
    NodeSelectorTerm preference;
};

struct NodeAffinity {
    bool required = false; // whether requiredDuringSchedulingIgnoredDuringExecution is there
    std::vector<NodeSelectorTerm> requiredTerms;
    std::vector<PreferredSchedulingTerm> preferred;
};

struct ContainerState {
    enum class Kind : std::uint8_t { Waiting, Running, Terminated };
    Kind kind = Kind::Waiting;
    std::string reason, message, containerID;
    int exitCode = 0, signal = 0;
    Time startedAt{}, finishedAt{};
};

struct ContainerStatus {
    std::string name, image, imageID, containerID;
    bool ready = false;
    std::optional<bool> started;
    int restartCount = 0;
    ContainerState state;
    std::optional<ContainerState> lastState;
};

struct Pod {
    ObjectMeta metadata;
    // spec
    std::string nodeName, schedulerName, restartPolicy, serviceAccountName, priorityClassName,
        hostname, subdomain;
    std::string preemptionPolicy, dnsPolicy;
    std::vector<Container> containers, initContainers;
    StringMap nodeSelector;
    NodeAffinity nodeAffinity;
    Json affinity;                  // podAffinity and podAntiAffinity as written
    Json topologySpreadConstraints; // as written
    std::vector<Toleration> tolerations;
    std::vector<std::string> schedulingGates, readinessGates;
    Json volumes; // as written
    ResourceList overhead;
    ResourceList podLevelRequests; // spec.resources.requests: in place of the containers' sum
    int priority = 0;
    bool hostNetwork = false;
    std::int64_t terminationGracePeriodSeconds = 30;
    std::optional<std::int64_t> activeDeadlineSeconds;
    // status
    std::string phase, podIP, hostIP, reason, message, nominatedNodeName, qosClass;
    std::vector<std::string> podIPs;
    std::optional<Time> startTime;
    std::vector<Condition> conditions;
    std::vector<ContainerStatus> containerStatuses, initContainerStatuses;

    bool terminal() const { return phase == "Succeeded" || phase == "Failed"; }
    bool ready() const; // condition Ready is True
    // What it asks of a node: the sum of containers, the largest init container, sidecars,
    // overhead.
    ResourceList requests() const;
};

struct ContainerImage {
    std::vector<std::string> names;
    std::int64_t sizeBytes = 0;
};

struct Node {
    ObjectMeta metadata;
    bool unschedulable = false;
    std::string podCIDR, providerID;
    std::vector<std::string> podCIDRs;
    std::vector<Taint> taints;
    ResourceList capacity, allocatable;
    std::vector<Condition> conditions;
    std::vector<ContainerImage> images;
    StringMap addresses; // by type: InternalIP, Hostname
    bool ready() const;
};

struct Lease {
    ObjectMeta metadata;
    std::string holderIdentity;
    int leaseDurationSeconds = 0;
    std::optional<Time> acquireTime, renewTime;
};

struct ServicePort {
    std::string name, protocol = "TCP", appProtocol;
    int port = 0, nodePort = 0;
    Json targetPort; // number or name; null: the same as port
};

struct Service {
    ObjectMeta metadata;
    std::string type, clusterIP;
    StringMap selector;
    bool hasSelector = false, publishNotReadyAddresses = false;
    std::vector<ServicePort> ports;
    std::vector<std::string> ipFamilies;
};

struct Namespace {
    ObjectMeta metadata;
    std::vector<std::string> specFinalizers;
    std::string phase;
    std::vector<Condition> conditions;
};

struct ServiceAccount {
    ObjectMeta metadata;
};

// `out` must be fresh: what the object lacks keeps its value.
void decode(const Json& object, Pod& out);
void decode(const Json& object, Node& out);
void decode(const Json& object, Lease& out);
void decode(const Json& object, Service& out);
void decode(const Json& object, Namespace& out);
void decode(const Json& object, ServiceAccount& out);

// Does one of `tolerations` tolerate `taint` (corev1 Toleration.ToleratesTaint).
bool tolerates(const std::vector<Toleration>& tolerations, const Taint& taint);

} // namespace orrery::api
