// Nobody gives away more than they have: the check of writes to roles and bindings.
#pragma once
#include <string>

#include "core/auth/auth.h"

namespace orrery::auth {

struct RbacWrite {
    std::string resource; // roles, clusterroles, rolebindings, clusterrolebindings
    std::string namespace_, name;
    const Json* object = nullptr; // as it is going to be stored
    const Json* old = nullptr;    // null for a creation
};

// For creations and updates of rbac.authorization.k8s.io's kinds, after validation and admission.
// Allowed: members of system:masters; who may "escalate" the role or "bind" the binding's role; and
// who holds every rule that is given. The Forbidden error lists the missing rules, as Kubernetes
// prints them.
Result<void> checkEscalation(Authorizer& authorizer, const ObjectLookup& lookup,
                             const UserInfo& user, const RbacWrite& write);

// Those of `wanted` that `held` does not cover, one verb, group, resource and name each, then
// merged.
std::vector<PolicyRule> missingRules(const std::vector<PolicyRule>& held,
                                     const std::vector<PolicyRule>& wanted);

} // namespace orrery::auth
