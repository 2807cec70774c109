// The request pipeline: the eight steps that every request passes, from wherever it comes.
#pragma once
#include "core/apiserver/call.h"
#include "core/apiserver/server_core.h"

namespace orrery::apiserver {

// What the steps behind authorization do for one verb of one resource. Null: nothing to do.
struct Route {
    Result<void> (*decode)(ServerCore& core, Call& call) = nullptr;
    Result<void> (*admit)(ServerCore& core, Call& call) = nullptr;
    Result<Answer> (*store)(ServerCore& core, Call& call) = nullptr;
};

// Runs a resource request to its answer, which the caller hands out once `awaits` is durable.
Result<Answer> runPipeline(ServerCore& core, Call& call);
// Steps 2 to 4 alone: for non-resource paths.
Result<void> identify(ServerCore& core, Call& call);

// The kind and the route of a request; NotFound and MethodNotAllowed in Kubernetes' words
// (routes.cpp).
Result<Route> routeOf(ServerCore& core, Call& call);
// pods/log, exec, proxies, scale, binding, eviction, tokens, reviews (subresources.cpp).
const Route* specialRoute(const Call& call);

} // namespace orrery::apiserver
