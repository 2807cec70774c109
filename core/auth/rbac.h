// The RBAC authorizer: Roles, ClusterRoles and their bindings, kept current by informers.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/auth/auth.h"
#include "core/auth/rbac_views.h"
#include "core/client/informer.h"

namespace orrery::auth {

// Remembers each user's roles until a role or binding changes, so that a decision is a walk over
// few rules. Lives as long as the informers do (their handlers point here).
class RbacAuthorizer final : public Authorizer {
  public:
    explicit RbacAuthorizer(client::InformerFactory& informers);
    RbacAuthorizer(const RbacAuthorizer&) = delete;
    RbacAuthorizer& operator=(const RbacAuthorizer&) = delete;

    Decision authorize(const Attributes& attributes) override;
    std::vector<PolicyRule> rulesFor(const UserInfo& user, const std::string& namespace_) override;

    // Before this only system:masters may do anything.
    bool synced() const;
    void whenSynced(std::function<void()> then);

  private:
    struct Grant {
        std::shared_ptr<const RbacRole> role;
        std::string reason;
    };
    struct Grants {
        std::vector<Grant> grants; // of cluster-wide bindings, then the namespace's; each by name
        std::string errors;        // of bindings whose role is missing
    };
    template <typename T> using Informer = client::Informer<T>;

    template <typename T> void watch(Informer<T>& informer);
    const Grants& grantsOf(const UserInfo& user, const std::string& namespace_);
    void addGrants(const UserInfo& user, Informer<RbacBinding>& bindings,
                   const std::string& namespace_, Grants& out);
    const client::Cached<RbacRole>* roleOf(const RbacBinding& binding);

    Informer<RbacRole>& roles_;
    Informer<RbacRole>& clusterRoles_;
    Informer<RbacBinding>& roleBindings_;
    Informer<RbacBinding>& clusterRoleBindings_;
    std::map<std::string, Grants> remembered_; // by user, groups and namespace
};

} // namespace orrery::auth
