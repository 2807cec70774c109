// The API server: the pipeline that every request passes, from kubectl or from a loop in this
// process.
//
//   ApiServer server(env, store, kinds, options);
//   server.setAuthenticator(...); server.setAuthorizer(...); server.setNodeBackend(...);
//   server.ensureBootstrap([&](Result<void>) { ... });     // default namespaces, roles, kubernetes
//   Service server.serve(std::move(socket), tls);                   // the HTTPS port; in-process
//   clients need none
//
// Plane thread only.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/api/kind.h"
#include "core/apiserver/http_message.h"
#include "core/apiserver/node_backend.h"
#include "core/auth/auth.h"
#include "core/client/client.h"
#include "core/runtime/env.h"
#include "core/store/store.h"

namespace orrery::pki {
class ServiceAccountTokens;
}

namespace orrery::apiserver {

struct ServerOptions {
    std::string gitVersion = "v1.36.0+orrery";
    std::string advertiseAddress = "127.0.0.1"; // in the `kubernetes` Endpoints
    int advertisePort = 6443;
    Duration requestTimeout = std::chrono::seconds(60);
    int readOnlyInFlightMax = 400; // more are refused with 429; watches don't count
    int mutatingInFlightMax = 200;
    std::string serviceCidr = "10.96.0.0/16";
    Duration eventsLive = std::chrono::hours(1);
    std::size_t watchBufferBytesMax = 8 << 20; // a watcher that is further behind is cut
};

// PEM texts.
struct TlsConfig {
    std::string certificate; // the server's, with its chain
    std::string key;
    std::string clientCa; // verifies client certificates; "": none are asked for
};

// Answers one GET (or other) of a registered non-resource path; already authenticated and
// authorized. `query` holds the decoded parameters in the order of the request.
struct NonResourceRequest {
    std::string method, path, body;
    std::vector<std::pair<std::string, std::string>> query;
    client::UserInfo user;
    Headers headers; // names in lower case
};
struct NonResourceResponse {
    int code = 200;
    std::string contentType = "application/json";
    std::string body;
};
using NonResourceHandler = std::function<void(const NonResourceRequest& request,
                                              std::function<void(NonResourceResponse)> answer)>;

struct ServerCore; // everything behind the public face: server_core.h

class ApiServer {
  public:
    // All of the arguments outlive the server.
    ApiServer(Env& env, store::Store& store, api::KindRegistry& kinds, ServerOptions options);
    ~ApiServer();
    ApiServer(const ApiServer&) = delete;
    ApiServer& operator=(const ApiServer&) = delete;

    // Until these are set, HTTP requests are refused with 503 (in-process trusted clients work).
    void setAuthenticator(auth::Authenticator* authenticator);
    void setAuthorizer(auth::Authorizer* authorizer);
    void setNodeBackend(NodeBackend* backend);
    // Signs what POST serviceaccounts/NAME/token hands out; its keys are served at /openid/v1/jwks.
    void setServiceAccountTokens(const pki::ServiceAccountTokens* tokens);

    // A client of this server inside the process: the same pipeline, no HTTP. Trusted clients skip
    // authorization (loops, and whoever is in system:masters). The client must not outlive the
    // server.
    std::unique_ptr<client::Client> clientFor(client::UserInfo user, bool trusted = true);

    // Creates what every cluster has and is missing: namespaces, RBAC policy, priority classes, the
    // `kubernetes` Service with its Endpoints. `done` runs when all of it is durable.
    void ensureBootstrap(std::function<void(Result<void>)> done);

    // Opens the HTTPS port.
    Result<void> serve(std::unique_ptr<ListenSocket> socket, TlsConfig tls);
    // One request that arrived by HTTP (or from a test).
    void handle(HttpRequest request, HttpAnswerPtr answer);

    // Answers `path` (exact, e.g. "/orrery/v1/loops") with `handler`.
    void addNonResourcePath(std::string path, NonResourceHandler handler);
    // A named check of /readyz, /livez and /healthz; "" means fine, else the reason.
    void addHealthCheck(std::string name, std::function<std::string()> check);

    // After kinds were added to or removed from the registry: documents are built anew.
    void kindsChanged();

    // Refuses new requests, ends watches, finishes what is in flight, closes; then `done`.
    void stop(std::function<void()> done);

  private:
    std::unique_ptr<ServerCore> core_;
};

} // namespace orrery::apiserver
