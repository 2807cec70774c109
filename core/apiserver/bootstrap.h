// What every cluster has from the start, made in one go.
#pragma once
#include "core/apiserver/server_core.h"

namespace orrery::apiserver {

// Creates what is missing; `done` runs when all of it is durable, or with the first refusal.
void makeBootstrapObjects(ServerCore& core, std::function<void(Result<void>)> done);

} // namespace orrery::apiserver
