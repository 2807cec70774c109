// Small steps that defaulting functions are made of. For this folder only.
#pragma once
#include <string_view>

#include "core/base/json.h"

namespace orrery::api {

// Sets a member that is missing or null.
inline void setDefault(JsonObject& object, std::string_view key, Json value) {
    Json& member = ensureMember(object, key);
    if (member.is_null())
        member = std::move(value);
}

// The member as an object, or nullptr when it is missing or something else.
inline JsonObject* objectIn(JsonObject& object, std::string_view key) {
    Json* value = object.if_contains(key);
    return value ? value->if_object() : nullptr;
}
inline JsonObject* objectIn(Json& value, std::string_view key) {
    JsonObject* object = value.if_object();
    return object ? objectIn(*object, key) : nullptr;
}

// The member as an object, made when it is missing.
inline JsonObject& ensureObject(JsonObject& object, std::string_view key) {
    Json& value = ensureMember(object, key);
    if (!value.is_object())
        value = JsonObject();
    return value.get_object();
}

// Calls `step` with each object of a list member.
template <typename Step> void eachIn(JsonObject& object, std::string_view key, Step step) {
    Json* value = object.if_contains(key);
    JsonArray* items = value ? value->if_array() : nullptr;
    if (!items)
        return;
    for (Json& item : *items)
        if (JsonObject* each = item.if_object())
            step(*each);
}

// The string member, or "".
inline std::string_view textIn(const JsonObject& object, std::string_view key) {
    const Json* value = object.if_contains(key);
    return value ? asString(*value) : std::string_view();
}

// The integer member, or 0.
inline std::int64_t intIn(const JsonObject& object, std::string_view key) {
    const Json* value = object.if_contains(key);
    return value && value->is_int64() ? value->get_int64() : 0;
}

} // namespace orrery::api
