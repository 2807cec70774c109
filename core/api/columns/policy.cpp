#include "core/api/columns/columns.h"
#include "core/base/quantity.h"
#include "core/base/time.h"

namespace orrery::api::columns {

namespace {
Json countOf(const Json& object, std::string_view path) {
    return Json(static_cast<std::int64_t>(arrayAt(object, path).size()));
}

Column counted(std::string title, std::string_view path) {
    return computed(std::move(title), "integer",
                    [path = std::string(path)](const Json& object, std::int64_t) {
                        return countOf(object, path);
                    });
}

// A number or a percentage as text.
std::string numberOrText(const Json* value, std::string_view otherwise) {
    if (!value || value->is_null())
        return std::string(otherwise);
    return value->is_string() ? std::string(asString(*value)) : serializeJson(*value);
}

Column bound(std::string title, std::string_view path) {
    return computed(std::move(title), "string",
                    [path = std::string(path)](const Json& object, std::int64_t) {
                        return Json(numberOrText(findPath(object, path), "N/A"));
                    });
}

// --- roles -------------------------------------------------------------------------------------

Cell subjects(std::string_view kind) {
    return [kind = std::string(kind)](const Json& binding, std::int64_t) {
        std::string text;
        for (const Json& subject : arrayAt(binding, "subjects"))
            if (stringAt(subject, "kind") == kind) {
                text += text.empty() ? "" : ", ";
                if (kind == "ServiceAccount")
                    text += std::string(stringAt(subject, "namespace")) + "/";
                text += stringAt(subject, "name");
            }
        return Json(text);
    };
}

void addRoles(KindTable& table) {
    for (const std::string kind : {"RoleBinding", "ClusterRoleBinding"})
        table.push_back(
            {"rbac.authorization.k8s.io",
             kind,
             {
                 name(),
                 computed("Role", "string",
                          [](const Json& binding, std::int64_t) {
                              return Json(std::string(stringAt(binding, "roleRef.kind")) + "/" +
                                          std::string(stringAt(binding, "roleRef.name")));
                          }),
                 age(),
                 computed("Users", "string", subjects("User"), kWide),
                 computed("Groups", "string", subjects("Group"), kWide),
                 computed("ServiceAccounts", "string", subjects("ServiceAccount"), kWide),
             }});
}

// --- certificates ------------------------------------------------------------------------------

Json requestCondition(const Json& request, std::int64_t) {
    std::string text = "Pending";
    bool denied = false, approved = false, failed = false;
    for (const Json& condition : arrayAt(request, "status.conditions")) {
        const std::string_view type = stringAt(condition, "type");
        denied = denied || type == "Denied";
        approved = approved || type == "Approved";
        failed = failed || type == "Failed";
    }
    if (denied)
        text = "Denied";
    else if (approved)
        text = "Approved";
    if (failed)
        text += ",Failed";
    if (!stringAt(request, "status.certificate").empty())
        text += ",Issued";
    return Json(text);
}

void addCertificates(KindTable& table) {
    table.push_back({"certificates.k8s.io",
                     "CertificateSigningRequest",
                     {
                         name(),
                         age(),
                         text("SignerName", "spec.signerName", "<none>"),
                         text("Requestor", "spec.username"),
                         computed("RequestedDuration", "string",
                                  [](const Json& request, std::int64_t) {
                                      if (!findPath(request, "spec.expirationSeconds"))
                                          return Json("<none>");
                                      return Json(humanDuration(std::chrono::seconds(
                                          intAt(request, "spec.expirationSeconds"))));
                                  }),
                         computed("Condition", "string", requestCondition),
                     }});
    table.push_back({"certificates.k8s.io",
                     "ClusterTrustBundle",
                     {name(), text("SignerName", "spec.signerName", "<none>")}});
}

// --- autoscaling -------------------------------------------------------------------------------

std::string quantityOr(const Json* value, std::string_view otherwise) {
    return numberOrText(value, otherwise);
}

const Json* currentMetric(const Json& autoscaler, std::size_t index, std::string_view source) {
    const JsonArray& metrics = arrayAt(autoscaler, "status.currentMetrics");
    return index < metrics.size() ? findPath(metrics[index], std::string(source) + ".current")
                                  : nullptr;
}

// "cpu: 12%/80%", "<unknown>/5 (avg)"
std::string metricText(const Json& autoscaler, const Json& metric, std::size_t index) {
    const std::string_view type = stringAt(metric, "type");
    std::string source(type);
    if (!source.empty() && source[0] >= 'A' && source[0] <= 'Z')
        source[0] = static_cast<char>(source[0] + 32);
    const Json* target = findPath(metric, source + ".target");
    const Json* current = currentMetric(autoscaler, index, source);
    if (!target)
        return "<unknown type>";
    const auto member = [](const Json* of, std::string_view key) {
        return of ? find(*of, key) : nullptr;
    };
    const bool resource = type == "Resource" || type == "ContainerResource";
    const std::string prefix =
        resource ? std::string(stringAt(metric, source + ".name")) + ": " : std::string();
    const Json* average = member(target, "averageValue");
    if (resource && !average) {
        const Json* now = member(current, "averageUtilization");
        const Json* want = member(target, "averageUtilization");
        return prefix + (now ? serializeJson(*now) + "%" : "<unknown>") + "/" +
               (want ? serializeJson(*want) + "%" : "<auto>");
    }
    if (average) {
        const bool marked = type == "External" || type == "Object";
        return prefix + quantityOr(member(current, "averageValue"), "<unknown>") + "/" +
               quantityOr(average, "") + (marked ? " (avg)" : "");
    }
    return quantityOr(member(current, "value"), "<unknown>") + "/" +
           quantityOr(member(target, "value"), "");
}

Json metricsCell(const Json& autoscaler, std::int64_t) {
    constexpr std::size_t kShown = 2;
    const JsonArray& metrics = arrayAt(autoscaler, "spec.metrics");
    std::string text;
    for (std::size_t i = 0; i < metrics.size() && i < kShown; ++i)
        text += (i ? ", " : "") + metricText(autoscaler, metrics[i], i);
    if (metrics.size() > kShown)
        text += " + " + std::to_string(metrics.size() - kShown) + " more...";
    if (metrics.empty() &&
        findPath(autoscaler, "spec.targetCPUUtilizationPercentage")) // autoscaling/v1
        text = "cpu: " +
               numberOrText(findPath(autoscaler, "status.currentCPUUtilizationPercentage"),
                            "<unknown>") +
               (findPath(autoscaler, "status.currentCPUUtilizationPercentage") ? "%" : "") + "/" +
               numberOrText(findPath(autoscaler, "spec.targetCPUUtilizationPercentage"), "") + "%";
    return Json(orNone(text));
}

void addAutoscaling(KindTable& table) {
    table.push_back(
        {"autoscaling",
         "HorizontalPodAutoscaler",
         {
             name(),
             computed("Reference", "string",
                      [](const Json& object, std::int64_t) {
                          return Json(std::string(stringAt(object, "spec.scaleTargetRef.kind")) +
                                      "/" +
                                      std::string(stringAt(object, "spec.scaleTargetRef.name")));
                      }),
             computed("Targets", "string", metricsCell),
             computed("MinPods", "string",
                      [](const Json& object, std::int64_t) {
                          return Json(
                              numberOrText(findPath(object, "spec.minReplicas"), "<unset>"));
                      }),
             integer("MaxPods", "spec.maxReplicas", "string"),
             integer("Replicas", "status.currentReplicas", "string"),
             age(),
         }});
}

// --- admission ---------------------------------------------------------------------------------

Json paramKind(const Json& policy, std::int64_t) {
    const Json* kind = findPath(policy, "spec.paramKind");
    if (!kind)
        return Json("<unset>");
    return Json(std::string(stringAt(*kind, "apiVersion")) + "/" +
                std::string(stringAt(*kind, "kind")));
}

Json paramRef(const Json& binding, std::int64_t) {
    const Json* ref = findPath(binding, "spec.paramRef");
    if (!ref)
        return Json("<unset>");
    if (const std::string_view called = stringAt(*ref, "name"); !called.empty())
        return Json(orNone(std::string(stringAt(*ref, "namespace")), "*") + "/" +
                    std::string(called));
    return Json(selectorText(find(*ref, "selector")));
}

void addAdmission(KindTable& table) {
    const std::string group = "admissionregistration.k8s.io";
    for (const std::string kind :
         {"ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"})
        table.push_back({group, kind, {name(), counted("Webhooks", "webhooks"), age()}});
    table.push_back({group,
                     "ValidatingAdmissionPolicy",
                     {name(), counted("Validations", "spec.validations"),
                      computed("ParamKind", "string", paramKind), age()}});
    table.push_back({group,
                     "MutatingAdmissionPolicy",
                     {name(), counted("Mutations", "spec.mutations"),
                      computed("ParamKind", "string", paramKind), age()}});
    for (const std::string kind :
         {"ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicyBinding"})
        table.push_back({group,
                         kind,
                         {name(), text("PolicyName", "spec.policyName"),
                          computed("ParamRef", "string", paramRef), age()}});
}

// --- flow control ------------------------------------------------------------------------------

Column levelNumber(std::string title, std::string_view path) {
    return computed(std::move(title), "string",
                    [path = std::string(path)](const Json& level, std::int64_t) {
                        const Json* value = findPath(level, path);
                        return value ? *value : Json("<none>");
                    });
}

Json nominalShares(const Json& level, std::int64_t) {
    for (const std::string_view path :
         {"spec.limited.nominalConcurrencyShares", "spec.exempt.nominalConcurrencyShares"})
        if (const Json* value = findPath(level, path))
            return *value;
    return Json("<none>");
}

Json missingLevel(const Json& schema, std::int64_t) {
    for (const Json& condition : arrayAt(schema, "status.conditions"))
        if (stringAt(condition, "type") == "Dangling")
            return Json(stringAt(condition, "status"));
    return Json("?");
}

void addFlow(KindTable& table) {
    const std::string group = "flowcontrol.apiserver.k8s.io";
    table.push_back({group,
                     "FlowSchema",
                     {name(), text("PriorityLevel", "spec.priorityLevelConfiguration.name"),
                      integer("MatchingPrecedence", "spec.matchingPrecedence"),
                      text("DistinguisherMethod", "spec.distinguisherMethod.type", "<none>"), age(),
                      computed("MissingPL", "string", missingLevel)}});
    table.push_back(
        {group,
         "PriorityLevelConfiguration",
         {name(), text("Type", "spec.type"),
          computed("NominalConcurrencyShares", "string", nominalShares),
          levelNumber("Queues", "spec.limited.limitResponse.queuing.queues"),
          levelNumber("HandSize", "spec.limited.limitResponse.queuing.handSize"),
          levelNumber("QueueLengthLimit", "spec.limited.limitResponse.queuing.queueLengthLimit"),
          age()}});
}

// --- devices -----------------------------------------------------------------------------------

Json claimState(const Json& claim, std::int64_t) {
    std::string text;
    const auto add = [&](std::string_view word) {
        text += (text.empty() ? "" : ",") + std::string(word);
    };
    if (findPath(claim, "metadata.deletionTimestamp"))
        add("deleted");
    if (!findPath(claim, "status.allocation")) {
        if (text.empty())
            add("pending");
        return Json(text);
    }
    add("allocated");
    add(arrayAt(claim, "status.reservedFor").empty() ? "" : "reserved");
    return Json(text.back() == ',' ? text.substr(0, text.size() - 1) : text);
}

void addDevices(KindTable& table) {
    const std::string group = "resource.k8s.io";
    table.push_back({group, "DeviceClass", {name(), age()}});
    table.push_back({group, "ResourceClaimTemplate", {name(), age()}});
    table.push_back(
        {group, "ResourceClaim", {name(), computed("State", "string", claimState), age()}});
    table.push_back({group,
                     "ResourceSlice",
                     {name(), text("Node", "spec.nodeName", "<unset>"),
                      text("Driver", "spec.driver"), text("Pool", "spec.pool.name"), age()}});
}

Json apiServiceAvailable(const Json& service, std::int64_t) {
    for (const Json& condition : arrayAt(service, "status.conditions"))
        if (stringAt(condition, "type") == "Available") {
            std::string text(stringAt(condition, "status"));
            if (text != "True")
                text += " (" + std::string(stringAt(condition, "reason")) + ")";
            return Json(text);
        }
    return Json("Unknown");
}
} // namespace

void addPolicy(KindTable& table) {
    table.push_back({"policy",
                     "PodDisruptionBudget",
                     {name(), bound("Min Available", "spec.minAvailable"),
                      bound("Max Unavailable", "spec.maxUnavailable"),
                      integer("Allowed Disruptions", "status.disruptionsAllowed"), age()}});
    table.push_back({"scheduling.k8s.io",
                     "PriorityClass",
                     {name(), integer("Value", "value"), boolean("Global-Default", "globalDefault"),
                      age(), text("PreemptionPolicy", "preemptionPolicy")}});
    table.push_back({"node.k8s.io", "RuntimeClass", {name(), text("Handler", "handler"), age()}});
    table.push_back({"apiregistration.k8s.io",
                     "APIService",
                     {
                         name(),
                         computed("Service", "string",
                                  [](const Json& service, std::int64_t) {
                                      const Json* ref = findPath(service, "spec.service");
                                      if (!ref || !ref->is_object())
                                          return Json("Local");
                                      return Json(std::string(stringAt(*ref, "namespace")) + "/" +
                                                  std::string(stringAt(*ref, "name")));
                                  }),
                         computed("Available", "string", apiServiceAvailable),
                         age(),
                     }});
    addRoles(table);
    addCertificates(table);
    addAutoscaling(table);
    addAdmission(table);
    addFlow(table);
    addDevices(table);
}

} // namespace orrery::api::columns
