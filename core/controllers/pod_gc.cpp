// Pod garbage collector: pods whose node is gone, and pods that are to end and never got a node.
#include "core/controllers/controllers.h"
#include "core/controllers/pods.h"

namespace orrery::controllers {

namespace {
constexpr Duration kQuarantine = 40s; // a node that comes back soon keeps its pods

using Memory = std::map<std::string, Time>; // pods of missing nodes, and since when

void remove(const client::Cached<api::Pod>& cached, const std::string& because, bool orphan,
            Time now, Outcome& out) {
    const api::ObjectMeta& metadata = cached.view->metadata;
    client::ResourcePath path = podPath(metadata.namespace_, metadata.name);
    if (!cached.view->terminal()) {
        JsonObject status{{"phase", "Failed"}};
        if (orphan) {
            JsonArray conditions = arrayAt(cached.encoded->tree(), "status.conditions");
            JsonObject target{{"type", "DisruptionTarget"},
                              {"status", "True"},
                              {"lastTransitionTime", formatTime(now)},
                              {"reason", "DeletionByPodGC"},
                              {"message", "PodGC: node no longer exists"}};
            if (metadata.generation != 0)
                target["observedGeneration"] = metadata.generation;
            conditions.push_back(std::move(target));
            status["conditions"] = std::move(conditions);
        }
        path.subresource = "status";
        out.actions.push_back(
            patchObject(path,
                        JsonObject{{"metadata", JsonObject{{"uid", metadata.uid}}},
                                   {"status", std::move(status)}},
                        because));
        path.subresource.clear();
    }
    Action gone = deleteObject(path, metadata.uid, because);
    gone.request.body->as_object()["gracePeriodSeconds"] = 0;
    out.actions.push_back(std::move(gone));
}

Outcome reconcile(const std::string& key, const View& view, Memory& memory, Time now) {
    Outcome out;
    const client::Cached<api::Pod>* pod = view.pods.get(key);
    const bool bound = pod && !pod->view->nodeName.empty();
    if (!pod || (bound && view.nodes.get(pod->view->nodeName))) {
        memory.erase(key);
        return out;
    }
    if (!bound) {
        if (pod->view->metadata.deletionTimestamp &&
            !(pod->view->terminal() && !pod->view->metadata.finalizers.empty()))
            remove(*pod, "it is to end and no node ever had it", false, now, out);
        return out;
    }
    const Time since = memory.emplace(key, now).first->second;
    if (now - since < kQuarantine) {
        out.requeueAfter = since + kQuarantine - now;
        return out;
    }
    if (pod->view->terminal() && pod->view->metadata.deletionTimestamp)
        return out; // a finalizer holds it
    remove(*pod, "its node " + pod->view->nodeName + " no longer exists", true, now, out);
    return out;
}

void watch(View& view, Wakes& wakes) {
    using What = client::Wake::What;
    client::Handler<api::Node> nodes;
    nodes.onDelete = [&view, &wakes](const client::Cached<api::Node>& node) {
        for (const std::string& key : view.pods.byIndex(indexes::kNode, node.view->metadata.name))
            wakes.add(key, {"Node", What::Deleted, node.view->metadata.name, node.revision});
    };
    wakes.on(view.nodes, std::move(nodes));
    wakes.mapped<api::Pod>(view.pods, "Pod", [&view](const api::Pod& pod) {
        const bool lost = pod.nodeName.empty()
                              ? pod.metadata.deletionTimestamp.has_value()
                              : view.nodes.synced() && !view.nodes.get(pod.nodeName);
        return lost ? std::vector<std::string>{pod.metadata.namespacedName()}
                    : std::vector<std::string>();
    });
    // Pods that were listed before the nodes.
    view.nodes.whenSynced([&view, &wakes] {
        for (const auto& [key, pod] : view.pods.all())
            if (!pod.view->nodeName.empty() && !view.nodes.get(pod.view->nodeName))
                wakes.add(key, {"Pod", What::Added, key, pod.revision});
    });
}
} // namespace

ControllerDef podGarbageCollector(View& view) {
    const auto memory = std::make_shared<Memory>();
    ControllerDef def;
    def.name = "pod-garbage-collector-controller";
    def.component = def.user = "pod-garbage-collector";
    def.watch = [&view](Wakes& wakes) { watch(view, wakes); };
    def.reconcile = [&view, memory](const std::string& key, Time now) {
        return reconcile(key, view, *memory, now);
    };
    return def;
}

} // namespace orrery::controllers
