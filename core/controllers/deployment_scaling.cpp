// How many pods each ReplicaSet of a Deployment may have.
#include <algorithm>
#include <cmath>

#include "core/controllers/deployment_plan.h"

namespace orrery::controllers::deployment {

namespace {
// The set to scale when only one counts: the single active one, else the new one, else the
// youngest.
Set* onlyActive(Plan& plan) {
    Set* active = nullptr;
    for (Set& set : plan.sets) {
        if (set.replicas == 0)
            continue;
        if (active)
            return nullptr;
        active = &set;
    }
    if (active)
        return active;
    if (plan.newSet())
        return plan.newSet();
    return plan.sets.empty() ? nullptr : &plan.sets.back();
}

// The new set has all that it shall ever have.
bool saturated(Plan& plan) {
    const Set* set = plan.newSet();
    const int desired = plan.deployment.replicas;
    return set && set->annotations.count(kDesiredReplicas) != 0 &&
           set->annotated(kDesiredReplicas) == desired && set->replicas == desired &&
           set->available == desired;
}

int proportion(const Plan& plan, const Set& set, int toAdd, int added) {
    if (set.replicas == 0 || toAdd == 0 || toAdd == added)
        return 0;
    int fraction = -set.replicas;
    if (plan.deployment.replicas != 0) {
        int before = set.annotated(kMaxReplicas);
        if (before == 0)
            before = plan.deployment.statusReplicas;
        if (before == 0)
            return 0;
        const double max = plan.deployment.replicas + plan.maxSurge();
        fraction = static_cast<int>(std::lround(set.replicas * max / before)) - set.replicas;
    }
    const int allowed = toAdd - added;
    return toAdd > 0 ? std::min(fraction, allowed) : std::max(fraction, allowed);
}

void shareOut(Plan& plan) {
    std::vector<Set*> active;
    for (Set& set : plan.sets)
        if (set.replicas > 0)
            active.push_back(&set);
    int sum = 0;
    for (const Set* set : active)
        sum += set->replicas;
    const int desired = plan.deployment.replicas;
    const int toAdd = (desired > 0 ? desired + plan.maxSurge() : 0) - sum;
    // Larger sets first; of equal ones the newer when growing, the older when shrinking.
    if (toAdd > 0)
        std::reverse(active.begin(), active.end());
    std::stable_sort(active.begin(), active.end(),
                     [](const Set* a, const Set* b) { return a->replicas > b->replicas; });
    std::vector<int> sizes;
    int added = 0;
    for (const Set* set : active) {
        const int share = toAdd == 0 ? 0 : proportion(plan, *set, toAdd, added);
        sizes.push_back(set->replicas + share);
        added += share;
    }
    if (!sizes.empty() && toAdd != 0)
        sizes[0] = std::max(0, sizes[0] + toAdd - added); // what rounding left over
    for (std::size_t i = 0; i < active.size(); ++i)
        if (active[i]->replicas != sizes[i] || needsReplicaAnnotations(plan, *active[i]))
            scaleTo(plan, *active[i], sizes[i],
                    "its share of " + std::to_string(desired) + " replicas");
}

// Of old sets: pods that never became available go first.
int removeUnhealthy(Plan& plan, int most) {
    int removed = 0;
    for (Set& set : plan.sets) {
        if (removed >= most)
            break;
        if (plan.isNew(set) || set.replicas == 0 || set.replicas == set.available)
            continue;
        const int count = std::min(most - removed, set.replicas - set.available);
        if (count <= 0)
            continue;
        scaleTo(plan, set, set.replicas - count,
                "its pods are not available and of an old template");
        removed += count;
    }
    return removed;
}

int removeAvailable(Plan& plan) {
    int available = 0;
    for (const Set& set : plan.sets)
        available += set.available;
    const int surplus = available - (plan.deployment.replicas - plan.maxUnavailable());
    int removed = 0;
    for (Set& set : plan.sets) {
        if (removed >= surplus)
            break;
        if (plan.isNew(set) || set.replicas == 0)
            continue;
        const int count = std::min(set.replicas, surplus - removed);
        scaleTo(plan, set, set.replicas - count,
                std::to_string(available) + " pods are available, " +
                    std::to_string(plan.deployment.replicas - plan.maxUnavailable()) + " must be");
        removed += count;
    }
    return removed;
}
} // namespace

void setReplicaAnnotations(const Plan& plan, Set& set) {
    set.annotations[kDesiredReplicas] = std::to_string(plan.deployment.replicas);
    set.annotations[kMaxReplicas] = std::to_string(plan.deployment.replicas + plan.maxSurge());
}

bool needsReplicaAnnotations(const Plan& plan, const Set& set) {
    const auto differs = [&set](const char* key, int value) {
        const auto at = set.annotations.find(key);
        return at == set.annotations.end() || at->second != std::to_string(value);
    };
    return differs(kDesiredReplicas, plan.deployment.replicas) ||
           differs(kMaxReplicas, plan.deployment.replicas + plan.maxSurge());
}

bool scaleTo(Plan& plan, Set& set, int replicas, const std::string& because) {
    const int before = std::exchange(set.replicas, replicas);
    setReplicaAnnotations(plan, set);
    if (before == replicas)
        return false;
    set.because = because;
    plan.say("Normal", "ScalingReplicaSet",
             std::string("Scaled ") + (before < replicas ? "up" : "down") + " replica set " +
                 set.name + " from " + std::to_string(before) + " to " + std::to_string(replicas));
    return true;
}

void scaleInProportion(Plan& plan) {
    const int desired = plan.deployment.replicas;
    if (Set* one = onlyActive(plan)) {
        if (one->replicas != desired || needsReplicaAnnotations(plan, *one))
            scaleTo(plan, *one, desired,
                    "the Deployment wants " + counted(desired, "replica", "replicas"));
        return;
    }
    if (saturated(plan)) {
        for (Set& set : plan.sets)
            if (!plan.isNew(set) && set.replicas > 0)
                scaleTo(plan, set, 0, "the new ReplicaSet has all replicas");
        return;
    }
    if (plan.rolling())
        shareOut(plan);
}

int replicasOfNewSet(const Plan& plan, int current) {
    const int desired = plan.deployment.replicas;
    if (!plan.rolling())
        return desired;
    const int room = desired + plan.maxSurge() - plan.replicasOfAll();
    return room <= 0 ? current : current + std::min(room, desired - current);
}

bool scaleUpNewSet(Plan& plan) {
    Set& set = *plan.newSet();
    const int desired = plan.deployment.replicas;
    if (set.replicas == desired)
        return false;
    if (set.replicas > desired)
        return scaleTo(plan, set, desired,
                       "the Deployment wants " + counted(desired, "replica", "replicas"));
    const int next = replicasOfNewSet(plan, set.replicas);
    return next != set.replicas &&
           scaleTo(plan, set, next,
                   "the new template rolls out: at most " +
                       std::to_string(desired + plan.maxSurge()) + " pods at once");
}

bool scaleDownOldSets(Plan& plan) {
    int old = 0;
    for (const Set& set : plan.sets)
        old += plan.isNew(set) ? 0 : set.replicas;
    if (old == 0)
        return false;
    const int minAvailable = plan.deployment.replicas - plan.maxUnavailable();
    const Set& young = *plan.newSet();
    const int most = plan.replicasOfAll() - minAvailable - (young.replicas - young.available);
    if (most <= 0)
        return false;
    const int unhealthy = removeUnhealthy(plan, most);
    return unhealthy + removeAvailable(plan) > 0;
}

} // namespace orrery::controllers::deployment
