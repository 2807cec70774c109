// The certificates and keys of one cluster, kept in its data folder.
#pragma once
#include <string>

#include "core/base/error.h"
#include "core/pki/certificates.h"
#include "core/runtime/env.h"

namespace orrery::pki {

struct ClusterCertificates {
    std::string caPem, caKeyPem;
    std::string serverPem, serverKeyPem; // kube-apiserver's
    std::string adminPem, adminKeyPem;   // user kubernetes-admin, group system:masters
    std::string serviceAccountKeyPem;    // signs service account tokens
    KeySource keySource = KeySource::System;
    bool made = false; // something was made or renewed now

    KeyPair authority() const { return {caPem, caKeyPem}; }
};

// Certificates that expire sooner are renewed at start.
inline constexpr auto kRenewBefore = std::chrono::hours(24 * 30);

// Reads them from FOLDER/pki, or makes what is missing, expiring, or (server certificate) lacks
// `host`. The CA stays what it was unless it expires itself; then all certificates are made anew.
// Keys have mode 0600. `folder` "": makes seeded ones and keeps nothing. Errors name the file and
// say what to do; a file that is no key or certificate is left as it is.
Result<ClusterCertificates> ensureClusterCertificates(Env& env, const std::string& folder,
                                                      const std::string& host);

} // namespace orrery::pki
