// CustomResourceDefinition: accepts its names and establishes it; empties it when it is deleted.
#include <algorithm>

#include "core/controllers/controllers.h"
#include "core/controllers/object_graph.h"

namespace orrery::controllers {

namespace {
constexpr const char* kGroup = "apiextensions.k8s.io";
constexpr const char* kPlural = "customresourcedefinitions";
constexpr const char* kFinalizer = "customresourcecleanup.apiextensions.k8s.io";
constexpr const char* kApproval = "api-approved.kubernetes.io";
constexpr const char* kByGroup = "group"; // index: spec.group
constexpr Duration kLookAgainAfter = 100ms;

// Enough to find a definition by; what it says is read from its JSON.
struct Definition {
    api::ObjectMeta metadata;
    std::string group, plural;
};
void decode(const Json& object, Definition& out) {
    if (const Json* metadata = find(object, "metadata"))
        api::decode(*metadata, out.metadata);
    out.group = stringAt(object, "spec.group");
    out.plural = stringAt(object, "spec.names.plural");
}

using Definitions = client::Informer<Definition>;
using CachedDefinition = client::Cached<Definition>;

client::ResourcePath pathOf(const Definition& definition) {
    return {kGroup, "v1", kPlural, "", definition.metadata.name, ""};
}

const Json* conditionOf(const Json& object, std::string_view type) {
    for (const Json& condition : arrayAt(object, "status.conditions"))
        if (stringAt(condition, "type") == type)
            return &condition;
    return nullptr;
}

bool holds(const Json& object, std::string_view type) {
    const Json* condition = conditionOf(object, type);
    return condition && stringAt(*condition, "status") == "True";
}

struct Condition {
    const char* type;
    std::string status, reason, message;
};

// Sets a condition in its place; its time moves with its status.
void setCondition(Json& object, const Condition& condition, Time now) {
    std::string since = formatTime(now);
    JsonArray conditions = arrayAt(object, "status.conditions");
    Json* place = nullptr;
    for (Json& each : conditions)
        if (stringAt(each, "type") == condition.type)
            place = &each;
    if (place && stringAt(*place, "status") == condition.status)
        since = stringAt(*place, "lastTransitionTime");
    if (!place)
        place = &conditions.emplace_back(nullptr);
    *place = JsonObject{{"type", condition.type},
                        {"status", condition.status},
                        {"lastTransitionTime", since},
                        {"reason", condition.reason},
                        {"message", condition.message}};
    setPath(object, "status.conditions", std::move(conditions));
}

// --- names ---------------------------------------------------------------------------------------

struct UsedNames {
    std::set<std::string, std::less<>> resources, kinds;

    void add(const Json& names) {
        for (const char* key : {"plural", "singular"})
            resources.emplace(stringAt(names, key));
        for (const Json& name : arrayAt(names, "shortNames"))
            resources.emplace(asString(name));
        for (const char* key : {"kind", "listKind"})
            kinds.emplace(stringAt(names, key));
    }
};

bool before(const Definition& a, const Definition& b) {
    return std::make_pair(a.metadata.creationTimestamp, std::string_view(a.metadata.name)) <
           std::make_pair(b.metadata.creationTimestamp, std::string_view(b.metadata.name));
}

// The names that others of the group have, or will have: whoever came first decides first.
UsedNames usedByOthers(const CachedDefinition& own, const Definitions& definitions) {
    UsedNames out;
    for (const std::string& key : definitions.byIndex(kByGroup, own.view->group)) {
        const CachedDefinition& other = *definitions.get(key);
        if (other.view->metadata.name == own.view->metadata.name)
            continue;
        const Json& object = other.encoded->tree();
        if (const Json* accepted = findPath(object, "status.acceptedNames"))
            out.add(*accepted);
        if (!conditionOf(object, "NamesAccepted") && before(*other.view, *own.view))
            if (const Json* wanted = findPath(object, "spec.names"))
                out.add(*wanted);
    }
    return out;
}

// Takes over the requested names that are free; the condition says which one is not.
class NameCheck {
  public:
    NameCheck(Json& object, const UsedNames& used) : used_(used) {
        const Json* names = findPath(object, "spec.names");
        const Json* accepted = findPath(object, "status.acceptedNames");
        wanted_ = names ? *names : Json(JsonObject());
        accepted_ = accepted ? *accepted : Json(JsonObject());
    }

    Condition run() {
        one("plural", used_.resources, "PluralConflict");
        one("singular", used_.resources, "SingularConflict");
        shortNames();
        one("kind", used_.kinds, "KindConflict");
        one("listKind", used_.kinds, "ListKindConflict");
        take("categories");
        if (reason_.empty())
            return {"NamesAccepted", "True", "NoConflicts", "no conflicts found"};
        return {"NamesAccepted", "False", reason_, message_};
    }
    Json accepted() { return std::move(accepted_); }

  private:
    void take(const char* key) {
        JsonObject& names = accepted_.get_object();
        if (const Json* value = find(wanted_, key))
            names[key] = *value;
        else
            names.erase(key);
    }

    static std::string inUse(std::string_view name) {
        return serializeJson(Json(name)) + " is already in use";
    }

    void one(const char* key, const std::set<std::string, std::less<>>& used, const char* reason) {
        const std::string_view name = stringAt(wanted_, key);
        if (name == stringAt(accepted_, key) || used.find(name) == used.end())
            return take(key);
        reason_ = reason;
        message_ = inUse(name);
    }

    void shortNames() {
        const JsonArray& had = arrayAt(accepted_, "shortNames");
        std::vector<std::string> conflicts;
        for (const Json& name : arrayAt(wanted_, "shortNames"))
            if (std::find(had.begin(), had.end(), name) == had.end() &&
                used_.resources.find(asString(name)) != used_.resources.end())
                conflicts.push_back(inUse(asString(name)));
        if (conflicts.empty())
            return take("shortNames");
        reason_ = "ShortNamesConflict";
        message_ = conflicts.front();
        for (std::size_t i = 1; i < conflicts.size(); ++i)
            message_ += ", " + conflicts[i];
        if (conflicts.size() > 1)
            message_ = "[" + message_ + "]";
    }

    const UsedNames& used_;
    Json wanted_, accepted_;
    std::string reason_, message_;
};

// What Kubernetes' community says of a group of its own.
std::optional<Condition> approvalOf(const Json& object) {
    const std::string_view group = stringAt(object, "spec.group");
    if (group != "k8s.io" && group != "kubernetes.io" && !group.ends_with(".k8s.io") &&
        !group.ends_with(".kubernetes.io"))
        return std::nullopt;
    constexpr const char* kType = "KubernetesAPIApprovalPolicyConformant";
    const Json* found = objectAt(object, "metadata.annotations").if_contains(kApproval);
    const std::string text(found ? asString(*found) : std::string_view());
    if (text.empty())
        return Condition{kType, "False", "MissingAnnotation",
                         "protected groups must have approval annotation "
                         "\"api-approved.kubernetes.io\", see "
                         "https://github.com/kubernetes/enhancements/pull/1111"};
    if (text.starts_with("unapproved"))
        return Condition{kType, "False", "UnapprovedAnnotation",
                         "not approved: " + serializeJson(Json(text))};
    return Condition{kType, "True", "ApprovedAnnotation", "approved in " + text};
}

Outcome accept(const CachedDefinition& own, const Definitions& definitions, Time now) {
    Outcome out;
    const Json& object = own.encoded->tree();
    Json wanted = object;
    NameCheck check(wanted, usedByOthers(own, definitions));
    const Condition names = check.run();
    setPath(wanted, "status.acceptedNames", check.accepted());
    setCondition(wanted, names, now);
    if (names.status == "True" && !holds(object, "Established"))
        setCondition(
            wanted,
            {"Established", "True", "InitialNamesAccepted", "the initial names have been accepted"},
            now);
    else if (!conditionOf(object, "Established"))
        setCondition(wanted, {"Established", "False", "NotAccepted", "not all names are accepted"},
                     now);
    if (const std::optional<Condition> approval = approvalOf(object))
        setCondition(wanted, *approval, now);
    const bool free = names.status == "True";
    if (auto patch = patchStatus(pathOf(*own.view), object, *find(wanted, "status"),
                                 free ? "its names are free" : names.message))
        out.actions.push_back(std::move(*patch));
    return out;
}

// --- the end -------------------------------------------------------------------------------------

Action deleteObjects(const api::KindDef& kind, const std::string& namespace_) {
    Action out;
    out.request.verb = "deletecollection";
    out.request.path = {kind.group, kind.version, kind.plural, namespace_, "", ""};
    out.request.body = Json(JsonObject{{"kind", "DeleteOptions"}, {"apiVersion", "v1"}});
    out.because = "their definition is being deleted";
    return out;
}

Outcome letGo(const Definition& definition, const Json& object, Json wanted, Time now) {
    Outcome out;
    setCondition(wanted,
                 {"Terminating", "False", "InstanceDeletionCompleted", "removed all instances"},
                 now);
    if (auto patch = patchStatus(pathOf(definition), object, *find(wanted, "status"),
                                 "none of its objects is left"))
        out.actions.push_back(std::move(*patch));
    JsonArray rest;
    for (const std::string& finalizer : definition.metadata.finalizers)
        if (finalizer != kFinalizer)
            rest.emplace_back(finalizer);
    out.actions.push_back(patchObject(
        pathOf(definition), JsonObject{{"metadata", JsonObject{{"finalizers", std::move(rest)}}}},
        "none of its objects is left"));
    return out;
}

Outcome empty(const CachedDefinition& own, const ObjectGraph& graph, const api::KindRegistry& kinds,
              Time now) {
    Outcome out;
    const Definition& definition = *own.view;
    const std::vector<std::string>& finalizers = definition.metadata.finalizers;
    if (std::find(finalizers.begin(), finalizers.end(), kFinalizer) == finalizers.end())
        return out;
    const Json& object = own.encoded->tree();
    const api::GroupResource resource{definition.group, definition.plural};
    const auto served =
        std::find_if(kinds.all().begin(), kinds.all().end(), [&](const api::KindDef* kind) {
            return kind->custom && kind->groupResource() == resource;
        });
    if (served == kinds.all().end()) // never established: there can't be any
        return letGo(definition, object, object, now);
    const std::map<std::string, int>* counts = graph.countsOf(resource);
    if (!counts) {
        out.requeueAfter = kLookAgainAfter;
        return out;
    }
    if (counts->empty())
        return letGo(definition, object, object, now);
    Json wanted = object;
    setCondition(wanted,
                 {"Terminating", "True", "InstanceDeletionInProgress",
                  "CustomResource deletion is in progress"},
                 now);
    if (auto patch = patchStatus(pathOf(definition), object, *find(wanted, "status"),
                                 "its objects are being deleted"))
        out.actions.push_back(std::move(*patch));
    else
        out.requeueAfter = std::chrono::seconds(5); // some of them are held by finalizers
    for (const auto& [namespace_, count] : *counts)
        out.actions.push_back(deleteObjects(**served, namespace_));
    return out;
}

// Everybody in a group is concerned by the names of one.
std::vector<std::string> groupOf(const Definition& definition, const Definitions& definitions) {
    const std::set<std::string>& all = definitions.byIndex(kByGroup, definition.group);
    std::vector<std::string> out(all.begin(), all.end());
    if (all.count(definition.metadata.name) == 0)
        out.push_back(definition.metadata.name);
    return out;
}
} // namespace

ControllerDef customResourceDefinitionController(View& view, client::InformerFactory& factory,
                                                 ObjectGraph& graph,
                                                 const api::KindRegistry& kinds) {
    Definitions& definitions = factory.informer<Definition>(kGroup, "v1", kPlural);
    definitions.addIndex(kByGroup, [](const Definition& definition) {
        return std::vector<std::string>{definition.group};
    });
    view.follow(std::string(kPlural) + "." + kGroup, definitions);
    ControllerDef def;
    def.name = def.component = "customresourcedefinition-controller";
    def.user = "system:apiserver"; // it is a part of the API server
    def.watch = [&definitions, &graph](Wakes& wakes) {
        wakes.mapped<Definition>(definitions, "CustomResourceDefinition",
                                 [&definitions](const Definition& definition) {
                                     return groupOf(definition, definitions);
                                 });
        graph.onChange([&definitions, &wakes](const GraphNode* before_, const GraphNode* now,
                                              std::int64_t revision) {
            if (now || !before_->kind->custom)
                return;
            const std::string name = before_->kind->groupResource().text();
            const CachedDefinition* found = definitions.get(name);
            if (found && found->view->metadata.deletionTimestamp)
                wakes.add(name, {before_->kind->kind.c_str(), client::Wake::What::Deleted,
                                 before_->name, revision});
        });
    };
    def.reconcile = [&definitions, &graph, &kinds](const std::string& key, Time now) {
        const CachedDefinition* found = definitions.get(key);
        if (!found)
            return Outcome();
        return found->view->metadata.deletionTimestamp ? empty(*found, graph, kinds, now)
                                                       : accept(*found, definitions, now);
    };
    return def;
}

} // namespace orrery::controllers
