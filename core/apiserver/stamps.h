// What only the server knows when it takes a write in: who asks, and when something turned.
#pragma once
#include "core/apiserver/call.h"
#include "core/base/time.h"

namespace orrery::apiserver {

// Before the kind's own steps around the write: the requester of a certificate signing request, and
// the times of its conditions; when a volume's phase turned; when a device got its taints.
void stampObject(Call& call, Time now);

} // namespace orrery::apiserver
