#include "core/api/openapi_v2_protobuf.h"

namespace orrery::api {

namespace {
// --- the wire format: tags, lengths, text ---
void varint(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out += static_cast<char>(value | 0x80);
        value >>= 7;
    }
    out += static_cast<char>(value);
}
void bytes(std::string& out, int field, std::string_view content) {
    varint(out, static_cast<std::uint64_t>(field) << 3 | 2);
    varint(out, content.size());
    out.append(content);
}
void text(std::string& out, int field, const Json& object, std::string_view key) {
    if (const Json* value = find(object, key); value && value->is_string())
        bytes(out, field, asString(*value));
}
void flag(std::string& out, int field, const Json& object, std::string_view key) {
    if (!boolAt(object, key))
        return;
    varint(out, static_cast<std::uint64_t>(field) << 3);
    out += '\1';
}
void texts(std::string& out, int field, const Json& object, std::string_view key) {
    for (const Json& each : arrayAt(object, key))
        bytes(out, field, asString(each));
}

// NamedAny: a vendor extension; its value travels as YAML, of which JSON is a part.
void extensions(std::string& out, int field, const Json& object) {
    for (const auto& [key, value] : object.get_object()) {
        const std::string_view name(key.data(), key.size());
        if (!name.starts_with("x-"))
            continue;
        std::string any, named;
        bytes(any, 2, serializeJson(value) + "\n");
        bytes(named, 1, name);
        bytes(named, 2, any);
        bytes(out, field, named);
    }
}

std::string schema(const Json& source);

// NamedSchema
std::string namedSchema(std::string_view name, const Json& source) {
    std::string out;
    bytes(out, 1, name);
    bytes(out, 2, schema(source));
    return out;
}

std::string schema(const Json& source) {
    std::string out;
    if (!source.is_object())
        return out;
    text(out, 1, source, "$ref");
    text(out, 2, source, "format");
    text(out, 4, source, "description");
    texts(out, 19, source, "required");
    if (const Json* more = find(source, "additionalProperties")) {
        std::string item;
        if (more->is_object())
            bytes(item, 1, schema(*more));
        else
            flag(item, 2, source, "additionalProperties");
        bytes(out, 21, item);
    }
    if (const Json* type = find(source, "type"); type && type->is_string()) {
        std::string item;
        bytes(item, 1, asString(*type));
        bytes(out, 22, item);
    }
    if (const Json* items = find(source, "items")) {
        std::string item;
        bytes(item, 1, schema(*items));
        bytes(out, 23, item);
    }
    if (const Json* properties = find(source, "properties");
        properties && properties->is_object()) {
        std::string list;
        for (const auto& [name, value] : properties->get_object())
            bytes(list, 1, namedSchema({name.data(), name.size()}, value));
        bytes(out, 25, list);
    }
    extensions(out, 31, source);
    return out;
}

// ParametersItem
std::string parameter(const Json& source) {
    std::string inner, outer, item;
    if (stringAt(source, "in") == "body") {
        text(inner, 1, source, "description");
        text(inner, 2, source, "name");
        text(inner, 3, source, "in");
        flag(inner, 4, source, "required");
        if (const Json* body = find(source, "schema"))
            bytes(inner, 5, schema(*body));
        bytes(outer, 1, inner);
    } else {
        const bool query = stringAt(source, "in") == "query";
        flag(inner, 1, source, "required");
        text(inner, 2, source, "in");
        text(inner, 3, source, "description");
        text(inner, 4, source, "name");
        text(inner, query ? 6 : 5, source, "type");
        flag(inner, query ? 20 : 19, source, "uniqueItems");
        std::string nonBody;
        bytes(nonBody, query ? 3 : 4, inner);
        bytes(outer, 2, nonBody);
    }
    bytes(item, 1, outer);
    return item;
}

// NamedResponseValue
std::string response(std::string_view code, const Json& source) {
    std::string inner, value, named;
    text(inner, 1, source, "description");
    if (const Json* answer = find(source, "schema")) {
        std::string item;
        bytes(item, 1, schema(*answer));
        bytes(inner, 2, item);
    }
    bytes(value, 1, inner);
    bytes(named, 1, code);
    bytes(named, 2, value);
    return named;
}

std::string operation(const Json& source) {
    std::string out;
    text(out, 5, source, "operationId");
    texts(out, 6, source, "produces");
    texts(out, 7, source, "consumes");
    for (const Json& each : arrayAt(source, "parameters"))
        bytes(out, 8, parameter(each));
    std::string responses;
    for (const auto& [code, each] : objectAt(source, "responses"))
        bytes(responses, 1, response({code.data(), code.size()}, each));
    bytes(out, 9, responses);
    extensions(out, 13, source);
    return out;
}

std::string pathItem(const Json& source) {
    static constexpr std::pair<std::string_view, int> kMethods[] = {
        {"get", 2}, {"put", 3}, {"post", 4}, {"delete", 5}, {"patch", 8}};
    std::string out;
    for (const auto& [method, field] : kMethods)
        if (const Json* each = find(source, method))
            bytes(out, field, operation(*each));
    for (const Json& each : arrayAt(source, "parameters"))
        bytes(out, 9, parameter(each));
    return out;
}
} // namespace

std::string openApiV2Message(const Json& document) {
    std::string out, info, paths, definitions;
    text(out, 1, document, "swagger");
    if (const Json* source = find(document, "info")) {
        text(info, 1, *source, "title");
        text(info, 2, *source, "version");
    }
    bytes(out, 2, info);
    for (const auto& [name, item] : objectAt(document, "paths")) {
        std::string named;
        bytes(named, 1, {name.data(), name.size()});
        bytes(named, 2, pathItem(item));
        bytes(paths, 2, named);
    }
    bytes(out, 8, paths);
    for (const auto& [name, item] : objectAt(document, "definitions"))
        bytes(definitions, 1, namedSchema({name.data(), name.size()}, item));
    bytes(out, 9, definitions);
    return out;
}

} // namespace orrery::api
