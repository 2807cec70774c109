// Typed, partial views of objects: plain structs decoded from the JSON tree. The rows that say
// which member comes from which field are in the .cpp of each group, so that this header stays
// cheap.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/time.h"

namespace orrery::api {

struct OwnerReference {
    std::string apiVersion, kind, name, uid;
    bool controller = false;
    bool blockOwnerDeletion = false;
};

using StringMap = std::map<std::string, std::string, std::less<>>;

struct ObjectMeta {
    std::string name, namespace_, uid, generateName;
    std::int64_t resourceVersion = 0;
    std::int64_t generation = 0;
    Time creationTimestamp{};
    std::optional<Time> deletionTimestamp;
    std::optional<std::int64_t> deletionGracePeriodSeconds;
    StringMap labels, annotations;
    std::vector<OwnerReference> ownerReferences;
    std::vector<std::string> finalizers;

    const OwnerReference* controllerOf() const; // the owner with controller: true, or nullptr
    std::string namespacedName() const;         // "default/web", or the name alone
};

// metav1.LabelSelector, ready to match. A nil selector (absent) matches nothing, an empty one
// everything.
struct LabelSelector {
    struct Requirement {
        std::string key, op; // In NotIn Exists DoesNotExist (node selectors also Gt Lt)
        std::vector<std::string> values;
    };
    bool present = false;
    StringMap matchLabels;
    std::vector<Requirement> matchExpressions;
    bool matches(const StringMap& labels) const;
    bool empty() const { return matchLabels.empty() && matchExpressions.empty(); }
};

struct Condition {
    std::string type, status, reason, message;
    Time lastTransitionTime{}, lastUpdateTime{}, lastHeartbeatTime{}, lastProbeTime{};
    std::int64_t observedGeneration = 0;
};

// `out` must be fresh: what the object lacks keeps its value.
void decode(const Json& metadata, ObjectMeta& out);
void decode(const Json& selector, LabelSelector& out);
void decode(const Json& condition, Condition& out);
const Condition* findCondition(const std::vector<Condition>& conditions, std::string_view type);

} // namespace orrery::api
