#include "core/apiserver/server.h"

#include "core/apiserver/bootstrap.h"
#include "core/apiserver/http/http_server.h"
#include "core/apiserver/http_requests.h"
#include "core/apiserver/in_process_client.h"
#include "core/apiserver/log_answer.h"
#include "core/apiserver/non_resource.h"
#include "core/apiserver/server_core.h"
#include "core/apiserver/watch_stream.h"

namespace orrery::apiserver {

namespace {
constexpr Duration kStopPatience = std::chrono::seconds(5);
constexpr Duration kBookmarkEvery = std::chrono::minutes(1);

// Tells watchers how far the store is, a minute after something happened; nothing runs while
// nothing happens.
void scheduleBookmarks(ServerCore& core) {
    core.watches.onProgress([&core] {
        if (core.bookmarkTimer != 0 || core.streams.empty())
            return;
        core.bookmarkTimer = core.env.executor.postAt(core.env.now() + kBookmarkEvery, [&core] {
            core.bookmarkTimer = 0;
            for (const auto& [stream, owner] : core.streams)
                stream->bookmark();
        });
    });
}
} // namespace

ApiServer::ApiServer(Env& env, store::Store& store, api::KindRegistry& kinds, ServerOptions options)
    : core_(std::make_unique<ServerCore>(env, store, kinds, std::move(options))) {
    scheduleBookmarks(*core_);
}
ApiServer::~ApiServer() = default;

void ApiServer::setAuthenticator(auth::Authenticator* authenticator) {
    core_->authenticator = authenticator;
}
void ApiServer::setAuthorizer(auth::Authorizer* authorizer) {
    core_->authorizer = authorizer;
}
void ApiServer::setNodeBackend(NodeBackend* backend) {
    core_->nodes = backend;
}
void ApiServer::setServiceAccountTokens(const pki::ServiceAccountTokens* tokens) {
    core_->tokens = tokens;
}

std::unique_ptr<client::Client> ApiServer::clientFor(client::UserInfo user, bool trusted) {
    return std::make_unique<InProcessClient>(*core_, std::move(user), trusted);
}

void ApiServer::ensureBootstrap(std::function<void(Result<void>)> done) {
    makeBootstrapObjects(*core_, std::move(done));
}

Result<void> ApiServer::serve(std::unique_ptr<ListenSocket> socket, TlsConfig tls) {
    ServerCore* core = core_.get();
    ORRERY_TRY_ASSIGN(
        core_->http, HttpServer::start(core->env, std::move(socket), tls,
                                       [core](HttpRequest request, HttpAnswerPtr answer) {
                                           handleHttp(*core, std::move(request), std::move(answer));
                                       }));
    return {};
}

void ApiServer::handle(HttpRequest request, HttpAnswerPtr answer) {
    handleHttp(*core_, std::move(request), std::move(answer));
}

void ApiServer::addNonResourcePath(std::string path, NonResourceHandler handler) {
    core_->paths[std::move(path)] = std::move(handler);
}

void ApiServer::addHealthCheck(std::string name, std::function<std::string()> check) {
    core_->healthChecks.emplace_back(std::move(name), std::move(check));
}

void ApiServer::kindsChanged() {
    refreshDocuments(*core_);
}

void ApiServer::stop(std::function<void()> done) {
    core_->stopping = true;
    std::vector<WatchStream*> streams;
    for (const auto& [stream, owner] : core_->streams)
        streams.push_back(stream);
    for (WatchStream* stream : streams)
        stream->end();
    if (core_->http)
        core_->http->stop(kStopPatience, std::move(done));
    else
        core_->env.executor.post(std::move(done));
}

} // namespace orrery::apiserver
