// The plane thread's ends of one answer. Bytes go to the I/O thread through Io::send.
#pragma once
#include "core/apiserver/http/http_connection.h"

namespace orrery::apiserver {

class SocketAnswer final : public HttpAnswer {
  public:
    SocketAnswer(std::shared_ptr<HttpIo> io, std::shared_ptr<HttpConnection> connection,
                 SlotPtr slot)
        : io_(std::move(io)), connection_(std::move(connection)), slot_(std::move(slot)) {}
    ~SocketAnswer() override; // a forgotten answer ends the connection
    void send(HttpResponse response) override;
    std::unique_ptr<HttpStream> stream(int code, Headers headers,
                                       std::function<void()> onClosed) override;

  private:
    std::shared_ptr<HttpIo> io_;
    std::shared_ptr<HttpConnection> connection_;
    SlotPtr slot_;
    bool used_ = false;
};

// "HTTP/1.1 200 OK\r\n" and the headers, without the empty line.
std::string responseHead(int code, const Headers& headers);

} // namespace orrery::apiserver
