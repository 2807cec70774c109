// What a container asks for and may use at most.
#include "core/api/validation/container_parts.h"
#include "core/base/quantity.h"

namespace orrery::api {

namespace {
std::string_view view(const JsonStringView key) {
    return {key.data(), key.size()};
}

bool standardResource(std::string_view name) {
    return name == "cpu" || name == "memory" || name == "ephemeral-storage" ||
           name.substr(0, 10) == "hugepages-";
}

bool overcommittable(std::string_view name) {
    return name.substr(0, 10) != "hugepages-" &&
           (name.find('/') == std::string_view::npos ||
            name.find("kubernetes.io/") != std::string_view::npos);
}

void checkResourceName(Findings& findings, std::string_view name, const std::string& path) {
    findings.each(path, name, checkQualifiedName(name));
    if (name.find('/') != std::string_view::npos)
        return;
    if (!standardResource(name)) {
        findings.invalid(path, name, "must be a standard resource type or fully qualified");
        findings.invalid(path, name, "must be a standard resource for containers");
    }
}

void checkAmounts(Findings& findings, const JsonObject& amounts, const std::string& path) {
    for (const auto& [key, value] : amounts) {
        const std::string where = keyed(path, view(key));
        checkResourceName(findings, view(key), where);
        const Result<Quantity> amount = Quantity::parse(asString(value));
        if (amount && amount->sign() < 0)
            findings.invalid(where, asString(value), kNotNegative);
        if (amount && !standardResource(view(key)) && amount->milliValue() % 1000 != 0)
            findings.invalid(where, asString(value), "must be an integer");
    }
}
} // namespace

void checkResources(Findings& findings, const Json& container, const std::string& parent) {
    const JsonObject& limits = objectAt(container, "resources.limits");
    const JsonObject& requests = objectAt(container, "resources.requests");
    const std::string path = parent + ".resources";
    checkAmounts(findings, limits, path + ".limits");
    for (const auto& [key, value] : requests) {
        const std::string_view name = view(key);
        JsonObject one;
        one[key] = value;
        checkAmounts(findings, one, path + ".requests");
        const Json* limit = limits.if_contains(key);
        const Result<Quantity> asked = Quantity::parse(asString(value));
        const Result<Quantity> most = Quantity::parse(limit ? asString(*limit) : "0");
        if (!asked || !most)
            continue;
        if (!limit) {
            if (!overcommittable(name))
                findings.required(path + ".limits",
                                  "Limit must be set for non overcommitable resources");
        } else if (!overcommittable(name) && *asked != *most) {
            findings.invalid(path + ".requests", asString(value),
                             "must be equal to " + std::string(name) + " limit of " +
                                 std::string(asString(*limit)));
        } else if (*asked > *most) {
            findings.invalid(path + ".requests", asString(value),
                             "must be less than or equal to " + std::string(name) + " limit of " +
                                 std::string(asString(*limit)));
        }
    }
}

} // namespace orrery::api
