#include "core/apiserver/http/http_connection.h"

#include <openssl/err.h>

#include "core/api/protobuf.h"
#include "core/apiserver/http/http_answer.h"
#include "core/apiserver/status.h"
#include "core/base/yaml.h"

namespace orrery::apiserver {

namespace http = boost::beast::http;

namespace {
constexpr std::size_t kRecord = 16 * 1024;    // the most that one TLS record holds
constexpr std::size_t kReadTurnMax = 1 << 20; // then the other connections have their turn
constexpr std::size_t kDiscardMax = 64 << 20;
constexpr int kDiscardSeconds = 5;

std::string lowerCase(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return out;
}

Result<Json> firstYamlDocument(std::string_view text) {
    ORRERY_TRY_ASSIGN(std::vector<YamlDocument> documents, parseYaml(text));
    if (documents.empty())
        return Json();
    return std::move(documents.front().value);
}

// Bodies become trees here, off the plane thread.
void parseBody(HttpRequest& request) {
    if (request.body.empty())
        return;
    const std::string type = lowerCase(headerOf(request.headers, "content-type"));
    if (type.find("yaml") != std::string_view::npos)
        request.json = firstYamlDocument(request.body);
    else if (type.empty() || type.find("json") != std::string_view::npos)
        request.json = parseJson(request.body);
    else if (type.starts_with(api::kProtobufMediaType)) {
        request.json = api::decodeProtobuf(request.body);
        if (request.json->has_value()) // what the pipeline quotes and checks for duplicates is JSON
            request.body = serializeJson(**request.json);
    }
}
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
    setDeadline(io_->limits.handshakeSecondsMax);
    handshake();
}

void HttpConnection::handshake() {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_);
    if (done == 1) {
        credentials_ = credentialsOf(ssl_, badCertificate_);
        readDeadline_.reset();
        state_ = State::Open;
        if (refused_)
            return refuse(503, "Service Unavailable", "too many connections\n",
                          "text/plain; charset=utf-8");
        return onReadable();
    }
    const int error = SSL_get_error(ssl_, done);
    if (error == SSL_ERROR_WANT_READ)
        return waitReadable();
    if (error == SSL_ERROR_WANT_WRITE)
        return waitWritable();
    close();
}

void HttpConnection::waitReadable() {
    if (waitingRead_ || state_ == State::Closed)
        return;
    waitingRead_ = true;
    socket_.async_wait(asio::ip::tcp::socket::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& code) {
                           self->waitingRead_ = false;
                           if (self->state_ == State::Closed)
                               return;
                           if (code)
                               return self->close();
                           if (self->state_ == State::Handshake)
                               self->handshake();
                           else
                               self->onReadable();
                       });
}

void HttpConnection::waitWritable() {
    if (waitingWrite_ || state_ == State::Closed)
        return;
    waitingWrite_ = true;
    socket_.async_wait(asio::ip::tcp::socket::wait_write,
                       [self = shared_from_this()](const boost::system::error_code& code) {
                           self->waitingWrite_ = false;
                           if (self->state_ == State::Closed)
                               return;
                           if (code)
                               return self->close();
                           if (self->state_ == State::Handshake)
                               self->handshake();
                           else
                               self->flush();
                       });
}

bool HttpConnection::paused() const {
    return last_ || static_cast<int>(slots_.size()) >= io_->limits.pipelinedMax;
}

void HttpConnection::onReadable() {
    const auto self = shared_from_this();
    char bytes[kRecord];
    std::size_t turn = 0;
    while (state_ == State::Open || state_ == State::Discarding) {
        if (state_ == State::Open && paused() && slots_.size() >= 1 && !last_)
            break;
        ERR_clear_error();
        const int read = SSL_read(ssl_, bytes, sizeof bytes);
        if (read > 0) {
            turn += static_cast<std::size_t>(read);
            if (state_ == State::Discarding || last_) {
                discarded_ += static_cast<std::size_t>(read);
                if (discarded_ > kDiscardMax)
                    close();
                continue;
            }
            in_.append(bytes, static_cast<std::size_t>(read));
            parse();
            if (turn < kReadTurnMax)
                continue;
            asio::post(io_->context, [self] {
                if (self->state_ != State::Closed)
                    self->onReadable();
            });
            break;
        }
        const int error = SSL_get_error(ssl_, read);
        if (error == SSL_ERROR_WANT_READ)
            waitReadable();
        else if (error == SSL_ERROR_WANT_WRITE)
            waitWritable();
        else
            close();
        break;
    }
    io_->flushRequests();
}

void HttpConnection::parse() {
    while (state_ == State::Open && !in_.empty() && !paused() && parseOne()) {
    }
    if (state_ != State::Open)
        return;
    if (in_.empty() && (!parser_ || !parser_->got_some()))
        readDeadline_.reset();
    else if (!readDeadline_)
        setDeadline(io_->limits.requestSecondsMax);
}

bool HttpConnection::parseOne() {
    if (!parser_) {
        parser_.emplace();
        parser_->header_limit(static_cast<std::uint32_t>(io_->limits.headerBytesMax));
        parser_->body_limit(io_->limits.bodyBytesMax);
        parser_->eager(true);
        continued_ = false;
    }
    boost::beast::error_code code;
    const std::size_t used = parser_->put(asio::buffer(in_), code);
    in_.erase(0, used);
    if (code && code != http::error::need_more) {
        onParseError(code);
        return false;
    }
    if (parser_->is_header_done() && !continued_ && !parser_->is_done() && slots_.empty() &&
        parser_->get()[http::field::expect] == "100-continue") {
        continued_ = true;
        auto slot = std::make_shared<AnswerSlot>();
        slot->out.push_back(Slice::constant("HTTP/1.1 100 Continue\r\n\r\n"));
        slot->ended = true;
        slots_.push_back(std::move(slot));
        asio::post(io_->context, [self = shared_from_this()] { self->flush(); });
    }
    if (!parser_->is_done())
        return code != http::error::need_more && used > 0;
    onMessage();
    return true;
}

void HttpConnection::onMessage() {
    auto message = parser_->release();
    parser_.reset();
    readDeadline_.reset();
    HttpRequest request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    for (const auto& field : message)
        request.headers.emplace_back(
            lowerCase({field.name_string().data(), field.name_string().size()}),
            std::string(field.value()));
    auto slot = std::make_shared<AnswerSlot>();
    slot->bodiless = message.method() == http::verb::head;
    slot->chunked = message.version() >= 11;
    slot->closeAfter = !message.keep_alive() || io_->stopping();
    last_ = slot->closeAfter;
    request.body = std::move(message.body());
    request.remoteAddress = remote_;
    request.credentials = credentials_;
    request.badCertificate = badCertificate_;
    parseBody(request);
    slots_.push_back(slot);
    io_->deliver(std::move(request), std::make_shared<SocketAnswer>(io_, shared_from_this(), slot));
}

void HttpConnection::onParseError(const boost::beast::error_code& code) {
    if (code == http::error::body_limit) {
        const Error error =
            makeError(Reason::RequestEntityTooLarge, "Request entity too large: limit is " +
                                                         std::to_string(io_->limits.bodyBytesMax));
        refuse(413, "Request Entity Too Large", serializeJson(statusOf(error)), "application/json");
    } else if (code == http::error::header_limit) {
        refuse(431, "Request Header Fields Too Large", "431 Request Header Fields Too Large",
               "text/plain; charset=utf-8");
    } else {
        refuse(400, "Bad Request", "400 Bad Request", "text/plain; charset=utf-8");
    }
}

// Answers by itself and ends. What still comes in is dropped for a while: closing at once would
// take the answer away from a caller that is still sending.
void HttpConnection::refuse(int status, const char* reason, std::string body,
                            const char* contentType) {
    state_ = State::Discarding;
    parser_.reset();
    in_.clear();
    auto slot = std::make_shared<AnswerSlot>();
    slot->out.push_back(Slice::own("HTTP/1.1 " + std::to_string(status) + " " + reason +
                                   "\r\nContent-Type: " + contentType +
                                   "\r\nContent-Length: " + std::to_string(body.size()) +
                                   "\r\nConnection: close\r\n\r\n" + body));
    slot->ended = true;
    slots_.push_back(std::move(slot));
    setDeadline(kDiscardSeconds);
    flush();
    waitReadable();
}

void HttpConnection::receive(Outgoing& outgoing) {
    if (state_ == State::Closed) {
        if (outgoing.reader && !outgoing.reader->gone)
            io_->env.executor.post([reader = outgoing.reader] {
                reader->gone = true;
                if (reader->onClosed)
                    reader->onClosed();
            });
        return;
    }
    if (outgoing.cut)
        return close();
    AnswerSlot& slot = *outgoing.slot;
    if (outgoing.reader)
        slot.reader = outgoing.reader;
    for (Slice& slice : outgoing.slices)
        if (!slice.bytes.empty())
            slot.out.push_back(std::move(slice));
    slot.ended = slot.ended || outgoing.end;
    if (slot.reader && slot.queued > io_->limits.streamBytesMax)
        close();
}

void HttpConnection::consume(AnswerSlot& slot, std::size_t bytes) {
    if (slot.reader) {
        // Chunk framing is not counted in `queued`, so it may fall short by a little.
        const std::size_t queued = slot.queued;
        slot.queued -= std::min(queued, bytes);
    }
    while (bytes > 0) {
        Slice& first = slot.out.front();
        if (bytes < first.bytes.size()) {
            first.bytes.remove_prefix(bytes);
            return;
        }
        bytes -= first.bytes.size();
        slot.out.pop_front();
    }
    if (slot.out.empty() && slot.reader)
        slot.queued = 0;
}

void HttpConnection::flush() {
    if (slots_.empty() && !io_->stopping())
        return; // sent already, with what came before it
    const auto self = shared_from_this();
    char record[kRecord];
    while (state_ != State::Closed && !slots_.empty()) {
        AnswerSlot& slot = *slots_.front();
        if (slot.out.empty()) {
            if (!slot.ended)
                break;
            const bool ends = slot.closeAfter;
            slots_.pop_front();
            if (ends)
                return close();
            if (state_ == State::Open && !in_.empty()) {
                parse();
                io_->flushRequests();
            }
            if (state_ == State::Open && !paused())
                waitReadable();
            continue;
        }
        const char* data = slot.out.front().bytes.data();
        std::size_t size = slot.out.front().bytes.size();
        if (size < kRecord && slot.out.size() > 1) { // small pieces leave together
            size = 0;
            for (const Slice& slice : slot.out) {
                const std::size_t part = std::min(slice.bytes.size(), kRecord - size);
                std::memcpy(record + size, slice.bytes.data(), part);
                size += part;
                if (size == kRecord)
                    break;
            }
            data = record;
        }
        ERR_clear_error();
        const int wrote = SSL_write(ssl_, data, static_cast<int>(std::min(size, kRecord)));
        if (wrote > 0) {
            consume(slot, static_cast<std::size_t>(wrote));
            writeDeadline_.reset();
            continue;
        }
        const int error = SSL_get_error(ssl_, wrote);
        if (error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ) {
            if (!writeDeadline_) {
                writeDeadline_ = std::chrono::steady_clock::now() +
                                 std::chrono::seconds(io_->limits.stalledSecondsMax);
                io_->watchDeadline(*this);
            }
            return error == SSL_ERROR_WANT_WRITE ? waitWritable() : waitReadable();
        }
        return close();
    }
    if (slots_.empty() && state_ == State::Open && io_->stopping())
        close();
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
    std::vector<std::shared_ptr<StreamReader>> readers;
    for (const SlotPtr& slot : slots_)
        if (slot->reader)
            readers.push_back(slot->reader);
    slots_.clear();
    in_.clear();
    parser_.reset();
    io_->onGone(*this, readers);
}

void HttpConnection::retire() {
    if (slots_.empty())
        return close();
    last_ = true;
}

void HttpConnection::setDeadline(int seconds) {
    readDeadline_ = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    io_->watchDeadline(*this);
}

bool HttpConnection::checkDeadline(SteadyTime now) {
    if ((readDeadline_ && *readDeadline_ <= now) || (writeDeadline_ && *writeDeadline_ <= now)) {
        close();
        return false;
    }
    return state_ != State::Closed && (readDeadline_ || writeDeadline_);
}

} // namespace orrery::apiserver
