// OpenSSL's side of the HTTPS port.
#pragma once
#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "core/apiserver/server.h"
#include "core/auth/auth.h"

namespace orrery::apiserver {

struct FreeSslContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, FreeSslContext>;

// TLS 1.2 and newer, ALPN "h2" and "http/1.1", sessions that may be resumed by ticket, client
// certificates asked for when there is a CA. A client certificate that does not verify does not end
// the handshake: the request then counts as unauthenticated.
Result<SslContext> makeSslContext(const TlsConfig& config);

// What ALPN settled on.
bool choseHttp2(const SSL* ssl);

// The verified client certificate of a connection. `bad` is set when there is one that does not
// verify.
auth::Credentials credentialsOf(SSL* ssl, bool& bad);

} // namespace orrery::apiserver
