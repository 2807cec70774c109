// What a kubelet may do: its own node, and what the pods on it need.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/api/views/core_v1.h"
#include "core/auth/auth.h"
#include "core/client/informer.h"

namespace orrery::auth {

// Has an opinion only on users system:node:NAME of group system:nodes.
class NodeAuthorizer final : public Authorizer {
  public:
    // `lookup` answers for claims and volumes; it must outlive this.
    NodeAuthorizer(client::InformerFactory& informers, ObjectLookup lookup);
    Decision authorize(const Attributes& attributes) override;
    // None: upstream's gives no list either.
    std::vector<PolicyRule> rulesFor(const UserInfo& user, const std::string& namespace_) override;

  private:
    Decision byRules(const Attributes& attributes) const;
    Decision authorizePods(const std::string& node, const Attributes& attributes);
    Decision authorizeRelated(const std::string& node, const Attributes& attributes);
    Decision authorizeToken(const std::string& node, const Attributes& attributes);
    // Does a pod on the node use the object?
    bool related(const std::string& node, const Attributes& attributes);

    client::Informer<api::Pod>& pods_;
    ObjectLookup lookup_;
    std::vector<PolicyRule> rules_; // of ClusterRole system:node
};

// The node's name when the user is a node; "" otherwise.
std::string nodeNameOf(const UserInfo& user);

// The first of several authorizers that allows decides; the refusals' reasons are joined.
class AuthorizerChain final : public Authorizer {
  public:
    // They outlive the chain.
    explicit AuthorizerChain(std::vector<Authorizer*> authorizers)
        : authorizers_(std::move(authorizers)) {}
    Decision authorize(const Attributes& attributes) override;
    std::vector<PolicyRule> rulesFor(const UserInfo& user, const std::string& namespace_) override;

  private:
    std::vector<Authorizer*> authorizers_;
};

} // namespace orrery::auth
