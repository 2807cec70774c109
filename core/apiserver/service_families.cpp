// Which address families a Service has. The cluster's Services have IPv4 addresses only.
#include "core/api/validation/validation.h"
#include "core/apiserver/service_allocator.h"

namespace orrery::apiserver {

namespace {
using api::FieldErrors;

constexpr std::string_view kFamily = "IPv4"; // the one that is configured

Error refusedService(const Json& service, FieldErrors errors) {
    return api::invalid("", "Service", stringAt(service, "metadata.name"), std::move(errors));
}

void add(FieldErrors& errors, std::string field, const Json& value, std::string_view why) {
    errors.push_back({"FieldValueInvalid",
                      "Invalid value: " + serializeJson(value) + ": " + std::string(why),
                      std::move(field)});
}

bool sameList(const Json& a, const Json& b, std::string_view path) {
    return arrayAt(a, path) == arrayAt(b, path);
}

bool isSix(const Json& address) {
    return asString(address).find(':') != std::string_view::npos;
}

// Both versions would like two families and say the same about them: all was settled before.
bool isSettled(const Json& service, const Json* old) {
    if (!old || stringAt(service, "spec.ipFamilyPolicy") != "PreferDualStack")
        return false;
    const std::string_view before = stringAt(*old, "spec.ipFamilyPolicy");
    return stringAt(service, "spec.type") == stringAt(*old, "spec.type") &&
           (before.empty() || before == "PreferDualStack") &&
           sameList(service, *old, "spec.clusterIPs") && sameList(service, *old, "spec.ipFamilies");
}

void fillPolicy(Json& service, const Json* old, bool anything) {
    if (!stringAt(service, "spec.ipFamilyPolicy").empty())
        return;
    const std::string_view before = old ? stringAt(*old, "spec.ipFamilyPolicy") : "";
    setPath(service, "spec.ipFamilyPolicy",
            Json(!before.empty() ? before
                 : anything      ? std::string_view("RequireDualStack")
                                 : std::string_view("SingleStack")));
}

// A Service of one family gives its second address back; others can't lose it.
void releaseSecond(Json& service, const Json& old, bool single, FieldErrors& errors) {
    for (const auto& [path, what] :
         {std::pair{"spec.clusterIPs", "cluster IP"}, std::pair{"spec.ipFamilies", "IP family"}}) {
        const JsonArray &now = arrayAt(service, path), &before = arrayAt(old, path);
        if (single && now == before && now.size() > 1)
            setPath(service, path, JsonArray{now[0]});
        else if (!single && !now.empty() && now.size() < before.size())
            add(errors, "spec.ipFamilyPolicy", *findPath(service, "spec.ipFamilyPolicy"),
                "must be 'SingleStack' to release the secondary " + std::string(what));
    }
}

// Addresses say which families they are of.
void inferFamilies(Json& service, bool single, FieldErrors& errors) {
    const JsonArray ips = arrayAt(service, "spec.clusterIPs");
    JsonArray families = arrayAt(service, "spec.ipFamilies");
    const Json& policy = *findPath(service, "spec.ipFamilyPolicy");
    constexpr std::string_view kMust = "must be 'RequireDualStack' or 'PreferDualStack' when "
                                       "multiple ";
    if (single && ips.size() == 2)
        add(errors, "spec.ipFamilyPolicy", policy,
            std::string(kMust) + "cluster IPs are specified");
    if (single && families.size() == 2)
        add(errors, "spec.ipFamilyPolicy", policy,
            std::string(kMust) + "IP families are specified");
    for (std::size_t i = 0; i < ips.size() && asString(ips[i]) != "None"; ++i) {
        if (i < families.size())
            continue;
        if (isSix(ips[i]))
            add(errors, "spec.clusterIPs[" + std::to_string(i) + "]", Json(ips),
                "IPv6 is not configured on this cluster");
        else
            families.emplace_back(kFamily);
    }
    if (!families.empty())
        setPath(service, "spec.ipFamilies", std::move(families));
}
} // namespace

Result<void> fillIpFamilies(Json& service, const Json* old) {
    if (stringAt(service, "spec.type") == "ExternalName" || isSettled(service, old))
        return {};
    // Without addresses and without a selector nobody knows which families there are.
    const bool anything =
        stringAt(service, "spec.clusterIP") == "None" && objectAt(service, "spec.selector").empty();
    fillPolicy(service, old, anything);
    if (FieldErrors errors = api::validateClusterIps(service, old); !errors.empty())
        return refusedService(service, std::move(errors));
    FieldErrors errors;
    const bool single = stringAt(service, "spec.ipFamilyPolicy") == "SingleStack";
    if (old)
        releaseSecond(service, *old, single, errors);
    inferFamilies(service, single, errors);
    if (!errors.empty())
        return refusedService(service, std::move(errors));
    JsonArray families = arrayAt(service, "spec.ipFamilies");
    if (anything) {
        if (families.empty())
            families.emplace_back(kFamily);
        if (families.size() < 2 && !single)
            families.emplace_back(asString(families[0]) == "IPv4" ? "IPv6" : "IPv4");
        setPath(service, "spec.ipFamilies", std::move(families));
        return {};
    }
    if (stringAt(service, "spec.ipFamilyPolicy") == "RequireDualStack")
        add(errors, "spec.ipFamilyPolicy", *findPath(service, "spec.ipFamilyPolicy"),
            "this cluster is not configured for dual-stack services");
    for (std::size_t i = 0; i < families.size(); ++i)
        if (asString(families[i]) != kFamily)
            add(errors, "spec.ipFamilies[" + std::to_string(i) + "]", families[i],
                "not configured on this cluster");
    if (!errors.empty())
        return refusedService(service, std::move(errors));
    if (families.empty())
        setPath(service, "spec.ipFamilies", JsonArray{Json(kFamily)});
    return {};
}

} // namespace orrery::apiserver
