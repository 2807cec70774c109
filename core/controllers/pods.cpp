#include "core/controllers/pods.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace orrery::controllers {

namespace {
constexpr const char* kDeletionCost = "controller.kubernetes.io/pod-deletion-cost";

int phaseRank(const std::string& phase) {
    if (phase == "Pending" || phase.empty())
        return 0;
    return phase == "Unknown" ? 1 : 2;
}

std::int64_t deletionCost(const api::Pod& pod) {
    const auto at = pod.metadata.annotations.find(kDeletionCost);
    std::int64_t cost = 0;
    if (at != pod.metadata.annotations.end())
        std::from_chars(at->second.data(), at->second.data() + at->second.size(), cost);
    return cost;
}

// Ages in powers of two: small differences of old pods don't matter.
int logarithmicAge(Time since, Time now) {
    const double nanos = static_cast<double>((now - since).count());
    return nanos < 1 ? 0 : static_cast<int>(std::log2(nanos));
}

// Below zero: `a` is to go first.
int compareForDeletion(const RankedPod& left, const RankedPod& right, Time now) {
    const api::Pod& a = *left.pod->view;
    const api::Pod& b = *right.pod->view;
    if (a.nodeName.empty() != b.nodeName.empty())
        return a.nodeName.empty() ? -1 : 1;
    if (phaseRank(a.phase) != phaseRank(b.phase))
        return phaseRank(a.phase) - phaseRank(b.phase);
    const std::optional<Time> readyA = podReadySince(a), readyB = podReadySince(b);
    if (readyA.has_value() != readyB.has_value())
        return readyA ? 1 : -1;
    const std::int64_t costA = deletionCost(a), costB = deletionCost(b);
    if (costA != costB)
        return costA < costB ? -1 : 1;
    if (left.crowd != right.crowd)
        return right.crowd - left.crowd;
    if (readyA && *readyA != *readyB) {
        const int ages = logarithmicAge(*readyA, now) - logarithmicAge(*readyB, now);
        return ages != 0 ? ages : a.metadata.uid.compare(b.metadata.uid);
    }
    if (podRestarts(a) != podRestarts(b))
        return podRestarts(b) - podRestarts(a);
    if (a.metadata.creationTimestamp != b.metadata.creationTimestamp) {
        const int ages = logarithmicAge(a.metadata.creationTimestamp, now) -
                         logarithmicAge(b.metadata.creationTimestamp, now);
        return ages != 0 ? ages : a.metadata.uid.compare(b.metadata.uid);
    }
    return a.metadata.uid.compare(
        b.metadata.uid); // Kubernetes leaves it open; here it is the same each time
}

Action strategicPatch(client::ResourcePath path, Json patch, std::string because) {
    Action out = patchObject(std::move(path), std::move(patch), std::move(because));
    out.request.patchType = client::PatchType::StrategicMerge;
    return out;
}
} // namespace

bool podActive(const api::Pod& pod) {
    return !pod.terminal() && !pod.metadata.deletionTimestamp;
}

bool podTerminating(const api::Pod& pod) {
    return !pod.terminal() && pod.metadata.deletionTimestamp.has_value();
}

std::optional<Time> podReadySince(const api::Pod& pod) {
    const api::Condition* ready = api::findCondition(pod.conditions, "Ready");
    if (!ready || ready->status != "True")
        return std::nullopt;
    return ready->lastTransitionTime;
}

bool podAvailable(const api::Pod& pod, int minReadySeconds, Time now) {
    const std::optional<Time> since = podReadySince(pod);
    if (!since)
        return false;
    return minReadySeconds == 0 ||
           (*since != Time{} && *since + std::chrono::seconds(minReadySeconds) <= now);
}

std::optional<Duration> podAvailableIn(const api::Pod& pod, int minReadySeconds, Time now) {
    const std::optional<Time> since = podReadySince(pod);
    if (!since || podAvailable(pod, minReadySeconds, now))
        return std::nullopt;
    return *since + std::chrono::seconds(minReadySeconds) - now;
}

int podRestarts(const api::Pod& pod) {
    int most = 0;
    for (const api::ContainerStatus& status : pod.containerStatuses)
        most = std::max(most, status.restartCount);
    return most;
}

client::ResourcePath podPath(const std::string& namespace_, const std::string& name) {
    return {"", "v1", "pods", namespace_, name, ""};
}

Json podFromTemplate(const Json& podTemplate, const std::string& namespace_,
                     const Json& ownerReference) {
    JsonObject metadata;
    for (const char* field : {"labels", "annotations", "finalizers"})
        if (const Json* value = findPath(podTemplate, std::string("metadata.") + field))
            metadata[field] = *value;
    metadata["namespace"] = namespace_;
    metadata["ownerReferences"] = JsonArray{ownerReference};
    const Json* spec = find(podTemplate, "spec");
    return JsonObject{{"apiVersion", "v1"},
                      {"kind", "Pod"},
                      {"metadata", std::move(metadata)},
                      {"spec", spec ? *spec : Json(JsonObject())}};
}

void sortForDeletion(std::vector<RankedPod>& pods, Time now) {
    std::stable_sort(pods.begin(), pods.end(), [now](const RankedPod& a, const RankedPod& b) {
        return compareForDeletion(a, b, now) < 0;
    });
}

Action adoptObject(client::ResourcePath path, const std::string& uid, const Owner& owner,
                   const std::string& extraFinalizer) {
    JsonArray references{controllerReference(owner.apiVersion, owner.kind, owner.metadata)};
    JsonObject metadata{{"uid", uid}, {"ownerReferences", std::move(references)}};
    if (!extraFinalizer.empty())
        metadata["finalizers"] = JsonArray{Json(extraFinalizer)};
    return strategicPatch(std::move(path), JsonObject{{"metadata", std::move(metadata)}},
                          "it matches the selector of " + owner.kind + " " + owner.metadata.name +
                              " and nobody controls it");
}

Action releaseObject(client::ResourcePath path, const std::string& uid, const Owner& owner,
                     const std::string& finalizerToRemove) {
    JsonArray references{JsonObject{{"$patch", "delete"}, {"uid", owner.metadata.uid}}};
    JsonObject metadata{{"uid", uid}, {"ownerReferences", std::move(references)}};
    if (!finalizerToRemove.empty())
        metadata["$deleteFromPrimitiveList/finalizers"] = JsonArray{Json(finalizerToRemove)};
    return strategicPatch(std::move(path), JsonObject{{"metadata", std::move(metadata)}},
                          "it no longer matches the selector of " + owner.kind + " " +
                              owner.metadata.name);
}

} // namespace orrery::controllers
