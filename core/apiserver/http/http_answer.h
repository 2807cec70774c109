// The plane thread's ends of one answer. Bytes go to the I/O thread through HttpIo::send.
#pragma once
#include "core/apiserver/http/http_io.h"

namespace orrery::apiserver {

class SocketAnswer final : public HttpAnswer {
  public:
    SocketAnswer(std::shared_ptr<HttpIo> io, std::shared_ptr<HttpConnection> connection,
                 SlotPtr slot);
    ~SocketAnswer() override; // a forgotten answer is broken off
    void send(HttpResponse response) override;
    std::unique_ptr<HttpStream> stream(int code, Headers headers,
                                       std::function<void()> onClosed) override;
    std::unique_ptr<HttpStream> upgrade(Headers headers,
                                        std::function<void(std::string bytes)> onBytes,
                                        std::function<void()> onClosed) override;

  private:
    std::unique_ptr<HttpStream> begin(AnswerHead head, StreamReaderPtr reader);

    std::shared_ptr<HttpIo> io_;
    std::shared_ptr<HttpConnection> connection_;
    SlotPtr slot_;
    bool used_ = false;
};

} // namespace orrery::apiserver
