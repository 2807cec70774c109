// Where a pod may run, and what of its spec is doubled, deprecated or without effect.
#include "core/api/warnings/pod_spec.h"

#include <algorithm>

#include "core/api/validation/findings.h"
#include "core/base/quantity.h"

namespace orrery::api {

namespace {
constexpr std::string_view kNoSelector = ": a null labelSelector results in matching no pod";

struct Text {
    std::string_view key, message;
};
constexpr Text kOldNodeLabels[] = {
    {"beta.kubernetes.io/arch", "deprecated since v1.14; use \"kubernetes.io/arch\" instead"},
    {"beta.kubernetes.io/os", "deprecated since v1.14; use \"kubernetes.io/os\" instead"},
    {"failure-domain.beta.kubernetes.io/region",
     "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead"},
    {"failure-domain.beta.kubernetes.io/zone",
     "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead"},
    {"beta.kubernetes.io/instance-type",
     "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead"},
};
constexpr Text kOldAnnotations[] = {
    {"scheduler.alpha.kubernetes.io/critical-pod",
     "non-functional in v1.16+; use the \"priorityClassName\" field instead"},
    {"security.alpha.kubernetes.io/sysctls",
     "non-functional in v1.11+; use the \"sysctls\" field instead"},
    {"security.alpha.kubernetes.io/unsafe-sysctls",
     "non-functional in v1.11+; use the \"sysctls\" field instead"},
};

std::string_view oldLabel(std::string_view key) {
    for (const Text& each : kOldNodeLabels)
        if (each.key == key)
            return each.message;
    return {};
}

void warnOfTerm(Warnings& warnings, const Json& term, bool values, const std::string& path) {
    const JsonArray& expressions = arrayAt(term, "matchExpressions");
    for (std::size_t i = 0; i < expressions.size(); ++i) {
        const std::string where = at(path + ".matchExpressions", i);
        const std::string key(stringAt(expressions[i], "key"));
        if (const std::string_view message = oldLabel(key); !message.empty())
            warnings.push_back(where + ".key: " + key + " is " + std::string(message));
        const JsonArray& list = arrayAt(expressions[i], "values");
        for (std::size_t v = 0; values && v < list.size(); ++v)
            for (const std::string& wrong : checkLabelValue(asString(list[v])))
                warnings.push_back(at(where + ".values", v) + ": " +
                                   std::string(asString(list[v])) + " is invalid, " + wrong);
    }
}

constexpr const char* kRequired = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr const char* kPreferred = "preferredDuringSchedulingIgnoredDuringExecution";

void warnOfNodeAffinity(Warnings& warnings, const Json& affinity, const std::string& path) {
    const Json& required = memberIn(affinity, kRequired);
    const JsonArray& terms = arrayAt(required, "nodeSelectorTerms");
    for (std::size_t i = 0; i < terms.size(); ++i)
        warnOfTerm(warnings, terms[i], false, at(path + "." + kRequired + ".nodeSelectorTerms", i));
    const JsonArray& preferred = arrayAt(affinity, kPreferred);
    for (std::size_t i = 0; i < preferred.size(); ++i)
        warnOfTerm(warnings, memberIn(preferred[i], "preference"), true,
                   at(path + "." + kPreferred, i) + ".preference");
}

void warnOfPodAffinity(Warnings& warnings, const Json& affinity, const std::string& path) {
    const JsonArray& required = arrayAt(affinity, kRequired);
    for (std::size_t i = 0; i < required.size(); ++i)
        if (!find(required[i], "labelSelector"))
            warnings.push_back(at(path + "." + kRequired, i) + ".labelSelector" +
                               std::string(kNoSelector));
    const JsonArray& preferred = arrayAt(affinity, kPreferred);
    for (std::size_t i = 0; i < preferred.size(); ++i)
        if (!find(memberIn(preferred[i], "podAffinityTerm"), "labelSelector"))
            warnings.push_back(at(path + "." + kPreferred, i) + ".podAffinityTerm.labelSelector" +
                               std::string(kNoSelector));
}

void warnOfPlacement(Warnings& warnings, const Json& spec, const std::string& path) {
    for (const auto& member : objectAt(spec, "nodeSelector")) {
        const std::string_view key(member.key().data(), member.key().size());
        if (const std::string_view message = oldLabel(key); !message.empty())
            warnings.push_back(keyed(path + ".nodeSelector", key) + ": " + std::string(message));
    }
    if (const Json* node = findPath(spec, "affinity.nodeAffinity"))
        warnOfNodeAffinity(warnings, *node, path + ".affinity.nodeAffinity");
    const JsonArray& spread = arrayAt(spec, "topologySpreadConstraints");
    for (std::size_t i = 0; i < spread.size(); ++i) {
        const std::string where = at(path + ".topologySpreadConstraints", i);
        const std::string key(stringAt(spread[i], "topologyKey"));
        if (const std::string_view message = oldLabel(key); !message.empty())
            warnings.push_back(where + ".topologyKey: " + key + " is " + std::string(message));
        if (!find(spread[i], "labelSelector"))
            warnings.push_back(where + ".labelSelector" + std::string(kNoSelector));
    }
}

void warnOfDoubles(Warnings& warnings, const Json& spec, const std::string& path,
                   std::string_view list, const char* member) {
    std::vector<std::string_view> seen;
    const JsonArray& items = arrayAt(spec, list);
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::string_view value = stringAt(items[i], member);
        if (std::find(seen.begin(), seen.end(), value) != seen.end())
            warnings.push_back(at(path + "." + std::string(list), i) + "." + member +
                               ": duplicate " + member + " " + quoted(value));
        seen.push_back(value);
    }
}

void warnOfLists(Warnings& warnings, const Json& spec, const std::string& path) {
    warnOfDoubles(warnings, spec, path, "hostAliases", "ip");
    warnOfDoubles(warnings, spec, path, "imagePullSecrets", "name");
    const JsonArray& secrets = arrayAt(spec, "imagePullSecrets");
    for (std::size_t i = 0; i < secrets.size(); ++i)
        if (stringAt(secrets[i], "name").empty())
            warnings.push_back(at(path + ".imagePullSecrets", i) +
                               ".name: invalid empty name \"\"");
    for (const char* resource : {"memory", "ephemeral-storage"}) {
        const Json* amount = objectAt(spec, "overhead").if_contains(resource);
        const Result<Quantity> parsed = Quantity::parse(amount ? asString(*amount) : "0");
        if (parsed && parsed->milliValue() % 1000 != 0)
            warnings.push_back(keyed(path + ".overhead", resource) + ": fractional byte value " +
                               quoted(parsed->text()) + " is invalid, must be an integer");
    }
}
} // namespace

std::string joinPath(const std::string& path, std::string_view member) {
    return path.empty() ? std::string(member) : path + "." + std::string(member);
}

std::string quoted(std::string_view text) {
    return serializeJson(Json(text));
}

const Json& memberIn(const Json& object, std::string_view member) {
    static const Json kNone = JsonObject();
    const Json* found = find(object, member);
    return found ? *found : kNone;
}

void warnOfPod(Warnings& warnings, const Json& pod, const std::string& path) {
    const Json& spec = memberIn(pod, "spec");
    const std::string specPath = joinPath(path, "spec");
    warnOfPlacement(warnings, spec, specPath);
    const JsonObject& annotations = objectAt(pod, "metadata.annotations");
    for (const Text& old : kOldAnnotations)
        if (annotations.contains(old.key))
            warnings.push_back(keyed(joinPath(path, "metadata.annotations"), old.key) + ": " +
                               std::string(old.message));
    warnOfVolumes(warnings, spec, specPath);
    warnOfLists(warnings, spec, specPath);
    warnOfContainers(warnings, pod, path);
    if (intAt(spec, "terminationGracePeriodSeconds") < 0)
        warnings.push_back(specPath + ".terminationGracePeriodSeconds: must be >= 0; negative "
                                      "values are invalid and will be treated as 1");
    for (const char* member : {"podAffinity", "podAntiAffinity"})
        if (const Json* affinity = find(memberIn(spec, "affinity"), member))
            warnOfPodAffinity(warnings, *affinity, specPath + ".affinity." + member);
}

} // namespace orrery::api
