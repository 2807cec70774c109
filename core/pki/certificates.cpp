#include "core/pki/certificates.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace orrery::pki {
namespace {

template <auto Free> struct Freer {
    template <typename T> void operator()(T* pointer) const { Free(pointer); }
};
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using CertificatePtr = std::unique_ptr<X509, Freer<X509_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>>;

enum class Purpose { Authority, Server, Client };

struct Subject {
    Purpose purpose;
    std::string commonName;
    std::vector<std::string> organizations;
    std::vector<std::string> hosts; // names and addresses
};

const std::vector<std::string>& clusterHosts() {
    static const std::vector<std::string> hosts = {
        "localhost",
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
        "127.0.0.1",
        "::1",
        "10.96.0.1",
    };
    return hosts;
}

const unsigned char* octets(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

CertificatePtr readCertificate(std::string_view pemOrDer) {
    if (pemOrDer.find("-----BEGIN") != std::string_view::npos) {
        const BioPtr bio(BIO_new_mem_buf(pemOrDer.data(), static_cast<int>(pemOrDer.size())));
        return CertificatePtr(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    }
    const unsigned char* at = octets(pemOrDer);
    return CertificatePtr(d2i_X509(nullptr, &at, static_cast<long>(pemOrDer.size())));
}

std::string derOf(X509* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate, &der);
    if (size <= 0)
        return "";
    std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return out;
}

std::string pemOf(X509* certificate) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    ORRERY_ASSERT(PEM_write_bio_X509(bio.get(), certificate) == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return std::string(text, static_cast<std::size_t>(size));
}

time_t wholeSeconds(Time time) {
    return static_cast<time_t>(
        std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

Time timeOf(const ASN1_TIME* time) {
    tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1)
        return Time{};
    const std::chrono::year_month_day day{
        std::chrono::year(parts.tm_year + 1900),
        std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)),
        std::chrono::day(static_cast<unsigned>(parts.tm_mday))};
    return Time{std::chrono::sys_days(day)} + std::chrono::hours(parts.tm_hour) +
           std::chrono::minutes(parts.tm_min) + std::chrono::seconds(parts.tm_sec);
}

void addNameEntry(X509_NAME* name, int nid, const std::string& text) {
    X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, octets(text),
                               static_cast<int>(text.size()), -1, 0);
}

// Organizations come before the common name, as Kubernetes' own tools write them.
void writeName(X509_NAME* name, const Subject& subject) {
    for (const std::string& organization : subject.organizations)
        addNameEntry(name, NID_organizationName, organization);
    addNameEntry(name, NID_commonName, subject.commonName);
}

void addHost(GENERAL_NAMES* names, const std::string& host) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    if (ASN1_OCTET_STRING* address = a2i_IPADDRESS(host.c_str())) {
        GENERAL_NAME_set0_value(name, GEN_IPADD, address);
    } else {
        ASN1_IA5STRING* text = ASN1_IA5STRING_new();
        ASN1_STRING_set(text, host.data(), static_cast<int>(host.size()));
        GENERAL_NAME_set0_value(name, GEN_DNS, text);
    }
    sk_GENERAL_NAME_push(names, name);
}

bool addExtension(X509* certificate, X509* issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

bool addExtensions(X509* certificate, X509* issuer, const Subject& subject) {
    const bool authority = subject.purpose == Purpose::Authority;
    const auto add = [&](int nid, const char* value) {
        return addExtension(certificate, issuer, nid, value);
    };
    bool fine = add(NID_basic_constraints, authority ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
                add(NID_key_usage, authority ? "critical,digitalSignature,keyCertSign,cRLSign"
                                             : "critical,digitalSignature") &&
                add(NID_subject_key_identifier, "hash") &&
                add(NID_authority_key_identifier, "keyid");
    if (!authority)
        fine = fine && add(NID_ext_key_usage,
                           subject.purpose == Purpose::Server ? "serverAuth" : "clientAuth");
    if (!subject.hosts.empty()) {
        const NamesPtr names(GENERAL_NAMES_new());
        for (const std::string& host : subject.hosts)
            addHost(names.get(), host);
        fine = fine && X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0) == 1;
    }
    return fine;
}

std::string derElement(unsigned char tag, const std::string& content) {
    std::string length;
    if (content.size() < 128) {
        length = static_cast<char>(content.size());
    } else {
        for (std::size_t rest = content.size(); rest > 0; rest >>= 8)
            length.insert(length.begin(), static_cast<char>(rest & 0xff));
        length.insert(length.begin(), static_cast<char>(0x80 | length.size()));
    }
    return static_cast<char>(tag) + length + content;
}

// Signs in place. A seeded key's signature is put in by hand: the library draws its own nonces.
CertificatePtr signedBy(CertificatePtr certificate, const EcKey& key) {
    if (X509_sign(certificate.get(), key.handle(), EVP_sha256()) == 0)
        return nullptr;
    if (key.source() == KeySource::System)
        return certificate;
    unsigned char* raw = nullptr;
    const int size = i2d_re_X509_tbs(certificate.get(), &raw);
    if (size <= 0)
        return nullptr;
    const std::string body(reinterpret_cast<char*>(raw), static_cast<std::size_t>(size));
    OPENSSL_free(raw);
    Result<std::string> signature = key.sign(body);
    if (!signature)
        return nullptr;
    static const std::string ecdsaWithSha256 = "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
    const std::string bits = std::string(1, '\0') + derSignature(*signature);
    return readCertificate(derElement(0x30, body + ecdsaWithSha256 + derElement(0x03, bits)));
}

// `issuer` null: signs itself.
Result<KeyPair> makeCertificate(Env& env, const Subject& subject, const EcKey& key, X509* issuer,
                                const EcKey& issuerKey, Duration lifetime) {
    CertificatePtr certificate(X509_new());
    X509* made = certificate.get();
    X509_set_version(made, X509_VERSION_3);
    // 63 random bits: positive, and never zero.
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(made), (env.random.next() >> 1) | 1);
    ASN1_TIME_set(X509_getm_notBefore(made), wholeSeconds(env.now() - kBackdating));
    ASN1_TIME_set(X509_getm_notAfter(made), wholeSeconds(env.now() + lifetime));
    writeName(X509_get_subject_name(made), subject);
    X509_set_issuer_name(made, X509_get_subject_name(issuer != nullptr ? issuer : made));
    X509_set_pubkey(made, key.handle());
    if (!addExtensions(made, issuer != nullptr ? issuer : made, subject))
        return internalError("a certificate for \"" + subject.commonName + "\" can't be made");
    certificate = signedBy(std::move(certificate), issuerKey);
    if (!certificate)
        return internalError("a certificate for \"" + subject.commonName + "\" can't be signed");
    return KeyPair{pemOf(certificate.get()), key.privatePem()};
}

Result<KeyPair> makeLeaf(Env& env, const KeyPair& authority, const Subject& subject,
                         KeySource source) {
    const CertificatePtr issuer = readCertificate(authority.certificatePem);
    if (!issuer)
        return badRequest("the authority's certificate is not a PEM certificate");
    ORRERY_TRY_ASSIGN(const EcKey issuerKey, EcKey::fromPem(authority.keyPem, source));
    ORRERY_TRY_ASSIGN(const EcKey key, EcKey::generate(env.random, source));
    return makeCertificate(env, subject, key, issuer.get(), issuerKey, kLeafLifetime);
}

std::vector<std::string> nameEntries(X509_NAME* name, int nid) {
    std::vector<std::string> entries;
    for (int at = -1; (at = X509_NAME_get_index_by_NID(name, nid, at)) >= 0;) {
        unsigned char* text = nullptr;
        const int size =
            ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
        if (size < 0)
            continue;
        entries.emplace_back(reinterpret_cast<char*>(text), static_cast<std::size_t>(size));
        OPENSSL_free(text);
    }
    return entries;
}

std::string addressText(const ASN1_OCTET_STRING* address) {
    const unsigned char* bytes = ASN1_STRING_get0_data(address);
    const int size = ASN1_STRING_length(address);
    std::string text;
    if (size == 4) {
        for (int at = 0; at < 4; ++at)
            text += (at > 0 ? "." : "") + std::to_string(bytes[at]);
        return text;
    }
    static constexpr char digits[] = "0123456789abcdef";
    for (int at = 0; at + 1 < size; at += 2) {
        const int group = bytes[at] << 8 | bytes[at + 1];
        text += at > 0 ? ":" : "";
        for (int shift = 12; shift >= 0; shift -= 4)
            if (shift == 0 || group >> shift != 0)
                text += digits[(group >> shift) & 15];
    }
    return text;
}

void readHosts(X509* certificate, CertificateInfo& out) {
    const NamesPtr names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    if (!names)
        return;
    for (int at = 0; at < sk_GENERAL_NAME_num(names.get()); ++at) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), at);
        if (name->type == GEN_DNS)
            out.dnsNames.emplace_back(
                reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
        else if (name->type == GEN_IPADD)
            out.ipAddresses.push_back(addressText(name->d.iPAddress));
    }
}

} // namespace

Result<KeyPair> makeAuthority(Env& env, KeySource source, const std::string& keyPem) {
    Result<EcKey> key =
        keyPem.empty() ? EcKey::generate(env.random, source) : EcKey::fromPem(keyPem, source);
    if (!key)
        return std::move(key.error());
    const Subject subject{Purpose::Authority, std::string(kAuthorityName), {}, {}};
    return makeCertificate(env, subject, *key, nullptr, *key, kAuthorityLifetime);
}

Result<KeyPair> makeServerCertificate(Env& env, const KeyPair& authority,
                                      const std::vector<std::string>& hosts, KeySource source) {
    Subject subject{Purpose::Server, "kube-apiserver", {}, clusterHosts()};
    for (const std::string& host : hosts)
        if (!host.empty() &&
            std::find(subject.hosts.begin(), subject.hosts.end(), host) == subject.hosts.end())
            subject.hosts.push_back(host);
    return makeLeaf(env, authority, subject, source);
}

Result<KeyPair> makeClientCertificate(Env& env, const KeyPair& authority,
                                      const std::string& commonName,
                                      const std::vector<std::string>& organizations,
                                      KeySource source) {
    return makeLeaf(env, authority, {Purpose::Client, commonName, organizations, {}}, source);
}

Result<CertificateInfo> parseCertificate(std::string_view pemOrDer) {
    const CertificatePtr certificate = readCertificate(pemOrDer);
    if (!certificate)
        return badRequest("not a certificate");
    CertificateInfo info;
    X509_NAME* name = X509_get_subject_name(certificate.get());
    if (std::vector<std::string> names = nameEntries(name, NID_commonName); !names.empty())
        info.commonName = names.back(); // of several, the last counts, as in Go
    info.organizations = nameEntries(name, NID_organizationName);
    readHosts(certificate.get(), info);
    info.notBefore = timeOf(X509_get0_notBefore(certificate.get()));
    info.notAfter = timeOf(X509_get0_notAfter(certificate.get()));
    info.sha256Hex = hexText(sha256(derOf(certificate.get())));
    info.authority = X509_check_ca(certificate.get()) == 1;
    return info;
}

bool certificateHasKey(std::string_view certificatePem, std::string_view keyPem) {
    const CertificatePtr certificate = readCertificate(certificatePem);
    const Result<EcKey> key = EcKey::fromPem(keyPem);
    return certificate && key && X509_check_private_key(certificate.get(), key->handle()) == 1;
}

bool certificateCovers(std::string_view certificatePem, const std::string& host) {
    const CertificatePtr certificate = readCertificate(certificatePem);
    return certificate &&
           (X509_check_host(certificate.get(), host.data(), host.size(), 0, nullptr) == 1 ||
            X509_check_ip_asc(certificate.get(), host.c_str(), 0) == 1);
}

bool certificateSignedBy(std::string_view certificatePem, std::string_view authorityPem) {
    const CertificatePtr certificate = readCertificate(certificatePem);
    const CertificatePtr authority = readCertificate(authorityPem);
    return certificate && authority &&
           X509_verify(certificate.get(), X509_get0_pubkey(authority.get())) == 1;
}

} // namespace orrery::pki
