// Views of rbac.authorization.k8s.io/v1: Role and ClusterRole have one shape, and so have their
// bindings.
#pragma once
#include <string>
#include <vector>

#include "core/api/views/meta.h"
#include "core/auth/auth.h"

namespace orrery::auth {

struct RbacRole {
    api::ObjectMeta metadata;
    std::vector<PolicyRule> rules;
};

struct RbacSubject {
    std::string kind, name, namespace_; // User, Group, ServiceAccount
};

struct RbacBinding {
    api::ObjectMeta metadata;
    std::string roleKind, roleName;
    std::vector<RbacSubject> subjects;
};

void decode(const Json& object, RbacRole& out);
void decode(const Json& object, RbacBinding& out);
std::vector<PolicyRule> decodeRules(const Json& object); // of its member "rules"

// Does one rule allow the request? (rbac's RuleAllows)
bool allows(const PolicyRule& rule, const Attributes& attributes);

} // namespace orrery::auth
