// Everything that is no resource: health, version, metrics, discovery, OpenAPI, why.
#pragma once
#include <functional>

#include "core/apiserver/http_message.h"
#include "core/apiserver/server_core.h"

namespace orrery::apiserver {

void answerNonResource(ServerCore& core, NonResourceRequest request,
                       std::function<void(HttpResponse)> answer);

// Documents of discovery; nullopt when the path is none of them (discovery_paths.cpp).
std::optional<HttpResponse> answerDiscovery(ServerCore& core, const NonResourceRequest& request);
// /openapi/v2 and /openapi/v3 (openapi_answers.cpp).
std::optional<HttpResponse> answerOpenApi(ServerCore& core, const NonResourceRequest& request);
// After the kinds have changed: forgets what is no longer true. Documents of group versions that
// did not change stay.
void refreshDocuments(ServerCore& core);
// /healthz, /livez, /readyz and what is below them (health.cpp).
std::optional<HttpResponse> answerHealth(ServerCore& core, const NonResourceRequest& request);
// A Status in the form that the caller accepts.
HttpResponse statusResponse(const Error& error, const NonResourceRequest& request);
HttpResponse jsonResponse(int code, std::string body, std::string contentType = "application/json");

} // namespace orrery::apiserver
