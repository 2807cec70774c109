#include "core/api/openapi.h"
#include "core/api/openapi_parts.h"
#include "core/api/openapi_protobuf.h"

namespace orrery::api {

namespace {
std::string documentPath(const KindDef& kind) {
    return (kind.group.empty() ? "api/" : "apis/") + kind.apiVersion();
}

Json parameter(std::string_view name, std::string_view in) {
    const OpenApiParameter& facts = openApiParameter(name);
    JsonObject out;
    out["name"] = name;
    out["in"] = in;
    out["description"] = facts.description;
    if (in == "path")
        out["required"] = true;
    out["schema"] = JsonObject{{"type", facts.type}, {"uniqueItems", true}};
    return out;
}

Json content(const std::vector<std::string_view>& mediaTypes, const std::string& type) {
    JsonObject out;
    for (const std::string_view mediaType : mediaTypes)
        out[mediaType] =
            JsonObject{{"schema", JsonObject{{"$ref", "#/components/schemas/" + type}}}};
    return out;
}

Json operationJson(const OpenApiOperation& operation) {
    static const std::vector<std::string_view> kAnswers = {
        "application/json", "application/vnd.kubernetes.protobuf", "application/yaml"};
    static const std::vector<std::string_view> kCustomAnswers = {"application/json",
                                                                 "application/yaml"};
    static const std::vector<std::string_view> kPatches = {
        "application/apply-patch+yaml", "application/json-patch+json",
        "application/merge-patch+json", "application/strategic-merge-patch+json"};
    static const std::vector<std::string_view> kCustomPatches = {"application/apply-patch+yaml",
                                                                 "application/json-patch+json",
                                                                 "application/merge-patch+json"};
    static const std::vector<std::string_view> kBodies = {"application/json"};
    JsonObject out;
    out["operationId"] = operation.operationId;
    JsonArray parameters;
    for (const std::string_view name : operation.query)
        parameters.push_back(parameter(name, "query"));
    out["parameters"] = std::move(parameters);
    if (!operation.body.empty()) {
        const auto& patches = operation.custom ? kCustomPatches : kPatches;
        JsonObject body{
            {"content", content(operation.action == "patch" ? patches : kBodies, operation.body)}};
        if (operation.action != "delete" && operation.action != "deletecollection")
            body["required"] = true;
        out["requestBody"] = std::move(body);
    }
    JsonObject ok{{"description", "OK"}};
    if (!operation.answer.empty())
        ok["content"] = content(operation.custom ? kCustomAnswers : kAnswers, operation.answer);
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

// Names a document's content without building it: it changes exactly when a kind of it does.
class ContentHash {
  public:
    void add(std::string_view text) {
        for (const char c : text) {
            one_ = (one_ ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
            two_ = (two_ + static_cast<unsigned char>(c)) * 6364136223846793005ULL +
                   1442695040888963407ULL;
        }
        add8(static_cast<unsigned char>(text.size()));
    }
    std::string hex() const {
        static constexpr char kDigits[] = "0123456789ABCDEF";
        std::string result;
        for (const std::uint64_t part : {one_, two_})
            for (int shift = 60; shift >= 0; shift -= 4)
                result += kDigits[part >> shift & 15U];
        return result;
    }

  private:
    void add8(unsigned char byte) { one_ = (one_ ^ byte) * 1099511628211ULL; }
    std::uint64_t one_ = 14695981039346656037ULL;
    std::uint64_t two_ = 88172645463325252ULL;
};

void addKind(ContentHash& hash, const KindDef& kind) {
    hash.add("1"); // raise when the documents' shape changes
    hash.add(kind.apiVersion());
    hash.add(kind.kind);
    hash.add(kind.plural);
    for (const Subresource& sub : kind.subresources)
        hash.add(sub.name);
    if (kind.openApiSchema)
        hash.add(serializeJson(*kind.openApiSchema));
}
Json document(const KindRegistry& kinds, std::string_view path) {
    std::vector<const KindDef*> members;
    JsonObject paths;
    for (const KindDef* kind : kinds.all()) {
        if (documentPath(*kind) != path)
            continue;
        members.push_back(kind);
        for (const OpenApiPath& each : openApiPaths(*kind))
            paths[each.path] = pathJson(each);
    }
    if (members.empty())
        return nullptr;
    JsonObject document;
    document["openapi"] = "3.0.0";
    document["info"] = JsonObject{{"title", "Kubernetes"}, {"version", "v1.36.0"}};
    document["paths"] = std::move(paths);
    document["components"] = JsonObject{{"schemas", openApiDefinitions(members, true)}};
    return document;
}
} // namespace

std::string openApiV3Hash(const KindRegistry& kinds, std::string_view path) {
    ContentHash hash;
    bool found = false;
    for (const KindDef* kind : kinds.all())
        if (documentPath(*kind) == path) {
            addKind(hash, *kind);
            found = true;
        }
    return found ? hash.hex() : std::string();
}

std::string openApiV3Index(const KindRegistry& kinds) {
    JsonObject paths;
    for (const KindDef* kind : kinds.all()) {
        const std::string path = documentPath(*kind);
        if (!paths.contains(path))
            paths[path] =
                JsonObject{{"serverRelativeURL",
                            "/openapi/v3/" + path + "?hash=" + openApiV3Hash(kinds, path)}};
    }
    return serializeJson(JsonObject{{"paths", std::move(paths)}});
}

std::string openApiV3Json(const KindRegistry& kinds, std::string_view path) {
    const Json made = document(kinds, path);
    return made.is_null() ? std::string() : serializeJson(made);
}

std::string openApiV3Protobuf(const KindRegistry& kinds, std::string_view path) {
    const Json made = document(kinds, path);
    return made.is_null() ? std::string() : openApiV3Message(made);
}

} // namespace orrery::api
