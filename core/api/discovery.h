// Discovery documents, built from the registry: /api, /apis and what is below them. The caller
// caches.
#pragma once
#include <string_view>

#include "core/api/kind.h"
#include "core/base/json.h"

namespace orrery::api {

// GET /api: APIVersions. `serverAddress` is "host:port".
Json legacyCoreVersions(std::string_view serverAddress);
// GET /apis: APIGroupList.
Json groupList(const KindRegistry& kinds);
// GET /apis/<group>: APIGroup; null when there is no such group.
Json groupDocument(const KindRegistry& kinds, std::string_view group);
// GET /api/v1 and /apis/<group>/<version>: APIResourceList; null when nothing is served there.
Json resourceList(const KindRegistry& kinds, std::string_view group, std::string_view version);
// APIGroupDiscoveryList (apidiscovery.k8s.io/v2) of /api (core) or of /apis.
Json aggregatedDiscovery(const KindRegistry& kinds, bool core);

} // namespace orrery::api
