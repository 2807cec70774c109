// Device classes, resource claims and their templates. Expressions are only looked at for being
// there.
#include "core/api/validation/devices.h"

#include "core/api/validation/internal_view.h"

namespace orrery::api {

namespace {
constexpr std::size_t kRequestsMax = 32, kConstraintsMax = 32, kConfigMax = 32;
constexpr std::size_t kSelectorsMax = 32, kAlternativesMax = 8, kParametersMax = 10 * 1024;

constexpr std::string_view kNotARequest =
    "must be the name of a request in the claim or the name of a request and a subrequest "
    "separated by '/'";

void checkSelectors(Findings& findings, const Json& holder, const std::string& path) {
    constexpr std::size_t kExpressionMax = 10 * 1024;
    checkSized(findings, holder, "selectors", path, kSelectorsMax,
               [&](const Json& selector, const std::string& where) {
                   if (!has(selector, "cel"))
                       findings.required(where + ".cel");
                   else if (stringAt(selector, "cel.expression").size() > kExpressionMax)
                       findings.tooLong(where + ".cel.expression", kExpressionMax);
               });
}

void checkDeviceToleration(Findings& findings, const Json& toleration, const std::string& path) {
    const std::string_view key = stringAt(toleration, "key"), value = stringAt(toleration, "value"),
                           op = stringAt(toleration, "operator");
    if (!key.empty())
        findings.each(path + ".key", key, checkQualifiedName(key));
    if (op == "Exists" && !value.empty())
        findings.invalid(path + ".value", value, "must be empty for operator `Exists`");
    else if (op == "Equal")
        findings.each(path + ".value", value, checkLabelValue(value));
    else if (op.empty())
        findings.required(path + ".operator");
    else
        checkOneOf(findings, toleration, "operator", path, {"Equal", "Exists"});
    if (!stringAt(toleration, "effect").empty())
        checkOneOf(findings, toleration, "effect", path, {"NoExecute", "NoSchedule", "None"});
}

// What a request and each of its alternatives have.
void checkDevicesWanted(Findings& findings, const Json& request, const std::string& path) {
    checkRequired(findings, request, "deviceClassName", path, checkDns1123Subdomain);
    checkSelectors(findings, request, path);
    const std::string_view mode = stringAt(request, "allocationMode");
    const std::int64_t count = intAt(request, "count");
    if (mode == "All" && count != 0)
        findings.invalid(path + ".count", Json(count),
                         "must not be specified when allocationMode is 'All'");
    else if (mode == "ExactCount" && count <= 0)
        findings.invalid(path + ".count", Json(count), "must be greater than zero");
    else
        checkOneOf(findings, request, "allocationMode", path, {"All", "ExactCount"}, true);
    eachItem(request, "tolerations", path, [&](const Json& toleration, const std::string& where) {
        checkDeviceToleration(findings, toleration, where);
    });
}

void checkRequest(Findings& findings, const Json& request, const std::string& path) {
    const std::string_view name = stringAt(request, "name");
    findings.each(path + ".name", name, checkDns1123Label(name));
    const bool exactly = has(request, "exactly"),
               alternatives = !arrayAt(request, "firstAvailable").empty();
    if (exactly && alternatives)
        return findings.invalid(path, Json(),
                                "exactly one of `exactly` or `firstAvailable` is required, but "
                                "multiple fields are set");
    if (exactly)
        return checkDevicesWanted(findings, *find(request, "exactly"), path + ".exactly");
    if (!alternatives)
        return findings.required(path, "exactly one of `exactly` or `firstAvailable` is required");
    checkNamedSet(findings, request, "firstAvailable", path, kAlternativesMax,
                  [&](const Json& item, const std::string& where) {
                      const std::string_view sub = stringAt(item, "name");
                      findings.each(where + ".name", sub, checkDns1123Label(sub));
                      checkDevicesWanted(findings, item, where);
                  });
}

void checkConstraint(Findings& findings, const Json& constraint, const std::string& path,
                     const Seen& requests) {
    checkRequestNames(findings, constraint, path, requests);
    for (const std::string_view member : {"matchAttribute", "distinctAttribute"})
        if (has(constraint, member)) {
            const std::string where = path + "." + std::string(member);
            const std::string_view name = stringAt(constraint, member);
            checkDeviceName(findings, name, where);
            if (name.find('/') == std::string_view::npos)
                findings.invalid(where, name,
                                 "a fully qualified name must be a domain and a name separated by "
                                 "a slash");
            return;
        }
    findings.required(path, "exactly one of \"matchAttribute\" or \"distinctAttribute\" is "
                            "required, but multiple fields are set");
}

void checkClaim(Findings& findings, const Json& claim) {
    checkDeviceClaim(findings, partOf(claim, "spec.devices"), "spec.devices");
}

void checkClaimUpdate(Findings& findings, const Json& claim, const Json& old,
                      std::string_view subresource) {
    if (subresource == "status")
        return checkClaimStatus(findings, claim, old);
    const Json& spec = partOf(claim, "spec");
    if (!sameValue(spec, partOf(old, "spec")))
        findings.invalid("spec", internalView(spec, kInternalDeviceClaimSpec), kImmutable);
}

void checkTemplate(Findings& findings, const Json& object) {
    const Json& spec = partOf(object, "spec");
    checkTemplateMetadata(findings, partOf(spec, "metadata"), "spec.metadata");
    checkDeviceClaim(findings, partOf(spec, "spec.devices"), "spec.spec.devices");
}

void checkTemplateUpdate(Findings& findings, const Json& object, const Json& old,
                         std::string_view) {
    const Json& spec = partOf(object, "spec");
    if (sameValue(spec, partOf(old, "spec")))
        return;
    // ObjectMeta is embedded and has names of its own.
    JsonObject shown;
    if (const Json* metadata = find(spec, "metadata"); metadata && metadata->is_object())
        shown = metadata->get_object();
    shown["Spec"] = internalView(has(spec, "spec") ? *find(spec, "spec") : Json(JsonObject()),
                                 kInternalDeviceClaimSpec);
    findings.invalid("spec", Json(shown), kImmutable);
}

// "example.com/gpu": a resource that no part of Kubernetes knows.
bool isExtendedResource(std::string_view name) {
    return name.find('/') != std::string_view::npos &&
           name.find("kubernetes.io/") == std::string_view::npos &&
           !name.starts_with("requests.") &&
           checkQualifiedName("requests." + std::string(name)).empty();
}

void checkClass(Findings& findings, const Json& object) {
    const Json& spec = partOf(object, "spec");
    checkSelectors(findings, spec, "spec");
    checkSized(findings, spec, "config", "spec", kConfigMax,
               [&](const Json& config, const std::string& path) {
                   checkDeviceConfiguration(findings, config, path);
               });
    const std::string_view name = stringAt(spec, "extendedResourceName");
    if (has(spec, "extendedResourceName") && !isExtendedResource(name))
        findings.invalid("spec.extendedResourceName", name,
                         "must be a valid extended resource name");
}
} // namespace

void checkTemplateMetadata(Findings& findings, const Json& metadata, const std::string& path) {
    for (const auto& member : objectAt(metadata, "annotations")) {
        std::string key(member.key().data(), member.key().size());
        const std::string shown = key;
        for (char& c : key)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        findings.each(path + ".annotations", shown, checkQualifiedName(key));
    }
    checkLabels(findings, find(metadata, "labels"), path + ".labels");
    if (const auto* fields = metadata.if_object())
        for (const auto& member : *fields)
            if (member.key() != "annotations" && member.key() != "labels" &&
                !member.value().is_null() && member.key() != "creationTimestamp")
                findings.forbidden(path + "." +
                                       std::string(member.key().data(), member.key().size()),
                                   "cannot be set");
}

void checkDeviceName(Findings& findings, std::string_view name, const std::string& path) {
    constexpr std::size_t kIdMax = 32;
    const std::size_t slash = name.find('/');
    std::string_view id = name;
    if (slash != std::string_view::npos) {
        if (name.find('/', slash + 1) != std::string_view::npos)
            return;
        if (slash == 0)
            findings.invalid(path, "", "the domain must not be empty");
        else
            checkDriverName(findings, name.substr(0, slash), path);
        id = name.substr(slash + 1);
        if (id.empty())
            return findings.invalid(path, "", "the name must not be empty");
    }
    if (id.size() > kIdMax)
        findings.tooLong(path, kIdMax);
    findings.each(path, id, checkCIdentifier(id));
}

void checkRequestReference(Findings& findings, std::string_view name, const std::string& path,
                           const Seen& requests) {
    const std::size_t slash = name.find('/');
    if (slash != std::string_view::npos && name.find('/', slash + 1) != std::string_view::npos)
        return findings.invalid(path, name, kNotARequest);
    findings.each(path, name.substr(0, slash), checkDns1123Label(name.substr(0, slash)));
    if (slash != std::string_view::npos)
        findings.each(path, name.substr(slash + 1), checkDns1123Label(name.substr(slash + 1)));
    if (!requests.has(name))
        findings.invalid(path, name, kNotARequest);
}

void checkRequestNames(Findings& findings, const Json& holder, const std::string& path,
                       const Seen& requests) {
    const JsonArray& names = arrayAt(holder, "requests");
    if (names.size() > kRequestsMax)
        return findings.tooMany(path + ".requests", names.size(), kRequestsMax);
    eachItem(holder, "requests", path, [&](const Json& name, const std::string& where) {
        checkRequestReference(findings, asString(name), where, requests);
    });
    Seen seen;
    eachItem(holder, "requests", path, [&](const Json& name, const std::string& where) {
        if (!seen.add(asString(name)))
            findings.duplicate(where, name);
    });
}

Seen requestNamesOf(const Json& devices) {
    Seen names;
    for (const Json& request : arrayAt(devices, "requests")) {
        const std::string name(stringAt(request, "name"));
        names.add(name);
        for (const Json& sub : arrayAt(request, "firstAvailable"))
            names.add(name + "/" + std::string(stringAt(sub, "name")));
    }
    return names;
}

void checkRawObject(Findings& findings, const Json& value, const std::string& path,
                    std::size_t bytesMax) {
    if (value.is_null())
        findings.required(path);
    else if (serializeJson(value).size() > bytesMax)
        findings.tooLong(path, bytesMax);
    else if (!value.is_object())
        findings.invalid(path, "<value omitted>", "must be a valid JSON object");
}

void checkDeviceConfiguration(Findings& findings, const Json& config, const std::string& path) {
    const Json& opaque = partOf(config, "opaque");
    if (opaque.is_null())
        return findings.required(path + ".opaque");
    checkDriverName(findings, stringAt(opaque, "driver"), path + ".opaque.driver");
    checkRawObject(findings, partOf(opaque, "parameters"), path + ".opaque.parameters",
                   kParametersMax);
}

void checkDeviceClaim(Findings& findings, const Json& devices, const std::string& path) {
    const Seen requests = requestNamesOf(devices);
    checkNamedSet(findings, devices, "requests", path, kRequestsMax,
                  [&](const Json& request, const std::string& where) {
                      checkRequest(findings, request, where);
                  });
    checkSized(findings, devices, "constraints", path, kConstraintsMax,
               [&](const Json& constraint, const std::string& where) {
                   checkConstraint(findings, constraint, where, requests);
               });
    checkSized(findings, devices, "config", path, kConfigMax,
               [&](const Json& config, const std::string& where) {
                   checkRequestNames(findings, config, where, requests);
                   checkDeviceConfiguration(findings, config, where);
               });
}

void addDeviceRules(std::vector<KindRules>& rules) {
    constexpr std::string_view kGroup = "resource.k8s.io";
    rules.push_back({kGroup, "ResourceClaim", checkClaim, checkClaimUpdate, false});
    rules.push_back({kGroup, "ResourceClaimTemplate", checkTemplate, checkTemplateUpdate, false,
                     nullptr, true});
    rules.push_back({kGroup, "DeviceClass", checkClass, nullptr, true});
    addDeviceSliceRules(rules);
}

} // namespace orrery::api
