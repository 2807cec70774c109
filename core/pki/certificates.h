// X.509 certificates as PEM strings: the cluster's CA, and what it signs.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"
#include "core/pki/ec_key.h"
#include "core/runtime/env.h"

namespace orrery::pki {

struct KeyPair {
    std::string certificatePem;
    std::string keyPem; // PKCS#8
};

inline constexpr std::string_view kAuthorityName = "orrery-ca";
inline constexpr auto kAuthorityLifetime = std::chrono::hours(24 * 3650);
inline constexpr auto kLeafLifetime = std::chrono::hours(24 * 365);
// Certificates begin this long before they are made, for machines whose clocks are behind.
inline constexpr auto kBackdating = std::chrono::hours(1);

// A self-signed CA named "orrery-ca", for ten years. With `keyPem`, of that key; otherwise of a new
// one.
Result<KeyPair> makeAuthority(Env& env, KeySource source, const std::string& keyPem = {});
// For the names and addresses that every cluster's API server has, and `hosts` (names or addresses;
// duplicates and "" are ignored). One year.
Result<KeyPair> makeServerCertificate(Env& env, const KeyPair& authority,
                                      const std::vector<std::string>& hosts, KeySource source);
// Kubernetes' user is the common name, its groups the organizations. One year.
Result<KeyPair> makeClientCertificate(Env& env, const KeyPair& authority,
                                      const std::string& commonName,
                                      const std::vector<std::string>& organizations,
                                      KeySource source);

struct CertificateInfo {
    std::string commonName;
    std::vector<std::string> organizations;
    std::vector<std::string> dnsNames, ipAddresses; // "127.0.0.1", "0:0:0:0:0:0:0:1"
    Time notBefore{}, notAfter{};
    std::string sha256Hex; // of the DER, lowercase
    bool authority = false;
};
// One PEM or DER certificate. Error: BadRequest.
Result<CertificateInfo> parseCertificate(std::string_view pemOrDer);
// Does the certificate's private key equal `keyPem`?
bool certificateHasKey(std::string_view certificatePem, std::string_view keyPem);
// Is the certificate good for that host name or address?
bool certificateCovers(std::string_view certificatePem, const std::string& host);
// Did the authority sign it? Says nothing of times.
bool certificateSignedBy(std::string_view certificatePem, std::string_view authorityPem);

} // namespace orrery::pki
