#include "core/pki/cluster_certificates.h"

namespace orrery::pki {
namespace {

// The files of FOLDER/pki, under the names that kubeadm gives them.
class Folder {
  public:
    Folder(Env& env, std::string path) : env_(env), path_(std::move(path)) {}

    bool kept() const { return !path_.empty(); }
    std::string path(const std::string& name) const { return path_ + "/" + name; }
    // "" when it is not there.
    Result<std::string> read(const std::string& name) const {
        if (!kept() || !env_.files.exists(path(name)))
            return std::string();
        return env_.files.read(path(name));
    }
    Result<void> write(const std::string& name, const std::string& bytes, bool secret) const {
        return kept() ? env_.files.write(path(name), bytes, secret) : Result<void>();
    }
    // The key first: a certificate without its key is worth nothing.
    Result<void> write(const std::string& name, const KeyPair& pair) const {
        ORRERY_TRY(write(name + ".key", pair.keyPem, true));
        return write(name + ".crt", pair.certificatePem, false);
    }
    Result<KeyPair> readPair(const std::string& name) const {
        ORRERY_TRY_ASSIGN(std::string certificate, read(name + ".crt"));
        ORRERY_TRY_ASSIGN(std::string key, read(name + ".key"));
        return KeyPair{std::move(certificate), std::move(key)};
    }

  private:
    Env& env_;
    std::string path_;
};

Error unusable(const std::string& path, const std::string& why) {
    return badRequest(path + " " + why + ": put the right file back, or move the folder away so " +
                      "that new certificates are made");
}

// Fills `authority`; `made` when it is new.
Result<void> ensureAuthority(Env& env, const Folder& folder, KeySource source, KeyPair& authority,
                             bool& made) {
    ORRERY_TRY_ASSIGN(authority, folder.readPair("ca"));
    if (!authority.keyPem.empty() && !EcKey::fromPem(authority.keyPem))
        return unusable(folder.path("ca.key"), "is not an ECDSA P-256 private key in PEM");
    if (!authority.certificatePem.empty()) {
        const Result<CertificateInfo> info = parseCertificate(authority.certificatePem);
        if (!info || !info->authority)
            return unusable(folder.path("ca.crt"), "is not a CA certificate in PEM");
        if (authority.keyPem.empty())
            return unusable(folder.path("ca.key"), "is missing");
        if (!certificateHasKey(authority.certificatePem, authority.keyPem))
            return unusable(folder.path("ca.crt"), "does not belong to ca.key");
        if (info->notAfter > env.now() + kRenewBefore)
            return {};
    }
    // A key without a certificate is a first start that was cut short: it is used.
    ORRERY_TRY_ASSIGN(authority, makeAuthority(env, source, authority.keyPem));
    made = true;
    return folder.write("ca", authority);
}

// Can the certificate go on as it is? What can't is made anew.
bool usable(const KeyPair& pair, const KeyPair& authority, const std::vector<std::string>& hosts,
            Time now) {
    const Result<CertificateInfo> info = parseCertificate(pair.certificatePem);
    if (!info || info->notAfter <= now + kRenewBefore)
        return false;
    for (const std::string& host : hosts)
        if (!certificateCovers(pair.certificatePem, host))
            return false;
    return certificateHasKey(pair.certificatePem, pair.keyPem) &&
           certificateSignedBy(pair.certificatePem, authority.certificatePem);
}

} // namespace

Result<ClusterCertificates> ensureClusterCertificates(Env& env, const std::string& folderPath,
                                                      const std::string& host) {
    const Folder folder(env, folderPath.empty() ? "" : folderPath + "/pki");
    const KeySource source = folder.kept() ? KeySource::System : KeySource::Seeded;
    if (folder.kept())
        ORRERY_TRY(env.files.makeFolders(folderPath + "/pki"));
    ClusterCertificates all;
    all.keySource = source;
    KeyPair authority;
    ORRERY_TRY(ensureAuthority(env, folder, source, authority, all.made));

    const std::vector<std::string> hosts =
        host.empty() ? std::vector<std::string>() : std::vector<std::string>{host};
    ORRERY_TRY_ASSIGN(KeyPair server, folder.readPair("apiserver"));
    if (!usable(server, authority, hosts, env.now())) {
        ORRERY_TRY_ASSIGN(server, makeServerCertificate(env, authority, hosts, source));
        ORRERY_TRY(folder.write("apiserver", server));
        all.made = true;
    }
    ORRERY_TRY_ASSIGN(KeyPair admin, folder.readPair("admin"));
    if (!usable(admin, authority, {}, env.now())) {
        ORRERY_TRY_ASSIGN(admin, makeClientCertificate(env, authority, "kubernetes-admin",
                                                       {"system:masters"}, source));
        ORRERY_TRY(folder.write("admin", admin));
        all.made = true;
    }
    ORRERY_TRY_ASSIGN(all.serviceAccountKeyPem, folder.read("sa.key"));
    if (all.serviceAccountKeyPem.empty()) {
        ORRERY_TRY_ASSIGN(const EcKey key, EcKey::generate(env.random, source));
        all.serviceAccountKeyPem = key.privatePem();
        ORRERY_TRY(folder.write("sa.key", all.serviceAccountKeyPem, true));
        all.made = true;
    } else if (!EcKey::fromPem(all.serviceAccountKeyPem)) {
        return unusable(folder.path("sa.key"), "is not an ECDSA P-256 private key in PEM");
    }
    all.caPem = std::move(authority.certificatePem);
    all.caKeyPem = std::move(authority.keyPem);
    all.serverPem = std::move(server.certificatePem);
    all.serverKeyPem = std::move(server.keyPem);
    all.adminPem = std::move(admin.certificatePem);
    all.adminKeyPem = std::move(admin.keyPem);
    return all;
}

} // namespace orrery::pki
