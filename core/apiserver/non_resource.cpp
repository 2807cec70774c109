#include "core/apiserver/non_resource.h"

#include <algorithm>
#include <set>

#include "core/apiserver/metrics_page.h"
#include "core/apiserver/pretty_json.h"
#include "core/apiserver/render.h"
#include "core/apiserver/request.h"
#include "core/apiserver/status.h"
#include "core/apiserver/why.h"
#include "core/auth/reviews.h"

namespace orrery::apiserver {

namespace {
// Indented whoever asks, as Kubernetes sends what is no object of its API.
HttpResponse readable(const Json& tree) {
    HttpResponse response = jsonResponse(200, serializeJson(tree));
    response.body = {Slice::own(prettyJson(response.body))};
    return response;
}

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
    return readable(out);
}

// The version has one form.
Result<void> checkVersionForm(std::string_view accept) {
    const std::vector<AcceptClause> clauses = parseAccept(accept);
    if (clauses.empty() ||
        std::any_of(clauses.begin(), clauses.end(), [](const AcceptClause& clause) {
            return clause.covers("application", "json");
        }))
        return {};
    return makeError(Reason::NotAcceptable,
                     "406: Not Acceptable\n\nAvailable representations: application/json");
}

HttpResponse metrics(const ServerCore& core) {
    HttpResponse response = renderText(200, metricsText(core));
    for (auto& [name, value] : response.headers)
        if (name == "Content-Type")
            value = "text/plain; version=0.0.4; charset=utf-8";
    return response;
}

HttpResponse rootPaths(const ServerCore& core) {
    std::set<std::string> paths{"/.well-known/openid-configuration",
                                "/api",
                                "/apis",
                                "/apis/",
                                "/healthz",
                                "/livez",
                                "/metrics",
                                "/openapi/v2",
                                "/openapi/v3",
                                "/openapi/v3/",
                                "/openid/v1/jwks",
                                "/orrery/v1/why",
                                "/readyz",
                                "/version"};
    for (const api::KindDef* kind : core.kinds.all()) {
        if (!kind->group.empty())
            paths.insert("/apis/" + kind->group);
        paths.insert((kind->group.empty() ? "/api/" : "/apis/") + kind->apiVersion());
    }
    for (const auto& [name, check] : core.healthChecks)
        for (const char* path : {"/healthz/", "/livez/", "/readyz/"})
            paths.insert(path + name);
    for (const auto& [path, handler] : core.paths)
        paths.insert(path);
    return readable(JsonObject{{"paths", JsonArray(paths.begin(), paths.end())}});
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

// Below a built-in group Kubernetes' router knows the server; anywhere else nobody does.
HttpResponse pageNotFound(const ServerCore& core, const NonResourceRequest& request) {
    const std::string_view path = request.path;
    const std::size_t end = path.find('/', 6);
    const bool known = path.starts_with("/api/") ||
                       (path.starts_with("/apis/") && end != std::string_view::npos &&
                        std::any_of(core.kinds.all().begin(), core.kinds.all().end(),
                                    [group = path.substr(6, end - 6)](const api::KindDef* kind) {
                                        return kind->group == group && !kind->custom;
                                    }));
    return known ? statusResponse(unknownPath(), request) : renderText(404, "404 page not found\n");
}
} // namespace

HttpResponse statusResponse(const Error& error, const NonResourceRequest& request) {
    const bool pretty =
        wantsPretty(parameter(request.query, "pretty"), headerOf(request.headers, "user-agent"));
    const Representation form = errorForm(headerOf(request.headers, "accept"), pretty);
    const RequestOptions options;
    const std::vector<std::string> warnings;
    HttpResponse response = renderError(error, {form, options, warnings, Time(), ""});
    std::erase_if(response.headers, [](const auto& each) { return each.first == "Audit-Id"; });
    return response;
}

HttpResponse jsonResponse(int code, std::string body, std::string contentType) {
    HttpResponse response;
    response.code = code;
    response.headers.emplace_back("Cache-Control", "no-cache, private");
    response.headers.emplace_back("Content-Type", std::move(contentType));
    response.body.push_back(Slice::own(std::move(body) + "\n"));
    return response;
}

void answerNonResource(ServerCore& core, NonResourceRequest request,
                       std::function<void(HttpResponse)> answer) {
    std::string& path = request.path;
    while (path.size() > 1 && path.back() == '/')
        path.pop_back();
    if (const auto handler = core.paths.find(path); handler != core.paths.end())
        return handler->second(request, [answer](NonResourceResponse made) {
            answer(jsonResponse(made.code, std::move(made.body), std::move(made.contentType)));
        });
    if (path == "/version") {
        const Result<void> asked = checkVersionForm(headerOf(request.headers, "accept"));
        return answer(asked ? version(core) : statusResponse(asked.error(), request));
    }
    if (path == "/metrics")
        return answer(metrics(core));
    if (path == "/" || path.empty())
        return answer(rootPaths(core));
    if (path == "/orrery/v1/why")
        return answer(whyResponse(core, request));
    for (auto& found : {answerHealth(core, request), answerDiscovery(core, request),
                        answerOpenApi(core, request), openId(core, path)})
        if (found)
            return answer(*found);
    answer(pageNotFound(core, request));
}

} // namespace orrery::apiserver
