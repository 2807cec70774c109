// HTTP on the plane thread: a request becomes a Call, its answer becomes bytes.
#pragma once
#include "core/apiserver/http_message.h"
#include "core/apiserver/server_core.h"

namespace orrery::apiserver {

void handleHttp(ServerCore& core, HttpRequest request, HttpAnswerPtr answer);

} // namespace orrery::apiserver
