// What the kinds of resource.k8s.io share.
#pragma once
#include "core/api/validation/findings.h"

namespace orrery::api {

// A list of at most `max` items; a longer one is refused without looking at them.
template <typename Check>
void checkSized(Findings& findings, const Json& holder, std::string_view member,
                const std::string& path, std::size_t max, Check check) {
    const JsonArray& items = arrayAt(holder, member);
    if (items.size() > max)
        findings.tooMany(path + "." + std::string(member), items.size(), max);
    else
        eachItem(holder, member, path, check);
}

// The same, and no two items have one name; twins are said last.
template <typename Check>
void checkNamedSet(Findings& findings, const Json& holder, std::string_view member,
                   const std::string& path, std::size_t max, Check check,
                   std::string_view name = "name") {
    if (arrayAt(holder, member).size() > max)
        return findings.tooMany(path + "." + std::string(member), arrayAt(holder, member).size(),
                                max);
    eachItem(holder, member, path, check);
    Seen seen;
    eachItem(holder, member, path, [&](const Json& item, const std::string& where) {
        const std::string_view text = stringAt(item, name);
        if (!seen.add(text))
            findings.duplicate(where, Json(text));
    });
}

// A DeviceClaim: requests, constraints, config.
void checkDeviceClaim(Findings& findings, const Json& devices, const std::string& path);
void checkDeviceConfiguration(Findings& findings, const Json& config, const std::string& path);
// What only a driver understands: a JSON object of limited size.
void checkRawObject(Findings& findings, const Json& value, const std::string& path,
                    std::size_t bytesMax);
// "name" or "domain/name" of an attribute or a capacity.
void checkDeviceName(Findings& findings, std::string_view name, const std::string& path);
// "request" and "request/subrequest", all that a claim has.
Seen requestNamesOf(const Json& devices);
void checkRequestReference(Findings& findings, std::string_view name, const std::string& path,
                           const Seen& requests);
// A list of such names.
void checkRequestNames(Findings& findings, const Json& holder, const std::string& path,
                       const Seen& requests);
// Labels and annotations, and nothing else, of an object that is made from a template.
void checkTemplateMetadata(Findings& findings, const Json& metadata, const std::string& path);
// The status of a ResourceClaim.
void checkClaimStatus(Findings& findings, const Json& claim, const Json& old);
void addDeviceSliceRules(std::vector<KindRules>& rules);
void checkPoolName(Findings& findings, std::string_view name, const std::string& path);
// bindingConditions and bindingFailureConditions.
void checkBindingConditions(Findings& findings, const Json& holder, const std::string& path);

} // namespace orrery::api
