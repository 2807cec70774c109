// Views of apps/v1: Deployment, ReplicaSet (and core's ReplicationController, which has its shape),
// DaemonSet, StatefulSet, ControllerRevision.
#pragma once
#include <cstdint>

#include "core/api/views/meta.h"

namespace orrery::api {

// A number, or a percentage of something.
struct IntOrPercent {
    int value = 0;
    bool percent = false;
    // Of `total`, rounded up or down.
    int of(int total, bool roundUp) const;
};
// Numbers and "25%"; anything else is `otherwise`.
IntOrPercent intOrPercentAt(const Json& root, std::string_view path, IntOrPercent otherwise);

struct Deployment {
    ObjectMeta metadata;
    // spec
    int replicas = 1;
    LabelSelector selector;
    Json podTemplate;                       // as written
    std::string strategy = "RollingUpdate"; // or "Recreate"
    IntOrPercent maxSurge{25, true}, maxUnavailable{25, true};
    int minReadySeconds = 0;
    bool paused = false;
    std::optional<int> revisionHistoryLimit, progressDeadlineSeconds;
    // status
    std::int64_t observedGeneration = 0;
    int statusReplicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0;
    int unavailableReplicas = 0;
    std::optional<int> collisionCount, terminatingReplicas;
    std::vector<Condition> conditions;
};

struct ReplicaSet {
    ObjectMeta metadata;
    // spec
    int replicas = 1;
    LabelSelector selector;
    Json podTemplate; // as written
    int minReadySeconds = 0;
    // status
    std::int64_t observedGeneration = 0;
    int statusReplicas = 0, fullyLabeledReplicas = 0, readyReplicas = 0, availableReplicas = 0;
    std::optional<int> terminatingReplicas;
    std::vector<Condition> conditions;
};

// Has a map as its selector; read into the same members.
struct ReplicationController : ReplicaSet {};

struct DaemonSet {
    ObjectMeta metadata;
    LabelSelector selector;
    Json podTemplate;                       // as written
    std::string strategy = "RollingUpdate"; // or "OnDelete"
    IntOrPercent maxSurge{0, false}, maxUnavailable{1, false};
    int minReadySeconds = 0;
    std::optional<int> revisionHistoryLimit, collisionCount;
};

struct StatefulSet {
    ObjectMeta metadata;
    int replicas = 1, minReadySeconds = 0, partition = 0, startOrdinal = 0;
    LabelSelector selector;
    Json podTemplate, volumeClaimTemplates; // as written
    std::string serviceName, podManagementPolicy = "OrderedReady", strategy = "RollingUpdate";
    std::optional<int> revisionHistoryLimit, collisionCount;
    IntOrPercent maxUnavailable{1, false};
    std::string whenDeleted = "Retain", whenScaled = "Retain";
    // status
    std::string currentRevision, updateRevision;
    int statusReplicas = 0, readyReplicas = 0, availableReplicas = 0, currentReplicas = 0,
        updatedReplicas = 0;
};

struct ControllerRevision {
    ObjectMeta metadata;
    std::int64_t revision = 0;
    Json data;
};

void decode(const Json& object, Deployment& out);
void decode(const Json& object, ReplicaSet& out);
void decode(const Json& object, ReplicationController& out);
void decode(const Json& object, DaemonSet& out);
void decode(const Json& object, StatefulSet& out);
void decode(const Json& object, ControllerRevision& out);

} // namespace orrery::api
