// What a write is warned of, kind by kind: deprecated fields and values that do nothing. `old` is
// null on creation.
#pragma once
#include <string>
#include <vector>

#include "core/base/json.h"

namespace orrery::api {

using Warnings = std::vector<std::string>;

Warnings warnService(const Json& object, const Json* old);
Warnings warnIngress(const Json& object, const Json* old);
Warnings warnNetworkPolicy(const Json& object, const Json* old);
Warnings warnEndpointSlice(const Json& object, const Json* old);
Warnings warnEndpoints(const Json& object, const Json* old);
Warnings warnNode(const Json& object, const Json* old);
Warnings warnPersistentVolume(const Json& object, const Json* old);
Warnings warnPersistentVolumeClaim(const Json& object, const Json* old);
Warnings warnStorageClass(const Json& object, const Json* old);
Warnings warnCsiDriver(const Json& object, const Json* old);
Warnings warnCsiStorageCapacity(const Json& object, const Json* old);
Warnings warnRuntimeClass(const Json& object, const Json* old);
Warnings warnResourceSlice(const Json& object, const Json* old);
// Names that are kept for configuration by files.
Warnings warnAdmissionName(const Json& object, const Json* old);

// Why a node's label should not be used any more; "" for others.
std::string deprecatedNodeLabel(std::string_view label);

} // namespace orrery::api
