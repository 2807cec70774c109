// The resources and subresources that are not plain objects.
#pragma once
#include "core/apiserver/call.h"
#include "core/apiserver/server_core.h"

namespace orrery::apiserver {

// pod_binding.cpp
Result<void> decodeBinding(ServerCore& core, Call& call);
Result<Answer> storeBinding(ServerCore& core, Call& call);
// pod_eviction.cpp
Result<Answer> storeEviction(ServerCore& core, Call& call);
// pod_streams.cpp: log, exec, attach, portforward, proxy
Result<Answer> planLog(ServerCore& core, Call& call);
Result<Answer> refuseStreaming(ServerCore& core, Call& call);
Result<Answer> refuseProxy(ServerCore& core, Call& call);
// scale.cpp
Result<Answer> readScale(ServerCore& core, Call& call);
Result<void> decodeScaleUpdate(ServerCore& core, Call& call);
Result<void> decodeScalePatch(ServerCore& core, Call& call);
Result<Answer> storeScale(ServerCore& core, Call& call);
// reviews.cpp
Result<Answer> answerReview(ServerCore& core, Call& call);
Result<Answer> answerTokenRequest(ServerCore& core, Call& call);
// Both halves of admission for what is not stored as it is sent.
Result<void> admitConnect(ServerCore& core, Call& call);
// subresources.cpp: an update of one part keeps everything else as it is.
Result<void> decodePartUpdate(ServerCore& core, Call& call);
Result<void> decodePartPatch(ServerCore& core, Call& call);

} // namespace orrery::apiserver
