#include "core/api/managed_fields_set.h"

#include <algorithm>

namespace orrery::api {

namespace {
std::string_view view(const boost::json::string_view text) {
    return {text.data(), text.size()};
}

std::string fieldStep(std::string_view key) {
    return "f:" + std::string(key);
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

// --- objects by schema
// -----------------------------------------------------------------------------

Shape Part::shape(const Json* value) const {
    const auto deduced = [&] { return value && value->is_object() ? Shape::Map : Shape::Leaf; };
    if (!type)
        return deduced();
    const bool atomic = type->atomicMap || (field && field->atomicMap);
    switch (type->kind) {
    case TypeKind::Struct:
        return atomic ? Shape::Leaf : Shape::Fields;
    case TypeKind::Map:
        return atomic ? Shape::Leaf : Shape::Map;
    case TypeKind::List: {
        const ListMerge merge =
            field && field->listMerge != ListMerge::Atomic ? field->listMerge : type->listMerge;
        if (merge == ListMerge::Atomic)
            return Shape::Leaf;
        return merge == ListMerge::Set ? Shape::SetList : Shape::KeyedList;
    }
    case TypeKind::Any:
    case TypeKind::Object:
        return type->preserveUnknown ? deduced() : Shape::Leaf;
    default:
        return Shape::Leaf;
    }
}

Part Part::member(std::string_view key, bool* declared) const {
    if (declared)
        *declared = false;
    if (!type)
        return {};
    if (type->kind == TypeKind::Map)
        return {type->element, nullptr};
    if (type->kind != TypeKind::Struct)
        return {};
    const Field* found = type->field(key);
    if (declared)
        *declared = found != nullptr;
    return found ? Part{found->type, found} : Part{};
}

bool Part::alwaysHas(std::string_view key) const {
    if (!type || type->kind != TypeKind::Struct)
        return false;
    return std::any_of(type->always.begin(), type->always.end(),
                       [&](const Field* one) { return one->name == key; });
}

std::vector<std::string> itemSteps(const Part& list, Shape shape, const JsonArray& items) {
    std::vector<std::string> steps;
    steps.reserve(items.size());
    if (shape == Shape::SetList) {
        for (const Json& item : items)
            steps.push_back("v:" + serializeJson(item));
        return steps;
    }
    std::vector<std::string> keys =
        list.field ? list.field->listMapKeys : std::vector<std::string>();
    std::sort(keys.begin(), keys.end());
    const Type* element = list.type->element;
    for (const Json& item : items) {
        std::string step = "k:{";
        for (const std::string& key : keys) {
            const Json* value = find(item, key);
            const Field* keyField = value || !element ? nullptr : element->field(key);
            if (step.size() > 3)
                step += ',';
            step += '"' + key + "\":";
            if (value)
                step += serializeJson(*value);
            else if (keyField && !keyField->defaultValue.is_null())
                step += serializeJson(keyField->defaultValue);
            else // the one default among keys that Kubernetes' own types have
                step += key == "protocol" ? "\"TCP\"" : "null";
        }
        steps.push_back(step + "}");
    }
    return steps;
}

namespace {
bool hollow(const Json* value) {
    return !value || value->is_null() || (value->is_object() && value->get_object().empty()) ||
           (value->is_array() && value->get_array().empty());
}

// What a field that is always written stands for when it is missing.
const Json& zeroOf(const Part& part) {
    static const Json kObject = JsonObject(), kNull, kText = "", kFalse = false, kZero = 0;
    if (!part.type || (part.field && part.field->pointer))
        return kNull;
    switch (part.type->kind) {
    case TypeKind::Struct:
        return kObject;
    case TypeKind::String:
        return kText;
    case TypeKind::Bool:
        return kFalse;
    case TypeKind::Int32:
    case TypeKind::Int64:
        return kZero;
    default:
        return kNull;
    }
}

class Comparison {
  public:
    void compare(const Part& part, const Json* before, const Json* after, FieldSet& taken,
                 FieldSet& gone) {
        const Json* present = after && !after->is_null() ? after : before;
        Shape shape = part.shape(present);
        if ((hollow(before) && hollow(after)) || !fits(shape, before) || !fits(shape, after))
            shape = Shape::Leaf;
        switch (shape) {
        case Shape::Leaf:
            if (!before)
                taken.self = true;
            else if (!after)
                gone.self = true;
            else if (*before != *after)
                taken.self = true;
            return;
        case Shape::Fields:
        case Shape::Map:
            compareMembers(part, before, after, taken, gone);
            break;
        default:
            compareItems(part, shape, before, after, taken, gone);
            break;
        }
        if (!before)
            taken.self = true;
        else if (!after)
            gone.self = true;
    }

    void child(const Part& part, const std::string& step, const Json* before, const Json* after,
               FieldSet& taken, FieldSet& gone) {
        FieldSet innerTaken, innerGone;
        compare(part, before, after, innerTaken, innerGone);
        innerTaken.step = innerGone.step = step;
        taken.adopt(std::move(innerTaken));
        gone.adopt(std::move(innerGone));
    }

  private:
    static bool fits(Shape shape, const Json* value) {
        if (!value || value->is_null())
            return true;
        const bool list = shape == Shape::SetList || shape == Shape::KeyedList;
        return list ? value->is_array() : value->is_object();
    }

    void compareMembers(const Part& part, const Json* before, const Json* after, FieldSet& taken,
                        FieldSet& gone) {
        static const JsonObject kNone;
        const JsonObject& old = before && before->is_object() ? before->get_object() : kNone;
        const JsonObject& now = after && after->is_object() ? after->get_object() : kNone;
        for (const auto& member : now) {
            const std::string_view key = view(member.key());
            const Json* had = old.if_contains(key);
            if (had && had->is_primitive() && *had == member.value())
                continue;
            const Part inner = part.member(key);
            if (!had && before && before->is_object() && part.alwaysHas(key))
                had = &zeroOf(inner);
            child(inner, fieldStep(key), had, &member.value(), taken, gone);
        }
        for (const auto& member : old) {
            const std::string_view key = view(member.key());
            if (now.contains(key))
                continue;
            const Part inner = part.member(key);
            const bool stays = after && after->is_object() && part.alwaysHas(key);
            child(inner, fieldStep(key), &member.value(), stays ? &zeroOf(inner) : nullptr, taken,
                  gone);
        }
    }

    void compareItems(const Part& part, Shape shape, const Json* before, const Json* after,
                      FieldSet& taken, FieldSet& gone) {
        static const JsonArray kNone;
        const JsonArray& old = before && before->is_array() ? before->get_array() : kNone;
        const JsonArray& now = after && after->is_array() ? after->get_array() : kNone;
        if (old == now)
            return;
        const std::vector<std::string> oldSteps = itemSteps(part, shape, old),
                                       steps = itemSteps(part, shape, now);
        const auto place = [](const std::vector<std::string>& in, const std::string& step) {
            return static_cast<std::size_t>(std::find(in.begin(), in.end(), step) - in.begin());
        };
        for (std::size_t i = 0; i < now.size(); ++i) {
            const std::size_t had = place(oldSteps, steps[i]);
            child(part.item(), steps[i], had < old.size() ? &old[had] : nullptr, &now[i], taken,
                  gone);
        }
        for (std::size_t i = 0; i < old.size(); ++i)
            if (place(steps, oldSteps[i]) == steps.size())
                child(part.item(), oldSteps[i], &old[i], nullptr, taken, gone);
    }
};

// The server's own fields belong to nobody.
bool isOwned(std::string_view key) {
    for (const std::string_view server :
         {"name", "namespace", "uid", "creationTimestamp", "generation", "managedFields",
          "resourceVersion", "selfLink", "clusterName"})
        if (key == server)
            return false;
    return true;
}

JsonObject ownedMetadata(const Json* metadata) {
    JsonObject out;
    if (metadata && metadata->is_object())
        for (const auto& member : metadata->get_object())
            if (isOwned(view(member.key())))
                out[member.key()] = member.value();
    return out;
}
} // namespace

FieldChanges compareObjects(const Part& root, const Json* before, const Json& after,
                            std::string_view ignoredMember) {
    FieldChanges changes;
    Comparison comparison;
    static const Json kEmpty = JsonObject();
    const Json& old = before ? *before : kEmpty;
    const auto one = [&](std::string_view key) {
        if (key == "apiVersion" || key == "kind" || key == ignoredMember)
            return;
        const Json *had = find(old, key), *now = find(after, key);
        if (had && now && *had == *now) // most of an object is as it was
            return;
        const Part part = root.member(key);
        if (key == "metadata") {
            const Json oldMetadata = ownedMetadata(had), metadata = ownedMetadata(now);
            FieldSet taken, gone;
            comparison.compare(part, &oldMetadata, &metadata, taken, gone);
            taken.step = gone.step = "f:metadata";
            taken.self = gone.self = false;
            changes.taken.adopt(std::move(taken));
            changes.gone.adopt(std::move(gone));
            return;
        }
        if (!had && root.alwaysHas(key))
            had = &zeroOf(part);
        if (!now && root.alwaysHas(key))
            now = &zeroOf(part);
        comparison.child(part, fieldStep(key), had, now, changes.taken, changes.gone);
    };
    if (after.is_object())
        for (const auto& member : after.get_object())
            one(view(member.key()));
    if (old.is_object())
        for (const auto& member : old.get_object())
            if (!find(after, view(member.key())))
                one(view(member.key()));
    return changes;
}

namespace {
void collectFields(const Part& part, const Json& value, FieldSet& out) {
    const Shape shape = part.shape(&value);
    const bool list = shape == Shape::SetList || shape == Shape::KeyedList;
    if (shape == Shape::Leaf || value.is_null() ||
        (list ? !value.is_array() : !value.is_object()) || hollow(&value)) {
        out.self = true;
        return;
    }
    if (list) {
        const std::vector<std::string> steps = itemSteps(part, shape, value.get_array());
        for (std::size_t i = 0; i < steps.size(); ++i) {
            FieldSet& item = out.ensure(steps[i]);
            collectFields(part.item(), value.get_array()[i], item);
            item.self = true;
        }
        return;
    }
    for (const auto& member : value.get_object()) {
        bool declared = false;
        const Part inner = part.member(view(member.key()), &declared);
        FieldSet& child = out.ensure(fieldStep(view(member.key())));
        collectFields(inner, member.value(), child);
        child.self = child.self || (!declared && part.type != nullptr);
    }
}
} // namespace

FieldSet fieldsOf(const Part& root, const Json& object) {
    FieldSet set;
    if (!object.is_object())
        return set;
    for (const auto& member : object.get_object()) {
        const std::string_view key = view(member.key());
        if (key == "apiVersion" || key == "kind")
            continue;
        FieldSet child;
        child.step = fieldStep(key);
        if (key == "metadata") {
            const JsonObject owned = ownedMetadata(&member.value());
            if (!owned.empty())
                collectFields(root.member(key), Json(owned), child);
        } else {
            collectFields(root.member(key), member.value(), child);
        }
        set.adopt(std::move(child));
    }
    return set;
}

} // namespace orrery::api
