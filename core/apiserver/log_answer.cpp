#include "core/apiserver/log_answer.h"

#include "core/apiserver/render.h"

namespace orrery::apiserver {

namespace {
Headers logHeaders() {
    return {{"Cache-Control", "no-cache, private"}, {"Content-Type", "text/plain"}};
}
HttpResponse failure(const ServerCore& core, const Error& error) {
    const Representation plain;
    const RequestOptions options;
    const std::vector<std::string> warnings;
    return renderError(error, {plain, options, warnings, core.env.now(), newUid(core.env.random)});
}
} // namespace

void LogAnswer::start(ServerCore& core, PodLogOptions options, HttpAnswerPtr http) {
    std::unique_ptr<LogAnswer> made(new LogAnswer(core, std::move(http)));
    LogAnswer* self = made.get();
    core.logs.emplace(self, std::move(made));
    auto log = core.nodes->podLogs(
        std::move(options), [self](std::string bytes) { self->onBytes(std::move(bytes)); },
        [self](std::string error) { self->onEnd(error); });
    if (!log) {
        self->http_->send(failure(core, log.error()));
        return self->remove();
    }
    if (!self->removed_)
        self->log_ = std::move(*log);
}

void LogAnswer::onBytes(std::string bytes) {
    if (removed_)
        return;
    if (!stream_)
        stream_ = http_->stream(200, logHeaders(), [this] { remove(); });
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
        http_->send(failure(core_, internalError(error)));
    else
        http_->send({200, logHeaders(), {}});
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
