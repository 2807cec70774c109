// HTTP/1.1: requests in order, answers in the same order. The only file that knows Beast.
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstring>

#include "core/apiserver/http/http_session.h"

namespace orrery::apiserver {

namespace http = boost::beast::http;

namespace {
constexpr std::size_t kDiscardMax = 64 << 20;
constexpr std::size_t kUnreadMax = 1 << 20; // of an upgraded connection
constexpr int kDiscardSeconds = 5;

// Everything of an answer's head but the empty line at its end.
std::string headText(int code, const Headers& headers) {
    const auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(code)));
    std::string head;
    head.reserve(384);
    head.append("HTTP/1.1 ").append(std::to_string(code)).append(" ");
    head.append(reason.data(), reason.size()).append("\r\n");
    for (const auto& [name, value] : headers)
        head.append(name).append(": ").append(value).append("\r\n");
    head.append("Date: ").append(httpDate()).append("\r\n");
    return head;
}

class Http1Session final : public HttpSession {
  public:
    Http1Session(SessionHost& host, const HttpLimits& limits, SessionCaller caller)
        : host_(host), limits_(limits), caller_(std::move(caller)) {
        if (caller_.refused)
            refuse(503, std::string(kTooManyConnections), kTextType);
    }

    void receive(std::string_view bytes) override;
    bool wantsInput() const override;
    void take(Outgoing& outgoing) override;
    std::string_view peek(std::span<char> scratch) override;
    void sent(std::size_t bytes) override;
    void retire() override;
    bool finished() const override { return finished_; }
    bool failed() const override { return failed_; }
    Tick onTick(SteadyTime now) override;
    std::vector<StreamReaderPtr> takeReaders() override;

  private:
    using Parser = http::request_parser<http::string_body>;
    enum class State : std::uint8_t { Requests, Discarding, Upgraded };

    bool paused() const {
        return last_ || awaitsUpgrade_ || static_cast<int>(slots_.size()) >= limits_.pipelinedMax;
    }
    void parse();
    bool parseOne(); // false: more bytes are needed, or nothing more is wanted
    void offerToContinue();
    void onMessage();
    void onParseError(const boost::beast::error_code& code);
    void refuse(int status, std::string body, std::string_view contentType);
    void beginAnswer(AnswerSlot& slot, const AnswerHead& head);
    void appendBody(AnswerSlot& slot, std::vector<Slice>& slices);
    void dropAnswered();
    void setDeadline(int seconds);

    SessionHost& host_;
    const HttpLimits& limits_;
    SessionCaller caller_;
    State state_ = State::Requests;
    bool last_ = false;          // no request after those that were read
    bool awaitsUpgrade_ = false; // the newest request may end HTTP; its answer decides
    bool continued_ = false;     // "100 Continue" was said for the request at hand
    bool retired_ = false, finished_ = false, failed_ = false;
    std::string in_; // bytes that are not parsed yet
    std::optional<Parser> parser_;
    std::deque<SlotPtr> slots_;
    std::size_t discarded_ = 0;
    std::optional<SteadyTime> readDeadline_;
};

void Http1Session::receive(std::string_view bytes) {
    if (state_ == State::Upgraded) {
        const StreamReaderPtr& reader = slots_.front()->reader;
        return host_.onBytes(reader, std::string(bytes));
    }
    if (state_ == State::Discarding || last_) {
        discarded_ += bytes.size();
        failed_ = failed_ || discarded_ > kDiscardMax;
        return;
    }
    in_.append(bytes);
    if (awaitsUpgrade_ && in_.size() > kUnreadMax)
        failed_ = true; // said too much before it was asked to
    parse();
}

bool Http1Session::wantsInput() const {
    if (failed_ || finished_)
        return false;
    if (state_ == State::Upgraded)
        return !slots_.empty() && slots_.front()->reader->unread < kUnreadMax;
    return state_ == State::Discarding || last_ || awaitsUpgrade_ || !paused();
}

void Http1Session::parse() {
    while (state_ == State::Requests && !in_.empty() && !paused() && parseOne()) {
    }
    if (state_ != State::Requests)
        return;
    if (awaitsUpgrade_ || (in_.empty() && (!parser_ || !parser_->got_some())))
        readDeadline_.reset();
    else if (!readDeadline_)
        setDeadline(limits_.requestSecondsMax);
}

bool Http1Session::parseOne() {
    if (!parser_) {
        parser_.emplace();
        parser_->header_limit(static_cast<std::uint32_t>(limits_.headerBytesMax));
        parser_->body_limit(limits_.bodyBytesMax);
        parser_->eager(true);
        continued_ = false;
    }
    boost::beast::error_code code;
    const std::size_t used = parser_->put(boost::asio::buffer(in_), code);
    in_.erase(0, used);
    if (code && code != http::error::need_more) {
        onParseError(code);
        return false;
    }
    offerToContinue();
    if (!parser_->is_done())
        return code != http::error::need_more && used > 0;
    onMessage();
    return true;
}

void Http1Session::offerToContinue() {
    if (!parser_->is_header_done() || continued_ || parser_->is_done() || !slots_.empty() ||
        parser_->get()[http::field::expect] != "100-continue")
        return;
    continued_ = true;
    auto slot = std::make_shared<AnswerSlot>();
    slot->out.push_back(Slice::constant("HTTP/1.1 100 Continue\r\n\r\n"));
    slot->ended = true;
    slots_.push_back(std::move(slot));
}

void Http1Session::onMessage() {
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
    // One that was sent before its predecessors were answered can't mean it.
    request.upgradable = slots_.empty() && message.version() >= 11 &&
                         message.count(http::field::upgrade) > 0 &&
                         http::token_list(message[http::field::connection]).exists("upgrade");
    slot->closeAfter = (!message.keep_alive() && !request.upgradable) || retired_;
    awaitsUpgrade_ = request.upgradable;
    last_ = slot->closeAfter;
    request.body = std::move(message.body());
    request.remoteAddress = caller_.remoteAddress;
    request.credentials = caller_.credentials;
    request.badCertificate = caller_.badCertificate;
    parseBody(request);
    slots_.push_back(slot);
    host_.onRequest(std::move(request), std::move(slot));
}

void Http1Session::onParseError(const boost::beast::error_code& code) {
    if (code == http::error::body_limit)
        refuse(413, bodyTooLarge(limits_), "application/json");
    else if (code == http::error::header_limit)
        refuse(431, "431 Request Header Fields Too Large", kTextType);
    else
        refuse(400, "400 Bad Request", kTextType);
}

// Answers by itself and ends. What still comes in is dropped for a while: closing at once would
// take the answer away from a caller that is still sending.
void Http1Session::refuse(int status, std::string body, std::string_view contentType) {
    state_ = State::Discarding;
    parser_.reset();
    in_.clear();
    auto slot = std::make_shared<AnswerSlot>();
    slot->out.push_back(
        Slice::own(headText(status, {{"Content-Type", std::string(contentType)},
                                     {"Content-Length", std::to_string(body.size())},
                                     {"Connection", "close"}}) +
                   "\r\n" + body));
    slot->ended = true;
    slots_.push_back(std::move(slot));
    setDeadline(kDiscardSeconds);
}

void Http1Session::take(Outgoing& outgoing) {
    if (outgoing.cut) {
        failed_ = true;
        return;
    }
    AnswerSlot& slot = *outgoing.slot;
    if (outgoing.reader)
        slot.reader = outgoing.reader;
    if (outgoing.head)
        beginAnswer(slot, *outgoing.head);
    appendBody(slot, outgoing.slices);
    if (outgoing.end && !slot.ended) {
        slot.ended = true;
        if (slot.streaming && slot.chunked && !slot.bodiless)
            slot.out.push_back(Slice::constant("0\r\n\r\n"));
    }
    if (slot.reader && slot.queued > limits_.streamBytesMax)
        failed_ = true;
}

void Http1Session::beginAnswer(AnswerSlot& slot, const AnswerHead& head) {
    const bool newest = !slots_.empty() && slots_.back().get() == &slot;
    std::string text = headText(head.code, head.headers);
    if (head.kind == AnswerHead::Kind::Upgrade) {
        ORRERY_ASSERT(newest && awaitsUpgrade_); // nothing was parsed behind this request
        text.append("Connection: Upgrade\r\n\r\n");
        slot.closeAfter = true;
        slot.out.push_back(Slice::own(std::move(text)));
        awaitsUpgrade_ = false;
        last_ = true;
        state_ = State::Upgraded;
        if (!in_.empty())
            host_.onBytes(slot.reader, std::exchange(in_, {}));
        return;
    }
    if (head.kind == AnswerHead::Kind::Stream) {
        slot.streaming = true;
        slot.closeAfter = slot.closeAfter || !slot.chunked;
        if (slot.chunked)
            text.append("Transfer-Encoding: chunked\r\n");
    } else if (head.code != 204 && head.code != 304) {
        text.append("Content-Length: ").append(std::to_string(head.length)).append("\r\n");
    }
    if (slot.closeAfter)
        text.append("Connection: close\r\n");
    text.append("\r\n");
    slot.out.push_back(Slice::own(std::move(text)));
    if (awaitsUpgrade_ && newest) { // an answer like any other: requests go on
        awaitsUpgrade_ = false;
        parse();
    }
}

void Http1Session::appendBody(AnswerSlot& slot, std::vector<Slice>& slices) {
    if (slot.bodiless)
        return;
    std::size_t bytes = 0;
    for (const Slice& slice : slices)
        bytes += slice.bytes.size();
    if (bytes == 0)
        return;
    const bool chunk = slot.streaming && slot.chunked;
    if (chunk) {
        char head[24];
        const int size = std::snprintf(head, sizeof head, "%zx\r\n", bytes);
        slot.out.push_back(Slice::own(std::string(head, static_cast<std::size_t>(size))));
    }
    for (Slice& slice : slices)
        if (!slice.bytes.empty())
            slot.out.push_back(std::move(slice));
    if (chunk)
        slot.out.push_back(Slice::constant("\r\n"));
}

// Answers that are sent make room for the requests behind them.
void Http1Session::dropAnswered() {
    while (!finished_ && !slots_.empty() && slots_.front()->ended && slots_.front()->out.empty()) {
        const bool ends = slots_.front()->closeAfter;
        slots_.pop_front();
        if (ends)
            finished_ = true;
        else if (state_ == State::Requests)
            parse();
    }
    if (retired_ && slots_.empty() && state_ == State::Requests)
        finished_ = true;
}

std::string_view Http1Session::peek(std::span<char> scratch) {
    dropAnswered();
    if (finished_ || slots_.empty() || slots_.front()->out.empty())
        return {};
    const std::deque<Slice>& out = slots_.front()->out;
    if (out.size() == 1 || out.front().bytes.size() >= scratch.size())
        return out.front().bytes;
    std::size_t size = 0; // small pieces leave together
    for (const Slice& slice : out) {
        const std::size_t part = std::min(slice.bytes.size(), scratch.size() - size);
        std::memcpy(scratch.data() + size, slice.bytes.data(), part);
        size += part;
        if (size == scratch.size())
            break;
    }
    return {scratch.data(), size};
}

void Http1Session::sent(std::size_t bytes) {
    if (bytes > 0)
        slots_.front()->consume(bytes);
    dropAnswered();
}

void Http1Session::retire() {
    retired_ = true;
    if (slots_.empty())
        finished_ = true;
    else
        last_ = true;
}

void Http1Session::setDeadline(int seconds) {
    readDeadline_ = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    host_.onTimed();
}

HttpSession::Tick Http1Session::onTick(SteadyTime now) {
    if (!readDeadline_)
        return Tick::Idle;
    return *readDeadline_ <= now ? Tick::Overdue : Tick::Timed;
}

std::vector<StreamReaderPtr> Http1Session::takeReaders() {
    std::vector<StreamReaderPtr> readers;
    for (const SlotPtr& slot : slots_)
        if (slot->reader)
            readers.push_back(slot->reader);
    slots_.clear();
    return readers;
}
} // namespace

std::unique_ptr<HttpSession> makeHttp1Session(SessionHost& host, const HttpLimits& limits,
                                              SessionCaller caller) {
    return std::make_unique<Http1Session>(host, limits, std::move(caller));
}

} // namespace orrery::apiserver
