// Field selectors.
#include <algorithm>

#include "core/api/selectors.h"

namespace orrery::api {

namespace {
std::string quoted(std::string_view text) {
    return "'" + std::string(text) + "'";
}

bool contains(const std::vector<std::string>& values, std::string_view value) {
    return std::find(values.begin(), values.end(), value) != values.end();
}

// Splits at commas that no backslash protects.
std::vector<std::string_view> splitTerms(std::string_view text) {
    std::vector<std::string_view> terms;
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == ',') {
            terms.push_back(text.substr(start, i - start));
            start = i + 1;
        }
    }
    terms.push_back(text.substr(std::min(start, text.size())));
    return terms;
}

Result<std::string> unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\\' && i + 1 < text.size() &&
            std::string_view("\\,=").find(text[i + 1]) != std::string_view::npos)
            out += text[++i];
        else if (c == '\\')
            return badRequest("invalid field selector: invalid escape sequence: \"\\" +
                              std::string(text.substr(i + 1, 1)) + "\" in \"" + std::string(text) +
                              "\"");
        else if (c == ',' || c == '=')
            return badRequest("invalid field selector: unescaped character \"" + std::string(1, c) +
                              "\" in \"" + std::string(text) + "\"");
        else
            out += c;
    }
    return out;
}

bool supported(const KindDef& kind, std::string_view field) {
    if (field == "metadata.name" || field == "metadata.namespace")
        return true;
    return contains(kind.selectableFields, field);
}

Error unsupported(const KindDef& kind, const std::string& field) {
    if (kind.selectableFields.empty() && !kind.custom)
        return badRequest("\"" + field +
                          "\" is not a known field selector: only \"metadata.name\", "
                          "\"metadata.namespace\"");
    return badRequest("field label not supported: " + field);
}

// The text that a selector compares: absent values are "" (of built-in kinds, whose name is `kind`,
// "false" for the booleans).
std::string fieldText(std::string_view kind, const Json& object, const std::string& field) {
    if (kind.empty()) {
        const Json* value = findPath(object, field);
        if (!value || value->is_structured() || value->is_null())
            return "";
        return value->is_string() ? std::string(asString(*value)) : serializeJson(*value);
    }
    if (kind == "Event" && field == "source") {
        const std::string_view source = stringAt(object, "source.component");
        return std::string(source.empty() ? stringAt(object, "reportingComponent") : source);
    }
    const Json* value = findPath(object, field);
    if (field == "spec.hostNetwork" || field == "spec.unschedulable")
        return value && value->is_bool() && value->get_bool() ? "true" : "false";
    if (!value)
        return field == "status.successful" || field == "status.replicas" ? "0" : "";
    if (value->is_string())
        return std::string(asString(*value));
    if (value->is_object() || value->is_array() || value->is_null())
        return "";
    return serializeJson(*value);
}
} // namespace

Result<FieldFilter> FieldFilter::parse(const KindDef& kind, std::string_view text) {
    FieldFilter filter;
    if (!kind.custom)
        filter.kind_ = kind.kind;
    for (const std::string_view term : splitTerms(text)) {
        if (term.empty())
            continue;
        Requirement requirement;
        std::size_t at = 0, length = 0;
        for (; at < term.size() && length == 0; ++at) {
            if (term[at] == '\\')
                ++at;
            else if (term.substr(at, 2) == "!=" || term.substr(at, 2) == "==")
                length = 2;
            else if (term[at] == '=')
                length = 1;
        }
        if (length == 0)
            return badRequest("invalid selector: " + quoted(text) + "; can't understand " +
                              quoted(term));
        --at;
        requirement.equal = term[at] == '=';
        requirement.field = term.substr(0, at);
        ORRERY_TRY_ASSIGN(requirement.value, unescape(term.substr(at + length)));
        if (!supported(kind, requirement.field))
            return unsupported(kind, requirement.field);
        filter.requirements_.push_back(std::move(requirement));
    }
    return filter;
}

bool FieldFilter::matches(const Json& object) const {
    return std::all_of(requirements_.begin(), requirements_.end(), [&](const Requirement& one) {
        return (fieldText(kind_, object, one.field) == one.value) == one.equal;
    });
}

std::optional<std::string> FieldFilter::exactly(std::string_view field) const {
    for (const Requirement& one : requirements_)
        if (one.equal && one.field == field)
            return one.value;
    return std::nullopt;
}

std::string FieldFilter::text() const {
    std::string text;
    for (const Requirement& one : requirements_)
        text += (text.empty() ? "" : ",") + one.field + (one.equal ? "=" : "!=") + one.value;
    return text;
}

} // namespace orrery::api
