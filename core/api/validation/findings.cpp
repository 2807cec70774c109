#include "core/api/validation/findings.h"

#include "core/api/custom/go_numbers.h"
#include "core/base/quantity.h"

namespace orrery::api {

namespace {
// A value as Kubernetes' field errors print it.
std::string valueText(const Json& value) {
    return value.is_double() ? goJsonNumber(value.get_double()) : serializeJson(value);
}
} // namespace

void Findings::add(std::string_view reason, std::string message, std::string field) {
    StatusCause cause;
    cause.reason = "FieldValue" + std::string(reason);
    cause.message = std::move(message);
    cause.field = std::move(field);
    errors_.push_back(std::move(cause));
}

void Findings::append(FieldErrors errors) {
    for (FieldError& error : errors)
        errors_.push_back(std::move(error));
}

void Findings::required(std::string field, std::string_view detail) {
    add("Required", "Required value" + (detail.empty() ? "" : ": " + std::string(detail)),
        std::move(field));
}

void Findings::invalid(std::string field, const Json& value, std::string_view detail) {
    add("Invalid", "Invalid value: " + valueText(value) + ": " + std::string(detail),
        std::move(field));
}

void Findings::invalid(std::string field, std::string_view value, std::string_view detail) {
    invalid(std::move(field), Json(value), detail);
}

void Findings::each(const std::string& field, std::string_view value, const Sentences& sentences) {
    for (const std::string& sentence : sentences)
        invalid(field, value, sentence);
}

void Findings::forbidden(std::string field, std::string_view detail) {
    add("Forbidden", "Forbidden: " + std::string(detail), std::move(field));
}

void Findings::duplicate(std::string field, const Json& value) {
    add("Duplicate", "Duplicate value: " + valueText(value), std::move(field));
}

void Findings::notFound(std::string field, std::string_view value) {
    add("NotFound", "Not found: " + valueText(Json(value)), std::move(field));
}

void Findings::notSupported(std::string field, const Json& value,
                            const std::vector<std::string_view>& supported) {
    std::string text = "Unsupported value: " + valueText(value);
    for (std::size_t i = 0; i < supported.size(); ++i)
        text += (i ? ", " : ": supported values: ") + valueText(Json(supported[i]));
    add("NotSupported", std::move(text), std::move(field));
}

void Findings::tooLong(std::string field, std::size_t bytesMax) {
    add("TooLong", "Too long: may not be more than " + std::to_string(bytesMax) + " bytes",
        std::move(field));
}

void Findings::tooMany(std::string field, std::size_t actual, std::size_t max) {
    add("TooMany",
        "Too many: " + std::to_string(actual) + ": must have at most " + std::to_string(max) +
            " items",
        std::move(field));
}

void Findings::typeInvalid(std::string field, const Json& value, std::string_view detail) {
    add("TypeInvalid", "Invalid value: " + valueText(value) + ": " + std::string(detail),
        std::move(field));
}

void Findings::internal(std::string field, std::string_view detail) {
    errors_.push_back(
        {"InternalError", "Internal error: " + std::string(detail), std::move(field)});
}

const Json& partOf(const Json& object, std::string_view path) {
    static const Json kNone;
    const Json* part = findPath(object, path);
    return part ? *part : kNone;
}

bool has(const Json& object, std::string_view member) {
    const Json* value = find(object, member);
    return value && !value->is_null();
}

std::string at(const std::string& path, std::size_t index) {
    return path + "[" + std::to_string(index) + "]";
}

std::string keyed(const std::string& path, std::string_view key) {
    return path + "[" + std::string(key) + "]";
}

void checkNonNegative(Findings& findings, const Json& object, std::string_view member,
                      const std::string& path) {
    const Json* value = find(object, member);
    if (value && intAt(object, member) < 0)
        findings.invalid(path + "." + std::string(member), *value, kNotNegative);
}

void checkOneOf(Findings& findings, const Json& object, std::string_view member,
                const std::string& path, const std::vector<std::string_view>& supported,
                bool whenAbsent) {
    const Json* value = find(object, member);
    if (!value && !whenAbsent)
        return;
    const std::string_view text = value ? asString(*value) : std::string_view();
    if (std::find(supported.begin(), supported.end(), text) == supported.end())
        findings.notSupported((path.empty() ? "" : path + ".") + std::string(member), Json(text),
                              supported);
}

void checkImmutable(Findings& findings, const Json& object, const Json& old,
                    std::string_view path) {
    static const Json kNull;
    const Json* now = findPath(object, path);
    const Json* before = findPath(old, path);
    if ((now ? *now : kNull) != (before ? *before : kNull))
        findings.invalid(std::string(path), now ? *now : kNull, kImmutable);
}

void checkRequired(Findings& findings, const Json& object, std::string_view member,
                   const std::string& path, Sentences (*check)(std::string_view)) {
    const std::string_view value = stringAt(object, member);
    const std::string where = (path.empty() ? "" : path + ".") + std::string(member);
    if (value.empty())
        findings.required(where);
    else if (check)
        findings.each(where, value, check(value));
}

void checkDomainPath(Findings& findings, std::string_view value, const std::string& path) {
    constexpr std::string_view kPathLetters = "/-._~%!$&'()*+,;=:";
    if (value.empty())
        return findings.required(path);
    const std::size_t slash = value.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == value.size())
        return findings.invalid(path, value,
                                "must be a domain-prefixed path (such as \"acme.io/foo\")");
    const std::string_view host = value.substr(0, slash), rest = value.substr(slash + 1);
    findings.each(path, host, checkDns1123Subdomain(host));
    const bool plain = std::all_of(rest.begin(), rest.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               kPathLetters.find(c) != std::string_view::npos;
    });
    if (!plain)
        findings.invalid(path, rest,
                         "Invalid path (regex used for validation is "
                         "'[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')");
}

void checkDriverName(Findings& findings, std::string_view value, const std::string& path) {
    constexpr std::size_t kBytesMax = 63;
    if (value.empty())
        return findings.required(path);
    if (value.size() > kBytesMax)
        findings.tooLong(path, kBytesMax);
    std::string lowered(value);
    for (char& c : lowered)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    findings.each(path, value, checkDns1123Subdomain(lowered));
}

void checkConditions(Findings& findings, const Json& status, const std::string& path) {
    constexpr std::size_t kReasonMax = 1024, kMessageMax = 32 * 1024;
    Seen types;
    eachItem(status, "conditions", path, [&](const Json& condition, const std::string& where) {
        const std::string_view type = stringAt(condition, "type"),
                               reason = stringAt(condition, "reason");
        if (!types.add(type))
            findings.duplicate(where + ".type", Json(type));
        findings.each(where + ".type", type, checkQualifiedName(type));
        checkOneOf(findings, condition, "status", where, {"False", "True", "Unknown"}, true);
        if (intAt(condition, "observedGeneration") < 0)
            findings.invalid(where + ".observedGeneration", *find(condition, "observedGeneration"),
                             "must be greater than or equal to zero");
        if (stringAt(condition, "lastTransitionTime").empty())
            findings.required(where + ".lastTransitionTime");
        if (reason.empty())
            findings.required(where + ".reason");
        else
            findings.each(where + ".reason", reason, checkConditionReason(reason));
        if (reason.size() > kReasonMax)
            findings.tooLong(where + ".reason", kReasonMax);
        if (stringAt(condition, "message").size() > kMessageMax)
            findings.tooLong(where + ".message", kMessageMax);
    });
}

void checkPositiveQuantity(Findings& findings, const Json& value, const std::string& path) {
    const Result<Quantity> quantity = Quantity::parse(asString(value));
    if (!quantity || quantity->sign() <= 0)
        findings.invalid(path, value, "must be greater than zero");
}

void checkNonNegativeQuantity(Findings& findings, const Json& value, const std::string& path) {
    const Result<Quantity> quantity = Quantity::parse(asString(value));
    if (quantity && quantity->sign() < 0)
        findings.invalid(path, value, kNotNegative);
}

void checkLabels(Findings& findings, const Json* labels, const std::string& path) {
    const JsonObject* object = labels ? labels->if_object() : nullptr;
    if (!object)
        return;
    for (const auto& [key, value] : *object) {
        const std::string_view name(key.data(), key.size());
        findings.each(path, name, checkQualifiedName(name));
        findings.each(path, asString(value), checkLabelValue(asString(value)));
    }
}

void checkLabelSelector(Findings& findings, const Json& selector, const std::string& path) {
    checkLabels(findings, find(selector, "matchLabels"), path + ".matchLabels");
    const JsonArray& expressions = arrayAt(selector, "matchExpressions");
    for (std::size_t i = 0; i < expressions.size(); ++i) {
        const std::string where = at(path + ".matchExpressions", i);
        const std::string_view op = stringAt(expressions[i], "operator"),
                               key = stringAt(expressions[i], "key");
        const JsonArray& values = arrayAt(expressions[i], "values");
        if (op == "In" || op == "NotIn") {
            if (values.empty())
                findings.required(where + ".values",
                                  "must be specified when `operator` is 'In' or 'NotIn'");
        } else if (op == "Exists" || op == "DoesNotExist") {
            if (!values.empty())
                findings.forbidden(
                    where + ".values",
                    "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        } else {
            findings.invalid(where + ".operator", op, "not a valid selector operator");
        }
        findings.each(where + ".key", key, checkQualifiedName(key));
        for (std::size_t v = 0; v < values.size(); ++v)
            findings.each(at(where + ".values", v), asString(values[v]),
                          checkLabelValue(asString(values[v])));
    }
}

void checkIntOrPercent(Findings& findings, const Json& value, const std::string& path,
                       bool atMostAll) {
    if (!value.is_string()) {
        const bool negative = value.is_int64() && value.get_int64() < 0;
        if (negative)
            findings.invalid(path, value, kNotNegative);
        return;
    }
    const std::string_view text = asString(value);
    const Sentences wrong = checkPercent(text);
    findings.each(path, text, wrong);
    if (wrong.empty() && atMostAll && std::strtoll(std::string(text).c_str(), nullptr, 10) > 100)
        findings.invalid(path, text, "must not be greater than 100%");
}

void checkQuantities(Findings& findings, const Json* amounts, const std::string& path) {
    const JsonObject* object = amounts ? amounts->if_object() : nullptr;
    if (!object)
        return;
    for (const auto& [key, value] : *object) {
        const Result<Quantity> quantity = Quantity::parse(asString(value));
        if (quantity && quantity->sign() < 0)
            findings.invalid(keyed(path, std::string_view(key.data(), key.size())), asString(value),
                             kNotNegative);
    }
}

} // namespace orrery::api
