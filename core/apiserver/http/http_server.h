// The HTTPS port: HTTP/2 and HTTP/1.1 over TLS, with its own I/O thread. Requests come out on the
// plane thread; answers go back as lists of shared buffers, or as streams.
//
// Everything that a caller controls has a limit: connections, header and body sizes, and the time
// that a handshake, a request or the reading of an answer may take.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "core/apiserver/http_message.h"
#include "core/apiserver/server.h"
#include "core/runtime/env.h"

namespace orrery::apiserver {

struct HttpLimits {
    // Further ones are told 503, twice as many are closed at once. Lowered to what the process may
    // open.
    int connectionsMax = 20'000;
    std::size_t headerBytesMax = 1 << 20; // 431
    std::size_t bodyBytesMax = 3 << 20;   // 413
    int pipelinedMax = 64; // unanswered requests of one connection; reading stops there
    int handshakeSecondsMax = 10;
    int requestSecondsMax = 30; // from a request's first byte to its last
    int stalledSecondsMax = 60; // for a reader that takes nothing of its answer
    // Queued for one streamed answer; more ends the stream (HTTP/2) or the connection (HTTP/1.1).
    std::size_t streamBytesMax = 16 << 20;
    // HTTP/2, of one connection
    int streamsMax = 100;                      // at once, as Kubernetes has it
    std::size_t unfinishedBytesMax = 64 << 20; // of request bodies that are not whole
    int resetsMax = 500;                       // at once, and a tenth of it a second
    int controlFramesMax = 2000;               // likewise: PING, SETTINGS, empty DATA
};

class HttpIo; // http_io.h

class HttpServer {
  public:
    using Handler = std::function<void(HttpRequest request, HttpAnswerPtr answer)>; // plane thread

    // Takes the socket over. Error: a certificate or key that OpenSSL refuses.
    static Result<std::unique_ptr<HttpServer>> start(Env& env, std::unique_ptr<ListenSocket> socket,
                                                     const TlsConfig& tls, Handler handler,
                                                     HttpLimits limits = {});
    ~HttpServer(); // closes everything at once

    // Accepts no more; idle connections close, busy ones after their answer. `done`: on the plane
    // thread, when all are gone, or after `patience`.
    void stop(Duration patience, std::function<void()> done);
    int connections() const; // any thread

  private:
    HttpServer();
    std::shared_ptr<HttpIo> io_;
};

} // namespace orrery::apiserver
