// Strategic merge patch: objects merge by key, lists by the merge key that the schema names.
#include <algorithm>

#include "core/api/patch.h"
#include "core/api/schema.h"

namespace orrery::api {

namespace {
constexpr std::string_view kDirective = "$patch";
constexpr std::string_view kRetainKeys = "$retainKeys";
constexpr std::string_view kDeletePrefix = "$deleteFromPrimitiveList";
constexpr std::string_view kOrderPrefix = "$setElementOrder";

constexpr std::string_view kBadDelete = "invalid patch format of primitive list";
constexpr std::string_view kBadRetain = "invalid patch format of retainKeys";
constexpr std::string_view kBadOrder = "invalid patch format of setElementOrder list";

// Most mistakes in directives are answered 500 without a reason, as Kubernetes does.
Error plain(std::string message) {
    return makeError(Reason::Unknown, std::move(message));
}

Error noMergeKey(const Json& item, std::string_view mergeKey) {
    return plain("map: " + goFormat(item) +
                 " does not contain declared merge key: " + std::string(mergeKey));
}

Error unknownDirective(const Json& directive, const Json& patch) {
    return plain("unknown patch type: " + goFormat(directive) + " in map: " + goFormat(patch));
}

bool startsWith(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

// "$setElementOrder/env" -> "env"
Result<std::string> keyAfter(std::string_view key, std::string_view prefix,
                             std::string_view wrong) {
    if (key.size() <= prefix.size() || key[prefix.size()] != '/')
        return badRequest(std::string(wrong));
    return std::string(key.substr(prefix.size() + 1));
}

const Json* memberEqual(const JsonArray& list, const Json& item, std::string_view mergeKey) {
    if (mergeKey.empty()) {
        const auto at = std::find(list.begin(), list.end(), item);
        return at == list.end() ? nullptr : &*at;
    }
    const Json* wanted = find(item, mergeKey);
    for (const Json& candidate : list)
        if (const Json* key = find(candidate, mergeKey); key && wanted && *key == *wanted)
            return &candidate;
    return nullptr;
}

std::ptrdiff_t indexIn(const JsonArray& list, const Json& item, std::string_view mergeKey) {
    const Json* at = memberEqual(list, item, mergeKey);
    return at ? at - list.data() : -1;
}

// What lists hold must be of one kind. The error names nothing of the object.
Result<void> checkElements(const JsonArray& a, const JsonArray& b) {
    const Json* first = nullptr;
    for (const JsonArray* list : {&a, &b})
        for (const Json& item : *list) {
            if (item.is_array())
                return makeError(Reason::Invalid,
                                 "the server rejected our request due to an error in our request");
            if (!first)
                first = &item;
            else if (first->is_object() != item.is_object() ||
                     first->is_string() != item.is_string())
                return plain("list element types are not identical: [" + goFormat(Json(a)) + " " +
                             goFormat(Json(b)) + "]");
        }
    return {};
}

// New content of a patch: without nulls and without directives.
Json cleaned(Json value) {
    if (JsonObject* object = value.if_object()) {
        JsonObject kept;
        for (auto& member : *object)
            if (!member.value().is_null() && !startsWith(member.key(), "$"))
                kept[member.key()] = cleaned(std::move(member.value()));
        return kept;
    }
    if (JsonArray* array = value.if_array()) {
        JsonArray kept;
        for (Json& item : *array)
            if (!find(item, kDirective) || item.get_object().size() > 1) {
                const Json* directive = find(item, kDirective);
                if (!directive || asString(*directive) != "delete")
                    kept.push_back(cleaned(std::move(item)));
            }
        return kept;
    }
    return value;
}

// Keeps the order of `serverOrder` between the parts where it knows both; else the patch's items
// come first.
JsonArray mergeOrdered(const std::vector<Json>& serverOnly, const std::vector<Json>& fromPatch,
                       const JsonArray& serverOrder, std::string_view mergeKey) {
    JsonArray out;
    out.reserve(serverOnly.size() + fromPatch.size());
    std::size_t left = 0, right = 0;
    while (left < serverOnly.size() || right < fromPatch.size()) {
        bool takeLeft = right >= fromPatch.size();
        if (!takeLeft && left < serverOnly.size()) {
            const auto l = indexIn(serverOrder, serverOnly[left], mergeKey);
            const auto r = indexIn(serverOrder, fromPatch[right], mergeKey);
            takeLeft = l >= 0 && r >= 0 && l < r;
        }
        out.push_back(takeLeft ? serverOnly[left++] : fromPatch[right++]);
    }
    return out;
}

JsonArray orderList(const JsonArray& merged, const JsonArray& patchOrder,
                    const JsonArray& serverOrder, std::string_view mergeKey) {
    std::vector<Json> fromPatch, serverOnly;
    for (const Json& item : merged)
        (memberEqual(patchOrder, item, mergeKey) ? fromPatch : serverOnly).push_back(item);
    const auto by = [&](const JsonArray& order) {
        return [&](const Json& a, const Json& b) {
            return indexIn(order, a, mergeKey) < indexIn(order, b, mergeKey);
        };
    };
    std::stable_sort(fromPatch.begin(), fromPatch.end(), by(patchOrder));
    std::stable_sort(serverOnly.begin(), serverOnly.end(), by(serverOrder));
    return mergeOrdered(serverOnly, fromPatch, serverOrder, mergeKey);
}

// How a member merges: what the schema says about it. Everything empty below a map.
struct Member {
    const Type* type = nullptr;
    bool merge = false;
    std::string_view mergeKey;
};

Result<Member> memberOf(const Type* type, std::string_view key) {
    if (!type || type->kind == TypeKind::Any || type->kind == TypeKind::Object)
        return Member{};
    if (type->kind == TypeKind::Map)
        return Member{type->element, false, {}};
    const Field* field = type->field(key);
    if (!field)
        return plain("unable to find api field in struct " + type->goName + " for the json field " +
                     serializeJson(Json(key)));
    return Member{field->type, field->patchMerge, field->patchMergeKey};
}

Result<Json> mergeMap(Json original, JsonObject patch, const Type* type);

Result<JsonArray> mergeObjects(JsonArray original, const JsonArray& patch,
                               std::string_view mergeKey, const Type* element) {
    for (const Json& item : patch) {
        if (!find(item, mergeKey))
            return noMergeKey(item, mergeKey);
        const std::ptrdiff_t at = indexIn(original, item, mergeKey);
        if (at < 0) {
            original.push_back(cleaned(item));
            continue;
        }
        Json& have = original[static_cast<std::size_t>(at)];
        ORRERY_TRY_ASSIGN(have, mergeMap(std::move(have), item.get_object(), element));
    }
    return original;
}

// Takes out the items with directives: deletes what they name, or everything for "replace".
Result<JsonArray> takeDirectives(JsonArray& original, JsonArray patch, std::string_view mergeKey) {
    JsonArray rest;
    bool replace = false;
    for (Json& item : patch) {
        const Json* directive = find(item, kDirective);
        if (!directive) {
            rest.push_back(std::move(item));
            continue;
        }
        const std::string_view word = asString(*directive);
        if (word == "merge")
            return plain("merging lists cannot yet be specified in the patch");
        if (word != "delete" && word != "replace")
            return unknownDirective(*directive, item);
        replace = replace || word == "replace";
        if (word == "replace")
            continue;
        if (!find(item, mergeKey))
            return noMergeKey(item, mergeKey);
        for (auto at = indexIn(original, item, mergeKey); at >= 0;
             at = indexIn(original, item, mergeKey))
            original.erase(original.begin() + at);
    }
    if (!replace)
        return rest;
    original = JsonArray();
    for (Json& item : rest)
        original.push_back(cleaned(std::move(item)));
    return JsonArray();
}

Result<JsonArray> mergeList(JsonArray original, JsonArray patch, const Member& member,
                            bool deleting) {
    if (!member.merge)
        return patch;
    if (original.empty() && patch.empty())
        return original;
    ORRERY_TRY(checkElements(original, patch));
    const bool objects = !original.empty() ? original[0].is_object() : patch[0].is_object();
    if (!objects) {
        JsonArray merged;
        for (const Json& item : original)
            if (!(deleting && memberEqual(patch, item, "")) && !memberEqual(merged, item, ""))
                merged.push_back(item);
        if (deleting)
            return merged;
        for (const Json& item : patch)
            if (!memberEqual(merged, item, ""))
                merged.push_back(item);
        return orderList(merged, patch, original, "");
    }
    if (member.mergeKey.empty())
        return plain("cannot merge lists without merge key for type struct");
    ORRERY_TRY_ASSIGN(patch, takeDirectives(original, std::move(patch), member.mergeKey));
    const Type* element = member.type ? member.type->element : nullptr;
    const JsonArray serverOrder = original;
    ORRERY_TRY_ASSIGN(JsonArray merged,
                      mergeObjects(std::move(original), patch, member.mergeKey, element));
    return orderList(merged, patch, serverOrder, member.mergeKey);
}

Result<void> applyRetainKeys(JsonObject& original, JsonObject& patch) {
    const Json* found = patch.if_contains(kRetainKeys);
    if (!found)
        return {};
    const Json keys = *found;
    patch.erase(kRetainKeys);
    if (!keys.is_array())
        return badRequest(std::string(kBadRetain));
    const auto kept = [&](std::string_view key) {
        return memberEqual(keys.get_array(), Json(key), "");
    };
    for (const auto& member : patch)
        if (!member.value().is_null() && !startsWith(member.key(), kDeletePrefix) &&
            !startsWith(member.key(), kOrderPrefix) && !kept(member.key()))
            return badRequest(std::string(kBadRetain));
    for (auto at = original.begin(); at != original.end();)
        at = kept(at->key()) ? at + 1 : original.stable_erase(at);
    return {};
}

// The items that stay must stand in the same order as in `order`, and all be there.
Result<void> checkOrder(const JsonArray& patch, const JsonArray& order, std::string_view mergeKey) {
    if (patch.empty() || order.empty())
        return {};
    std::size_t at = 0, orderAt = 0;
    std::vector<const Json*> staying;
    for (const Json& item : patch)
        if (!find(item, kDirective))
            staying.push_back(&item);
    while (at < staying.size() && orderAt < order.size()) {
        if (!mergeKey.empty())
            for (const Json* item : {staying[at], &order[orderAt]})
                if (!find(*item, mergeKey))
                    return noMergeKey(*item, mergeKey);
        const bool equal = mergeKey.empty()
                               ? *staying[at] == order[orderAt]
                               : *find(*staying[at], mergeKey) == *find(order[orderAt], mergeKey);
        at += equal ? 1 : 0;
        ++orderAt;
    }
    if (at < staying.size())
        return plain("The order in patch list:\n" + goFormat(Json(patch)) + "\n doesn't match " +
                     std::string(kOrderPrefix) + " list:\n" + goFormat(Json(order)) + "\n");
    return {};
}

Result<void> applyOneOrder(JsonObject& original, JsonObject& patch, const std::string& key,
                           const JsonArray& order, const Type* type) {
    const Json* have = original.if_contains(key);
    const Json* change = patch.if_contains(key);
    if (change && change->is_null())
        change = nullptr;
    for (const Json* list : {have, change})
        if (list && !list->is_array())
            return plain("expected a []interface {}, but received a " +
                         std::string(list->is_object() ? "map[string]interface {}" : "string"));
    ORRERY_TRY_ASSIGN(const Member member, memberOf(type, key));
    static const JsonArray kEmpty;
    const JsonArray before = have ? have->get_array() : kEmpty;
    const JsonArray changes = change ? change->get_array() : kEmpty;
    ORRERY_TRY(checkOrder(changes, order, member.mergeKey));
    if (!have && !change)
        return {};
    JsonArray merged = have ? before : changes;
    if (have && change) {
        ORRERY_TRY_ASSIGN(merged, mergeList(before, changes, member, false));
    } else if (change) {
        merged = cleaned(changes).get_array();
    }
    if (!member.mergeKey.empty())
        for (const Json& item : merged)
            if (!find(item, member.mergeKey))
                return noMergeKey(item, member.mergeKey);
    original[key] = orderList(merged, order, before, member.mergeKey);
    patch.erase(key);
    return {};
}

Result<void> applyOrders(JsonObject& original, JsonObject& patch, const Type* type) {
    std::vector<std::string> keys;
    for (const auto& member : patch)
        if (startsWith(member.key(), kOrderPrefix))
            keys.emplace_back(member.key());
    for (const std::string& orderKey : keys) {
        const Json order = patch[orderKey];
        patch.erase(orderKey);
        if (!order.is_array())
            return badRequest(std::string(kBadOrder));
        ORRERY_TRY_ASSIGN(const std::string key, keyAfter(orderKey, kOrderPrefix, kBadOrder));
        ORRERY_TRY(applyOneOrder(original, patch, key, order.get_array(), type));
    }
    return {};
}

Result<void> mergeMember(JsonObject& original, std::string_view patchKey, Json change,
                         const Type* type) {
    const bool deleting = startsWith(patchKey, kDeletePrefix);
    std::string key(patchKey);
    if (deleting) {
        ORRERY_TRY_ASSIGN(key, keyAfter(patchKey, kDeletePrefix, kBadDelete));
    }
    const auto at = original.find(key);
    if (change.is_null()) {
        if (at != original.end())
            original.stable_erase(at);
        return {};
    }
    if (at == original.end()) {
        if (!deleting)
            original[key] = cleaned(std::move(change));
        return {};
    }
    Json& have = at->value();
    if (change.is_object() && have.is_object()) {
        ORRERY_TRY_ASSIGN(const Member member, memberOf(type, key));
        ORRERY_TRY_ASSIGN(have,
                          mergeMap(std::move(have), std::move(change.get_object()), member.type));
    } else if (change.is_array() && have.is_array()) {
        ORRERY_TRY_ASSIGN(const Member member, memberOf(type, key));
        ORRERY_TRY_ASSIGN(have, mergeList(std::move(have.get_array()),
                                          std::move(change.get_array()), member, deleting));
    } else {
        have = std::move(change);
    }
    return {};
}

Result<Json> mergeMap(Json original, JsonObject patch, const Type* type) {
    if (const Json* directive = patch.if_contains(kDirective)) {
        const std::string_view word = asString(*directive);
        if (word == "delete")
            return Json(JsonObject());
        if (word != "replace")
            return unknownDirective(*directive, Json(patch));
        return cleaned(Json(std::move(patch)));
    }
    if (!original.is_object())
        original = JsonObject();
    JsonObject& object = original.get_object();
    ORRERY_TRY(applyRetainKeys(object, patch));
    ORRERY_TRY(applyOrders(object, patch, type));
    for (auto& member : patch)
        ORRERY_TRY(mergeMember(object, member.key(), std::move(member.value()), type));
    return original;
}
} // namespace

Result<Json> applyStrategicMerge(std::string_view schema, const Json& current, const Json& patch) {
    if (!patch.is_object())
        return badRequest("a strategic merge patch must be an object");
    return mergeMap(current, patch.get_object(), Schema::builtIn().find(schema));
}

} // namespace orrery::api
