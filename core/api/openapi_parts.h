// What both versions of OpenAPI documents are made of. For this folder only.
#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/kind.h"
#include "core/api/schema.h"

namespace orrery::api {

// The two kinds of documents, which say the same in other words.
enum class OpenApiVersion : std::uint8_t { V2, V3 };

// What an operation takes and gives, as media types.
enum class OpenApiMedia : std::uint8_t { Object, List, Log, Anything, Document, Json, KeySet };

struct OpenApiOperation {
    std::string method;         // "get", "put", "post", "delete", "patch", ...
    std::string action;         // x-kubernetes-action: "list", "post", "connect", ...; "": none
    std::string operationId;    // unique in the document
    std::string description;    // one line
    std::string tag;            // "apps_v1"
    std::string body, answer;   // types; answer "": text
    std::vector<int> successes; // status codes: 200, 201
    GroupVersionKind gvk;       // kind "": of none
    OpenApiMedia media = OpenApiMedia::Object;
    bool custom = false;                      // patches of custom objects have one type less
    std::vector<std::string_view> parameters; // of query and path, by name ("{path}" is the path's)
};

struct OpenApiPath {
    std::string path;   // "/apis/apps/v1/namespaces/{namespace}/deployments/{name}"
    std::string nameOf; // what {name} is the name of: "Pod", "PodExecOptions"
    std::vector<OpenApiOperation> operations;
};

// The paths of one kind, of its subresources, and its old watch paths, in order.
std::vector<OpenApiPath> openApiPaths(const KindDef& kind);
// The paths that tell what there is: of a document such as "apis/apps" or "version"; empty when
// they are none of them.
std::vector<OpenApiPath> openApiDiscoveryPaths(std::string_view document);
// "rbacAuthorization", "core": a group in tags.
std::string openApiGroupWord(std::string_view group);

// A parameter's facts: type ("string", "boolean", "integer") and our description.
struct OpenApiParameter {
    std::string_view name, type, description;
};
const OpenApiParameter& openApiParameter(std::string_view name);

// Where types are referred to: "#/definitions/io.k8s..." or "#/components/schemas/io.k8s...".
std::string openApiReference(std::string_view type, OpenApiVersion version);
// The name of a kind's definition: its type's, or "com.example.v1.Widget" of a custom kind.
std::string openApiName(const KindDef& kind);
// `{"name":{...},...}`: a definition for every type that `names` reach, in order of name; those of
// the custom ones among `kinds` by their own schema. `groupVersion` ("apps/v1"): of the document;
// "" for all.
std::string openApiDefinitions(const std::set<std::string>& names,
                               const std::vector<const KindDef*>& kinds, OpenApiVersion version,
                               std::string_view groupVersion);

} // namespace orrery::api
