// Runs the literal tables of scheduler plugins: in this cluster, one plugin must say exactly this
// about one pod.
//
//     given: [ {kind: Node, ...}, {kind: Pod, spec: {nodeName: a}}, {kind: Namespace, ...}, ... ]
//     pod: {metadata: {name: p}, spec: {...}}
//     filter: {a: "", b: "node(s) ..."}   every node, and its reason; "" passes. Left out: it skips
//     unresolvable: [b]                   rejected nodes on which preemption would not help
//     reject: "..."                       the pod is refused before any node is looked at
//     score: {a: 100, b: 0}               of the nodes that pass, from 0 to 100
//
// Without `score`, the plugin must have no preference about the pod.
#pragma once
#include "core/base/yaml.h"
#include "core/scheduler/plugin.h"
#include "tests/unit/scheduler/world.h"

namespace orrery::tests {

// What plugins ask of the cluster beyond nodes and pods, from the objects of a table.
class TableCluster final : public scheduler::ClusterView {
  public:
    void put(const Json& object) {
        const std::string name(stringAt(object, "metadata.name"));
        objects_[std::string(stringAt(object, "kind"))]
                [std::string(stringAt(object, "metadata.namespace", "default")) + "/" + name] =
                    object;
        if (stringAt(object, "kind") == "Namespace") {
            api::ObjectMeta meta;
            decode(*find(object, "metadata"), meta);
            namespaces_[name] = meta.labels;
        }
    }
    const api::StringMap& namespaceLabels(const std::string& name) const override {
        static const api::StringMap none;
        const auto at = namespaces_.find(name);
        return at == namespaces_.end() ? none : at->second;
    }
    std::vector<std::string> namespacesMatching(const api::LabelSelector& selector) const override {
        std::vector<std::string> names;
        for (const auto& [name, labels] : namespaces_)
            if (selector.matches(labels))
                names.push_back(name);
        return names;
    }
    std::optional<api::LabelSelector> siblings(const api::Pod& pod) const override {
        for (const Json* service : all("Service")) {
            api::LabelSelector selector;
            selector.present = true;
            for (const auto& [key, value] : objectAt(*service, "spec.selector"))
                selector.matchLabels[std::string(key)] = std::string(asString(value));
            if (selector.matches(pod.metadata.labels))
                return selector;
        }
        return std::nullopt;
    }
    const Json* claim(const std::string& key) const override {
        return object("PersistentVolumeClaim", key);
    }
    const Json* volume(const std::string& name) const override {
        return object("PersistentVolume", "default/" + name);
    }
    const Json* storageClass(const std::string& name) const override {
        return object("StorageClass", "default/" + name);
    }
    std::string volumeReservedFor(const std::string&) const override { return ""; }
    std::vector<const Json*> volumesOfClass(const std::string& name) const override {
        std::vector<const Json*> of;
        for (const Json* volume : all("PersistentVolume"))
            if (stringAt(*volume, "spec.storageClassName") == name)
                of.push_back(volume);
        return of;
    }
    std::vector<Budget> budgets(const std::string&) const override { return {}; }

  private:
    std::vector<const Json*> all(const std::string& kind) const {
        std::vector<const Json*> of;
        if (const auto at = objects_.find(kind); at != objects_.end())
            for (const auto& [key, object] : at->second)
                of.push_back(&object);
        return of;
    }
    const Json* object(const std::string& kind, const std::string& key) const {
        const auto at = objects_.find(kind);
        const auto found = at == objects_.end() ? at->second.end() : at->second.find(key);
        return at == objects_.end() || found == at->second.end() ? nullptr : &found->second;
    }
    std::map<std::string, std::map<std::string, Json>> objects_;
    std::map<std::string, api::StringMap> namespaces_;
};

// What one plugin says, in the table's words.
class PluginRun {
  public:
    PluginRun(const scheduler::PluginDef& def, const Json& table) : def_(def) {
        for (const Json& object : arrayAt(table, "given"))
            place(object);
        pod_ = podOf(*find(table, "pod"));
    }
    // {filter, unresolvable, reject, score} as far as there is something to say.
    JsonObject run() {
        JsonObject told;
        const scheduler::Cycle cycle{*pod_, snapshot_, cluster_};
        scheduler::PreFilterResult before;
        scheduler::State state;
        if (def_.preFilter)
            before = def_.preFilter(cycle, state);
        if (before.kind == scheduler::PreFilterResult::Kind::Reject) {
            told["reject"] = before.rejection->reasons.front();
            return told;
        }
        std::vector<int> feasible;
        const bool filters = def_.filter && before.kind == scheduler::PreFilterResult::Kind::Filter;
        JsonObject verdicts;
        JsonArray unresolvable;
        for (int slot = 0; slot < snapshot_.slotCount(); ++slot) {
            const scheduler::NodeInfo& node = *snapshot_.at(slot);
            scheduler::RejectionPtr why = filters ? def_.filter(cycle, node, state.get()) : nullptr;
            verdicts[node.name] = why ? why->reasons.front() : std::string();
            if (!why)
                feasible.push_back(slot);
            else if (why->code == scheduler::Rejection::Code::Unresolvable)
                unresolvable.emplace_back(node.name);
        }
        if (filters)
            told["filter"] = std::move(verdicts);
        if (!unresolvable.empty())
            told["unresolvable"] = std::move(unresolvable);
        score(cycle, feasible, told);
        return told;
    }

  private:
    static scheduler::PodInfoPtr podOf(Json object) {
        if (stringAt(object, "metadata.namespace").empty())
            setPath(object, "metadata.namespace", Json("default"));
        auto pod = std::make_shared<api::Pod>();
        decode(object, *pod);
        return scheduler::makePodInfo(std::move(pod));
    }
    void place(const Json& object) {
        const std::string_view kind = stringAt(object, "kind");
        if (kind == "Node") {
            auto node = std::make_shared<api::Node>();
            decode(object, *node);
            snapshot_.upsertNode(std::move(node));
        } else if (kind == "Pod") {
            const std::string on(stringAt(object, "spec.nodeName"));
            snapshot_.addPod(podOf(object), on, false);
        } else {
            cluster_.put(object);
        }
    }
    void score(const scheduler::Cycle& cycle, const std::vector<int>& feasible, JsonObject& told) {
        scheduler::State state;
        if (!def_.score || (def_.preScore && !def_.preScore(cycle, feasible, state)))
            return;
        std::vector<std::int64_t> scores;
        for (const int slot : feasible)
            scores.push_back(def_.score(cycle, *snapshot_.at(slot), state.get()));
        if (def_.normalize)
            def_.normalize(scores, state.get());
        JsonObject byNode;
        for (std::size_t i = 0; i < scores.size(); ++i)
            byNode[snapshot_.at(feasible[i])->name] = scores[i];
        told["score"] = std::move(byNode);
    }

    const scheduler::PluginDef& def_;
    scheduler::Snapshot snapshot_;
    TableCluster cluster_;
    scheduler::PodInfoPtr pod_;
};

// Compares all tables of a text; what differs fails the running test with the table's name.
inline void checkPlugin(std::string_view plugin, std::string_view yaml) {
    const int index = scheduler::pluginIndex(plugin);
    QVERIFY2(index >= 0, std::string(plugin).c_str());
    const Result<std::vector<YamlDocument>> tables = parseYaml(yaml);
    QVERIFY2(tables.has_value(), tables ? "" : tables.error().message.c_str());
    for (const YamlDocument& document : *tables) {
        const Json& table = document.value;
        const JsonObject told =
            PluginRun(scheduler::allPlugins()[static_cast<std::size_t>(index)], table).run();
        JsonObject wanted;
        for (const char* part : {"filter", "unresolvable", "reject", "score"})
            if (const Json* value = find(table, part))
                wanted[part] = *value;
        QVERIFY2(Json(told) == Json(wanted), (std::string(stringAt(table, "test")) +
                                              "\n  said:   " + serializeJson(Json(told)) +
                                              "\n  wanted: " + serializeJson(Json(wanted)))
                                                 .c_str());
    }
}

} // namespace orrery::tests
