// What both versions of OpenAPI documents are made of. For this folder only.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/api/kind.h"
#include "core/api/schema.h"
#include "core/base/json.h"

namespace orrery::api {

struct OpenApiOperation {
    std::string method;      // "get", "put", "post", "delete", "patch"
    std::string action;      // x-kubernetes-action: "list", "post", "connect", ...
    std::string operationId; // unique in the document
    std::string body;        // type of the request's body; "" for none
    std::string answer;      // type of the answer
    GroupVersionKind gvk;
    std::vector<std::string_view> query; // names of query parameters
    bool custom = false; // of a custom kind: neither protobuf nor strategic merge patches
};

struct OpenApiPath {
    std::string path; // "/apis/apps/v1/namespaces/{namespace}/deployments/{name}"
    std::vector<OpenApiOperation> operations;
};

// The paths of one kind, in order.
std::vector<OpenApiPath> openApiPaths(const KindDef& kind);

// A parameter's facts: type ("string", "boolean", "integer") and our description.
struct OpenApiParameter {
    std::string_view name, type, description;
};
const OpenApiParameter& openApiParameter(std::string_view name);

// The definition of a type. Refers to others with `prefix` ("#/definitions/").
Json openApiDefinition(const Type& type, bool version3);
// A definition for every type that `names` reach, in order of name; custom kinds' by their own
// schema.
JsonObject openApiDefinitions(const std::vector<const KindDef*>& kinds, bool version3);
// The name of a kind's definition: its type's, or "com.example.v1.Widget" of a custom kind.
std::string openApiName(const KindDef& kind);

// Our own words; "" when there are none.
std::string_view describeType(std::string_view name);
std::string_view describeField(std::string_view type, std::string_view field);

} // namespace orrery::api
