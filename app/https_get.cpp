#include "app/https_get.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cstdlib>
#include <cstring>
#include <memory>

namespace orrery::app {

namespace {
constexpr std::size_t kAnswerBytesMax = 64 << 20;

template <auto Free> struct Deleter {
    template <typename T> void operator()(T* pointer) const { Free(pointer); }
};
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Context = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;

Bio textBio(const std::string& text) {
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Error tlsError(const std::string& what) {
    char text[256] = "no details";
    if (const unsigned long code = ERR_get_error())
        ERR_error_string_n(code, text, sizeof text);
    return internalError(what + ": " + text);
}

Result<Context> contextFor(const HttpsTarget& target) {
    Context context(SSL_CTX_new(TLS_client_method()));
    if (!context)
        return tlsError("can't set up TLS");
    const Certificate ca(PEM_read_bio_X509(textBio(target.caPem).get(), nullptr, nullptr, nullptr));
    if (!ca || X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), ca.get()) != 1)
        return tlsError("the kubeconfig's certificate authority can't be used");
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    const Certificate own(
        PEM_read_bio_X509(textBio(target.clientCertificatePem).get(), nullptr, nullptr, nullptr));
    const Key key(
        PEM_read_bio_PrivateKey(textBio(target.clientKeyPem).get(), nullptr, nullptr, nullptr));
    if (!own || !key || SSL_CTX_use_certificate(context.get(), own.get()) != 1 ||
        SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1)
        return tlsError("the kubeconfig's client certificate can't be used");
    return context;
}

Result<std::string> readAll(BIO* bio) {
    std::string answer;
    char buffer[16384];
    while (answer.size() < kAnswerBytesMax) {
        const int got = BIO_read(bio, buffer, sizeof buffer);
        if (got <= 0)
            return answer;
        answer.append(buffer, static_cast<std::size_t>(got));
    }
    return internalError("the answer is larger than 64 MiB");
}

// A body sent in chunks, put together.
std::string joinChunks(std::string_view rest) {
    std::string body;
    while (true) {
        const std::size_t end = rest.find("\r\n");
        if (end == std::string_view::npos)
            return body;
        const std::size_t size =
            std::strtoul(std::string(rest.substr(0, end)).c_str(), nullptr, 16);
        rest.remove_prefix(end + 2);
        if (size == 0 || size > rest.size())
            return body;
        body += rest.substr(0, size);
        rest.remove_prefix(std::min(rest.size(), size + 2));
    }
}

Result<HttpsAnswer> parseAnswer(const std::string& raw) {
    const std::size_t head = raw.find("\r\n\r\n");
    if (raw.substr(0, 5) != "HTTP/" || raw.size() < 12 || head == std::string::npos)
        return internalError("the server gave no HTTP answer");
    HttpsAnswer answer;
    answer.code = std::atoi(raw.c_str() + 9);
    answer.body = raw.substr(head + 4);
    std::string headers = raw.substr(0, head);
    for (char& c : headers)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (headers.find("transfer-encoding: chunked") != std::string::npos)
        answer.body = joinChunks(answer.body);
    return answer;
}
} // namespace

Result<HttpsAnswer> httpsGet(const HttpsTarget& target, const std::string& path) {
    if (target.url.substr(0, 8) != "https://")
        return badRequest("the kubeconfig's server \"" + target.url + "\" is no https address");
    std::string address = target.url.substr(8);
    while (!address.empty() && address.back() == '/')
        address.pop_back();
    ORRERY_TRY_ASSIGN(const Context context, contextFor(target));
    const Bio bio(BIO_new_ssl_connect(context.get()));
    if (!bio || BIO_set_conn_hostname(bio.get(), address.c_str()) != 1)
        return tlsError("can't reach " + target.url);
    if (BIO_do_connect(bio.get()) != 1)
        return makeError(Reason::ServiceUnavailable,
                         "can't reach " + target.url + ": is Orrery running?");
    timeval limit{10, 0};
    const int fd = static_cast<int>(BIO_get_fd(bio.get(), nullptr));
    if (::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0)
        return internalError("can't set a time limit");
    const std::string request =
        "GET " + path + " HTTP/1.1\r\nHost: " + address +
        "\r\nAccept: application/json\r\nUser-Agent: orrery\r\nConnection: close\r\n\r\n";
    if (BIO_write(bio.get(), request.data(), static_cast<int>(request.size())) <= 0)
        return tlsError("can't ask " + target.url);
    ORRERY_TRY_ASSIGN(const std::string raw, readAll(bio.get()));
    return parseAnswer(raw);
}

} // namespace orrery::app
