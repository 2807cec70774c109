#include "core/apiserver/http_requests.h"

#include <algorithm>

#include "core/api/protobuf.h"
#include "core/apiserver/log_answer.h"
#include "core/apiserver/non_resource.h"
#include "core/apiserver/pipeline.h"
#include "core/apiserver/render.h"
#include "core/apiserver/status.h"
#include "core/apiserver/watch_stream.h"

namespace orrery::apiserver {

namespace {
// One request from its arrival to its last byte.
struct Exchange {
    ServerCore& core;
    HttpAnswerPtr http;
    Call call;
    Representation form, errors; // of the answer, and of a refusal
    std::string auditId;
    Duration began{};
    std::string method;
    bool counted = false, mutating = false, pretty = false;

    Exchange(ServerCore& core_, HttpAnswerPtr http_) : core(core_), http(std::move(http_)) {}
    RenderContext context() const { return context(form); }
    RenderContext context(const Representation& in) const {
        return {in, call.options, call.warnings, core.env.now(), auditId};
    }
};
using ExchangePtr = std::shared_ptr<Exchange>;

std::string scopeOf(const RequestInfo& info) {
    if (!info.resourceRequest)
        return "";
    if (!info.name.empty())
        return "resource";
    return info.namespace_.empty() ? "cluster" : "namespace";
}

void finish(Exchange& exchange, HttpResponse response) {
    ServerCore& core = exchange.core;
    const RequestInfo& info = exchange.call.info;
    std::string verb =
        info.resourceRequest && info.verb != exchange.method ? info.verb : exchange.method;
    if (verb == "get" || verb == "list" || verb == "watch" || verb == "patch" ||
        verb == "deletecollection")
        std::transform(verb.begin(), verb.end(), verb.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    else
        verb = exchange.method;
    core.metrics.count({verb, info.group, info.version, info.resource, info.subresource,
                        scopeOf(info), response.code},
                       core.env.clock.monotonic() - exchange.began);
    if (exchange.counted)
        --(exchange.mutating ? core.mutatingInFlight : core.readOnlyInFlight);
    exchange.counted = false;
    exchange.http->send(std::move(response));
}

void readCredentials(const HttpRequest& request, auth::Credentials& out) {
    constexpr std::string_view kExtra = "impersonate-extra-";
    for (const auto& [name, value] : request.headers) {
        if (name == "authorization" && value.size() > 7 &&
            (value.starts_with("Bearer ") || value.starts_with("bearer ")))
            out.bearerToken = value.substr(7);
        else if (name == "impersonate-user")
            out.impersonateUser = value;
        else if (name == "impersonate-uid")
            out.impersonateUid = value;
        else if (name == "impersonate-group")
            out.impersonateGroups.push_back(value);
        else if (name.starts_with(kExtra)) {
            std::string key = decodePercent(name.substr(kExtra.size()), false);
            std::transform(key.begin(), key.end(), key.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
            out.impersonateExtra[key].push_back(value);
        }
    }
}

Error unknownFormat(const std::string& accepted) {
    return makeError(
        Reason::UnsupportedMediaType,
        "the body of the request was in an unknown format - accepted media types include: " +
            accepted);
}

Result<client::PatchType> patchTypeOf(std::string_view type, bool custom) {
    if (type == "application/json-patch+json")
        return client::PatchType::Json;
    if (type == "application/merge-patch+json")
        return client::PatchType::Merge;
    if (type == "application/strategic-merge-patch+json" && !custom)
        return client::PatchType::StrategicMerge;
    if (type == "application/apply-patch+yaml")
        return client::PatchType::Apply;
    if (custom)
        return unknownFormat("application/json-patch+json, application/merge-patch+json, "
                             "application/apply-patch+yaml");
    return makeError(Reason::UnsupportedMediaType, "415: Unsupported Media Type");
}

// The media type of the body as it was sent, without its parameters.
std::string_view sentType(const HttpRequest& request) {
    std::string_view type = headerOf(request.headers, "content-type");
    type = type.substr(0, type.find(';'));
    while (!type.empty() && type.back() == ' ')
        type.remove_suffix(1);
    return type;
}

Result<void> readBody(HttpRequest& request, Call& call) {
    std::string type(sentType(request));
    std::transform(type.begin(), type.end(), type.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const bool written = call.info.verb == "create" || call.info.verb == "update" ||
                         (!request.body.empty() && call.info.verb != "patch");
    if (written && !type.empty() && type != "application/json" && type != "application/yaml" &&
        type != api::kProtobufMediaType)
        return unknownFormat("application/json, application/yaml, "
                             "application/vnd.kubernetes.protobuf");
    if (request.json && request.json->has_value())
        call.body = std::move(**request.json);
    else if (request.json && (type.find("yaml") != std::string::npos))
        call.bodyError = request.json->error().message;
    else if (type == api::kProtobufMediaType)
        call.bodyError = request.json ? request.json->error().message : "empty data";
    call.bodyText = std::move(request.body);
    return {};
}

// Connections to a node or a pod carry what they carry.
bool connects(std::string_view subresource) {
    return subresource == "proxy" || subresource == "exec" || subresource == "attach" ||
           subresource == "portforward";
}

// What can be said about a request to a resource before anybody looks at the object: the media
// types of its patch, its answer and its body, then its options.
Result<void> readForms(Exchange& exchange, HttpRequest& request) {
    Call& call = exchange.call;
    if (exchange.method == "HEAD")
        return methodNotAllowed();
    const std::string_view accept = headerOf(request.headers, "accept");
    const api::KindDef* kind =
        exchange.core.kinds.byResource(call.info.group, call.info.version, call.info.resource);
    if (kind && call.info.verb == "patch") {
        ORRERY_TRY_ASSIGN(call.patchType, patchTypeOf(sentType(request), kind->custom));
    }
    if (kind && !connects(call.info.subresource)) {
        const bool watchable = call.info.verb == "list" || call.info.verb == "watch";
        const Endpoint endpoint{watchable, kind->custom, call.info.subresource == "log"};
        ORRERY_TRY_ASSIGN(exchange.form, negotiate(accept, endpoint));
        exchange.form.pretty = exchange.form.pretty || exchange.pretty;
        if (call.info.verb == "watch")
            ORRERY_TRY(checkStreamable(exchange.form));
    }
    ORRERY_TRY(readBody(request, call));
    ORRERY_TRY_ASSIGN(call.options, parseOptions(call.query, call.info));
    return {};
}

bool isReading(const std::string& method) {
    return method == "GET" || method == "HEAD";
}

// Takes a place among the requests in flight; false: there is none.
bool enter(Exchange& exchange) {
    ServerCore& core = exchange.core;
    if (exchange.call.info.verb == "watch")
        return true; // counted apart: they last
    exchange.mutating = !isReading(exchange.method);
    int& now = exchange.mutating ? core.mutatingInFlight : core.readOnlyInFlight;
    if (now >=
        (exchange.mutating ? core.options.mutatingInFlightMax : core.options.readOnlyInFlightMax))
        return false;
    ++now;
    exchange.counted = true;
    return true;
}

void refuse(const ExchangePtr& exchange, const Error& error) {
    finish(*exchange, renderError(error, exchange->context(exchange->errors)));
}

void sendAnswer(const ExchangePtr& exchange, const Answer& answer) {
    Result<HttpResponse> response = renderAnswer(exchange->core.forms, answer, exchange->context());
    if (!response)
        return refuse(exchange, response.error());
    finish(*exchange, std::move(*response));
}

// 8. Answered, once what it tells is on disk.
void answerWhenDurable(const ExchangePtr& exchange, Answer answer) {
    ServerCore& core = exchange->core;
    if (answer.awaits <= core.store.durableRevision())
        return sendAnswer(exchange, answer);
    const Revision awaits = answer.awaits;
    core.store.whenDurable(
        awaits, [exchange, alive = core.alive, answer = std::move(answer)](Result<void> durable) {
            if (!*alive)
                return;
            if (!durable)
                return refuse(exchange, durable.error());
            sendAnswer(exchange, answer);
        });
}

void serveResource(const ExchangePtr& exchange, HttpRequest& request) {
    ServerCore& core = exchange->core;
    Call& call = exchange->call;
    const Result<void> readable = readForms(*exchange, request);
    if (!readable) { // who asks and whether they may comes first all the same
        const Result<void> known = identify(core, call);
        return refuse(exchange, known ? readable.error() : known.error());
    }
    auto answer = runPipeline(core, call);
    if (!answer)
        return refuse(exchange, answer.error());
    if (answer->watch) {
        if (const Result<void> fits = checkTableOptions(exchange->form, call.options); !fits)
            return refuse(exchange, fits.error());
        return WatchStream::start(
            core, call, std::move(*answer), exchange->form,
            commonHeaders(exchange->context(), exchange->form.streamContentType()), exchange->http);
    }
    if (answer->logs) {
        if (exchange->counted)
            --core.readOnlyInFlight;
        exchange->counted = false;
        return LogAnswer::start(core, std::move(*answer->logs), exchange->http);
    }
    answerWhenDurable(exchange, std::move(*answer));
}

void serveNonResource(const ExchangePtr& exchange, HttpRequest& request) {
    ServerCore& core = exchange->core;
    Call& call = exchange->call;
    if (const Result<void> known = identify(core, call); !known)
        return refuse(exchange, known.error());
    NonResourceRequest asked{request.method, call.info.path, std::move(request.body),
                             call.query,     call.user,      std::move(request.headers)};
    answerNonResource(core, std::move(asked),
                      [exchange, alive = core.alive](HttpResponse response) {
                          if (!*alive)
                              return;
                          response.headers.emplace_back("Audit-Id", exchange->auditId);
                          finish(*exchange, std::move(response));
                      });
}

// Groups of custom resources serve what there is; of the others every path is somebody's.
bool isServed(const ServerCore& core, const RequestInfo& info) {
    if (info.group.empty() || core.kinds.byResource(info.group, info.version, info.resource))
        return true;
    return std::any_of(
        core.kinds.all().begin(), core.kinds.all().end(),
        [&info](const api::KindDef* kind) { return kind->group == info.group && !kind->custom; });
}
} // namespace

void handleHttp(ServerCore& core, HttpRequest request, HttpAnswerPtr http) {
    const auto exchange = std::make_shared<Exchange>(core, std::move(http));
    Call& call = exchange->call;
    exchange->began = core.env.clock.monotonic();
    exchange->method = request.method;
    exchange->auditId = newUid(core.env.random);
    auto [path, query] = splitTarget(request.target);
    call.query = std::move(query);
    call.info = parseRequestInfo(request.method, path, call.query);
    call.credentials = std::move(request.credentials);
    call.badCertificate = request.badCertificate;
    readCredentials(request, call.credentials);
    call.userAgent = headerOf(request.headers, "user-agent");
    exchange->pretty = wantsPretty(parameter(call.query, "pretty"), call.userAgent);
    exchange->errors = errorForm(headerOf(request.headers, "accept"), exchange->pretty);
    call.cause.request = request.method + " " + request.target;
    call.cause.userAgent = call.userAgent;
    if (core.stopping)
        return refuse(exchange,
                      makeError(Reason::ServiceUnavailable, "the API server is shutting down"));
    if (!enter(*exchange)) {
        HttpResponse busy = renderText(429, "Too many requests, please try again later.");
        busy.headers.emplace_back("Retry-After", "1");
        return finish(*exchange, std::move(busy));
    }
    if (call.info.resourceRequest && isServed(core, call.info))
        serveResource(exchange, request);
    else
        serveNonResource(exchange, request);
}

} // namespace orrery::apiserver
