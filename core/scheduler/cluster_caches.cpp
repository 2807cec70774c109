// What plugins may ask of the cluster beyond nodes and pods, answered from informers.
#include <algorithm>

#include "core/scheduler/scheduler_state.h"

namespace orrery::scheduler {

void decode(const Json& object, BudgetView& out) {
    if (const Json* metadata = find(object, "metadata"))
        decode(*metadata, out.metadata);
    if (const Json* selector = findPath(object, "spec.selector")) {
        decode(*selector, out.selector);
        out.selector.present = true;
    }
    out.disruptionsAllowed = intAt(object, "status.disruptionsAllowed");
    for (const auto& member : objectAt(object, "status.disruptedPods"))
        out.disruptedPods.emplace(member.key());
}

static client::ResourcePath path(const char* group, const char* resource) {
    return {group, "v1", resource, "", "", ""};
}

ClusterCaches::ClusterCaches(Env& env, client::Client& client, client::InformerFactory& informers)
    : pods(informers.informer<api::Pod>("", "v1", "pods")),
      nodes(informers.informer<api::Node>("", "v1", "nodes")),
      namespaces(informers.informer<api::Namespace>("", "v1", "namespaces")),
      services(informers.informer<api::Service>("", "v1", "services")),
      replicaSets(informers.informer<api::ReplicaSet>("apps", "v1", "replicasets")),
      statefulSets(informers.informer<api::StatefulSet>("apps", "v1", "statefulsets")),
      replicationControllers(
          informers.informer<api::ReplicationController>("", "v1", "replicationcontrollers")),
      claims(env, client, path("", "persistentvolumeclaims")),
      volumes(env, client, path("", "persistentvolumes")),
      storageClasses(env, client, path("storage.k8s.io", "storageclasses")),
      disruptionBudgets(env, client, path("policy", "poddisruptionbudgets")) {
    services.addIndex("namespace", [](const api::Service& service) -> std::vector<std::string> {
        return {service.metadata.namespace_};
    });
    disruptionBudgets.addIndex("namespace",
                               [](const BudgetView& budget) -> std::vector<std::string> {
                                   return {budget.metadata.namespace_};
                               });
}

const api::StringMap& ClusterCaches::namespaceLabels(const std::string& name) const {
    static const api::StringMap none;
    const auto* cached = namespaces.get(name);
    return cached ? cached->view->metadata.labels : none;
}

std::vector<std::string>
ClusterCaches::namespacesMatching(const api::LabelSelector& selector) const {
    std::vector<std::string> names;
    for (const auto& [name, cached] : namespaces.all())
        if (selector.matches(cached.view->metadata.labels))
            names.push_back(name);
    return names;
}

// Adds the owner's selector; services may have added to `selector` before.
template <typename T>
static void addOwner(const client::Informer<T>& informer, const std::string& key,
                     api::LabelSelector& selector) {
    const auto* cached = informer.get(key);
    if (!cached)
        return;
    const api::LabelSelector& own = cached->view->selector;
    for (const auto& [label, value] : own.matchLabels)
        selector.matchLabels[label] = value;
    selector.matchExpressions.insert(selector.matchExpressions.end(), own.matchExpressions.begin(),
                                     own.matchExpressions.end());
}

std::optional<api::LabelSelector> ClusterCaches::siblings(const api::Pod& pod) const {
    api::LabelSelector selector;
    selector.present = true;
    for (const std::string& key : services.byIndex("namespace", pod.metadata.namespace_)) {
        const api::Service& service = *services.get(key)->view;
        const bool selects =
            !service.selector.empty() &&
            std::all_of(
                service.selector.begin(), service.selector.end(), [&pod](const auto& wanted) {
                    const auto label = pod.metadata.labels.find(wanted.first);
                    return label != pod.metadata.labels.end() && label->second == wanted.second;
                });
        if (selects)
            selector.matchLabels.insert(service.selector.begin(), service.selector.end());
    }
    if (const api::OwnerReference* owner = pod.metadata.controllerOf()) {
        const std::string key = pod.metadata.namespace_ + "/" + owner->name;
        if (owner->kind == "ReplicaSet" && owner->apiVersion == "apps/v1")
            addOwner(replicaSets, key, selector);
        else if (owner->kind == "StatefulSet" && owner->apiVersion == "apps/v1")
            addOwner(statefulSets, key, selector);
        else if (owner->kind == "ReplicationController" && owner->apiVersion == "v1")
            addOwner(replicationControllers, key, selector);
    }
    return selector.empty() ? std::nullopt : std::optional(std::move(selector));
}

const Json* ClusterCaches::claim(const std::string& key) const {
    const auto* cached = claims.get(key);
    return cached ? &cached->encoded->tree() : nullptr;
}

const Json* ClusterCaches::volume(const std::string& name) const {
    const auto* cached = volumes.get(name);
    return cached ? &cached->encoded->tree() : nullptr;
}

const Json* ClusterCaches::storageClass(const std::string& name) const {
    const auto* cached = storageClasses.get(name);
    return cached ? &cached->encoded->tree() : nullptr;
}

std::string ClusterCaches::volumeReservedFor(const std::string& name) const {
    const auto at = reservedVolumes.find(name);
    return at == reservedVolumes.end() ? "" : at->second;
}

std::vector<const Json*> ClusterCaches::volumesOfClass(const std::string& name) const {
    std::vector<const Json*> found;
    for (const auto& [key, cached] : volumes.all())
        if (stringAt(cached.encoded->tree(), "spec.storageClassName") == name)
            found.push_back(&cached.encoded->tree());
    return found;
}

std::vector<ClusterView::Budget> ClusterCaches::budgets(const std::string& namespace_) const {
    std::vector<Budget> found;
    for (const std::string& key : disruptionBudgets.byIndex("namespace", namespace_)) {
        const BudgetView& view = *disruptionBudgets.get(key)->view;
        found.push_back({view.selector, view.disruptionsAllowed, view.disruptedPods});
    }
    return found;
}

} // namespace orrery::scheduler
