// Node lifecycle: what a node's silence and conditions mean for it and for its pods.
#include <algorithm>

#include "core/controllers/controllers.h"
#include "core/controllers/pods.h"

namespace orrery::controllers {

namespace {
// Kubernetes v1.36's defaults.
constexpr Duration kGrace = 50s;        // --node-monitor-grace-period
constexpr Duration kStartupGrace = 60s; // --node-startup-grace-period
constexpr Duration kEvictionPace = 10s; // --node-eviction-rate 0.1
constexpr Duration kSlowPace = 100s;    // --secondary-node-eviction-rate 0.01
constexpr std::size_t kLargeZone = 50;  // --large-cluster-size-threshold
constexpr double kUnhealthyZone = 0.55; // --unhealthy-zone-threshold
constexpr const char* kNotReady = "node.kubernetes.io/not-ready";
constexpr const char* kUnreachable = "node.kubernetes.io/unreachable";
constexpr const char* kZoneHealth = "zone-health"; // index: zone, "ready" or "other"

struct ConditionTaint {
    const char* condition;
    const char* status;
    const char* taint;
};
constexpr ConditionTaint kTaints[] = {
    {"Ready", "False", kNotReady},
    {"Ready", "Unknown", kUnreachable},
    {"MemoryPressure", "True", "node.kubernetes.io/memory-pressure"},
    {"DiskPressure", "True", "node.kubernetes.io/disk-pressure"},
    {"NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"},
    {"PIDPressure", "True", "node.kubernetes.io/pid-pressure"},
};
constexpr const char* kUnschedulable = "node.kubernetes.io/unschedulable";

// What is remembered of nodes between runs.
struct Memory {
    struct Known {
        Time probed{};    // when a sign of life was seen
        Time heartbeat{}; // of the Ready condition then
        bool registered = false;
    };
    std::map<std::string, Known> nodes;
    std::map<std::string, Time> nextEviction; // by zone
};

std::string zoneOf(const api::Node& node) {
    const auto label = [&node](const char* key) {
        const auto at = node.metadata.labels.find(key);
        return at == node.metadata.labels.end() ? std::string() : at->second;
    };
    return label("topology.kubernetes.io/region") + "/" + label("topology.kubernetes.io/zone");
}

Said saidOf(const api::ObjectMeta& node, const char* reason, std::string message) {
    return {client::referenceTo("v1", "Node", node),
            {"Normal", reason, std::move(message), "", {}, {}}};
}

client::ResourcePath nodePath(const std::string& name, const char* subresource = "") {
    return {"", "v1", "nodes", "", name, subresource};
}

// --- silence
// -----------------------------------------------------------------------------------------------

// The conditions after too long a silence; null when nothing changes.
Json silentConditions(const api::Node& node, const Json& object, Time now) {
    JsonArray conditions = arrayAt(object, "status.conditions");
    bool changed = false;
    for (const char* type : {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"}) {
        const auto at = std::find_if(conditions.begin(), conditions.end(), [type](const Json& one) {
            return stringAt(one, "type") == type;
        });
        if (at == conditions.end()) {
            conditions.push_back(
                JsonObject{{"type", type},
                           {"status", "Unknown"},
                           {"lastHeartbeatTime", formatTime(node.metadata.creationTimestamp)},
                           {"lastTransitionTime", formatTime(now)},
                           {"reason", "NodeStatusNeverUpdated"},
                           {"message", "Kubelet never posted node status."}});
            changed = true;
        } else if (stringAt(*at, "status") != "Unknown") {
            JsonObject& condition = at->as_object();
            condition["status"] = "Unknown";
            condition["reason"] = "NodeStatusUnknown";
            condition["message"] = "Kubelet stopped posting node status.";
            condition["lastTransitionTime"] = formatTime(now);
            changed = true;
        }
    }
    return changed ? Json(std::move(conditions)) : Json();
}

void watchSilence(const api::Node& node, const Json& object, Memory::Known& known, Time now,
                  Outcome& out) {
    const api::Condition* ready = api::findCondition(node.conditions, "Ready");
    if (ready && (ready->lastHeartbeatTime != known.heartbeat || known.probed == Time{})) {
        known.heartbeat = ready->lastHeartbeatTime;
        known.probed = now;
    }
    const Time since =
        ready ? known.probed : std::max(known.probed, node.metadata.creationTimestamp);
    const Time end = since + (ready ? kGrace : kStartupGrace);
    if (end > now) {
        out.requeueAfter = end - now;
        return;
    }
    Json conditions = silentConditions(node, object, now);
    if (conditions.is_null())
        return;
    out.actions.push_back(patchObject(
        nodePath(node.metadata.name, "status"),
        JsonObject{{"status", JsonObject{{"conditions", std::move(conditions)}}}},
        "its kubelet has been silent for " + std::to_string((now - since) / 1s) + " s"));
    if (ready && ready->status == "True")
        out.events.push_back(saidOf(node.metadata, "NodeNotReady",
                                    "Node " + node.metadata.name + " status is now: NodeNotReady"));
}

// --- taints
// ------------------------------------------------------------------------------------------------

std::set<std::string> wantedNoSchedule(const api::Node& node) {
    std::set<std::string> out;
    for (const ConditionTaint& row : kTaints) {
        const api::Condition* condition = api::findCondition(node.conditions, row.condition);
        if (condition && condition->status == row.status)
            out.insert(row.taint);
    }
    if (node.unschedulable)
        out.insert(kUnschedulable);
    return out;
}

bool managedNoSchedule(std::string_view key) {
    return key == kUnschedulable ||
           std::any_of(std::begin(kTaints), std::end(kTaints),
                       [key](const ConditionTaint& row) { return key == row.taint; });
}

// The taint that makes pods leave; "" for a healthy node.
std::string wantedNoExecute(const api::Node& node) {
    const api::Condition* ready = api::findCondition(node.conditions, "Ready");
    if (!ready || ready->status == "True")
        return "";
    return ready->status == "False" ? kNotReady : kUnreachable;
}

enum class ZoneState : std::uint8_t { Normal, Partial, Full };

ZoneState zoneState(const View& view, const std::string& zone, std::size_t& size) {
    const std::size_t ready = view.nodes.byIndex(kZoneHealth, zone + "|ready").size();
    const std::size_t other = view.nodes.byIndex(kZoneHealth, zone + "|other").size();
    size = ready + other;
    if (ready == 0 && other > 0)
        return ZoneState::Full;
    return other > 2 && static_cast<double>(other) >= kUnhealthyZone * static_cast<double>(size)
               ? ZoneState::Partial
               : ZoneState::Normal;
}

bool allZonesDead(const View& view) {
    return view.nodes.byIndex(kZoneHealth, "ready").empty();
}

// When the next node of the zone may have its pods evicted; nothing: not as long as the zone is
// like this.
std::optional<Time> evictionTime(const View& view, const std::string& zone, Memory& memory,
                                 Time now) {
    std::size_t size = 0;
    const ZoneState state = zoneState(view, zone, size);
    if (allZonesDead(view) || (state == ZoneState::Partial && size <= kLargeZone))
        return std::nullopt;
    const auto at = memory.nextEviction.find(zone);
    if (at != memory.nextEviction.end() && at->second > now)
        return at->second;
    memory.nextEviction[zone] = now + (state == ZoneState::Partial ? kSlowPace : kEvictionPace);
    return now;
}

Json taintJson(const std::string& key, const char* effect, Time now) {
    return JsonObject{{"key", key}, {"effect", effect}, {"timeAdded", formatTime(now)}};
}

void settleTaints(const api::Node& node, const Json& object, const View& view, Memory& memory,
                  Time now, Outcome& out) {
    std::set<std::string> noSchedule = wantedNoSchedule(node);
    const std::string noExecute = wantedNoExecute(node);
    JsonArray taints;
    bool changed = false, leaving = noExecute.empty();
    for (const Json& taint : arrayAt(object, "spec.taints")) {
        const std::string_view key = stringAt(taint, "key"), effect = stringAt(taint, "effect");
        bool keep = true;
        if (effect == "NoSchedule" && managedNoSchedule(key))
            keep = noSchedule.erase(std::string(key)) != 0;
        else if (effect == "NoExecute" && (key == kNotReady || key == kUnreachable)) {
            keep = key == noExecute;
            leaving |= keep;
        }
        if (keep)
            taints.push_back(taint);
        changed |= !keep;
    }
    for (const std::string& key : noSchedule) {
        taints.push_back(taintJson(key, "NoSchedule", now));
        changed = true;
    }
    if (!leaving) {
        const std::optional<Time> at = evictionTime(view, zoneOf(node), memory, now);
        if (at && *at <= now) {
            taints.push_back(taintJson(noExecute, "NoExecute", now));
            changed = true;
        } else {
            const Duration wait = at ? *at - now : kEvictionPace;
            out.requeueAfter = out.requeueAfter ? std::min(*out.requeueAfter, wait) : wait;
        }
    }
    if (!changed)
        return;
    JsonObject patch{
        {"metadata",
         JsonObject{{"resourceVersion", std::to_string(node.metadata.resourceVersion)}}},
        {"spec", JsonObject{{"taints", taints.empty() ? Json() : Json(std::move(taints))}}}};
    out.actions.push_back(patchObject(nodePath(node.metadata.name), std::move(patch),
                                      noExecute.empty()
                                          ? "its taints follow its conditions"
                                          : "it is " + noExecute.substr(noExecute.find('/') + 1)));
}

// --- its pods
// ----------------------------------------------------------------------------------------------

// Nobody can vouch for the pods of a node that is not ready.
void markPodsNotReady(const api::Node& node, const View& view, Time now, Outcome& out) {
    const api::Condition* ready = api::findCondition(node.conditions, "Ready");
    if (!ready || ready->status == "True")
        return;
    for (const std::string& key : view.pods.byIndex(indexes::kNode, node.metadata.name)) {
        const client::Cached<api::Pod>& pod = *view.pods.get(key);
        const std::optional<Time> since = podReadySince(*pod.view);
        if (!since ||
            *since > ready->lastTransitionTime) // its kubelet said so after the change: believed
            continue;
        JsonArray conditions = arrayAt(pod.encoded->tree(), "status.conditions");
        for (Json& condition : conditions)
            if (stringAt(condition, "type") == "Ready") {
                condition.as_object()["status"] = "False";
                condition.as_object()["lastTransitionTime"] = formatTime(now);
            }
        const api::ObjectMeta& metadata = pod.view->metadata;
        client::ResourcePath path = podPath(metadata.namespace_, metadata.name);
        path.subresource = "status";
        Action action = patchObject(
            path,
            JsonObject{{"metadata",
                        JsonObject{{"resourceVersion", std::to_string(metadata.resourceVersion)}}},
                       {"status", JsonObject{{"conditions", std::move(conditions)}}}},
            "its node " + node.metadata.name + " is not ready");
        action.whenDone = Said{client::referenceTo("v1", "Pod", metadata),
                               {"Warning", "NodeNotReady", "Node is not ready", "", {}, {}}};
        out.actions.push_back(std::move(action));
    }
}

Outcome reconcile(const client::Cached<api::Node>& cached, const View& view, Memory& memory,
                  Time now) {
    Outcome out;
    const api::Node& node = *cached.view;
    Memory::Known& known = memory.nodes[node.metadata.name];
    if (!std::exchange(known.registered, true))
        out.events.push_back(saidOf(node.metadata, "RegisteredNode",
                                    "Node " + node.metadata.name + " event: Registered Node " +
                                        node.metadata.name + " in Controller"));
    const Json& object = cached.encoded->tree();
    watchSilence(node, object, known, now, out);
    settleTaints(node, object, view, memory, now, out);
    markPodsNotReady(node, view, now, out);
    return out;
}

Outcome removed(const std::string& name, Memory& memory) {
    Outcome out;
    const auto known = memory.nodes.find(name);
    if (known == memory.nodes.end() || !known->second.registered)
        return out;
    memory.nodes.erase(known);
    api::ObjectMeta gone;
    gone.name = gone.uid = name; // Kubernetes, too, has only the name left
    out.events.push_back(
        saidOf(gone, "RemovingNode",
               "Node " + name + " event: Removing Node " + name + " from Controller"));
    return out;
}
} // namespace

ControllerDef nodeLifecycleController(View& view, const Clock& clock) {
    const auto memory = std::make_shared<Memory>();
    view.nodes.addIndex(kZoneHealth, [](const api::Node& node) {
        const char* health = node.ready() ? "ready" : "other";
        return std::vector<std::string>{zoneOf(node) + "|" + health, health};
    });
    ControllerDef def;
    def.name = "node-lifecycle-controller";
    def.component = def.user = "node-controller";
    def.watch = [&view, &clock, memory](Wakes& wakes) {
        wakes.each(view.nodes, "Node");
        // A lease's renewal is only noted; the node's timer looks at it.
        const auto note = [&clock, memory](const client::Cached<api::Lease>& lease) {
            if (lease.view->metadata.namespace_ == "kube-node-lease")
                memory->nodes[lease.view->metadata.name].probed = clock.now();
        };
        client::Handler<api::Lease> handler;
        handler.onAdd = note;
        handler.onUpdate = [note](const client::Cached<api::Lease>& old,
                                  const client::Cached<api::Lease>& lease) {
            if (old.view->renewTime != lease.view->renewTime)
                note(lease);
        };
        wakes.on(view.leases, std::move(handler));
    };
    def.reconcile = [&view, memory](const std::string& key, Time now) {
        const client::Cached<api::Node>* found = view.nodes.get(key);
        return found ? reconcile(*found, view, *memory, now) : removed(key, *memory);
    };
    return def;
}

} // namespace orrery::controllers
