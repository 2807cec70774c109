#include "core/apiserver/http/tls_context.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace orrery::apiserver {

namespace {
constexpr long kSessionSeconds = 3600;

struct FreeBio {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeX509 {
    void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;
using Certificate = std::unique_ptr<X509, FreeX509>;

Bio bioOf(const std::string& pem) {
    return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

Error sslError(const char* what) {
    char text[256] = "";
    ERR_error_string_n(ERR_get_error(), text, sizeof text);
    ERR_clear_error();
    return internalError(std::string(what) + ": " + text);
}

int acceptAnyCertificate(int, X509_STORE_CTX*) {
    return 1;
} // judged per request by SSL_get_verify_result

int chooseProtocol(SSL*, const unsigned char** out, unsigned char* outLength,
                   const unsigned char* in, unsigned inLength, void*) {
    static constexpr unsigned char kOffered[] = "\x02h2\x08http/1.1";
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, outLength, kOffered, sizeof kOffered - 1, in, inLength) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK; // no common protocol: HTTP/1.1 without a word about it
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

Result<void> useCertificate(SSL_CTX* context, const TlsConfig& config) {
    const Bio pem = bioOf(config.certificate);
    const Certificate leaf(PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr));
    if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1)
        return sslError("the server's certificate can't be used");
    while (Certificate link{PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr)})
        if (SSL_CTX_add1_chain_cert(context, link.get()) != 1)
            return sslError("the server's certificate chain can't be used");
    ERR_clear_error(); // the end of the text counts as an error
    const Bio keyPem = bioOf(config.key);
    const std::unique_ptr<EVP_PKEY, FreeKey> key(
        PEM_read_bio_PrivateKey(keyPem.get(), nullptr, nullptr, nullptr));
    if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1)
        return sslError("the server's key can't be used");
    return {};
}

Result<void> useClientCa(SSL_CTX* context, const std::string& pem) {
    const Bio bio = bioOf(pem);
    int count = 0;
    while (Certificate ca{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
        if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca.get()) != 1 ||
            SSL_CTX_add_client_CA(context, ca.get()) != 1)
            return sslError("the clients' CA can't be used");
        ++count;
    }
    ERR_clear_error();
    if (count == 0)
        return internalError("the clients' CA is no certificate");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, acceptAnyCertificate);
    return {};
}

std::string entryText(X509_NAME_ENTRY* entry) {
    unsigned char* utf8 = nullptr;
    const int length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
    std::string text =
        length > 0 ? std::string(reinterpret_cast<char*>(utf8), static_cast<std::size_t>(length))
                   : std::string();
    OPENSSL_free(utf8);
    return text;
}
} // namespace

Result<SslContext> makeSslContext(const TlsConfig& config) {
    SslContext context(SSL_CTX_new(TLS_server_method()));
    if (!context)
        return sslError("TLS can't be started");
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                        SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_alpn_select_cb(context.get(), chooseProtocol, nullptr);
    // Resumed sessions keep the client's certificate; whether it is still in its time is looked at
    // anew (credentialsOf). The server keeps nothing: all is in the ticket.
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_timeout(context.get(), kSessionSeconds);
    SSL_CTX_set_num_tickets(context.get(), 1);
    const unsigned char id[] = "orrery";
    SSL_CTX_set_session_id_context(context.get(), id, sizeof id - 1);
    ORRERY_TRY(useCertificate(context.get(), config));
    if (!config.clientCa.empty())
        ORRERY_TRY(useClientCa(context.get(), config.clientCa));
    return context;
}

bool choseHttp2(const SSL* ssl) {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl, &name, &size);
    return std::string_view(reinterpret_cast<const char*>(name), size) == "h2";
}

auth::Credentials credentialsOf(SSL* ssl, bool& bad) {
    auth::Credentials out;
    bad = false;
    const Certificate certificate(SSL_get1_peer_certificate(ssl));
    if (!certificate)
        return out;
    if (SSL_get_verify_result(ssl) != X509_V_OK ||
        X509_cmp_current_time(X509_get0_notAfter(certificate.get())) <= 0) {
        bad = true;
        return out;
    }
    X509_NAME* subject = X509_get_subject_name(certificate.get());
    out.certificateCommonName = "";
    for (int i = 0; i < X509_NAME_entry_count(subject); ++i) {
        X509_NAME_ENTRY* entry = X509_NAME_get_entry(subject, i);
        const int kind = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
        if (kind == NID_commonName)
            out.certificateCommonName = entryText(entry);
        else if (kind == NID_organizationName)
            out.certificateOrganizations.push_back(entryText(entry));
    }
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (X509_digest(certificate.get(), EVP_sha256(), hash, &length) == 1) {
        static constexpr char kHex[] = "0123456789abcdef";
        for (unsigned i = 0; i < length; ++i) {
            out.certificateSha256Hex.push_back(kHex[hash[i] >> 4]);
            out.certificateSha256Hex.push_back(kHex[hash[i] & 15]);
        }
    }
    return out;
}

} // namespace orrery::apiserver
