// What the scheduler writes: bindings (DefaultBinder), the volumes before them, conditions and
// events of pods that fit nowhere, and evictions.
#include "core/scheduler/messages.h"
#include "core/scheduler/scheduler_state.h"

namespace orrery::scheduler {
namespace {

constexpr const char* kFieldManager = "kube-scheduler";
constexpr Duration kVolumesWithin = std::chrono::seconds(600);

client::ResourcePath podPath(const api::Pod& pod, std::string subresource) {
    return {"", "v1", "pods", pod.metadata.namespace_, pod.metadata.name, std::move(subresource)};
}

client::Request request(std::string verb, client::ResourcePath path, WriteCause cause) {
    client::Request made;
    made.verb = std::move(verb);
    made.path = std::move(path);
    made.fieldManager = kFieldManager;
    made.cause = std::move(cause);
    return made;
}

// Answers that nobody waits for: the next event or turn puts right what failed.
void logFailure(const char* what, const std::string& key, const Result<client::Response>& answer) {
    if (!answer && answer.error().reason != Reason::NotFound &&
        answer.error().reason != Reason::Conflict)
        logLine(LogLevel::Warning, "scheduler",
                std::string(what) + " of " + key + ": " + answer.error().message);
}

} // namespace

// --- binding
// ---------------------------------------------------------------------------------------------

// Claims that wait for their first consumer get their volumes first; the binding follows when all
// are bound.
void Scheduler::State::bindVolumes(PodInfoPtr pod, const Placement& placement) {
    const NodeInfo* node = snapshot.byName(placement.node);
    VolumePlan plan;
    if (!pod->claims.empty() && node)
        plan = planVolumes({*pod, snapshot, caches}, *node);
    if (plan.steps.empty()) {
        bind(std::move(pod), placement.node, placement.because, placement.wokenBy);
        return;
    }
    const WriteCause cause{"", "pod " + pod->key + " goes to node " + placement.node, "", "",
                           placement.wokenBy};
    for (const VolumeStep& step : plan.steps) {
        const std::size_t slash = step.claim.find('/');
        const std::string namespace_ = step.claim.substr(0, slash),
                          name = step.claim.substr(slash + 1);
        client::Request made;
        Json body = JsonObject();
        if (step.volume.empty()) {
            made =
                request("patch", {"", "v1", "persistentvolumeclaims", namespace_, name, ""}, cause);
            body = JsonObject{
                {"metadata",
                 JsonObject{{"annotations",
                             JsonObject{{"volume.kubernetes.io/selected-node", placement.node}}}}}};
        } else {
            caches.reservedVolumes[step.volume] = step.claim;
            made = request("patch", {"", "v1", "persistentvolumes", "", step.volume, ""}, cause);
            const Json* claim = caches.claim(step.claim);
            JsonObject reference{{"kind", "PersistentVolumeClaim"},
                                 {"apiVersion", "v1"},
                                 {"namespace", namespace_},
                                 {"name", name}};
            if (claim) {
                reference["uid"] = stringAt(*claim, "metadata.uid");
                reference["resourceVersion"] = stringAt(*claim, "metadata.resourceVersion");
            }
            body = JsonObject{
                {"metadata",
                 JsonObject{
                     {"annotations", JsonObject{{"pv.kubernetes.io/bound-by-controller", "yes"}}}}},
                {"spec", JsonObject{{"claimRef", std::move(reference)}}}};
        }
        made.patchType = client::PatchType::Merge;
        made.body = std::move(body);
        client.send(std::move(made), [weak = weak_from_this(), pod,
                                      cause](Result<client::Response> answer) {
            const auto self = weak.lock();
            if (self && !self->stopped && !answer && self->awaitingVolumes.count(pod->key) > 0)
                self->onBindFailed(
                    pod, "running PreBind plugin \"VolumeBinding\": " + answer.error().message,
                    cause);
        });
    }
    AwaitingVolumes waiting{pod, placement.node, placement.because, placement.wokenBy, plan.steps,
                            0};
    waiting.deadline =
        env.executor.postAt(env.now() + kVolumesWithin, [weak = weak_from_this(), pod, cause] {
            const auto self = weak.lock();
            if (self && !self->stopped && self->awaitingVolumes.count(pod->key) > 0)
                self->onBindFailed(
                    pod,
                    "running PreBind plugin \"VolumeBinding\": binding volumes: context deadline "
                    "exceeded",
                    cause);
        });
    awaitingVolumes[pod->key] = std::move(waiting);
}

// A claim changed: pods whose claims are all bound go on.
void Scheduler::State::continueVolumes(const std::string& key) {
    std::vector<AwaitingVolumes> complete;
    for (auto at = awaitingVolumes.begin(); at != awaitingVolumes.end();) {
        bool concerned = false, bound = true;
        for (const VolumeStep& step : at->second.steps) {
            const Json* claim = caches.claim(step.claim);
            concerned = concerned || step.claim == key;
            bound = bound && claim && claimIsBound(*claim);
        }
        if (!concerned || !bound) {
            ++at;
            continue;
        }
        env.executor.cancel(at->second.deadline);
        for (const VolumeStep& step : at->second.steps)
            caches.reservedVolumes.erase(step.volume);
        complete.push_back(std::move(at->second));
        at = awaitingVolumes.erase(at);
    }
    for (AwaitingVolumes& one : complete)
        bind(one.pod, one.node, one.because, one.wokenBy);
}

void Scheduler::State::bind(PodInfoPtr pod, const std::string& node, const std::string& because,
                            std::int64_t wokenBy) {
    const WriteCause cause{"", because, "", "", wokenBy};
    client::Request made = request("create", podPath(*pod->pod, "binding"), cause);
    made.body = JsonObject{{"apiVersion", "v1"},
                           {"kind", "Binding"},
                           {"metadata", JsonObject{{"name", pod->pod->metadata.name},
                                                   {"namespace", pod->pod->metadata.namespace_},
                                                   {"uid", pod->pod->metadata.uid}}},
                           {"target", JsonObject{{"kind", "Node"}, {"name", node}}}};
    client.send(std::move(made), [weak = weak_from_this(), pod, node,
                                  cause](Result<client::Response> answer) {
        const auto self = weak.lock();
        if (!self || self->stopped)
            return;
        if (answer)
            self->onBound(pod, node, cause);
        else if (answer.error().reason == Reason::NotFound)
            self->undo(pod); // deleted meanwhile; the informer takes it from the queue
        else
            self->onBindFailed(
                pod, "running Bind plugin \"DefaultBinder\": " + answer.error().message, cause);
    });
}

void Scheduler::State::onBound(const PodInfoPtr& pod, const std::string& node,
                               const WriteCause& cause) {
    if (const QueuedPod* queued = queue.find(pod->key);
        queued && queued->info->pod->metadata.uid == pod->pod->metadata.uid)
        queue.remove(pod->key);
    recordEvent(*pod->pod, "Normal", "Scheduled", "Binding",
                "Successfully assigned " + pod->key + " to " + node, nullptr, cause);
}

// Takes an assumed pod off its node again.
void Scheduler::State::undo(const PodInfoPtr& pod) {
    if (const auto waiting = awaitingVolumes.find(pod->key); waiting != awaitingVolumes.end()) {
        env.executor.cancel(waiting->second.deadline);
        for (const VolumeStep& step : waiting->second.steps)
            caches.reservedVolumes.erase(step.volume);
        awaitingVolumes.erase(waiting);
    }
    const Snapshot::Place* place = snapshot.placeOf(pod->key);
    if (!place || !place->assumed || place->pod->pod->metadata.uid != pod->pod->metadata.uid)
        return;
    snapshot.removePod(pod->key);
    happened({.what = static_cast<std::uint32_t>(Happening::PodGone),
              .pod = pod.get(),
              .text = "Pod " + pod->key + " could not be bound"});
}

void Scheduler::State::onBindFailed(const PodInfoPtr& pod, const std::string& message,
                                    const WriteCause& cause) {
    undo(pod);
    if (const auto known = placementAt.find(pod->key); known != placementAt.end())
        known->second->bindError = message;
    const QueuedPod* queued = queue.find(pod->key);
    if (!queued || queued->info->pod->metadata.uid != pod->pod->metadata.uid)
        return; // it has a node, or is gone
    const PodInfoPtr current = queued->info;
    queue.onError(pod->key, "SchedulerError", message);
    reportFailure(*current, "SchedulerError", message, std::nullopt,
                  {"", message, "", "", cause.wokenBy});
    wakeUp();
}

// --- pods that fit nowhere
// -----------------------------------------------------------------------------------

// The event, and the condition PodScheduled. `nominatedNode`: status.nominatedNodeName as it shall
// be; nullopt: as is.
void Scheduler::State::reportFailure(const PodInfo& pod, const std::string& reason,
                                     const std::string& message,
                                     const std::optional<std::string>& nominatedNode,
                                     const WriteCause& cause) {
    const api::Pod& view = *pod.pod;
    if (reason != "SchedulingGated")
        recordEvent(view, "Warning", "FailedScheduling", "Scheduling", eventNote(message), nullptr,
                    cause);
    const api::Condition* old = findCondition(view.conditions, "PodScheduled");
    JsonObject status;
    if (!old || old->status != "False" || old->reason != reason || old->message != message ||
        old->observedGeneration != view.metadata.generation) {
        const bool flipped = !old || old->status != "False";
        JsonObject condition{
            {"type", "PodScheduled"},
            {"observedGeneration", view.metadata.generation},
            {"status", "False"},
            {"lastProbeTime", nullptr},
            {"lastTransitionTime", formatTime(flipped ? env.now() : old->lastTransitionTime)},
            {"reason", reason},
            {"message", message}};
        status["conditions"] = JsonArray{std::move(condition)};
    }
    if (nominatedNode && *nominatedNode != view.nominatedNodeName)
        status["nominatedNodeName"] = nominatedNode->empty() ? Json(nullptr) : Json(*nominatedNode);
    if (!status.empty())
        patchStatus(view, std::move(status), cause);
}

void Scheduler::State::patchStatus(const api::Pod& pod, Json status, WriteCause cause) {
    client::Request made = request("patch", podPath(pod, "status"), std::move(cause));
    made.patchType = client::PatchType::StrategicMerge;
    made.body = JsonObject{{"metadata", JsonObject{{"uid", pod.metadata.uid}}},
                           {"status", std::move(status)}};
    client.send(std::move(made),
                [key = pod.metadata.namespacedName()](Result<client::Response> answer) {
                    logFailure("status", key, answer);
                });
}

void Scheduler::State::recordEvent(const api::Pod& pod, std::string type, std::string reason,
                                   std::string action, std::string message, const api::Pod* related,
                                   const WriteCause& cause) {
    client::EventText text;
    text.type = std::move(type);
    text.reason = std::move(reason);
    text.action = std::move(action);
    text.message = std::move(message);
    if (related)
        text.related = client::referenceTo("v1", "Pod", related->metadata);
    recorder.record(client::referenceTo("v1", "Pod", pod.metadata), std::move(text), cause);
}

// --- preemption
// ----------------------------------------------------------------------------------------------

void Scheduler::State::preempt(const PodInfoPtr& pod, const CycleResult& result) {
    if (!result.preempted)
        return;
    const std::string& node = result.placement.nominatedNode;
    if (node.empty()) {
        snapshot.removeNomination(pod->key);
        return;
    }
    snapshot.nominate(pod, node);
    for (const PodInfoPtr& victim : result.victims)
        evict(victim, pod, node);
    for (const std::string& key : result.outbid) {
        snapshot.removeNomination(key);
        if (const auto* cached = caches.pods.get(key);
            cached && !cached->view->nominatedNodeName.empty())
            patchStatus(*cached->view, JsonObject{{"nominatedNodeName", nullptr}},
                        {"",
                         "pod " + pod->key + " of higher priority takes the room on node " + node,
                         "", "", result.placement.wokenBy});
    }
}

void Scheduler::State::evict(const PodInfoPtr& victim, const PodInfoPtr& preemptor,
                             const std::string& node) {
    const api::Pod& view = *victim->pod;
    if (view.metadata.deletionTimestamp)
        return; // it goes already
    WriteCause cause;
    cause.because = "pod " + preemptor->key + " of higher priority needs room on node " + node;
    cause.wokenBy = preemptor->pod->metadata.resourceVersion;
    const api::Condition* old = findCondition(view.conditions, "DisruptionTarget");
    if (!old || old->status != "True" || old->reason != "PreemptionByScheduler") {
        const std::string at = formatTime(env.now());
        JsonObject condition{
            {"type", "DisruptionTarget"},
            {"observedGeneration", view.metadata.generation},
            {"status", "True"},
            {"lastProbeTime", nullptr},
            {"lastTransitionTime", at},
            {"reason", "PreemptionByScheduler"},
            {"message", "default-scheduler: preempting to accommodate a higher priority pod"}};
        patchStatus(view, JsonObject{{"conditions", JsonArray{std::move(condition)}}}, cause);
    }
    client::Request made = request("delete", podPath(view, ""), cause);
    made.body = JsonObject{{"apiVersion", "v1"},
                           {"kind", "DeleteOptions"},
                           {"preconditions", JsonObject{{"uid", view.metadata.uid}}}};
    client.send(std::move(made), [key = victim->key](Result<client::Response> answer) {
        logFailure("eviction", key, answer);
    });
    recordEvent(view, "Normal", "Preempted", "Preempting",
                "Preempted by pod " + preemptor->pod->metadata.uid + " on node " + node,
                preemptor->pod.get(), cause);
}

} // namespace orrery::scheduler
