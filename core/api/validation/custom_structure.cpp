// Structural schemas: every field has a type of its own, outside of allOf, anyOf, oneOf and not.
#include <algorithm>

#include "core/api/custom/go_regexp.h"
#include "core/api/validation/custom_schemas.h"

namespace orrery::api {

namespace {
enum class Level : std::uint8_t { Root, Item, Field };

std::string below(const std::string& path, std::string_view key) {
    return path + "." + std::string(key);
}

std::string property(const std::string& path, std::string_view name) {
    return keyed(below(path, "properties"), name);
}

const Json* objectMember(const Json& schema, std::string_view key) {
    const Json* value = find(schema, key);
    return value && value->is_object() ? value : nullptr;
}

std::string_view view(JsonStringView text) {
    return {text.data(), text.size()};
}

// anyOf: [{type: integer}, {type: string}], which x-kubernetes-int-or-string may spell out.
bool isIntOrString(const JsonArray& anyOf) {
    static const Json kInteger = JsonObject{{"type", "integer"}};
    static const Json kString = JsonObject{{"type", "string"}};
    return anyOf.size() == 2 && sameValue(anyOf[0], kInteger) && sameValue(anyOf[1], kString);
}

class StructureWalk {
  public:
    Findings findings;

    void walk(const Json& schema, Level level, const std::string& path) {
        const std::string_view type = stringAt(schema, "type");
        const Json* items = objectMember(schema, "items");
        if (type == "array" && !find(schema, "items"))
            findings.required(below(path, "items"), "must be specified");
        if (items)
            walk(*items, Level::Item, below(path, "items"));
        for (const auto& [name, each] : objectAt(schema, "properties"))
            if (each.is_object())
                walk(each, Level::Field, property(path, view(name)));
        if (const Json* additional = find(schema, "additionalProperties")) {
            if (level == Level::Root)
                findings.forbidden(below(path, "additionalProperties"),
                                   "must not be used at the root");
            if (additional->is_object())
                walk(*additional, Level::Field, below(path, "additionalProperties"));
        }
        extensions(schema, path);
        const JsonArray& allOf = arrayAt(schema, "allOf");
        junctors(schema, path, isIntOrString(arrayAt(schema, "anyOf")),
                 !allOf.empty() && isIntOrString(arrayAt(allOf[0], "anyOf")));
        types(schema, level, path);
        if (level == Level::Root || boolAt(schema, "x-kubernetes-embedded-resource"))
            resourceFields(schema, path);
        const Json* metadata = objectAt(schema, "properties").if_contains("metadata");
        if (level == Level::Root && metadata)
            rootMetadata(*metadata, property(path, "metadata"));
    }

    // What a junctor of the root speaks of must be specified outside of it too.
    void complete(const Json& rules, const Json* schema, const std::string& where,
                  const std::string& path) {
        if (!schema) {
            findings.required(where, "because it is defined in " + path);
            return;
        }
        if (const Json* each = objectMember(rules, "not"))
            nested(*each, schema, where, below(path, "not"));
        for (const char* key : {"allOf", "anyOf", "oneOf"})
            for (std::size_t i = 0; i < arrayAt(rules, key).size(); ++i)
                nested(arrayAt(rules, key)[i], schema, where, at(below(path, key), i));
    }

  private:
    void nested(const Json& rules, const Json* schema, const std::string& where,
                const std::string& path) {
        complete(rules, schema, where, path);
        if (!schema)
            return;
        if (const Json* items = objectMember(rules, "items"))
            nested(*items, objectMember(*schema, "items"), below(where, "items"),
                   below(path, "items"));
        for (const auto& [name, each] : objectAt(rules, "properties"))
            nested(each, objectAt(*schema, "properties").if_contains(name),
                   property(where, view(name)), property(path, view(name)));
    }

    void extensions(const Json& schema, const std::string& path) {
        if (!boolAt(schema, "x-kubernetes-int-or-string"))
            return;
        for (const char* key :
             {"x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"})
            if (boolAt(schema, key))
                findings.invalid(below(path, key), Json(true),
                                 "must be false if x-kubernetes-int-or-string is true");
    }

    void types(const Json& schema, Level level, const std::string& path) {
        const std::string_view type = stringAt(schema, "type");
        const bool embedded = boolAt(schema, "x-kubernetes-embedded-resource");
        const bool preserve = boolAt(schema, "x-kubernetes-preserve-unknown-fields");
        const std::string field = below(path, "type");
        if (embedded && type != "object") {
            constexpr const char* kWhy = "must be object if x-kubernetes-embedded-resource is true";
            if (type.empty())
                findings.required(field, kWhy);
            else
                findings.invalid(field, type, kWhy);
        } else if (type.empty() && !boolAt(schema, "x-kubernetes-int-or-string") && !preserve) {
            findings.required(field, level == Level::Root ? "must not be empty at the root"
                                     : level == Level::Item
                                         ? "must not be empty for specified array items"
                                         : "must not be empty for specified object fields");
        }
        if (embedded && find(schema, "additionalProperties"))
            findings.forbidden(below(path, "additionalProperties"),
                               "must not be used if x-kubernetes-embedded-resource is set");
        if (level == Level::Root && !type.empty() && type != "object")
            findings.invalid(field, type, "must be object at the root");
        if (embedded && !preserve && objectAt(schema, "properties").empty())
            findings.required(below(path, "properties"),
                              "must not be empty if x-kubernetes-embedded-resource is true "
                              "without x-kubernetes-preserve-unknown-fields");
    }

    void resourceFields(const Json& schema, const std::string& path) {
        const auto want = [&](const char* name, const char* type) {
            const Json* each = objectAt(schema, "properties").if_contains(name);
            if (each && stringAt(*each, "type") != type)
                findings.invalid(property(path, name) + ".type", stringAt(*each, "type"),
                                 std::string("must be ") + type);
        };
        want("kind", "string");
        want("apiVersion", "string");
        want("metadata", "object");
    }

    // An object's metadata is Kubernetes' own; names alone may be narrowed.
    void rootMetadata(const Json& metadata, const std::string& path) {
        const JsonObject& properties = objectAt(metadata, "properties");
        const bool names =
            !properties.empty() &&
            std::all_of(properties.begin(), properties.end(), [](const auto& member) {
                return member.key() == "name" || member.key() == "generateName";
            });
        const bool plain = metadata.is_object() &&
                           std::all_of(metadata.get_object().begin(), metadata.get_object().end(),
                                       [names](const auto& member) {
                                           return member.key() == "type" ||
                                                  member.key() == "default" ||
                                                  (member.key() == "properties" && names);
                                       });
        if (!plain)
            findings.forbidden(path, "must not specify anything other than name and generateName, "
                                     "but metadata is implicitly specified");
    }

    void junctors(const Json& rules, const std::string& path, bool skipAnyOf, bool skipFirstAllOf) {
        const auto all = [&](const char* key, bool skipFirst) {
            const JsonArray& list = arrayAt(rules, key);
            for (std::size_t i = 0; i < list.size(); ++i)
                valueOnly(list[i], at(below(path, key), i), skipFirst && i == 0);
        };
        if (!skipAnyOf)
            all("anyOf", false);
        all("allOf", skipFirstAllOf);
        all("oneOf", false);
        if (const Json* each = objectMember(rules, "not"))
            valueOnly(*each, below(path, "not"), false);
        if (const std::string_view pattern = stringAt(rules, "pattern"); !pattern.empty())
            if (const auto made = GoRegexp::compile(pattern); !made)
                findings.invalid(below(path, "pattern"), pattern,
                                 "must be a valid regular expression, but isn't: " +
                                     made.error().message);
    }

    // Inside a junctor only values are validated; nothing is specified.
    void valueOnly(const Json& rules, const std::string& path, bool skipAnyOf) {
        junctors(rules, path, skipAnyOf, false);
        if (const Json* items = objectMember(rules, "items"))
            valueOnly(*items, below(path, "items"), false);
        for (const auto& [name, each] : objectAt(rules, "properties"))
            valueOnly(each, property(path, view(name)), false);
        struct Row {
            const char *key, *why;
        };
        static constexpr Row kForbidden[] = {
            {"type", "must be empty"},
            {"additionalProperties", "must be undefined"},
            {"default", "must be undefined"},
            {"title", "must be empty"},
            {"description", "must be empty"},
            {"nullable", "must be false"},
            {"externalDocs", "must be undefined"},
            {"x-kubernetes-preserve-unknown-fields", "must be false"},
            {"x-kubernetes-embedded-resource", "must be false"},
            {"x-kubernetes-int-or-string", "must be false"},
            {"x-kubernetes-list-map-keys", "must be empty"},
            {"x-kubernetes-list-type", "must be undefined"},
            {"x-kubernetes-map-type", "must be undefined"},
            {"x-kubernetes-validations", "must be empty"},
        };
        for (const Row& row : kForbidden) {
            const Json* value = find(rules, row.key);
            const bool unset = !value || (value->is_bool() && !value->get_bool() &&
                                          std::string_view(row.why) == "must be false");
            if (!unset)
                findings.forbidden(below(path, row.key),
                                   std::string(row.why) + " to be structural");
        }
        if (objectAt(rules, "properties").contains("metadata"))
            findings.forbidden(property(path, "metadata"),
                               "must not be specified in a nested context");
    }
};
} // namespace

FieldErrors checkStructure(const Json& schema, const std::string& path) {
    StructureWalk pass;
    pass.walk(schema, Level::Root, path);
    pass.complete(schema, &schema, path, path);
    FieldErrors errors = pass.findings.take();
    std::sort(errors.begin(), errors.end(), [](const FieldError& a, const FieldError& b) {
        return a.field + ": " + a.message < b.field + ": " + b.message;
    });
    return errors;
}

} // namespace orrery::api
