// The I/O thread of the HTTPS port and what it shares with the plane thread. Two mailboxes join
// them: requests go one way, bytes the other; a whole batch costs one wake-up.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "core/apiserver/http/http_server.h"
#include "core/apiserver/http/tls_context.h"

namespace orrery::apiserver {

namespace asio = boost::asio;
class HttpConnection;

// What the plane thread knows of a streamed answer's reader. Plane thread only.
struct StreamReader {
    std::function<void()> onClosed;
    bool gone = false;
};

// The place of one answer in the order of its connection's answers. I/O thread only, but for
// `queued`.
struct AnswerSlot {
    std::deque<Slice> out;
    bool ended = false;
    bool closeAfter = false; // the connection ends with this answer
    bool bodiless = false;   // HEAD
    bool chunked = false;
    std::atomic<std::size_t> queued{0}; // bytes that are not sent yet
    std::shared_ptr<StreamReader> reader;
};
using SlotPtr = std::shared_ptr<AnswerSlot>;

// Bytes for one answer, on their way to the I/O thread.
struct Outgoing {
    std::shared_ptr<HttpConnection> connection;
    SlotPtr slot;
    std::vector<Slice> slices;
    std::shared_ptr<StreamReader> reader; // set when a stream begins
    bool end = false, cut = false, close = false;
};

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
    void onGone(HttpConnection& connection,
                const std::vector<std::shared_ptr<StreamReader>>& readers);
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
