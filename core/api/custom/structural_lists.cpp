// Lists of type set and map hold each item once; embedded resources say what they are.
#include <algorithm>
#include <unordered_set>

#include "core/api/custom/structural.h"
#include "core/api/validation/findings.h"

namespace orrery::api {

namespace {
std::string_view keyOf(const JsonObject::value_type& member) {
    return {member.key().data(), member.key().size()};
}

std::string below(const std::string& path, std::string_view key) {
    return path.empty() ? std::string(key) : path + "." + std::string(key);
}

// Equal values have equal texts, whatever the order of their keys.
std::string canonicalText(const Json& value) {
    if (const JsonArray* array = value.if_array()) {
        std::string out = "[";
        for (const Json& item : *array)
            out += canonicalText(item) + ",";
        return out + "]";
    }
    const JsonObject* object = value.if_object();
    if (!object)
        return serializeJson(value);
    std::vector<std::string> members;
    for (const auto& member : *object)
        members.push_back(serializeJson(Json(keyOf(member))) + ":" + canonicalText(member.value()));
    std::sort(members.begin(), members.end());
    std::string out = "{";
    for (const std::string& member : members)
        out += member + ",";
    return out + "}";
}

// The keys of an item of a map list; a key that the item lacks is what its default says.
Json keysOf(const SchemaNode& list, const Json& item) {
    JsonObject keys;
    for (const std::string& key : list.listMapKeys) {
        const Json* value = find(item, key);
        const SchemaNode* schema = list.items ? list.items->property(key) : nullptr;
        if (!value && schema && schema->defaultValue)
            value = &*schema->defaultValue;
        if (value)
            keys[key] = *value;
    }
    return keys;
}

class Uniqueness {
  public:
    Findings findings;

    void walk(const SchemaNode& schema, const Json& value, const std::string& path) {
        if (!schema.uniqueListsBelow)
            return;
        if (const JsonObject* object = value.if_object()) {
            for (const auto& member : *object)
                if (const SchemaNode* known = schema.member(keyOf(member)))
                    walk(*known, member.value(),
                         schema.property(keyOf(member)) ? below(path, keyOf(member))
                                                        : keyed(path, keyOf(member)));
            return;
        }
        const JsonArray* array = value.if_array();
        if (!array)
            return;
        if (schema.listMerge != ListMerge::Atomic)
            checkItems(schema, *array, path);
        if (schema.items && schema.items->uniqueListsBelow)
            for (std::size_t i = 0; i < array->size(); ++i)
                walk(*schema.items, (*array)[i], at(path, i));
    }

  private:
    void checkItems(const SchemaNode& schema, const JsonArray& array, const std::string& path) {
        std::unordered_set<std::string> seen; // looked up only
        for (std::size_t i = 0; i < array.size(); ++i) {
            const bool map = schema.listMerge == ListMerge::Map;
            if (map && !array[i].is_object())
                continue; // its type is refused elsewhere
            const Json item = map ? keysOf(schema, array[i]) : array[i];
            if (!seen.insert(canonicalText(item)).second)
                findings.duplicate(at(path, i), item);
        }
    }
};

class Embedded {
  public:
    Findings findings;

    void walk(const SchemaNode& schema, const Json& value, const std::string& path) {
        if (!schema.embeddedBelow)
            return;
        if (const JsonObject* object = value.if_object()) {
            if (schema.embeddedResource)
                checkResource(value, path);
            for (const auto& member : *object)
                if (const SchemaNode* known = schema.member(keyOf(member)))
                    walk(*known, member.value(), below(path, keyOf(member)));
        } else if (const JsonArray* array = value.if_array(); array && schema.items) {
            for (std::size_t i = 0; i < array->size(); ++i)
                walk(*schema.items, (*array)[i], at(path, i));
        }
    }

  private:
    void checkResource(const Json& value, const std::string& path) {
        for (const char* key : {"apiVersion", "kind"})
            if (stringAt(value, key).empty())
                findings.required(below(path, key), "must not be empty");
        const std::string_view version = stringAt(value, "apiVersion");
        if (std::count(version.begin(), version.end(), '/') > 1)
            findings.invalid(below(path, "apiVersion"), version,
                             "unexpected GroupVersion string: " + std::string(version));
        if (const std::string_view kind = stringAt(value, "kind"); !kind.empty()) {
            std::string lower(kind);
            for (char& c : lower)
                c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            for (const std::string& sentence : checkDns1035Label(lower))
                findings.invalid(below(path, "kind"), kind,
                                 "may have mixed case, but should otherwise match: " + sentence);
        }
        const Json* metadata = find(value, "metadata");
        if (!metadata || !metadata->is_object())
            return;
        const std::string where = below(path, "metadata");
        if (const std::string_view name = stringAt(*metadata, "name"); !name.empty())
            findings.each(where + ".name", name, checkPathSegmentName(name));
        if (const std::string_view space = stringAt(*metadata, "namespace"); !space.empty())
            findings.each(where + ".namespace", space, checkDns1123Label(space));
        checkLabels(findings, find(*metadata, "labels"), where + ".labels");
    }
};
} // namespace

FieldErrors checkUniqueItems(const SchemaNode& schema, const Json& value, const std::string& path) {
    Uniqueness pass;
    pass.walk(schema, value, path);
    return pass.findings.take();
}

FieldErrors checkEmbedded(const SchemaNode& schema, const Json& value, const std::string& path) {
    Embedded pass;
    pass.walk(schema, value, path);
    return pass.findings.take();
}

} // namespace orrery::api
