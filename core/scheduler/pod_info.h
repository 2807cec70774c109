// What the scheduler reads of a pod, computed once when the pod arrives.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/api/views/core_v1.h"

namespace orrery::scheduler {

// CPU in millicores, the rest in bytes or counts.
struct Amounts {
    std::int64_t cpu = 0, memory = 0, ephemeral = 0;
    std::vector<std::pair<std::string, std::int64_t>> extended; // by name; no zeros
    friend bool operator==(const Amounts&, const Amounts&) = default;
    bool none() const { return cpu == 0 && memory == 0 && ephemeral == 0 && extended.empty(); }
};

struct HostPort {
    std::string ip, protocol;
    int port = 0;
    friend bool operator==(const HostPort&, const HostPort&) = default;
};
// Whether two pods can't have these ports on one node: "0.0.0.0" stands for every address.
bool portsConflict(const HostPort& a, const HostPort& b);

// One term of pod affinity or anti-affinity.
struct AffinityTerm {
    std::string topologyKey;
    std::vector<std::string> namespaces;  // sorted; the pod's own when the term names none
    api::LabelSelector namespaceSelector; // more namespaces, when present
    api::LabelSelector selector;
    int weight = 0; // of preferred terms
};

struct SpreadConstraint {
    std::string topologyKey;
    int maxSkew = 1;
    int minDomains = 1;
    bool hard = true;            // whenUnsatisfiable: DoNotSchedule
    bool honorAffinity = true;   // nodeAffinityPolicy
    bool honorTaints = false;    // nodeTaintsPolicy
    api::LabelSelector selector; // with what matchLabelKeys add
};

struct PodInfo {
    std::shared_ptr<const api::Pod> pod;
    std::string key; // "default/web"
    Amounts request;
    // With 100m and 200Mi for each container that says nothing: what scoring counts.
    std::int64_t nonZeroCpu = 0, nonZeroMemory = 0;
    std::vector<HostPort> hostPorts;
    std::vector<AffinityTerm> requiredAffinity, requiredAntiAffinity;
    std::vector<AffinityTerm> preferredAffinity, preferredAntiAffinity;
    std::vector<SpreadConstraint> spread;
    std::vector<std::string> images; // normalized names
    std::vector<std::string> claims; // PersistentVolumeClaims, in the order of the volumes
    // All that plugins with remembered answers read of the pod, as text: equal shapes get equal
    // answers.
    std::string shape;

    int priority() const { return pod->priority; }
    bool hasAffinity() const {
        return !requiredAffinity.empty() || !requiredAntiAffinity.empty() ||
               !preferredAffinity.empty() || !preferredAntiAffinity.empty();
    }
};
using PodInfoPtr = std::shared_ptr<const PodInfo>;

PodInfoPtr makePodInfo(std::shared_ptr<const api::Pod> pod);
// Whether `b`, a newer state of `a`, weighs the same on its node (labels, requests, terminating).
bool weighsTheSame(const api::Pod& a, const api::Pod& b);

// "name" -> "name:latest" where no tag is given.
std::string normalizedImageName(const std::string& name);
// The canonical text of a selector: equal texts select the same.
std::string selectorText(const api::LabelSelector& selector);

} // namespace orrery::scheduler
