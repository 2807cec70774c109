#include "core/api/patch.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "core/api/go_decode.h"
#include "core/api/schema.h"

namespace orrery::api {

namespace {
constexpr std::size_t kOperationsMax = 10000;
constexpr std::size_t kCopyBytesMax = 3 * 1024 * 1024; // what `copy` may add to an object in all

Error cannotUnmarshal(std::string_view before, const Json& value, std::string_view goType) {
    return badRequest(std::string(before) + "json: cannot unmarshal " +
                      std::string(goValueName(value)) + " into Go value of type " +
                      std::string(goType));
}

// An operation that does not fit the object: Kubernetes hides what is wrong.
Error misfit() {
    return makeError(Reason::Invalid,
                     "the server rejected our request due to an error in our request");
}

std::string unescapeToken(std::string_view token) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1'))
            out += token[++i] == '0' ? '~' : '/';
        else
            out += token[i];
    }
    return out;
}

// The index that a token names in a list of `size` places; negative ones count from the end.
std::optional<std::size_t> listIndex(std::string_view token, std::size_t size) {
    std::int64_t index = 0;
    const auto end = token.data() + token.size();
    const auto read = std::from_chars(token.data(), end, index);
    if (read.ec != std::errc() || read.ptr != end)
        return std::nullopt;
    const auto places = static_cast<std::int64_t>(size);
    if (index < 0)
        index += places;
    if (index < 0 || index >= places)
        return std::nullopt;
    return static_cast<std::size_t>(index);
}

// Where an operation works: a container and the last token of the path.
struct Place {
    Json* container = nullptr;
    std::string token;
};

Json* childOf(Json& container, const std::string& token) {
    if (JsonObject* object = container.if_object())
        return object->if_contains(token);
    if (JsonArray* array = container.if_array())
        if (const auto index = listIndex(token, array->size()))
            return &(*array)[*index];
    return nullptr;
}

// No value: the path's parents are not all there.
std::optional<Place> locate(Json& root, std::string_view path) {
    if (path.empty() || path.front() != '/')
        return std::nullopt;
    Place place{&root, {}};
    while (true) {
        path.remove_prefix(1);
        const std::size_t slash = path.find('/');
        place.token = unescapeToken(path.substr(0, slash));
        if (slash == std::string_view::npos)
            break;
        place.container = childOf(*place.container, place.token);
        if (!place.container || !place.container->is_structured())
            return std::nullopt;
        path.remove_prefix(slash);
    }
    if (!place.container->is_structured())
        return std::nullopt;
    return place;
}

bool addAt(const Place& place, Json value) {
    if (JsonObject* object = place.container->if_object()) {
        (*object)[place.token] = std::move(value);
        return true;
    }
    JsonArray& array = place.container->get_array();
    if (place.token == "-") {
        array.push_back(std::move(value));
        return true;
    }
    const auto index = listIndex(place.token, array.size() + 1);
    if (!index)
        return false;
    array.insert(array.begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
    return true;
}

bool removeAt(const Place& place) {
    if (JsonObject* object = place.container->if_object()) {
        const auto at = object->find(place.token);
        if (at == object->end())
            return false;
        object->stable_erase(at);
        return true;
    }
    JsonArray& array = place.container->get_array();
    const auto index = listIndex(place.token, array.size());
    if (!index)
        return false;
    array.erase(array.begin() + static_cast<std::ptrdiff_t>(*index));
    return true;
}

// Maps take a new key, as Kubernetes' library does; lists need the element.
bool replaceAt(const Place& place, Json value) {
    if (JsonObject* object = place.container->if_object()) {
        (*object)[place.token] = std::move(value);
        return true;
    }
    Json* child = childOf(*place.container, place.token);
    if (child)
        *child = std::move(value);
    return child != nullptr;
}

struct Operation {
    std::string_view op, path, from;
    const Json* value = nullptr; // null when it is absent
};

bool applyOne(Json& root, const Operation& operation, std::size_t& copiedBytes) {
    const Json value = operation.value ? *operation.value : Json();
    if (operation.path.empty() && (operation.op == "add" || operation.op == "replace")) {
        root = value;
        return true;
    }
    if (operation.op == "test" && operation.path.empty())
        return root == value;
    const std::optional<Place> place = locate(root, operation.path);
    if (operation.op == "add")
        return place && addAt(*place, value);
    if (operation.op == "remove")
        return place && removeAt(*place);
    if (operation.op == "replace")
        return place && replaceAt(*place, value);
    if (operation.op == "test") {
        const Json* have = place ? childOf(*place->container, place->token) : nullptr;
        return have ? *have == value : place && value.is_null() && place->container->is_object();
    }
    if (operation.op != "move" && operation.op != "copy")
        return false;
    const std::optional<Place> from = locate(root, operation.from);
    if (!from)
        return false;
    const Json* source = childOf(*from->container, from->token);
    if (!source && (operation.op == "move" || from->container->is_array()))
        return false;
    Json moved = source ? *source : Json();
    if (operation.op == "copy") {
        copiedBytes += serializeJson(moved).size();
        return copiedBytes <= kCopyBytesMax && place && addAt(*place, std::move(moved));
    }
    removeAt(*from);
    const std::optional<Place> to = locate(root, operation.path);
    return to && addAt(*to, std::move(moved));
}

void dropNulls(Json& value) {
    JsonObject* object = value.if_object();
    if (!object)
        return;
    for (auto at = object->begin(); at != object->end();) {
        if (at->value().is_null()) {
            at = object->stable_erase(at);
        } else {
            dropNulls(at->value());
            ++at;
        }
    }
}

Error notAMap(std::string_view before, const Json& patch) {
    return cannotUnmarshal(before, patch, "map[string]interface {}");
}
} // namespace

Result<Json> applyJsonPatch(const Json& current, const Json& patch) {
    if (patch.is_null())
        return current;
    if (!patch.is_array())
        return cannotUnmarshal("error decoding patch: ", patch, "[]handlers.jsonPatchOp");
    const JsonArray& operations = patch.get_array();
    for (const Json& operation : operations)
        if (!operation.is_object() && !operation.is_null())
            return cannotUnmarshal("error decoding patch: ", operation, "handlers.jsonPatchOp");
    if (operations.size() > kOperationsMax)
        return makeError(Reason::RequestEntityTooLarge,
                         "The allowed maximum operations in a JSON patch is " +
                             std::to_string(kOperationsMax) + ", got " +
                             std::to_string(operations.size()));
    Json patched = current;
    std::size_t copiedBytes = 0;
    for (const Json& operation : operations) {
        const Json* path = find(operation, "path");
        if (!path || !path->is_string())
            return misfit();
        if (!applyOne(patched,
                      {stringAt(operation, "op"), asString(*path), stringAt(operation, "from"),
                       find(operation, "value")},
                      copiedBytes))
            return misfit();
    }
    return patched;
}

Json applyMergePatch(Json current, const Json& patch) {
    const JsonObject* changes = patch.if_object();
    if (!changes)
        return patch;
    if (!current.is_object())
        current = JsonObject();
    JsonObject& object = current.get_object();
    for (const auto& [key, change] : *changes) {
        if (change.is_null()) {
            if (const auto at = object.find(key); at != object.end())
                object.stable_erase(at);
        } else if (Json* have = object.if_contains(key);
                   have && have->is_object() && change.is_object()) {
            *have = applyMergePatch(std::move(*have), change);
        } else {
            Json fresh = change;
            dropNulls(fresh);
            object[key] = std::move(fresh);
        }
    }
    return current;
}

Result<Json> applyPatch(const KindDef& kind, PatchType type, const Json& current,
                        const Json& patch) {
    switch (type) {
    case PatchType::Json:
        return applyJsonPatch(current, patch);
    case PatchType::Merge:
        if (patch.is_null())
            return badRequest("Invalid JSON Patch");
        if (!patch.is_object())
            return notAMap("error decoding patch: ", patch);
        return applyMergePatch(current, patch);
    case PatchType::StrategicMerge:
        if (patch.is_null())
            return current;
        if (!patch.is_object())
            return notAMap("", patch);
        return applyStrategicMerge(kind.schema, current, patch);
    case PatchType::Apply:
        break;
    }
    return internalError("an apply is no patch");
}

Error patchedObjectError(PatchType type, const Json& patch, const Json& patched,
                         std::string_view reason) {
    // DIVERGES: the keys of `patched` keep our order; Go prints its own.
    const std::string value =
        type == PatchType::StrategicMerge ? goFormat(patch) : serializeJson(patched);
    StatusCause cause;
    cause.reason = "FieldValueInvalid";
    cause.message = "Invalid value: " + serializeJson(Json(value)) + ": " + std::string(reason);
    cause.field = "patch";
    Error error = makeError(Reason::Invalid, " \"\" is invalid: patch: " + cause.message);
    error.causes.push_back(std::move(cause));
    return error;
}

namespace {
std::string goNumber(double value) {
    if (value == std::floor(value) && std::fabs(value) < 1e21)
        return std::to_string(static_cast<std::int64_t>(value));
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value);
    return std::string(text, end.ptr);
}
} // namespace

std::string goFormat(const Json& value) {
    switch (value.kind()) {
    case JsonKind::null:
        return "<nil>";
    case JsonKind::string:
        return std::string(asString(value));
    case JsonKind::double_:
        return goNumber(value.get_double());
    case JsonKind::array: {
        std::string text = "[";
        for (const Json& item : value.get_array())
            text += (text.size() > 1 ? " " : "") + goFormat(item);
        return text + "]";
    }
    case JsonKind::object: {
        std::vector<std::string_view> keys;
        for (const auto& member : value.get_object())
            keys.push_back(member.key());
        std::sort(keys.begin(), keys.end());
        std::string text = "map[";
        for (const std::string_view key : keys)
            text +=
                (text.size() > 4 ? " " : "") + std::string(key) + ":" + goFormat(*find(value, key));
        return text + "]";
    }
    default:
        return serializeJson(value);
    }
}

} // namespace orrery::api
