// What the validation of custom objects says of a value: where it is, and what. For this folder
// only.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/json.h"

namespace orrery::api {

inline std::string_view keyOf(const JsonObject::value_type& member) {
    return {member.key().data(), member.key().size()};
}

// Where a value is; read only when something is wrong with it.
struct Place {
    const Place* up = nullptr;
    std::string_view key;
    int index = -1;

    std::string name() const {
        std::string out = up ? up->name() : std::string();
        if (index >= 0)
            return out + "[" + std::to_string(index) + "]";
        return out.empty() && !up ? std::string(key) : out + "." + std::string(key);
    }
};

// The JSON type of a value, and the format that goes with it.
inline std::pair<std::string_view, std::string_view> typeOfValue(const Json& value) {
    switch (value.kind()) {
    case JsonKind::null:
        return {"null", ""};
    case JsonKind::bool_:
        return {"boolean", ""};
    case JsonKind::int64:
    case JsonKind::uint64:
        return {"integer", "int64"};
    case JsonKind::double_:
        return {"number", "float64"};
    case JsonKind::string:
        return {"string", ""};
    case JsonKind::array:
        return {"array", ""};
    case JsonKind::object:
        return {"object", ""};
    }
    return {"", ""};
}

inline std::size_t runes(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

} // namespace orrery::api
