#include "core/api/apply_typed.h"

#include <optional>
#include <unordered_set>

namespace orrery::api {

namespace {
std::string_view view(const JsonStringView text) {
    return {text.data(), text.size()};
}

// --- does it fit -------------------------------------------------------------------------------

std::string gotText(const Json& value) {
    if (value.is_string())
        return "&value.valueUnstructured{Value:" + serializeJson(value) + "}";
    if (value.is_structured())
        return "&value.valueUnstructured{Value:" +
               std::string(value.is_array() ? "[]interface {}" : "map[string]interface {}") +
               "{...}}";
    return "&value.valueUnstructured{Value:" + serializeJson(value) + "}";
}

// Containers are printed as their bare value.
std::string plainText(const Json& value) {
    return "&{" + (value.is_string() ? std::string(asString(value)) : serializeJson(value)) + "}";
}

class Check {
  public:
    std::vector<std::string> errors;

    void check(const Part& part, const Json& value, const std::string& path) {
        if (value.is_null() || !part.type)
            return;
        switch (part.type->kind) {
        case TypeKind::Struct:
        case TypeKind::Map:
            checkMembers(part, value, path);
            return;
        case TypeKind::List:
            checkItems(part, value, path);
            return;
        case TypeKind::String:
        case TypeKind::Bytes:
        case TypeKind::Time:
        case TypeKind::MicroTime:
            if (!value.is_string())
                add(path, "expected string, got " + gotText(value));
            return;
        case TypeKind::Bool:
            if (!value.is_bool())
                add(path, "expected boolean, got " + gotText(value));
            return;
        case TypeKind::Int32:
        case TypeKind::Int64:
        case TypeKind::Double:
            if (!value.is_number())
                add(path, "expected numeric (int or float), got " +
                              std::string(value.is_string() ? "string"
                                          : value.is_bool() ? "bool"
                                                            : "map"));
            return;
        default:
            return;
        }
    }

  private:
    void add(const std::string& path, const std::string& what) {
        errors.push_back(path + ": " + what);
    }

    void checkMembers(const Part& part, const Json& value, const std::string& path) {
        if (!value.is_object()) {
            add(path, "expected map, got " + plainText(value));
            return;
        }
        for (const auto& member : value.get_object()) {
            const std::string_view key = view(member.key());
            const std::string inside = path + "." + std::string(key);
            const bool known = part.type->kind == TypeKind::Map || part.type->preserveUnknown ||
                               part.type->field(key) ||
                               (part.type->embeddedResource &&
                                (key == "apiVersion" || key == "kind" || key == "metadata"));
            if (known)
                check(part.member(key), member.value(), inside);
            else
                add(inside, "field not declared in schema");
        }
    }

    void checkItems(const Part& part, const Json& value, const std::string& path) {
        if (!value.is_array()) {
            add(path, "expected list, got " + plainText(value));
            return;
        }
        const Shape shape = part.shape(&value);
        const JsonArray& items = value.get_array();
        if (shape == Shape::Leaf) {
            for (std::size_t i = 0; i < items.size(); ++i)
                check(part.item(), items[i], path + "[" + std::to_string(i) + "]");
            return;
        }
        const std::vector<std::string> steps = itemSteps(part, shape, items);
        const StepIndex places(steps);
        for (std::size_t i = 0; i < items.size(); ++i) {
            FieldSet one;
            one.ensure(steps[i]).self = true;
            const std::string text = pathTexts(one).front();
            if (places.find(steps[i]) < i)
                add(path, "duplicate entries for key " + text);
            else
                check(part.item(), items[i], path + text);
        }
    }
};

// --- merging -----------------------------------------------------------------------------------

Json mergeMembers(const Part& part, const JsonObject& live, const JsonObject& applied) {
    JsonObject out;
    for (const auto& member : live) {
        const Json* change = applied.if_contains(member.key());
        out[member.key()] =
            change ? mergeTyped(part.member(view(member.key())), &member.value(), change)
                   : member.value();
    }
    for (const auto& member : applied)
        if (!live.contains(member.key()))
            out[member.key()] =
                mergeTyped(part.member(view(member.key())), nullptr, &member.value());
    return out;
}

// Two lists with keys become one: what both have takes the applied order, and what only the live
// one has stays where it was among its neighbours.
class ItemMerge {
  public:
    ItemMerge(const Part& part, Shape shape, const JsonArray& live, const JsonArray& applied)
        : part_(part), live_(live), applied_(applied), liveSteps_(itemSteps(part, shape, live)),
          steps_(itemSteps(part, shape, applied)), livePlaces_(liveSteps_), places_(steps_) {
        for (const std::string& step : steps_)
            if (livePlaces_.has(step))
                shared_.push_back(step);
    }

    JsonArray run() {
        std::size_t left = 0, right = 0;
        while (left < live_.size() || right < applied_.size())
            step(left, right);
        return std::move(out_);
    }

  private:
    const std::string* nextShared() const {
        return nextShared_ < shared_.size() ? &shared_[nextShared_] : nullptr;
    }

    void takeApplied(std::size_t index) {
        const std::size_t at = livePlaces_.find(steps_[index]);
        const Json* live = at == liveSteps_.size() ? nullptr : &live_[at];
        out_.push_back(mergeTyped(part_.item(), live, &applied_[index]));
        taken_.insert(steps_[index]);
        if (nextShared() && *nextShared() == steps_[index])
            ++nextShared_;
    }

    void step(std::size_t& left, std::size_t& right) {
        const bool both = left < live_.size() && right < applied_.size();
        if (both && liveSteps_[left] == steps_[right]) {
            takeApplied(right++);
            ++left;
            return;
        }
        if (both && places_.has(liveSteps_[left]) && nextShared() &&
            *nextShared() != liveSteps_[left]) {
            ++left; // comes later, in the applied order
            return;
        }
        if (left < live_.size() && !places_.has(liveSteps_[left])) {
            out_.push_back(live_[left++]);
            return;
        }
        if (left < live_.size() && taken_.contains(liveSteps_[left]))
            ++left;
        if (right < applied_.size())
            takeApplied(right++);
    }

    const Part& part_;
    const JsonArray &live_, &applied_;
    std::vector<std::string> liveSteps_, steps_, shared_;
    StepIndex livePlaces_, places_;
    std::unordered_set<std::string> taken_; // looked up only
    std::size_t nextShared_ = 0;
    JsonArray out_;
};

// --- pruning -----------------------------------------------------------------------------------

const FieldSet* below(const FieldSet* set, const std::string& step) {
    return set ? set->child(step) : nullptr;
}

// Named fields count as set as soon as something in them is.
bool holds(const FieldSet* set, bool declared) {
    return set && (set->self || (declared && !set->children.empty()));
}

class Pruning {
  public:
    // `inside`: an ancestor was set by the manager before. `gone`: an ancestor is owned by nobody
    // any more. False when nothing is left of the value.
    bool prune(const Part& part, Json& value, const FieldSet* last, const FieldSet* owned,
               bool inside, bool gone) {
        const Shape shape = part.shape(&value);
        if (shape == Shape::Leaf || !value.is_structured() || (!last && !inside))
            return true;
        const bool list = shape == Shape::SetList || shape == Shape::KeyedList;
        if (list != value.is_array())
            return true;
        return list ? pruneItems(part, shape, value.get_array(), last, owned, inside, gone)
                    : pruneMembers(part, value.get_object(), last, owned, inside, gone);
    }

  private:
    // Whether this place goes away as a whole; what is below may still.
    static bool removed(const FieldSet* last, const FieldSet* owned, bool declared, bool& inside,
                        bool& gone) {
        const bool had = holds(last, declared);
        inside = inside || had;
        gone = gone || (inside && !holds(owned, declared));
        return gone && had;
    }

    bool pruneMembers(const Part& part, JsonObject& object, const FieldSet* last,
                      const FieldSet* owned, bool inside, bool gone) {
        bool changed = false;
        for (auto at = object.begin(); at != object.end();) {
            bool declared = false, in = inside, out = gone;
            const Part inner = part.member(view(at->key()), &declared);
            const std::string step = "f:" + std::string(view(at->key()));
            const FieldSet *lastHere = below(last, step), *ownedHere = below(owned, step);
            const bool goes = removed(lastHere, ownedHere, declared, in, out) ||
                              !prune(inner, at->value(), lastHere, ownedHere, in, out);
            changed = changed || goes;
            at = goes ? object.stable_erase(at) : at + 1;
        }
        return !changed || !object.empty();
    }

    bool pruneItems(const Part& part, Shape shape, JsonArray& items, const FieldSet* last,
                    const FieldSet* owned, bool inside, bool gone) {
        const std::vector<std::string> steps = itemSteps(part, shape, items);
        JsonArray kept;
        for (std::size_t i = 0; i < steps.size(); ++i) {
            bool in = inside, out = gone;
            const FieldSet *lastHere = below(last, steps[i]), *ownedHere = below(owned, steps[i]);
            if (removed(lastHere, ownedHere, false, in, out))
                continue;
            if (prune(part.item(), items[i], lastHere, ownedHere, in, out))
                kept.push_back(std::move(items[i]));
        }
        const bool changed = kept.size() != items.size();
        items = std::move(kept);
        return !changed || !items.empty();
    }
};
} // namespace

std::string typedErrors(const Part& root, const Json& object) {
    Check check;
    check.check(root, object, "");
    if (check.errors.empty())
        return {};
    if (check.errors.size() == 1)
        return check.errors[0];
    std::string all = "errors:";
    for (const std::string& error : check.errors)
        all += "\n  " + error;
    return all + "\n";
}

Json mergeTyped(const Part& part, const Json* live, const Json* applied) {
    if (!applied || applied->is_null())
        return live && !applied ? *live : Json();
    if (!live || live->is_null())
        return *applied;
    const Shape shape = part.shape(applied);
    const bool members = shape == Shape::Fields || shape == Shape::Map;
    if (members && live->is_object() && applied->is_object())
        return mergeMembers(part, live->get_object(), applied->get_object());
    if ((shape == Shape::SetList || shape == Shape::KeyedList) && live->is_array() &&
        applied->is_array())
        return ItemMerge(part, shape, live->get_array(), applied->get_array()).run();
    return *applied;
}

Json pruneTyped(const Part& root, Json merged, const FieldSet& last, const FieldSet& owned) {
    if (!last.empty())
        Pruning().prune(root, merged, &last, &owned, false, false);
    return merged;
}

} // namespace orrery::api
