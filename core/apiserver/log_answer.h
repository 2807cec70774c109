// One HTTP answer that carries a pod's log.
#pragma once
#include <memory>

#include "core/apiserver/http_message.h"
#include "core/apiserver/server_core.h"

namespace orrery::apiserver {

class LogAnswer {
  public:
    // Takes the answer over; lives in core.logs until the log or its reader ends.
    static void start(ServerCore& core, PodLogOptions options, HttpAnswerPtr http,
                      std::string auditId);

  private:
    LogAnswer(ServerCore& core, HttpAnswerPtr http, std::string auditId)
        : core_(core), http_(std::move(http)), auditId_(std::move(auditId)) {}
    Headers headers() const;
    HttpResponse failure(const Error& error) const;
    void onBytes(std::string bytes);
    void onEnd(const std::string& error);
    void remove();

    static constexpr std::size_t kBufferBytesMax = 16 << 20;
    ServerCore& core_;
    HttpAnswerPtr http_;
    std::string auditId_;
    std::unique_ptr<HttpStream> stream_; // begins with the first byte
    std::unique_ptr<LogStream> log_;
    bool removed_ = false;
};

} // namespace orrery::apiserver
