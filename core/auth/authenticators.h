// The API server's authenticator: client certificates, service account tokens, impersonation,
// anonymous.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "core/auth/auth.h"
#include "core/pki/jwt.h"
#include "core/runtime/env.h"

namespace orrery::auth {

class StandardAuthenticator final : public Authenticator {
  public:
    // `authorizer` decides who may impersonate whom; `lookup` finds what tokens are bound to. All
    // outlive this.
    StandardAuthenticator(Env& env, Authorizer& authorizer, pki::ServiceAccountTokens tokens,
                          ObjectLookup lookup);
    Result<UserInfo> authenticate(const Credentials& credentials) override;
    Result<TokenUser> reviewToken(const std::string& token,
                                  const std::vector<std::string>& audiences) override;
    const pki::ServiceAccountTokens& tokens() const { return tokens_; }

  private:
    Result<UserInfo> authenticateItself(const Credentials& credentials);
    Result<UserInfo> impersonate(const UserInfo& user, const Credentials& credentials);
    Result<pki::ServiceAccountClaims> verify(const std::string& token);
    // Do the objects that a token names still live, with the uids that it names?
    Result<void> checkBound(const pki::ServiceAccountClaims& claims) const;

    Env& env_;
    Authorizer& authorizer_;
    pki::ServiceAccountTokens tokens_;
    ObjectLookup lookup_;
    std::map<std::string, pki::ServiceAccountClaims> verified_; // signatures that were checked
};

// system:serviceaccounts and system:serviceaccounts:NAMESPACE for a service account's user name;
// else none.
std::vector<std::string> serviceAccountGroups(const std::string& userName);

} // namespace orrery::auth
