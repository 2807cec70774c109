// An API server on the simulated world, driven one request at a time.
#pragma once
#include "core/apiserver/server.h"
#include "core/runtime/sim/sim_env.h"
#include "core/store/store.h"
#include "core/trace/trace.h"
#include "tests/support/test.h"

namespace orrery::tests {

inline Json parsed(std::string_view text) {
    Result<Json> tree = parseJson(text);
    if (!tree)
        qFatal("a test's JSON is broken: %s", tree.error().message.c_str());
    return std::move(*tree);
}

// Who a certificate of the tests belongs to is who asks; everybody may do everything, but "nobody".
class OpenDoor final : public auth::Authenticator, public auth::Authorizer {
  public:
    Result<auth::UserInfo> authenticate(const auth::Credentials& credentials) override {
        if (credentials.bearerToken == "wrong")
            return makeError(Reason::Unauthorized, "Unauthorized");
        return auth::UserInfo{
            credentials.bearerToken.empty() ? "tester" : credentials.bearerToken, {}, "", {}};
    }
    Result<auth::TokenUser> reviewToken(const std::string&,
                                        const std::vector<std::string>&) override {
        return badRequest("no tokens here");
    }
    auth::Decision authorize(const auth::Attributes& attributes) override {
        return {attributes.user.name != "nobody", ""};
    }
    std::vector<auth::PolicyRule> rulesFor(const auth::UserInfo&, const std::string&) override {
        return {};
    }
};

// What came of one HTTP request that did not pass a socket.
struct Reply : apiserver::HttpAnswer, std::enable_shared_from_this<Reply> {
    int code = 0;
    apiserver::Headers headers;
    std::string body; // of a stream: what was written so far
    bool ended = false;
    std::size_t stuckBytes = 0; // what a stream says is queued
    std::function<void()> onClosed;

    struct Stream final : apiserver::HttpStream {
        explicit Stream(std::shared_ptr<Reply> to) : reply(std::move(to)) {}
        void write(std::vector<apiserver::Slice> slices) override {
            for (const apiserver::Slice& slice : slices)
                reply->body += slice.bytes;
        }
        std::size_t queuedBytes() const override { return reply->stuckBytes; }
        void end() override { reply->ended = true; }
        void cut() override { reply->ended = true; }
        std::shared_ptr<Reply> reply;
    };

    void send(apiserver::HttpResponse response) override {
        code = response.code;
        headers = std::move(response.headers);
        for (const apiserver::Slice& slice : response.body)
            body += slice.bytes;
        ended = true;
    }
    std::unique_ptr<apiserver::HttpStream> stream(int status, apiserver::Headers given,
                                                  std::function<void()> closed) override {
        code = status;
        headers = std::move(given);
        onClosed = std::move(closed);
        return std::make_unique<Stream>(shared_from_this());
    }
    // An upgraded connection; what the caller says goes to onBytes.
    std::function<void(std::string)> onBytes;
    std::unique_ptr<apiserver::HttpStream> upgrade(apiserver::Headers given,
                                                   std::function<void(std::string)> bytes,
                                                   std::function<void()> closed) override {
        onBytes = std::move(bytes);
        return stream(101, std::move(given), std::move(closed));
    }
    Json json() const { return parsed(body); }
    std::vector<Json> lines() const {
        std::vector<Json> out;
        std::size_t at = 0;
        while (at < body.size()) {
            const std::size_t end = body.find('\n', at);
            out.push_back(parsed(body.substr(at, end - at)));
            at = end + 1;
        }
        return out;
    }
};

class World {
  public:
    explicit World(std::uint64_t seed = 1)
        : sim_(seed, trace_), store_(std::move(*store::openStore(sim_.env(), {}))),
          server_(std::make_unique<apiserver::ApiServer>(sim_.env(), *store_, kinds_,
                                                         apiserver::ServerOptions())) {
        server_->setAuthenticator(&door_);
        server_->setAuthorizer(&door_);
        client_ = server_->clientFor({"tester", {}, "", {}});
    }
    ~World() {
        client_.reset();
        server_.reset();
    }

    SimEnv& sim() { return sim_; }
    store::Store& store() { return *store_; }
    apiserver::ApiServer& server() { return *server_; }
    client::Client& client() { return *client_; }
    api::KindRegistry& kinds() { return kinds_; }

    Result<client::Response> send(client::Request request) {
        Result<client::Response> out = internalError("no answer came");
        client_->send(std::move(request),
                      [&out](Result<client::Response> response) { out = std::move(response); });
        sim_.runPosted();
        return out;
    }
    // An HTTP request without a socket: everything behind the parser.
    std::shared_ptr<Reply> http(std::string method, std::string target, std::string body = {},
                                apiserver::Headers headers = {}) {
        auto reply = std::make_shared<Reply>();
        apiserver::HttpRequest request;
        request.method = std::move(method);
        request.target = std::move(target);
        request.headers = std::move(headers);
        request.body = std::move(body);
        if (!request.body.empty())
            request.json = parseJson(request.body);
        server_->handle(std::move(request), reply);
        sim_.runPosted();
        return reply;
    }
    // Creates and gives the stored object.
    Json create(const std::string& target, std::string_view body) {
        const auto reply =
            http("POST", target, std::string(body), {{"content-type", "application/json"}});
        if (reply->code != 201)
            qFatal("POST %s: %d %s", target.c_str(), reply->code, reply->body.c_str());
        return reply->json();
    }
    void createNamespace(const std::string& name) {
        create("/api/v1/namespaces", R"({"metadata":{"name":")" + name + "\"}}");
    }

  private:
    NoTrace trace_;
    SimEnv sim_;
    api::KindRegistry kinds_;
    std::unique_ptr<store::Store> store_;
    OpenDoor door_;
    std::unique_ptr<apiserver::ApiServer> server_;
    std::unique_ptr<client::Client> client_;
};

} // namespace orrery::tests
