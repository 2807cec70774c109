// The review kinds: questions to the API server that are answered and not stored. Each takes the
// posted object (already decoded and pruned) and gives the answer's kind, apiVersion, metadata,
// spec and status; what the generic path adds (managedFields) is not here. Errors are Kubernetes'
// own.
#pragma once
#include <string>

#include "core/auth/auth.h"
#include "core/pki/jwt.h"

namespace orrery::auth {

Result<Json> subjectAccessReview(Authorizer& authorizer, const Json& review);
Result<Json> localSubjectAccessReview(Authorizer& authorizer, const std::string& namespace_,
                                      const Json& review);
Result<Json> selfSubjectAccessReview(Authorizer& authorizer, const UserInfo& user,
                                     const Json& review);
Result<Json> selfSubjectRulesReview(Authorizer& authorizer, const UserInfo& user,
                                    const Json& review);
Json selfSubjectReview(const UserInfo& user, Time now);
Result<Json> tokenReview(Authenticator& authenticator, const Json& review);

struct TokenRequestContext {
    const pki::ServiceAccountTokens& tokens;
    const ObjectLookup& lookup;
    const UserInfo& user; // who asks
    Time now;
    Random& random;
};
// POST .../serviceaccounts/NAME/token.
Result<Json> tokenRequest(const TokenRequestContext& context, const std::string& namespace_,
                          const std::string& name, const Json& request);

} // namespace orrery::auth
