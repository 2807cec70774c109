// Parts of a version of a CustomResourceDefinition: subresources, columns, selectable fields, what
// is said of deprecated ones.
#include <algorithm>
#include <set>

#include "core/api/validation/custom_schemas.h"

namespace orrery::api {

namespace {
constexpr std::string_view kColumnTypes[] = {"boolean", "date", "integer", "number", "string"};
constexpr std::string_view kColumnFormats[] = {"binary", "byte",  "date",  "date-time", "double",
                                               "float",  "int32", "int64", "password"};

template <std::size_t N> bool among(const std::string_view (&list)[N], std::string_view value) {
    return std::find(std::begin(list), std::end(list), value) != std::end(list);
}

template <std::size_t N> std::string joined(const std::string_view (&list)[N]) {
    std::string out;
    for (const std::string_view each : list)
        out += (out.empty() ? "" : ",") + std::string(each);
    return out;
}

void checkSimplePath(Findings& findings, std::string_view path, std::string field) {
    if (path.empty())
        findings.invalid(std::move(field), path, "must not be empty");
    else if (path[0] != '.')
        findings.invalid(std::move(field), path, "must be a simple json path starting with .");
}

void checkScalePath(Findings& findings, const Json& scale, const char* member,
                    std::string_view below, const std::string& path) {
    const std::string field = path + ".scale." + member;
    const std::string_view value = stringAt(scale, member);
    if (value.empty())
        return findings.required(field);
    const std::size_t before = findings.count();
    checkSimplePath(findings, value, field);
    if (findings.count() == before && !value.starts_with(std::string(below) + "."))
        findings.invalid(field, value, "should be a json path under " + std::string(below));
}

} // namespace

void checkDefinitionSubresources(Findings& findings, const Json* subresources,
                                 const std::string& path) {
    const Json* scale = subresources ? find(*subresources, "scale") : nullptr;
    if (!scale)
        return;
    checkScalePath(findings, *scale, "specReplicasPath", ".spec", path);
    checkScalePath(findings, *scale, "statusReplicasPath", ".status", path);
    const std::string_view selector = stringAt(*scale, "labelSelectorPath");
    if (selector.empty())
        return;
    const std::string field = path + ".scale.labelSelectorPath";
    const std::size_t before = findings.count();
    checkSimplePath(findings, selector, field);
    if (findings.count() == before && !selector.starts_with(".spec.") &&
        !selector.starts_with(".status."))
        findings.invalid(field, selector, "should be a json path under either .spec or .status");
}

void checkDefinitionColumns(Findings& findings, const JsonArray& columns, const std::string& path) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Json& column = columns[i];
        const std::string field = at(path, i);
        if (stringAt(column, "name").empty())
            findings.required(field + ".name");
        const std::string_view type = stringAt(column, "type"), format = stringAt(column, "format");
        if (type.empty())
            findings.required(field + ".type", "must be one of " + joined(kColumnTypes));
        else if (!among(kColumnTypes, type))
            findings.invalid(field + ".type", type, "must be one of " + joined(kColumnTypes));
        if (!format.empty() && !among(kColumnFormats, format))
            findings.invalid(field + ".format", format, "must be one of " + joined(kColumnFormats));
        if (const std::string_view json = stringAt(column, "jsonPath"); json.empty())
            findings.required(field + ".JSONPath");
        else
            checkSimplePath(findings, json, field + ".JSONPath");
    }
}

void checkDeprecationWarning(Findings& findings, const Json& version, const std::string& path) {
    const Json* warning = find(version, "deprecationWarning");
    if (!warning)
        return;
    constexpr std::size_t kBytesMax = 256;
    const std::string field = path + ".deprecationWarning";
    const std::string_view text = asString(*warning);
    if (!boolAt(version, "deprecated"))
        findings.invalid(field, text, "can only be set for deprecated versions");
    if (text.size() > kBytesMax)
        findings.invalid(field, text, "must be <= 256 characters");
    if (text.empty())
        findings.invalid(field, text, "must not be an empty string");
    for (std::size_t i = 0; i < text.size(); ++i)
        if (static_cast<unsigned char>(text[i]) < ' ' || text[i] == 0x7f)
            return findings.invalid(
                field, text,
                "must only contain printable UTF-8 characters; non-printable character found at "
                "index " +
                    std::to_string(i));
}

void checkSelectableFields(Findings& findings, const Json& version, const std::string& path) {
    constexpr std::size_t kMax = 8;
    const JsonArray& fields = arrayAt(version, "selectableFields");
    static const Json kNone = JsonObject();
    const Json* schema = findPath(version, "schema.openAPIV3Schema");
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const std::string field = at(path, i) + ".jsonPath";
        const std::string_view json = stringAt(fields[i], "jsonPath");
        if (json.empty()) {
            findings.required(field);
            continue;
        }
        const Json* found = json[0] == '.' ? schema : nullptr;
        for (std::size_t begin = 1; found && begin <= json.size();) {
            const std::size_t end = std::min(json.find('.', begin), json.size());
            const std::string_view key = json.substr(begin, end - begin);
            const JsonObject& properties = objectAt(*found, "properties");
            found = properties.if_contains(key);
            begin = end + 1;
        }
        const std::string_view type = found ? stringAt(*found, "type") : std::string_view();
        if (json.starts_with(".metadata.") || json == ".metadata")
            findings.invalid(field, json, "must not point to fields in metadata");
        else if (!found)
            findings.invalid(field, json, "is an invalid path: does not refer to a valid field");
        else if (type != "string" && type != "boolean" && type != "integer")
            findings.invalid(field, json,
                             "must point to a field of type string, boolean or integer. Enum "
                             "string fields and strings with formats are allowed.");
        if (!seen.insert(json).second)
            findings.duplicate(field, Json(json));
    }
    if (seen.size() > kMax)
        findings.tooMany(path, seen.size(), kMax);
}

} // namespace orrery::api
