// The working copy of one Deployment's reconcile: its ReplicaSets as they shall be. Parts of
// deployment.cpp.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/controllers/action.h"
#include "core/controllers/view.h"

namespace orrery::controllers::deployment {

inline constexpr const char* kRevision = "deployment.kubernetes.io/revision";
inline constexpr const char* kRevisionHistory = "deployment.kubernetes.io/revision-history";
inline constexpr const char* kDesiredReplicas = "deployment.kubernetes.io/desired-replicas";
inline constexpr const char* kMaxReplicas = "deployment.kubernetes.io/max-replicas";
inline constexpr const char* kHashLabel = "pod-template-hash";

// One ReplicaSet: what it is, and (replicas, annotations, minReadySeconds) what it shall be.
struct Set {
    const api::ReplicaSet* view = nullptr; // null: to be created
    std::string name;
    int replicas = 0;
    int minReadySeconds = 0;
    api::StringMap annotations;
    std::string because; // of its change
    // status
    int actual = 0, ready = 0, available = 0;
    std::optional<int> terminating;

    std::int64_t revision() const;        // 0 when there is none
    int annotated(const char* key) const; // the number in an annotation, 0 when there is none
};

struct Plan {
    const api::Deployment& deployment;
    const View& view;
    Time now;
    std::vector<Set> sets; // oldest first
    int newest = -1;       // index of the set with the Deployment's template
    std::vector<api::Condition> conditions;
    std::optional<int> collisionCount;
    std::string revision; // the Deployment's revision annotation as it shall be
    Outcome out;

    int maxSurge() const;
    int maxUnavailable() const;
    bool rolling() const { return deployment.strategy == "RollingUpdate"; }
    bool hasDeadline() const;
    Set* newSet() { return newest < 0 ? nullptr : &sets[static_cast<std::size_t>(newest)]; }
    bool isNew(const Set& set) const;
    int replicasOfAll() const;
    void say(const char* type, const char* reason, std::string message);
    const api::Condition* condition(const char* type) const {
        return api::findCondition(conditions, type);
    }
    // Replaces a condition unless status and reason stay the same; it moves to the end.
    void setCondition(const char* type, const char* status, const char* reason,
                      std::string message);
    void removeCondition(const char* type);
};

// --- deployment_new_set.cpp ---
client::ResourcePath setPath(const Plan& plan, const std::string& name);
// Finds the set of the template (the oldest, if several have it), and keeps revisions in step.
void findNewSet(Plan& plan);
// Adds the set of the Deployment's template; false when its name is taken by another (then the hash
// changes).
bool createNewSet(Plan& plan);

// --- deployment_scaling.cpp ---
void setReplicaAnnotations(const Plan& plan, Set& set);
bool needsReplicaAnnotations(const Plan& plan, const Set& set);
// True when the size changed.
bool scaleTo(Plan& plan, Set& set, int replicas, const std::string& because);
// After the Deployment itself was scaled: the active set follows; several share in proportion.
void scaleInProportion(Plan& plan);
int replicasOfNewSet(const Plan& plan, int current);
bool scaleUpNewSet(Plan& plan);
bool scaleDownOldSets(Plan& plan);

// --- deployment_status.cpp ---
struct Status {
    int replicas = 0, updated = 0, ready = 0, available = 0, unavailable = 0;
    std::optional<int> terminating;
};
Status computeStatus(Plan& plan); // sets the Available condition
bool complete(const api::Deployment& deployment, const Status& status);
bool completeNow(const Plan& plan); // by the status that is stored
void computeProgress(Plan& plan,
                     const Status& status); // the Progressing and ReplicaFailure conditions
Json toJson(const Plan& plan, const Status& status);
// When the progress deadline has to be looked at again.
std::optional<Duration> untilDeadline(const Plan& plan, const Status& status);

} // namespace orrery::controllers::deployment
