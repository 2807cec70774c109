// Garbage collector: objects whose owners are gone go too.
#include <algorithm>

#include "core/controllers/controllers.h"

namespace orrery::controllers {

namespace {
JsonObject ownerJson(const api::OwnerReference& owner) {
    JsonObject out{{"apiVersion", owner.apiVersion},
                   {"kind", owner.kind},
                   {"name", owner.name},
                   {"uid", owner.uid}};
    if (owner.controller)
        out["controller"] = true;
    if (owner.blockOwnerDeletion)
        out["blockOwnerDeletion"] = true;
    return out;
}

// A patch of owners or finalizers that holds only for this very state of the object.
Action patchMetadata(const GraphNode& node, JsonObject change, std::string because) {
    change["uid"] = node.uid;
    change["resourceVersion"] = std::to_string(node.revision);
    return patchObject(node.path(), JsonObject{{"metadata", std::move(change)}},
                       std::move(because));
}

Action keepOwners(const GraphNode& node, const std::vector<api::OwnerReference>& owners,
                  std::string because) {
    JsonArray references;
    for (const api::OwnerReference& owner : owners)
        references.push_back(ownerJson(owner));
    return patchMetadata(
        node, {{"ownerReferences", references.empty() ? Json() : Json(std::move(references))}},
        std::move(because));
}

Action removeFinalizer(const GraphNode& node, const char* finalizer, std::string because) {
    JsonArray rest;
    for (const std::string& one : node.finalizers)
        if (one != finalizer)
            rest.emplace_back(one);
    return patchMetadata(node, {{"finalizers", rest.empty() ? Json() : Json(std::move(rest))}},
                         std::move(because));
}

bool blocks(const GraphNode& dependent, const std::string& ownerUid) {
    return std::any_of(dependent.owners.begin(), dependent.owners.end(),
                       [&](const api::OwnerReference& owner) {
                           return owner.uid == ownerUid && owner.blockOwnerDeletion;
                       });
}

std::string text(const api::OwnerReference& owner) {
    return owner.kind + " " + owner.name;
}

struct Owners {
    std::vector<api::OwnerReference> solid, waiting, dangling;
};

Owners classify(const GraphNode& node, const ObjectGraph& graph) {
    Owners out;
    for (const api::OwnerReference& owner : node.owners) {
        const GraphNode* found = graph.byUid(owner.uid);
        // An owner of another namespace is none: an object may only belong to its own namespace or
        // the cluster.
        const bool reachable =
            found && (found->namespace_.empty() || found->namespace_ == node.namespace_);
        if (reachable && found->deletingDependents())
            out.waiting.push_back(owner);
        else if (reachable || !graph.watches(owner.apiVersion, owner.kind))
            out.solid.push_back(owner);
        else
            out.dangling.push_back(owner);
    }
    return out;
}

// The owner waits (foreground) until nothing that blocks it is left.
void awaitDependents(const GraphNode& node, const ObjectGraph& graph, Outcome& out) {
    for (const std::string& key : graph.dependents(node.uid))
        if (const GraphNode* dependent = graph.byKey(key);
            dependent && blocks(*dependent, node.uid))
            return; // each is a key of its own
    out.actions.push_back(
        removeFinalizer(node, kForegroundFinalizer, "all its dependents are gone"));
}

// Its dependents lose their owner and stay.
void orphanDependents(const GraphNode& node, const ObjectGraph& graph, Outcome& out) {
    for (const std::string& key : graph.dependents(node.uid)) {
        const GraphNode* dependent = graph.byKey(key);
        if (!dependent)
            continue;
        std::vector<api::OwnerReference> others;
        for (const api::OwnerReference& owner : dependent->owners)
            if (owner.uid != node.uid)
                others.push_back(owner);
        out.actions.push_back(keepOwners(*dependent, others,
                                         "its owner " + node.kind->kind + " " + node.name +
                                             " is deleted without it"));
    }
    if (out.actions.empty())
        out.actions.push_back(
            removeFinalizer(node, kOrphanFinalizer, "no dependent names it as an owner any more"));
}

const char* policyOf(const GraphNode& node) {
    if (node.has(kOrphanFinalizer))
        return "Orphan";
    return node.has(kForegroundFinalizer) ? "Foreground" : "Background";
}

// Two objects that own each other would wait for each other.
void breakCircles(const GraphNode& node, const ObjectGraph& graph, Outcome& out) {
    for (const std::string& key : graph.dependents(node.uid)) {
        const GraphNode* dependent = graph.byKey(key);
        if (!dependent || !dependent->deletingDependents())
            continue;
        std::vector<api::OwnerReference> owners = node.owners;
        for (api::OwnerReference& owner : owners)
            owner.blockOwnerDeletion = false;
        out.actions.push_back(keepOwners(node, owners, "it and its owners wait for each other"));
        return;
    }
}

void collect(const GraphNode& node, const ObjectGraph& graph, Outcome& out) {
    const Owners owners = classify(node, graph);
    if (!owners.solid.empty()) {
        if (!owners.dangling.empty() || !owners.waiting.empty())
            out.actions.push_back(keepOwners(node, owners.solid,
                                             "some of its owners are gone, " +
                                                 text(owners.solid.front()) + " is not"));
        return;
    }
    if (!owners.waiting.empty() && !graph.dependents(node.uid).empty()) {
        breakCircles(node, graph, out);
        out.actions.push_back(deleteObject(
            node.path(), node.uid,
            "its owner " + text(owners.waiting.front()) + " waits for its end", "Foreground"));
        return;
    }
    const bool waiting = !owners.waiting.empty();
    const api::OwnerReference& owner = waiting ? owners.waiting.front() : owners.dangling.front();
    out.actions.push_back(deleteObject(node.path(), node.uid,
                                       waiting ? "its owner " + text(owner) + " waits for its end"
                                               : "its owner " + text(owner) + " is gone",
                                       policyOf(node)));
}

Outcome reconcile(const GraphNode& node, const ObjectGraph& graph) {
    Outcome out;
    if (node.orphaning())
        orphanDependents(node, graph, out);
    else if (node.deletingDependents())
        awaitDependents(node, graph, out);
    else if (!node.deleting && !node.owners.empty())
        collect(node, graph, out);
    return out;
}

bool sameOwners(const GraphNode& a, const GraphNode& b) {
    return std::equal(a.owners.begin(), a.owners.end(), b.owners.begin(), b.owners.end(),
                      [](const api::OwnerReference& x, const api::OwnerReference& y) {
                          return x.uid == y.uid && x.blockOwnerDeletion == y.blockOwnerDeletion;
                      });
}

client::Wake wakeOf(const GraphNode& node, client::Wake::What what, std::int64_t revision) {
    return {node.kind->kind.c_str(), what,
            (node.namespace_.empty() ? "" : node.namespace_ + "/") + node.name, revision};
}

// Which keys a change makes worth a look.
void onChange(const ObjectGraph& graph, Wakes& wakes, const GraphNode* before, const GraphNode* now,
              std::int64_t revision) {
    using What = client::Wake::What;
    const auto wakeDependents = [&](const GraphNode& owner, const client::Wake& wake) {
        for (const std::string& key : graph.dependents(owner.uid))
            wakes.add(key, wake);
    };
    const auto wakeOwners = [&](const GraphNode& dependent, const client::Wake& wake) {
        for (const api::OwnerReference& owner : dependent.owners)
            if (const GraphNode* found = graph.byUid(owner.uid); found && found->deleting)
                wakes.add(found->key(), wake);
    };
    if (!now) {
        const client::Wake wake = wakeOf(*before, What::Deleted, revision);
        wakeDependents(*before, wake);
        wakeOwners(*before, wake);
        return;
    }
    const client::Wake wake = wakeOf(*now, before ? What::Changed : What::Added, revision);
    const bool ownersChanged = before && !sameOwners(*before, *now);
    if (ownersChanged)
        wakeOwners(*before, wake);
    if (!now->deleting && !now->owners.empty() && (!before || ownersChanged)) {
        const Owners owners = classify(*now, graph);
        if (!owners.dangling.empty() || !owners.waiting.empty())
            wakes.add(now->key(), wake);
    }
    if (!now->deletingDependents() && !now->orphaning())
        return;
    wakes.add(now->key(), wake);
    if (now->deletingDependents() && !(before && before->deletingDependents()))
        wakeDependents(*now, wake);
}
} // namespace

ControllerDef garbageCollector(ObjectGraph& graph) {
    ControllerDef def;
    def.name = "garbage-collector-controller";
    def.component = "garbage-collector-controller";
    def.user = "generic-garbage-collector";
    def.watch = [&graph](Wakes& wakes) {
        graph.onChange(
            [&graph, &wakes](const GraphNode* before, const GraphNode* now, std::int64_t revision) {
                onChange(graph, wakes, before, now, revision);
            });
    };
    def.reconcile = [&graph](const std::string& key, Time) {
        const GraphNode* node = graph.byKey(key);
        return node ? reconcile(*node, graph) : Outcome();
    };
    return def;
}

} // namespace orrery::controllers
