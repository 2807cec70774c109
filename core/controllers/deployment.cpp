// Deployment: one ReplicaSet for each template, and the way from one to the next.
#include <algorithm>
#include <limits>

#include "core/controllers/controllers.h"
#include "core/controllers/deployment_plan.h"
#include "core/controllers/pods.h"

namespace orrery::controllers {

namespace deployment {

namespace {
void noticePause(Plan& plan) {
    if (!plan.hasDeadline())
        return;
    const api::Condition* condition = plan.condition("Progressing");
    if (condition && condition->reason == "ProgressDeadlineExceeded")
        return;
    const bool wasPaused = condition && condition->reason == "DeploymentPaused";
    if (plan.deployment.paused && !wasPaused)
        plan.setCondition("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused");
    else if (!plan.deployment.paused && wasPaused)
        plan.setCondition("Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed");
}

// Somebody changed the Deployment's replicas: sizes follow before any roll-out goes on.
bool scalingEvent(const Plan& plan) {
    return std::any_of(plan.sets.begin(), plan.sets.end(), [&](const Set& set) {
        return set.replicas > 0 && set.annotations.count(kDesiredReplicas) != 0 &&
               set.annotated(kDesiredReplicas) != plan.deployment.replicas;
    });
}

void removeOldSets(Plan& plan) {
    const std::optional<int> limit = plan.deployment.revisionHistoryLimit;
    if (!limit || *limit == std::numeric_limits<std::int32_t>::max())
        return;
    std::vector<const Set*> old;
    for (const Set& set : plan.sets)
        if (!plan.isNew(set) && !set.view->metadata.deletionTimestamp)
            old.push_back(&set);
    const int surplus = static_cast<int>(old.size()) - *limit;
    std::stable_sort(old.begin(), old.end(),
                     [](const Set* a, const Set* b) { return a->revision() < b->revision(); });
    for (int i = 0; i < surplus; ++i) {
        const Set& set = *old[static_cast<std::size_t>(i)];
        if (set.actual != 0 || set.replicas != 0 ||
            set.view->metadata.generation > set.view->observedGeneration)
            continue;
        plan.out.actions.push_back(deleteObject(
            setPath(plan, set.name), set.view->metadata.uid,
            "older than the " + counted(*limit, "revision", "revisions") + " that are kept"));
    }
}

bool oldPodsThere(const Plan& plan) {
    for (const Set& set : plan.sets) {
        if (plan.isNew(set))
            continue;
        if (set.actual > 0)
            return true;
        for (const std::string& key : controlledBy(plan.view.pods, set.view->metadata.uid))
            if (!plan.view.pods.get(key)->view->terminal())
                return true;
    }
    return false;
}

void recreate(Plan& plan) {
    bool scaled = false;
    for (Set& set : plan.sets)
        if (!plan.isNew(set) && set.replicas > 0)
            scaled |= scaleTo(plan, set, 0, "all old pods go before new ones come");
    if (scaled || oldPodsThere(plan))
        return;
    if (!plan.newSet() && !createNewSet(plan))
        return;
    Set& set = *plan.newSet();
    if (set.replicas != plan.deployment.replicas)
        scaleTo(plan, set, plan.deployment.replicas, "the old pods are gone");
    if (completeNow(plan))
        removeOldSets(plan);
}

void roll(Plan& plan) {
    if (!plan.newSet() && !createNewSet(plan))
        return;
    if (scaleUpNewSet(plan) || scaleDownOldSets(plan))
        return;
    if (completeNow(plan))
        removeOldSets(plan);
}

void patchSets(Plan& plan) {
    for (const Set& set : plan.sets) {
        if (!set.view)
            continue;
        JsonObject spec, annotations, patch;
        if (set.replicas != set.view->replicas)
            spec["replicas"] = set.replicas;
        if (set.minReadySeconds != set.view->minReadySeconds)
            spec["minReadySeconds"] = set.minReadySeconds;
        for (const auto& [key, value] : set.annotations) {
            const auto old = set.view->metadata.annotations.find(key);
            if (old == set.view->metadata.annotations.end() || old->second != value)
                annotations[key] = value;
        }
        if (!spec.empty())
            patch["spec"] = std::move(spec);
        if (!annotations.empty())
            patch["metadata"] = JsonObject{{"annotations", std::move(annotations)}};
        if (!patch.empty())
            plan.out.actions.push_back(patchObject(
                setPath(plan, set.name), std::move(patch),
                set.because.empty() ? "its annotations follow the Deployment" : set.because));
    }
}

// Status and revision go in one write of the status subresource: the revision is no change of the
// specification.
void patchDeployment(Plan& plan, const Json& object, const Status& status) {
    const api::ObjectMeta& metadata = plan.deployment.metadata;
    const Json* old = find(object, "status");
    Json change = mergeDiff(old ? *old : Json(JsonObject()), toJson(plan, status));
    JsonObject patch;
    if (!change.get_object().empty())
        patch["status"] = std::move(change);
    const auto revision = metadata.annotations.find(kRevision);
    if (!plan.revision.empty() &&
        (revision == metadata.annotations.end() || revision->second != plan.revision))
        patch["metadata"] = JsonObject{{"annotations", JsonObject{{kRevision, plan.revision}}}};
    if (patch.empty())
        return;
    plan.out.actions.push_back(
        patchObject({"apps", "v1", "deployments", metadata.namespace_, metadata.name, "status"},
                    std::move(patch),
                    std::to_string(status.available) + " of " +
                        counted(plan.deployment.replicas, "replica", "replicas") + " available, " +
                        std::to_string(status.updated) + " of the newest template"));
}

std::vector<Set> setsOf(const std::vector<const client::Cached<api::ReplicaSet>*>& items) {
    std::vector<Set> out;
    for (const client::Cached<api::ReplicaSet>* item : items) {
        const api::ReplicaSet& view = *item->view;
        Set set;
        set.view = &view;
        set.name = view.metadata.name;
        set.replicas = view.replicas;
        set.minReadySeconds = view.minReadySeconds;
        set.annotations = view.metadata.annotations;
        set.actual = view.statusReplicas;
        set.ready = view.readyReplicas;
        set.available = view.availableReplicas;
        set.terminating = view.terminatingReplicas;
        out.push_back(std::move(set));
    }
    std::stable_sort(out.begin(), out.end(), [](const Set& a, const Set& b) {
        const api::ObjectMeta &x = a.view->metadata, &y = b.view->metadata;
        return std::tie(x.creationTimestamp, x.name) < std::tie(y.creationTimestamp, y.name);
    });
    return out;
}

Outcome reconcile(const client::Cached<api::Deployment>& cached, const View& view, Time now) {
    const api::Deployment& d = *cached.view;
    if (d.selector.empty()) { // would select every pod
        Outcome out;
        out.events.push_back({client::referenceTo("apps/v1", "Deployment", d.metadata),
                              {"Warning",
                               "SelectingAll",
                               "This deployment is selecting all pods. A non-empty "
                               "selector is required.",
                               "",
                               {},
                               {}}});
        return out;
    }
    Claimed<api::ReplicaSet> claimed =
        claim(view.replicaSets, {"apps", "v1", "replicasets", "", "", ""},
              Owner{"apps/v1", "Deployment", d.metadata, d.selector});
    Plan plan{d, view, now, setsOf(claimed.items), -1, d.conditions, d.collisionCount, "", {}};
    plan.out.actions = std::move(claimed.actions);
    const bool going = d.metadata.deletionTimestamp.has_value();
    bool rollout = false;
    if (!going)
        noticePause(plan);
    findNewSet(plan);
    if (!going && (d.paused || scalingEvent(plan))) {
        scaleInProportion(plan);
        if (d.paused)
            removeOldSets(plan);
    } else if (!going) {
        rollout = true;
        plan.rolling() ? roll(plan) : recreate(plan);
    }
    const Status status = computeStatus(plan);
    if (rollout)
        computeProgress(plan, status);
    patchSets(plan);
    patchDeployment(plan, cached.encoded->tree(), status);
    plan.out.requeueAfter = untilDeadline(plan, status);
    return std::move(plan.out);
}

// A pod of a Deployment that waits for its old pods' end wakes it when it goes.
std::vector<std::string> recreatedBy(const View& view, const api::Pod& pod) {
    const api::OwnerReference* owner = pod.metadata.controllerOf();
    if (!owner || owner->kind != "ReplicaSet")
        return {};
    const auto* set = view.replicaSets.get(pod.metadata.namespace_ + "/" + owner->name);
    const api::OwnerReference* top = set ? set->view->metadata.controllerOf() : nullptr;
    if (!top || top->kind != "Deployment")
        return {};
    std::string key = pod.metadata.namespace_ + "/" + top->name;
    const auto* found = view.deployments.get(key);
    if (!found || found->view->strategy != "Recreate")
        return {};
    return {std::move(key)};
}

std::vector<std::string> adopters(const View& view, const api::ReplicaSet& set) {
    std::vector<std::string> out;
    if (set.metadata.controllerOf() || set.metadata.labels.empty())
        return out;
    for (const std::string& key :
         view.deployments.byIndex(indexes::kNamespace, set.metadata.namespace_)) {
        const api::Deployment& d = *view.deployments.get(key)->view;
        if (!d.selector.empty() && d.selector.matches(set.metadata.labels))
            out.push_back(key);
    }
    return out;
}
} // namespace

int Plan::maxSurge() const {
    return rolling() ? deployment.maxSurge.of(deployment.replicas, true) : 0;
}

int Plan::maxUnavailable() const {
    if (!rolling() || deployment.replicas == 0)
        return 0;
    const int most = deployment.maxUnavailable.of(deployment.replicas, false);
    // Both zero after rounding would never get anywhere.
    return std::min(most == 0 && maxSurge() == 0 ? 1 : most, deployment.replicas);
}

bool Plan::hasDeadline() const {
    return deployment.progressDeadlineSeconds &&
           *deployment.progressDeadlineSeconds != std::numeric_limits<std::int32_t>::max();
}

bool Plan::isNew(const Set& set) const {
    return newest >= 0 && &set == &sets[static_cast<std::size_t>(newest)];
}

int Plan::replicasOfAll() const {
    int sum = 0;
    for (const Set& set : sets)
        sum += set.replicas;
    return sum;
}

void Plan::say(const char* type, const char* reason, std::string message) {
    out.events.push_back({client::referenceTo("apps/v1", "Deployment", deployment.metadata),
                          {type, reason, std::move(message), "", {}, {}}});
}

void Plan::setCondition(const char* type, const char* status, const char* reason,
                        std::string message) {
    const api::Condition* old = condition(type);
    if (old && old->status == status && old->reason == reason)
        return;
    api::Condition made;
    made.type = type;
    made.status = status;
    made.reason = reason;
    made.message = std::move(message);
    made.lastUpdateTime = now;
    made.lastTransitionTime = old && old->status == status ? old->lastTransitionTime : now;
    removeCondition(type);
    conditions.push_back(std::move(made));
}

void Plan::removeCondition(const char* type) {
    std::erase_if(conditions,
                  [type](const api::Condition& condition) { return condition.type == type; });
}

} // namespace deployment

ControllerDef deploymentController(View& view) {
    ControllerDef def;
    def.name = def.component = def.user = "deployment-controller";
    def.watch = [&view](Wakes& wakes) {
        wakes.each(view.deployments, "Deployment");
        wakes.owned(view.replicaSets, "ReplicaSet", "Deployment");
        wakes.mapped<api::ReplicaSet>(
            view.replicaSets, "ReplicaSet",
            [&view](const api::ReplicaSet& set) { return deployment::adopters(view, set); });
        wakes.mapped<api::Pod>(view.pods, "Pod", [&view](const api::Pod& pod) {
            return deployment::recreatedBy(view, pod);
        });
    };
    def.reconcile = [&view](const std::string& key, Time now) {
        const client::Cached<api::Deployment>* found = view.deployments.get(key);
        return found ? deployment::reconcile(*found, view, now) : Outcome();
    };
    return def;
}

} // namespace orrery::controllers
