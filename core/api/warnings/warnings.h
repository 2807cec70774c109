// What Kubernetes warns about when an object is written: the texts of Warning headers, in its
// order. Pure.
#pragma once
#include <string>
#include <vector>

#include "core/base/json.h"

namespace orrery::api {

using Warnings = std::vector<std::string>;

// Pods are warned about when they are created; `old` is null then.
Warnings podWarnings(const Json& object, const Json* old);
Warnings podTemplateWarnings(const Json& object, const Json* old);
// Kinds with a template warn about it when they are created, and when their spec changes.
Warnings replicationControllerWarnings(const Json& object, const Json* old);
Warnings deploymentWarnings(const Json& object, const Json* old);
Warnings replicaSetWarnings(const Json& object, const Json* old);
Warnings statefulSetWarnings(const Json& object, const Json* old);
Warnings daemonSetWarnings(const Json& object, const Json* old);
Warnings jobWarnings(const Json& object, const Json* old);
Warnings cronJobWarnings(const Json& object, const Json* old);
Warnings secretWarnings(const Json& object, const Json* old);

} // namespace orrery::api
