// /api, /apis, /openapi: documents built once and kept until the kinds change.
#include "core/api/discovery.h"
#include "core/api/openapi.h"
#include "core/apiserver/negotiate.h"
#include "core/apiserver/non_resource.h"
#include "core/apiserver/render.h"
#include "core/apiserver/status.h"

namespace orrery::apiserver {

namespace {
constexpr const char* kAggregated =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
constexpr const char* kOpenApiProtobuf =
    "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

HttpResponse shared(std::shared_ptr<const std::string> text, std::string contentType) {
    HttpResponse response;
    response.headers.emplace_back("Cache-Control", "no-cache, private");
    response.headers.emplace_back("Content-Type", std::move(contentType));
    const std::string_view bytes = *text;
    response.body.push_back({std::move(text), bytes});
    return response;
}

template <typename Make>
std::shared_ptr<const std::string> kept(ServerCore& core, const std::string& name, Make make) {
    std::shared_ptr<const std::string>& slot = core.documents[name];
    if (!slot)
        slot = make();
    return slot;
}

std::shared_ptr<const std::string> textOf(const Json& tree) {
    if (tree.is_null())
        return nullptr;
    return std::make_shared<const std::string>(serializeJson(tree) + "\n");
}

// What /api and /apis answer depends on the Accept header: the plain document, or everything at
// once.
std::optional<HttpResponse> topLevel(ServerCore& core, const std::string& path,
                                     const std::string& accept) {
    const bool legacy = path == "/api";
    for (const AcceptClause& clause : parseAccept(accept)) {
        if (clause.type != "application/json" && clause.type != "*/*" &&
            clause.type != "application/*")
            continue;
        if (clause.as.empty()) {
            auto text = kept(core, path, [&] {
                return textOf(
                    legacy ? api::legacyCoreVersions(core.options.advertiseAddress + ":" +
                                                     std::to_string(core.options.advertisePort))
                           : api::groupList(core.kinds));
            });
            return shared(std::move(text), "application/json");
        }
        if (clause.as == "APIGroupDiscoveryList" && clause.group == "apidiscovery.k8s.io" &&
            clause.version == "v2") {
            auto text = kept(core, path + "#aggregated",
                             [&] { return textOf(api::aggregatedDiscovery(core.kinds, legacy)); });
            HttpResponse response = shared(std::move(text), kAggregated);
            response.headers.emplace_back("Vary", "Accept");
            return response;
        }
    }
    if (accept.empty())
        return topLevel(core, path, "application/json");
    const Error error = makeError(Reason::NotAcceptable,
                                  "only the following media types are accepted: application/json, "
                                  "application/yaml, application/vnd.kubernetes.protobuf");
    return jsonResponse(406, serializeJson(statusOf(error)));
}

std::optional<HttpResponse> openApi(ServerCore& core, const std::string& path,
                                    const std::string& accept) {
    if (path == "/openapi/v2") {
        if (accept.find("proto-openapi.spec.v2") != std::string::npos)
            return shared(
                kept(core, path + "#pb", [&] { return api::openapiV2Protobuf(core.kinds); }),
                kOpenApiProtobuf);
        return shared(kept(core, path, [&] { return api::openapiV2Json(core.kinds); }),
                      "application/json");
    }
    if (path == "/openapi/v3")
        return shared(kept(core, path, [&] { return api::openapiV3Index(core.kinds); }),
                      "application/json");
    constexpr std::string_view kBelow = "/openapi/v3/";
    if (!path.starts_with(kBelow))
        return std::nullopt;
    auto text = api::openapiV3Document(core.kinds, std::string_view(path).substr(kBelow.size()));
    if (!text)
        return std::nullopt;
    return shared(std::move(text), "application/json");
}
} // namespace

std::optional<HttpResponse> answerDiscovery(ServerCore& core, const std::string& path,
                                            const std::string& accept) {
    if (path == "/api" || path == "/apis")
        return topLevel(core, path, accept);
    if (path.starts_with("/openapi/"))
        return openApi(core, path, accept);
    const bool legacy = path.starts_with("/api/");
    if (!legacy && !path.starts_with("/apis/"))
        return std::nullopt;
    const std::string rest = path.substr(legacy ? 5 : 6);
    const std::size_t slash = rest.find('/');
    std::shared_ptr<const std::string> text = kept(core, path, [&] {
        if (legacy)
            return textOf(api::resourceList(core.kinds, "", rest));
        if (slash == std::string::npos)
            return textOf(api::groupDocument(core.kinds, rest));
        return textOf(api::resourceList(core.kinds, rest.substr(0, slash), rest.substr(slash + 1)));
    });
    if (text)
        return shared(std::move(text), "application/json");
    core.documents.erase(
        path); // paths come from outside: nothing is kept for those that do not exist
    return std::nullopt;
}

} // namespace orrery::apiserver
