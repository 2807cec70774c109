#include "core/apiserver/http/http_connection.h"

#include <openssl/err.h>

#include "core/apiserver/http/http_answer.h"

namespace orrery::apiserver {

namespace {
constexpr std::size_t kRecord = 16 * 1024; // the most that one TLS record holds
constexpr std::size_t kTurnMax = 1 << 20;  // then the other connections have their turn
} // namespace

HttpConnection::HttpConnection(std::shared_ptr<HttpIo> io, asio::ip::tcp::socket socket,
                               bool refused)
    : io_(std::move(io)), socket_(std::move(socket)), refused_(refused) {
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    if (const auto peer = socket_.remote_endpoint(ignored); !ignored)
        remote_ = peer.address().to_string(ignored) + ":" + std::to_string(peer.port());
    ssl_ = SSL_new(io_->ssl.get());
    ORRERY_ASSERT(ssl_ != nullptr);
    SSL_set_fd(ssl_, static_cast<int>(socket_.native_handle()));
    SSL_set_accept_state(ssl_);
}

HttpConnection::~HttpConnection() {
    SSL_free(ssl_);
}

void HttpConnection::start() {
    handshakeDeadline_ =
        std::chrono::steady_clock::now() + std::chrono::seconds(io_->limits.handshakeSecondsMax);
    io_->watchDeadline(*this);
    handshake();
}

void HttpConnection::handshake() {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_);
    if (done == 1) {
        handshakeDeadline_.reset();
        beginSession();
        flush(); // HTTP/2 begins with settings
        return onReadable();
    }
    const int error = SSL_get_error(ssl_, done);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return onBlocked(error);
    close();
}

void HttpConnection::beginSession() {
    state_ = State::Open;
    SessionCaller caller;
    caller.remoteAddress = remote_;
    caller.credentials = credentialsOf(ssl_, caller.badCertificate);
    caller.refused = refused_;
    session_ = choseHttp2(ssl_) ? makeHttp2Session(*this, io_->limits, std::move(caller))
                                : makeHttp1Session(*this, io_->limits, std::move(caller));
    if (io_->stopping())
        session_->retire();
}

void HttpConnection::wait(asio::ip::tcp::socket::wait_type what) {
    const bool write = what == asio::ip::tcp::socket::wait_write;
    if (state_ == State::Closed || std::exchange(write ? waitingWrite_ : waitingRead_, true))
        return;
    socket_.async_wait(what,
                       [self = shared_from_this(), write](const boost::system::error_code& code) {
                           (write ? self->waitingWrite_ : self->waitingRead_) = false;
                           if (self->state_ == State::Closed)
                               return;
                           if (code)
                               return self->close();
                           if (self->state_ == State::Handshake)
                               self->handshake();
                           else if (write)
                               self->flush();
                           else
                               self->onReadable();
                       });
}

void HttpConnection::onBlocked(int error) {
    wait(error == SSL_ERROR_WANT_WRITE ? asio::ip::tcp::socket::wait_write
                                       : asio::ip::tcp::socket::wait_read);
}

// Others have their turn first.
void HttpConnection::later(void (HttpConnection::*next)()) {
    asio::post(io_->context, [self = shared_from_this(), next] {
        if (self->state_ != State::Closed)
            (self.get()->*next)();
    });
}

void HttpConnection::onReadable() {
    const auto self = shared_from_this();
    char bytes[kRecord];
    std::size_t turn = 0;
    while (state_ == State::Open && session_->wantsInput()) {
        if (turn >= kTurnMax) {
            later(&HttpConnection::onReadable);
            break;
        }
        ERR_clear_error();
        const int read = SSL_read(ssl_, bytes, sizeof bytes);
        if (read > 0) {
            turn += static_cast<std::size_t>(read);
            session_->receive({bytes, static_cast<std::size_t>(read)});
            continue;
        }
        const int error = SSL_get_error(ssl_, read);
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
            onBlocked(error);
        else
            close();
        break;
    }
    flush();
    io_->flushRequests();
}

void HttpConnection::receive(Outgoing& outgoing) {
    if (state_ == State::Open)
        return session_->take(outgoing);
    if (outgoing.reader)
        onGone({outgoing.reader});
}

void HttpConnection::flush() {
    if (state_ != State::Open)
        return;
    const auto self = shared_from_this();
    char scratch[kRecord];
    std::size_t turn = 0;
    for (;;) {
        const std::string_view bytes = session_->peek(scratch);
        if (session_->failed())
            return close();
        if (bytes.empty())
            break;
        ERR_clear_error();
        const int wrote =
            SSL_write(ssl_, bytes.data(), static_cast<int>(std::min(bytes.size(), kRecord)));
        session_->sent(wrote > 0 ? static_cast<std::size_t>(wrote) : 0);
        if (wrote > 0) {
            writeDeadline_.reset();
            turn += static_cast<std::size_t>(wrote);
            if (turn < kTurnMax)
                continue;
            later(&HttpConnection::flush);
            break;
        }
        const int error = SSL_get_error(ssl_, wrote);
        if (error != SSL_ERROR_WANT_WRITE && error != SSL_ERROR_WANT_READ)
            return close();
        if (!writeDeadline_) {
            writeDeadline_ = std::chrono::steady_clock::now() +
                             std::chrono::seconds(io_->limits.stalledSecondsMax);
            io_->watchDeadline(*this);
        }
        return onBlocked(error);
    }
    if (session_->finished())
        return close();
    io_->flushRequests(); // answers that went out make room for requests
    if (session_->wantsInput())
        wait(asio::ip::tcp::socket::wait_read);
}

void HttpConnection::close() {
    if (state_ == State::Closed)
        return;
    const auto self = shared_from_this();
    const bool handshaken = state_ != State::Handshake;
    state_ = State::Closed;
    if (handshaken) {
        ERR_clear_error();
        SSL_shutdown(ssl_); // says goodbye; the answer is not waited for
    }
    boost::system::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
    if (session_) {
        std::vector<StreamReaderPtr> readers = session_->takeReaders();
        if (!readers.empty())
            onGone(std::move(readers));
    }
    io_->forget(*this);
}

void HttpConnection::retire() {
    if (!session_)
        return close();
    session_->retire();
    flush();
}

bool HttpConnection::checkDeadline(SteadyTime now) {
    if ((handshakeDeadline_ && *handshakeDeadline_ <= now) ||
        (writeDeadline_ && *writeDeadline_ <= now)) {
        close();
        return false;
    }
    bool timed = handshakeDeadline_ || writeDeadline_;
    if (state_ == State::Open) {
        const HttpSession::Tick tick = session_->onTick(now);
        if (tick == HttpSession::Tick::Overdue) {
            close();
            return false;
        }
        timed = timed || tick == HttpSession::Tick::Timed;
        flush();
    }
    return state_ != State::Closed && timed;
}

void HttpConnection::onRequest(HttpRequest request, SlotPtr slot) {
    io_->deliver(std::move(request),
                 std::make_shared<SocketAnswer>(io_, shared_from_this(), std::move(slot)));
}

void HttpConnection::onGone(std::vector<StreamReaderPtr> readers) {
    io_->env.executor.post([readers = std::move(readers)] {
        for (const StreamReaderPtr& reader : readers) {
            reader->gone = true;
            if (reader->onClosed)
                reader->onClosed();
        }
    });
}

void HttpConnection::onBytes(const StreamReaderPtr& reader, std::string bytes) {
    reader->unread += bytes.size();
    io_->env.executor.post([reader, bytes = std::move(bytes)]() mutable {
        reader->unread -= bytes.size();
        if (reader->onBytes && !reader->gone)
            reader->onBytes(std::move(bytes));
        if (reader->resume)
            reader->resume();
    });
}

void HttpConnection::onTimed() {
    io_->watchDeadline(*this);
}

} // namespace orrery::apiserver
