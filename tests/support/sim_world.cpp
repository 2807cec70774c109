#include "tests/support/sim_world.h"

#include "core/apiserver/server.h"

namespace orrery::tests {

namespace {
// Takes one answer that is sent whole.
class Taken final : public apiserver::HttpAnswer {
  public:
    void send(apiserver::HttpResponse response) override {
        code = response.code;
        for (const apiserver::Slice& slice : response.body)
            body += slice.bytes;
    }
    std::unique_ptr<apiserver::HttpStream> stream(int, apiserver::Headers,
                                                  std::function<void()>) override {
        ORRERY_ASSERT(false); // nobody here asks for a stream
        return nullptr;
    }
    std::unique_ptr<apiserver::HttpStream> upgrade(apiserver::Headers,
                                                   std::function<void(std::string)>,
                                                   std::function<void()>) override {
        ORRERY_ASSERT(false);
        return nullptr;
    }
    int code = 0;
    std::string body;
};
} // namespace

const std::string& keyOf(const store::Event& event) {
    return (event.current ? event.current : event.previous)->key;
}

bool isHeartbeat(const store::Event& event) {
    const std::string& key = keyOf(event);
    return key.starts_with("/registry/leases/") || key.starts_with("/registry/events/") ||
           (key.starts_with("/registry/minions/") && event.cause &&
            event.cause->because == "the kubelet reports its node's status");
}

SimWorld::SimWorld(Options options) : env_(options.seed, stations_), options_(options) {
    cluster::ClusterOptions made;
    made.serve = false;
    made.simulatedNodes = options.nodes;
    made.instant = options.instant;
    made.stations = &stations_;
    std::optional<Result<void>> ready;
    auto started = cluster::Cluster::start(
        env(), made, [&ready](Result<void> outcome) { ready = std::move(outcome); });
    ORRERY_ASSERT(started.has_value());
    cluster_ = std::move(*started);
    startedAt_ = lastWrite_ = env().now();
    auto watch =
        cluster_->store().watch({"/registry/", 1}, [this](std::span<const store::EventPtr> events) {
            for (const store::EventPtr& event : events)
                record(event);
        });
    ORRERY_ASSERT(watch.has_value());
    watch_ = std::move(*watch);
    env_.runPosted();
    ORRERY_ASSERT(ready && ready->has_value());
    settle();
}

SimWorld::~SimWorld() {
    watch_.reset();
    cluster_.reset();
}

void SimWorld::record(const store::EventPtr& event) {
    if (options_.keepHistory)
        history_.push_back(event);
    if (!isHeartbeat(*event))
        lastWrite_ = env().now();
    if (onEvent)
        onEvent(*event);
}

Result<client::Response> SimWorld::send(client::Request request) {
    std::optional<Result<client::Response>> answer;
    cluster_->client().send(std::move(request), [&answer](Result<client::Response> given) {
        answer = std::move(given);
    });
    env_.runPosted();
    ORRERY_ASSERT(answer.has_value());
    return std::move(*answer);
}

Result<client::Response> SimWorld::send(std::string verb, client::ResourcePath path,
                                        std::optional<Json> body, client::PatchType patchType) {
    client::Request request;
    // An outside request names itself in its cause; so does this one, in place of HTTP.
    request.cause.request = verb + " " + path.resource +
                            (path.subresource.empty() ? "" : "/" + path.subresource) +
                            (path.name.empty() ? "" : " " + path.name);
    request.cause.because = "the test asked for it";
    request.verb = std::move(verb);
    request.path = std::move(path);
    request.body = std::move(body);
    request.patchType = patchType;
    return send(std::move(request));
}

Result<Json> SimWorld::http(std::string method, const std::string& target,
                            std::optional<Json> body) {
    apiserver::HttpRequest request;
    request.method = std::move(method);
    request.target = target;
    if (body) {
        request.headers.emplace_back("content-type", "application/json");
        request.body = serializeJson(*body);
        request.json = Result<Json>(std::move(*body));
    }
    request.credentials.certificateCommonName = "kubernetes-admin";
    request.credentials.certificateOrganizations = {"system:masters"};
    const auto answer = std::make_shared<Taken>();
    cluster_->server().handle(std::move(request), answer);
    env_.runPosted();
    ORRERY_TRY_ASSIGN(Json given, parseJson(answer->body));
    if (answer->code / 100 != 2)
        return badRequest(std::string(stringAt(given, "message", answer->body)));
    return given;
}

client::ResourcePath SimWorld::path(const api::KindDef& kind, const std::string& namespace_,
                                    const std::string& name) const {
    return {kind.group,  kind.version,
            kind.plural, kind.scope == api::Scope::Namespaced ? namespace_ : "",
            name,        ""};
}

std::vector<EncodedPtr> SimWorld::list(const api::KindDef& kind, const std::string& namespace_) {
    Result<client::Response> answer = send("list", path(kind, namespace_, ""));
    ORRERY_ASSERT(answer.has_value());
    return std::move(answer->items);
}

EncodedPtr SimWorld::find(const api::KindDef& kind, const std::string& namespace_,
                          const std::string& name) {
    const Result<client::Response> answer = send("get", path(kind, namespace_, name));
    return answer ? answer->object : nullptr;
}

std::vector<std::string> SimWorld::apply(const std::string& file, const std::string& text) {
    std::optional<Result<std::vector<cluster::Applied>>> answer;
    cluster_->applyManifests(file, text, [&answer](auto rows) { answer = std::move(rows); });
    env_.runPosted();
    ORRERY_ASSERT(answer.has_value());
    if (!*answer)
        return {answer->error().message};
    std::vector<std::string> failures;
    for (const cluster::Applied& row : **answer)
        if (row.what == cluster::Applied::What::Failed)
            failures.push_back(row.kind + "/" + row.name + ": " + row.message);
    return failures;
}

bool SimWorld::settle(Duration quiet, Duration most) {
    const Time end = env().now() + most;
    env_.runPosted();
    lastWrite_ = env().now();
    while (env().now() < lastWrite_ + quiet) {
        if (env().now() >= end)
            return false;
        env_.advance(std::min<Duration>(lastWrite_ + quiet - env().now(), std::chrono::seconds(1)));
    }
    return true;
}

std::string SimWorld::dumpHistory() const {
    std::string out;
    for (const store::EventPtr& event : history_) {
        const WriteCause none;
        const WriteCause& cause = event->cause ? *event->cause : none;
        out += std::to_string(event->revision) + " " + formatMicroTime(event->at) + " " +
               (event->type == store::Event::Type::Put ? "put " : "delete ") + keyOf(*event) + " ";
        if (event->current && event->current->value)
            out += event->current->value->bytes();
        out += " | " + cause.actor + " | " + cause.because + " | " + cause.request + " | " +
               cause.userAgent + " | " + std::to_string(cause.wokenBy) + "\n";
    }
    return out;
}

} // namespace orrery::tests
