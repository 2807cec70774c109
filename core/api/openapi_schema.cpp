// Definitions: types as OpenAPI schemas.
#include <algorithm>
#include <map>

#include "core/api/json_text.h"
#include "core/api/openapi_facts.h"
#include "core/api/openapi_parts.h"
#include "core/api/protobuf_facts.h"

namespace orrery::api {

namespace {
constexpr std::string_view kMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

bool isNamed(const Type& type) {
    return type.name.find('.') != std::string::npos;
}

// A type as a schema, where it is defined and where it is used.
class SchemaWriter {
  public:
    SchemaWriter(OpenApiVersion version, JsonText& out) : version_(version), out_(out) {}

    // A definition without its closing brace.
    void define(const Type& type) {
        const OpenApiFacts& facts = OpenApiFacts::builtIn();
        const OpenApiTypeFacts* own = facts.type(type.name);
        out_.open('{');
        if (const std::string_view words = facts.describeType(type.name); !words.empty())
            out_.member("description", words);
        if (type.kind != TypeKind::Struct)
            return scalar(type.kind);
        out_.member("type", "object");
        required(type);
        if (!type.fields.empty()) {
            out_.key("properties").open('{');
            for (const Field& field : type.fields) {
                out_.key(field.name).open('{');
                property(field, own ? own->field(field.name) : nullptr,
                         facts.describeField(type.name, field.name));
                out_.close('}');
            }
            out_.close('}');
        }
        if (type.atomicMap)
            out_.member("x-kubernetes-map-type", "atomic");
        if (own && !own->unions.empty())
            out_.key("x-kubernetes-unions").raw(own->unions);
    }

  private:
    bool two() const { return version_ == OpenApiVersion::V2; }

    void required(const Type& type) {
        bool any = false;
        for (const Field& field : type.fields) {
            if (!field.required)
                continue;
            if (!any)
                out_.key("required").open('[');
            any = true;
            out_.text(field.name);
        }
        if (any)
            out_.close(']');
    }

    void property(const Field& field, const OpenApiFieldFacts* facts, std::string_view words) {
        if (!words.empty())
            out_.member("description", words);
        const bool hasDefault = !two() && facts && !facts->defaultJson.empty();
        if (hasDefault)
            out_.key("default").raw(facts->defaultJson);
        use(*field.type, facts, true);
        if (facts && !facts->values.empty())
            values(facts->values);
        mergeFacts(field, !facts || !facts->noListType);
        if (facts && !facts->extension.empty())
            out_.raw(facts->extension);
    }

    // Version 3 lets nothing stand beside a reference.
    void refer(const Type& type, bool siblings) {
        const std::string target = openApiReference(type.name, version_);
        if (two() || !siblings)
            out_.member("$ref", target);
        else
            out_.key("allOf").open('[').open('{').member("$ref", target).close('}').close(']');
    }

    void use(const Type& type, const OpenApiFieldFacts* facts, bool siblings) {
        if (isNamed(type)) {
            refer(type, siblings);
        } else if (type.kind == TypeKind::List || type.kind == TypeKind::Map) {
            const bool list = type.kind == TypeKind::List;
            out_.member("type", list ? "array" : "object");
            out_.key(list ? "items" : "additionalProperties").open('{');
            element(*type.element, !facts ? std::string_view()
                                   : list ? facts->itemValues
                                          : facts->mapValues);
            out_.close('}');
        } else {
            scalar(type.kind);
        }
    }

    // Elements have the zero of their type as default, but for those that are one value in JSON and
    // a type of their own.
    void element(const Type& type, std::string_view permitted) {
        if (!two() && type.kind == TypeKind::Struct)
            out_.key("default").raw("{}");
        use(type, nullptr, !two() && type.kind == TypeKind::Struct);
        if (!two() && type.kind == TypeKind::String)
            out_.member("default", "");
        else if (!two() && (type.kind == TypeKind::Int32 || type.kind == TypeKind::Int64))
            out_.key("default").raw("0");
        else if (!two() && type.kind == TypeKind::Bool)
            out_.key("default").raw("false");
        if (!permitted.empty())
            values(permitted);
    }

    void values(std::string_view all) {
        out_.key("enum").open('[');
        while (!all.empty()) {
            const std::size_t bar = all.find('|');
            out_.text(all.substr(0, bar));
            all = bar == std::string_view::npos ? std::string_view() : all.substr(bar + 1);
        }
        out_.close(']');
    }

    void scalar(TypeKind kind) {
        const auto say = [this](std::string_view type, std::string_view format) {
            out_.member("type", type);
            if (!format.empty())
                out_.member("format", format);
        };
        switch (kind) {
        case TypeKind::String:
            return say("string", "");
        case TypeKind::Bool:
            return say("boolean", "");
        case TypeKind::Int32:
            return say("integer", "int32");
        case TypeKind::Int64:
            return say("integer", "int64");
        case TypeKind::Double:
            return say("number", "double");
        case TypeKind::Bytes:
            return say("string", "byte");
        case TypeKind::Time:
        case TypeKind::MicroTime:
            return say("string", "date-time");
        case TypeKind::IntOrString:
            if (two())
                return say("string", "int-or-string");
            out_.member("format", "int-or-string");
            out_.key("oneOf").raw(R"([{"type":"integer"},{"type":"string"}])");
            return;
        case TypeKind::Quantity:
            if (two())
                return say("string", "");
            out_.key("oneOf").raw(R"([{"type":"string"},{"type":"number"}])");
            return;
        case TypeKind::Object:
            return say("object", "");
        default:
            return;
        }
    }

    void mergeFacts(const Field& field, bool listType) {
        if (!field.listMapKeys.empty()) {
            out_.key("x-kubernetes-list-map-keys").open('[');
            for (const std::string& key : field.listMapKeys)
                out_.text(key);
            out_.close(']');
        }
        if (listType && field.type->kind == TypeKind::List)
            out_.member("x-kubernetes-list-type", field.listMerge == ListMerge::Map   ? "map"
                                                  : field.listMerge == ListMerge::Set ? "set"
                                                                                      : "atomic");
        if (field.atomicMap)
            out_.member("x-kubernetes-map-type", "atomic");
        if (!field.patchMergeKey.empty())
            out_.member("x-kubernetes-patch-merge-key", field.patchMergeKey);
        if (field.patchMerge || field.patchRetainKeys)
            out_.member("x-kubernetes-patch-strategy", field.patchMerge && field.patchRetainKeys
                                                           ? "merge,retainKeys"
                                                       : field.patchMerge ? "merge"
                                                                          : "retainKeys");
    }

    OpenApiVersion version_;
    JsonText& out_;
};

void gvkList(const std::vector<GroupVersionKind>& all, JsonText& out) {
    if (all.empty())
        return;
    out.key("x-kubernetes-group-version-kind").open('[');
    for (const GroupVersionKind& gvk : all)
        out.open('{')
            .member("group", gvk.group)
            .member("kind", gvk.kind)
            .member("version", gvk.version)
            .close('}');
    out.close(']');
}

// A definition without its closing brace: made once for each type, as documents share them.
const std::string& definitionOf(const std::string& name, OpenApiVersion version) {
    static std::map<std::string, std::string> made[2]; // plane thread
    auto [at, isNew] = made[version == OpenApiVersion::V2 ? 0 : 1].try_emplace(name);
    if (!isNew)
        return at->second;
    const OpenApiTypeFacts* facts = OpenApiFacts::builtIn().type(name);
    const std::string_view whole = !facts                          ? std::string_view()
                                   : version == OpenApiVersion::V2 ? facts->version2
                                                                   : facts->version3;
    if (!whole.empty()) {
        at->second = whole.substr(0, whole.size() - 1);
        return at->second;
    }
    const Type* type = Schema::builtIn().find(name);
    ORRERY_ASSERT(type != nullptr);
    JsonText out;
    SchemaWriter(version, out).define(*type);
    at->second = std::move(out.out());
    return at->second;
}

// What a definition refers to, from its text: schema types by their fields, others by their text.
void reach(const std::string& name, std::set<std::string>& found) {
    if (!found.insert(name).second)
        return;
    if (const Type* type = Schema::builtIn().find(name)) {
        for (const Field& field : type->fields) {
            const Type* inner = field.type;
            while (inner->kind == TypeKind::List || inner->kind == TypeKind::Map)
                inner = inner->element;
            if (isNamed(*inner))
                reach(inner->name, found);
        }
        return;
    }
    static constexpr std::string_view kHead = "#/definitions/";
    const std::string& text = definitionOf(name, OpenApiVersion::V2);
    for (std::size_t at = text.find(kHead); at != std::string::npos; at = text.find(kHead, at)) {
        at += kHead.size();
        reach(text.substr(at, text.find('"', at) - at), found);
    }
}

// Which kinds a type is of. Options of deletions and watch events are of every group; a document of
// one group version tells of the core group and its own.
std::vector<GroupVersionKind> kindsOf(const std::string& type, std::string_view groupVersion) {
    std::vector<GroupVersionKind> out;
    const bool everywhere = type.starts_with(kMeta);
    for (const auto& [apiVersion, kind] : ProtobufFacts::builtIn().kindsOf(type)) {
        if (everywhere && !groupVersion.empty() && apiVersion != "v1" && apiVersion != groupVersion)
            continue;
        const std::size_t slash = apiVersion.find('/');
        const bool core = slash == std::string_view::npos;
        out.push_back({std::string(core ? std::string_view() : apiVersion.substr(0, slash)),
                       std::string(core ? apiVersion : apiVersion.substr(slash + 1)),
                       std::string(kind)});
    }
    std::sort(out.begin(), out.end());
    return out;
}

// A custom kind's own schema, with the metadata that every object has.
void customDefinition(const KindDef& kind, OpenApiVersion version, JsonText& out) {
    JsonObject schema;
    if (kind.openApiSchema && kind.openApiSchema->is_object())
        schema = kind.openApiSchema->get_object();
    schema["type"] = "object";
    JsonObject& properties = schema["properties"].is_object()
                                 ? schema["properties"].get_object()
                                 : schema["properties"].emplace_object();
    const OpenApiFacts& facts = OpenApiFacts::builtIn();
    for (const char* name : {"apiVersion", "kind"})
        properties[name] =
            JsonObject{{"description", facts.describeField("", name)}, {"type", "string"}};
    const std::string meta = openApiReference(std::string(kMeta) + "ObjectMeta", version);
    JsonObject metadata{{"description", facts.describeField("", "metadata")}};
    if (version == OpenApiVersion::V2)
        metadata["$ref"] = meta;
    else
        metadata["allOf"] = JsonArray{JsonObject{{"$ref", meta}}};
    properties["metadata"] = std::move(metadata);
    std::string text = serializeJson(schema);
    text.pop_back();
    JsonText body(std::move(text));
    gvkList({kind.gvk()}, body);
    out.key(openApiName(kind)).raw(body.close('}').out());
}

void customList(const KindDef& kind, OpenApiVersion version, JsonText& out) {
    const OpenApiFacts& facts = OpenApiFacts::builtIn();
    const std::string name = openApiName(kind);
    out.key(name + "List")
        .open('{')
        .member("description", kind.listKind + " is a list of " + kind.kind);
    out.member("type", "object").key("required").raw(R"(["items"])").key("properties").open('{');
    for (const char* field : {"apiVersion", "kind"})
        out.key(field)
            .open('{')
            .member("description", facts.describeField("", field))
            .member("type", "string")
            .close('}');
    out.key("items").open('{').member("type", "array").key("items").open('{');
    out.member("$ref", openApiReference(name, version)).close('}').close('}');
    out.key("metadata").open('{');
    out.member("$ref", openApiReference(std::string(kMeta) + "ListMeta", version)).close('}');
    out.close('}');
    gvkList({{kind.group, kind.version, kind.listKind}}, out);
    out.close('}');
}
} // namespace

std::string openApiReference(std::string_view type, OpenApiVersion version) {
    return std::string(version == OpenApiVersion::V3 ? "#/components/schemas/" : "#/definitions/")
        .append(type);
}

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

std::string openApiDefinitions(const std::set<std::string>& names,
                               const std::vector<const KindDef*>& kinds, OpenApiVersion version,
                               std::string_view groupVersion) {
    std::map<std::string, const KindDef*> custom;
    for (const KindDef* kind : kinds)
        if (kind->custom)
            custom.emplace(openApiName(*kind), kind);
    std::set<std::string> found;
    for (const std::string& name : names) {
        const bool isList =
            name.ends_with("List") && custom.contains(name.substr(0, name.size() - 4));
        if (!custom.contains(name) && !isList)
            reach(name, found);
    }
    if (!custom.empty())
        for (const char* name : {"ObjectMeta", "ListMeta"})
            reach(std::string(kMeta) + name, found);
    JsonText out;
    out.open('{');
    for (const std::string& name : found) {
        out.key(name).raw(definitionOf(name, version));
        gvkList(kindsOf(name, groupVersion), out);
        out.close('}');
    }
    for (const auto& [name, kind] : custom) {
        customDefinition(*kind, version, out);
        customList(*kind, version, out);
    }
    out.close('}');
    return std::move(out.out());
}

} // namespace orrery::api
