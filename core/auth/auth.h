// Who asks, and may they: authenticators and authorizers. Plane thread; no waiting.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/kind.h"
#include "core/client/client.h"

namespace orrery::auth {

using client::UserInfo;

// What a connection and a request's headers say of the caller.
struct Credentials {
    // Of a verified x509 client certificate (the TLS layer checked it against our CA): CN, every O.
    std::optional<std::string> certificateCommonName;
    std::vector<std::string> certificateOrganizations;
    std::string certificateSha256Hex;
    std::string bearerToken; // of "Authorization: Bearer ..."; "" when there is none
    // Impersonate-User, -Group, -Uid: applied after authentication, authorized as verb
    // "impersonate".
    std::string impersonateUser, impersonateUid;
    std::vector<std::string> impersonateGroups;
    // Impersonate-Extra-KEY: keys lowercase, with their %-escapes decoded.
    std::map<std::string, std::vector<std::string>> impersonateExtra;
};

// Whose a token is, and for which of the asked audiences it is good.
struct TokenUser {
    UserInfo user;
    std::vector<std::string> audiences;
};

class Authenticator {
  public:
    virtual ~Authenticator() = default;
    // A user (with system:authenticated added), system:anonymous with system:unauthenticated when
    // there are no credentials at all, or Unauthorized ("Unauthorized") when they are wrong.
    virtual Result<UserInfo> authenticate(const Credentials& credentials) = 0;
    // TokenReview: the user of a token for `audiences` (empty: the API server's own), or an error
    // sentence.
    virtual Result<TokenUser> reviewToken(const std::string& token,
                                          const std::vector<std::string>& audiences) = 0;
};

// authorizer.Attributes.
struct Attributes {
    UserInfo user;
    std::string verb; // Kubernetes verb, or the lowercase HTTP method for non-resource paths
    bool resourceRequest = false;
    std::string group, version, resource, subresource, namespace_, name;
    std::string path; // non-resource requests
    // Of list, watch and deletecollection. A selector "metadata.name=x" also sets `name`.
    std::string fieldSelector;
};

struct Decision {
    bool allowed = false;
    // Why: "RBAC: allowed by ClusterRoleBinding \"...\" of ..."; shown by SelfSubjectAccessReview.
    std::string reason;
};

struct PolicyRule {
    std::vector<std::string> verbs, apiGroups, resources, resourceNames, nonResourceURLs;
};

class Authorizer {
  public:
    virtual ~Authorizer() = default;
    virtual Decision authorize(const Attributes& attributes) = 0;
    // What the user may do in a namespace (SelfSubjectRulesReview; and RBAC's escalation check).
    virtual std::vector<PolicyRule> rulesFor(const UserInfo& user,
                                             const std::string& namespace_) = 0;
};

// The newest state of an object, straight from the store; null when it does not exist.
using ObjectLookup = std::function<EncodedPtr(
    const api::GroupResource& resource, const std::string& namespace_, const std::string& name)>;

// The Forbidden error in Kubernetes' words: `pods is forbidden: User "x" cannot list resource
// "pods" in API group "" in the namespace "default"`, with details.
Error forbidden(const Attributes& attributes, const std::string& reason);

} // namespace orrery::auth
