// The inside of the scheduler: what its three files share. scheduler.cpp has the loop,
// cluster_events.cpp what it hears, binder.cpp what it writes.
#pragma once
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "core/api/views/apps_v1.h"
#include "core/api/views/discovery_v1.h"
#include "core/client/event_recorder.h"
#include "core/scheduler/plugins/volume_binding.h"
#include "core/scheduler/queue.h"
#include "core/scheduler/scheduler.h"
#include "core/scheduler/scheduling_cycle.h"

namespace orrery::scheduler {

inline constexpr const char* kSchedulerName = "default-scheduler";

// spec.selector and status of a policy/v1 PodDisruptionBudget.
struct BudgetView {
    api::ObjectMeta metadata;
    api::LabelSelector selector;
    std::int64_t disruptionsAllowed = 0;
    std::set<std::string> disruptedPods;
};
void decode(const Json& object, BudgetView& out);

// The informers that plugins ask through ClusterView.
class ClusterCaches final : public ClusterView {
  public:
    ClusterCaches(Env& env, client::Client& client, client::InformerFactory& informers);
    const api::StringMap& namespaceLabels(const std::string& name) const override;
    std::vector<std::string> namespacesMatching(const api::LabelSelector& selector) const override;
    std::optional<api::LabelSelector> siblings(const api::Pod& pod) const override;
    const Json* claim(const std::string& key) const override;
    const Json* volume(const std::string& name) const override;
    const Json* storageClass(const std::string& name) const override;
    std::string volumeReservedFor(const std::string& name) const override;
    std::vector<const Json*> volumesOfClass(const std::string& name) const override;
    std::vector<Budget> budgets(const std::string& namespace_) const override;

    client::Informer<api::Pod>& pods;
    client::Informer<api::Node>& nodes;
    client::Informer<api::Namespace>& namespaces;
    client::Informer<api::Service>& services;
    client::Informer<api::ReplicaSet>& replicaSets;
    client::Informer<api::StatefulSet>& statefulSets;
    client::Informer<api::ReplicationController>& replicationControllers;
    // The scheduler's own: nobody else reads these kinds by their metadata alone.
    client::Informer<api::MetadataOnly> claims, volumes, storageClasses;
    client::Informer<BudgetView> disruptionBudgets;
    std::map<std::string, std::string>
        reservedVolumes; // volume -> claim key, until the claim is bound
};

struct Scheduler::State : std::enable_shared_from_this<Scheduler::State> {
    State(Env& e, client::Client& c, client::InformerFactory& informers);

    // --- the loop (scheduler.cpp) ---
    bool ready() const { return unsynced == 0; } // every informer has its first list
    void wakeUp();                               // posts a slice of work when there is some
    void runSlice();
    bool scheduleNext(); // one pod's turn; false: nobody waits
    void finishTurn(QueuedPod& queued, CycleResult result, Duration took);
    void armTimer();
    const Placement& remember(Placement placement);
    void note(const Placement& placement, const std::string& decided, const std::string& error);
    void emitStation(Station station, const PodInfo& pod, const std::string& noteText,
                     std::int64_t revision);

    // --- what it hears (cluster_events.cpp) ---
    void listen();
    void onPod(const client::Cached<api::Pod>& current, const api::Pod* old);
    void onPodGone(const client::Cached<api::Pod>& last);
    void onPodOnNode(const client::Cached<api::Pod>& current, const api::Pod* old);
    void onNode(const client::Cached<api::Node>& current, const api::Node* old);
    void onNodeGone(const client::Cached<api::Node>& last);
    void onStorage(Happening what, const std::string& kind,
                   const client::Cached<api::MetadataOnly>& object);
    void happened(ClusterEvent event);

    // --- what it writes (binder.cpp) ---
    void bindVolumes(PodInfoPtr pod, const Placement& placement);
    void continueVolumes(const std::string& key);
    void bind(PodInfoPtr pod, const std::string& node, const std::string& because,
              std::int64_t wokenBy);
    void onBound(const PodInfoPtr& pod, const std::string& node, const WriteCause& cause);
    void onBindFailed(const PodInfoPtr& pod, const std::string& message, const WriteCause& cause);
    void undo(const PodInfoPtr& pod);
    void reportFailure(const PodInfo& pod, const std::string& reason, const std::string& message,
                       const std::optional<std::string>& nominatedNode, const WriteCause& cause);
    void preempt(const PodInfoPtr& pod, const CycleResult& result);
    void evict(const PodInfoPtr& victim, const PodInfoPtr& preemptor, const std::string& node);
    void patchStatus(const api::Pod& pod, Json status, WriteCause cause);
    void recordEvent(const api::Pod& pod, std::string type, std::string reason, std::string action,
                     std::string message, const api::Pod* related, const WriteCause& cause);

    Env& env;
    client::Client& client;
    ClusterCaches caches;
    Snapshot snapshot;
    SchedulingQueue queue;
    SchedulingCycle cycle;
    client::EventRecorder recorder;
    int unsynced = 0; // informers
    bool paused = false, stopped = false, slicePosted = false;
    TimerId timer = 0;
    Time timerAt{};
    std::int64_t steps = 0;
    std::deque<LoopStep> recent;
    std::list<Placement> placements; // newest first
    std::unordered_map<std::string, std::list<Placement>::iterator> placementAt;
    // Pods whose claims are on their way to a volume.
    struct AwaitingVolumes {
        PodInfoPtr pod;
        std::string node, because;
        std::int64_t wokenBy = 0;
        std::vector<VolumeStep> steps;
        TimerId deadline = 0;
    };
    std::map<std::string, AwaitingVolumes> awaitingVolumes; // by pod key
};

} // namespace orrery::scheduler
