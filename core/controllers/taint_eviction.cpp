// Taint eviction: pods leave nodes with NoExecute taints that they don't tolerate, or not any
// longer.
#include <algorithm>

#include "core/controllers/controllers.h"
#include "core/controllers/pods.h"

namespace orrery::controllers {

namespace {
// When pods came under taints that carry no time of their own; and which deletions were announced.
struct Memory {
    std::map<std::string, Time> since; // by pod
    std::set<std::string> scheduled;   // pods that wait for their deletion
};

struct Verdict {
    bool stays = true; // for good
    Time leaves{};     // otherwise
    std::string because;
};

std::vector<const api::Taint*> noExecuteTaints(const api::Node& node) {
    std::vector<const api::Taint*> out;
    for (const api::Taint& taint : node.taints)
        if (taint.effect == "NoExecute")
            out.push_back(&taint);
    return out;
}

const api::Toleration* toleration(const api::Pod& pod, const api::Taint& taint) {
    for (const api::Toleration& one : pod.tolerations)
        if (api::tolerates({one}, taint))
            return &one;
    return nullptr;
}

Verdict judge(const api::Pod& pod, const std::vector<const api::Taint*>& taints, Time since) {
    Verdict out;
    for (const api::Taint* taint : taints) {
        const api::Toleration* found = toleration(pod, *taint);
        if (found && !found->tolerationSeconds)
            continue;
        const std::int64_t seconds =
            found ? std::max<std::int64_t>(*found->tolerationSeconds, 0) : 0;
        const Time leaves =
            found ? taint->timeAdded.value_or(since) + std::chrono::seconds(seconds) : Time{};
        if (!out.stays && out.leaves <= leaves)
            continue;
        out.stays = false;
        out.leaves = leaves;
        out.because =
            found ? "toleration " + taint->key + " expired after " + std::to_string(seconds) + "s"
                  : "it does not tolerate taint " + taint->key;
    }
    return out;
}

Said saidOf(const api::Pod& pod, const char* begin) {
    return {client::referenceTo("v1", "Pod", pod.metadata),
            {"Normal", "TaintManagerEviction", begin + pod.metadata.namespacedName(), "", {}, {}}};
}

void evict(const client::Cached<api::Pod>& cached, const std::string& because, Time now,
           Outcome& out) {
    const api::ObjectMeta& metadata = cached.view->metadata;
    client::ResourcePath path = podPath(metadata.namespace_, metadata.name);
    JsonArray conditions;
    for (const Json& condition : arrayAt(cached.encoded->tree(), "status.conditions"))
        if (stringAt(condition, "type") != "DisruptionTarget")
            conditions.push_back(condition);
    JsonObject target{{"type", "DisruptionTarget"},
                      {"status", "True"},
                      {"lastTransitionTime", formatTime(now)},
                      {"reason", "DeletionByTaintManager"},
                      {"message", "Taint manager: deleting due to NoExecute taint"}};
    if (metadata.generation != 0)
        target["observedGeneration"] = metadata.generation;
    conditions.push_back(std::move(target));
    out.events.push_back(saidOf(*cached.view, "Marking for deletion Pod "));
    path.subresource = "status";
    out.actions.push_back(
        patchObject(path,
                    JsonObject{{"metadata", JsonObject{{"uid", metadata.uid}}},
                               {"status", JsonObject{{"conditions", std::move(conditions)}}}},
                    because));
    path.subresource.clear();
    out.actions.push_back(deleteObject(path, metadata.uid, because));
}

Outcome reconcile(const std::string& key, const View& view, Memory& memory, Time now) {
    Outcome out;
    const client::Cached<api::Pod>* pod = view.pods.get(key);
    const client::Cached<api::Node>* node = pod ? view.nodes.get(pod->view->nodeName) : nullptr;
    const std::vector<const api::Taint*> taints =
        node ? noExecuteTaints(*node->view) : std::vector<const api::Taint*>();
    if (!pod || pod->view->metadata.deletionTimestamp || pod->view->terminal()) {
        memory.since.erase(key);
        memory.scheduled.erase(key);
        return out;
    }
    const Time since = taints.empty() ? now : memory.since.emplace(key, now).first->second;
    const Verdict verdict = judge(*pod->view, taints, since);
    if (taints.empty())
        memory.since.erase(key);
    if (verdict.stays) {
        if (memory.scheduled.erase(key) != 0)
            out.events.push_back(saidOf(*pod->view, "Cancelling deletion of Pod "));
        return out;
    }
    if (verdict.leaves > now) {
        memory.scheduled.insert(key);
        out.requeueAfter = verdict.leaves - now;
        return out;
    }
    memory.scheduled.erase(key);
    evict(*pod, verdict.because, now, out);
    return out;
}

bool sameNoExecute(const api::Node& a, const api::Node& b) {
    const std::vector<const api::Taint*> x = noExecuteTaints(a), y = noExecuteTaints(b);
    return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                      [](const api::Taint* one, const api::Taint* other) {
                          return one->key == other->key && one->value == other->value &&
                                 one->timeAdded == other->timeAdded;
                      });
}

void watch(View& view, Wakes& wakes) {
    using What = client::Wake::What;
    const auto wakePods = [&view, &wakes](const client::Cached<api::Node>& node) {
        for (const std::string& key : view.pods.byIndex(indexes::kNode, node.view->metadata.name))
            wakes.add(key, {"Node", What::Changed, node.view->metadata.name, node.revision});
    };
    client::Handler<api::Node> nodes;
    nodes.onAdd = [wakePods](const client::Cached<api::Node>& node) {
        if (!noExecuteTaints(*node.view).empty())
            wakePods(node);
    };
    nodes.onUpdate = [wakePods](const client::Cached<api::Node>& old,
                                const client::Cached<api::Node>& node) {
        if (!sameNoExecute(*old.view, *node.view))
            wakePods(node);
    };
    wakes.on(view.nodes, std::move(nodes));
    const auto wakePod = [&view, &wakes](const client::Cached<api::Pod>& pod, What what) {
        const client::Cached<api::Node>* node = view.nodes.get(pod.view->nodeName);
        if (node && !noExecuteTaints(*node->view).empty())
            wakes.add(pod.view->metadata.namespacedName(),
                      {"Pod", what, pod.view->metadata.namespacedName(), pod.revision});
    };
    client::Handler<api::Pod> pods;
    pods.onAdd = [wakePod](const client::Cached<api::Pod>& pod) { wakePod(pod, What::Added); };
    pods.onUpdate = [wakePod](const client::Cached<api::Pod>& old,
                              const client::Cached<api::Pod>& pod) {
        if (old.view->nodeName != pod.view->nodeName ||
            old.view->tolerations.size() != pod.view->tolerations.size())
            wakePod(pod, What::Changed);
    };
    pods.onDelete = [wakePod](const client::Cached<api::Pod>& pod) { wakePod(pod, What::Deleted); };
    wakes.on(view.pods, std::move(pods));
}
} // namespace

ControllerDef taintEvictionController(View& view) {
    const auto memory = std::make_shared<Memory>();
    ControllerDef def;
    def.name = def.component = "taint-eviction-controller";
    def.user = "node-controller";
    def.watch = [&view](Wakes& wakes) { watch(view, wakes); };
    def.reconcile = [&view, memory](const std::string& key, Time now) {
        return reconcile(key, view, *memory, now);
    };
    return def;
}

} // namespace orrery::controllers
