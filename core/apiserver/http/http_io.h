// The I/O thread of the HTTPS port and what it shares with the plane thread. Two mailboxes join
// them: requests go one way, bytes the other; a whole batch costs one wake-up.
#pragma once
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "core/apiserver/http/answer_slot.h"
#include "core/apiserver/http/http_server.h"
#include "core/apiserver/http/tls_context.h"

namespace orrery::apiserver {

namespace asio = boost::asio;

class HttpIo : public std::enable_shared_from_this<HttpIo> {
  public:
    HttpIo(Env& env_, SslContext ssl_, HttpServer::Handler handler_, HttpLimits limits_);

    void listen(int handle, bool ipv6);
    void run();
    // Plane thread.
    void stop(Duration patience, std::function<void()> done);
    void shutDown();
    void send(Outgoing outgoing);

    // I/O thread, called by connections.
    void deliver(HttpRequest request, HttpAnswerPtr answer);
    void flushRequests();
    void forget(HttpConnection& connection); // it is closed
    void watchDeadline(HttpConnection& connection);
    bool stopping() const { return stopping_; }

    Env& env;
    const HttpLimits limits;
    SslContext ssl;
    asio::io_context context{1};
    std::atomic<int> count{0};

  private:
    void accept();
    void onAccepted(asio::ip::tcp::socket socket);
    void tick();
    void takeRequests();
    void takeBytes();
    void finishIfEmpty();

    HttpServer::Handler handler_;
    asio::ip::tcp::acceptor acceptor_{context};
    asio::steady_timer ticker_{context}, patience_{context}, acceptAgain_{context};
    std::set<std::shared_ptr<HttpConnection>> connections_; // only looked up and swept
    std::set<HttpConnection*> timed_;                       // have a deadline; swept once a second
    bool ticking_ = false;
    bool stopping_ = false;
    std::function<void()> onStopped_;
    std::thread thread_;
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
    bool closed_ = false; // plane thread: no request is handled any more

    struct Incoming {
        HttpRequest request;
        HttpAnswerPtr answer;
    };
    std::vector<Incoming> fresh_; // I/O thread: of this turn
    std::mutex mutex_;
    std::vector<Incoming> requests_; // under mutex_
    std::vector<Outgoing> bytes_;    // under mutex_
};

} // namespace orrery::apiserver
