#include "core/controllers/view.h"

namespace orrery::controllers {

namespace {
template <typename T> std::vector<std::string> controllerUid(const T& object) {
    const api::OwnerReference* owner = object.metadata.controllerOf();
    return owner ? std::vector<std::string>{owner->uid} : std::vector<std::string>();
}

template <typename T> std::vector<std::string> namespaceOfOrphan(const T& object) {
    return object.metadata.controllerOf() ? std::vector<std::string>()
                                          : std::vector<std::string>{object.metadata.namespace_};
}

template <typename T> std::vector<std::string> namespaceOf(const T& object) {
    return {object.metadata.namespace_};
}

template <typename T> void indexOwned(client::Informer<T>& informer) {
    informer.addIndex(indexes::kController, controllerUid<T>);
    informer.addIndex(indexes::kOrphan, namespaceOfOrphan<T>);
    informer.addIndex(indexes::kNamespace, namespaceOf<T>);
}
} // namespace

View::View(client::InformerFactory& factory)
    : pods(factory.informer<api::Pod>("", "v1", "pods")),
      nodes(factory.informer<api::Node>("", "v1", "nodes")),
      namespaces(factory.informer<api::Namespace>("", "v1", "namespaces")),
      services(factory.informer<api::Service>("", "v1", "services")),
      serviceAccounts(factory.informer<api::ServiceAccount>("", "v1", "serviceaccounts")),
      endpoints(factory.informer<api::Endpoints>("", "v1", "endpoints")),
      replicationControllers(
          factory.informer<api::ReplicationController>("", "v1", "replicationcontrollers")),
      leases(factory.informer<api::Lease>("coordination.k8s.io", "v1", "leases")),
      endpointSlices(
          factory.informer<api::EndpointSlice>("discovery.k8s.io", "v1", "endpointslices")),
      deployments(factory.informer<api::Deployment>("apps", "v1", "deployments")),
      replicaSets(factory.informer<api::ReplicaSet>("apps", "v1", "replicasets")),
      jobs(factory.informer<api::Job>("batch", "v1", "jobs")),
      persistentVolumes(factory.informer<api::PersistentVolume>("", "v1", "persistentvolumes")),
      persistentVolumeClaims(
          factory.informer<api::PersistentVolumeClaim>("", "v1", "persistentvolumeclaims")),
      storageClasses(factory.informer<api::StorageClass>("storage.k8s.io", "v1", "storageclasses")),
      rootCas(factory.informer<api::ConfigMap>({"", "v1", "configmaps", "", "", ""},
                                               {"", "metadata.name=kube-root-ca.crt"})) {
    indexOwned(pods);
    pods.addIndex(indexes::kNode, [](const api::Pod& pod) {
        return pod.nodeName.empty() ? std::vector<std::string>()
                                    : std::vector<std::string>{pod.nodeName};
    });
    indexOwned(replicaSets);
    indexOwned(jobs);
    services.addIndex(indexes::kNamespace, namespaceOf<api::Service>);
    deployments.addIndex(indexes::kNamespace, namespaceOf<api::Deployment>);
    replicationControllers.addIndex(indexes::kNamespace, namespaceOf<api::ReplicationController>);
    endpointSlices.addIndex(indexes::kService, [](const api::EndpointSlice& slice) {
        const auto service = slice.metadata.labels.find("kubernetes.io/service-name");
        return service == slice.metadata.labels.end()
                   ? std::vector<std::string>()
                   : std::vector<std::string>{slice.metadata.namespace_ + "/" + service->second};
    });
    indexVolumes();
    follow("pods", pods);
    follow("nodes", nodes);
    follow("namespaces", namespaces);
    follow("services", services);
    follow("serviceaccounts", serviceAccounts);
    follow("endpoints", endpoints);
    follow("replicationcontrollers", replicationControllers);
    follow("leases.coordination.k8s.io", leases);
    follow("endpointslices.discovery.k8s.io", endpointSlices);
    follow("deployments.apps", deployments);
    follow("replicasets.apps", replicaSets);
    follow("jobs.batch", jobs);
    follow("persistentvolumes", persistentVolumes);
    follow("persistentvolumeclaims", persistentVolumeClaims);
    follow("storageclasses.storage.k8s.io", storageClasses);
    await(rootCas);
}

void View::indexVolumes() {
    pods.addIndex(indexes::kClaim, [](const api::Pod& pod) {
        std::vector<std::string> keys = api::claimsOf(pod.metadata, pod.volumes);
        for (std::string& key : keys)
            key = pod.metadata.namespace_ + "/" + key;
        return keys;
    });
    persistentVolumes.addIndex(indexes::kStorageClass, [](const api::PersistentVolume& volume) {
        return std::vector<std::string>{volume.storageClassName};
    });
    persistentVolumes.addIndex(indexes::kClaim, [](const api::PersistentVolume& volume) {
        return volume.claim ? std::vector<std::string>{volume.claim->key()}
                            : std::vector<std::string>();
    });
    persistentVolumeClaims.addIndex(indexes::kUnbound, [](const api::PersistentVolumeClaim& claim) {
        return claim.volumeName.empty() ? std::vector<std::string>{claim.storageClassName}
                                        : std::vector<std::string>();
    });
    persistentVolumeClaims.addIndex(indexes::kVolume, [](const api::PersistentVolumeClaim& claim) {
        return claim.volumeName.empty() ? std::vector<std::string>()
                                        : std::vector<std::string>{claim.volumeName};
    });
}

void View::onSynced() {
    if (--unsynced_ == 0)
        for (std::function<void()>& then : std::exchange(whenSynced_, {}))
            then();
}

void View::whenSynced(std::function<void()> then) {
    if (unsynced_ == 0)
        then();
    else
        whenSynced_.push_back(std::move(then));
}

CacheProgress* View::progress(const std::string& resource) {
    const auto at = progress_.find(resource);
    return at == progress_.end() ? nullptr : at->second.get();
}

} // namespace orrery::controllers
