#include "core/api/openapi.h"
#include "core/api/openapi_parts.h"
#include "core/api/openapi_protobuf.h"

namespace orrery::api {

namespace {
Json parameter(std::string_view name, std::string_view in) {
    const OpenApiParameter& facts = openApiParameter(name);
    JsonObject out;
    out["name"] = name;
    out["in"] = in;
    out["description"] = facts.description;
    if (in == "path")
        out["required"] = true;
    out["type"] = facts.type;
    out["uniqueItems"] = true;
    return out;
}

Json schemaOf(const std::string& type) {
    return JsonObject{{"$ref", "#/definitions/" + type}};
}

Json operationJson(const OpenApiOperation& operation) {
    JsonObject out;
    out["operationId"] = operation.operationId;
    JsonArray patches{"application/json-patch+json", "application/merge-patch+json"};
    JsonArray answers{"application/json", "application/yaml"};
    if (!operation.custom) {
        patches.emplace_back("application/strategic-merge-patch+json");
        answers.emplace_back("application/vnd.kubernetes.protobuf");
    }
    patches.emplace_back("application/apply-patch+yaml");
    if (operation.action == "patch")
        out["consumes"] = std::move(patches);
    out["produces"] = std::move(answers);
    JsonArray parameters;
    if (!operation.body.empty()) {
        JsonObject body{{"name", "body"}, {"in", "body"}, {"schema", schemaOf(operation.body)}};
        if (operation.method != "delete")
            body["required"] = true;
        parameters.push_back(std::move(body));
    }
    for (const std::string_view name : operation.query)
        parameters.push_back(parameter(name, "query"));
    out["parameters"] = std::move(parameters);
    JsonObject ok{{"description", "OK"}};
    if (!operation.answer.empty())
        ok["schema"] = schemaOf(operation.answer);
    JsonObject responses{{"200", std::move(ok)}};
    responses["401"] = JsonObject{{"description", "Unauthorized"}};
    out["responses"] = std::move(responses);
    out["x-kubernetes-action"] = operation.action;
    out["x-kubernetes-group-version-kind"] = JsonObject{{"group", operation.gvk.group},
                                                        {"kind", operation.gvk.kind},
                                                        {"version", operation.gvk.version}};
    return out;
}

Json pathJson(const OpenApiPath& path) {
    JsonObject out;
    for (const OpenApiOperation& operation : path.operations)
        out[operation.method] = operationJson(operation);
    JsonArray parameters;
    for (const std::string_view name : {std::string_view("name"), std::string_view("namespace")})
        if (path.path.find("{" + std::string(name) + "}") != std::string::npos)
            parameters.push_back(parameter(name, "path"));
    if (!parameters.empty())
        out["parameters"] = std::move(parameters);
    return out;
}

Json document(const KindRegistry& kinds) {
    JsonObject paths;
    for (const KindDef* kind : kinds.all())
        for (const OpenApiPath& each : openApiPaths(*kind))
            paths[each.path] = pathJson(each);
    JsonObject result;
    result["swagger"] = "2.0";
    result["info"] = JsonObject{{"title", "Kubernetes"}, {"version", "v1.36.0"}};
    result["paths"] = std::move(paths);
    result["definitions"] = openApiDefinitions(kinds.all(), false);
    return result;
}
} // namespace

std::string openApiV2Json(const KindRegistry& kinds) {
    return serializeJson(document(kinds));
}

std::string openApiV2Protobuf(const KindRegistry& kinds) {
    return openApiV2Message(document(kinds));
}

} // namespace orrery::api
