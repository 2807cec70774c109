// The file with which kubectl finds the cluster.
#pragma once
#include <string>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/runtime/env.h"

namespace orrery::pki {

struct KubeconfigEntry {
    std::string server; // "https://127.0.0.1:6443"
    std::string caPem, clientCertificatePem, clientKeyPem;
};

// Replaces the file (mode 0600) with one that has only this cluster: cluster and context "orrery",
// user "kubernetes-admin". Nothing is written when the file says that already.
Result<void> writeKubeconfig(Env& env, const std::string& path, const KubeconfigEntry& entry);
// Puts cluster and context "orrery" and user "orrery-admin" into the file, makes it the current
// context, and keeps everything else (comments are lost). A file that is no kubeconfig is left as
// it is: the error names it.
Result<void> mergeKubeconfig(Env& env, const std::string& path, const KubeconfigEntry& entry);

// The file as it is; null when there is none, or nothing in it. BadRequest when it is none into
// which a context could be put.
Result<Json> readKubeconfig(Env& env, const std::string& path);

// The same as values.
Json kubeconfig(const KubeconfigEntry& entry);
Json mergedKubeconfig(Json existing, const KubeconfigEntry& entry);

} // namespace orrery::pki
