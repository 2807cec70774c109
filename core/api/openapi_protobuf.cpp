#include "core/api/openapi_protobuf.h"

#include <cstring>

#include "core/api/protobuf_writer.h"

namespace orrery::api {

namespace {
std::string_view viewOf(JsonStringView text) {
    return {text.data(), text.size()};
}

// What both versions have in common. Everything is written from its end.
class Writer {
  public:
    ProtobufWriter out;

    // A message as field `number`, written by `write`.
    template <typename Write> void message(std::uint32_t number, Write write) {
        const std::size_t end = out.size();
        write();
        out.close(number, end);
    }
    // Each member as a message of a name (1) and what `write` makes of its value (2).
    template <typename Write>
    void named(std::uint32_t number, const JsonObject& members, Write write) {
        for (auto member = members.end(); member != members.begin();) {
            --member;
            message(number, [&] {
                message(2, [&] { write(member->value()); });
                out.bytes(1, viewOf(member->key()));
            });
        }
    }
    template <typename Write> void each(std::uint32_t number, const JsonArray& items, Write write) {
        for (auto item = items.rbegin(); item != items.rend(); ++item)
            message(number, [&] { write(*item); });
    }
    void text(std::uint32_t number, const Json& object, std::string_view key) {
        if (const Json* value = find(object, key); value && value->is_string())
            out.bytes(number, asString(*value));
    }
    void flag(std::uint32_t number, const Json& object, std::string_view key) {
        const Json* value = find(object, key);
        if (value && value->is_bool() && value->get_bool())
            out.number(number, 1);
    }
    void texts(std::uint32_t number, const Json& object, std::string_view key) {
        const JsonArray& list = listOf(object, key);
        for (auto item = list.rbegin(); item != list.rend(); ++item)
            out.bytes(number, asString(*item));
    }
    // Any: a value as YAML, of which JSON is a part.
    void any(std::uint32_t number, const Json& value) {
        message(number, [&] { out.bytes(2, serializeJson(value) + "\n"); });
    }
    void anys(std::uint32_t number, const Json& object, std::string_view key) {
        const JsonArray& list = listOf(object, key);
        for (auto item = list.rbegin(); item != list.rend(); ++item)
            any(number, *item);
    }
    // NamedAny: vendor extensions.
    void extensions(std::uint32_t number, const Json& object) {
        const JsonObject& members = object.get_object();
        for (auto member = members.end(); member != members.begin();) {
            --member;
            if (viewOf(member->key()).starts_with("x-"))
                message(number, [&] {
                    any(2, member->value());
                    out.bytes(1, viewOf(member->key()));
                });
        }
    }
    static const JsonArray& listOf(const Json& object, std::string_view key) {
        static const JsonArray kNone;
        const Json* value = find(object, key);
        return value && value->is_array() ? value->get_array() : kNone;
    }
    static const JsonObject& membersOf(const Json& object, std::string_view key) {
        static const JsonObject kNone;
        const Json* value = find(object, key);
        return value && value->is_object() ? value->get_object() : kNone;
    }
};

class Version2 : Writer {
  public:
    std::string document(const Json& source) {
        each(12, listOf(source, "security"), [&](const Json& item) { requirement(item); });
        message(13, [&] {
            named(1, membersOf(source, "securityDefinitions"),
                  [&](const Json& item) { message(2, [&] { apiKey(item); }); });
        });
        message(10, [&] {
            named(1, membersOf(source, "parameters"), [&](const Json& item) { parameter(item); });
        });
        message(9, [&] {
            named(1, membersOf(source, "definitions"), [&](const Json& item) { schema(item); });
        });
        message(8, [&] {
            named(2, membersOf(source, "paths"), [&](const Json& item) { path(item); });
        });
        if (const Json* info = find(source, "info"))
            message(2, [&] {
                text(2, *info, "version");
                text(1, *info, "title");
            });
        text(1, source, "swagger");
        return out.take();
    }

  private:
    void requirement(const Json& source) {
        named(1, source.get_object(), [](const Json&) {});
    }
    void apiKey(const Json& source) {
        text(4, source, "description");
        text(3, source, "in");
        text(2, source, "name");
        text(1, source, "type");
    }
    void schema(const Json& source) {
        if (!source.is_object())
            return;
        extensions(31, source);
        if (const Json* properties = find(source, "properties"))
            message(25, [&] {
                named(1, properties->get_object(), [&](const Json& item) { schema(item); });
            });
        each(24, listOf(source, "allOf"), [&](const Json& item) { schema(item); });
        if (const Json* items = find(source, "items"))
            message(23, [&] { message(1, [&] { schema(*items); }); });
        if (const Json* type = find(source, "type"); type && type->is_string())
            message(22, [&] { out.bytes(1, asString(*type)); });
        if (const Json* more = find(source, "additionalProperties"))
            message(21, [&] {
                if (more->is_object())
                    message(1, [&] { schema(*more); });
                else
                    flag(2, source, "additionalProperties");
            });
        anys(20, source, "enum");
        texts(19, source, "required");
        if (const Json* value = find(source, "default"))
            any(5, *value);
        text(4, source, "description");
        text(2, source, "format");
        text(1, source, "$ref");
    }
    void parameter(const Json& source) {
        if (stringAt(source, "in") == "body") {
            message(1, [&] {
                if (const Json* body = find(source, "schema"))
                    message(5, [&] { schema(*body); });
                flag(4, source, "required");
                text(3, source, "in");
                text(2, source, "name");
                text(1, source, "description");
            });
            return;
        }
        const bool query = stringAt(source, "in") == "query";
        message(2, [&] {
            message(query ? 3 : 4, [&] {
                flag(query ? 20 : 19, source, "uniqueItems");
                text(query ? 6 : 5, source, "type");
                text(4, source, "name");
                text(3, source, "description");
                text(2, source, "in");
                flag(1, source, "required");
            });
        });
    }
    void parameterItem(const Json& source) {
        if (find(source, "$ref"))
            message(2, [&] { text(1, source, "$ref"); });
        else
            message(1, [&] { parameter(source); });
    }
    void response(const Json& source) {
        message(1, [&] {
            if (const Json* answer = find(source, "schema"))
                message(2, [&] { message(1, [&] { schema(*answer); }); });
            text(1, source, "description");
        });
    }
    void operation(const Json& source) {
        extensions(13, source);
        texts(10, source, "schemes");
        message(9, [&] {
            named(1, membersOf(source, "responses"), [&](const Json& item) { response(item); });
        });
        each(8, listOf(source, "parameters"), [&](const Json& item) { parameterItem(item); });
        texts(7, source, "consumes");
        texts(6, source, "produces");
        text(5, source, "operationId");
        text(3, source, "description");
        texts(1, source, "tags");
    }
    void path(const Json& source) {
        static constexpr std::pair<std::string_view, std::uint32_t> kMethods[] = {
            {"patch", 8}, {"head", 7}, {"options", 6}, {"delete", 5},
            {"post", 4},  {"put", 3},  {"get", 2}};
        each(9, listOf(source, "parameters"), [&](const Json& item) { parameterItem(item); });
        for (const auto& [method, field] : kMethods)
            if (const Json* item = find(source, method))
                message(field, [&] { operation(*item); });
    }
};

class Version3 : Writer {
  public:
    std::string document(const Json& source) {
        if (const Json* parts = find(source, "components"))
            message(5, [&] {
                message(7, [&] {
                    named(1, membersOf(*parts, "securitySchemes"),
                          [&](const Json& item) { message(1, [&] { securityScheme(item); }); });
                });
                message(1, [&] {
                    named(1, membersOf(*parts, "schemas"),
                          [&](const Json& item) { schemaOrReference(item); });
                });
            });
        message(4, [&] {
            named(1, membersOf(source, "paths"), [&](const Json& item) { path(item); });
        });
        if (const Json* info = find(source, "info"))
            message(2, [&] {
                text(6, *info, "version");
                text(1, *info, "title");
            });
        text(1, source, "openapi");
        return out.take();
    }

  private:
    void securityScheme(const Json& source) {
        text(4, source, "in");
        text(3, source, "name");
        text(2, source, "description");
        text(1, source, "type");
    }
    void schemaOrReference(const Json& source) {
        if (source.is_object() && find(source, "$ref"))
            message(2, [&] { text(1, source, "$ref"); });
        else
            message(1, [&] { schema(source); });
    }
    // Only scalars can be told; of others, that there is one.
    void defaultValue(const Json& value) {
        if (value.is_string())
            return out.bytes(3, asString(value));
        if (value.is_bool())
            return out.number(2, value.get_bool() ? 1 : 0);
        if (!value.is_number())
            return;
        const auto real = value.to_number<double>();
        std::uint64_t bits = 0;
        std::memcpy(&bits, &real, sizeof bits);
        out.fixed64(1, bits);
    }
    void schema(const Json& source) {
        if (!source.is_object())
            return;
        extensions(36, source);
        text(35, source, "format");
        text(34, source, "description");
        if (const Json* value = find(source, "default"))
            message(33, [&] { defaultValue(*value); });
        if (const Json* more = find(source, "additionalProperties"))
            message(32, [&] {
                if (more->is_object())
                    message(1, [&] { schemaOrReference(*more); });
                else
                    flag(2, source, "additionalProperties");
            });
        if (const Json* properties = find(source, "properties"))
            message(31, [&] {
                named(1, properties->get_object(),
                      [&](const Json& item) { schemaOrReference(item); });
            });
        if (const Json* items = find(source, "items"))
            message(30, [&] { message(1, [&] { schemaOrReference(*items); }); });
        if (const Json* negated = find(source, "not"))
            message(29, [&] { schema(*negated); });
        const auto alternatives = [&](std::uint32_t number, const char* key) {
            each(number, listOf(source, key), [&](const Json& item) { schemaOrReference(item); });
        };
        alternatives(28, "anyOf");
        alternatives(27, "oneOf");
        alternatives(26, "allOf");
        text(25, source, "type");
        anys(24, source, "enum");
        texts(23, source, "required");
        flag(20, source, "uniqueItems");
        text(17, source, "pattern");
        flag(1, source, "nullable");
    }
    void content(std::uint32_t number, const Json& source) {
        const Json* content = find(source, "content");
        if (!content)
            return;
        message(number, [&] {
            named(1, content->get_object(), [&](const Json& item) {
                if (const Json* schema = find(item, "schema"))
                    message(1, [&] { schemaOrReference(*schema); });
            });
        });
    }
    void parameter(const Json& source) {
        message(1, [&] {
            if (const Json* schema = find(source, "schema"))
                message(10, [&] { schemaOrReference(*schema); });
            flag(4, source, "required");
            text(3, source, "description");
            text(2, source, "in");
            text(1, source, "name");
        });
    }
    void response(const Json& source) {
        message(1, [&] {
            content(3, source);
            text(1, source, "description");
        });
    }
    void operation(const Json& source) {
        extensions(13, source);
        message(8, [&] {
            named(2, membersOf(source, "responses"), [&](const Json& item) { response(item); });
        });
        if (const Json* body = find(source, "requestBody"))
            message(7, [&] {
                message(1, [&] {
                    flag(3, *body, "required");
                    content(2, *body);
                });
            });
        each(6, listOf(source, "parameters"), [&](const Json& item) { parameter(item); });
        text(5, source, "operationId");
        text(3, source, "description");
        texts(1, source, "tags");
    }
    void path(const Json& source) {
        static constexpr std::pair<std::string_view, std::uint32_t> kMethods[] = {
            {"patch", 10}, {"head", 9}, {"options", 8}, {"delete", 7},
            {"post", 6},   {"put", 5},  {"get", 4}};
        each(13, listOf(source, "parameters"), [&](const Json& item) { parameter(item); });
        for (const auto& [method, field] : kMethods)
            if (const Json* item = find(source, method))
                message(field, [&] { operation(*item); });
    }
};
} // namespace

std::string openApiV2Message(const Json& document) {
    return Version2().document(document);
}

std::string openApiV3Message(const Json& document) {
    return Version3().document(document);
}

} // namespace orrery::api
