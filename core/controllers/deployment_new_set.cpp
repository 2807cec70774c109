// The ReplicaSet of a Deployment's template: found or made, and its revision.
#include <algorithm>
#include <charconv>

#include "core/controllers/deployment_plan.h"
#include "core/controllers/template_hash.h"

namespace orrery::controllers::deployment {

namespace {
constexpr std::size_t kRevisionHistoryMax = 2000; // characters
// Annotations of the Deployment that its ReplicaSets don't inherit.
constexpr const char* kOwnAnnotations[] = {"kubectl.kubernetes.io/last-applied-configuration",
                                           kRevision,
                                           kRevisionHistory,
                                           kDesiredReplicas,
                                           kMaxReplicas,
                                           "deprecated.deployment.rollback.to"};

std::int64_t numberOf(const api::StringMap& annotations, const char* key) {
    const auto at = annotations.find(key);
    std::int64_t value = 0;
    if (at != annotations.end())
        std::from_chars(at->second.data(), at->second.data() + at->second.size(), value);
    return value;
}

Json withoutHash(const Json& podTemplate) {
    Json out = podTemplate;
    if (Json* metadata = find(out, "metadata"))
        if (Json* labels = find(*metadata, "labels"); labels && labels->is_object())
            labels->get_object().erase(kHashLabel);
    return out;
}

bool inherits(const std::string& annotation) {
    return std::none_of(std::begin(kOwnAnnotations), std::end(kOwnAnnotations),
                        [&](const char* own) { return annotation == own; });
}

// Appends the revision that the set had to its history (a rollback gives it a new one).
void rememberRevision(api::StringMap& annotations, const std::string& old) {
    std::string& history = annotations[kRevisionHistory];
    if (history.empty()) {
        history = old;
        return;
    }
    while (!history.empty() && history.size() + old.size() + 1 > kRevisionHistoryMax) {
        const std::size_t comma = history.find(',');
        history = comma == std::string::npos ? "" : history.substr(comma + 1);
    }
    history += history.empty() ? old : "," + old;
}

void annotateNewSet(const Plan& plan, Set& set, std::int64_t revision, bool exists) {
    for (const auto& [key, value] : plan.deployment.metadata.annotations)
        if (inherits(key))
            set.annotations[key] = value;
    const auto old = set.annotations.find(kRevision);
    const std::string before = old == set.annotations.end() ? "" : old->second;
    if (set.revision() < revision) {
        set.annotations[kRevision] = std::to_string(revision);
        if (!before.empty())
            rememberRevision(set.annotations, before);
    }
    if (!exists)
        setReplicaAnnotations(plan, set);
}

std::int64_t nextRevision(const Plan& plan) {
    std::int64_t newest = 0;
    for (const Set& set : plan.sets)
        if (!plan.isNew(set))
            newest = std::max(newest, set.revision());
    return newest + 1;
}

Json newSetObject(const Plan& plan, const Set& set, const std::string& hash) {
    const api::Deployment& d = plan.deployment;
    Json podTemplate = d.podTemplate;
    orrery::setPath(podTemplate, std::string("metadata.labels.") + kHashLabel, Json(hash));
    JsonObject matchLabels;
    for (const auto& [key, value] : d.selector.matchLabels)
        matchLabels[key] = value;
    matchLabels[kHashLabel] = hash;
    JsonObject selector{{"matchLabels", std::move(matchLabels)}};
    JsonArray expressions;
    for (const api::LabelSelector::Requirement& requirement : d.selector.matchExpressions) {
        JsonObject one{{"key", requirement.key}, {"operator", requirement.op}};
        if (!requirement.values.empty())
            one["values"] = JsonArray(requirement.values.begin(), requirement.values.end());
        expressions.push_back(std::move(one));
    }
    if (!expressions.empty())
        selector["matchExpressions"] = std::move(expressions);
    JsonObject metadata{
        {"name", set.name},
        {"namespace", d.metadata.namespace_},
        {"labels", objectAt(podTemplate, "metadata.labels")},
        {"annotations", controllers::toJson(set.annotations)},
        {"ownerReferences", JsonArray{controllerReference("apps/v1", "Deployment", d.metadata)}}};
    JsonObject spec{{"replicas", set.replicas},
                    {"selector", std::move(selector)},
                    {"template", std::move(podTemplate)}};
    if (set.minReadySeconds != 0)
        spec["minReadySeconds"] = set.minReadySeconds;
    return JsonObject{{"apiVersion", "apps/v1"},
                      {"kind", "ReplicaSet"},
                      {"metadata", std::move(metadata)},
                      {"spec", std::move(spec)}};
}
} // namespace

client::ResourcePath setPath(const Plan& plan, const std::string& name) {
    return {"apps", "v1", "replicasets", plan.deployment.metadata.namespace_, name, ""};
}

bool createNewSet(Plan& plan) {
    const api::Deployment& d = plan.deployment;
    const std::string hash = podTemplateHash(d.podTemplate, plan.collisionCount);
    Set set;
    set.name = d.metadata.name + "-" + hash;
    if (plan.view.replicaSets.get(d.metadata.namespace_ + "/" + set.name)) {
        plan.collisionCount = plan.collisionCount.value_or(0) + 1;
        return false;
    }
    set.minReadySeconds = d.minReadySeconds;
    const std::int64_t revision = nextRevision(plan);
    annotateNewSet(plan, set, revision, false);
    set.replicas = replicasOfNewSet(plan, 0);
    Action create = createObject(setPath(plan, ""), newSetObject(plan, set, hash),
                                 "no ReplicaSet has the Deployment's template");
    const client::ObjectReference about = client::referenceTo("apps/v1", "Deployment", d.metadata);
    if (set.replicas > 0)
        create.whenDone = Said{
            about,
            {"Normal",
             "ScalingReplicaSet",
             "Scaled up replica set " + set.name + " from 0 to " + std::to_string(set.replicas),
             "",
             {},
             {}}};
    create.whenFailed = Said{about,
                             {"Warning",
                              "ReplicaSetCreateError",
                              "Failed to create new replica set \"" + set.name + "\": {error}",
                              "",
                              {},
                              {}}};
    plan.out.actions.push_back(std::move(create));
    plan.revision = std::to_string(revision);
    if (plan.hasDeadline())
        plan.setCondition("Progressing", "True", "NewReplicaSetCreated",
                          "Created new replica set \"" + set.name + "\"");
    plan.sets.push_back(std::move(set));
    plan.newest = static_cast<int>(plan.sets.size()) - 1;
    return true;
}

void findNewSet(Plan& plan) {
    const Json wanted = withoutHash(plan.deployment.podTemplate);
    for (std::size_t i = 0; i < plan.sets.size() && plan.newest < 0; ++i)
        if (withoutHash(plan.sets[i].view->podTemplate) == wanted)
            plan.newest = static_cast<int>(i);
    Set* set = plan.newSet();
    if (!set)
        return;
    annotateNewSet(plan, *set, nextRevision(plan), true);
    set->minReadySeconds = plan.deployment.minReadySeconds;
    plan.revision = std::to_string(set->revision());
    if (plan.hasDeadline() && !plan.condition("Progressing"))
        plan.setCondition("Progressing", "True", "FoundNewReplicaSet",
                          "Found new replica set \"" + set->name + "\"");
}

std::int64_t Set::revision() const {
    return numberOf(annotations, kRevision);
}
int Set::annotated(const char* key) const {
    return static_cast<int>(numberOf(annotations, key));
}

} // namespace orrery::controllers::deployment
