#include "core/api/custom/structural.h"

#include <algorithm>

namespace orrery::api {

namespace {
std::optional<std::int64_t> number(const Json& schema, std::string_view key) {
    const Json* value = find(schema, key);
    if (!value || !value->is_number())
        return std::nullopt;
    return intAt(schema, key);
}

std::optional<Json> bound(const Json& schema, std::string_view key) {
    const Json* value = find(schema, key);
    if (!value || !value->is_number())
        return std::nullopt;
    return *value;
}

std::vector<std::string> texts(const Json& schema, std::string_view key) {
    std::vector<std::string> out;
    for (const Json& each : arrayAt(schema, key))
        out.emplace_back(asString(each));
    return out;
}

std::vector<SchemaNode> compileAll(const Json& schema, std::string_view key) {
    std::vector<SchemaNode> out;
    for (const Json& each : arrayAt(schema, key))
        out.push_back(compileSchema(each));
    return out;
}

std::unique_ptr<SchemaNode> compileOne(const Json* schema) {
    if (!schema || !schema->is_object())
        return nullptr;
    return std::make_unique<SchemaNode>(compileSchema(*schema));
}

bool hasRules(const Json& schema) {
    static constexpr std::string_view kKeys[] = {"format",
                                                 "maxLength",
                                                 "minLength",
                                                 "pattern",
                                                 "maxItems",
                                                 "minItems",
                                                 "maximum",
                                                 "maxProperties",
                                                 "exclusiveMaximum",
                                                 "exclusiveMinimum",
                                                 "minimum",
                                                 "required",
                                                 "enum",
                                                 "minProperties",
                                                 "multipleOf",
                                                 "allOf",
                                                 "anyOf",
                                                 "oneOf",
                                                 "not"};
    return std::any_of(std::begin(kKeys), std::end(kKeys),
                       [&schema](std::string_view key) { return find(schema, key) != nullptr; });
}

std::unique_ptr<ValueRules> compileRules(const Json& schema) {
    if (!hasRules(schema))
        return nullptr;
    auto rules = std::make_unique<ValueRules>();
    rules->format = stringAt(schema, "format");
    rules->maxLength = number(schema, "maxLength");
    rules->minLength = number(schema, "minLength");
    rules->maxItems = number(schema, "maxItems");
    rules->minItems = number(schema, "minItems");
    rules->maxProperties = number(schema, "maxProperties");
    rules->minProperties = number(schema, "minProperties");
    if (const std::string_view pattern = stringAt(schema, "pattern"); !pattern.empty())
        if (Result<GoRegexp> made = GoRegexp::compile(pattern))
            rules->pattern = std::move(*made);
    rules->maximum = bound(schema, "maximum");
    rules->minimum = bound(schema, "minimum");
    rules->multipleOf = bound(schema, "multipleOf");
    rules->exclusiveMaximum = boolAt(schema, "exclusiveMaximum");
    rules->exclusiveMinimum = boolAt(schema, "exclusiveMinimum");
    if (const Json* allowed = find(schema, "enum"); allowed && allowed->is_array())
        if (!allowed->get_array().empty())
            rules->allowed = allowed->get_array();
    rules->required = texts(schema, "required");
    rules->allOf = compileAll(schema, "allOf");
    rules->anyOf = compileAll(schema, "anyOf");
    rules->oneOf = compileAll(schema, "oneOf");
    rules->not_ = compileOne(find(schema, "not"));
    return rules;
}

ListMerge listMergeOf(std::string_view type) {
    return type == "set" ? ListMerge::Set : type == "map" ? ListMerge::Map : ListMerge::Atomic;
}

void compileChildren(const Json& schema, SchemaNode& node) {
    for (const auto& [name, each] : objectAt(schema, "properties"))
        node.properties.push_back(
            {std::string(name), each.is_object() ? compileSchema(each) : SchemaNode()});
    std::sort(node.properties.begin(), node.properties.end(),
              [](const SchemaProperty& a, const SchemaProperty& b) { return a.name < b.name; });
    node.items = compileOne(find(schema, "items"));
    const Json* additional = find(schema, "additionalProperties");
    node.additional = compileOne(additional);
    node.additionalAnything = additional && additional->is_bool() && additional->get_bool();
}

// What is to be looked for below.
void summarise(SchemaNode& node) {
    node.defaultsBelow = node.defaultValue.has_value();
    node.uniqueListsBelow = node.listMerge != ListMerge::Atomic;
    node.embeddedBelow = node.embeddedResource;
    node.celBelow = node.rulesInCel;
    const auto take = [&node](const SchemaNode& child) {
        node.defaultsBelow |= child.defaultsBelow;
        node.uniqueListsBelow |= child.uniqueListsBelow;
        node.embeddedBelow |= child.embeddedBelow;
        node.celBelow |= child.celBelow;
    };
    for (const SchemaProperty& each : node.properties)
        take(each.node);
    if (node.items)
        take(*node.items);
    if (node.additional)
        take(*node.additional);
}
} // namespace

SchemaNode::SchemaNode() = default;
SchemaNode::~SchemaNode() = default;
SchemaNode::SchemaNode(SchemaNode&&) noexcept = default;
SchemaNode& SchemaNode::operator=(SchemaNode&&) noexcept = default;

const SchemaNode* SchemaNode::property(std::string_view name) const {
    const auto at = std::lower_bound(
        properties.begin(), properties.end(), name,
        [](const SchemaProperty& one, std::string_view wanted) { return one.name < wanted; });
    return at == properties.end() || at->name != name ? nullptr : &at->node;
}

const SchemaNode* SchemaNode::member(std::string_view name) const {
    const SchemaNode* found = property(name);
    return found ? found : additional.get();
}

SchemaNode compileSchema(const Json& schema) {
    SchemaNode node;
    node.type = stringAt(schema, "type");
    node.intOrString = boolAt(schema, "x-kubernetes-int-or-string");
    node.nullable = boolAt(schema, "nullable");
    node.preserveUnknown = boolAt(schema, "x-kubernetes-preserve-unknown-fields");
    node.embeddedResource = boolAt(schema, "x-kubernetes-embedded-resource");
    node.atomicMap = stringAt(schema, "x-kubernetes-map-type") == "atomic";
    node.listMerge = listMergeOf(stringAt(schema, "x-kubernetes-list-type"));
    node.listMapKeys = texts(schema, "x-kubernetes-list-map-keys");
    node.rulesInCel = !arrayAt(schema, "x-kubernetes-validations").empty();
    if (const Json* value = find(schema, "default"))
        node.defaultValue = *value;
    compileChildren(schema, node);
    node.rules = compileRules(schema);
    summarise(node);
    return node;
}

} // namespace orrery::api
