// The chain of causes of an object: its last change, what woke whoever made it, and so on up to a
// request.
#pragma once
#include <string>

#include "core/apiserver/server_core.h"

namespace orrery::apiserver {

// {"object": "pods/default/web", "links": [{"time", "revision", "key", "object", "verb", "actor",
// "because", "request", "userAgent"}, ...]}, the object's own newest change first. NotFound when
// nothing is known of it.
Result<Json> whyChain(ServerCore& core, const api::KindDef& kind, const std::string& namespace_,
                      const std::string& name);

} // namespace orrery::apiserver
