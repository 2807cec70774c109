// What controllers see: one cache of each kind, kept current by the informers and shared by all of
// them.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/api/views/apps_v1.h"
#include "core/api/views/batch_v1.h"
#include "core/api/views/core_v1.h"
#include "core/api/views/discovery_v1.h"
#include "core/api/views/storage_v1.h"
#include "core/client/informer.h"

namespace orrery::controllers {

// A cache of any kind, as far as an engine needs it: has it seen what I wrote?
class CacheProgress {
  public:
    std::function<std::int64_t()> revision;
    // The metadata of an object, or null.
    std::function<const api::ObjectMeta*(const std::string& key)> find;
    // After each batch, with the keys that went away or began to (deletionTimestamp).
    void onBatch(std::function<void(const std::vector<std::string>& gone)> listener) {
        listeners_.push_back(std::move(listener));
    }

  private:
    friend class View;
    std::vector<std::string> gone_;
    std::vector<std::function<void(const std::vector<std::string>&)>> listeners_;
};

// Indexes that more than one controller uses.
namespace indexes {
inline constexpr const char* kController = "controller"; // uid of the controlling owner
inline constexpr const char* kOrphan = "orphan"; // namespace, of objects that nobody controls
inline constexpr const char* kNamespace = "namespace";
inline constexpr const char* kNode = "node";       // pods by spec.nodeName
inline constexpr const char* kService = "service"; // slices by "namespace/service"
inline constexpr const char* kClaim = "claim";     // pods and volumes by "namespace/claim"
inline constexpr const char* kVolume = "volume";   // claims by spec.volumeName
inline constexpr const char* kStorageClass = "storageClass"; // volumes
inline constexpr const char* kUnbound = "unbound"; // storage class, of claims without a volume
} // namespace indexes

class View {
  public:
    // The informers begin with factory.start().
    explicit View(client::InformerFactory& factory);

    // Runs `then` when every cache has its first list.
    void whenSynced(std::function<void()> then);
    // Null when no cache holds the resource. `resource` as "pods", "replicasets.apps".
    CacheProgress* progress(const std::string& resource);

    client::Informer<api::Pod>& pods;
    client::Informer<api::Node>& nodes;
    client::Informer<api::Namespace>& namespaces;
    client::Informer<api::Service>& services;
    client::Informer<api::ServiceAccount>& serviceAccounts;
    client::Informer<api::Endpoints>& endpoints;
    client::Informer<api::ReplicationController>& replicationControllers;
    client::Informer<api::Lease>& leases;
    client::Informer<api::EndpointSlice>& endpointSlices;
    client::Informer<api::Deployment>& deployments;
    client::Informer<api::ReplicaSet>& replicaSets;
    client::Informer<api::Job>& jobs;
    client::Informer<api::PersistentVolume>& persistentVolumes;
    client::Informer<api::PersistentVolumeClaim>& persistentVolumeClaims;
    client::Informer<api::StorageClass>& storageClasses;
    client::Informer<api::ConfigMap>& rootCas; // those named kube-root-ca.crt

    // Counts a cache in: engines wait for it, and for their own writes to it.
    template <typename T> void follow(const std::string& resource, client::Informer<T>& informer);
    // Engines wait for its first list.
    template <typename T> void await(client::Informer<T>& informer);

  private:
    void indexVolumes();
    void onSynced();

    int unsynced_ = 0;
    std::vector<std::function<void()>> whenSynced_;
    std::map<std::string, std::shared_ptr<CacheProgress>> progress_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true); // the informers may live longer
};

template <typename T>
void View::follow(const std::string& resource, client::Informer<T>& informer) {
    const auto progress = std::make_shared<CacheProgress>();
    progress->revision = [&informer] { return informer.revision(); };
    progress->find = [&informer](const std::string& key) -> const api::ObjectMeta* {
        const client::Cached<T>* item = informer.get(key);
        return item ? &item->view->metadata : nullptr;
    };
    client::Handler<T> handler;
    handler.onUpdate = [progress](const client::Cached<T>& old, const client::Cached<T>& current) {
        const api::ObjectMeta& metadata = current.view->metadata;
        if (metadata.uid != old.view->metadata.uid ||
            (metadata.deletionTimestamp && !old.view->metadata.deletionTimestamp))
            progress->gone_.push_back(metadata.namespacedName());
    };
    handler.onDelete = [progress](const client::Cached<T>& last) {
        progress->gone_.push_back(last.view->metadata.namespacedName());
    };
    handler.onBatchEnd = [progress] {
        const std::vector<std::string> gone = std::exchange(progress->gone_, {});
        for (const auto& listener : progress->listeners_)
            listener(gone);
    };
    informer.addHandler(std::move(handler));
    await(informer);
    progress_[resource] = progress;
}

template <typename T> void View::await(client::Informer<T>& informer) {
    ++unsynced_;
    informer.whenSynced([this, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired())
            onSynced();
    });
}

// Keys of the objects that `owner` controls; with `indexes::kController`.
template <typename T>
const std::set<std::string>& controlledBy(const client::Informer<T>& informer,
                                          const std::string& ownerUid) {
    return informer.byIndex(indexes::kController, ownerUid);
}

} // namespace orrery::controllers
