// One HTTP request from its arrival to its answer: what is counted, limited and said of every one,
// whatever it asks for.
#pragma once
#include <memory>
#include <string>

#include "core/apiserver/call.h"
#include "core/apiserver/deadlines.h"
#include "core/apiserver/http_message.h"
#include "core/apiserver/negotiate.h"
#include "core/apiserver/render.h"
#include "core/apiserver/server_core.h"

namespace orrery::apiserver {

struct Exchange : std::enable_shared_from_this<Exchange> {
    Exchange(ServerCore& core, HttpAnswerPtr http, const HttpRequest& request);
    ~Exchange();

    // Takes a place among the requests in flight. False: there is none. Watches, logs and what else
    // lasts are not counted.
    bool enter();
    void leave();
    // Reads ?timeout=. BadRequest, as Kubernetes puts it.
    Result<void> readTimeout();
    // The answer comes later: one that takes too long is given up.
    void watchDeadline();
    bool overdue() const;
    void timeOut();

    // Sends the answer, compressed if that is asked for and worth it. Only the first one counts.
    void finish(HttpResponse response);
    void refuse(const Error& error) { finish(renderError(error, context(errors))); }
    // The answer is a stream, and goes elsewhere.
    HttpAnswerPtr handOver(int code);

    RenderContext context() const { return context(form); }
    RenderContext context(const Representation& in) const {
        return {in, call.options, call.warnings, core.env.now(), auditId};
    }

    ServerCore& core;
    HttpAnswerPtr http;
    Call call;
    Representation form, errors; // of the answer, and of a refusal
    bool pretty = false;
    std::string auditId;
    std::string method;
    bool longRunning = false;
    bool gzipAccepted = false; // and the answer is of a kind that is compressed

  private:
    Metrics::Request series(int code) const;
    void send(HttpResponse response);
    void compress(HttpResponse response);

    std::shared_ptr<bool> alive_; // the server's
    Duration began_{};
    Duration timeout_{};
    bool inFlight_ = false, mutating_ = false, answered_ = false;
    TimerId timer_ = 0; // for a timeout of its own
    Deadlines::Place waiting_{};
    bool waits_ = false; // in core.deadlines, at waiting_
};
using ExchangePtr = std::shared_ptr<Exchange>;

} // namespace orrery::apiserver
