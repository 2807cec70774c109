#include "vmnodes/kubelet/node_status.h"

namespace orrery::kubelet {

namespace {
struct ConditionRow {
    const char *type, *status, *reason, *message;
};
constexpr ConditionRow kConditions[] = {
    {"MemoryPressure", "False", "KubeletHasSufficientMemory",
     "kubelet has sufficient memory available"},
    {"DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"},
    {"PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"},
    {"Ready", "True", "KubeletReady", "kubelet is posting ready status"},
};

JsonArray conditions(const api::Node* old, Time now) {
    JsonArray all;
    for (const ConditionRow& row : kConditions) {
        const api::Condition* last = old ? api::findCondition(old->conditions, row.type) : nullptr;
        const bool same = last && last->status == row.status;
        all.push_back(
            JsonObject{{"type", row.type},
                       {"status", row.status},
                       {"lastHeartbeatTime", formatTime(now)},
                       {"lastTransitionTime", formatTime(same ? last->lastTransitionTime : now)},
                       {"reason", row.reason},
                       {"message", row.message}});
    }
    return all;
}

JsonObject resources(const NodeFacts& facts) {
    return JsonObject{{"cpu", facts.cpu},       {"ephemeral-storage", facts.ephemeralStorage},
                      {"hugepages-1Gi", "0"},   {"hugepages-2Mi", "0"},
                      {"memory", facts.memory}, {"pods", facts.pods}};
}

JsonObject nodeInfo(const NodeFacts& facts) {
    return JsonObject{{"machineID", facts.machineID},
                      {"systemUUID", facts.machineID},
                      {"bootID", facts.machineID},
                      {"kernelVersion", facts.simulated ? "6.1.0-simulated" : ""},
                      {"osImage", facts.simulated ? "Orrery simulated node" : ""},
                      {"containerRuntimeVersion", facts.runtimeName + "://" + facts.runtimeVersion},
                      {"kubeletVersion", "v1.36.0"},
                      {"kubeProxyVersion", ""},
                      {"operatingSystem", "linux"},
                      {"architecture", "amd64"}};
}

JsonArray addresses(const NodeFacts& facts) {
    return JsonArray{JsonObject{{"type", "InternalIP"}, {"address", facts.hostIP}},
                     JsonObject{{"type", "Hostname"}, {"address", facts.nodeName}}};
}
} // namespace

Json computeNode(const NodeFacts& facts, Time now) {
    JsonObject labels{{"beta.kubernetes.io/arch", "amd64"},
                      {"beta.kubernetes.io/os", "linux"},
                      {"kubernetes.io/arch", "amd64"},
                      {"kubernetes.io/hostname", facts.nodeName},
                      {"kubernetes.io/os", "linux"}};
    JsonObject annotations{{"volumes.kubernetes.io/controller-managed-attach-detach", "true"}};
    if (facts.simulated)
        annotations["orrery.dev/simulated"] = "true";
    JsonObject status;
    status["capacity"] = resources(facts);
    status["allocatable"] = resources(facts);
    status["conditions"] = conditions(nullptr, now);
    status["addresses"] = addresses(facts);
    status["daemonEndpoints"] = JsonObject{{"kubeletEndpoint", JsonObject{{"Port", 10250}}}};
    status["nodeInfo"] = nodeInfo(facts);
    return JsonObject{{"apiVersion", "v1"},
                      {"kind", "Node"},
                      {"metadata", JsonObject{{"name", facts.nodeName},
                                              {"labels", std::move(labels)},
                                              {"annotations", std::move(annotations)}}},
                      {"status", std::move(status)}};
}

Json computeNodeStatusPatch(const NodeFacts& facts, const api::Node* old, bool withCapacity,
                            Time now) {
    JsonObject status;
    status["conditions"] = conditions(old, now);
    if (withCapacity) {
        status["capacity"] = resources(facts);
        status["allocatable"] = resources(facts);
    }
    if (!old || old->addresses.empty())
        status["addresses"] = addresses(facts);
    status["nodeInfo"] = nodeInfo(facts);
    return JsonObject{{"status", std::move(status)}};
}

Json computeLease(const std::string& nodeName, const std::string& nodeUid, Time now) {
    JsonObject metadata{{"name", nodeName}, {"namespace", "kube-node-lease"}};
    if (!nodeUid.empty())
        metadata["ownerReferences"] = JsonArray{JsonObject{
            {"apiVersion", "v1"}, {"kind", "Node"}, {"name", nodeName}, {"uid", nodeUid}}};
    return JsonObject{{"apiVersion", "coordination.k8s.io/v1"},
                      {"kind", "Lease"},
                      {"metadata", std::move(metadata)},
                      {"spec", JsonObject{{"holderIdentity", nodeName},
                                          {"leaseDurationSeconds", 40},
                                          {"renewTime", formatMicroTime(now)}}}};
}

} // namespace orrery::kubelet
