#include "tests/soak/invariants.h"

#include "core/api/views/apps_v1.h"
#include "core/api/views/core_v1.h"
#include "core/client/informer.h"

namespace orrery::tests {

namespace {
// Pod garbage collection looks every 20 s and gives a missing node 40 s.
constexpr Duration kHomelessMax = std::chrono::minutes(3);

std::string nameOf(const Json& object) {
    return std::string(stringAt(object, "metadata.namespace")) + "/" +
           std::string(stringAt(object, "metadata.name"));
}
std::string uidOf(const Json& object) {
    return std::string(stringAt(object, "metadata.uid"));
}
bool isDeleting(const Json& object) {
    return findPath(object, "metadata.deletionTimestamp") != nullptr;
}
bool isTerminal(const Json& pod) {
    const std::string_view phase = stringAt(pod, "status.phase");
    return phase == "Succeeded" || phase == "Failed";
}
bool isReady(const Json& pod) {
    for (const Json& condition : arrayAt(pod, "status.conditions"))
        if (stringAt(condition, "type") == "Ready")
            return stringAt(condition, "status") == "True";
    return false;
}
std::string_view controllerUid(const Json& object) {
    for (const Json& owner : arrayAt(object, "metadata.ownerReferences"))
        if (boolAt(owner, "controller"))
            return stringAt(owner, "uid");
    return "";
}
bool selects(const JsonObject& selector, const Json& pod) {
    const JsonObject& labels = objectAt(pod, "metadata.labels");
    for (const auto& [key, value] : selector) {
        const Json* label = labels.if_contains(key);
        if (!label || *label != value)
            return false;
    }
    return !selector.empty();
}
std::string joined(const std::set<std::string>& words) {
    std::string out;
    for (const std::string& word : words)
        out += (out.empty() ? "" : ",") + word;
    return "[" + out + "]";
}
} // namespace

void Invariants::onEvent(const store::Event& event) {
    const std::string where = "revision " + std::to_string(event.revision) + " of " + keyOf(event);
    if (!event.cause || event.cause->actor.empty())
        return broken(where + " has no actor");
    // A chain that only ever goes back in time ends where nothing woke the writer: a request, a
    // timer or the start.
    if (event.cause->wokenBy >= event.revision)
        broken(where + " was woken by revision " + std::to_string(event.cause->wokenBy));
    if (event.cause->because.empty() && !keyOf(event).starts_with("/registry/events/"))
        broken(where + " by " + event.cause->actor + " has no reason");
}

std::vector<std::string> Invariants::check(const std::set<std::string>& dead) {
    readAll();
    nodesHold();
    podsMoveOn(dead);
    addressesDiffer();
    replicaSetsMatch();
    endpointsMatch();
    ownersExist();
    cachesMatch();
    queuesAreEmpty(); // last: it lets time pass
    return std::exchange(broken_, {});
}

void Invariants::readAll() {
    pods_ = world_.list(*world_.kind("pods"));
    nodes_ = world_.list(*world_.kind("nodes"));
    goingNamespaces_.clear();
    for (const EncodedPtr& one : world_.list(*world_.kind("namespaces")))
        if (isDeleting(one->tree()))
            goingNamespaces_.insert(std::string(stringAt(one->tree(), "metadata.name")));
}

bool Invariants::isGoing(const Json& object) const {
    return isDeleting(object) ||
           goingNamespaces_.contains(std::string(stringAt(object, "metadata.namespace")));
}

// The requests of a node's pods fit into what it has.
void Invariants::nodesHold() {
    std::map<std::string, api::ResourceList> used;
    std::map<std::string, std::int64_t> count;
    for (const EncodedPtr& pod : pods_) {
        const std::string node(stringAt(pod->tree(), "spec.nodeName"));
        if (node.empty() || isTerminal(pod->tree()))
            continue;
        api::Pod view;
        decode(pod->tree(), view);
        for (const auto& [resource, amount] : view.requests())
            used[node][resource] += amount;
        ++count[node];
    }
    for (const EncodedPtr& node : nodes_) {
        api::Node view;
        decode(node->tree(), view);
        for (const auto& [resource, amount] : used[view.metadata.name])
            if (amount > view.allocatable[resource])
                broken("node " + view.metadata.name + " has " +
                       std::to_string(view.allocatable[resource]) + " " + resource +
                       ", its pods ask for " + std::to_string(amount));
        if (count[view.metadata.name] > view.allocatable["pods"])
            broken("node " + view.metadata.name + " has too many pods");
    }
}

void Invariants::podsMoveOn(const std::set<std::string>& dead) {
    std::set<std::string> names;
    for (const EncodedPtr& node : nodes_)
        names.insert(std::string(stringAt(node->tree(), "metadata.name")));
    std::map<std::string, Time> homeless;
    for (const EncodedPtr& pod : pods_) {
        const Json& tree = pod->tree();
        const std::string node(stringAt(tree, "spec.nodeName")), name = nameOf(tree);
        if (node.empty()) {
            if (isDeleting(tree))
                broken("pod " + name + " has no node and is being deleted still");
            bool told = false;
            for (const Json& condition : arrayAt(tree, "status.conditions"))
                told = told || (stringAt(condition, "type") == "PodScheduled" &&
                                stringAt(condition, "reason") == "Unschedulable");
            if (!told && !isTerminal(tree))
                broken("pod " + name + " waits, and the scheduler does not say why");
            continue;
        }
        if (!names.contains(node)) {
            const auto known = homelessSince_.find(uidOf(tree));
            homeless[uidOf(tree)] =
                known == homelessSince_.end() ? world_.env().now() : known->second;
            if (world_.env().now() - homeless[uidOf(tree)] > kHomelessMax)
                broken("pod " + name + " is still bound to node " + node + ", which is gone");
            continue;
        }
        if (dead.contains(node))
            continue;
        if (isDeleting(tree) && arrayAt(tree, "metadata.finalizers").empty())
            broken("pod " + name + " on " + node + " does not end");
        if (!isDeleting(tree) && stringAt(tree, "status.phase") == "Pending")
            broken("pod " + name + " is bound to " + node + " and does not start");
    }
    homelessSince_ = std::move(homeless);
}

void Invariants::addressesDiffer() {
    std::map<std::string, std::string> owners;
    for (const EncodedPtr& pod : pods_) {
        const Json& tree = pod->tree();
        const std::string ip(stringAt(tree, "status.podIP"));
        if (ip.empty() || isTerminal(tree) || homelessSince_.contains(uidOf(tree)))
            continue;
        const auto [at, fresh] = owners.emplace(ip, nameOf(tree));
        if (!fresh)
            broken("pods " + at->second + " and " + nameOf(tree) + " have the same address " + ip);
    }
}

void Invariants::replicaSetsMatch() {
    std::map<std::string, std::int64_t, std::less<>> active;
    for (const EncodedPtr& pod : pods_)
        if (!isTerminal(pod->tree()) && !isDeleting(pod->tree()))
            ++active[std::string(controllerUid(pod->tree()))];
    for (const EncodedPtr& set : world_.list(*world_.kind("replicasets"))) {
        const Json& tree = set->tree();
        if (isGoing(tree))
            continue;
        const std::int64_t wanted = intAt(tree, "spec.replicas"), there = active[uidOf(tree)];
        if (wanted != there)
            broken("replicaset " + nameOf(tree) + " wants " + std::to_string(wanted) +
                   " pods and has " + std::to_string(there));
        if (intAt(tree, "status.replicas") != there)
            broken("replicaset " + nameOf(tree) + " has " + std::to_string(there) +
                   " pods, its status says " + std::to_string(intAt(tree, "status.replicas")));
    }
    for (const EncodedPtr& deployment : world_.list(*world_.kind("deployments")))
        if (!isGoing(deployment->tree()) &&
            intAt(deployment->tree(), "status.observedGeneration") !=
                intAt(deployment->tree(), "metadata.generation"))
            broken("deployment " + nameOf(deployment->tree()) +
                   " was not looked at since its last change");
}

void Invariants::endpointsMatch() {
    std::map<std::string, std::set<std::string>> sliced, listed;
    for (const EncodedPtr& slice : world_.list(*world_.kind("endpointslices"))) {
        const JsonObject& labels = objectAt(slice->tree(), "metadata.labels");
        const Json* service = labels.if_contains("kubernetes.io/service-name");
        if (!service)
            continue;
        for (const Json& endpoint : arrayAt(slice->tree(), "endpoints"))
            if (boolAt(endpoint, "conditions.ready"))
                for (const Json& address : arrayAt(endpoint, "addresses"))
                    sliced[std::string(stringAt(slice->tree(), "metadata.namespace")) + "/" +
                           std::string(asString(*service))]
                        .insert(std::string(asString(address)));
    }
    for (const EncodedPtr& endpoints : world_.list(*world_.kind("endpoints")))
        for (const Json& subset : arrayAt(endpoints->tree(), "subsets"))
            for (const Json& address : arrayAt(subset, "addresses"))
                listed[nameOf(endpoints->tree())].insert(std::string(stringAt(address, "ip")));
    for (const EncodedPtr& service : world_.list(*world_.kind("services"))) {
        const Json& tree = service->tree();
        const JsonObject& selector = objectAt(tree, "spec.selector");
        if (selector.empty() || isGoing(tree))
            continue;
        std::set<std::string> ready;
        for (const EncodedPtr& pod : pods_)
            if (stringAt(pod->tree(), "metadata.namespace") ==
                    stringAt(tree, "metadata.namespace") &&
                selects(selector, pod->tree()) && isReady(pod->tree()) &&
                !isDeleting(pod->tree()) && !isTerminal(pod->tree()))
                ready.insert(std::string(stringAt(pod->tree(), "status.podIP")));
        if (sliced[nameOf(tree)] != ready)
            broken("service " + nameOf(tree) + ": ready pods " + joined(ready) +
                   ", its slices have " + joined(sliced[nameOf(tree)]));
        if (listed[nameOf(tree)] != ready)
            broken("service " + nameOf(tree) + ": ready pods " + joined(ready) +
                   ", its Endpoints have " + joined(listed[nameOf(tree)]));
    }
}

void Invariants::ownersExist() {
    std::set<std::string> uids;
    std::vector<store::KeyValuePtr> all;
    const auto found = world_.cluster().store().list("/registry/");
    ORRERY_ASSERT(found.has_value());
    for (const store::KeyValuePtr& item : found->items)
        uids.insert(uidOf(item->value->tree()));
    for (const store::KeyValuePtr& item : found->items) {
        const Json& tree = item->value->tree();
        if (isDeleting(tree))
            continue;
        for (const Json& owner : arrayAt(tree, "metadata.ownerReferences"))
            if (!uids.contains(std::string(stringAt(owner, "uid"))))
                broken(item->key + " is there, its owner " + std::string(stringAt(owner, "kind")) +
                       " " + std::string(stringAt(owner, "name")) + " is not");
    }
    for (const store::KeyValuePtr& item : found->items)
        item->value->dropTree();
}

template <typename T>
void Invariants::cacheMatches(const char* group, const char* version, const char* plural) {
    const auto& cache = world_.cluster().informers().informer<T>(group, version, plural);
    const api::KindDef* kind = world_.cluster().kinds().byResource(group, version, plural);
    const std::string prefix = kind->keyPrefix();
    const auto stored = world_.cluster().store().list(prefix);
    ORRERY_ASSERT(stored.has_value());
    if (cache.all().size() != stored->items.size())
        broken("the cache of " + std::string(plural) + " has " +
               std::to_string(cache.all().size()) + ", the store " +
               std::to_string(stored->items.size()));
    for (const store::KeyValuePtr& item : stored->items) {
        const auto* cached = cache.get(item->key.substr(prefix.size()));
        if (!cached || cached->revision != item->modRevision ||
            cached->encoded->bytes() != item->value->bytes())
            broken("the cache of " + item->key + " is not what is stored");
    }
}

void Invariants::cachesMatch() {
    cacheMatches<api::Pod>("", "v1", "pods");
    cacheMatches<api::Node>("", "v1", "nodes");
    cacheMatches<api::Service>("", "v1", "services");
    cacheMatches<api::Namespace>("", "v1", "namespaces");
    cacheMatches<api::ReplicaSet>("apps", "v1", "replicasets");
    cacheMatches<api::Deployment>("apps", "v1", "deployments");
}

void Invariants::queuesAreEmpty() {
    // The scheduler tries waiting pods again now and then, which writes nothing: so a queue may
    // look again.
    std::set<const Loop*> busy;
    for (const Loop* loop : world_.cluster().loops().all())
        if (loop->queueLength() != 0)
            busy.insert(loop);
    if (busy.empty())
        return;
    world_.advance(std::chrono::seconds(15));
    for (const Loop* loop : world_.cluster().loops().all())
        if (busy.contains(loop) && loop->queueLength() != 0)
            broken(loop->name() + " has " + std::to_string(loop->queueLength()) +
                   " in its queue: " + loop->queued(1).front());
}

} // namespace orrery::tests
