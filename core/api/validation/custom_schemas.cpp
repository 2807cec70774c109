// The schemas of CustomResourceDefinitions: what OpenAPI fields are supported, extensions, lists,
// defaults. Structurality: custom_structure.cpp.
#include "core/api/validation/custom_schemas.h"

#include <algorithm>
#include <set>

#include "core/api/custom/string_formats.h"
#include "core/api/custom/structural.h"

namespace orrery::api {

namespace {
std::string below(const std::string& path, std::string_view key) {
    return path + "." + std::string(key);
}

const Json* objectMember(const Json& schema, std::string_view key) {
    const Json* value = find(schema, key);
    return value && value->is_object() ? value : nullptr;
}

// The fields that OpenAPI has and Kubernetes does not take.
class FieldWalk {
  public:
    explicit FieldWalk(Findings& findings) : findings_(findings) {}

    // `meta`: inside an object's metadata; `noDefaults`: why there can be no default here.
    void walk(const Json& schema, const std::string& path, bool root, bool meta,
              std::string_view noDefaults) {
        unsupported(schema, path, meta, noDefaults);
        additional(schema, path, meta, noDefaults);
        const bool resource = root || boolAt(schema, "x-kubernetes-embedded-resource");
        for (const auto& [name, each] : objectAt(schema, "properties")) {
            const std::string_view key(name.data(), name.size());
            if (each.is_object())
                walk(each, keyed(below(path, "properties"), key), false,
                     meta || (resource && key == "metadata"), noDefaults);
        }
        if (const Json* each = objectMember(schema, "not"))
            walk(*each, below(path, "not"), false, meta, noDefaults);
        for (const char* key : {"allOf", "oneOf", "anyOf"})
            for (std::size_t i = 0; i < arrayAt(schema, key).size(); ++i)
                walk(arrayAt(schema, key)[i], at(below(path, key), i), false, meta, noDefaults);
        for (const auto& [name, each] : objectAt(schema, "definitions"))
            walk(each, keyed(below(path, "definitions"), {name.data(), name.size()}), false, meta,
                 noDefaults);
        if (const Json* items = find(schema, "items"); items && items->is_object())
            walk(*items, below(path, "items"), false, meta, noDefaults);
        else if (items && items->is_array())
            for (std::size_t i = 0; i < items->get_array().size(); ++i)
                walk(items->get_array()[i], at(below(path, "items"), i), false, meta, noDefaults);
        extensions(schema, path);
        listOf(schema, path);
        keysOfLists(schema, path);
    }

  private:
    void forbid(const std::string& path, std::string_view key, std::string_view why) {
        findings_.forbidden(below(path, key), why);
    }

    void unsupported(const Json& schema, const std::string& path, bool meta,
                     std::string_view noDefaults) {
        if (!noDefaults.empty() && find(schema, "default"))
            forbid(path, "default", "must not be set " + std::string(noDefaults));
        if (!stringAt(schema, "id").empty())
            forbid(path, "id", "id is not supported");
        for (const char* key :
             {"additionalItems", "patternProperties", "definitions", "dependencies"})
            if (find(schema, key))
                forbid(path, key, std::string(key) + " is not supported");
        if (find(schema, "$ref"))
            forbid(path, "$ref", "$ref is not supported");
        const std::string_view type = stringAt(schema, "type");
        if (type == "null")
            forbid(path, "type", "type cannot be set to null, use nullable as an alternative");
        if (const Json* items = find(schema, "items"); items && items->is_array())
            forbid(path, "items", "items must be a schema object and not an array");
        if (meta && boolAt(schema, "x-kubernetes-embedded-resource"))
            forbid(path, "x-kubernetes-embedded-resource",
                   "must not be used inside of resource meta");
        if (boolAt(schema, "uniqueItems"))
            forbid(path, "uniqueItems",
                   "uniqueItems cannot be set to true since the runtime complexity becomes "
                   "quadratic");
        static const std::vector<std::string_view> kTypes = {"array",  "boolean", "integer",
                                                             "number", "object",  "string"};
        if (!type.empty() && type != "null" &&
            std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end())
            findings_.notSupported(below(path, "type"), Json(type), kTypes);
    }

    void additional(const Json& schema, const std::string& path, bool meta,
                    std::string_view noDefaults) {
        const Json* additional = find(schema, "additionalProperties");
        if (!additional)
            return;
        const bool anything = additional->is_bool() && additional->get_bool();
        if (!objectAt(schema, "properties").empty() && !anything)
            forbid(path, "additionalProperties",
                   "additionalProperties and properties are mutual exclusive");
        if (additional->is_object())
            walk(*additional, below(path, "additionalProperties"), false, meta,
                 meta ? "inside additionalProperties applying to object metadata" : noDefaults);
    }

    void wantType(const Json& schema, const std::string& path, std::string_view wanted,
                  std::string_view extension) {
        const std::string_view type = stringAt(schema, "type");
        const std::string why =
            "must be " + std::string(wanted) + " if " + std::string(extension) + " is specified";
        if (type.empty())
            findings_.required(below(path, "type"), why);
        else
            findings_.invalid(below(path, "type"), type, why);
    }

    void extensions(const Json& schema, const std::string& path) {
        const Json* preserve = find(schema, "x-kubernetes-preserve-unknown-fields");
        if (preserve && preserve->is_bool() && !preserve->get_bool())
            findings_.invalid(below(path, "x-kubernetes-preserve-unknown-fields"), *preserve,
                              "must be true or undefined");
        const Json* map = find(schema, "x-kubernetes-map-type");
        if (!map)
            return;
        if (stringAt(schema, "type") != "object")
            wantType(schema, path, "object", "x-kubernetes-map-type");
        if (asString(*map) != "atomic" && asString(*map) != "granular")
            findings_.notSupported(below(path, "x-kubernetes-map-type"), *map,
                                   {"atomic", "granular"});
    }

    void listOf(const Json& schema, const std::string& path) {
        const Json* type = find(schema, "x-kubernetes-list-type");
        const std::string field = below(path, "x-kubernetes-list-type");
        if (type) {
            const Json* items = objectMember(schema, "items");
            if (stringAt(schema, "type") != "array")
                wantType(schema, path, "array", "x-kubernetes-list-type");
            else if (asString(*type) == "set" && items)
                atomicItems(*items, below(path, "items"));
            if (asString(*type) != "atomic" && asString(*type) != "set" && asString(*type) != "map")
                findings_.notSupported(field, *type, {"atomic", "set", "map"});
        }
        if (!arrayAt(schema, "x-kubernetes-list-map-keys").empty()) {
            constexpr const char* kWhy = "must be map if x-kubernetes-list-map-keys is non-empty";
            if (!type)
                findings_.required(field, kWhy);
            else if (asString(*type) != "map")
                findings_.invalid(field, *type, kWhy);
        }
        if (type && asString(*type) == "map")
            mapList(schema, path);
    }

    // The items of a set are compared as a whole.
    void atomicItems(const Json& items, const std::string& path) {
        constexpr const char* kWhy =
            "must be atomic as item of a list with x-kubernetes-list-type=set";
        const Json* list = find(items, "x-kubernetes-list-type");
        const Json* map = find(items, "x-kubernetes-map-type");
        if (stringAt(items, "type") == "array" && list && asString(*list) != "atomic")
            findings_.invalid(below(path, "x-kubernetes-list-type"), *list, kWhy);
        if (stringAt(items, "type") == "object" && (!map || asString(*map) != "atomic"))
            findings_.invalid(below(path, "x-kubernetes-map-type"), map ? *map : Json(), kWhy);
    }

    void mapList(const Json& schema, const std::string& path) {
        const JsonArray& keys = arrayAt(schema, "x-kubernetes-list-map-keys");
        const std::string field = below(path, "x-kubernetes-list-map-keys");
        if (keys.empty())
            findings_.required(field, "must not be empty if x-kubernetes-list-type is map");
        const Json* items = find(schema, "items");
        if (!items)
            return findings_.required(below(path, "items"),
                                      "must have a schema if x-kubernetes-list-type is map");
        if (!items->is_object())
            return findings_.invalid(
                below(path, "items"), *items,
                "must only have a single schema if x-kubernetes-list-type is map");
        const std::string_view type = stringAt(*items, "type");
        if (type != "object")
            return findings_.invalid(
                below(path, "items.type"), type,
                "must be object if parent array's x-kubernetes-list-type is map");
        const JsonObject& properties = objectAt(*items, "properties");
        std::set<std::string_view> seen;
        for (const Json& key : keys) {
            const Json* property = properties.if_contains(asString(key));
            const std::string_view of = property ? stringAt(*property, "type") : "";
            if (of == "array" || of == "object")
                findings_.invalid(
                    keyed(below(path, "items.properties"), asString(key)) + ".type", type,
                    "must be a scalar type if parent array's x-kubernetes-list-type is map");
            if (!property)
                findings_.invalid(field, Json(keys),
                                  "entries must all be names of item properties");
            if (!seen.insert(asString(key)).second)
                findings_.invalid(field, Json(keys), "must not contain duplicate entries");
        }
    }

    void keysOfLists(const Json& schema, const std::string& path) {
        const std::string_view type = stringAt(schema, "x-kubernetes-list-type");
        const Json* items = objectMember(schema, "items");
        if (!items || (type != "map" && type != "set"))
            return;
        if (boolAt(*items, "nullable"))
            findings_.forbidden(below(path, "items.nullable"),
                                "cannot be nullable when x-kubernetes-list-type is " +
                                    std::string(type));
        if (type == "set")
            return;
        const JsonArray& required = arrayAt(*items, "required");
        for (const Json& key : arrayAt(schema, "x-kubernetes-list-map-keys")) {
            const Json* property = objectAt(*items, "properties").if_contains(asString(key));
            if (!property)
                continue;
            const std::string where = keyed(below(path, "items.properties"), asString(key));
            constexpr const char* kKey = "this property is in x-kubernetes-list-map-keys, so it ";
            if (std::find(required.begin(), required.end(), key) == required.end() &&
                !find(*property, "default"))
                findings_.required(where + ".default",
                                   std::string(kKey) +
                                       "must have a default or be a required property");
            if (boolAt(*property, "nullable"))
                findings_.forbidden(where + ".nullable", std::string(kKey) + "cannot be nullable");
        }
    }

    Findings& findings_;
};

// Defaults must be what they default: valid, and left as they are by pruning.
class DefaultWalk {
  public:
    explicit DefaultWalk(Findings& findings) : findings_(findings) {}

    void walk(const SchemaNode& schema, const std::string& path, bool root) {
        if (schema.defaultValue && !root)
            check(schema, path + ".default");
        if (!schema.defaultsBelow)
            return;
        if (schema.items)
            walk(*schema.items, path + ".items", false);
        for (const SchemaProperty& each : schema.properties)
            walk(each.node, keyed(path + ".properties", each.name), false);
        if (schema.additional)
            walk(*schema.additional, path + ".additionalProperties", false);
    }

  private:
    void check(const SchemaNode& schema, const std::string& path) {
        Json pruned = *schema.defaultValue;
        // Only embedded resources have type and metadata beside their properties.
        if (JsonObject* object = pruned.if_object(); object && !schema.embeddedResource)
            for (const char* key : {"apiVersion", "kind", "metadata"})
                if (!schema.member(key) && !schema.preserveUnknown && !schema.additionalAnything)
                    object->erase(key);
        pruneUnknown(schema, pruned, nullptr);
        if (!sameValue(pruned, *schema.defaultValue))
            findings_.invalid(path, *schema.defaultValue, "must not have unknown fields");
        for (const auto& pass : {checkEmbedded(schema, *schema.defaultValue, path),
                                 validateBySchema(schema, *schema.defaultValue, nullptr, path),
                                 checkUniqueItems(schema, *schema.defaultValue, path)}) {
            findings_.append(pass);
            if (!pass.empty())
                return;
        }
    }

    Findings& findings_;
};

// What a root may hold when the status has a schema of its own.
void checkRootFields(Findings& findings, const Json& schema, const std::string& path) {
    static const std::pair<std::string_view, std::string_view> kAllowed[] = {
        {"description", "Description"},
        {"type", "Type"},
        {"format", "Format"},
        {"title", "Title"},
        {"maximum", "Maximum"},
        {"exclusiveMaximum", "ExclusiveMaximum"},
        {"minimum", "Minimum"},
        {"exclusiveMinimum", "ExclusiveMinimum"},
        {"maxLength", "MaxLength"},
        {"minLength", "MinLength"},
        {"pattern", "Pattern"},
        {"maxItems", "MaxItems"},
        {"minItems", "MinItems"},
        {"uniqueItems", "UniqueItems"},
        {"multipleOf", "MultipleOf"},
        {"required", "Required"},
        {"items", "Items"},
        {"properties", "Properties"},
        {"externalDocs", "ExternalDocs"},
        {"example", "Example"},
        {"x-kubernetes-preserve-unknown-fields", "XPreserveUnknownFields"},
        {"x-kubernetes-validations", "XValidations"}};
    const std::string_view type = stringAt(schema, "type");
    if (type != "object")
        findings.invalid(path + ".type", type,
                         "only \"object\" is allowed as the type at the root of the schema if the "
                         "status subresource is enabled");
    std::string names;
    for (const auto& [key, name] : kAllowed)
        names += (names.empty() ? "" : " ") + std::string(name);
    for (const auto& member : schema.get_object()) {
        const std::string_view key(member.key().data(), member.key().size());
        const bool known = std::any_of(std::begin(kAllowed), std::end(kAllowed),
                                       [key](const auto& one) { return one.first == key; });
        if (!known && key != "nullable")
            return findings.invalid(path, schema,
                                    "only [" + names +
                                        "] fields are allowed at the root of the schema if the "
                                        "status subresource is enabled");
    }
}

void collectFormats(const Json& schema, std::set<std::string>& out) {
    const std::string_view format = stringAt(schema, "format");
    static constexpr std::string_view kNumbers[] = {"int32", "int64",  "uint32",  "uint64",
                                                    "float", "double", "float32", "float64"};
    const bool number =
        std::find(std::begin(kNumbers), std::end(kNumbers), format) != std::end(kNumbers);
    if (!format.empty() && !number && !knowsStringFormat(format) && format != "int-or-string")
        out.emplace(format);
    for (const auto& [name, each] : objectAt(schema, "properties"))
        collectFormats(each, out);
    for (const char* key : {"items", "additionalProperties"})
        if (const Json* each = objectMember(schema, key))
            collectFormats(*each, out);
}
} // namespace

void checkDefinitionSchema(Findings& findings, const Json* schema, bool statusEnabled,
                           const std::string& path) {
    if (!schema || !schema->is_object())
        return;
    Findings own;
    if (statusEnabled)
        checkRootFields(own, *schema, path);
    if (boolAt(*schema, "nullable"))
        own.forbidden(path + ".nullable", "nullable cannot be true at the root");
    FieldWalk(own).walk(*schema, path, true, false, "");
    const FieldErrors structure = checkStructure(*schema, path);
    own.append(structure);
    if (structure.empty())
        DefaultWalk(own).walk(compileSchema(*schema), path, true);
    findings.append(own.take());
}

std::vector<std::string> unknownFormats(const Json& definition) {
    std::set<std::string> formats;
    for (const Json& version : arrayAt(definition, "spec.versions"))
        if (const Json* schema = findPath(version, "schema.openAPIV3Schema"))
            collectFormats(*schema, formats);
    std::vector<std::string> out;
    for (const std::string& format : formats)
        out.push_back("unrecognized format \"" + format + "\"");
    return out;
}

} // namespace orrery::api
