// Pruning, embedded metadata and defaults of custom objects.
#include <algorithm>

#include "core/api/custom/structural.h"

namespace orrery::api {

namespace {
constexpr std::size_t kUnknownMax = 100;
constexpr double kIntegerMax = 9007199254740992.0; // doubles are exact up to here

std::string_view keyOf(const JsonObject::value_type& member) {
    return {member.key().data(), member.key().size()};
}

bool isTypeMeta(std::string_view key) {
    return key == "apiVersion" || key == "kind" || key == "metadata";
}

// Where a walk is: read only to name a place.
struct Frame {
    const Frame* up = nullptr;
    std::string_view key;
    int index = -1;

    std::string path() const {
        std::string out = up ? up->path() : std::string();
        if (index >= 0)
            return out + "[" + std::to_string(index) + "]";
        if (!out.empty())
            out += '.';
        return out.append(key);
    }
};

class Pruning {
  public:
    explicit Pruning(std::vector<std::string>* unknown) : unknown_(unknown) {}

    void value(const SchemaNode& schema, Json& value, bool resource, const Frame* at) {
        if (JsonObject* object = value.if_object())
            members(schema, *object, resource || schema.embeddedResource, at);
        else if (JsonArray* array = value.if_array())
            items(schema, *array, at);
        else
            integer(value);
    }

  private:
    static void integer(Json& value) {
        const double* number = value.if_double();
        if (number && *number >= -kIntegerMax && *number <= kIntegerMax &&
            *number == static_cast<double>(static_cast<std::int64_t>(*number)))
            value = static_cast<std::int64_t>(*number);
    }

    // What no schema describes stays, its numbers canonical.
    static void untyped(Json& value) {
        if (JsonObject* object = value.if_object())
            for (auto& member : *object)
                untyped(member.value());
        else if (JsonArray* array = value.if_array())
            for (Json& item : *array)
                untyped(item);
        else
            integer(value);
    }

    void members(const SchemaNode& schema, JsonObject& object, bool resource, const Frame* at) {
        Frame frame{at, {}, -1};
        for (auto each = object.begin(); each != object.end();) {
            frame.key = keyOf(*each);
            if (resource && isTypeMeta(frame.key)) {
                ++each;
                continue;
            }
            if (const SchemaNode* known = schema.member(frame.key)) {
                value(*known, each->value(), false, &frame);
            } else if (schema.preserveUnknown || schema.additionalAnything) {
                untyped(each->value());
            } else {
                if (unknown_)
                    unknown_->push_back(frame.path());
                each = object.stable_erase(each);
                continue;
            }
            ++each;
        }
    }

    void items(const SchemaNode& schema, JsonArray& array, const Frame* at) {
        Frame frame{at, {}, -1};
        for (Json& item : array) {
            ++frame.index;
            if (schema.items)
                value(*schema.items, item, false, &frame);
            else
                untyped(item);
        }
    }

    std::vector<std::string>* unknown_;
};

class EmbeddedMetadata {
  public:
    explicit EmbeddedMetadata(std::vector<std::string>& unknown) : unknown_(unknown) {}
    std::string error;

    void walk(const SchemaNode& schema, Json& value, const Frame* at) {
        if (!schema.embeddedBelow || !error.empty())
            return;
        Frame frame{at, {}, -1};
        if (JsonObject* object = value.if_object()) {
            if (schema.embeddedResource)
                coerce(*object, at);
            for (auto& member : *object) {
                frame.key = keyOf(member);
                if (const SchemaNode* known = schema.member(frame.key))
                    walk(*known, member.value(), &frame);
            }
        } else if (JsonArray* array = value.if_array(); array && schema.items) {
            for (Json& item : *array) {
                ++frame.index;
                walk(*schema.items, item, &frame);
            }
        }
    }

  private:
    void coerce(JsonObject& object, const Frame* at) {
        const std::string path = at ? at->path() : std::string();
        for (const char* key : {"apiVersion", "kind"})
            if (const Json* value = object.if_contains(key); value && !value->is_string())
                error = path + "." + key + ": Invalid value: " + serializeJson(*value) +
                        ": must be string";
        Json* metadata = object.if_contains("metadata");
        if (!metadata || !error.empty())
            return;
        static const Type& type =
            *Schema::builtIn().find("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
        NormaliseReport report;
        const Json before = *metadata;
        normalise(type, *metadata, report);
        if (!report.error.empty())
            error =
                path + ".metadata: Invalid value: " + serializeJson(before) + ": " + report.error;
        for (const std::string& field : report.unknownFields)
            unknown_.push_back(path + ".metadata." + field);
    }

    std::vector<std::string>& unknown_;
};

bool mayNotBeNull(const Json& value, const SchemaNode& schema) {
    return value.is_null() && !schema.nullable;
}

void fillDefaults(const SchemaNode& schema, Json& value) {
    if (!schema.defaultsBelow)
        return;
    if (JsonObject* object = value.if_object()) {
        for (const SchemaProperty& each : schema.properties) {
            if (!each.node.defaultValue)
                continue;
            Json* there = object->if_contains(each.name);
            if (!there)
                object->emplace(each.name, *each.node.defaultValue);
            else if (mayNotBeNull(*there, each.node))
                *there = *each.node.defaultValue;
        }
        for (auto& member : *object) {
            const SchemaNode* known = schema.member(keyOf(member));
            if (!known)
                continue;
            if (known->defaultValue && mayNotBeNull(member.value(), *known))
                member.value() = *known->defaultValue;
            fillDefaults(*known, member.value());
        }
    } else if (JsonArray* array = value.if_array(); array && schema.items) {
        for (Json& item : *array) {
            if (schema.items->defaultValue && mayNotBeNull(item, *schema.items))
                item = *schema.items->defaultValue;
            fillDefaults(*schema.items, item);
        }
    }
}

// Members that are null though they may not be; they have no default, or would not be null.
void dropNulls(const SchemaNode& schema, Json& value) {
    if (JsonObject* object = value.if_object()) {
        for (auto each = object->begin(); each != object->end();) {
            const SchemaNode* known = schema.member(keyOf(*each));
            if (known && mayNotBeNull(each->value(), *known)) {
                each = object->stable_erase(each);
                continue;
            }
            if (known)
                dropNulls(*known, each->value());
            ++each;
        }
    } else if (JsonArray* array = value.if_array(); array && schema.items) {
        for (Json& item : *array)
            dropNulls(*schema.items, item);
    }
}
} // namespace

void pruneUnknown(const SchemaNode& schema, Json& object, std::vector<std::string>* unknown) {
    std::vector<std::string> found;
    Pruning(unknown ? &found : nullptr).value(schema, object, true, nullptr);
    if (!unknown)
        return;
    std::sort(found.begin(), found.end());
    for (std::string& path : found)
        if (unknown->size() < kUnknownMax)
            unknown->push_back(std::move(path));
}

std::string coerceEmbedded(const SchemaNode& schema, Json& object,
                           std::vector<std::string>& unknown) {
    EmbeddedMetadata pass(unknown);
    pass.walk(schema, object, nullptr);
    return std::move(pass.error);
}

void applySchemaDefaults(const SchemaNode& schema, Json& object) {
    fillDefaults(schema, object);
    dropNulls(schema, object);
}

} // namespace orrery::api
