#include "app/plane/inspect.h"

#include <algorithm>
#include <chrono>

#include "app/plane/rows.h"
#include "core/base/yaml.h"
#include "core/scheduler/scheduler.h"

namespace orrery::app {

namespace {

constexpr int kChainMax = 24;      // causes before the object's creation
constexpr std::size_t kOwnMax = 8; // its own changes, the newest
constexpr int kEventsMax = 100, kVersionsMax = 100;

double offsetMs(Time from, Time to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
}

Json treeOf(const EncodedPtr& value) {
    if (!value)
        return nullptr;
    Result<Json> tree = parseJson(value->bytes());
    return tree ? std::move(*tree) : Json(nullptr);
}

std::string nounOf(const store::Event& event) {
    std::string key = event.current ? event.current->key : "";
    constexpr std::string_view kRegistry = "/registry/";
    return key.starts_with(kRegistry) ? key.substr(kRegistry.size()) : key;
}

WhyRow link(const store::Event& event, Time first) {
    WhyRow row;
    row.who = event.cause ? actorOf(*event.cause) : "";
    const std::string because = event.cause ? becauseOf(*event.cause) : "";
    const bool request = event.cause && event.cause->because.empty();
    row.because = request ? because : because.empty() ? nounOf(event) : "because " + because;
    row.revision = event.revision;
    row.offsetMs = offsetMs(first, event.at);
    return row;
}

std::string join(const std::vector<std::string>& parts, const char* between) {
    std::string all;
    for (const std::string& part : parts)
        all += (all.empty() ? "" : between) + part;
    return all;
}

// A plugin's short name for the head of its column.
std::string shortPlugin(std::string_view name) {
    static constexpr std::pair<std::string_view, std::string_view> kShort[] = {
        {"NodeResourcesFit", "Fit"},     {"NodeAffinity", "Affinity"},
        {"TaintToleration", "Taints"},   {"NodePorts", "Ports"},
        {"PodTopologySpread", "Spread"}, {"NodeResourcesBalancedAllocation", "Balance"},
        {"ImageLocality", "Images"},     {"InterPodAffinity", "Pods"}};
    for (const auto& [whole, brief] : kShort)
        if (whole == name)
            return std::string(brief);
    return std::string(name);
}

SchedulingGrid gridOf(const scheduler::Placement& placement) {
    SchedulingGrid grid;
    grid.attempt = placement.attempt;
    grid.message = placement.bindError.empty() ? placement.message : placement.bindError;
    grid.nodesTotal = placement.nodesTotal;
    for (const scheduler::ScorePlugin& plugin : placement.scorePlugins)
        grid.plugins.push_back(shortPlugin(plugin.name));
    for (std::size_t at = 0; at < placement.nodes.size(); ++at) {
        const scheduler::NodeVerdict& verdict = placement.nodes[at];
        const auto scores = placement.scoresOf(at);
        GridRow row;
        row.node = verdict.node();
        row.chosen = row.node == placement.node;
        row.total = verdict.total;
        if (!verdict.feasible())
            row.reason = join(verdict.rejection->reasons, "; ");
        for (std::size_t i = 0; i < placement.scorePlugins.size() && row.reason.empty(); ++i) {
            const bool scored = i < scores.size();
            row.cells.push_back({scored ? std::to_string(scores[i].normalized) : "",
                                 scored ? scores[i].normalized : -1});
        }
        grid.rows.push_back(std::move(row));
        if (grid.rows.size() >= 40)
            break;
    }
    return grid;
}

void addFacts(Inspection& shown, const Json& object) {
    const auto add = [&shown](const char* label, std::string value) {
        if (!value.empty())
            shown.facts.emplace_back(label, std::move(value));
    };
    const auto text = [&object](const char* path) { return std::string(stringAt(object, path)); };
    if (shown.kind == "Pod") {
        add("node", text("spec.nodeName"));
        add("podIP", text("status.podIP"));
        add("phase", text("status.phase"));
        add("qosClass", text("status.qosClass"));
        for (const Json& container : arrayAt(object, "spec.containers"))
            add("image", std::string(stringAt(container, "image")));
    } else if (shown.kind == "Node") {
        for (const char* resource : {"cpu", "memory", "pods"})
            if (const Json* all = findPath(object, "status.allocatable");
                all && find(*all, resource))
                add(resource, std::string(asString(*find(*all, resource))));
        add("podCIDR", text("spec.podCIDR"));
        add("kubelet", text("status.nodeInfo.kubeletVersion"));
        for (const Json& taint : arrayAt(object, "spec.taints"))
            add("taint",
                std::string(stringAt(taint, "key")) + ":" + std::string(stringAt(taint, "effect")));
    }
    for (const Json& owner : arrayAt(object, "metadata.ownerReferences"))
        add("owner",
            std::string(stringAt(owner, "kind")) + "/" + std::string(stringAt(owner, "name")));
    for (const auto& label : objectAt(object, "metadata.labels"))
        add("label", std::string(label.key()) + "=" + std::string(asString(label.value())));
    add("created", text("metadata.creationTimestamp"));
}

std::string summaryOf(const Inspection& shown, const Json& object) {
    std::string summary = shown.kind;
    if (!shown.namespace_.empty())
        summary += " in " + shown.namespace_;
    if (shown.kind == "Pod") {
        const PodRow row = podRow(object);
        static constexpr const char* kWords[] = {"",          "pending", "starting",    "running",
                                                 "succeeded", "failed",  "terminating", "unknown"};
        summary += std::string(" · ") + kWords[static_cast<int>(row.shape)];
        if (!row.nodeName.empty())
            summary += " on " + row.nodeName;
    } else if (shown.kind == "Node") {
        const NodeRow row = nodeRow(object);
        summary += std::string(" · ") + (row.ready ? "Ready" : "NotReady") +
                   (row.unschedulable ? ", cordoned" : "");
    }
    return summary;
}

void addEvents(Inspection& shown, store::Store& store) {
    // An event's name begins with its object's; those of cluster-scoped objects are in default.
    const std::string prefix = "/registry/events/" +
                               (shown.namespace_.empty() ? "default" : shown.namespace_) + "/" +
                               shown.name + ".";
    const Result<store::ListResult> found = store.list(prefix, {}, kEventsMax);
    if (!found)
        return;
    for (const store::KeyValuePtr& item : found->items) {
        const Json event = treeOf(item->value);
        const std::string_view kind =
            stringAt(event, "involvedObject.kind", stringAt(event, "regarding.kind"));
        if (kind.empty() || kind == shown.kind)
            shown.events.push_back(eventRow(event));
    }
    std::stable_sort(shown.events.begin(), shown.events.end(),
                     [](const EventRow& a, const EventRow& b) { return a.last > b.last; });
}

void addVersions(Inspection& shown, const std::vector<store::EventPtr>& history,
                 const InspectRequest& request) {
    const store::Event* from = nullptr;
    const store::Event* to = nullptr;
    for (const store::EventPtr& event : history) {
        const RevisionRow row = revisionRow(*event);
        shown.versions.insert(shown.versions.begin(),
                              {row.revision, row.bytes, row.who, row.verb, row.because, row.at});
        if (event->revision == request.to)
            to = event.get();
        if (event->revision == request.from)
            from = event.get();
    }
    if (history.empty())
        return;
    if (!to)
        to = history.back().get();
    if (!from && request.from == 0)
        for (const store::EventPtr& event : history)
            if (event->revision < to->revision)
                from = event.get();
    if (from && from->revision > to->revision)
        std::swap(from, to);
    shown.diffFrom = from ? from->revision : 0;
    shown.diffTo = to->revision;
    const Json empty = JsonObject();
    const bool deleted = to->type == store::Event::Type::Delete;
    shown.diff = diffRows(from && from->current ? treeOf(from->current->value) : empty,
                          deleted ? empty : treeOf(to->current->value));
}

} // namespace

std::vector<WhyRow> whyChain(store::Store& store, const std::vector<store::EventPtr>& history) {
    if (history.empty())
        return {};
    // Backwards from the creation to the request, or to what is no longer kept.
    std::vector<store::EventPtr> chain = {history.front()};
    while (static_cast<int>(chain.size()) < kChainMax && chain.back()->cause &&
           chain.back()->cause->wokenBy > 0) {
        const store::Revision before = chain.back()->cause->wokenBy;
        Result<store::EventPtr> event = before < chain.back()->revision
                                            ? store.eventAt(before)
                                            : Result<store::EventPtr>(internalError(""));
        if (!event)
            break;
        chain.push_back(std::move(*event));
    }
    std::reverse(chain.begin(), chain.end());
    // Forwards: its own changes; of many by one actor in a row, the newest.
    std::vector<store::EventPtr> own;
    for (auto event = history.begin() + 1; event != history.end(); ++event) {
        const bool same = !own.empty() && own.back()->cause && (*event)->cause &&
                          own.back()->cause->actor == (*event)->cause->actor &&
                          own.back()->cause->because == (*event)->cause->because;
        if (same)
            own.back() = *event;
        else
            own.push_back(*event);
    }
    if (own.size() > kOwnMax)
        own.erase(own.begin(), own.end() - static_cast<std::ptrdiff_t>(kOwnMax));
    chain.insert(chain.end(), own.begin(), own.end());
    std::vector<WhyRow> rows;
    for (const store::EventPtr& event : chain)
        rows.push_back(link(*event, chain.front()->at));
    return rows;
}

std::shared_ptr<const Inspection> inspectObject(cluster::Cluster& cluster, const api::KindDef* kind,
                                                const InspectRequest& request,
                                                std::vector<StationRow> stations) {
    store::Store& store = cluster.store();
    auto shown = std::make_shared<Inspection>();
    shown->key = request.key;
    const store::KeyValuePtr current = store.get(request.key);
    Result<std::vector<store::EventPtr>> history = store.history(request.key, kVersionsMax);
    if (!history)
        history = std::vector<store::EventPtr>();
    shown->exists = current != nullptr;
    EncodedPtr value = current ? current->value : nullptr;
    for (auto event = history->rbegin(); !value && event != history->rend(); ++event)
        value = (*event)->current ? (*event)->current->value : nullptr;
    Json object = treeOf(value);
    shown->kind = kind ? kind->kind : std::string(stringAt(object, "kind"));
    shown->namespace_ = std::string(stringAt(object, "metadata.namespace"));
    shown->name = std::string(
        stringAt(object, "metadata.name", request.key.substr(request.key.rfind('/') + 1)));
    if (object.is_object()) {
        addFacts(*shown, object);
        shown->summary = summaryOf(*shown, object);
        if (shown->kind == "Pod" && shown->exists)
            shown->shape = static_cast<int>(podRow(object).shape);
        removePath(object, "metadata.managedFields");
        shown->yaml = emitYaml(object);
    }
    shown->why = whyChain(store, *history);
    if (shown->kind == "Pod") {
        shown->stations = std::move(stations);
        if (const scheduler::Placement* placement =
                cluster.scheduler().placementOf(shown->namespace_ + "/" + shown->name))
            shown->grid = gridOf(*placement);
    }
    addEvents(*shown, store);
    addVersions(*shown, *history, request);
    return shown;
}

} // namespace orrery::app
