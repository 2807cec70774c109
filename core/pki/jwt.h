// Service account tokens: JSON Web Tokens signed with ES256, claims as in Kubernetes.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/time.h"
#include "core/pki/ec_key.h"

namespace orrery::pki {

inline constexpr std::string_view kServiceAccountIssuer =
    "https://kubernetes.default.svc.cluster.local";

struct ServiceAccountClaims {
    struct Ref {
        std::string name, uid;
    };
    std::string namespace_;
    Ref serviceAccount;
    std::optional<Ref> pod, secret, node; // what the token's life is bound to
    std::vector<std::string> audiences;
    std::string id;                            // jti: a uid
    Time issuedAt{}, notBefore{}, expiresAt{}; // whole seconds
    std::optional<Time> warnAfter; // when it would have expired, had it not been extended

    std::string userName() const; // "system:serviceaccount:NAMESPACE:NAME"
};

// Signs and verifies with one key.
class ServiceAccountTokens {
  public:
    // Error: BadRequest when the PEM is no ECDSA P-256 private key.
    static Result<ServiceAccountTokens> load(std::string_view keyPem,
                                             KeySource source = KeySource::System);
    Result<std::string> sign(const ServiceAccountClaims& claims) const;
    // Checks form, issuer, signature and times; audiences and bound objects are the caller's. The
    // error is Unauthorized with the sentence that TokenReview shows, or NotFound when it is no
    // token of this issuer.
    Result<ServiceAccountClaims> verify(std::string_view token, Time now) const;
    const std::string& keyId() const { return keyId_; }
    Json keySet() const; // of /openid/v1/jwks
    // Of /.well-known/openid-configuration; `serverUrl` like "https://127.0.0.1:6443".
    static Json openIdConfiguration(const std::string& serverUrl);

  private:
    explicit ServiceAccountTokens(EcKey key);
    EcKey key_;
    std::string keyId_;
};

} // namespace orrery::pki
