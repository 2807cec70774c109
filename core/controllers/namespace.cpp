// Namespace: empties a namespace that is being deleted, pods first, then lets it go.
#include <algorithm>

#include "core/controllers/controllers.h"

namespace orrery::controllers {

namespace {
constexpr const char* kFinalizer = "kubernetes";
constexpr Duration kRecountAfter = 100ms; // many deletions in a row are counted together

struct Content {
    std::map<std::string, int> resources;  // "configmaps." -> objects
    std::map<std::string, int> finalizers; // finalizer -> objects
    std::map<std::string, std::pair<const api::KindDef*, int>>
        living; // by resource: not being deleted yet
    int pods = 0;
};

Content contentOf(const std::string& namespace_, const ObjectGraph& graph) {
    Content out;
    for (const std::string& key : graph.inNamespace(namespace_)) {
        const GraphNode& node = *graph.byKey(key);
        ++out.resources[node.kind->plural + "." + node.kind->group];
        for (const std::string& finalizer : node.finalizers)
            ++out.finalizers[finalizer];
        out.pods += node.kind->plural == "pods" && node.kind->group.empty() ? 1 : 0;
        if (!node.deleting) {
            auto& [kind, count] = out.living[node.kind->groupResource().text()];
            kind = node.kind;
            ++count;
        }
    }
    return out;
}

Action deleteAll(client::ResourcePath path) {
    Action out;
    out.request.verb = "deletecollection";
    out.request.path = std::move(path);
    out.request.body = Json(JsonObject{
        {"kind", "DeleteOptions"}, {"apiVersion", "v1"}, {"propagationPolicy", "Background"}});
    out.because = "their namespace is being deleted";
    return out;
}

// "pods. has 2 resource instances, services. has 1 resource instances"
std::string listed(const std::map<std::string, int>& counts, const char* between) {
    std::string out;
    for (const auto& [name, count] : counts)
        out += (out.empty() ? "" : ", ") + name + between + std::to_string(count) +
               " resource instances";
    return out;
}

struct Row {
    const char* type;
    bool holds;
    std::string reason, message;
};

Json conditions(const Content& content, const Json& object, Time now) {
    const bool remains = !content.resources.empty(), finalizers = !content.finalizers.empty();
    const Row rows[] = {
        {"NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered",
         "All resources successfully discovered"},
        {"NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions",
         "All legacy kube types successfully parsed"},
        {"NamespaceDeletionContentFailure", false, "ContentDeleted",
         "All content successfully deleted, may be waiting on finalization"},
        {"NamespaceContentRemaining", remains, remains ? "SomeResourcesRemain" : "ContentRemoved",
         remains ? "Some resources are remaining: " + listed(content.resources, " has ")
                 : "All content successfully removed"},
        {"NamespaceFinalizersRemaining", finalizers,
         finalizers ? "SomeFinalizersRemain" : "ContentHasNoFinalizers",
         finalizers ? "Some content in the namespace has finalizers remaining: " +
                          listed(content.finalizers, " in ")
                    : "All content-preserving finalizers finished"},
    };
    JsonArray out;
    for (const Json& condition : arrayAt(object, "status.conditions"))
        if (std::none_of(std::begin(rows), std::end(rows),
                         [&](const Row& row) { return stringAt(condition, "type") == row.type; }))
            out.push_back(condition);
    for (const Row& row : rows) {
        const char* status = row.holds ? "True" : "False";
        std::string since = formatTime(now);
        for (const Json& old : arrayAt(object, "status.conditions"))
            if (stringAt(old, "type") == row.type && stringAt(old, "status") == status)
                since = stringAt(old, "lastTransitionTime");
        out.push_back(JsonObject{{"type", row.type},
                                 {"status", status},
                                 {"lastTransitionTime", since},
                                 {"reason", row.reason},
                                 {"message", row.message}});
    }
    return out;
}

Action finalize(const Json& object, const std::string& name) {
    Json body = object;
    JsonArray rest;
    for (const Json& finalizer : arrayAt(object, "spec.finalizers"))
        if (asString(finalizer) != kFinalizer)
            rest.push_back(finalizer);
    setPath(body, "spec.finalizers", Json(std::move(rest)));
    Action out;
    out.request.verb = "update";
    out.request.path = {"", "v1", "namespaces", "", name, "finalize"};
    out.request.body = std::move(body);
    out.because = "it is empty";
    return out;
}

Outcome reconcile(const client::Cached<api::Namespace>& cached, const ObjectGraph& graph,
                  Time now) {
    Outcome out;
    const api::Namespace& namespace_ = *cached.view;
    const std::string& name = namespace_.metadata.name;
    const std::vector<std::string>& finalizers = namespace_.specFinalizers;
    if (!namespace_.metadata.deletionTimestamp ||
        std::find(finalizers.begin(), finalizers.end(), kFinalizer) == finalizers.end())
        return out;
    const Json& object = cached.encoded->tree();
    const Content content = contentOf(name, graph);
    if (content.resources.empty()) {
        out.actions.push_back(deleteAll({"", "v1", "events", name, "", ""}));
        out.actions.push_back(finalize(object, name));
        return out;
    }
    for (const auto& [resource, living] : content.living)
        if (content.pods == 0 ||
            resource == "pods") // everything else waits for the end of the pods
            out.actions.push_back(deleteAll(
                {living.first->group, living.first->version, living.first->plural, name, "", ""}));
    if (!out.actions.empty())
        return out; // what remains is known when these are seen
    Json status = objectAt(object, "status");
    status.get_object()["conditions"] = conditions(content, object, now);
    if (std::optional<Action> patch = patchStatus({"", "v1", "namespaces", "", name, ""}, object,
                                                  status, "some of its content is still there"))
        out.actions.push_back(std::move(*patch));
    return out;
}

// Content that comes or goes in a namespace under deletion wakes it: at once when it may be empty
// now.
void onChange(const View& view, const ObjectGraph& graph, Wakes& wakes, const GraphNode& node,
              std::int64_t revision) {
    if (node.namespace_.empty())
        return;
    const auto* found = view.namespaces.get(node.namespace_);
    if (!found || !found->view->metadata.deletionTimestamp)
        return;
    if (graph.inNamespace(node.namespace_).empty())
        wakes.add(node.namespace_, {node.kind->kind.c_str(), client::Wake::What::Deleted,
                                    node.namespace_ + "/" + node.name, revision});
    else
        wakes.addAfter(node.namespace_, kRecountAfter);
}
} // namespace

ControllerDef namespaceController(View& view, ObjectGraph& graph) {
    ControllerDef def;
    def.name = def.component = def.user = "namespace-controller";
    def.watch = [&view, &graph](Wakes& wakes) {
        wakes.mapped<api::Namespace>(
            view.namespaces, "Namespace", [](const api::Namespace& namespace_) {
                return namespace_.metadata.deletionTimestamp
                           ? std::vector<std::string>{namespace_.metadata.name}
                           : std::vector<std::string>();
            });
        graph.onChange([&view, &graph, &wakes](const GraphNode* before, const GraphNode* now,
                                               std::int64_t revision) {
            onChange(view, graph, wakes, now ? *now : *before, revision);
        });
    };
    def.reconcile = [&view, &graph](const std::string& key, Time now) {
        const client::Cached<api::Namespace>* found = view.namespaces.get(key);
        return found ? reconcile(*found, graph, now) : Outcome();
    };
    return def;
}

} // namespace orrery::controllers
