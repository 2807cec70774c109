// The objects that every cluster begins with.
#pragma once
#include <string>
#include <vector>

#include "core/base/json.h"

namespace orrery::auth {

// In an order in which they can be created: namespaces first. Made once, at the first call:
//   Namespaces default, kube-system, kube-public, kube-node-lease
//   PriorityClasses, PriorityLevelConfigurations, FlowSchemas, the ServiceCIDR 10.96.0.0/16
//   ClusterRoles (aggregated ones with their rules), ClusterRoleBindings, Roles, RoleBindings
//   the Service default/kubernetes (10.96.0.1, targetPort 6443)
// None has what the server sets itself (uid, creationTimestamp, ...).
const std::vector<Json>& bootstrapObjects();

// The Service default/kubernetes of an API server that listens on `targetPort`.
Json kubernetesService(int targetPort);
// The ConfigMap kube-system/extension-apiserver-authentication.
Json authenticationConfigMap(const std::string& caPem);

} // namespace orrery::auth
