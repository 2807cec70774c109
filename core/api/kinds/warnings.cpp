#include "core/api/kinds/warnings.h"

#include <algorithm>

#include "core/api/validation/addresses.h"
#include "core/base/quantity.h"

namespace orrery::api {

namespace {
void append(Warnings& all, Warnings more) {
    for (std::string& one : more)
        all.push_back(std::move(one));
}

std::string at(const std::string& path, std::size_t index) {
    return path + "[" + std::to_string(index) + "]";
}

bool annotated(const Json& object, std::string_view annotation) {
    return objectAt(object, "metadata.annotations").contains(annotation);
}

// Each address of a list that is spelled oddly.
void warnOfAddresses(Warnings& all, const Json& object, std::string_view list,
                     const std::string& path, std::string_view member = "",
                     const std::string& tail = "") {
    const JsonArray& items = arrayAt(object, list);
    for (std::size_t i = 0; i < items.size(); ++i)
        append(all, ipWarnings(at(path, i) + tail,
                               member.empty() ? asString(items[i]) : stringAt(items[i], member)));
}

void warnOfRanges(Warnings& all, const Json& object, std::string_view list,
                  const std::string& path) {
    const JsonArray& items = arrayAt(object, list);
    for (std::size_t i = 0; i < items.size(); ++i)
        append(all, cidrWarnings(at(path, i), asString(items[i])));
}

void warnOfHeadless(Warnings& all, const Json& spec) {
    if (!stringAt(spec, "loadBalancerIP").empty())
        all.emplace_back("spec.loadBalancerIP is ignored for headless services");
    if (!arrayAt(spec, "externalIPs").empty())
        all.emplace_back("spec.externalIPs is ignored for headless services");
    if (stringAt(spec, "sessionAffinity") != "None")
        all.emplace_back("spec.SessionAffinity is ignored for headless services");
}
} // namespace

std::string deprecatedNodeLabel(std::string_view label) {
    struct Row {
        std::string_view label, why;
    };
    static constexpr Row kRows[] = {
        {"beta.kubernetes.io/arch", "deprecated since v1.14; use \"kubernetes.io/arch\" instead"},
        {"beta.kubernetes.io/os", "deprecated since v1.14; use \"kubernetes.io/os\" instead"},
        {"failure-domain.beta.kubernetes.io/region",
         "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead"},
        {"failure-domain.beta.kubernetes.io/zone",
         "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead"},
        {"beta.kubernetes.io/instance-type",
         "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead"},
        {"app.kubernetes.io/created-by", "deprecated since v1.9"},
        {"scheduler.alpha.kubernetes.io/preferAvoidPods",
         "deprecated since v1.22; use Taints and Tolerations instead"},
        {"node-role.kubernetes.io/master", "use \"node-role.kubernetes.io/control-plane\" instead"},
    };
    for (const Row& row : kRows)
        if (row.label == label)
            return std::string(row.why);
    return {};
}

Warnings warnService(const Json& object, const Json*) {
    Warnings all;
    static const Json kNone = JsonObject();
    const Json* given = find(object, "spec");
    const Json& spec = given ? *given : kNone;
    const std::string_view type = stringAt(spec, "type"), first = stringAt(spec, "clusterIP");
    const bool headless = type == "ClusterIP" && first == "None", external = type == "ExternalName";
    const bool addressed = !arrayAt(spec, "externalIPs").empty();
    if (annotated(object, "service.kubernetes.io/topology-aware-hints"))
        all.emplace_back("annotation service.kubernetes.io/topology-aware-hints is deprecated, "
                         "please use service.kubernetes.io/topology-mode instead");
    if (!external && !first.empty() && first != "None")
        warnOfAddresses(all, spec, "clusterIPs", "spec.clusterIPs");
    if (headless)
        warnOfHeadless(all, spec);
    warnOfAddresses(all, spec, "externalIPs", "spec.externalIPs");
    if (addressed && !headless && !external)
        all.emplace_back(
            "spec.externalIPs is deprecated and may no longer be implemented in some clusters");
    if (const std::string_view ip = stringAt(spec, "loadBalancerIP"); !ip.empty())
        append(all, ipWarnings("spec.loadBalancerIP", ip));
    warnOfRanges(all, spec, "loadBalancerSourceRanges", "spec.loadBalancerSourceRanges");
    if (external && addressed)
        all.emplace_back("spec.externalIPs is ignored when spec.type is \"ExternalName\"");
    if (!external && !stringAt(spec, "externalName").empty())
        all.emplace_back("spec.externalName is ignored when spec.type is not \"ExternalName\"");
    if (stringAt(spec, "trafficDistribution") == "PreferClose")
        all.emplace_back("spec.trafficDistribution: \"PreferClose\" is deprecated; use "
                         "\"PreferSameZone\"");
    return all;
}

Warnings warnIngress(const Json& object, const Json* old) {
    const Json* spec = find(object, "spec");
    if (old || !annotated(object, "kubernetes.io/ingress.class") ||
        (spec && find(*spec, "ingressClassName")))
        return {};
    return {"annotation \"kubernetes.io/ingress.class\" is deprecated, please use "
            "'spec.ingressClassName' instead"};
}

Warnings warnNetworkPolicy(const Json& object, const Json*) {
    Warnings all;
    for (const bool ingress : {true, false}) {
        const std::string list = ingress ? "spec.ingress" : "spec.egress";
        const std::string peers = ingress ? "from" : "to";
        const JsonArray& rules = arrayAt(object, list);
        for (std::size_t i = 0; i < rules.size(); ++i) {
            const JsonArray& each = arrayAt(rules[i], peers);
            for (std::size_t j = 0; j < each.size(); ++j) {
                const Json* block = find(each[j], "ipBlock");
                const std::string path = at(at(list, i) + "." + peers, j) + ".ipBlock.";
                if (!block)
                    continue;
                append(all, cidrWarnings(path + "cidr", stringAt(*block, "cidr")));
                warnOfRanges(all, *block, "except", path + "except");
            }
        }
    }
    return all;
}

Warnings warnEndpointSlice(const Json& object, const Json* old) {
    Warnings all;
    if (!old && stringAt(object, "addressType") == "FQDN")
        all.emplace_back("spec.addressType: FQDN endpoints are deprecated");
    const Json* manager =
        objectAt(object, "metadata.labels").if_contains("endpointslice.kubernetes.io/managed-by");
    if (manager && asString(*manager).ends_with("-controller.k8s.io"))
        return all; // the controllers spell addresses right
    const JsonArray& endpoints = arrayAt(object, "endpoints");
    for (std::size_t i = 0; i < endpoints.size(); ++i)
        warnOfAddresses(all, endpoints[i], "addresses", at("endpoints", i) + ".addresses");
    return all;
}

Warnings warnEndpoints(const Json& object, const Json*) {
    Warnings all;
    const JsonArray& subsets = arrayAt(object, "subsets");
    for (std::size_t i = 0; i < subsets.size(); ++i)
        for (const std::string list : {"addresses", "notReadyAddresses"})
            warnOfAddresses(all, subsets[i], list, at("subsets", i) + "." + list, "ip", ".ip");
    return all;
}

Warnings warnNode(const Json& object, const Json*) {
    Warnings all;
    if (findPath(object, "spec.configSource"))
        all.emplace_back("spec.configSource: the feature is removed");
    if (!stringAt(object, "spec.externalID").empty())
        all.emplace_back("spec.externalID: this field is deprecated, and is unused by Kubernetes");
    warnOfRanges(all, object, "spec.podCIDRs", "spec.podCIDRs");
    return all;
}

Warnings warnPersistentVolume(const Json& object, const Json*) {
    struct Row {
        std::string_view member, path, why;
    };
    static constexpr Row kGone[] = {
        {"cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"},
        {"photonPersistentDisk", "photonPersistentDisk",
         "deprecated in v1.11, non-functional in v1.16+"},
        {"scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"},
        {"storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"},
        {"glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"},
        {"rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"},
    };
    Warnings all;
    if (annotated(object, "volume.beta.kubernetes.io/storage-class"))
        all.emplace_back(
            "metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated "
            "since v1.8; use \"storageClassName\" attribute instead");
    if (annotated(object, "volume.beta.kubernetes.io/mount-options"))
        all.emplace_back(
            "metadata.annotations[volume.beta.kubernetes.io/mount-options]: deprecated "
            "since v1.31; use \"mountOptions\" attribute instead");
    if (stringAt(object, "spec.persistentVolumeReclaimPolicy") == "Recycle")
        all.emplace_back("spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is "
                         "deprecated. Instead, the recommended approach is to use dynamic "
                         "provisioning.");
    const std::string list = "spec.nodeAffinity.required.nodeSelectorTerms";
    const JsonArray& terms = arrayAt(object, list);
    for (std::size_t i = 0; i < terms.size(); ++i) {
        const JsonArray& expressions = arrayAt(terms[i], "matchExpressions");
        for (std::size_t j = 0; j < expressions.size(); ++j) {
            const std::string key(stringAt(expressions[j], "key"));
            if (const std::string why = deprecatedNodeLabel(key); !why.empty())
                all.push_back(at(at(list, i) + ".matchExpressions", j) + ".key: " + key + " is " +
                              why);
        }
    }
    const Json* spec = find(object, "spec");
    for (const Row& row : kGone)
        if (spec && find(*spec, row.member))
            all.push_back("spec." + std::string(row.path) + ": " + std::string(row.why));
    return all;
}

Warnings warnPersistentVolumeClaim(const Json& object, const Json*) {
    Warnings all;
    if (annotated(object, "volume.beta.kubernetes.io/storage-class"))
        all.emplace_back(
            "metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated "
            "since v1.8; use \"storageClassName\" attribute instead");
    for (const std::string list : {"requests", "limits"}) {
        const std::string_view text = stringAt(object, "spec.resources." + list + ".storage");
        const Result<Quantity> amount = Quantity::parse(text.empty() ? "0" : text);
        if (amount && amount->milliValue() % 1000 != 0)
            all.push_back("spec.resources." + list + "[storage]: fractional byte value \"" +
                          amount->text() + "\" is invalid, must be an integer");
    }
    return all;
}

Warnings warnStorageClass(const Json& object, const Json*) {
    Warnings all;
    const JsonArray& terms = arrayAt(object, "allowedTopologies");
    for (std::size_t i = 0; i < terms.size(); ++i) {
        const JsonArray& expressions = arrayAt(terms[i], "matchLabelExpressions");
        for (std::size_t j = 0; j < expressions.size(); ++j)
            if (const std::string why = deprecatedNodeLabel(stringAt(expressions[j], "key"));
                !why.empty())
                all.push_back(at(at("allowedTopologies", i) + ".matchLabelExpressions", j) +
                              ".key: " + why);
    }
    return all;
}

Warnings warnCsiDriver(const Json& object, const Json* old) {
    const Json* now = findPath(object, "spec.tokenRequests");
    const Json* before = old ? findPath(*old, "spec.tokenRequests") : nullptr;
    if (!now || arrayAt(object, "spec.tokenRequests").empty() ||
        findPath(object, "spec.serviceAccountTokenInSecrets") ||
        (before && sameValue(*now, *before)))
        return {};
    return {"spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to "
            "true to prevent possible logging of tokens in volume attributes"};
}

Warnings warnCsiStorageCapacity(const Json& object, const Json*) {
    Warnings all;
    const JsonArray& expressions = arrayAt(object, "nodeTopology.matchExpressions");
    for (std::size_t i = 0; i < expressions.size(); ++i) {
        const std::string key(stringAt(expressions[i], "key"));
        if (const std::string why = deprecatedNodeLabel(key); !why.empty())
            all.push_back(at("nodeTopology.matchExpressions", i) + ".key: " + key + " is " + why);
    }
    for (const auto& member : objectAt(object, "nodeTopology.matchLabels")) {
        const std::string key(member.key().data(), member.key().size());
        if (const std::string why = deprecatedNodeLabel(key); !why.empty())
            all.push_back("nodeTopology.matchLabels." + key + ": " + why);
    }
    return all;
}

Warnings warnRuntimeClass(const Json& object, const Json*) {
    Warnings all;
    for (const auto& member : objectAt(object, "scheduling.nodeSelector"))
        if (const std::string why = deprecatedNodeLabel({member.key().data(), member.key().size()});
            !why.empty())
            all.push_back("scheduling.nodeSelector: " + why);
    return all;
}

Warnings warnResourceSlice(const Json& object, const Json*) {
    const std::string_view driver = stringAt(object, "spec.driver");
    if (std::none_of(driver.begin(), driver.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
        return {};
    return {"spec.driver: driver names should be lowercase; \"" + std::string(driver) +
            "\" contains uppercase characters"};
}

Warnings warnAdmissionName(const Json& object, const Json*) {
    constexpr std::string_view kSuffix = ".static.k8s.io";
    if (!stringAt(object, "metadata.name").ends_with(kSuffix))
        return {};
    return {"metadata.name: names ending with \"" + std::string(kSuffix) +
            "\" are reserved for static manifest-based configurations and cannot be managed via "
            "the API"};
}

} // namespace orrery::api
