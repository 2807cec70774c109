// A custom resource's structural schema, compiled once from a version's openAPIV3Schema: what is
// pruned, defaulted and validated. Immutable after it is made.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/custom/go_regexp.h"
#include "core/api/schema.h"
#include "core/api/validation/validation.h"
#include "core/base/json.h"

namespace orrery::api {

struct SchemaNode;

// What a value must be beyond its type. A bound keeps its JSON, which refusals quote.
struct ValueRules {
    std::string format;
    std::optional<std::int64_t> maxLength, minLength, maxItems, minItems, maxProperties,
        minProperties;
    std::optional<GoRegexp> pattern;
    std::optional<Json> maximum, minimum, multipleOf;
    bool exclusiveMaximum = false, exclusiveMinimum = false;
    std::optional<JsonArray> allowed; // enum
    std::vector<std::string> required;
    std::vector<SchemaNode> allOf, anyOf, oneOf;
    std::unique_ptr<SchemaNode> not_;
};

struct SchemaProperty;

struct SchemaNode {
    SchemaNode();
    ~SchemaNode();
    SchemaNode(SchemaNode&&) noexcept;
    SchemaNode& operator=(SchemaNode&&) noexcept;

    std::string type; // "object", "array", "string", "integer", "number", "boolean" or ""
    bool intOrString = false, nullable = false, preserveUnknown = false, embeddedResource = false;
    bool atomicMap = false;
    ListMerge listMerge = ListMerge::Atomic;
    std::vector<std::string> listMapKeys;
    std::vector<SchemaProperty> properties; // sorted by name
    std::unique_ptr<SchemaNode> items, additional;
    bool additionalAnything = false; // additionalProperties: true
    std::optional<Json> defaultValue;
    std::unique_ptr<ValueRules> rules; // null: only the type matters
    bool rulesInCel = false;           // x-kubernetes-validations here
    // Of this node and those below it: what need not be looked for is not.
    bool defaultsBelow = false, uniqueListsBelow = false, embeddedBelow = false, celBelow = false;

    // The property of that name, or nullptr.
    const SchemaNode* property(std::string_view name) const;
    // What a member must be: its property, or what additionalProperties says; nullptr when neither.
    const SchemaNode* member(std::string_view name) const;
};

struct SchemaProperty {
    std::string name;
    SchemaNode node;
};

// Compiles one openAPIV3Schema. What is wrong with a pattern is left out (validation of the
// definition has refused it).
SchemaNode compileSchema(const Json& schema);

// --- what happens to an object (all pure) --------------------------------------------------------

// Drops what the schema does not know, except apiVersion, kind and metadata of `root` objects;
// whole doubles become integers, as they come back from Kubernetes' store. Paths of what was
// dropped, sorted, at most 100, go to `unknown` when it is not null.
void pruneUnknown(const SchemaNode& schema, Json& object, std::vector<std::string>* unknown);
// The metadata of embedded resources, as ObjectMeta reads it; "" or what is wrong.
std::string coerceEmbedded(const SchemaNode& schema, Json& object,
                           std::vector<std::string>& unknown);
// Fills in defaults, then drops nulls that are not nullable.
void applySchemaDefaults(const SchemaNode& schema, Json& object);

// Kubernetes' causes, in its order. `path` names the value ("" for an object's root). With `old`
// what is wrong but unchanged passes (ratcheting).
FieldErrors validateBySchema(const SchemaNode& schema, const Json& value, const Json* old,
                             const std::string& path = {});
// Items that lists of type set and map may have only once; embedded resources' own fields.
FieldErrors checkUniqueItems(const SchemaNode& schema, const Json& value,
                             const std::string& path = {});
FieldErrors checkEmbedded(const SchemaNode& schema, const Json& value,
                          const std::string& path = {});

} // namespace orrery::api
