// The types of the API: what fields an object may have, and how lists and maps merge. Those of
// built-in kinds are compiled once from the facts in resources/api, those of custom kinds from
// their definitions (custom/custom_schema.h).
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"

namespace orrery::api {

enum class TypeKind : std::uint8_t {
    Struct, // named fields
    Map,    // string keys, `element` values
    List,   // `element` items
    String,
    Bool,
    Int32,
    Int64,
    Double,
    Bytes,       // base64 in a string
    Quantity,    // string or number, canonicalised
    Time,        // RFC 3339
    MicroTime,   // RFC 3339 with microseconds
    IntOrString, // number or string
    Object,      // any JSON object, kept as it is (FieldsV1, RawExtension)
    Any,         // any JSON value, kept as it is
};

enum class ListMerge : std::uint8_t { Atomic, Set, Map }; // x-kubernetes-list-type

struct Type;

struct Field {
    std::string name;
    const Type* type = nullptr;
    bool required = false;        // OpenAPI's required
    bool pointer = false;         // an explicit zero differs from absence ("replicas: 0")
    bool omitEmpty = true;        // false: always written, with its zero when nobody set it
    bool omitZero = false;        // a struct or time that is left out when it is empty
    bool atomicMap = false;       // x-kubernetes-map-type: atomic on the field
    bool granularMap = false;     // granular on the field, though its type is atomic
    bool patchMerge = false;      // x-kubernetes-patch-strategy has "merge"
    bool patchRetainKeys = false; // ... has "retainKeys"
    ListMerge listMerge = ListMerge::Atomic;
    std::vector<std::string> listMapKeys; // of ListMerge::Map
    std::string patchMergeKey;            // of patchMerge on a list of objects
    std::string goType; // for decode errors: "int32", "v1.PullPolicy", "[]v1.Container"
    Json defaultValue;  // null: none
};

struct Type {
    std::string name;   // "io.k8s.api.core.v1.Pod"; "" for anonymous ones
    std::string goName; // "Pod", as decode errors name a struct
    TypeKind kind = TypeKind::Any;
    const Type* element = nullptr; // of Map and List
    bool atomicMap = false;        // x-kubernetes-map-type: atomic on the type
    bool preserveUnknown = false;  // x-kubernetes-preserve-unknown-fields: unknown fields stay
    bool embeddedResource = false; // has apiVersion, kind and metadata of its own
    bool nullable = false;         // of custom resources: null is kept
    ListMerge listMerge = ListMerge::Atomic; // of a List type of a custom resource
    std::vector<std::string> listMapKeys;    // ... of ListMerge::Map
    std::vector<Field> fields;               // of Struct, sorted by name
    std::vector<const Field*> always;        // fields that are written even when nobody set them

    // The field of that name, or nullptr.
    const Field* field(std::string_view fieldName) const;

  private:
    friend class SchemaBuilder;
    friend class CustomTypeBuilder;
    std::vector<std::uint16_t> slots_; // open addressing over `fields`; 0 is empty, else index + 1
    void index();
};

// All types by name. Built-in ones live as long as the process. Plane thread.
class Schema {
  public:
    // The types of Kubernetes v1.36, compiled at first use (about a millisecond).
    static Schema& builtIn();
    // The type of that name ("io.k8s.api.core.v1.Pod"), or nullptr.
    const Type* find(std::string_view name) const;
    // In order of name.
    std::vector<const Type*> all() const;

  private:
    friend class SchemaBuilder;
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };
    std::vector<std::unique_ptr<Type>> owned_;
    // Looked up only, never iterated for output.
    std::unordered_map<std::string, const Type*, Hash, std::equal_to<>> byName_;
};

// The type at a path of field names below `root`, stepping through lists and maps
// ("spec.containers.image").
const Type* typeAt(const Type& root, std::string_view path);

// --- one pass over an object
// ---------------------------------------------------------------------------

struct NormaliseReport {
    std::vector<std::string>
        unknownFields; // paths: "spec.containers[0].imagePullPolice"; at most 100
    std::string error; // the decoder's first type error; "" for none
};

// Checks types, prunes unknown fields, drops nulls and empty values as the server's encoder does,
// adds the fields that it always writes, canonicalises quantities and times. After an error the
// tree is in an unspecified state.
void normalise(const Type& type, Json& object, NormaliseReport& report);

} // namespace orrery::api
