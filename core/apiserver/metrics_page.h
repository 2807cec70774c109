// The whole of /metrics.
#pragma once
#include <string>

#include "core/apiserver/server_core.h"

namespace orrery::apiserver {

std::string metricsText(const ServerCore& core);

} // namespace orrery::apiserver
