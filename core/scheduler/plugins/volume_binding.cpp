// VolumeBinding: a node must reach the volumes of the pod's claims; claims that wait for their
// first consumer choose theirs with the node.
#include "core/scheduler/plugins/volume_binding.h"

#include <algorithm>

#include "core/base/quantity.h"

namespace orrery::scheduler {
namespace {

constexpr std::string_view kName = "VolumeBinding";
constexpr const char* kNoProvisioner = "kubernetes.io/no-provisioner";

api::NodeSelectorTerm decodeTerm(const Json& json) {
    api::NodeSelectorTerm term;
    const auto read = [&json](std::string_view key,
                              std::vector<api::LabelSelector::Requirement>& into) {
        for (const Json& one : arrayAt(json, key)) {
            api::LabelSelector::Requirement requirement;
            requirement.key = stringAt(one, "key");
            requirement.op = stringAt(one, "operator");
            for (const Json& value : arrayAt(one, "values"))
                requirement.values.emplace_back(asString(value));
            into.push_back(std::move(requirement));
        }
    };
    read("matchExpressions", term.matchExpressions);
    read("matchFields", term.matchFields);
    return term;
}

// spec.nodeAffinity of a volume; volumes without it are reachable everywhere.
bool reachableFrom(const Json& volume, const api::Node& node) {
    if (!findPath(volume, "spec.nodeAffinity.required"))
        return true;
    const JsonArray& terms = arrayAt(volume, "spec.nodeAffinity.required.nodeSelectorTerms");
    return std::any_of(terms.begin(), terms.end(), [&node](const Json& json) {
        return matchesNodeSelectorTerm(decodeTerm(json), node);
    });
}

Quantity quantityAt(const Json& object, std::string_view path) {
    const Result<Quantity> parsed = Quantity::parse(stringAt(object, path, "0"));
    return parsed ? *parsed : Quantity();
}

std::string className(const Json& object) {
    return std::string(stringAt(object, "spec.storageClassName"));
}

bool hasModes(const Json& volume, const Json& claim) {
    const JsonArray& offered = arrayAt(volume, "spec.accessModes");
    const JsonArray& wanted = arrayAt(claim, "spec.accessModes");
    return std::all_of(wanted.begin(), wanted.end(), [&offered](const Json& mode) {
        return std::find(offered.begin(), offered.end(), mode) != offered.end();
    });
}

// Whether the volume, free or promised to this claim, could serve it.
bool serves(const Cycle& cycle, const Json& volume, const Json& claim, const std::string& key) {
    const std::string owner = std::string(stringAt(volume, "spec.claimRef.namespace")) + "/" +
                              std::string(stringAt(volume, "spec.claimRef.name"));
    const std::string reserved =
        cycle.cluster.volumeReservedFor(std::string(stringAt(volume, "metadata.name")));
    if ((owner != "/" && owner != key) || (!reserved.empty() && reserved != key) ||
        findPath(volume, "metadata.deletionTimestamp"))
        return false;
    const std::string_view phase = stringAt(volume, "status.phase");
    if (owner == "/" && !phase.empty() && phase != "Available" && phase != "Pending")
        return false;
    if (stringAt(volume, "spec.volumeMode", "Filesystem") !=
        stringAt(claim, "spec.volumeMode", "Filesystem"))
        return false;
    if (const Json* selector = findPath(claim, "spec.selector")) {
        api::LabelSelector wanted;
        decode(*selector, wanted);
        api::ObjectMeta meta;
        if (const Json* metadata = find(volume, "metadata"))
            decode(*metadata, meta);
        if (!wanted.matches(meta.labels))
            return false;
    }
    return hasModes(volume, claim) && quantityAt(volume, "spec.capacity.storage") >=
                                          quantityAt(claim, "spec.resources.requests.storage");
}

// The smallest volume that serves the claim on the node; "" for none.
std::string smallestVolume(const Cycle& cycle, const NodeInfo& node, const Json& claim,
                           const std::string& key, const std::vector<VolumeStep>& taken) {
    std::string best;
    Quantity size;
    for (const Json* volume : cycle.cluster.volumesOfClass(className(claim))) {
        const std::string name(stringAt(*volume, "metadata.name"));
        const bool isTaken =
            std::any_of(taken.begin(), taken.end(),
                        [&name](const VolumeStep& step) { return step.volume == name; });
        if (isTaken || !serves(cycle, *volume, claim, key) || !reachableFrom(*volume, *node.node))
            continue;
        const Quantity its = quantityAt(*volume, "spec.capacity.storage");
        if (best.empty() || its < size) {
            best = name;
            size = its;
        }
    }
    return best;
}

bool waitsForConsumer(const Cycle& cycle, const Json& claim) {
    const Json* storageClass = cycle.cluster.storageClass(className(claim));
    return storageClass && stringAt(*storageClass, "volumeBindingMode") == "WaitForFirstConsumer";
}

std::string claimKey(const Cycle& cycle, const std::string& name) {
    return cycle.pod.pod->metadata.namespace_ + "/" + name;
}

PreFilterResult preFilter(const Cycle& cycle, State&) {
    if (cycle.pod.claims.empty())
        return PreFilterResult::skip();
    for (const std::string& name : cycle.pod.claims) {
        const Json* claim = cycle.cluster.claim(claimKey(cycle, name));
        std::string why;
        if (!claim)
            why = "persistentvolumeclaim \"" + name + "\" not found";
        else if (findPath(*claim, "metadata.deletionTimestamp"))
            why = "persistentvolumeclaim \"" + name + "\" is being deleted";
        else if (stringAt(*claim, "status.phase") == "Lost")
            why = "persistentvolumeclaim \"" + name +
                  "\" bound to non-existent persistentvolume \"" +
                  std::string(stringAt(*claim, "spec.volumeName")) + "\"";
        else if (!claimIsBound(*claim) && !waitsForConsumer(cycle, *claim))
            why = "pod has unbound immediate PersistentVolumeClaims";
        if (!why.empty())
            return PreFilterResult::reject(
                reject(kName, Rejection::Code::Unresolvable, std::move(why)));
    }
    return {};
}

RejectionPtr filter(const Cycle& cycle, const NodeInfo& node, const void*) {
    return planVolumes(cycle, node).rejection;
}

bool unblocks(const PodInfo& waiting, const ClusterEvent& event) {
    if ((event.what & static_cast<std::uint32_t>(Happening::Claim)) == 0)
        return true;
    return std::any_of(waiting.claims.begin(), waiting.claims.end(), [&](const std::string& name) {
        return waiting.pod->metadata.namespace_ + "/" + name == event.object;
    });
}

} // namespace

bool claimIsBound(const Json& claim) {
    const Json* annotations = findPath(claim, "metadata.annotations");
    return !stringAt(claim, "spec.volumeName").empty() && annotations &&
           find(*annotations, "pv.kubernetes.io/bind-completed") != nullptr;
}

VolumePlan planVolumes(const Cycle& cycle, const NodeInfo& node) {
    static const RejectionPtr gone =
        reject(kName, Rejection::Code::Unresolvable,
               "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)");
    static const RejectionPtr elsewhere =
        reject(kName, Rejection::Code::Unresolvable,
               "node(s) didn't match PersistentVolume's node affinity");
    static const RejectionPtr none =
        reject(kName, Rejection::Code::Unresolvable,
               "node(s) didn't find available persistent volumes to bind");
    VolumePlan plan;
    for (const std::string& name : cycle.pod.claims) {
        const std::string key = claimKey(cycle, name);
        const Json* claim = cycle.cluster.claim(key);
        if (!claim)
            continue; // preFilter has refused the pod
        if (claimIsBound(*claim)) {
            const Json* volume =
                cycle.cluster.volume(std::string(stringAt(*claim, "spec.volumeName")));
            if (!volume || !reachableFrom(*volume, *node.node))
                plan.rejection = volume ? elsewhere : gone;
            if (plan.rejection)
                return plan;
            continue;
        }
        std::string volume = smallestVolume(cycle, node, *claim, key, plan.steps);
        const Json* storageClass = cycle.cluster.storageClass(className(*claim));
        if (volume.empty() &&
            (!storageClass || stringAt(*storageClass, "provisioner") == kNoProvisioner)) {
            plan.rejection = none;
            return plan;
        }
        plan.steps.push_back({key, std::move(volume)});
    }
    return plan;
}

PluginDef volumeBinding();
PluginDef volumeBinding() {
    return {.name = kName,
            .wakesOn = Happening::NodeAdded | Happening::NodeLabels | Happening::Claim |
                       Happening::Volume | Happening::StorageClass,
            .unblocks = unblocks,
            .preFilter = preFilter,
            .filter = filter};
}

} // namespace orrery::scheduler
