// Sets of an object's fields, and how schema facts name the parts of an object in them.
//
// A set is a tree. Its written form is FieldsV1: {"f:data":{".":{},"f:a":{}}} holds data itself and
// data.a. Steps are spelled as there: f:<field or key>, k:{<keys of a list's item>}, v:<value in a
// set>.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/api/schema.h"
#include "core/base/json.h"

namespace orrery::api {

struct FieldSet {
    std::string step; // from the parent; "" at the root
    bool self = false;
    std::vector<FieldSet> children; // in order of step, no duplicates

    bool empty() const { return !self && children.empty(); }
    const FieldSet* child(std::string_view childStep) const;
    FieldSet& ensure(std::string_view childStep);
    // Takes in a child unless it is empty.
    void adopt(FieldSet child);
    void unite(const FieldSet& other);
};

// The written form of a set, as it stands in metadata.managedFields. These touch only the parts
// that `set` names, so that their cost follows the change and not the object.
FieldSet readFields(const Json& fields);
JsonObject writeFields(const FieldSet& set);
void addFields(JsonObject& fields, const FieldSet& set);
void removeFields(JsonObject& fields, const FieldSet& set);
FieldSet commonFields(const Json& fields, const FieldSet& set);
// Every path of a set as conflicts print it: ".spec.containers[name=\"web\"].image".
std::vector<std::string> pathTexts(const FieldSet& set);

// --- objects by schema
// -----------------------------------------------------------------------------

enum class Shape : std::uint8_t { Leaf, Fields, Map, SetList, KeyedList };

// A part of an object as the schema sees it. `type` null: no schema, the value says what it is.
struct Part {
    const Type* type = nullptr;
    const Field* field = nullptr; // that led here

    Shape shape(const Json* value) const;
    // The part of a field or key. `declared`: the schema names this field.
    Part member(std::string_view key, bool* declared = nullptr) const;
    Part item() const { return {type ? type->element : nullptr, nullptr}; }
    // Whether the server writes the field even when nobody set it.
    bool alwaysHas(std::string_view key) const;
};

// The steps of a list's items, as long as the list.
std::vector<std::string> itemSteps(const Part& list, Shape shape, const JsonArray& items);

// Where each step of a list stands first; lists may be long.
class StepIndex {
  public:
    // `steps` outlives the index.
    explicit StepIndex(const std::vector<std::string>& steps);
    // The first place of the step, or the number of steps.
    std::size_t find(const std::string& step) const;
    bool has(const std::string& step) const { return find(step) < steps_.size(); }

  private:
    const std::vector<std::string>& steps_;
    std::unordered_map<std::string_view, std::size_t> places_; // looked up only; empty: few steps
};

// Members of the whole object that a write through a (sub)resource can't change: nobody owns them
// by it.
struct Ignored {
    std::array<std::string_view, 2> members; // "" for none
    bool has(std::string_view key) const {
        return !key.empty() && (key == members[0] || key == members[1]);
    }
};

struct FieldChanges {
    FieldSet taken; // added or changed
    FieldSet gone;  // removed
    bool empty() const { return taken.empty() && gone.empty(); }
};
// What differs from `before` (null: nothing was there) to `after`; of metadata only what managers
// own.
FieldChanges compareObjects(const Part& root, const Json* before, const Json& after,
                            const Ignored& ignored);
// The fields that an applied object sets.
FieldSet fieldsOf(const Part& root, const Json& object);

} // namespace orrery::api
