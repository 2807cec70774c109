// Objects seen through their schema: what differs, and which fields they set.
#include <algorithm>

#include "core/api/managed_fields_set.h"

namespace orrery::api {

namespace {
std::string_view view(const JsonStringView text) {
    return {text.data(), text.size()};
}

std::string fieldStep(std::string_view key) {
    return "f:" + std::string(key);
}
} // namespace

// -----------------------------------------------------------------------------

Shape Part::shape(const Json* value) const {
    const auto deduced = [&] { return value && value->is_object() ? Shape::Map : Shape::Leaf; };
    if (!type)
        return deduced();
    const bool atomic =
        (type->atomicMap && !(field && field->granularMap)) || (field && field->atomicMap);
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
    std::vector<std::string> keys = list.field && !list.field->listMapKeys.empty()
                                        ? list.field->listMapKeys
                                        : list.type->listMapKeys;
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

StepIndex::StepIndex(const std::vector<std::string>& steps) : steps_(steps) {
    constexpr std::size_t kFew = 16; // as fast to look through
    if (steps.size() <= kFew)
        return;
    places_.reserve(steps.size());
    for (std::size_t i = 0; i < steps.size(); ++i)
        places_.emplace(steps[i], i);
}

std::size_t StepIndex::find(const std::string& step) const {
    if (places_.empty())
        return static_cast<std::size_t>(std::find(steps_.begin(), steps_.end(), step) -
                                        steps_.begin());
    const auto at = places_.find(step);
    return at == places_.end() ? steps_.size() : at->second;
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
            else if (!sameValue(*before, *after))
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
        const std::vector<std::string> oldSteps = itemSteps(part, shape, old),
                                       steps = itemSteps(part, shape, now);
        const StepIndex oldPlaces(oldSteps), places(steps);
        for (std::size_t i = 0; i < now.size(); ++i) {
            const std::size_t had = oldPlaces.find(steps[i]);
            child(part.item(), steps[i], had < old.size() ? &old[had] : nullptr, &now[i], taken,
                  gone);
        }
        for (std::size_t i = 0; i < old.size(); ++i)
            if (!places.has(oldSteps[i]))
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

// Looks at what managers own only: managedFields themselves are long.
bool sameMetadata(const Json* before, const Json* after) {
    static const JsonObject kNone;
    const JsonObject& old = before && before->is_object() ? before->get_object() : kNone;
    const JsonObject& now = after && after->is_object() ? after->get_object() : kNone;
    for (const auto& member : now) {
        if (!isOwned(view(member.key())))
            continue;
        const Json* had = old.if_contains(member.key());
        if (!had || !sameValue(*had, member.value()))
            return false;
    }
    return std::all_of(old.begin(), old.end(), [&](const auto& member) {
        return now.contains(member.key()) || !isOwned(view(member.key()));
    });
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
                            const Ignored& ignored) {
    FieldChanges changes;
    Comparison comparison;
    static const Json kEmpty = JsonObject();
    const Json& old = before ? *before : kEmpty;
    const auto one = [&](std::string_view key) {
        if (key == "apiVersion" || key == "kind" || ignored.has(key))
            return;
        const Json *had = find(old, key), *now = find(after, key);
        if (key == "metadata" ? sameMetadata(had, now) : had && now && sameValue(*had, *now))
            return; // most of an object is as it was
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
