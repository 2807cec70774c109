#include "core/apiserver/non_resource.h"

#include "core/apiserver/render.h"
#include "core/apiserver/request.h"
#include "core/apiserver/status.h"
#include "core/apiserver/why.h"
#include "core/auth/reviews.h"

namespace orrery::apiserver {

namespace {
HttpResponse version(const ServerCore& core) {
    JsonObject out;
    out["major"] = "1";
    out["minor"] = "36";
    out["emulationMajor"] = "1";
    out["emulationMinor"] = "36";
    out["minCompatibilityMajor"] = "1";
    out["minCompatibilityMinor"] = "35";
    out["gitVersion"] = core.options.gitVersion;
    out["gitCommit"] = "";
    out["gitTreeState"] = "clean";
    out["buildDate"] = "1970-01-01T00:00:00Z";
    out["goVersion"] = "";
    out["compiler"] = "c++";
    out["platform"] = "linux/amd64";
    return jsonResponse(200, serializeJson(Json(std::move(out))));
}

HttpResponse metrics(const ServerCore& core) {
    HttpResponse response =
        renderText(200, core.metrics.text(core.readOnlyInFlight, core.mutatingInFlight,
                                          static_cast<int>(core.streams.size()),
                                          core.store.revision(), core.store.sizeBytes()));
    for (auto& [name, value] : response.headers)
        if (name == "Content-Type")
            value = "text/plain; version=0.0.4; charset=utf-8";
    return response;
}

HttpResponse rootPaths(const ServerCore& core) {
    JsonArray paths{"/api", "/api/v1", "/apis"};
    for (const char* path : {"/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3",
                             "/openid/v1/jwks", "/orrery/v1/why", "/readyz", "/version"})
        paths.emplace_back(path);
    for (const auto& [path, handler] : core.paths)
        paths.emplace_back(path);
    return jsonResponse(200, serializeJson(Json(JsonObject{{"paths", std::move(paths)}})));
}

std::optional<HttpResponse> openId(const ServerCore& core, const std::string& path) {
    if (!core.tokens)
        return std::nullopt;
    if (path == "/openid/v1/jwks")
        return jsonResponse(200, serializeJson(core.tokens->keySet()), "application/jwk-set+json");
    if (path == "/.well-known/openid-configuration")
        return jsonResponse(200, serializeJson(pki::ServiceAccountTokens::openIdConfiguration(
                                     "https://" + core.options.advertiseAddress + ":" +
                                     std::to_string(core.options.advertisePort))));
    return std::nullopt;
}

HttpResponse whyResponse(ServerCore& core, const NonResourceRequest& request) {
    const auto asked = [&request](const char* name) {
        const std::string* value = parameter(request.query, name);
        return value ? *value : std::string();
    };
    const api::KindDef* kind =
        core.kinds.byResource(asked("group"), asked("version"), asked("resource"));
    Result<Json> chain = unknownPath();
    if (kind)
        chain = whyChain(core, *kind, asked("namespace"), asked("name"));
    if (!chain)
        return jsonResponse(chain.error().httpCode(), serializeJson(statusOf(chain.error())));
    return jsonResponse(200, serializeJson(*chain));
}

HttpResponse pageNotFound(const std::string& path) {
    if (path.starts_with("/api/"))
        return jsonResponse(404, serializeJson(statusOf(unknownPath())));
    return renderText(404, "404 page not found\n");
}
} // namespace

HttpResponse jsonResponse(int code, std::string body, std::string contentType) {
    HttpResponse response;
    response.code = code;
    response.headers.emplace_back("Cache-Control", "no-cache, private");
    response.headers.emplace_back("Content-Type", std::move(contentType));
    response.body.push_back(Slice::own(std::move(body) + "\n"));
    return response;
}

void answerNonResource(ServerCore& core, NonResourceRequest request, std::string accept,
                       std::function<void(HttpResponse)> answer) {
    std::string& path = request.path;
    while (path.size() > 1 && path.back() == '/')
        path.pop_back();
    if (const auto handler = core.paths.find(path); handler != core.paths.end())
        return handler->second(request, [answer](NonResourceResponse made) {
            answer(jsonResponse(made.code, std::move(made.body), std::move(made.contentType)));
        });
    if (path == "/version")
        return answer(version(core));
    if (path == "/metrics")
        return answer(metrics(core));
    if (path == "/" || path.empty())
        return answer(rootPaths(core));
    if (path == "/orrery/v1/why")
        return answer(whyResponse(core, request));
    for (auto& found :
         {answerHealth(core, request), answerDiscovery(core, path, accept), openId(core, path)})
        if (found)
            return answer(*found);
    answer(pageNotFound(path));
}

} // namespace orrery::apiserver
