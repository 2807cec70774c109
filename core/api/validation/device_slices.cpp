// ResourceSlices: what devices a driver has.
#include "core/api/validation/devices.h"
#include "core/base/quantity.h"

namespace orrery::api {

namespace {
constexpr std::size_t kDevicesMax = 128, kAdvancedDevicesMax = 64, kCounterSetsMax = 8;
constexpr std::size_t kCountersMax = 32, kConsumptionsMax = 2, kValueMax = 64, kTaintsMax = 16;

std::string_view keyOf(const JsonObject::value_type& member) {
    return {member.key().data(), member.key().size()};
}

std::string shortened(std::string_view key) {
    constexpr std::size_t kMax = 63 + 1 + 32, kDots = 3;
    if (key.size() <= kMax)
        return std::string(key);
    const std::size_t left = kMax - kDots;
    return std::string(key.substr(0, (left + 1) / 2)) + "..." +
           std::string(key.substr(key.size() - left / 2));
}

bool isDigits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A list of identifiers between dots. `plain`: numbers have no leading zeros.
bool areIdentifiers(std::string_view text, bool plain) {
    while (true) {
        const std::size_t dot = std::min(text.find('.'), text.size());
        const std::string_view part = text.substr(0, dot);
        const bool letters = !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                   c == '-';
        });
        if (!letters || (plain && isDigits(part) && part.size() > 1 && part[0] == '0'))
            return false;
        if (dot == text.size())
            return true;
        text.remove_prefix(dot + 1);
    }
}

// semver.org 2.0.0: "1.2.3-rc.1+build.5".
bool isSemver(std::string_view text) {
    if (const std::size_t plus = text.find('+'); plus != std::string_view::npos) {
        if (!areIdentifiers(text.substr(plus + 1), false))
            return false;
        text = text.substr(0, plus);
    }
    const std::size_t dash = text.find('-');
    if (dash != std::string_view::npos && !areIdentifiers(text.substr(dash + 1), true))
        return false;
    std::string_view core = text.substr(0, dash);
    for (int i = 0; i < 3; ++i) {
        const std::size_t dot = i < 2 ? core.find('.') : core.size();
        if (dot == std::string_view::npos)
            return false;
        const std::string_view number = core.substr(0, dot);
        if (!isDigits(number) || (number.size() > 1 && number[0] == '0'))
            return false;
        core.remove_prefix(std::min(dot + 1, core.size()));
    }
    return true;
}

void checkText(Findings& findings, std::string_view value, bool version, const std::string& path) {
    if (version && !isSemver(value))
        findings.invalid(path, value, "must be a string compatible with semver.org spec 2.0.0");
    if (value.size() > kValueMax)
        findings.tooLong(path, kValueMax);
}

void checkAttribute(Findings& findings, const Json& attribute, const std::string& path) {
    int values = 0;
    for (const std::string_view member : {"bool", "int", "string", "version"}) {
        if (!has(attribute, member))
            continue;
        ++values;
        if (member == "string" || member == "version")
            checkText(findings, stringAt(attribute, member), member == "version",
                      path + "." + std::string(member));
    }
    if (values == 0)
        findings.invalid(path, "", "exactly one value must be specified");
    else if (values > 1)
        findings.invalid(path, attribute, "exactly one value must be specified");
}

Quantity quantityAt(const Json& holder, std::string_view member) {
    const Result<Quantity> parsed = Quantity::parse(stringAt(holder, member, "0"));
    return parsed ? *parsed : Quantity();
}

void checkValidValues(Findings& findings, const Json& policy, const Quantity& capacity,
                      const std::string& path) {
    constexpr std::size_t kOptionsMax = 10;
    const JsonArray& values = arrayAt(policy, "validValues");
    const Quantity fallback = quantityAt(policy, "default");
    std::vector<Quantity> parsed;
    for (const Json& value : values) {
        const Result<Quantity> quantity = Quantity::parse(asString(value));
        parsed.push_back(quantity ? *quantity : Quantity());
    }
    for (std::size_t i = 1; i < parsed.size(); ++i)
        if (parsed[i - 1] > parsed[i])
            findings.invalid(at(path, i), parsed[i].text(),
                             "values must be sorted in ascending order");
    if (values.size() > kOptionsMax)
        findings.tooMany(path, values.size(), kOptionsMax);
    Seen seen;
    for (std::size_t i = 0; i < parsed.size() && values.size() <= kOptionsMax; ++i) {
        if (parsed[i] > capacity)
            findings.invalid(at(path, i), parsed[i].text(),
                             "option is larger than capacity value: " + capacity.text());
        if (!seen.add(std::to_string(parsed[i].value())))
            findings.duplicate(at(path, i), Json(std::to_string(parsed[i].value())));
    }
    if (std::find(parsed.begin(), parsed.end(), fallback) == parsed.end())
        findings.invalid(path, fallback.text(),
                         "default value is not valid according to the requestPolicy");
}

void checkValidRange(Findings& findings, const Json& policy, const Quantity& capacity,
                     const std::string& path) {
    const Json& range = *find(policy, "validRange");
    if (!has(range, "min"))
        return findings.required(path + ".min", "required when validRange is defined");
    const Quantity min = quantityAt(range, "min"), max = quantityAt(range, "max"),
                   step = quantityAt(range, "step"), fallback = quantityAt(policy, "default");
    const bool bounded = has(range, "max");
    const auto refuse = [&](const char* member, const Quantity& value, const std::string& why) {
        findings.invalid(path + "." + member, value.text(), why);
    };
    if (min > capacity)
        refuse("min", min, "min is larger than capacity value: " + capacity.text());
    if (fallback < min)
        refuse("min", fallback, "default is less than min: " + min.text());
    if (bounded && min > max)
        refuse("max", min, "min is larger than max: " + max.text());
    if (bounded && max > capacity)
        refuse("max", max, "max is larger than capacity value: " + capacity.text());
    if (bounded && fallback > max)
        refuse("max", fallback, "default is more than max: " + max.text());
    if (!has(range, "step"))
        return;
    Quantity first = min;
    first += step;
    if (first > capacity)
        refuse("step", step,
               "one step " + first.text() + " is larger than capacity value: " + capacity.text());
    const auto fits = [&](const Quantity& value) {
        if (step.value() != 0 && (value.value() - min.value()) % step.value() != 0)
            refuse("step", value,
                   "value is not a multiple of a given step (" + step.text() + ") from (" +
                       min.text() + ")");
    };
    fits(fallback);
    if (bounded)
        fits(max);
}

void checkDeviceCapacity(Findings& findings, const Json& capacity, bool shared,
                         const std::string& parent) {
    const std::string path = parent + ".requestPolicy";
    if (!has(capacity, "requestPolicy"))
        return;
    if (!shared)
        return findings.forbidden(path, "allowMultipleAllocations must be true");
    const Json& policy = *find(capacity, "requestPolicy");
    const bool values = !arrayAt(policy, "validValues").empty(), range = has(policy, "validRange");
    if (values && range)
        return findings.forbidden(path, "exactly one policy can be specified, cannot specify "
                                        "\"validValues\" and \"validRange\" at the same time");
    if ((values || range) && !has(policy, "default"))
        return findings.required(path + ".default", std::string("required when ") +
                                                        (values ? "validValues" : "validRange") +
                                                        " is defined");
    const Quantity whole = quantityAt(capacity, "value");
    if (values)
        checkValidValues(findings, policy, whole, path + ".validValues");
    else if (range)
        checkValidRange(findings, policy, whole, path + ".validRange");
}

void checkCounters(Findings& findings, const Json& holder, const std::string& path) {
    const JsonObject& counters = objectAt(holder, "counters");
    const std::string where = path + ".counters";
    if (counters.empty())
        return findings.required(where);
    if (counters.size() > kCountersMax)
        return findings.tooMany(where, counters.size(), kCountersMax);
    for (const auto& member : counters)
        findings.each(where, keyOf(member), checkDns1123Label(keyOf(member)));
}

void checkTaint(Findings& findings, const Json& taint, const std::string& path) {
    const std::string_view key = stringAt(taint, "key"), value = stringAt(taint, "value");
    findings.each(path + ".key", key, checkQualifiedName(key));
    findings.each(path + ".value", value, checkLabelValue(value));
    if (stringAt(taint, "effect").empty())
        findings.required(path + ".effect");
    else
        checkOneOf(findings, taint, "effect", path, {"NoExecute", "NoSchedule", "None"});
}

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "`" : ", `") + name + "`";
    return "{" + text + "}";
}

// Where a slice, or a device of it, is: exactly one of several ways to say it.
std::vector<std::string> placesOf(Findings& findings, const Json& holder, const std::string& path,
                                  bool slice) {
    std::vector<std::string> places;
    if (const std::string_view name = stringAt(holder, "nodeName"); !name.empty()) {
        places.emplace_back("nodeName");
        findings.each(path + ".nodeName", name, checkDns1123Subdomain(name));
    } else if (has(holder, "nodeName")) {
        findings.invalid(path + ".nodeName", "",
                         slice ? "must be either unset or set to a non-empty string"
                               : "must not be empty");
    }
    if (has(holder, "nodeSelector")) {
        const Json& selector = *find(holder, "nodeSelector");
        places.emplace_back("nodeSelector");
        checkNodeSelector(findings, selector, path + ".nodeSelector");
        if (slice && arrayAt(selector, "nodeSelectorTerms").size() != 1)
            findings.invalid(path + ".nodeSelector.nodeSelectorTerms",
                             partOf(selector, "nodeSelectorTerms"),
                             "must have exactly one node selector term");
    }
    for (const std::string member : {"allNodes", "perDeviceNodeSelection"}) {
        if ((!slice && member != "allNodes") || !has(holder, member))
            continue;
        if (boolAt(holder, member))
            places.push_back(member);
        else
            findings.invalid(path + "." + member, Json(false),
                             "must be either unset or set to true");
    }
    return places;
}

void checkDevicePlace(Findings& findings, const Json& device, bool perDevice,
                      const std::string& path) {
    constexpr std::string_view kOne =
        "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when "
        "`perDeviceNodeSelection` is set to true in the ResourceSlice spec";
    if (!perDevice) {
        if (has(device, "nodeName") || has(device, "nodeSelector") || has(device, "allNodes"))
            findings.invalid(path, Json(),
                             "`nodeName`, `nodeSelector` and `allNodes` can only be set if "
                             "`perDeviceNodeSelection` is set to true in the ResourceSlice spec");
        return;
    }
    const std::vector<std::string> places = placesOf(findings, device, path, false);
    if (places.empty())
        findings.required(path, kOne);
    else if (places.size() > 1)
        findings.invalid(path, listed(places), kOne);
}

void checkDevice(Findings& findings, const Json& device, bool perDevice, const std::string& path) {
    constexpr std::size_t kAttributesMax = 32, kValuesMax = 48;
    const std::string_view name = stringAt(device, "name");
    findings.each(path + ".name", name, checkDns1123Label(name));
    const JsonObject &attributes = objectAt(device, "attributes"),
                     &capacities = objectAt(device, "capacity");
    const std::size_t both = attributes.size() + capacities.size();
    if (both > kAttributesMax)
        findings.invalid(path, Json(static_cast<std::int64_t>(both)),
                         "the total number of attributes and capacities must not exceed 32");
    if (attributes.size() > kValuesMax)
        findings.invalid(path, Json(static_cast<std::int64_t>(attributes.size())),
                         "the total number of attribute values must not exceed 48");
    for (const auto& member : attributes) {
        checkDeviceName(findings, keyOf(member), path + ".attributes");
        checkAttribute(findings, member.value(),
                       keyed(path + ".attributes", shortened(keyOf(member))));
    }
    const bool shared = boolAt(device, "allowMultipleAllocations");
    for (const auto& member : capacities) {
        checkDeviceName(findings, keyOf(member), path + ".capacity");
        checkDeviceCapacity(findings, member.value(), shared,
                            keyed(path + ".capacity", shortened(keyOf(member))));
    }
    checkSized(
        findings, device, "taints", path, kTaintsMax,
        [&](const Json& taint, const std::string& where) { checkTaint(findings, taint, where); });
    checkNamedSet(
        findings, device, "consumesCounters", path, kConsumptionsMax,
        [&](const Json& consumption, const std::string& where) {
            checkRequired(findings, consumption, "counterSet", where, checkDns1123Label);
            checkCounters(findings, consumption, where);
        },
        "counterSet");
    checkDevicePlace(findings, device, perDevice, path);
    checkBindingConditions(findings, device, path);
}

void checkPool(Findings& findings, const Json& pool) {
    checkPoolName(findings, stringAt(pool, "name"), "spec.pool.name");
    const std::int64_t count = intAt(pool, "resourceSliceCount");
    if (count <= 0)
        findings.invalid("spec.pool.resourceSliceCount", Json(count), "must be greater than zero");
    if (intAt(pool, "generation") < 0)
        findings.invalid("spec.pool.generation", *find(pool, "generation"),
                         "must be greater than or equal to zero");
}

void checkSliceSpec(Findings& findings, const Json& slice, const Json* old) {
    constexpr std::string_view kOne = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, "
                                      "`perDeviceNodeSelection` is required";
    const Json& spec = partOf(slice, "spec");
    checkDriverName(findings, stringAt(spec, "driver"), "spec.driver");
    checkPool(findings, partOf(spec, "pool"));
    if (old)
        for (const char* path : {"spec.pool.name", "spec.driver", "spec.nodeName"})
            checkImmutable(findings, slice, *old, path);
    const std::vector<std::string> places = placesOf(findings, spec, "spec", true);
    if (places.empty())
        findings.required("spec", kOne);
    else if (places.size() > 1)
        findings.invalid("spec", listed(places),
                         std::string(kOne) + ", but multiple fields are set");
    if (has(spec, "sharedCounters") && has(spec, "devices"))
        findings.invalid("spec", "", "only one of `sharedCounters` or `devices` is allowed");
    const JsonArray& devices = arrayAt(spec, "devices");
    const bool advanced = std::any_of(devices.begin(), devices.end(), [](const Json& device) {
        return !arrayAt(device, "taints").empty() || !arrayAt(device, "consumesCounters").empty();
    });
    const bool perDevice = boolAt(spec, "perDeviceNodeSelection");
    checkNamedSet(findings, spec, "devices", "spec", advanced ? kAdvancedDevicesMax : kDevicesMax,
                  [&](const Json& device, const std::string& path) {
                      checkDevice(findings, device, perDevice, path);
                  });
    checkNamedSet(findings, spec, "sharedCounters", "spec", kCounterSetsMax,
                  [&](const Json& set, const std::string& path) {
                      checkRequired(findings, set, "name", path, checkDns1123Label);
                      checkCounters(findings, set, path);
                  });
}

void checkSlice(Findings& findings, const Json& slice) {
    checkSliceSpec(findings, slice, nullptr);
}

void checkSliceUpdate(Findings& findings, const Json& slice, const Json& old, std::string_view) {
    checkSliceSpec(findings, slice, &old);
}
} // namespace

void checkPoolName(Findings& findings, std::string_view name, const std::string& path) {
    constexpr std::size_t kPoolMax = 253;
    if (name.empty())
        return findings.required(path);
    if (name.size() > kPoolMax)
        findings.tooLong(path, kPoolMax);
    while (true) {
        const std::size_t slash = std::min(name.find('/'), name.size());
        findings.each(path, name.substr(0, slash), checkDns1123Subdomain(name.substr(0, slash)));
        if (slash == name.size())
            return;
        name.remove_prefix(slash + 1);
    }
}

void checkBindingConditions(Findings& findings, const Json& holder, const std::string& path) {
    constexpr std::size_t kConditionsMax = 4;
    const std::string_view lists[] = {"bindingConditions", "bindingFailureConditions"};
    for (const std::string_view list : lists)
        checkSized(findings, holder, list, path, kConditionsMax,
                   [&](const Json& condition, const std::string& where) {
                       findings.each(where, asString(condition),
                                     checkQualifiedName(asString(condition)));
                   });
    Seen binding, failing;
    eachItem(holder, lists[0], path, [&](const Json& condition, const std::string& where) {
        if (!binding.add(asString(condition)))
            findings.duplicate(where, condition);
    });
    eachItem(holder, lists[1], path, [&](const Json& condition, const std::string& where) {
        if (!failing.add(asString(condition)))
            findings.duplicate(where, condition);
        if (binding.has(asString(condition)))
            findings.invalid(where, condition,
                             "bindingFailureConditions must not overlap with bindingConditions");
    });
    const bool binds = !arrayAt(holder, lists[0]).empty(),
               fails = !arrayAt(holder, lists[1]).empty();
    if (binds == fails)
        return;
    const std::string missing(binds ? lists[1] : lists[0]), there(binds ? lists[0] : lists[1]);
    findings.invalid(path + "." + missing, partOf(holder, missing),
                     missing + " are required to use " + there);
}

void addDeviceSliceRules(std::vector<KindRules>& rules) {
    rules.push_back(
        {"resource.k8s.io", "ResourceSlice", checkSlice, checkSliceUpdate, false, nullptr, true});
}

} // namespace orrery::api
