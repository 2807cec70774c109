// Everything that is no resource: health, version, metrics, discovery, OpenAPI, why.
#pragma once
#include <functional>

#include "core/apiserver/http_message.h"
#include "core/apiserver/server_core.h"

namespace orrery::apiserver {

void answerNonResource(ServerCore& core, NonResourceRequest request, std::string accept,
                       std::function<void(HttpResponse)> answer);

// Discovery and OpenAPI documents; nullopt when the path is none of them (discovery_paths.cpp).
std::optional<HttpResponse> answerDiscovery(ServerCore& core, const std::string& path,
                                            const std::string& accept);
// /healthz, /livez, /readyz and what is below them (health.cpp).
std::optional<HttpResponse> answerHealth(ServerCore& core, const NonResourceRequest& request);
HttpResponse jsonResponse(int code, std::string body, std::string contentType = "application/json");

} // namespace orrery::apiserver
