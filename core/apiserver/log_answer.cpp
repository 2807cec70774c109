#include "core/apiserver/log_answer.h"

#include "core/apiserver/render.h"

namespace orrery::apiserver {

Headers LogAnswer::headers() const {
    return {{"Audit-Id", auditId_},
            {"Cache-Control", "no-cache, private"},
            {"Content-Type", "text/plain"}};
}

HttpResponse LogAnswer::failure(const Error& error) const {
    const Representation plain;
    const RequestOptions options;
    const std::vector<std::string> warnings;
    return renderError(error, {plain, options, warnings, core_.env.now(), auditId_});
}

void LogAnswer::start(ServerCore& core, PodLogOptions options, HttpAnswerPtr http,
                      std::string auditId) {
    std::unique_ptr<LogAnswer> made(new LogAnswer(core, std::move(http), std::move(auditId)));
    LogAnswer* self = made.get();
    core.logs.emplace(self, std::move(made));
    auto log = core.nodes->podLogs(
        std::move(options), [self](std::string bytes) { self->onBytes(std::move(bytes)); },
        [self](std::string error) { self->onEnd(error); });
    if (!log) {
        self->http_->send(self->failure(log.error()));
        return self->remove();
    }
    if (!self->removed_)
        self->log_ = std::move(*log);
}

void LogAnswer::onBytes(std::string bytes) {
    if (removed_)
        return;
    if (!stream_)
        stream_ = http_->stream(200, headers(), [this] { remove(); });
    if (stream_->queuedBytes() > kBufferBytesMax) {
        stream_->cut();
        return remove();
    }
    stream_->write({Slice::own(std::move(bytes))});
}

void LogAnswer::onEnd(const std::string& error) {
    if (removed_)
        return;
    if (stream_)
        stream_->end();
    else if (!error.empty())
        http_->send(failure(internalError(error)));
    else
        http_->send({200, headers(), {}});
    remove();
}

void LogAnswer::remove() {
    if (std::exchange(removed_, true))
        return;
    core_.env.executor.post([&core = core_, alive = core_.alive, self = this] {
        if (*alive)
            core.logs.erase(self);
    });
}

} // namespace orrery::apiserver
