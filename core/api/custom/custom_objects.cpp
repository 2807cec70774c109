// Custom objects on their way in and out.
#include <algorithm>

#include "core/api/custom/custom_schema.h"
#include "core/api/validation/findings.h"

namespace orrery::api {

namespace {
constexpr std::string_view kMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

// What Kubernetes does not look behind: rules in CEL are not run on what is that wrong.
bool blocksRules(const FieldErrors& errors) {
    return std::any_of(errors.begin(), errors.end(), [](const FieldError& error) {
        return error.reason == "FieldValueNotSupported" || error.reason == "FieldValueRequired" ||
               error.reason == "FieldValueTooLong" || error.reason == "FieldValueTooMany" ||
               error.reason == "FieldValueTypeInvalid";
    });
}

void checkReplicas(Findings& findings, const Json& object, const std::string& path) {
    const Json* value = findPath(object, path);
    if (!value || !value->is_number())
        return;
    const std::int64_t replicas = intAt(object, path);
    if (replicas < 0)
        findings.invalid("." + path, *value, "should be a non-negative integer");
    else if (replicas > INT32_MAX)
        findings.invalid("." + path, *value,
                         "should be less than or equal to " + std::to_string(INT32_MAX));
}

void normaliseMetadata(Json& object, NormaliseReport& report) {
    Json* metadata = find(object, "metadata");
    if (!metadata)
        return;
    if (metadata->is_null()) {
        object.get_object().erase("metadata");
        return;
    }
    static const Type& type = *Schema::builtIn().find(kMeta);
    normalise(type, *metadata, report);
}

void stampAs(const KindDef& kind, JsonObject& object) {
    ensureMember(object, "apiVersion") = kind.apiVersion();
    ensureMember(object, "kind") = kind.kind;
}
} // namespace

std::string normaliseCustom(const KindDef& kind, Json& object, std::vector<std::string>& unknown) {
    if (!object.is_object())
        return "json: cannot unmarshal into Go value of type map[string]interface {}";
    NormaliseReport report;
    normaliseMetadata(object, report);
    if (!report.error.empty())
        return std::move(report.error);
    for (const std::string& path : report.unknownFields)
        unknown.push_back("metadata." + path);
    const SchemaNode& schema = kind.customSchema->root;
    pruneUnknown(schema, object, &unknown);
    return schema.embeddedBelow ? coerceEmbedded(schema, object, unknown) : std::string();
}

Json convertCustom(const KindDef& to, Json object) {
    JsonObject* fields = object.if_object();
    if (!fields)
        return object;
    if (stringAt(object, "apiVersion") != to.apiVersion())
        pruneUnknown(to.customSchema->root, object, nullptr);
    stampAs(to, *fields);
    return object;
}

Json readStoredCustom(const KindDef& kind, Json object) {
    const std::string_view stored = stringAt(object, "apiVersion");
    const auto is = [&stored](const KindDef* version) { return version->apiVersion() == stored; };
    const auto found = std::find_if(kind.versions.begin(), kind.versions.end(), is);
    const KindDef& from = found == kind.versions.end() ? *kind.stored : **found;
    pruneUnknown(from.customSchema->root, object, nullptr);
    applySchemaDefaults(from.customSchema->root, object);
    return convertCustom(kind, std::move(object));
}

FieldErrors validateCustom(const KindDef& kind, const Json& object, const Json* old) {
    const SchemaNode& schema = kind.customSchema->root;
    Findings findings;
    findings.append(validateBySchema(schema, object, old));
    if (kind.scaleSubresource) {
        checkReplicas(findings, object, kind.specReplicasPath);
        checkReplicas(findings, object, kind.statusReplicasPath);
    }
    if (schema.embeddedBelow)
        findings.append(checkEmbedded(schema, object));
    // Items that were there twice already may stay.
    if (schema.uniqueListsBelow && (!old || checkUniqueItems(schema, *old).empty()))
        findings.append(checkUniqueItems(schema, object));
    FieldErrors errors = findings.take();
    if (schema.celBelow && blocksRules(errors)) {
        findings = Findings();
        findings.invalid("<nil>", Json(),
                         "some validation rules were not checked because the object was invalid; "
                         "correct the existing errors to complete validation");
        for (FieldError& error : findings.take())
            errors.push_back(std::move(error));
    }
    return errors;
}

} // namespace orrery::api
