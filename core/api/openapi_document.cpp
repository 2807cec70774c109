// OpenAPI documents of both versions, written as text.
#include <algorithm>

#include "core/api/json_text.h"
#include "core/api/openapi.h"
#include "core/api/openapi_facts.h"
#include "core/api/openapi_parts.h"
#include "core/api/openapi_protobuf.h"
#include "core/base/digest.h"

namespace orrery::api {

namespace {
using Names = std::vector<std::string_view>;
constexpr std::string_view kShape = "2"; // raise when the documents' shape changes

const Names kObjects = {"application/json", "application/yaml",
                        "application/vnd.kubernetes.protobuf"};
const Names kLists = {"application/json", "application/yaml", "application/vnd.kubernetes.protobuf",
                      "application/json;stream=watch",
                      "application/vnd.kubernetes.protobuf;stream=watch"};
const Names kLogs = {"text/plain", "application/json", "application/yaml",
                     "application/vnd.kubernetes.protobuf"};
const Names kAnything = {"*/*"};
const Names kJson = {"application/json"};
const Names kKeySet = {"application/jwk-set+json"};
const Names kNothing = {};

// Custom objects have no protobuf form.
const Names& produced(OpenApiMedia media, bool custom) {
    static const Names kCustom = {"application/json", "application/yaml"};
    if (custom)
        return kCustom;
    switch (media) {
    case OpenApiMedia::Object:
    case OpenApiMedia::Document:
        return kObjects;
    case OpenApiMedia::List:
        return kLists;
    case OpenApiMedia::Log:
        return kLogs;
    case OpenApiMedia::Anything:
        return kAnything;
    case OpenApiMedia::Json:
        return kJson;
    case OpenApiMedia::KeySet:
        return kKeySet;
    }
    return kNothing;
}

const Names& consumed(const OpenApiOperation& operation) {
    static const Names kPatches = {"application/json-patch+json", "application/merge-patch+json",
                                   "application/strategic-merge-patch+json",
                                   "application/apply-patch+yaml"};
    static const Names kCustomPatches = {"application/json-patch+json",
                                         "application/merge-patch+json",
                                         "application/apply-patch+yaml"};
    if (operation.action == "patch")
        return operation.custom ? kCustomPatches : kPatches;
    if (operation.media == OpenApiMedia::Document)
        return kObjects;
    if (operation.media == OpenApiMedia::Json) // of the two, the one that is an object
        return operation.answer.empty() ? kNothing : kJson;
    if (operation.media == OpenApiMedia::KeySet)
        return kNothing;
    return kAnything;
}

std::string_view wordOf(int code) {
    return code == 200 ? "OK" : code == 201 ? "Created" : code == 202 ? "Accepted" : "Unauthorized";
}

// The parameters that every operation of a path has: they are told once.
Names commonParameters(const OpenApiPath& path) {
    Names common = path.operations.front().parameters;
    for (const OpenApiOperation& operation : path.operations)
        std::erase_if(common, [&operation](std::string_view name) {
            return !std::binary_search(operation.parameters.begin(), operation.parameters.end(),
                                       name);
        });
    return common;
}

class DocumentWriter {
  public:
    explicit DocumentWriter(OpenApiVersion version) : version_(version) {}

    std::string write(const std::vector<OpenApiPath>& paths,
                      const std::vector<const KindDef*>& kinds, std::string_view groupVersion) {
        out_.open('{').member(two() ? "swagger" : "openapi", two() ? "2.0" : "3.0.0");
        out_.key("info").open('{').member("title", "Kubernetes").member("version", "v1.36.0");
        out_.close('}').key("paths").open('{');
        for (const OpenApiPath& path : paths)
            writePath(path);
        out_.close('}');
        const std::string definitions = openApiDefinitions(types_, kinds, version_, groupVersion);
        static constexpr std::string_view kToken =
            R"({"BearerToken":{"type":"apiKey","name":"authorization","in":"header",)"
            R"("description":"The token of a user or service account."}})";
        if (two()) {
            out_.key("definitions").raw(definitions);
            writeSharedParameters();
            out_.key("securityDefinitions").raw(kToken);
            out_.key("security").raw(R"([{"BearerToken":[]}])");
        } else {
            out_.key("components").open('{');
            if (!types_.empty())
                out_.key("schemas").raw(definitions);
            out_.key("securitySchemes").raw(kToken).close('}');
        }
        out_.close('}');
        return std::move(out_.out());
    }

  private:
    bool two() const { return version_ == OpenApiVersion::V2; }

    void writePath(const OpenApiPath& path) {
        const Names common = commonParameters(path);
        out_.key(path.path).open('{');
        for (const OpenApiOperation& operation : path.operations)
            writeOperation(operation, common, path);
        if (!common.empty()) {
            out_.key("parameters").open('[');
            for (const std::string_view name : common)
                writeParameter(name, path);
            out_.close(']');
        }
        out_.close('}');
    }

    void writeOperation(const OpenApiOperation& operation, const Names& common,
                        const OpenApiPath& path) {
        out_.key(operation.method).open('{');
        texts("tags", {operation.tag});
        out_.member("description", operation.description);
        if (two()) {
            texts("consumes", consumed(operation));
            texts("produces", produced(operation.media, operation.custom));
            texts("schemes", {"https"});
        }
        out_.member("operationId", operation.operationId);
        writeParameters(operation, common, path);
        if (!two() && !operation.body.empty())
            writeRequestBody(operation);
        out_.key("responses").open('{');
        for (const int code : operation.successes)
            writeResponse(code, operation);
        writeResponse(401, operation);
        out_.close('}');
        if (!operation.action.empty())
            out_.member("x-kubernetes-action", operation.action);
        if (!operation.gvk.kind.empty())
            out_.key("x-kubernetes-group-version-kind")
                .open('{')
                .member("group", operation.gvk.group)
                .member("version", operation.gvk.version)
                .member("kind", operation.gvk.kind)
                .close('}');
        out_.close('}');
    }

    void texts(std::string_view key, const Names& values) {
        if (values.empty())
            return;
        out_.key(key).open('[');
        for (const std::string_view value : values)
            out_.text(value);
        out_.close(']');
    }

    void writeParameters(const OpenApiOperation& operation, const Names& common,
                         const OpenApiPath& path) {
        const bool body = two() && !operation.body.empty();
        if (!body && operation.parameters.size() == common.size())
            return;
        out_.key("parameters").open('[');
        if (body)
            writeBodyParameter(operation);
        for (const std::string_view name : operation.parameters)
            if (!std::binary_search(common.begin(), common.end(), name))
                writeParameter(name, path);
        out_.close(']');
    }

    void writeBodyParameter(const OpenApiOperation& operation) {
        types_.insert(operation.body);
        out_.open('{').member("name", "body").member("in", "body");
        if (operation.method != "delete")
            out_.key("required").raw("true");
        out_.key("schema").open('{');
        out_.member("$ref", openApiReference(operation.body, version_)).close('}').close('}');
    }

    // In version 2 parameters stand once in the document, but for names: they are somebody's.
    void writeParameter(std::string_view name, const OpenApiPath& path) {
        if (!two() || name == "name")
            return parameter(name, path.nameOf);
        out_.open('{').member("$ref", "#/parameters/" + std::string(name)).close('}');
        shared_.insert(name);
    }

    void parameter(std::string_view name, std::string_view nameOf) {
        const OpenApiParameter& facts = openApiParameter(name);
        const bool inPath = name == "name" || name == "namespace" || name == "{path}";
        out_.open('{').member("name", name == "{path}" ? "path" : name);
        out_.member("in", inPath ? "path" : "query");
        if (name == "name")
            out_.member("description", "name of the " + std::string(nameOf));
        else
            out_.member("description", facts.description);
        if (inPath)
            out_.key("required").raw("true");
        if (!two())
            out_.key("schema").open('{');
        out_.member("type", facts.type).key("uniqueItems").raw("true");
        if (!two())
            out_.close('}');
        out_.close('}');
    }

    void writeSharedParameters() {
        out_.key("parameters").open('{');
        for (const std::string_view name : shared_) {
            out_.key(name);
            parameter(name, "");
        }
        out_.close('}');
    }

    void content(const Names& mediaTypes, const std::string& type) {
        std::string schema = R"({"schema":)";
        schema += type.empty() ? R"({"type":"string"})"
                               : R"({"$ref":")" + openApiReference(type, version_) + "\"}";
        schema += "}";
        out_.key("content").open('{');
        for (const std::string_view mediaType : mediaTypes)
            out_.key(mediaType).raw(schema);
        out_.close('}');
    }

    void writeRequestBody(const OpenApiOperation& operation) {
        types_.insert(operation.body);
        out_.key("requestBody").open('{');
        content(consumed(operation), operation.body);
        if (operation.method != "delete")
            out_.key("required").raw("true");
        out_.close('}');
    }

    void writeResponse(int code, const OpenApiOperation& operation) {
        out_.key(std::to_string(code)).open('{').member("description", wordOf(code));
        if (code != 401) {
            if (!operation.answer.empty())
                types_.insert(operation.answer);
            if (!two())
                content(produced(operation.media, operation.custom), operation.answer);
            else if (operation.answer.empty())
                out_.key("schema").raw(R"({"type":"string"})");
            else
                out_.key("schema")
                    .open('{')
                    .member("$ref", openApiReference(operation.answer, version_))
                    .close('}');
        }
        out_.close('}');
    }

    OpenApiVersion version_;
    JsonText out_;
    std::set<std::string> types_;
    std::set<std::string_view> shared_; // parameters
};

std::string documentPath(const KindDef& kind) {
    return (kind.group.empty() ? "api/" : "apis/") + kind.apiVersion();
}

// The documents of version 3, in order: those of the server, of groups, and of group versions.
std::set<std::string> documentNames(const KindRegistry& kinds) {
    std::set<std::string> names{".well-known/openid-configuration", "api", "apis", "openid/v1/jwks",
                                "version"};
    for (const KindDef* kind : kinds.all()) {
        names.insert(documentPath(*kind));
        if (!kind->group.empty())
            names.insert("apis/" + kind->group);
    }
    return names;
}

std::vector<const KindDef*> kindsOf(const KindRegistry& kinds, std::string_view path) {
    std::vector<const KindDef*> members;
    for (const KindDef* kind : kinds.all())
        if (documentPath(*kind) == path)
            members.push_back(kind);
    return members;
}

void addPaths(const std::vector<const KindDef*>& kinds, std::vector<OpenApiPath>& out) {
    for (const KindDef* kind : kinds)
        for (OpenApiPath& each : openApiPaths(*kind))
            out.push_back(std::move(each));
}

void sortPaths(std::vector<OpenApiPath>& paths) {
    std::sort(paths.begin(), paths.end(),
              [](const OpenApiPath& a, const OpenApiPath& b) { return a.path < b.path; });
}
} // namespace

std::string openApiV2Json(const KindRegistry& kinds) {
    std::vector<OpenApiPath> paths;
    for (const std::string& name : documentNames(kinds))
        for (OpenApiPath& each : openApiDiscoveryPaths(name))
            paths.push_back(std::move(each));
    addPaths(kinds.all(), paths);
    sortPaths(paths);
    return DocumentWriter(OpenApiVersion::V2).write(paths, kinds.all(), "");
}

std::string openApiV2Protobuf(const KindRegistry& kinds) {
    const Result<Json> document = parseJson(openApiV2Json(kinds));
    ORRERY_ASSERT(document.has_value()); // our own
    return openApiV2Message(*document);
}

std::string openApiV3Hash(const KindRegistry& kinds, std::string_view path) {
    std::string content(kShape);
    content += OpenApiFacts::builtIn().digest();
    for (const KindDef* kind : kindsOf(kinds, path)) {
        content.append(kind->apiVersion()).append(1, ' ').append(kind->kind).append(1, ' ');
        content += kind->plural;
        for (const Subresource& sub : kind->subresources)
            content.append(1, ' ').append(sub.name);
        if (kind->openApiSchema)
            content += serializeJson(*kind->openApiSchema);
        content += '\n';
    }
    if (!documentNames(kinds).contains(std::string(path)))
        return {};
    std::string hash = hexText(sha256(content.append(path)));
    std::transform(hash.begin(), hash.end(), hash.begin(),
                   [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
    return hash;
}

std::string openApiV3Index(const KindRegistry& kinds) {
    JsonText out;
    out.open('{').key("paths").open('{');
    for (const std::string& path : documentNames(kinds))
        out.key(path)
            .open('{')
            .member("serverRelativeURL",
                    "/openapi/v3/" + path + "?hash=" + openApiV3Hash(kinds, path))
            .close('}');
    out.close('}').close('}');
    return std::move(out.out());
}

std::string openApiV3Json(const KindRegistry& kinds, std::string_view path) {
    if (!documentNames(kinds).contains(std::string(path)))
        return {};
    const std::vector<const KindDef*> members = kindsOf(kinds, path);
    std::vector<OpenApiPath> paths = openApiDiscoveryPaths(path);
    addPaths(members, paths);
    sortPaths(paths);
    return DocumentWriter(OpenApiVersion::V3)
        .write(paths, members, members.empty() ? "v1" : members.front()->apiVersion());
}

std::string openApiV3Protobuf(const KindRegistry& kinds, std::string_view path) {
    const std::string text = openApiV3Json(kinds, path);
    if (text.empty())
        return {};
    const Result<Json> document = parseJson(text);
    ORRERY_ASSERT(document.has_value()); // our own
    return openApiV3Message(*document);
}

} // namespace orrery::api
