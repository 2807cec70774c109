// One TLS connection: handshake, requests in, answers out in order. I/O thread only.
#pragma once
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <chrono>
#include <optional>

#include "core/apiserver/http/http_io.h"

namespace orrery::apiserver {

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
  public:
    using SteadyTime = std::chrono::steady_clock::time_point;
    HttpConnection(std::shared_ptr<HttpIo> io, asio::ip::tcp::socket socket, bool refused);
    ~HttpConnection();

    void start();
    void receive(Outgoing& outgoing); // flush() sends it
    void flush();
    // Ends now; streams learn of it.
    void close();
    // No further request; idle ones end at once.
    void retire();
    // Closes when the deadline has passed. False: there is none.
    bool checkDeadline(SteadyTime now);

  private:
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
    enum class State : std::uint8_t { Handshake, Open, Discarding, Closed };

    void handshake();
    void waitReadable();
    void waitWritable();
    void onReadable();
    void parse();
    bool parseOne(); // false: more bytes are needed, or nothing more is wanted
    void onMessage();
    void onParseError(const boost::beast::error_code& code);
    void refuse(int status, const char* reason, std::string body, const char* contentType);
    std::size_t gather();
    void consume(AnswerSlot& slot, std::size_t bytes);
    void setDeadline(int seconds);
    bool paused() const;

    std::shared_ptr<HttpIo> io_;
    asio::ip::tcp::socket socket_;
    SSL* ssl_ = nullptr;
    State state_ = State::Handshake;
    bool refused_ = false; // too many connections: answers 503 and ends
    bool waitingRead_ = false, waitingWrite_ = false, last_ = false, continued_ = false;
    std::string in_; // bytes that are not parsed yet
    std::optional<Parser> parser_;
    std::deque<SlotPtr> slots_;
    std::size_t discarded_ = 0;
    std::optional<SteadyTime> readDeadline_, writeDeadline_;
    auth::Credentials credentials_;
    bool badCertificate_ = false;
    std::string remote_;
};

} // namespace orrery::apiserver
