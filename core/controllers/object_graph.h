// Who owns whom: the metadata of all objects of all kinds (events excepted), as far as the garbage
// collector and the namespace controller need it. Kept current by one informer a kind; custom kinds
// come and go with their definitions.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/api/kind.h"
#include "core/api/views/meta.h"
#include "core/client/informer.h"
#include "core/controllers/view.h"

namespace orrery::controllers {

inline constexpr const char* kForegroundFinalizer = "foregroundDeletion";
inline constexpr const char* kOrphanFinalizer = "orphan";

// One object: where it is and who owns it.
struct GraphNode {
    const api::KindDef* kind = nullptr;
    std::string namespace_, name, uid;
    std::int64_t revision = 0;
    bool deleting = false;
    std::vector<api::OwnerReference> owners;
    std::vector<std::string> finalizers;

    bool has(const char* finalizer) const;
    bool deletingDependents() const { return deleting && has(kForegroundFinalizer); }
    bool orphaning() const { return deleting && has(kOrphanFinalizer); }
    client::ResourcePath path() const;
    std::string key() const; // "deployments.apps/default/web"
};
void decode(const Json& object, GraphNode& out);

class ObjectGraph {
  public:
    ObjectGraph(client::InformerFactory& factory, const api::KindRegistry& kinds, View& view);
    // Follows the custom kinds too, from now on.
    void start();

    // Null when there is no such object.
    const GraphNode* byUid(const std::string& uid) const;
    const GraphNode* byKey(const std::string& key) const;
    // Keys of the objects that name `uid` as an owner.
    const std::set<std::string>& dependents(const std::string& uid) const;
    // Keys of the objects in a namespace.
    const std::set<std::string>& inNamespace(const std::string& namespace_) const;
    // Whether objects of the kind are in the graph: only then their absence means something.
    bool watches(const std::string& apiVersion, const std::string& kind) const;
    // How many objects of a custom kind each namespace has ("" is the cluster); null before the
    // first list, and for kinds that are not custom.
    const std::map<std::string, int>* countsOf(const api::GroupResource& resource) const;

    // `before` is null for a new object, `now` for one that is gone. Valid during the call.
    using Listener =
        std::function<void(const GraphNode* before, const GraphNode* now, std::int64_t revision)>;
    void onChange(Listener listener) { listeners_.push_back(std::move(listener)); }

  private:
    // A custom kind while it is served. Its nodes point into the family that is held here.
    struct Custom {
        const api::KindDef* kind = nullptr;
        std::shared_ptr<const void> family;
        std::shared_ptr<client::Informer<GraphNode>> informer;
        std::map<std::string, int> counts; // by namespace
    };
    void listen(const api::KindDef* kind, client::Informer<GraphNode>& informer);
    void followCustomKinds();
    void forget(const api::GroupResource& resource);
    void count(const GraphNode& node, int by);
    void put(const api::KindDef* kind, const client::Cached<GraphNode>& item);
    void remove(const api::KindDef* kind, const client::Cached<GraphNode>& last);
    void link(const GraphNode& node);
    void unlink(const GraphNode& node);

    client::InformerFactory& factory_;
    const api::KindRegistry& kinds_;
    std::set<api::GroupResource> watched_;
    std::unordered_map<std::string, GraphNode> nodes_; // by key
    std::unordered_map<std::string, std::string> keyOfUid_;
    std::unordered_map<std::string, std::set<std::string>> dependents_, inNamespace_;
    std::vector<Listener> listeners_;
    std::map<api::GroupResource, Custom> custom_;
    bool started_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace orrery::controllers
