#include "core/apiserver/http_requests.h"

#include <algorithm>

#include "core/api/protobuf.h"
#include "core/apiserver/exchange.h"
#include "core/apiserver/http/websocket.h"
#include "core/apiserver/log_answer.h"
#include "core/apiserver/non_resource.h"
#include "core/apiserver/pipeline.h"
#include "core/apiserver/render.h"
#include "core/apiserver/status.h"
#include "core/apiserver/watch_stream.h"

namespace orrery::apiserver {

namespace {
// Of a WebSocket: what is offered, without the token that may be among it. Whoever showed a
// certificate or sent a header needs no token.
Result<std::vector<std::string>> readProtocols(const HttpRequest& request, auth::Credentials& out) {
    std::vector<std::string> protocols = offeredProtocols(request.headers);
    if (!asksForWebSocket(request) || out.certificateCommonName || !out.bearerToken.empty())
        return protocols;
    if (std::optional<Result<std::string>> token = takeBearerToken(protocols)) {
        ORRERY_TRY_ASSIGN(out.bearerToken, std::move(*token));
    }
    return protocols;
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

std::string_view storageOperation(const RequestInfo& info) {
    return info.verb == "create" || info.verb == "delete" ? std::string_view(info.verb) : "update";
}

void sendAnswer(const ExchangePtr& exchange, const Answer& answer) {
    Result<HttpResponse> response = renderAnswer(exchange->core.forms, answer, exchange->context());
    if (!response)
        return exchange->refuse(response.error());
    exchange->finish(std::move(*response));
}

// 8. Answered, once what it tells is on disk.
void answerWhenDurable(const ExchangePtr& exchange, Answer answer) {
    ServerCore& core = exchange->core;
    if (answer.awaits <= core.store.durableRevision())
        return sendAnswer(exchange, answer);
    const Revision awaits = answer.awaits;
    exchange->watchDeadline();
    core.store.whenDurable(awaits, [exchange, alive = core.alive,
                                    since = core.env.clock.monotonic(),
                                    answer = std::move(answer)](Result<void> durable) {
        if (!*alive)
            return;
        if (!durable)
            return exchange->refuse(durable.error());
        const RequestInfo& info = exchange->call.info;
        exchange->core.metrics.countDurable(info.group, info.resource, storageOperation(info),
                                            exchange->core.env.clock.monotonic() - since);
        sendAnswer(exchange, answer);
    });
}

void serveWatch(const ExchangePtr& exchange, const HttpRequest& request,
                const std::vector<std::string>& protocols, Answer answer) {
    if (const Result<void> fits = checkTableOptions(exchange->form, exchange->call.options); !fits)
        return exchange->refuse(fits.error());
    Headers headers = commonHeaders(exchange->context(), exchange->form.streamContentType());
    if (!asksForWebSocket(request))
        return WatchStream::start(exchange->core, exchange->call, std::move(answer), exchange->form,
                                  std::move(headers), exchange->handOver(200));
    auto shaken = shakeHands(request, protocols);
    if (auto* refusal = std::get_if<HttpResponse>(&shaken))
        return exchange->finish(std::move(*refusal));
    const bool protobuf = exchange->form.media == Representation::Media::Protobuf;
    auto socket = std::make_shared<WebSocketAnswer>(
        exchange->handOver(101), std::move(std::get<Headers>(shaken)),
        protobuf ? WebSocketOpcode::Binary : WebSocketOpcode::Text);
    WatchStream::start(exchange->core, exchange->call, std::move(answer), exchange->form,
                       std::move(headers), std::move(socket));
}

void serveResource(const ExchangePtr& exchange, HttpRequest& request,
                   const std::vector<std::string>& protocols) {
    ServerCore& core = exchange->core;
    Call& call = exchange->call;
    const Result<void> readable = readForms(*exchange, request);
    if (!readable) { // who asks and whether they may comes first all the same
        const Result<void> known = identify(core, call);
        return exchange->refuse(known ? readable.error() : known.error());
    }
    auto answer = runPipeline(core, call);
    if (!answer)
        return exchange->refuse(answer.error());
    if (answer->watch)
        return serveWatch(exchange, request, protocols, std::move(*answer));
    if (answer->logs)
        return LogAnswer::start(core, std::move(*answer->logs), exchange->handOver(200),
                                exchange->auditId);
    answerWhenDurable(exchange, std::move(*answer));
}

void serveNonResource(const ExchangePtr& exchange, HttpRequest& request) {
    ServerCore& core = exchange->core;
    Call& call = exchange->call;
    if (const Result<void> known = identify(core, call); !known)
        return exchange->refuse(known.error());
    NonResourceRequest asked{request.method, call.info.path, std::move(request.body),
                             call.query,     call.user,      std::move(request.headers)};
    answerNonResource(core, std::move(asked),
                      [exchange, alive = core.alive](HttpResponse response) {
                          if (*alive)
                              exchange->finish(std::move(response));
                      });
    exchange->watchDeadline();
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
    const auto exchange = std::make_shared<Exchange>(core, std::move(http), request);
    Call& call = exchange->call;
    call.credentials = std::move(request.credentials);
    call.badCertificate = request.badCertificate;
    readCredentials(request, call.credentials);
    call.userAgent = headerOf(request.headers, "user-agent");
    exchange->pretty = wantsPretty(parameter(call.query, "pretty"), call.userAgent);
    exchange->errors = errorForm(headerOf(request.headers, "accept"), exchange->pretty);
    call.cause.request = request.method + " " + request.target;
    call.cause.userAgent = call.userAgent;
    if (core.stopping)
        return exchange->refuse(
            makeError(Reason::ServiceUnavailable, "the API server is shutting down"));
    if (const Result<void> timed = exchange->readTimeout(); !timed)
        return exchange->refuse(timed.error());
    if (exchange->overdue())
        return exchange->timeOut();
    const auto protocols = readProtocols(request, call.credentials);
    if (!protocols)
        return exchange->refuse(protocols.error());
    if (!exchange->enter()) {
        HttpResponse busy = renderText(429, "Too many requests, please try again later.\n");
        busy.headers.emplace_back("Retry-After", "1");
        return exchange->finish(std::move(busy));
    }
    if (call.info.resourceRequest && isServed(core, call.info))
        serveResource(exchange, request, *protocols);
    else
        serveNonResource(exchange, request);
}

} // namespace orrery::apiserver
