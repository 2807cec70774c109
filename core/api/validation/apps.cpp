// Deployment, ReplicaSet, StatefulSet, DaemonSet, ReplicationController.
#include "core/api/selectors.h"
#include "core/api/validation/findings.h"

namespace orrery::api {

namespace {
const Json& memberOf(const Json& object, std::string_view path) {
    static const Json kNone;
    const Json* found = findPath(object, path);
    return found ? *found : kNone;
}

// The selector as such, and whether it selects the template.
void checkSelector(Findings& findings, const Json& spec, std::string_view what) {
    const Json* selector = find(spec, "selector");
    const Json& labels = memberOf(spec, "template.metadata.labels");
    if (!selector || selector->is_null()) {
        findings.required("spec.selector");
        findings.invalid("spec.template.metadata.labels", labels,
                         "`selector` does not match template `labels`");
        return;
    }
    checkLabelSelector(findings, *selector, "spec.selector");
    if (objectAt(*selector, "matchLabels").empty() &&
        arrayAt(*selector, "matchExpressions").empty())
        findings.invalid("spec.selector", *selector,
                         "empty selector is invalid for " + std::string(what));
}

void checkSelects(Findings& findings, const Json& spec) {
    const Json* selector = find(spec, "selector");
    if (!selector || (objectAt(*selector, "matchLabels").empty() &&
                      arrayAt(*selector, "matchExpressions").empty()))
        return;
    const Result<LabelFilter> filter = LabelFilter::fromObject(*selector);
    const Json& labels = memberOf(spec, "template.metadata.labels");
    const bool bad = !filter || std::any_of(filter->requirements().begin(),
                                            filter->requirements().end(), [](const auto& one) {
                                                const bool list = one.op == LabelFilter::Op::In ||
                                                                  one.op == LabelFilter::Op::NotIn;
                                                return list && one.values.empty();
                                            });
    if (bad) {
        findings.invalid("spec.selector", *selector, "invalid label selector");
        return;
    }
    static const JsonObject kNone;
    if (!filter->matchesLabels(labels.is_object() ? labels.get_object() : kNone))
        findings.invalid("spec.template.metadata.labels", labels,
                         "`selector` does not match template `labels`");
}

// Pods of these kinds run forever.
void checkAlways(Findings& findings, const Json& spec) {
    const std::string path = "spec.template.spec";
    const std::string_view restart = stringAt(spec, "template.spec.restartPolicy");
    if (restart != "Always" && findPath(spec, "template.spec.restartPolicy"))
        findings.notSupported(path + ".restartPolicy", Json(restart), {"Always"});
    if (findPath(spec, "template.spec.activeDeadlineSeconds"))
        findings.forbidden(path + ".activeDeadlineSeconds",
                           "activeDeadlineSeconds in ReplicaSet is not Supported");
}

void checkRollout(Findings& findings, const Json& spec) {
    const std::string path = "spec.strategy";
    const std::string_view type = stringAt(spec, "strategy.type");
    const Json* rolling = findPath(spec, "strategy.rollingUpdate");
    if (type == "Recreate") {
        if (rolling)
            findings.forbidden(path + ".rollingUpdate",
                               "may not be specified when strategy `type` is 'Recreate'");
        return;
    }
    if (type != "RollingUpdate") {
        JsonObject internal;
        internal["Type"] = type;
        internal["RollingUpdate"] = nullptr;
        findings.notSupported(path, Json(internal), {"Recreate", "RollingUpdate"});
        return;
    }
    if (!rolling) {
        findings.required(path + ".rollingUpdate", "this should be defaulted and never be nil");
        return;
    }
    const Json &unavailable = memberOf(*rolling, "maxUnavailable"),
               &surge = memberOf(*rolling, "maxSurge");
    const auto zero = [](const Json& value) {
        return value.is_string()
                   ? asString(value) == "0%"
                   : !value.is_null() && intAt(Json(JsonObject{{"v", value}}), "v") == 0;
    };
    checkIntOrPercent(findings, unavailable, path + ".rollingUpdate.maxUnavailable", true);
    checkIntOrPercent(findings, surge, path + ".rollingUpdate.maxSurge", false);
    if (zero(unavailable) && zero(surge))
        findings.invalid(path + ".rollingUpdate.maxUnavailable", unavailable,
                         "may not be 0 when `maxSurge` is 0");
}

void checkDeployment(Findings& findings, const Json& object) {
    const Json& spec = memberOf(object, "spec");
    checkNonNegative(findings, spec, "replicas", "spec");
    checkSelector(findings, spec, "deployment");
    checkSelects(findings, spec);
    checkPodTemplate(findings, memberOf(spec, "template"), "spec.template");
    checkAlways(findings, spec);
    checkRollout(findings, spec);
    checkNonNegative(findings, spec, "minReadySeconds", "spec");
    checkNonNegative(findings, spec, "revisionHistoryLimit", "spec");
    if (const Json* deadline = find(spec, "progressDeadlineSeconds")) {
        checkNonNegative(findings, spec, "progressDeadlineSeconds", "spec");
        if (intAt(spec, "progressDeadlineSeconds") <= intAt(spec, "minReadySeconds"))
            findings.invalid("spec.progressDeadlineSeconds", *deadline,
                             "must be greater than minReadySeconds");
    }
}

void checkReplicaSet(Findings& findings, const Json& object) {
    const Json& spec = memberOf(object, "spec");
    checkNonNegative(findings, spec, "replicas", "spec");
    checkNonNegative(findings, spec, "minReadySeconds", "spec");
    checkSelector(findings, spec, "deployment"); // upstream's own word here
    checkSelects(findings, spec);
    checkPodTemplate(findings, memberOf(spec, "template"), "spec.template");
    checkAlways(findings, spec);
}

// Counts that controllers report.
void checkCounts(Findings& findings, const Json& object,
                 const std::vector<std::string_view>& members) {
    const Json& status = memberOf(object, "status");
    for (const std::string_view member : members)
        checkNonNegative(findings, status, member, "status");
    for (const std::string_view member : {"readyReplicas", "availableReplicas"})
        if (intAt(status, member) > intAt(status, "replicas"))
            findings.invalid("status." + std::string(member), Json(intAt(status, member)),
                             "cannot be greater than status.replicas");
    if (intAt(status, "availableReplicas") > intAt(status, "readyReplicas"))
        findings.invalid("status.availableReplicas", Json(intAt(status, "availableReplicas")),
                         "cannot be greater than readyReplicas");
}

void checkSelectorUpdate(Findings& findings, const Json& object, const Json& old,
                         std::string_view subresource) {
    if (subresource == "status")
        checkCounts(findings, object,
                    {"replicas", "fullyLabeledReplicas", "updatedReplicas", "readyReplicas",
                     "availableReplicas", "unavailableReplicas", "observedGeneration"});
    else
        checkImmutable(findings, object, old, "spec.selector");
}

// --- StatefulSet -------------------------------------------------------------------------------

void checkStatefulStrategy(Findings& findings, const Json& spec) {
    const std::string path = "spec.updateStrategy";
    const std::string_view type = stringAt(spec, "updateStrategy.type");
    const Json* rolling = findPath(spec, "updateStrategy.rollingUpdate");
    JsonObject internal;
    if (rolling) {
        internal["Partition"] =
            memberOf(*rolling, "partition").is_null() ? Json(0) : memberOf(*rolling, "partition");
        internal["MaxUnavailable"] = memberOf(*rolling, "maxUnavailable");
    }
    if (type == "OnDelete") {
        if (rolling)
            findings.invalid(path + ".rollingUpdate", Json(internal),
                             "only allowed for updateStrategy 'RollingUpdate'");
    } else if (type == "RollingUpdate") {
        if (rolling) {
            checkNonNegative(findings, *rolling, "partition", path + ".rollingUpdate");
            checkIntOrPercent(findings, memberOf(*rolling, "maxUnavailable"),
                              path + ".rollingUpdate.maxUnavailable", true);
        }
    } else if (type.empty()) {
        findings.required(path);
    } else {
        JsonObject strategy;
        strategy["Type"] = type;
        strategy["RollingUpdate"] = rolling ? Json(internal) : Json();
        findings.invalid(path, Json(strategy), "must be 'RollingUpdate' or 'OnDelete'");
    }
}

void checkClaimTemplates(Findings& findings, const Json& spec) {
    const JsonArray& templates = arrayAt(spec, "volumeClaimTemplates");
    for (std::size_t i = 0; i < templates.size(); ++i) {
        const std::string path = at("spec.volumeClaimTemplates", i) + ".spec";
        if (arrayAt(templates[i], "spec.accessModes").empty())
            findings.required(path + ".accessModes", "at least 1 access mode is required");
        if (!findPath(templates[i], "spec.resources.requests.storage"))
            findings.required(path + ".resources[storage]");
    }
}

void checkStatefulSet(Findings& findings, const Json& object) {
    const Json& spec = memberOf(object, "spec");
    const std::string_view policy = stringAt(spec, "podManagementPolicy");
    if (policy.empty())
        findings.required("spec.podManagementPolicy");
    else if (policy != "OrderedReady" && policy != "Parallel")
        findings.invalid("spec.podManagementPolicy", policy,
                         "must be 'OrderedReady' or 'Parallel'");
    checkStatefulStrategy(findings, spec);
    for (const std::string_view member : {"whenDeleted", "whenScaled"})
        checkOneOf(findings, memberOf(spec, "persistentVolumeClaimRetentionPolicy"), member,
                   "spec.persistentVolumeClaimRetentionPolicy", {"Retain", "Delete"});
    checkClaimTemplates(findings, spec);
    checkNonNegative(findings, spec, "replicas", "spec");
    checkNonNegative(findings, spec, "minReadySeconds", "spec");
    checkNonNegative(findings, memberOf(spec, "ordinals"), "start", "spec.ordinals");
    if (const std::string_view service = stringAt(spec, "serviceName"); !service.empty())
        findings.each("spec.serviceName", service, checkDns1123Label(service));
    checkSelector(findings, spec, "statefulset");
    checkSelects(findings, spec);
    // Claim templates become volumes of the same name.
    Json pods = memberOf(spec, "template");
    for (const Json& claim : arrayAt(spec, "volumeClaimTemplates")) {
        JsonObject volume;
        volume["name"] = stringAt(claim, "metadata.name");
        volume["persistentVolumeClaim"] =
            JsonObject{{"claimName", stringAt(claim, "metadata.name")}};
        Json& volumes = ensurePath(pods, "spec.volumes");
        if (!volumes.is_array())
            volumes = JsonArray();
        volumes.get_array().push_back(std::move(volume));
    }
    checkPodTemplate(findings, pods, "spec.template");
    checkAlways(findings, spec);
}

void checkStatefulUpdate(Findings& findings, const Json& object, const Json& old,
                         std::string_view subresource) {
    if (subresource == "status") {
        checkCounts(findings, object,
                    {"replicas", "readyReplicas", "currentReplicas", "updatedReplicas",
                     "availableReplicas", "observedGeneration", "collisionCount"});
        return;
    }
    if (!subresource.empty())
        return;
    JsonObject now = objectAt(object, "spec"), before = objectAt(old, "spec");
    for (const std::string_view member :
         {"replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
          "persistentVolumeClaimRetentionPolicy", "minReadySeconds"}) {
        now.erase(member);
        before.erase(member);
    }
    if (now != before)
        findings.forbidden(
            "spec",
            "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
            "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
            "'minReadySeconds' are forbidden");
}

// --- DaemonSet ---------------------------------------------------------------------------------

void checkDaemonSet(Findings& findings, const Json& object) {
    const Json& spec = memberOf(object, "spec");
    checkSelector(findings, spec, "daemonset");
    checkSelects(findings, spec);
    checkPodTemplate(findings, memberOf(spec, "template"), "spec.template");
    const std::string_view restart = stringAt(spec, "template.spec.restartPolicy");
    if (restart != "Always" && findPath(spec, "template.spec.restartPolicy"))
        findings.notSupported("spec.template.spec.restartPolicy", Json(restart), {"Always"});
    if (findPath(spec, "template.spec.activeDeadlineSeconds"))
        findings.forbidden("spec.template.spec.activeDeadlineSeconds",
                           "activeDeadlineSeconds in DaemonSet is not Supported");
    checkNonNegative(findings, spec, "minReadySeconds", "spec");
    const std::string_view type = stringAt(spec, "updateStrategy.type");
    const Json* rolling = findPath(spec, "updateStrategy.rollingUpdate");
    if (type == "RollingUpdate" && !rolling) {
        findings.required("spec.updateStrategy.rollingUpdate");
    } else if (type == "RollingUpdate") {
        checkIntOrPercent(findings, memberOf(*rolling, "maxUnavailable"),
                          "spec.updateStrategy.rollingUpdate.maxUnavailable", true);
        checkIntOrPercent(findings, memberOf(*rolling, "maxSurge"),
                          "spec.updateStrategy.rollingUpdate.maxSurge", true);
    } else if (type != "OnDelete") {
        findings.notSupported("spec.updateStrategy", Json(type), {"RollingUpdate", "OnDelete"});
    }
    checkNonNegative(findings, spec, "revisionHistoryLimit", "spec");
}

void checkDaemonUpdate(Findings& findings, const Json& object, const Json& old,
                       std::string_view subresource) {
    if (subresource.empty())
        checkImmutable(findings, object, old, "spec.selector");
}

// --- ReplicationController ---------------------------------------------------------------------

void checkController(Findings& findings, const Json& object) {
    const Json& spec = memberOf(object, "spec");
    checkNonNegative(findings, spec, "minReadySeconds", "spec");
    const JsonObject& selector = objectAt(spec, "selector");
    if (selector.empty())
        findings.required("spec.selector");
    checkNonNegative(findings, spec, "replicas", "spec");
    if (!find(spec, "template")) {
        findings.required("spec.template");
        return;
    }
    const JsonObject& labels = objectAt(spec, "template.metadata.labels");
    const bool matches = std::all_of(selector.begin(), selector.end(), [&](const auto& member) {
        const Json* label = labels.if_contains(member.key());
        return label && *label == member.value();
    });
    if (!selector.empty() && !matches)
        findings.invalid("spec.template.metadata.labels", Json(labels),
                         "`selector` does not match template `labels`");
    checkPodTemplate(findings, memberOf(spec, "template"), "spec.template");
    checkAlways(findings, spec);
}
} // namespace

void addAppsRules(std::vector<KindRules>& rules) {
    rules.push_back({"apps", "Deployment", checkDeployment, checkSelectorUpdate, true});
    rules.push_back({"apps", "ReplicaSet", checkReplicaSet, checkSelectorUpdate, true});
    rules.push_back({"apps", "StatefulSet", checkStatefulSet, checkStatefulUpdate, true});
    rules.push_back({"apps", "DaemonSet", checkDaemonSet, checkDaemonUpdate, true});
    rules.push_back({"", "ReplicationController", checkController, nullptr, true});
    rules.push_back({"apps", "ControllerRevision",
                     [](Findings& findings, const Json& object) {
                         if (!find(object, "data"))
                             findings.required("data", "data is mandatory");
                         checkNonNegative(findings, object, "revision", "");
                     },
                     [](Findings& findings, const Json& object, const Json& old, std::string_view) {
                         checkImmutable(findings, object, old, "data");
                     },
                     true});
}

} // namespace orrery::api
