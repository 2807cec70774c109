// One TLS connection: handshake, then bytes to and from the session of its protocol. I/O thread
// only.
#pragma once
#include <optional>

#include "core/apiserver/http/http_io.h"
#include "core/apiserver/http/http_session.h"

namespace orrery::apiserver {

class HttpConnection final : public std::enable_shared_from_this<HttpConnection>,
                             private SessionHost {
  public:
    HttpConnection(std::shared_ptr<HttpIo> io, asio::ip::tcp::socket socket, bool refused);
    ~HttpConnection() override;

    void start();
    void receive(Outgoing& outgoing); // flush() sends it
    void flush();
    // Ends now; streams learn of it.
    void close();
    // No further request; idle ones end at once.
    void retire();
    // Ends what is overdue. False: nothing has a deadline.
    bool checkDeadline(SteadyTime now);

  private:
    enum class State : std::uint8_t { Handshake, Open, Closed };

    // --- SessionHost
    void onRequest(HttpRequest request, SlotPtr slot) override;
    void onGone(std::vector<StreamReaderPtr> readers) override;
    void onBytes(const StreamReaderPtr& reader, std::string bytes) override;
    void onTimed() override;

    void handshake();
    void beginSession();
    void wait(asio::ip::tcp::socket::wait_type what);
    void onReadable();
    void later(void (HttpConnection::*next)());
    void onBlocked(int error);

    std::shared_ptr<HttpIo> io_;
    asio::ip::tcp::socket socket_;
    SSL* ssl_ = nullptr;
    State state_ = State::Handshake;
    bool refused_ = false; // too many connections: answers 503 and ends
    bool waitingRead_ = false, waitingWrite_ = false;
    std::unique_ptr<HttpSession> session_; // since the handshake
    // Of the handshake, and of a socket that takes nothing.
    std::optional<SteadyTime> handshakeDeadline_, writeDeadline_;
    std::string remote_;
};

} // namespace orrery::apiserver
