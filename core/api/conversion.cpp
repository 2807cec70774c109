// Versions of a kind whose fields differ: Event (core and events.k8s.io) and
// HorizontalPodAutoscaler.
#include "core/api/custom/custom_schema.h"
#include "core/api/defaults.h"
#include "core/api/defaults/set.h"
#include "core/api/schema.h"

namespace orrery::api {

namespace {
constexpr std::string_view kMetrics = "autoscaling.alpha.kubernetes.io/metrics";
constexpr std::string_view kCurrentMetrics = "autoscaling.alpha.kubernetes.io/current-metrics";
constexpr std::string_view kConditions = "autoscaling.alpha.kubernetes.io/conditions";
constexpr std::string_view kBehavior = "autoscaling.alpha.kubernetes.io/behavior";

struct Rename {
    std::string_view core, events;
};
constexpr Rename kEventFields[] = {
    {"involvedObject", "regarding"},
    {"message", "note"},
    {"source", "deprecatedSource"},
    {"firstTimestamp", "deprecatedFirstTimestamp"},
    {"lastTimestamp", "deprecatedLastTimestamp"},
    {"count", "deprecatedCount"},
    {"reportingComponent", "reportingController"},
};

void renameMember(JsonObject& object, std::string_view from, std::string_view to) {
    Json* value = object.if_contains(from);
    if (!value)
        return;
    Json moved = std::move(*value);
    object.erase(from);
    object[to] = std::move(moved);
}

void convertEvent(JsonObject& event, bool toCore) {
    for (const Rename& each : kEventFields)
        renameMember(event, toCore ? each.events : each.core, toCore ? each.core : each.events);
}

// A rename of every key below: {"ScaleUp": {...}} <-> {"scaleUp": {...}}, as Go's names and JSON's
// names.
Json withFirstLetter(const Json& value, bool upper) {
    if (const JsonArray* items = value.if_array()) {
        JsonArray result;
        for (const Json& item : *items)
            result.push_back(withFirstLetter(item, upper));
        return result;
    }
    const JsonObject* object = value.if_object();
    if (!object)
        return value;
    JsonObject result;
    for (const auto& [key, member] : *object) {
        std::string name(key);
        if (!name.empty() && upper && name[0] >= 'a' && name[0] <= 'z')
            name[0] = static_cast<char>(name[0] - 'a' + 'A');
        else if (!name.empty() && !upper && name[0] >= 'A' && name[0] <= 'Z')
            name[0] = static_cast<char>(name[0] - 'A' + 'a');
        if (upper || !member.is_null())
            result[name] = withFirstLetter(member, upper);
    }
    return result;
}

// The annotation's form of one direction's rules: every member present, null when nobody set it.
Json annotatedRules(const Json& rules) {
    JsonObject result;
    for (const char* key :
         {"stabilizationWindowSeconds", "selectPolicy", "policies", "tolerance"}) {
        const Json* value = find(rules, key);
        result[key] = value ? *value : Json();
    }
    JsonArray* policies = result["policies"].if_array();
    for (std::size_t i = 0; policies && i < policies->size(); ++i) {
        Json& policy = (*policies)[i];
        JsonObject ordered;
        for (const char* key : {"type", "value", "periodSeconds"})
            if (const Json* value = find(policy, key))
                ordered[key] = *value;
        policy = std::move(ordered);
    }
    return result;
}

std::string annotatedBehavior(const Json& behavior) {
    JsonObject result;
    for (const char* direction : {"scaleUp", "scaleDown"}) {
        const Json* rules = find(behavior, direction);
        result[direction] = rules ? annotatedRules(*rules) : Json();
    }
    return serializeJson(withFirstLetter(result, true));
}

// Old and new names of one metric source's parts. In the old form target and current are flat.
Json flatMetric(const Json& metric, bool current) {
    const std::string type(stringAt(metric, "type"));
    JsonObject result{{"type", type}};
    std::string key = type;
    if (!key.empty())
        key[0] = static_cast<char>(key[0] - 'A' + 'a');
    const Json* source = find(metric, key);
    if (!source)
        return result;
    const Json* amount = find(*source, current ? "current" : "target");
    JsonObject flat;
    const auto put = [&flat](std::string_view name, const Json* value) {
        if (value)
            flat[name] = *value;
    };
    const std::string prefix = current ? "current" : "target";
    const Json* described = find(*source, "describedObject");
    put("target", described);
    const Json* name = findPath(*source, "metric.name");
    put("metricName", name);
    put("name", find(*source, "name"));
    put("container", find(*source, "container"));
    put(type == "External" ? "metricSelector" : "selector", findPath(*source, "metric.selector"));
    if (amount) {
        put(prefix + "AverageUtilization", find(*amount, "averageUtilization"));
        const bool object = type == "Object";
        put(prefix + "Value", find(*amount, "value"));
        put(object ? "averageValue" : prefix + "AverageValue", find(*amount, "averageValue"));
    }
    result[key] = std::move(flat);
    return result;
}

Json nestedMetric(const Json& metric, bool current) {
    const std::string type(stringAt(metric, "type"));
    JsonObject result{{"type", type}};
    std::string key = type;
    if (!key.empty())
        key[0] = static_cast<char>(key[0] - 'A' + 'a');
    const Json* flat = find(metric, key);
    if (!flat)
        return result;
    const std::string prefix = current ? "current" : "target";
    JsonObject source, named, amount;
    const auto move = [&flat](JsonObject& to, std::string_view name, std::string_view from) {
        if (const Json* value = find(*flat, from))
            to[name] = *value;
    };
    move(source, "describedObject", "target");
    move(source, "name", "name");
    move(source, "container", "container");
    move(named, "name", "metricName");
    move(named, "selector", type == "External" ? "metricSelector" : "selector");
    move(amount, "averageUtilization", prefix + "AverageUtilization");
    move(amount, "value", prefix + "Value");
    move(amount, "averageValue", type == "Object" ? "averageValue" : prefix + "AverageValue");
    if (!named.empty())
        source["metric"] = std::move(named);
    if (!current)
        amount["type"] = amount.contains("averageUtilization") ? "Utilization"
                         : amount.contains("value")            ? "Value"
                                                               : "AverageValue";
    source[current ? "current" : "target"] = std::move(amount);
    result[key] = std::move(source);
    return result;
}

bool isCpuUtilization(const Json& metric, std::string_view part) {
    return stringAt(metric, "type") == "Resource" && stringAt(metric, "resource.name") == "cpu" &&
           findPath(metric, std::string("resource.") + std::string(part) + ".averageUtilization");
}

void annotate(JsonObject& object, std::string_view key, std::string text) {
    ensureObject(ensureObject(object, "metadata"), "annotations")[key] = std::move(text);
}

// Takes an annotation's JSON out; null when there is none.
Json takeAnnotation(JsonObject& object, std::string_view key) {
    JsonObject* metadata = objectIn(object, "metadata");
    JsonObject* annotations = metadata ? objectIn(*metadata, "annotations") : nullptr;
    const Json* text = annotations ? annotations->if_contains(key) : nullptr;
    if (!text)
        return nullptr;
    Result<Json> parsed = parseJson(asString(*text));
    annotations->erase(key);
    if (annotations->empty())
        metadata->erase("annotations");
    return parsed ? std::move(*parsed) : Json();
}

// Metrics to their version 1 form: the first cpu utilization to `field`, the others to an
// annotation.
void foldMetrics(JsonObject& object, JsonObject& part, std::string_view list,
                 std::string_view field, std::string_view annotation, bool current) {
    Json* metrics = part.if_contains(list);
    JsonArray others;
    if (metrics && metrics->is_array()) {
        for (const Json& metric : metrics->get_array()) {
            if (!part.contains(field) && isCpuUtilization(metric, current ? "current" : "target"))
                part[field] = *findPath(metric, current ? "resource.current.averageUtilization"
                                                        : "resource.target.averageUtilization");
            else
                others.push_back(flatMetric(metric, current));
        }
    }
    part.erase(list);
    if (!others.empty())
        annotate(object, annotation, serializeJson(others));
}

void unfoldMetrics(JsonObject& object, JsonObject& part, std::string_view list,
                   std::string_view field, std::string_view annotation, bool current) {
    JsonArray metrics;
    if (const Json* percent = part.if_contains(field)) {
        JsonObject amount;
        if (!current)
            amount["type"] = "Utilization";
        amount["averageUtilization"] = *percent;
        JsonObject resource{{"name", "cpu"}};
        resource[current ? "current" : "target"] = std::move(amount);
        metrics.push_back(JsonObject{{"type", "Resource"}, {"resource", std::move(resource)}});
        part.erase(field);
    }
    const Json others = takeAnnotation(object, annotation);
    if (const JsonArray* items = others.if_array())
        for (const Json& item : *items)
            metrics.push_back(nestedMetric(item, current));
    if (!metrics.empty())
        part[list] = std::move(metrics);
}

void autoscalerToV1(JsonObject& object) {
    if (JsonObject* spec = objectIn(object, "spec")) {
        foldMetrics(object, *spec, "metrics", "targetCPUUtilizationPercentage", kMetrics, false);
        if (const Json* behavior = spec->if_contains("behavior")) {
            annotate(object, kBehavior, annotatedBehavior(*behavior));
            spec->erase("behavior");
        }
    }
    if (JsonObject* status = objectIn(object, "status")) {
        foldMetrics(object, *status, "currentMetrics", "currentCPUUtilizationPercentage",
                    kCurrentMetrics, true);
        if (const Json* conditions = status->if_contains("conditions")) {
            annotate(object, kConditions, serializeJson(*conditions));
            status->erase("conditions");
        }
    }
}

void autoscalerToV2(JsonObject& object) {
    JsonObject& spec = ensureObject(object, "spec");
    unfoldMetrics(object, spec, "metrics", "targetCPUUtilizationPercentage", kMetrics, false);
    if (const Json behavior = takeAnnotation(object, kBehavior); behavior.is_object())
        spec["behavior"] = withFirstLetter(behavior, false);
    JsonObject& status = ensureObject(object, "status");
    unfoldMetrics(object, status, "currentMetrics", "currentCPUUtilizationPercentage",
                  kCurrentMetrics, true);
    if (Json conditions = takeAnnotation(object, kConditions); conditions.is_array())
        status["conditions"] = std::move(conditions);
}
} // namespace

Json convertVersion(const KindDef& from, const KindDef& to, Json object) {
    if ((from.group == to.group && from.version == to.version) || !object.is_object())
        return object;
    if (to.customSchema)
        return convertCustom(to, std::move(object));
    JsonObject& fields = object.get_object();
    if (to.kind == "Event" && from.group != to.group)
        convertEvent(fields, to.group.empty());
    else if (to.group == "autoscaling" && to.version == "v1")
        autoscalerToV1(fields);
    else if (to.group == "autoscaling" && to.version == "v2")
        autoscalerToV2(fields);
    fields["apiVersion"] = to.apiVersion();
    fields["kind"] = to.kind;
    const Type* type = Schema::builtIn().find(to.schema);
    if (type && (to.schema != from.schema)) {
        NormaliseReport report; // what the other version always writes, or leaves out
        normalise(*type, object, report);
    }
    return object;
}

} // namespace orrery::api
