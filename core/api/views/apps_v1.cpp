#include "core/api/views/apps_v1.h"

namespace orrery::api {

namespace {
int numberAt(const Json& object, std::string_view path, int otherwise = 0) {
    return static_cast<int>(intAt(object, path, otherwise));
}

std::optional<int> optionalAt(const Json& object, std::string_view path) {
    if (!findPath(object, path))
        return std::nullopt;
    return numberAt(object, path);
}

void metaOf(const Json& object, ObjectMeta& out) {
    if (const Json* metadata = find(object, "metadata"))
        decode(*metadata, out);
}

LabelSelector selectorOf(const Json& object) {
    LabelSelector out;
    if (const Json* selector = findPath(object, "spec.selector"))
        decode(*selector, out);
    return out;
}

Json copyAt(const Json& object, std::string_view path) {
    const Json* at = findPath(object, path);
    return at ? *at : Json();
}

std::vector<Condition> conditionsOf(const Json& object) {
    std::vector<Condition> out;
    for (const Json& condition : arrayAt(object, "status.conditions"))
        decode(condition, out.emplace_back());
    return out;
}

void replicaSetOf(const Json& object, ReplicaSet& out) {
    metaOf(object, out.metadata);
    out.replicas = numberAt(object, "spec.replicas", 1);
    out.podTemplate = copyAt(object, "spec.template");
    out.minReadySeconds = numberAt(object, "spec.minReadySeconds");
    out.observedGeneration = intAt(object, "status.observedGeneration");
    out.statusReplicas = numberAt(object, "status.replicas");
    out.fullyLabeledReplicas = numberAt(object, "status.fullyLabeledReplicas");
    out.readyReplicas = numberAt(object, "status.readyReplicas");
    out.availableReplicas = numberAt(object, "status.availableReplicas");
    out.terminatingReplicas = optionalAt(object, "status.terminatingReplicas");
    out.conditions = conditionsOf(object);
}
} // namespace

int IntOrPercent::of(int total, bool roundUp) const {
    if (!percent)
        return value;
    const std::int64_t hundredths = static_cast<std::int64_t>(value) * total;
    return static_cast<int>(roundUp ? (hundredths + 99) / 100 : hundredths / 100);
}

IntOrPercent intOrPercentAt(const Json& root, std::string_view path, IntOrPercent otherwise) {
    const Json* at = findPath(root, path);
    if (!at)
        return otherwise;
    if (!at->is_string())
        return {static_cast<int>(intAt(root, path)), false};
    int value = 0;
    const std::string_view text = asString(*at);
    for (const char digit : text.substr(0, text.size() - (text.empty() ? 0 : 1))) {
        if (digit < '0' || digit > '9' || value > 10'000'000)
            return otherwise;
        value = value * 10 + (digit - '0');
    }
    return text.empty() || text.back() != '%' ? otherwise : IntOrPercent{value, true};
}

void decode(const Json& object, Deployment& out) {
    metaOf(object, out.metadata);
    out.replicas = numberAt(object, "spec.replicas", 1);
    out.selector = selectorOf(object);
    out.podTemplate = copyAt(object, "spec.template");
    out.strategy = stringAt(object, "spec.strategy.type", "RollingUpdate");
    out.maxSurge = intOrPercentAt(object, "spec.strategy.rollingUpdate.maxSurge", out.maxSurge);
    out.maxUnavailable =
        intOrPercentAt(object, "spec.strategy.rollingUpdate.maxUnavailable", out.maxUnavailable);
    out.minReadySeconds = numberAt(object, "spec.minReadySeconds");
    out.paused = boolAt(object, "spec.paused");
    out.revisionHistoryLimit = optionalAt(object, "spec.revisionHistoryLimit");
    out.progressDeadlineSeconds = optionalAt(object, "spec.progressDeadlineSeconds");
    out.observedGeneration = intAt(object, "status.observedGeneration");
    out.statusReplicas = numberAt(object, "status.replicas");
    out.updatedReplicas = numberAt(object, "status.updatedReplicas");
    out.readyReplicas = numberAt(object, "status.readyReplicas");
    out.availableReplicas = numberAt(object, "status.availableReplicas");
    out.unavailableReplicas = numberAt(object, "status.unavailableReplicas");
    out.collisionCount = optionalAt(object, "status.collisionCount");
    out.terminatingReplicas = optionalAt(object, "status.terminatingReplicas");
    out.conditions = conditionsOf(object);
}

void decode(const Json& object, ReplicaSet& out) {
    replicaSetOf(object, out);
    out.selector = selectorOf(object);
}

void decode(const Json& object, ReplicationController& out) {
    replicaSetOf(object, out);
    const JsonObject& selector = objectAt(object, "spec.selector");
    out.selector.present = !selector.empty();
    for (const auto& [key, value] : selector)
        out.selector.matchLabels.emplace(std::string(key), std::string(asString(value)));
}

void decode(const Json& object, DaemonSet& out) {
    metaOf(object, out.metadata);
    out.selector = selectorOf(object);
    out.podTemplate = copyAt(object, "spec.template");
    out.strategy = stringAt(object, "spec.updateStrategy.type", "RollingUpdate");
    out.maxSurge =
        intOrPercentAt(object, "spec.updateStrategy.rollingUpdate.maxSurge", out.maxSurge);
    out.maxUnavailable = intOrPercentAt(object, "spec.updateStrategy.rollingUpdate.maxUnavailable",
                                        out.maxUnavailable);
    out.minReadySeconds = numberAt(object, "spec.minReadySeconds");
    out.revisionHistoryLimit = optionalAt(object, "spec.revisionHistoryLimit");
    out.collisionCount = optionalAt(object, "status.collisionCount");
}

void decode(const Json& object, StatefulSet& out) {
    metaOf(object, out.metadata);
    out.replicas = numberAt(object, "spec.replicas", 1);
    out.minReadySeconds = numberAt(object, "spec.minReadySeconds");
    out.partition = numberAt(object, "spec.updateStrategy.rollingUpdate.partition");
    out.startOrdinal = numberAt(object, "spec.ordinals.start");
    out.selector = selectorOf(object);
    out.podTemplate = copyAt(object, "spec.template");
    out.volumeClaimTemplates = copyAt(object, "spec.volumeClaimTemplates");
    out.serviceName = stringAt(object, "spec.serviceName");
    out.podManagementPolicy = stringAt(object, "spec.podManagementPolicy", "OrderedReady");
    out.strategy = stringAt(object, "spec.updateStrategy.type", "RollingUpdate");
    out.revisionHistoryLimit = optionalAt(object, "spec.revisionHistoryLimit");
    out.collisionCount = optionalAt(object, "status.collisionCount");
    out.maxUnavailable = intOrPercentAt(object, "spec.updateStrategy.rollingUpdate.maxUnavailable",
                                        out.maxUnavailable);
    out.whenDeleted =
        stringAt(object, "spec.persistentVolumeClaimRetentionPolicy.whenDeleted", "Retain");
    out.whenScaled =
        stringAt(object, "spec.persistentVolumeClaimRetentionPolicy.whenScaled", "Retain");
    out.currentRevision = stringAt(object, "status.currentRevision");
    out.updateRevision = stringAt(object, "status.updateRevision");
    out.statusReplicas = numberAt(object, "status.replicas");
    out.readyReplicas = numberAt(object, "status.readyReplicas");
    out.availableReplicas = numberAt(object, "status.availableReplicas");
    out.currentReplicas = numberAt(object, "status.currentReplicas");
    out.updatedReplicas = numberAt(object, "status.updatedReplicas");
}

void decode(const Json& object, ControllerRevision& out) {
    metaOf(object, out.metadata);
    out.revision = intAt(object, "revision");
    out.data = copyAt(object, "data");
}

} // namespace orrery::api
