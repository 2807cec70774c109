// What the scheduler hears of the cluster: pods into the queue, nodes and their pods into the
// snapshot, and whatever may unblock a waiting pod.
#include "core/scheduler/messages.h"
#include "core/scheduler/scheduler_state.h"

namespace orrery::scheduler {
namespace {

bool hasNode(const api::Pod& pod) {
    return !pod.nodeName.empty() && !pod.terminal();
}

bool waits(const api::Pod& pod) {
    return pod.nodeName.empty() && !pod.terminal() && !pod.metadata.deletionTimestamp &&
           (pod.schedulerName.empty() || pod.schedulerName == kSchedulerName);
}

bool sameTaints(const api::Node& a, const api::Node& b) {
    if (a.unschedulable != b.unschedulable || a.taints.size() != b.taints.size())
        return false;
    for (std::size_t at = 0; at < a.taints.size(); ++at)
        if (a.taints[at].key != b.taints[at].key || a.taints[at].value != b.taints[at].value ||
            a.taints[at].effect != b.taints[at].effect)
            return false;
    return true;
}

bool sameImages(const api::Node& a, const api::Node& b) {
    if (a.images.size() != b.images.size())
        return false;
    for (std::size_t at = 0; at < a.images.size(); ++at)
        if (a.images[at].names != b.images[at].names ||
            a.images[at].sizeBytes != b.images[at].sizeBytes)
            return false;
    return true;
}

// A pod that only begins to terminate holds its room until it is gone.
bool sameDemands(const api::Pod& a, const api::Pod& b) {
    return a.metadata.labels == b.metadata.labels && a.requests() == b.requests();
}

// The hooks of an informer, safe against the scheduler's end.
template <typename T, typename State>
client::Handler<T> handlerFor(const std::shared_ptr<State>& state,
                              void (State::*onChange)(const client::Cached<T>&, const T*),
                              void (State::*onGone)(const client::Cached<T>&)) {
    const std::weak_ptr<State> weak = state;
    client::Handler<T> handler;
    handler.onAdd = [weak, onChange](const client::Cached<T>& current) {
        if (const auto self = weak.lock(); self && !self->stopped)
            ((*self).*onChange)(current, nullptr);
    };
    handler.onUpdate = [weak, onChange](const client::Cached<T>& old,
                                        const client::Cached<T>& current) {
        if (const auto self = weak.lock(); self && !self->stopped)
            ((*self).*onChange)(current, old.view.get());
    };
    handler.onDelete = [weak, onGone](const client::Cached<T>& last) {
        if (const auto self = weak.lock(); self && !self->stopped)
            ((*self).*onGone)(last);
    };
    handler.onBatchEnd = [weak] {
        if (const auto self = weak.lock(); self && !self->stopped)
            self->wakeUp();
    };
    return handler;
}

} // namespace

void Scheduler::State::listen() {
    const std::weak_ptr<State> weak = weak_from_this();
    caches.nodes.addHandler(handlerFor(shared_from_this(), &State::onNode, &State::onNodeGone));
    caches.pods.addHandler(handlerFor(shared_from_this(), &State::onPod, &State::onPodGone));
    const auto storage = [weak](client::Informer<api::MetadataOnly>& informer, Happening what,
                                const char* kind) {
        client::Handler<api::MetadataOnly> handler;
        const auto heard = [weak, what, kind](const client::Cached<api::MetadataOnly>& object) {
            if (const auto self = weak.lock(); self && !self->stopped)
                self->onStorage(what, kind, object);
        };
        handler.onAdd = heard;
        handler.onUpdate = [heard](const client::Cached<api::MetadataOnly>&,
                                   const client::Cached<api::MetadataOnly>& current) {
            heard(current);
        };
        informer.addHandler(std::move(handler));
    };
    storage(caches.claims, Happening::Claim, "PersistentVolumeClaim");
    storage(caches.volumes, Happening::Volume, "PersistentVolume");
    storage(caches.storageClasses, Happening::StorageClass, "StorageClass");
    client::Handler<api::Namespace> namespaces;
    const auto heardNamespace = [weak](const client::Cached<api::Namespace>& current) {
        if (const auto self = weak.lock(); self && !self->stopped)
            self->happened({.what = static_cast<std::uint32_t>(Happening::Namespace),
                            .object = current.view->metadata.name,
                            .text = "Namespace " + current.view->metadata.name + " changed",
                            .revision = current.revision});
    };
    namespaces.onAdd = heardNamespace;
    namespaces.onUpdate = [heardNamespace](const client::Cached<api::Namespace>& old,
                                           const client::Cached<api::Namespace>& current) {
        if (old.view->metadata.labels != current.view->metadata.labels)
            heardNamespace(current);
    };
    caches.namespaces.addHandler(std::move(namespaces));
    const auto await = [this, weak](auto& informer) {
        ++unsynced;
        informer.whenSynced([weak] {
            if (const auto self = weak.lock(); self && !self->stopped) {
                --self->unsynced;
                self->wakeUp();
            }
        });
    };
    await(caches.nodes);
    await(caches.pods);
    await(caches.namespaces);
    await(caches.services);
    await(caches.replicaSets);
    await(caches.statefulSets);
    await(caches.replicationControllers);
    await(caches.claims);
    await(caches.volumes);
    await(caches.storageClasses);
    await(caches.disruptionBudgets);
}

void Scheduler::State::happened(ClusterEvent event) {
    if (queue.onEvent(event) > 0)
        wakeUp();
}

void Scheduler::State::onPod(const client::Cached<api::Pod>& current, const api::Pod* old) {
    const api::Pod& pod = *current.view;
    const std::string key = pod.metadata.namespacedName();
    if (hasNode(pod)) {
        onPodOnNode(current, old);
        return;
    }
    const Snapshot::Place* place = snapshot.placeOf(key);
    const bool replaced = place && place->pod->pod->metadata.uid != pod.metadata.uid;
    if (place && (!place->assumed || pod.terminal() || replaced)) {
        const PodInfoPtr gone = place->pod;
        snapshot.removePod(key);
        happened({.what = static_cast<std::uint32_t>(Happening::PodGone),
                  .pod = gone.get(),
                  .text = "Pod " + key + (pod.terminal() ? " ended" : " left its node"),
                  .revision = current.revision});
    }
    if (!waits(pod)) {
        queue.remove(key);
        snapshot.removeNomination(key);
        return;
    }
    const bool isNew = queue.find(key) == nullptr;
    PodInfoPtr info = makePodInfo(current.view);
    if (!pod.nominatedNodeName.empty() && !snapshot.nominationOf(key) && !snapshot.placeOf(key))
        snapshot.nominate(info, pod.nominatedNodeName);
    queue.upsert(info, "Pod " + key + (isNew ? " was added" : " changed"), current.revision);
    if (!isNew)
        return;
    emitStation(Station::Queued, *info, "", current.revision);
    // Normally the API server has written this when the pod was made.
    if (!pod.schedulingGates.empty() && !findCondition(pod.conditions, "PodScheduled"))
        reportFailure(*info, "SchedulingGated", std::string(kGatedMessage), std::nullopt,
                      {.actor = "",
                       .because = "it has scheduling gates",
                       .request = "",
                       .userAgent = "",
                       .wokenBy = current.revision});
}

void Scheduler::State::onPodOnNode(const client::Cached<api::Pod>& current, const api::Pod* old) {
    const api::Pod& pod = *current.view;
    PodInfoPtr info = makePodInfo(current.view);
    const std::string& key = info->key;
    queue.remove(key);
    snapshot.removeNomination(key);
    const Snapshot::Place* place = snapshot.placeOf(key);
    const NodeInfo* node = place ? snapshot.at(place->slot) : nullptr;
    const PodInfoPtr before = place ? place->pod : nullptr;
    const bool stays = before && node && node->name == pod.nodeName &&
                       before->pod->metadata.uid == pod.metadata.uid &&
                       weighsTheSame(*before->pod, pod);
    if (stays)
        snapshot.refreshPod(info);
    else
        snapshot.addPod(info, pod.nodeName, false);
    ClusterEvent event{.pod = info.get(), .oldPod = before.get(), .revision = current.revision};
    if (!old || !hasNode(*old)) {
        event.what = static_cast<std::uint32_t>(Happening::PodBound);
        event.text = "Pod " + key + " came to node " + pod.nodeName;
    } else if (!stays && before && !sameDemands(*before->pod, pod)) {
        event.what = Happening::PodLabels | Happening::PodGone; // other labels, or it asks for less
        event.text = "Pod " + key + " changed";
    }
    if (event.what != 0)
        happened(std::move(event));
}

void Scheduler::State::onPodGone(const client::Cached<api::Pod>& last) {
    const std::string key = last.view->metadata.namespacedName();
    queue.remove(key);
    snapshot.removeNomination(key);
    if (const auto waiting = awaitingVolumes.find(key); waiting != awaitingVolumes.end()) {
        for (const VolumeStep& step : waiting->second.steps)
            caches.reservedVolumes.erase(step.volume);
        env.executor.cancel(waiting->second.deadline);
        awaitingVolumes.erase(waiting);
    }
    const Snapshot::Place* place = snapshot.placeOf(key);
    if (!place)
        return;
    const PodInfoPtr gone = place->pod;
    snapshot.removePod(key);
    happened({.what = static_cast<std::uint32_t>(Happening::PodGone),
              .pod = gone.get(),
              .text = "Pod " + key + " was deleted",
              .revision = last.revision});
}

void Scheduler::State::onNode(const client::Cached<api::Node>& current, const api::Node* old) {
    const api::Node& node = *current.view;
    ClusterEvent event{.node = &node, .oldNode = old, .revision = current.revision};
    event.text = "Node " + node.metadata.name + (old ? " changed" : " was added");
    if (!old) {
        event.what = static_cast<std::uint32_t>(Happening::NodeAdded);
    } else {
        if (old->allocatable != node.allocatable)
            event.what = event.what | Happening::NodeAllocatable;
        if (old->metadata.labels != node.metadata.labels)
            event.what = event.what | Happening::NodeLabels;
        if (!sameTaints(*old, node))
            event.what = event.what | Happening::NodeTaints;
        if (event.what == 0 && sameImages(*old, node))
            return; // a heartbeat: nothing that the scheduler reads
    }
    snapshot.upsertNode(current.view);
    if (event.what != 0)
        happened(std::move(event));
}

void Scheduler::State::onNodeGone(const client::Cached<api::Node>& last) {
    snapshot.removeNode(last.view->metadata.name);
    happened({.what = static_cast<std::uint32_t>(Happening::NodeDeleted),
              .node = last.view.get(),
              .text = "Node " + last.view->metadata.name + " was deleted",
              .revision = last.revision});
}

void Scheduler::State::onStorage(Happening what, const std::string& kind,
                                 const client::Cached<api::MetadataOnly>& object) {
    const std::string key = object.view->metadata.namespacedName();
    if (what == Happening::Claim)
        continueVolumes(key);
    happened({.what = static_cast<std::uint32_t>(what),
              .object = key,
              .text = kind + " " + key + " came or changed",
              .revision = object.revision});
}

} // namespace orrery::scheduler
