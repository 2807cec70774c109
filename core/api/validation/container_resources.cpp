// What containers and pods ask for and may use at most.
#include "core/api/defaults/kind_defaults.h"
#include "core/api/go_internal.h"
#include "core/api/validation/container_parts.h"
#include "core/base/quantity.h"

namespace orrery::api {

namespace {
std::string_view view(const JsonStringView key) {
    return {key.data(), key.size()};
}

bool isHugePages(std::string_view name) {
    return name.starts_with("hugepages-");
}

// Names without a slash that mean something somewhere.
bool isStandard(std::string_view name) {
    static const std::vector<std::string_view> kNames = {"cpu",
                                                         "memory",
                                                         "ephemeral-storage",
                                                         "requests.cpu",
                                                         "requests.memory",
                                                         "requests.ephemeral-storage",
                                                         "limits.cpu",
                                                         "limits.memory",
                                                         "limits.ephemeral-storage",
                                                         "pods",
                                                         "resourcequotas",
                                                         "services",
                                                         "replicationcontrollers",
                                                         "secrets",
                                                         "configmaps",
                                                         "persistentvolumeclaims",
                                                         "storage",
                                                         "requests.storage",
                                                         "services.nodeports",
                                                         "services.loadbalancers"};
    return contains(kNames, name) || isHugePages(name) || name.starts_with("requests.hugepages-");
}

bool isForContainers(std::string_view name) {
    return name == "cpu" || name == "memory" || name == "ephemeral-storage" || isHugePages(name);
}

bool isNative(std::string_view name) {
    return name.find('/') == std::string_view::npos ||
           name.find("kubernetes.io/") != std::string_view::npos;
}

bool isExtended(std::string_view name) {
    return !isNative(name) && !name.starts_with("requests.") &&
           checkQualifiedName("requests." + std::string(name)).empty();
}

bool isInteger(std::string_view name) {
    static const std::vector<std::string_view> kCounts = {"pods",
                                                          "resourcequotas",
                                                          "services",
                                                          "replicationcontrollers",
                                                          "secrets",
                                                          "configmaps",
                                                          "persistentvolumeclaims",
                                                          "services.nodeports",
                                                          "services.loadbalancers"};
    return contains(kCounts, name) || isExtended(name);
}

bool overcommittable(std::string_view name) {
    return isNative(name) && !isHugePages(name);
}

void checkHugePages(Findings& findings, std::string_view name, const Quantity& amount,
                    const std::string& path) {
    const Result<Quantity> page =
        Quantity::parse(name.substr(std::string_view("hugepages-").size()));
    if (page && page->value() > 0 && amount.value() % page->value() == 0)
        return;
    findings.invalid(path, amount.text(),
                     amount.text() + " is not positive integer multiple of " + std::string(name));
}

using ResourceNameCheck = void (*)(Findings&, std::string_view, const std::string&);

void checkPodResourceName(Findings& findings, std::string_view name, const std::string& path) {
    const std::size_t before = findings.count();
    checkResourceName(findings, name, path);
    if (findings.count() != before)
        return;
    if (name != "cpu" && name != "memory" && !isHugePages(name))
        findings.notSupported(path, Json(name), {"cpu", "hugepages-", "memory"});
}

void checkAmount(Findings& findings, std::string_view name, const Json& value,
                 const std::string& path, ResourceNameCheck nameCheck) {
    nameCheck(findings, name, path);
    const Result<Quantity> amount = Quantity::parse(asString(value));
    if (!amount)
        return;
    if (amount->sign() < 0)
        findings.invalid(path, asString(value), kNotNegative);
    if (isInteger(name) && amount->milliValue() % 1000 != 0)
        findings.invalid(path, asString(value), "must be an integer");
    if (isHugePages(name))
        checkHugePages(findings, name, *amount, path);
}

// What is asked for must fit into what may be used.
void checkFits(Findings& findings, std::string_view name, const Json& asked, const Json* limit,
               const std::string& path) {
    const Result<Quantity> want = Quantity::parse(asString(asked));
    const Result<Quantity> most = Quantity::parse(limit ? asString(*limit) : "0");
    if (!want || !most)
        return;
    const std::string of =
        std::string(name) + " limit of " + std::string(limit ? asString(*limit) : "");
    if (!limit) {
        if (!overcommittable(name))
            findings.required(path + ".limits",
                              "Limit must be set for non overcommitable resources");
    } else if (*want != *most && !overcommittable(name)) {
        findings.invalid(path + ".requests", asString(asked), "must be equal to " + of);
    } else if (*want > *most) {
        findings.invalid(path + ".requests", asString(asked),
                         "must be less than or equal to " + of);
    }
}

void checkClaimNames(Findings& findings, const Json& resources, const std::string& path,
                     const JsonArray& podClaims) {
    const JsonArray& claims = arrayAt(resources, "claims");
    std::vector<std::string> seen;
    for (std::size_t i = 0; i < claims.size(); ++i) {
        const std::string where = at(path + ".claims", i);
        const std::string name(stringAt(claims[i], "name")),
            request(stringAt(claims[i], "request"));
        if (name.empty()) {
            findings.required(where);
            continue;
        }
        const std::string whole = request.empty() ? name : name + "/" + request;
        const bool twice = std::any_of(seen.begin(), seen.end(), [&](const std::string& each) {
            return each == whole || (request.empty() && each.starts_with(name + "/")) ||
                   (!request.empty() && each == name);
        });
        if (twice)
            findings.duplicate(where, Json(whole));
        else
            seen.push_back(whole);
        if (!anyNamed(podClaims, "name", name))
            findings.append({{"FieldValueNotFound",
                              "Not found: " + serializeJson(Json(name)) +
                                  ": must be one of the names in pod.spec.resourceClaims" +
                                  (podClaims.empty() ? " which is empty" : ""),
                              where}});
    }
}

void checkRequirements(Findings& findings, const Json& resources, const std::string& path,
                       const JsonArray& claims, ResourceNameCheck nameCheck) {
    bool pages = false, plain = false;
    const auto note = [&](std::string_view name) {
        pages = pages || isHugePages(name);
        plain = plain || name == "cpu" || name == "memory";
    };
    const JsonObject& limits = objectAt(resources, "limits");
    for (const auto& [key, value] : limits) {
        checkAmount(findings, view(key), value, keyed(path + ".limits", view(key)), nameCheck);
        note(view(key));
    }
    for (const auto& [key, value] : objectAt(resources, "requests")) {
        checkAmount(findings, view(key), value, keyed(path + ".requests", view(key)), nameCheck);
        checkFits(findings, view(key), value, limits.if_contains(key), path);
        note(view(key));
    }
    if (pages && !plain)
        findings.forbidden(path, "HugePages require cpu or memory");
    checkClaimNames(findings, resources, path, claims);
}
} // namespace

void checkResourceName(Findings& findings, std::string_view name, const std::string& path) {
    const Sentences wrong = checkQualifiedName(name);
    findings.each(path, name, wrong);
    if (wrong.empty() && name.find('/') == std::string_view::npos && !isStandard(name))
        findings.invalid(path, name, "must be a standard resource type or fully qualified");
}

void checkContainerResourceName(Findings& findings, std::string_view name,
                                const std::string& path) {
    checkResourceName(findings, name, path);
    if (name.find('/') == std::string_view::npos) {
        if (!isForContainers(name))
            findings.invalid(path, name, "must be a standard resource for containers");
    } else if (!isNative(name) && !isExtended(name)) {
        findings.invalid(path, name, "doesn't follow extended resource name standard");
    }
}

void checkResourceAmount(Findings& findings, std::string_view name, const Json& value,
                         const std::string& path) {
    const Result<Quantity> amount = Quantity::parse(asString(value));
    if (amount && amount->sign() < 0)
        findings.invalid(path, asString(value), kNotNegative);
    if (amount && isInteger(name) && amount->milliValue() % 1000 != 0)
        findings.invalid(path, asString(value), "must be an integer");
}

void checkResources(Findings& findings, const Json& container, const std::string& parent,
                    const JsonArray& claims) {
    if (const Json* resources = find(container, "resources"))
        checkRequirements(findings, *resources, parent + ".resources", claims,
                          checkContainerResourceName);
}

void checkResizePolicy(Findings& findings, const Json& container, const std::string& parent,
                       std::string_view podRestartPolicy) {
    const std::string path = parent + ".resizePolicy";
    const JsonArray& policies = arrayAt(container, "resizePolicy");
    std::vector<std::string_view> seen;
    for (std::size_t i = 0; i < policies.size(); ++i) {
        const std::string_view name = stringAt(policies[i], "resourceName"),
                               policy = stringAt(policies[i], "restartPolicy");
        if (contains(seen, name))
            findings.duplicate(at(path, i), Json(name));
        seen.push_back(name);
        if (name.empty())
            findings.required(path);
        else if (name != "cpu" && name != "memory")
            findings.notSupported(path, Json(name), {"cpu", "memory"});
        if (policy.empty())
            findings.required(path);
        else if (policy != "NotRequired" && policy != "RestartContainer")
            findings.notSupported(path, Json(policy), {"NotRequired", "RestartContainer"});
        if (podRestartPolicy == "Never" && policy != "NotRequired")
            findings.invalid(path, policy,
                             "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
    }
}

void checkPodClaims(Findings& findings, const Json& spec, const std::string& path) {
    const JsonArray& claims = arrayAt(spec, "resourceClaims");
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < claims.size(); ++i) {
        const std::string where = at(path + ".resourceClaims", i);
        const std::string_view name = stringAt(claims[i], "name");
        if (name.empty())
            findings.required(where + ".name");
        else if (contains(names, name))
            findings.duplicate(where + ".name", Json(name));
        else
            findings.each(where + ".name", name, checkDns1123Label(name));
        names.push_back(name);
        const Json *claim = find(claims[i], "resourceClaimName"),
                   *made = find(claims[i], "resourceClaimTemplateName");
        if (claim && made)
            findings.invalid(where, goInternal("PodResourceClaim", claims[i]),
                             "at most one of `resourceClaimName` or `resourceClaimTemplateName` "
                             "may be specified");
        if (!claim && !made)
            findings.invalid(where, goInternal("PodResourceClaim", claims[i]),
                             "must specify one of: `resourceClaimName`, "
                             "`resourceClaimTemplateName`");
        for (const auto& [member, value] :
             {std::pair{"resourceClaimName", claim}, std::pair{"resourceClaimTemplateName", made}})
            if (value)
                findings.each(where + "." + member, asString(*value),
                              checkDns1123Subdomain(asString(*value)));
    }
}

void checkPodResources(Findings& findings, const Json& spec, const std::string& specPath) {
    const Json* resources = find(spec, "resources");
    if (!resources)
        return;
    const std::string path = specPath + ".resources";
    if (!arrayAt(*resources, "claims").empty())
        findings.forbidden(path + ".claims", "claims may not be set for Resources at pod-level");
    checkRequirements(findings, *resources, path, arrayAt(spec, "resourceClaims"),
                      checkPodResourceName);
    for (const auto& [key, value] : objectAt(*resources, "requests")) {
        const Result<Quantity> asked = Quantity::parse(asString(value));
        const std::optional<Quantity> sum = containerRequests(spec, view(key));
        if (asked && sum && *asked < *sum)
            findings.invalid(keyed(path + ".requests", view(key)), asString(value),
                             "must be greater than or equal to aggregate container requests of " +
                                 sum->text());
    }
    for (const auto& [key, value] : objectAt(*resources, "limits")) {
        const Result<Quantity> most = Quantity::parse(asString(value));
        const JsonArray& containers = arrayAt(spec, "containers");
        for (std::size_t i = 0; most && i < containers.size(); ++i) {
            const Json* own = objectAt(containers[i], "resources.limits").if_contains(key);
            const Result<Quantity> limit = Quantity::parse(own ? asString(*own) : "0");
            if (limit && *limit > *most)
                findings.invalid(keyed(at(path + ".containers", i), view(key)) + ".limits",
                                 asString(*own),
                                 "must be less than or equal to pod limits of " + most->text());
        }
    }
}

void checkOverhead(Findings& findings, const Json& spec, const std::string& path) {
    const Json* overhead = find(spec, "overhead");
    if (!overhead)
        return;
    // Judged as limits, and named so too.
    const Json limits = JsonObject{{"limits", *overhead}};
    checkRequirements(findings, limits, path + ".overhead", {}, checkContainerResourceName);
}

} // namespace orrery::api
