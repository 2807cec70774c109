// Values against a structural schema: Kubernetes' refusals, in the order of its OpenAPI validator.
#include <algorithm>
#include <cmath>

#include "core/api/custom/go_numbers.h"
#include "core/api/custom/string_formats.h"
#include "core/api/custom/structural.h"
#include "core/api/custom/value_place.h"
#include "core/api/validation/findings.h"

namespace orrery::api {

namespace {
// One run over a value; alternatives (anyOf, ...) get runs of their own.
class Run {
  public:
    Run(const std::string& base, bool ratchets) : base_(base), ratchets_(ratchets) {}
    Findings findings;
    int matches = 0; // checks that applied: the best of several alternatives has most

    void value(const SchemaNode& schema, const Json& value, const Json* old, const Place* at) {
        const std::size_t before = findings.count();
        type(schema, value, at);
        const ValueRules* rules = schema.rules.get();
        if (value.is_null()) {
            if (rules && rules->allowed)
                allowed(*rules, value, at);
        } else {
            if (rules)
                alternatives(*rules, value, at);
            scalar(schema, rules, value, at);
            if (const JsonArray* array = value.if_array())
                items(schema, rules, *array, old, at);
            if (rules && rules->allowed)
                allowed(*rules, value, at);
            if (const JsonObject* object = value.if_object())
                members(schema, rules, *object, old, at);
        }
        if (ratchets_ && old && findings.count() > before && sameValue(value, *old))
            findings.dropFrom(before);
    }

  private:
    static bool has(const SchemaNode& schema, std::string_view type) {
        return schema.type == type ||
               (schema.intOrString && (type == "integer" || type == "string"));
    }

    static std::string typesText(const SchemaNode& schema) {
        return schema.intOrString && schema.type.empty() ? "integer,string" : schema.type;
    }

    std::string name(const Place* at) const { return at ? at->name() : std::string(); }

    // The field of a cause. What has neither a base nor a name is <nil>, as Go prints it.
    std::string field(const Place* at) const {
        const std::string own = name(at);
        if (own.empty())
            return base_.empty() ? "<nil>" : base_;
        const std::string_view inner = own[0] == '.' ? std::string_view(own).substr(1) : own;
        return base_.empty() ? std::string(inner) : base_ + "." + std::string(inner);
    }

    std::string inBody(const Place* at) const { return name(at) + " in body "; }

    // What has no place of its own.
    void general(std::string_view sentence) {
        findings.invalid(base_.empty() ? "<nil>" : base_, "", sentence);
    }

    void wrongType(const Place* at, std::string_view wanted, std::string_view got) {
        findings.typeInvalid(field(at), Json(got),
                             inBody(at) + "must be of type " + std::string(wanted) + ": " +
                                 serializeJson(Json(got)));
    }

    void type(const SchemaNode& schema, const Json& value, const Place* at) {
        const std::string_view format =
            schema.rules ? std::string_view(schema.rules->format) : std::string_view();
        if (schema.type.empty() && !schema.intOrString && format.empty())
            return;
        ++matches;
        const auto [got, gotFormat] = typeOfValue(value);
        if (value.is_null()) {
            if (!schema.nullable && (!schema.type.empty() || schema.intOrString))
                wrongType(at, typesText(schema), got);
            return;
        }
        const double* real = value.if_double();
        const bool wholeReal = real && *real == std::floor(*real) && has(schema, "integer");
        const bool integerIsNumber = got == "integer" && has(schema, "number");
        const bool fits = has(schema, got) || wholeReal || integerIsNumber;
        const bool textual = value.is_string() || value.is_array();
        if (!textual && !format.empty() && !fits && gotFormat != format) {
            wrongType(at, format, gotFormat);
            return;
        }
        const bool numeric = has(schema, "number") || has(schema, "integer");
        if (!fits && (numeric || format.empty() || !textual))
            wrongType(at, typesText(schema), got);
    }

    void scalar(const SchemaNode& schema, const ValueRules* rules, const Json& value,
                const Place* at) {
        if (value.is_string() && rules)
            text(*rules, value, at);
        else if (value.is_number())
            number(schema, rules, value, at);
    }

    void text(const ValueRules& rules, const Json& value, const Place* at) {
        const std::string_view text = asString(value);
        const bool bounded = rules.maxLength || rules.minLength;
        const auto length = bounded ? static_cast<std::int64_t>(runes(text)) : 0;
        ++matches;
        if (rules.maxLength && length > *rules.maxLength)
            findings.tooLong(field(at), static_cast<std::size_t>(*rules.maxLength));
        else if (rules.minLength && length < *rules.minLength)
            findings.invalid(field(at), value,
                             inBody(at) + "should be at least " + std::to_string(*rules.minLength) +
                                 " chars long");
        else if (rules.pattern && !rules.pattern->matches(text))
            findings.invalid(field(at), value,
                             inBody(at) + "should match '" + rules.pattern->pattern() + "'");
        if (!rules.format.empty() && !hasStringFormat(rules.format, text))
            findings.typeInvalid(field(at), value,
                                 inBody(at) + "must be of type " + rules.format + ": " +
                                     serializeJson(value));
    }

    void number(const SchemaNode& schema, const ValueRules* rules, const Json& value,
                const Place* at) {
        ++matches;
        range(schema, value, "Checked", at);
        if (!rules)
            return;
        if (rules->multipleOf)
            multipleOf(schema, value, *rules->multipleOf, at);
        // Integers are compared with the integer part of a bound.
        const bool whole = !value.is_double();
        const double is = value.to_number<double>();
        const auto limit = [whole](const Json& bound) {
            const double number = bound.to_number<double>();
            return whole ? std::trunc(number) : number;
        };
        const auto refuse = [&](const Json& bound, const char* relation) {
            findings.invalid(field(at), value,
                             inBody(at) + "should be " + relation +
                                 goNumberText(limit(bound), whole));
        };
        if (rules->minimum && (is < limit(*rules->minimum) ||
                               (rules->exclusiveMinimum && is == limit(*rules->minimum))))
            refuse(*rules->minimum,
                   rules->exclusiveMinimum ? "greater than " : "greater than or equal to ");
        if (rules->maximum && (is > limit(*rules->maximum) ||
                               (rules->exclusiveMaximum && is == limit(*rules->maximum))))
            refuse(*rules->maximum,
                   rules->exclusiveMaximum ? "less than " : "less than or equal to ");
    }

    // Whether the number fits its declared type; false when it does not.
    bool range(const SchemaNode& schema, const Json& value, std::string_view what,
               const Place* at) {
        const std::string_view format =
            schema.rules ? std::string_view(schema.rules->format) : std::string_view();
        bool fits = true;
        if (schema.type == "integer") {
            const double* real = value.if_double();
            const std::int64_t* integer = value.if_int64();
            fits = integer || (real && *real == std::floor(*real) && std::fabs(*real) < 9.3e18);
            if (format == "int32")
                fits = integer && *integer >= INT32_MIN && *integer <= INT32_MAX;
            else if (format == "uint32")
                fits = integer && *integer >= 0 && *integer <= UINT32_MAX;
            else if (format == "uint64")
                fits = value.is_uint64() || (integer && *integer >= 0);
        } else if (format == "float" || format == "float32") {
            fits = std::fabs(value.to_number<double>()) <= 3.4028234663852886e38;
        }
        if (!fits)
            general(std::string(what) + " value must be of type " + schema.type +
                    (format.empty() ? " (default format)" : " with format " + std::string(format)) +
                    " in " + name(at));
        return fits;
    }

    void multipleOf(const SchemaNode& schema, const Json& value, const Json& factor,
                    const Place* at) {
        const bool native = range(schema, factor, "MultipleOf", at);
        const bool whole = native && !value.is_double();
        const double by =
            whole ? std::trunc(factor.to_number<double>()) : factor.to_number<double>();
        const double is = value.to_number<double>();
        if (by <= 0) {
            findings.invalid(field(at), goNumberJson(by, whole),
                             "factor MultipleOf declared for " + name(at) +
                                 " must be positive: " + goNumberText(by, whole));
            return;
        }
        const double quotient = by < 1 ? 1 / by * is : is / by;
        if (quotient != std::floor(quotient))
            findings.invalid(field(at), value,
                             inBody(at) + "should be a multiple of " + goNumberText(by, whole));
    }

    void allowed(const ValueRules& rules, const Json& value, const Place* at) {
        ++matches;
        const auto equal = [&value](const Json& one) {
            if (one.is_number() && value.is_number())
                return one.to_number<double>() == value.to_number<double>();
            return sameValue(one, value);
        };
        if (std::any_of(rules.allowed->begin(), rules.allowed->end(), equal))
            return;
        std::vector<std::string> texts;
        for (const Json& one : *rules.allowed)
            texts.push_back(one.is_string() ? std::string(asString(one)) : serializeJson(one));
        findings.notSupported(field(at), value, {texts.begin(), texts.end()});
    }

    void items(const SchemaNode& schema, const ValueRules* rules, const JsonArray& array,
               const Json* old, const Place* at) {
        ++matches;
        if (schema.items) {
            Place place{at, {}, -1};
            const bool keyed = ratchets_ && old && schema.listMerge == ListMerge::Map;
            for (const Json& item : array) {
                ++place.index;
                value(*schema.items, item, keyed ? correlated(schema, *old, item) : nullptr,
                      &place);
            }
        }
        const auto size = static_cast<std::int64_t>(array.size());
        if (rules && rules->minItems && size < *rules->minItems)
            findings.invalid(field(at), Json(size),
                             inBody(at) + "should have at least " +
                                 std::to_string(*rules->minItems) + " items");
        if (rules && rules->maxItems && size > *rules->maxItems)
            findings.tooMany(field(at), array.size(), static_cast<std::size_t>(*rules->maxItems));
    }

    // The old item with the same keys.
    static const Json* correlated(const SchemaNode& schema, const Json& old, const Json& item) {
        const JsonArray* array = old.if_array();
        if (!array)
            return nullptr;
        const auto same = [&](const Json& one) {
            return std::all_of(schema.listMapKeys.begin(), schema.listMapKeys.end(),
                               [&](const std::string& key) {
                                   const Json *a = find(one, key), *b = find(item, key);
                                   return a && b ? sameValue(*a, *b) : a == b;
                               });
        };
        const auto found = std::find_if(array->begin(), array->end(), same);
        return found == array->end() ? nullptr : &*found;
    }

    void members(const SchemaNode& schema, const ValueRules* rules, const JsonObject& object,
                 const Json* old, const Place* at) {
        ++matches;
        const auto size = static_cast<std::int64_t>(object.size());
        if (rules && rules->minProperties && size < *rules->minProperties) {
            findings.invalid(field(at), Json(size),
                             inBody(at) + "should have at least " +
                                 std::to_string(*rules->minProperties) + " properties");
            return;
        }
        if (rules && rules->maxProperties && size > *rules->maxProperties) {
            findings.tooMany(field(at), object.size(),
                             static_cast<std::size_t>(*rules->maxProperties));
            return;
        }
        Place place{at, {}, -1};
        for (const auto& member : object) {
            place.key = keyOf(member);
            if (const SchemaNode* known = schema.member(place.key))
                value(*known, member.value(), old ? find(*old, place.key) : nullptr, &place);
        }
        if (!rules)
            return;
        for (const std::string& key : rules->required) {
            place.key = key;
            if (!object.contains(key))
                findings.required(field(&place));
        }
    }

    // --- allOf, anyOf, oneOf, not

    Run alternative(const SchemaNode& schema, const Json& value, const Place* at) const {
        Run run(base_, false);
        run.value(schema, value, nullptr, at);
        return run;
    }

    void alternatives(const ValueRules& rules, const Json& value, const Place* at) {
        if (!rules.anyOf.empty())
            anyOf(rules, value, at);
        if (!rules.oneOf.empty())
            oneOf(rules, value, at);
        if (!rules.allOf.empty())
            allOf(rules, value, at);
        if (!rules.not_)
            return;
        ++matches;
        if (alternative(*rules.not_, value, at).findings.count() == 0)
            general(quoted(at) + " must not validate the schema (not)");
    }

    std::string quoted(const Place* at) const { return serializeJson(Json(name(at))); }

    void takeIn(Run& run) {
        matches += run.matches;
        findings.append(run.findings.take());
    }

    void anyOf(const ValueRules& rules, const Json& value, const Place* at) {
        std::optional<Run> best;
        for (const SchemaNode& schema : rules.anyOf) {
            Run run = alternative(schema, value, at);
            if (run.findings.count() == 0)
                return void(matches += run.matches);
            if (!best || run.matches > best->matches)
                best.emplace(std::move(run));
        }
        general(quoted(at) + " must validate at least one schema (anyOf)");
        takeIn(*best);
    }

    void oneOf(const ValueRules& rules, const Json& value, const Place* at) {
        std::optional<Run> best;
        int valid = 0;
        for (const SchemaNode& schema : rules.oneOf) {
            Run run = alternative(schema, value, at);
            if (run.findings.count() == 0) {
                ++valid;
                matches += run.matches;
            } else if (valid == 0 && (!best || run.matches > best->matches)) {
                best.emplace(std::move(run));
            }
        }
        if (valid == 1)
            return;
        general(quoted(at) + " must validate one and only one schema (oneOf). " +
                (valid == 0 ? std::string("Found none valid")
                            : "Found " + std::to_string(valid) + " valid alternatives"));
        if (valid == 0)
            takeIn(*best);
    }

    void allOf(const ValueRules& rules, const Json& value, const Place* at) {
        std::size_t valid = 0;
        for (const SchemaNode& schema : rules.allOf) {
            Run run = alternative(schema, value, at);
            valid += run.findings.count() == 0 ? 1 : 0;
            takeIn(run);
        }
        if (valid != rules.allOf.size())
            general(quoted(at) + " must validate all the schemas (allOf)" +
                    (valid == 0 ? ". None validated" : ""));
    }

    const std::string& base_;
    bool ratchets_;
};
} // namespace

FieldErrors validateBySchema(const SchemaNode& schema, const Json& value, const Json* old,
                             const std::string& path) {
    Run run(path, old != nullptr);
    run.value(schema, value, old, nullptr);
    return run.findings.take();
}

} // namespace orrery::api
