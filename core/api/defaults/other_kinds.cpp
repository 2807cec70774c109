// Defaults of the kinds of smaller groups.
#include "core/api/defaults/kind_defaults.h"
#include "core/api/defaults/set.h"
#include "core/api/schema.h"

namespace orrery::api {

namespace {
void defaultScalingRules(JsonObject& behavior, const char* direction, bool up) {
    JsonObject& rules = ensureObject(behavior, direction);
    if (up)
        setDefault(rules, "stabilizationWindowSeconds", 0);
    setDefault(rules, "selectPolicy", "Max");
    if (rules.contains("policies"))
        return;
    JsonArray policies;
    if (up)
        policies.push_back(JsonObject{{"type", "Pods"}, {"value", 4}, {"periodSeconds", 15}});
    policies.push_back(JsonObject{{"type", "Percent"}, {"value", 100}, {"periodSeconds", 15}});
    rules["policies"] = std::move(policies);
}
} // namespace

void defaultAutoscalerV2(Json& object) {
    JsonObject* spec = objectIn(object, "spec");
    if (!spec)
        return;
    setDefault(*spec, "minReplicas", 1);
    if (!spec->contains("metrics")) {
        JsonObject target{{"type", "Utilization"}, {"averageUtilization", 80}};
        JsonObject resource{{"name", "cpu"}, {"target", std::move(target)}};
        (*spec)["metrics"] =
            JsonArray{JsonObject{{"type", "Resource"}, {"resource", std::move(resource)}}};
    }
    if (JsonObject* behavior = objectIn(*spec, "behavior")) {
        defaultScalingRules(*behavior, "scaleUp", true);
        defaultScalingRules(*behavior, "scaleDown", false);
    }
}

void defaultAutoscalerV1(Json& object) {
    JsonObject* spec = objectIn(object, "spec");
    if (!spec)
        return;
    setDefault(*spec, "minReplicas", 1);
    // The other metrics of such an object are in an annotation: then there is no default one.
    const JsonObject& annotations = objectAt(object, "metadata.annotations");
    if (!annotations.contains("autoscaling.alpha.kubernetes.io/metrics"))
        setDefault(*spec, "targetCPUUtilizationPercentage", 80);
}

void defaultIngressClass(Json& object) {
    if (JsonObject* spec = objectIn(object, "spec"))
        if (JsonObject* parameters = objectIn(*spec, "parameters"))
            setDefault(*parameters, "scope", "Cluster");
}

void defaultNetworkPolicy(Json& object) {
    JsonObject* spec = objectIn(object, "spec");
    if (!spec)
        return;
    for (const char* direction : {"ingress", "egress"})
        eachIn(*spec, direction, [](JsonObject& rule) {
            eachIn(rule, "ports", [](JsonObject& port) { setDefault(port, "protocol", "TCP"); });
        });
    if (spec->contains("policyTypes"))
        return;
    JsonArray types{"Ingress"};
    if (!arrayAt(object, "spec.egress").empty())
        types.push_back("Egress");
    (*spec)["policyTypes"] = std::move(types);
}

void defaultEndpointSlice(Json& object) {
    eachIn(object.get_object(), "ports", [](JsonObject& port) {
        setDefault(port, "name", "");
        setDefault(port, "protocol", "TCP");
    });
}

void defaultRoleBinding(Json& object) {
    constexpr const char* kGroup = "rbac.authorization.k8s.io";
    if (JsonObject* role = objectIn(object, "roleRef"))
        if (textIn(*role, "apiGroup").empty())
            (*role)["apiGroup"] = kGroup;
    eachIn(object.get_object(), "subjects", [](JsonObject& subject) {
        const std::string_view kind = textIn(subject, "kind");
        if (kind == "User" || kind == "Group")
            setDefault(subject, "apiGroup", kGroup);
    });
}

void defaultStorageClass(Json& object) {
    setDefault(object.get_object(), "reclaimPolicy", "Delete");
    setDefault(object.get_object(), "volumeBindingMode", "Immediate");
}

void defaultCsiDriver(Json& object) {
    JsonObject* spec = objectIn(object, "spec");
    if (!spec)
        return;
    setDefault(*spec, "attachRequired", true);
    setDefault(*spec, "podInfoOnMount", false);
    setDefault(*spec, "storageCapacity", false);
    setDefault(*spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
    setDefault(*spec, "volumeLifecycleModes", JsonArray{"Persistent"});
    setDefault(*spec, "requiresRepublish", false);
    setDefault(*spec, "seLinuxMount", false);
}

void defaultPriorityClass(Json& object) {
    setDefault(object.get_object(), "preemptionPolicy", "PreemptLowerPriority");
}

namespace {
void defaultServicePortOf(JsonObject& holder) {
    if (JsonObject* service = objectIn(holder, "service"))
        setDefault(*service, "port", 443);
}

void defaultMatch(JsonObject& match) {
    setDefault(match, "matchPolicy", "Equivalent");
    setDefault(match, "namespaceSelector", JsonObject());
    setDefault(match, "objectSelector", JsonObject());
    for (const char* rules : {"resourceRules", "excludeResourceRules"})
        eachIn(match, rules, [](JsonObject& rule) { setDefault(rule, "scope", "*"); });
}

void defaultWebhook(JsonObject& webhook) {
    setDefault(webhook, "failurePolicy", "Fail");
    setDefault(webhook, "matchPolicy", "Equivalent");
    setDefault(webhook, "namespaceSelector", JsonObject());
    setDefault(webhook, "objectSelector", JsonObject());
    setDefault(webhook, "timeoutSeconds", 10);
    eachIn(webhook, "rules", [](JsonObject& rule) { setDefault(rule, "scope", "*"); });
    if (JsonObject* client = objectIn(webhook, "clientConfig"))
        defaultServicePortOf(*client);
}
} // namespace

void defaultValidatingWebhooks(Json& object) {
    eachIn(object.get_object(), "webhooks", defaultWebhook);
}

void defaultMutatingWebhooks(Json& object) {
    eachIn(object.get_object(), "webhooks", [](JsonObject& webhook) {
        defaultWebhook(webhook);
        setDefault(webhook, "reinvocationPolicy", "Never");
    });
}

void defaultAdmissionPolicy(Json& object) {
    JsonObject* spec = objectIn(object, "spec");
    if (!spec)
        return;
    setDefault(*spec, "failurePolicy", "Fail");
    if (JsonObject* match = objectIn(*spec, "matchConstraints"))
        defaultMatch(*match);
}

void defaultAdmissionBinding(Json& object) {
    if (JsonObject* spec = objectIn(object, "spec"))
        if (JsonObject* match = objectIn(*spec, "matchResources"))
            defaultMatch(*match);
}

namespace {
// The places that hold a schema or something else (items, additionalProperties) have no type of
// their own: a schema there is read like every other.
void normaliseNestedSchemas(Json& schema) {
    static const Type& type =
        *Schema::builtIn().find("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."
                                "JSONSchemaProps");
    for (const char* key : {"items", "additionalProperties"})
        if (Json* nested = find(schema, key); nested && nested->is_object()) {
            NormaliseReport report;
            normalise(type, *nested, report);
            normaliseNestedSchemas(*nested);
        }
    for (const char* key : {"allOf", "anyOf", "oneOf"})
        if (Json* list = find(schema, key); list && list->is_array())
            for (Json& each : list->get_array())
                normaliseNestedSchemas(each);
    if (Json* no = find(schema, "not"))
        normaliseNestedSchemas(*no);
    if (Json* properties = find(schema, "properties"); properties && properties->is_object())
        for (auto& each : properties->get_object())
            normaliseNestedSchemas(each.value());
}
} // namespace

void defaultCustomResourceDefinition(Json& object) {
    JsonObject* spec = objectIn(object, "spec");
    if (!spec)
        return;
    if (JsonObject* names = objectIn(*spec, "names")) {
        std::string kind(textIn(*names, "kind"));
        if (!kind.empty()) {
            setDefault(*names, "listKind", Json(kind + "List"));
            for (char& c : kind)
                c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            setDefault(*names, "singular", Json(kind));
        }
    }
    if (Json* versions = spec->if_contains("versions"); versions && versions->is_array())
        for (Json& version : versions->get_array())
            if (Json* schema = find(version, "schema"))
                if (Json* root = find(*schema, "openAPIV3Schema"))
                    normaliseNestedSchemas(*root);
    JsonObject& conversion = ensureObject(*spec, "conversion");
    setDefault(conversion, "strategy", "None");
    if (JsonObject* webhook = objectIn(conversion, "webhook"))
        if (JsonObject* client = objectIn(*webhook, "clientConfig"))
            defaultServicePortOf(*client);
}

void defaultFlowSchema(Json& object) {
    if (JsonObject* spec = objectIn(object, "spec"))
        if (intIn(*spec, "matchingPrecedence") == 0)
            (*spec)["matchingPrecedence"] = 1000;
}

void defaultPriorityLevel(Json& object) {
    JsonObject* spec = objectIn(object, "spec");
    if (!spec)
        return;
    if (JsonObject* exempt = objectIn(*spec, "exempt")) {
        setDefault(*exempt, "nominalConcurrencyShares", 0);
        setDefault(*exempt, "lendablePercent", 0);
    }
    JsonObject* limited = objectIn(*spec, "limited");
    if (!limited)
        return;
    setDefault(*limited, "nominalConcurrencyShares", 30);
    setDefault(*limited, "lendablePercent", 0);
    JsonObject* response = objectIn(*limited, "limitResponse");
    JsonObject* queuing = response ? objectIn(*response, "queuing") : nullptr;
    if (!queuing)
        return;
    const auto positive = [queuing](const char* field, int otherwise) {
        if (intIn(*queuing, field) == 0)
            (*queuing)[field] = otherwise;
    };
    positive("queues", 64);
    positive("handSize", 8);
    positive("queueLengthLimit", 50);
}

namespace {
void defaultDeviceRequest(JsonObject& request) {
    setDefault(request, "allocationMode", "ExactCount");
    if (textIn(request, "allocationMode") == "ExactCount")
        setDefault(request, "count", 1);
    eachIn(request, "tolerations",
           [](JsonObject& toleration) { setDefault(toleration, "operator", "Equal"); });
}

void defaultClaimDevices(JsonObject* spec) {
    JsonObject* devices = spec ? objectIn(*spec, "devices") : nullptr;
    if (!devices)
        return;
    eachIn(*devices, "requests", [](JsonObject& request) {
        if (JsonObject* exactly = objectIn(request, "exactly"))
            defaultDeviceRequest(*exactly);
        eachIn(request, "firstAvailable", defaultDeviceRequest);
    });
}
} // namespace

void defaultResourceClaim(Json& object) {
    defaultClaimDevices(objectIn(object, "spec"));
}

void defaultResourceClaimTemplate(Json& object) {
    if (JsonObject* spec = objectIn(object, "spec"))
        defaultClaimDevices(objectIn(*spec, "spec"));
}

void defaultApiService(Json& object) {
    if (JsonObject* spec = objectIn(object, "spec"))
        defaultServicePortOf(*spec);
}

void defaultTokenRequest(Json& object) {
    setDefault(ensureObject(object.get_object(), "spec"), "expirationSeconds", 3600);
}

} // namespace orrery::api
