#include "core/apiserver/exchange.h"

#include <algorithm>

#include "core/apiserver/gzip.h"
#include "core/apiserver/pipeline.h"
#include "core/apiserver/status.h"

namespace orrery::apiserver {

namespace {
constexpr std::size_t kAuditIdMax = 1024;

// The caller's own Audit-Id is kept, if it can stand in a header.
std::string auditIdOf(ServerCore& core, const HttpRequest& request) {
    const std::string_view given = headerOf(request.headers, "audit-id");
    const bool printable = std::all_of(given.begin(), given.end(),
                                       [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
    if (given.empty() || given.size() > kAuditIdMax || !printable)
        return newUid(core.env.random);
    return std::string(given);
}

// What lasts as long as its caller wants.
bool isLongRunning(const RequestInfo& info) {
    if (info.verb == "watch" || info.verb == "proxy")
        return true;
    for (const char* subresource : {"attach", "exec", "proxy", "log", "portforward"})
        if (info.subresource == subresource)
            return true;
    return false;
}

std::string scopeOf(const RequestInfo& info) {
    if (!info.resourceRequest)
        return "";
    if (!info.name.empty())
        return "resource";
    return info.namespace_.empty() ? "cluster" : "namespace";
}
} // namespace

Exchange::Exchange(ServerCore& core_, HttpAnswerPtr http_, const HttpRequest& request)
    : core(core_), http(std::move(http_)), auditId(auditIdOf(core_, request)),
      method(request.method), alive_(core_.alive), began_(core_.env.clock.monotonic()),
      timeout_(core_.options.requestTimeout) {
    auto [path, query] = splitTarget(request.target);
    call.query = std::move(query);
    call.info = parseRequestInfo(request.method, path, call.query);
    longRunning = isLongRunning(call.info);
    gzipAccepted = call.info.resourceRequest && !longRunning && method != "HEAD" &&
                   acceptsGzip(headerOf(request.headers, "accept-encoding"));
}

Exchange::~Exchange() {
    if (*alive_)
        leave();
}

bool Exchange::enter() {
    if (longRunning)
        return true;
    mutating_ = method != "GET" && method != "HEAD";
    const int now = mutating_ ? core.mutatingInFlight : core.readOnlyInFlight;
    if (now >= (mutating_ ? core.options.mutatingInFlightMax : core.options.readOnlyInFlightMax)) {
        // Those who may everything are let in all the same: they may have to repair something.
        const Result<void> known = identify(core, call);
        const std::vector<std::string>& groups = call.user.groups;
        if (!known || std::find(groups.begin(), groups.end(), "system:masters") == groups.end())
            return false;
    }
    ++(mutating_ ? core.mutatingInFlight : core.readOnlyInFlight);
    inFlight_ = true;
    return true;
}

void Exchange::leave() {
    if (std::exchange(inFlight_, false))
        --(mutating_ ? core.mutatingInFlight : core.readOnlyInFlight);
    if (std::exchange(waits_, false))
        core.deadlines.remove(waiting_);
    core.env.executor.cancel(std::exchange(timer_, 0));
}

Result<void> Exchange::readTimeout() {
    const std::string* asked = longRunning ? nullptr : parameter(call.query, "timeout");
    if (!asked || asked->empty())
        return {};
    const Result<Duration> given = parseDuration(*asked);
    if (!given)
        return badRequest("invalid timeout specified in the request URL - " +
                          given.error().message);
    if (*given > Duration::zero())
        timeout_ = std::min(timeout_, *given);
    return {};
}

bool Exchange::overdue() const {
    return !longRunning && core.env.clock.monotonic() - began_ >= timeout_;
}

void Exchange::watchDeadline() {
    if (longRunning || answered_)
        return;
    if (timeout_ == core.options.requestTimeout) {
        waiting_ = core.deadlines.add(*this, core.env.now() + timeout_);
        waits_ = true;
        return;
    }
    timer_ = core.env.executor.postAt(core.env.now() + timeout_, [self = weak_from_this()] {
        if (const ExchangePtr exchange = self.lock()) {
            exchange->timer_ = 0;
            exchange->timeOut();
        }
    });
}

// The words and the form of Kubernetes' outermost layer, which knows of no media types.
void Exchange::timeOut() {
    if (answered_)
        return;
    finish(renderText(504, "{\"metadata\":{},\"status\":\"Failure\",\"message\":\"Timeout: request "
                           "did not complete within the allotted timeout\",\"reason\":\"Timeout\","
                           "\"details\":{},\"code\":504}\n"));
}

Metrics::Request Exchange::series(int code) const {
    const RequestInfo& info = call.info;
    std::string verb = info.resourceRequest && info.verb != method ? info.verb : method;
    if (verb == "get" || verb == "list" || verb == "watch" || verb == "patch" ||
        verb == "deletecollection")
        std::transform(verb.begin(), verb.end(), verb.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    else
        verb = method;
    if (call.patchType == client::PatchType::Apply)
        verb = "APPLY";
    return {std::move(verb),  info.group,    info.version,        info.resource,
            info.subresource, scopeOf(info), call.options.dryRun, code};
}

void Exchange::finish(HttpResponse response) {
    if (std::exchange(answered_, true))
        return;
    if (std::none_of(response.headers.begin(), response.headers.end(),
                     [](const auto& header) { return header.first == "Audit-Id"; }))
        response.headers.emplace(response.headers.begin(), "Audit-Id", auditId);
    std::size_t size = 0;
    for (const Slice& slice : response.body)
        size += slice.bytes.size();
    core.metrics.count(series(response.code), core.env.clock.monotonic() - began_, size);
    if (gzipAccepted && size >= kGzipBytesMin)
        return compress(std::move(response));
    send(std::move(response));
}

void Exchange::send(HttpResponse response) {
    leave();
    http->send(std::move(response));
}

void Exchange::compress(HttpResponse response) {
    struct Work {
        HttpResponse response;
        std::string packed;
    };
    const auto work = std::make_shared<Work>();
    work->response = std::move(response);
    core.env.executor.offload([work] { work->packed = gzip(work->response.body); },
                              [work, self = shared_from_this(), alive = alive_] {
                                  if (!*alive)
                                      return;
                                  HttpResponse& made = work->response;
                                  if (!work->packed.empty()) {
                                      made.body = {Slice::own(std::move(work->packed))};
                                      made.headers.emplace_back("Content-Encoding", "gzip");
                                      made.headers.emplace_back("Vary", "Accept-Encoding");
                                  }
                                  self->send(std::move(made));
                              });
}

HttpAnswerPtr Exchange::handOver(int code) {
    answered_ = true;
    core.metrics.countStream(series(code));
    leave();
    return std::move(http);
}

} // namespace orrery::apiserver
