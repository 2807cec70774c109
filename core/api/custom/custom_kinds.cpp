#include "core/api/custom/custom_kinds.h"

#include "core/api/columns/columns.h"
#include "core/api/custom/custom_schema.h"

namespace orrery::api {

namespace {
// Discovery's order for custom resources.
const std::vector<std::string> kVerbs = {"delete", "deletecollection", "get",    "list",
                                         "patch",  "create",           "update", "watch"};

std::vector<std::string> texts(const Json& object, std::string_view path) {
    std::vector<std::string> out;
    for (const Json& each : arrayAt(object, path))
        out.emplace_back(asString(each));
    return out;
}

std::string withoutDot(std::string_view path) {
    return std::string(path.starts_with('.') ? path.substr(1) : path);
}

Column columnOf(const Json& definition) {
    Column column;
    column.name = stringAt(definition, "name");
    column.type = stringAt(definition, "type");
    column.format = stringAt(definition, "format");
    column.priority = static_cast<int>(intAt(definition, "priority"));
    column.jsonPath = stringAt(definition, "jsonPath");
    column.description = stringAt(definition, "description");
    return column;
}

std::vector<Column> columnsOf(const Json& version) {
    std::vector<Column> out{columns::name()};
    const JsonArray& own = arrayAt(version, "additionalPrinterColumns");
    for (const Json& each : own)
        out.push_back(columnOf(each));
    if (own.empty()) {
        out.push_back(columns::age());
        out.back().type = "date";
    }
    return out;
}

void addSubresources(const Json& version, KindDef& kind) {
    if (findPath(version, "subresources.status")) {
        kind.statusSubresource = true;
        kind.subresources.push_back({"status", "", "", kind.kind, {"get", "patch", "update"}});
    }
    if (const Json* scale = findPath(version, "subresources.scale")) {
        kind.scaleSubresource = true;
        kind.specReplicasPath = withoutDot(stringAt(*scale, "specReplicasPath"));
        kind.statusReplicasPath = withoutDot(stringAt(*scale, "statusReplicasPath"));
        kind.labelSelectorPath = withoutDot(stringAt(*scale, "labelSelectorPath"));
        kind.subresources.push_back(
            {"scale", "autoscaling", "v1", "Scale", {"get", "patch", "update"}});
    }
}

// The version that a deprecated one's users should move to: the highest that is served and not
// deprecated itself.
std::string deprecationOf(const Json& version, const KindDef& kind, const Json& definition) {
    if (!boolAt(version, "deprecated"))
        return "";
    if (const Json* own = find(version, "deprecationWarning"))
        return std::string(asString(*own));
    std::string better;
    for (const Json& each : arrayAt(definition, "spec.versions")) {
        const std::string_view name = stringAt(each, "name");
        if (boolAt(each, "served") && !boolAt(each, "deprecated") &&
            (better.empty() || versionBefore(name, better)))
            better = name;
    }
    std::string out = kind.apiVersion() + " " + kind.kind + " is deprecated";
    if (!better.empty() && versionBefore(better, kind.version))
        out += "; use " + kind.group + "/" + better + " " + kind.kind;
    return out;
}

KindDef kindOf(const Json& version, const Json& definition) {
    KindDef kind;
    const Json* names = findPath(definition, "status.acceptedNames");
    static const Json kNone = JsonObject();
    const Json& accepted = names ? *names : kNone;
    kind.custom = kind.generation = true;
    kind.group = stringAt(definition, "spec.group");
    kind.version = stringAt(version, "name");
    kind.kind = stringAt(accepted, "kind");
    kind.listKind = stringAt(accepted, "listKind");
    kind.plural = stringAt(accepted, "plural");
    kind.singular = stringAt(accepted, "singular");
    kind.shortNames = texts(accepted, "shortNames");
    kind.categories = texts(accepted, "categories");
    kind.scope =
        stringAt(definition, "spec.scope") == "Cluster" ? Scope::Cluster : Scope::Namespaced;
    kind.verbs = kVerbs;
    kind.storageGroup = kind.group;
    kind.columns = columnsOf(version);
    for (const Json& each : arrayAt(version, "selectableFields"))
        kind.selectableFields.push_back(withoutDot(stringAt(each, "jsonPath")));
    addSubresources(version, kind);
    kind.deprecationWarning = deprecationOf(version, kind, definition);
    const Json* schema = findPath(version, "schema.openAPIV3Schema");
    static const Json kAnything =
        JsonObject{{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}};
    kind.openApiSchema = std::make_shared<const Json>(schema ? *schema : kAnything);
    kind.customSchema = std::make_shared<const CustomSchema>(*kind.openApiSchema);
    return kind;
}
} // namespace

bool isDefinition(const KindDef& kind) {
    return kind.group == kDefinitionGroup && kind.plural == kDefinitionPlural;
}

std::string_view conditionStatus(const Json& object, std::string_view type) {
    for (const Json& condition : arrayAt(object, "status.conditions"))
        if (stringAt(condition, "type") == type)
            return stringAt(condition, "status");
    return "";
}

std::string servedForm(const Json& definition) {
    const Json* spec = find(definition, "spec");
    const Json* names = findPath(definition, "status.acceptedNames");
    return std::string(stringAt(definition, "metadata.uid")) +
           std::string(conditionStatus(definition, "Established")) +
           (spec ? serializeJson(*spec) : "") + (names ? serializeJson(*names) : "");
}

std::shared_ptr<const KindFamily> familyOf(const Json& definition, std::int64_t storedFormSince) {
    auto family = std::make_shared<KindFamily>();
    const KindDef* stored = nullptr;
    std::vector<const KindDef*> versions;
    for (const Json& version : arrayAt(definition, "spec.versions")) {
        KindDef& kind = family->emplace_back(kindOf(version, definition));
        kind.storedFormSince = storedFormSince;
        kind.family = family;
        versions.push_back(&kind);
        if (boolAt(version, "storage"))
            stored = &kind;
    }
    for (KindDef& kind : *family) {
        kind.versions = versions;
        kind.stored = stored ? stored : versions.front();
        kind.storageVersion = kind.stored->version;
    }
    return family;
}

std::vector<const KindDef*> servedKinds(const Json& definition, const KindFamily& family) {
    std::vector<const KindDef*> out;
    if (conditionStatus(definition, "Established") != "True")
        return out;
    const JsonArray& versions = arrayAt(definition, "spec.versions");
    for (std::size_t i = 0; i < family.size() && i < versions.size(); ++i)
        if (boolAt(versions[i], "served"))
            out.push_back(&family[i]);
    return out;
}

} // namespace orrery::api
