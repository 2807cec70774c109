// ReplicaSet and ReplicationController: as many pods as asked for.
#include <algorithm>

#include "core/controllers/controllers.h"
#include "core/controllers/pods.h"

namespace orrery::controllers {

namespace {
struct ReplicaKind {
    const char* apiVersion;
    const char* kind;
    const char* group;
    const char* resource;
    bool countsTerminating; // status.terminatingReplicas
};
constexpr ReplicaKind kReplicaSet{"apps/v1", "ReplicaSet", "apps", "replicasets", true};
constexpr ReplicaKind kReplicationController{"v1", "ReplicationController", "",
                                             "replicationcontrollers", false};

struct Pods {
    std::vector<PodPtr> active;
    int terminating = 0;
};

client::ResourcePath pathOf(const ReplicaKind& kind, const api::ObjectMeta& metadata) {
    return {kind.group, "v1", kind.resource, metadata.namespace_, metadata.name, ""};
}

Said said(const ReplicaKind& kind, const api::ReplicaSet& set, const char* type, const char* reason,
          const char* message) {
    return {client::referenceTo(kind.apiVersion, kind.kind, set.metadata),
            {type, reason, message, "", {}, {}}};
}

// How many pods of the same Deployment run on each node.
std::map<std::string, int> crowds(const ReplicaKind& kind, const api::ReplicaSet& set,
                                  const View& view, const Pods& pods) {
    std::map<std::string, int> out;
    const api::OwnerReference* owner = set.metadata.controllerOf();
    if (!owner || kind.resource != std::string_view("replicasets")) {
        for (const PodPtr pod : pods.active)
            ++out[pod->view->nodeName];
        return out;
    }
    for (const std::string& sibling : controlledBy(view.replicaSets, owner->uid))
        for (const std::string& key :
             controlledBy(view.pods, view.replicaSets.get(sibling)->view->metadata.uid))
            if (const api::Pod& pod = *view.pods.get(key)->view; podActive(pod))
                ++out[pod.nodeName];
    return out;
}

void createPods(const ReplicaKind& kind, const api::ReplicaSet& set, int missing, Outcome& out) {
    const Json owner = controllerReference(kind.apiVersion, kind.kind, set.metadata);
    Json pod = podFromTemplate(set.podTemplate, set.metadata.namespace_, owner);
    setPath(pod, "metadata.generateName", Json(set.metadata.name + "-"));
    Action create = createObject(podPath(set.metadata.namespace_), std::move(pod),
                                 std::to_string(missing) + " of " +
                                     counted(set.replicas, "replica", "replicas") + " missing");
    create.whenDone = said(kind, set, "Normal", "SuccessfulCreate", "Created pod: {name}");
    create.whenFailed = said(kind, set, "Warning", "FailedCreate", "Error creating: {error}");
    out.actions.insert(out.actions.end(), static_cast<std::size_t>(missing), create);
}

void deletePods(const ReplicaKind& kind, const api::ReplicaSet& set, const View& view,
                const Pods& pods, int surplus, Time now, Outcome& out) {
    const std::map<std::string, int> onNode = crowds(kind, set, view, pods);
    std::vector<RankedPod> ranked;
    for (const PodPtr pod : pods.active) {
        const auto at = onNode.find(pod->view->nodeName);
        ranked.push_back({pod, at == onNode.end() ? 0 : at->second});
    }
    if (surplus < static_cast<int>(ranked.size()))
        sortForDeletion(ranked, now);
    ranked.resize(static_cast<std::size_t>(surplus));
    for (const RankedPod& one : ranked) {
        const api::ObjectMeta& metadata = one.pod->view->metadata;
        Action gone = deleteObject(podPath(metadata.namespace_, metadata.name), metadata.uid,
                                   counted(surplus, "pod", "pods") + " more than " +
                                       counted(set.replicas, "replica", "replicas"));
        gone.whenDone = said(kind, set, "Normal", "SuccessfulDelete", "Deleted pod: {name}");
        gone.whenFailed = said(kind, set, "Warning", "FailedDelete", "Error deleting: {error}");
        out.actions.push_back(std::move(gone));
    }
}

// The status that the pods amount to. `failure`: the ReplicaFailure condition as it shall be; null:
// none.
Json statusOf(const ReplicaKind& kind, const api::ReplicaSet& set, const Pods& pods, Json failure,
              const Json& object, Time now) {
    api::LabelSelector templateLabels;
    templateLabels.present = true;
    for (const auto& [key, value] : objectAt(set.podTemplate, "metadata.labels"))
        templateLabels.matchLabels.emplace(std::string(key), std::string(asString(value)));
    int labeled = 0, ready = 0, available = 0;
    for (const PodPtr pod : pods.active) {
        labeled += templateLabels.matches(pod->view->metadata.labels) ? 1 : 0;
        ready += pod->view->ready() ? 1 : 0;
        available += podAvailable(*pod->view, set.minReadySeconds, now) ? 1 : 0;
    }
    JsonObject status{{"replicas", static_cast<int>(pods.active.size())}};
    const auto put = [&status](const char* field, std::int64_t value) {
        if (value != 0)
            status[field] = value;
    };
    put("fullyLabeledReplicas", labeled);
    put("readyReplicas", ready);
    put("availableReplicas", available);
    if (kind.countsTerminating)
        status["terminatingReplicas"] = pods.terminating;
    put("observedGeneration", set.metadata.generation);
    JsonArray conditions;
    for (const Json& condition : arrayAt(object, "status.conditions"))
        if (stringAt(condition, "type") != "ReplicaFailure")
            conditions.push_back(condition);
    if (!failure.is_null())
        conditions.push_back(std::move(failure));
    if (!conditions.empty())
        status["conditions"] = std::move(conditions);
    return status;
}

Json failureCondition(const Json& object) {
    for (const Json& condition : arrayAt(object, "status.conditions"))
        if (stringAt(condition, "type") == "ReplicaFailure")
            return condition;
    return nullptr;
}

std::string statusReason(const api::ReplicaSet& set, const Pods& pods) {
    return counted(static_cast<int>(pods.active.size()), "pod", "pods") + " of " +
           std::to_string(set.replicas) + " are there";
}

// When the next pod becomes available only by waiting.
std::optional<Duration> nextAvailable(const api::ReplicaSet& set, const Pods& pods, Time now) {
    std::optional<Duration> soonest;
    for (const PodPtr pod : pods.active)
        if (const std::optional<Duration> in = podAvailableIn(*pod->view, set.minReadySeconds, now))
            soonest = soonest ? std::min(*soonest, *in) : *in;
    return soonest;
}

Outcome reconcile(const ReplicaKind& kind, const api::ReplicaSet& set, const EncodedPtr& encoded,
                  const View& view, Time now) {
    Outcome out;
    Claimed<api::Pod> claimed = claim(
        view.pods, podPath(""), Owner{kind.apiVersion, kind.kind, set.metadata, set.selector});
    out.actions = std::move(claimed.actions);
    Pods pods;
    for (const PodPtr pod : claimed.items) {
        if (podActive(*pod->view))
            pods.active.push_back(pod);
        pods.terminating += podTerminating(*pod->view) ? 1 : 0;
    }
    const int surplus = static_cast<int>(pods.active.size()) - set.replicas;
    const bool going = set.metadata.deletionTimestamp.has_value();
    if (!going && surplus < 0)
        createPods(kind, set, -surplus, out);
    else if (!going && surplus > 0)
        deletePods(kind, set, view, pods, surplus, now, out);

    const Json& object = encoded->tree();
    // The failure stays until the number is right: only the next answers tell whether it is over.
    Json failure = surplus == 0 ? Json() : failureCondition(object);
    const client::ResourcePath path = pathOf(kind, set.metadata);
    if (std::optional<Action> status = patchStatus(
            path, object, statusOf(kind, set, pods, failure, object, now), statusReason(set, pods)))
        out.actions.push_back(std::move(*status));
    out.requeueAfter = nextAvailable(set, pods, now);
    if (surplus != 0 && failure.is_null())
        out.afterFailure = [kind, set, encoded, pods, surplus, path, now](const Error& error, int) {
            const char* reason = surplus < 0 ? "FailedCreate" : "FailedDelete";
            std::vector<Action> more;
            Json failed = conditionJson("ReplicaFailure", "True", reason, error.message, now);
            if (std::optional<Action> status = patchStatus(
                    path, encoded->tree(), statusOf(kind, set, pods, failed, encoded->tree(), now),
                    surplus < 0 ? "a pod could not be created" : "a pod could not be deleted"))
                more.push_back(std::move(*status));
            return more;
        };
    return out;
}

// The sets of the pod's namespace whose selector matches an orphan.
template <typename T>
std::vector<std::string> adopters(const client::Informer<T>& sets, const api::Pod& pod) {
    std::vector<std::string> out;
    if (pod.metadata.controllerOf() || pod.metadata.labels.empty())
        return out;
    for (const std::string& key : sets.byIndex(indexes::kNamespace, pod.metadata.namespace_)) {
        const T& set = *sets.get(key)->view;
        if (!set.selector.empty() && set.selector.matches(pod.metadata.labels))
            out.push_back(key);
    }
    return out;
}

template <typename T>
ControllerDef definition(View& view, client::Informer<T>& sets, const ReplicaKind& kind,
                         const std::string& loop, const std::string& identity) {
    ControllerDef def;
    def.name = loop;
    def.component = def.user = identity;
    def.watch = [&view, &sets, kind](Wakes& wakes) {
        wakes.each(sets, kind.kind);
        wakes.owned(view.pods, "Pod", kind.kind);
        wakes.mapped<api::Pod>(view.pods, "Pod",
                               [&sets](const api::Pod& pod) { return adopters(sets, pod); });
    };
    def.reconcile = [&view, &sets, kind](const std::string& key, Time now) {
        const client::Cached<T>* set = sets.get(key);
        return set ? reconcile(kind, *set->view, set->encoded, view, now) : Outcome();
    };
    return def;
}
} // namespace

ControllerDef replicaSetController(View& view) {
    return definition(view, view.replicaSets, kReplicaSet, "replicaset-controller",
                      "replicaset-controller");
}

ControllerDef replicationControllerController(View& view) {
    return definition(view, view.replicationControllers, kReplicationController,
                      "replicationcontroller-controller", "replication-controller");
}

} // namespace orrery::controllers
