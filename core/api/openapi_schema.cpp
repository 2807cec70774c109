// Definitions: types as OpenAPI schemas.
#include <map>

#include "core/api/openapi_parts.h"

namespace orrery::api {

namespace {
constexpr std::string_view kMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

// Scalars and free-form values; types that have a name of their own are referred to.
void scalarSchema(TypeKind kind, bool version3, JsonObject& out) {
    switch (kind) {
    case TypeKind::String:
        out["type"] = "string";
        break;
    case TypeKind::Bool:
        out["type"] = "boolean";
        break;
    case TypeKind::Int32:
        out["type"] = "integer";
        out["format"] = "int32";
        break;
    case TypeKind::Int64:
        out["type"] = "integer";
        out["format"] = "int64";
        break;
    case TypeKind::Double:
        out["type"] = "number";
        out["format"] = "double";
        break;
    case TypeKind::Bytes:
        out["type"] = "string";
        out["format"] = "byte";
        break;
    case TypeKind::Time:
    case TypeKind::MicroTime:
        out["type"] = "string";
        out["format"] = "date-time";
        break;
    case TypeKind::IntOrString:
        if (version3)
            out["oneOf"] =
                JsonArray{JsonObject{{"type", "integer"}}, JsonObject{{"type", "string"}}};
        else
            out["type"] = "string";
        out["format"] = "int-or-string";
        break;
    case TypeKind::Quantity:
        if (version3)
            out["oneOf"] =
                JsonArray{JsonObject{{"type", "string"}}, JsonObject{{"type", "number"}}};
        else
            out["type"] = "string";
        break;
    case TypeKind::Object:
        out["type"] = "object";
        break;
    default:
        break;
    }
}

std::string reference(const std::string& name, bool version3) {
    return (version3 ? "#/components/schemas/" : "#/definitions/") + name;
}

// A type where it is used.
JsonObject useOf(const Type& type, bool version3, bool siblings) {
    JsonObject out;
    const bool named = type.name.find('.') != std::string::npos;
    if (named && siblings && version3) {
        out["allOf"] = JsonArray{JsonObject{{"$ref", reference(type.name, true)}}};
    } else if (named) {
        out["$ref"] = reference(type.name, version3);
    } else if (type.kind == TypeKind::List) {
        out["type"] = "array";
        out["items"] = useOf(*type.element, version3, false);
    } else if (type.kind == TypeKind::Map) {
        out["type"] = "object";
        out["additionalProperties"] = useOf(*type.element, version3, false);
    } else {
        scalarSchema(type.kind, version3, out);
    }
    return out;
}

void addMergeFacts(const Field& field, JsonObject& out) {
    if (field.atomicMap)
        out["x-kubernetes-map-type"] = "atomic";
    if (field.type->kind == TypeKind::List && field.listMerge != ListMerge::Atomic)
        out["x-kubernetes-list-type"] = field.listMerge == ListMerge::Map ? "map" : "set";
    else if (field.type->kind == TypeKind::List)
        out["x-kubernetes-list-type"] = "atomic";
    if (!field.listMapKeys.empty()) {
        JsonArray keys;
        for (const std::string& key : field.listMapKeys)
            keys.emplace_back(key);
        out["x-kubernetes-list-map-keys"] = std::move(keys);
    }
    if (!field.patchMergeKey.empty())
        out["x-kubernetes-patch-merge-key"] = field.patchMergeKey;
    if (field.patchMerge || field.patchRetainKeys)
        out["x-kubernetes-patch-strategy"] = field.patchMerge && field.patchRetainKeys
                                                 ? "merge,retainKeys"
                                             : field.patchMerge ? "merge"
                                                                : "retainKeys";
}

void reach(const Type* type, std::map<std::string, const Type*>& found) {
    while (type->kind == TypeKind::List || type->kind == TypeKind::Map)
        type = type->element;
    if (type->name.find('.') == std::string::npos || !found.emplace(type->name, type).second)
        return;
    for (const Field& field : type->fields)
        reach(field.type, found);
}

JsonObject gvkOf(const GroupVersionKind& gvk) {
    return JsonObject{{"group", gvk.group}, {"kind", gvk.kind}, {"version", gvk.version}};
}

// A custom kind's own schema, with the metadata that every object has.
JsonObject customDefinition(const KindDef& kind, bool version3) {
    JsonObject out;
    if (kind.openApiSchema && kind.openApiSchema->is_object())
        out = kind.openApiSchema->get_object();
    out["type"] = "object";
    JsonObject& properties = out["properties"].is_object() ? out["properties"].get_object()
                                                           : out["properties"].emplace_object();
    for (const char* name : {"apiVersion", "kind"})
        properties[name] = JsonObject{{"description", describeField("", name)}, {"type", "string"}};
    JsonObject metadata =
        useOf(*Schema::builtIn().find(std::string(kMeta) + "ObjectMeta"), version3, true);
    metadata["description"] = describeField("", "metadata");
    properties["metadata"] = std::move(metadata);
    out["x-kubernetes-group-version-kind"] = JsonArray{gvkOf(kind.gvk())};
    return out;
}

JsonObject customList(const KindDef& kind, bool version3) {
    JsonObject items{{"type", "array"}};
    items["items"] = JsonObject{{"$ref", reference(openApiName(kind), version3)}};
    JsonObject properties;
    for (const char* name : {"apiVersion", "kind"})
        properties[name] = JsonObject{{"description", describeField("", name)}, {"type", "string"}};
    properties["items"] = std::move(items);
    properties["metadata"] =
        useOf(*Schema::builtIn().find(std::string(kMeta) + "ListMeta"), version3, false);
    JsonObject out{{"type", "object"}};
    out["required"] = JsonArray{"items"};
    out["properties"] = std::move(properties);
    out["x-kubernetes-group-version-kind"] =
        JsonArray{gvkOf({kind.group, kind.version, kind.listKind})};
    return out;
}
} // namespace

std::string openApiName(const KindDef& kind) {
    if (!kind.custom)
        return kind.schema;
    // "kinds.example.com" reads "com.example.kinds" here.
    std::string result;
    std::string_view rest = kind.group;
    while (!rest.empty()) {
        const std::size_t dot = rest.rfind('.');
        result.append(rest.substr(dot == std::string_view::npos ? 0 : dot + 1)).append(1, '.');
        rest = dot == std::string_view::npos ? std::string_view() : rest.substr(0, dot);
    }
    return result + kind.version + "." + kind.kind;
}

Json openApiDefinition(const Type& type, bool version3) {
    JsonObject out;
    if (const std::string_view words = describeType(type.name); !words.empty())
        out["description"] = words;
    if (type.kind != TypeKind::Struct) {
        scalarSchema(type.kind, version3, out);
        return out;
    }
    out["type"] = "object";
    JsonObject properties;
    JsonArray required;
    for (const Field& field : type.fields) {
        JsonObject use = useOf(*field.type, version3, true);
        if (const std::string_view words = describeField(type.name, field.name); !words.empty())
            use["description"] = words;
        // Values that are always there default to the empty one.
        if (version3 && !field.pointer && field.type->kind == TypeKind::Struct)
            use["default"] = JsonObject();
        addMergeFacts(field, use);
        properties[field.name] = std::move(use);
        if (field.required)
            required.emplace_back(field.name);
    }
    if (!required.empty())
        out["required"] = std::move(required);
    if (!properties.empty())
        out["properties"] = std::move(properties);
    if (type.atomicMap)
        out["x-kubernetes-map-type"] = "atomic";
    return out;
}

JsonObject openApiDefinitions(const std::vector<const KindDef*>& kinds, bool version3) {
    const Schema& schema = Schema::builtIn();
    std::map<std::string, const Type*> found;
    std::map<std::string, JsonArray> gvks;
    for (const char* name :
         {"DeleteOptions", "Status", "WatchEvent", "Patch", "ObjectMeta", "ListMeta"})
        if (const Type* type = schema.find(std::string(kMeta) + name))
            reach(type, found);
    JsonObject custom;
    for (const KindDef* kind : kinds) {
        if (kind->custom) {
            custom[openApiName(*kind)] = customDefinition(*kind, version3);
            custom[openApiName(*kind) + "List"] = customList(*kind, version3);
            continue;
        }
        for (const OpenApiPath& path : openApiPaths(*kind))
            for (const OpenApiOperation& operation : path.operations)
                for (const std::string* name : {&operation.body, &operation.answer})
                    if (const Type* type = schema.find(*name)) {
                        reach(type, found);
                        if (operation.gvk.kind == type->goName && gvks[*name].empty())
                            gvks[*name].push_back(gvkOf(operation.gvk));
                    }
        JsonArray& list = gvks[kind->schema + "List"];
        if (list.empty())
            list.push_back(gvkOf({kind->group, kind->version, kind->listKind}));
    }
    JsonObject result;
    for (const auto& [name, type] : found) {
        Json definition = openApiDefinition(*type, version3);
        if (const auto gvk = gvks.find(name); gvk != gvks.end())
            definition.get_object()["x-kubernetes-group-version-kind"] = gvk->second;
        result[name] = std::move(definition);
    }
    for (auto& each : custom)
        result[each.key()] = std::move(each.value());
    return result;
}

} // namespace orrery::api
