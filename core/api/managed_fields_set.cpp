#include "core/api/managed_fields_set.h"

#include <algorithm>

namespace orrery::api {

namespace {
std::string_view view(const JsonStringView text) {
    return {text.data(), text.size()};
}

// Whether a written node is itself in the set.
bool isMember(const JsonObject& node) {
    return node.empty() || node.contains(".");
}

auto lowerBound(std::vector<FieldSet>& children, std::string_view step) {
    return std::lower_bound(
        children.begin(), children.end(), step,
        [](const FieldSet& child, std::string_view name) { return child.step < name; });
}
} // namespace

const FieldSet* FieldSet::child(std::string_view childStep) const {
    const auto at = lowerBound(const_cast<FieldSet*>(this)->children, childStep);
    return at != children.end() && at->step == childStep ? &*at : nullptr;
}

FieldSet& FieldSet::ensure(std::string_view childStep) {
    const auto at = lowerBound(children, childStep);
    if (at != children.end() && at->step == childStep)
        return *at;
    FieldSet fresh;
    fresh.step = childStep;
    return *children.insert(at, std::move(fresh));
}

void FieldSet::adopt(FieldSet child) {
    if (child.empty())
        return;
    const auto at = lowerBound(children, child.step);
    if (at != children.end() && at->step == child.step)
        at->unite(child);
    else
        children.insert(at, std::move(child));
}

void FieldSet::unite(const FieldSet& other) {
    self = self || other.self;
    for (const FieldSet& one : other.children)
        ensure(one.step).unite(one);
}

FieldSet readFields(const Json& fields) {
    FieldSet set;
    const JsonObject* object = fields.if_object();
    if (!object)
        return set;
    for (const auto& member : *object) {
        if (member.key() == ".") {
            set.self = true;
            continue;
        }
        FieldSet child = readFields(member.value());
        child.step = view(member.key());
        child.self = child.self || child.children.empty();
        set.adopt(std::move(child));
    }
    return set;
}

JsonObject writeFields(const FieldSet& set) {
    JsonObject object;
    if (set.self && !set.children.empty())
        object["."] = JsonObject();
    for (const FieldSet& child : set.children)
        object[child.step] = writeFields(child);
    return object;
}

void addFields(JsonObject& fields, const FieldSet& set) {
    for (const FieldSet& child : set.children) {
        Json* have = fields.if_contains(child.step);
        if (!have || !have->is_object()) {
            fields[child.step] = writeFields(child);
            continue;
        }
        JsonObject& node = have->get_object();
        const bool member = isMember(node) || child.self;
        if (!child.children.empty() && member && !node.contains("."))
            node["."] = JsonObject();
        addFields(node, child);
        if (member && !node.empty() && !node.contains("."))
            node["."] = JsonObject();
    }
}

void removeFields(JsonObject& fields, const FieldSet& set) {
    for (const FieldSet& child : set.children) {
        Json* have = fields.if_contains(child.step);
        if (!have || !have->is_object())
            continue;
        JsonObject& node = have->get_object();
        bool member = isMember(node);
        const bool leaf = node.empty();
        if (!leaf)
            removeFields(node, child);
        if (child.self && member) {
            member = false;
            node.erase(".");
        }
        // What is left is only "." or nothing at all.
        const bool bare = node.empty() || (node.size() == 1 && node.contains("."));
        if (!bare)
            continue;
        if (member)
            node.clear();
        else
            fields.erase(child.step);
    }
}

FieldSet commonFields(const Json& fields, const FieldSet& set) {
    FieldSet common;
    const JsonObject* object = fields.if_object();
    if (!object)
        return common;
    for (const FieldSet& child : set.children) {
        const Json* have = object->if_contains(child.step);
        const JsonObject* node = have ? have->if_object() : nullptr;
        if (!node)
            continue;
        FieldSet inner = commonFields(*have, child);
        inner.step = child.step;
        inner.self = child.self && isMember(*node);
        common.adopt(std::move(inner));
    }
    return common;
}

namespace {
std::string stepText(const std::string& step) {
    const std::string_view rest = std::string_view(step).substr(2);
    if (step[0] == 'f')
        return "." + std::string(rest);
    if (step[0] == 'v')
        return "[=" + std::string(rest) + "]";
    const Result<Json> keys = parseJson(rest);
    std::string text;
    if (keys && keys->is_object())
        for (const auto& [key, value] : keys->get_object())
            text += (text.empty() ? "" : ",") + std::string(key) + "=" + serializeJson(value);
    return "[" + text + "]";
}

void collectPaths(const FieldSet& set, const std::string& path, std::vector<std::string>& out) {
    if (set.self)
        out.push_back(path);
    for (const FieldSet& child : set.children)
        collectPaths(child, path + stepText(child.step), out);
}
} // namespace

std::vector<std::string> pathTexts(const FieldSet& set) {
    std::vector<std::string> out;
    collectPaths(set, "", out);
    return out;
}

} // namespace orrery::api
