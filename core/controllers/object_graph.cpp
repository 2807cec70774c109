#include "core/controllers/object_graph.h"

#include <algorithm>

namespace orrery::controllers {

namespace {
const std::set<std::string> kNone;

bool can(const api::KindDef& kind, const char* verb) {
    return std::find(kind.verbs.begin(), kind.verbs.end(), verb) != kind.verbs.end();
}

// Each stored resource once (in its storage version); events are too many and own nothing.
bool belongs(const api::KindDef& kind) {
    if (kind.plural == "events" || !can(kind, "list") || !can(kind, "watch") ||
        !can(kind, "delete"))
        return false;
    return kind.storageVersion.empty() || kind.storageVersion == kind.version;
}

const std::set<std::string>&
setOf(const std::unordered_map<std::string, std::set<std::string>>& sets, const std::string& key) {
    const auto at = sets.find(key);
    return at == sets.end() ? kNone : at->second;
}

void eraseFrom(std::unordered_map<std::string, std::set<std::string>>& sets, const std::string& key,
               const std::string& member) {
    const auto at = sets.find(key);
    if (at == sets.end())
        return;
    at->second.erase(member);
    if (at->second.empty())
        sets.erase(at);
}
// Most updates of an object change neither who it is nor whose.
bool linksLike(const GraphNode& a, const GraphNode& b) {
    return a.uid == b.uid &&
           std::equal(a.owners.begin(), a.owners.end(), b.owners.begin(), b.owners.end(),
                      [](const api::OwnerReference& x, const api::OwnerReference& y) {
                          return x.uid == y.uid;
                      });
}
} // namespace

bool GraphNode::has(const char* finalizer) const {
    return std::find(finalizers.begin(), finalizers.end(), finalizer) != finalizers.end();
}

client::ResourcePath GraphNode::path() const {
    return {kind->group, kind->version, kind->plural, namespace_, name, ""};
}

std::string GraphNode::key() const {
    return kind->groupResource().text() + "/" + (namespace_.empty() ? "" : namespace_ + "/") + name;
}

void decode(const Json& object, GraphNode& out) {
    const Json* metadata = find(object, "metadata");
    if (!metadata)
        return;
    out.namespace_ = stringAt(*metadata, "namespace");
    out.name = stringAt(*metadata, "name");
    out.uid = stringAt(*metadata, "uid");
    out.deleting = find(*metadata, "deletionTimestamp") != nullptr;
    for (const Json& reference : arrayAt(*metadata, "ownerReferences")) {
        api::OwnerReference& owner = out.owners.emplace_back();
        owner.apiVersion = stringAt(reference, "apiVersion");
        owner.kind = stringAt(reference, "kind");
        owner.name = stringAt(reference, "name");
        owner.uid = stringAt(reference, "uid");
        owner.controller = boolAt(reference, "controller");
        owner.blockOwnerDeletion = boolAt(reference, "blockOwnerDeletion");
    }
    for (const Json& finalizer : arrayAt(*metadata, "finalizers"))
        out.finalizers.emplace_back(asString(finalizer));
}

ObjectGraph::ObjectGraph(client::InformerFactory& factory, const api::KindRegistry& kinds,
                         View& view)
    : factory_(factory), kinds_(kinds) {
    for (const api::KindDef* kind : kinds.all()) {
        if (kind->custom || !belongs(*kind) || !watched_.insert(kind->groupResource()).second)
            continue;
        // Its own cache beside the typed one of some kinds: it keeps a few words of each object.
        client::Informer<GraphNode>& informer = factory.informer<GraphNode>(
            client::ResourcePath{kind->group, kind->version, kind->plural, "", "", ""}, {"", ""},
            "graph");
        listen(kind, informer);
        view.await(informer);
    }
    kinds.onChange(alive_, [this] { followCustomKinds(); });
}

void ObjectGraph::start() {
    started_ = true;
    followCustomKinds();
}

void ObjectGraph::listen(const api::KindDef* kind, client::Informer<GraphNode>& informer) {
    client::Handler<GraphNode> handler;
    const std::weak_ptr<bool> alive = alive_;
    handler.onAdd = [this, alive, kind](const client::Cached<GraphNode>& item) {
        if (!alive.expired())
            put(kind, item);
    };
    handler.onUpdate = [this, alive, kind](const client::Cached<GraphNode>& old,
                                           const client::Cached<GraphNode>& item) {
        if (alive.expired())
            return;
        if (old.view->uid != item.view->uid)
            remove(kind, old); // deleted and made again between two looks
        put(kind, item);
    };
    handler.onDelete = [this, alive, kind](const client::Cached<GraphNode>& last) {
        if (!alive.expired())
            remove(kind, last);
    };
    informer.addHandler(std::move(handler));
}

// Kinds that came get a cache, those that went lose theirs. A kind whose definition only changed
// keeps it, as long as the version that it is watched in is served.
void ObjectGraph::followCustomKinds() {
    if (!started_)
        return;
    std::vector<api::GroupResource> gone;
    for (const auto& [resource, one] : custom_) {
        const api::KindDef* now =
            kinds_.byResource(one.kind->group, one.kind->version, one.kind->plural);
        if (!now || now->kind != one.kind->kind || now->scope != one.kind->scope)
            gone.push_back(resource);
    }
    for (const api::GroupResource& resource : gone)
        forget(resource);
    for (const api::KindDef* kind : kinds_.all()) {
        if (!kind->custom || custom_.count(kind->groupResource()) != 0)
            continue;
        watched_.insert(kind->groupResource());
        Custom& made = custom_[kind->groupResource()];
        made.kind = kind;
        made.family = kind->family.lock();
        made.informer = factory_.own<GraphNode>(
            client::ResourcePath{kind->group, kind->version, kind->plural, "", "", ""});
        listen(kind, *made.informer);
        made.informer->start();
    }
}

void ObjectGraph::forget(const api::GroupResource& resource) {
    const auto found = custom_.find(resource);
    const Custom gone = std::move(found->second); // holds the family until its nodes are gone
    custom_.erase(found);
    watched_.erase(resource);
    for (const auto& [name, item] : gone.informer->all()) {
        GraphNode node = *item.view;
        node.kind = gone.kind;
        if (const auto at = nodes_.find(node.key()); at != nodes_.end()) {
            unlink(at->second);
            nodes_.erase(at);
        }
    }
}

const std::map<std::string, int>* ObjectGraph::countsOf(const api::GroupResource& resource) const {
    const auto at = custom_.find(resource);
    return at == custom_.end() || !at->second.informer->synced() ? nullptr : &at->second.counts;
}

void ObjectGraph::count(const GraphNode& node, int by) {
    if (!node.kind->custom)
        return;
    const auto at = custom_.find(node.kind->groupResource());
    if (at == custom_.end())
        return;
    int& counted = at->second.counts[node.namespace_];
    counted += by;
    if (counted == 0)
        at->second.counts.erase(node.namespace_);
}

const GraphNode* ObjectGraph::byUid(const std::string& uid) const {
    const auto key = keyOfUid_.find(uid);
    return key == keyOfUid_.end() ? nullptr : byKey(key->second);
}

const GraphNode* ObjectGraph::byKey(const std::string& key) const {
    const auto at = nodes_.find(key);
    return at == nodes_.end() ? nullptr : &at->second;
}

const std::set<std::string>& ObjectGraph::dependents(const std::string& uid) const {
    return setOf(dependents_, uid);
}

const std::set<std::string>& ObjectGraph::inNamespace(const std::string& namespace_) const {
    return setOf(inNamespace_, namespace_);
}

bool ObjectGraph::watches(const std::string& apiVersion, const std::string& kind) const {
    const api::KindDef* def = kinds_.byApiVersion(apiVersion, kind);
    if (def && def->custom) // what was not listed yet is not known to be absent
        return countsOf(def->groupResource()) != nullptr;
    return def && watched_.count(def->groupResource()) != 0;
}

void ObjectGraph::put(const api::KindDef* kind, const client::Cached<GraphNode>& item) {
    GraphNode now = *item.view;
    now.kind = kind;
    now.revision = item.revision;
    const std::string key = now.key();
    const auto at = nodes_.find(key);
    if (at == nodes_.end()) {
        const GraphNode& stored = nodes_.emplace(key, std::move(now)).first->second;
        link(stored);
        for (const Listener& listener : listeners_)
            listener(nullptr, &stored, item.revision);
        return;
    }
    const GraphNode before = std::exchange(at->second, std::move(now));
    if (!linksLike(before, at->second)) {
        unlink(before);
        link(at->second);
    }
    for (const Listener& listener : listeners_)
        listener(&before, &at->second, item.revision);
}

void ObjectGraph::remove(const api::KindDef* kind, const client::Cached<GraphNode>& last) {
    GraphNode gone = *last.view;
    gone.kind = kind;
    const auto at = nodes_.find(gone.key());
    if (at == nodes_.end())
        return;
    gone = std::move(at->second);
    nodes_.erase(at);
    unlink(gone);
    for (const Listener& listener : listeners_)
        listener(&gone, nullptr, last.revision);
}

void ObjectGraph::link(const GraphNode& node) {
    const std::string key = node.key();
    count(node, 1);
    keyOfUid_[node.uid] = key;
    for (const api::OwnerReference& owner : node.owners)
        dependents_[owner.uid].insert(key);
    if (!node.namespace_.empty())
        inNamespace_[node.namespace_].insert(key);
}

void ObjectGraph::unlink(const GraphNode& node) {
    const std::string key = node.key();
    count(node, -1);
    keyOfUid_.erase(node.uid);
    for (const api::OwnerReference& owner : node.owners)
        eraseFrom(dependents_, owner.uid, key);
    eraseFrom(inNamespace_, node.namespace_, key);
}

} // namespace orrery::controllers
