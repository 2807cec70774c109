#include "core/apiserver/http/http2_session.h"

#include <cstring>

#include "core/apiserver/http/http2_callbacks.h"

namespace orrery::apiserver {

namespace {
constexpr std::uint32_t kStreamWindow = 256 << 10;
constexpr std::int32_t kConnectionWindow = 4 << 20;
constexpr std::uint32_t kFrameMax = 256 << 10; // most requests are one frame
constexpr std::size_t kFrameHead = 9;
constexpr std::size_t kDataMax = 16384 - kFrameHead; // a frame of DATA fills one TLS record
constexpr int kRefusedSeconds = 5;

struct FreeOptions {
    void operator()(nghttp2_option* options) const { nghttp2_option_del(options); }
};
} // namespace

nghttp2_nv http2Pair(std::string_view name, std::string_view value) {
    // The library takes pointers to what it only reads.
    const auto bytes = [](std::string_view text) {
        return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
    };
    return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

Http2Session::Http2Session(SessionHost& host, const HttpLimits& limits, SessionCaller caller)
    : host_(host), limits_(limits), caller_(std::move(caller)),
      resets_(limits.resetsMax, limits.resetsMax / 10.0),
      controls_(limits.controlFramesMax, limits.controlFramesMax / 10.0) {
    nghttp2_option* raw = nullptr;
    ORRERY_ASSERT(nghttp2_option_new(&raw) == 0);
    const std::unique_ptr<nghttp2_option, FreeOptions> options(raw);
    nghttp2_option_set_no_closed_streams(raw, 1);
    ORRERY_ASSERT(nghttp2_session_server_new2(&session_, Http2Callbacks::all(), this, raw) == 0);
    start();
}

Http2Session::~Http2Session() {
    nghttp2_session_del(session_);
}

void Http2Session::start() {
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, static_cast<std::uint32_t>(limits_.streamsMax)},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
        {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, kFrameMax},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits_.headerBytesMax)},
        // No caller orders our streams: each gets its share (see onHeadersBegin).
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    };
    ORRERY_ASSERT(
        nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings)) == 0);
    ORRERY_ASSERT(nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                                        kConnectionWindow) == 0);
    if (caller_.refused) {
        deadline_ = std::chrono::steady_clock::now() + std::chrono::seconds(kRefusedSeconds);
        host_.onTimed();
    }
}

void Http2Session::receive(std::string_view bytes) {
    if (failed_ || terminated_)
        return;
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    if (nghttp2_session_mem_recv(session_, data, bytes.size()) < 0)
        failed_ = true; // no HTTP/2, or more of it than we bear
}

Http2Session::Stream* Http2Session::find(std::int32_t id) {
    const auto found = streams_.find(id);
    return found == streams_.end() ? nullptr : found->second.get();
}

// --- answers

void Http2Session::take(Outgoing& outgoing) {
    AnswerSlot& slot = *outgoing.slot;
    if (!slot.begun) {
        slot.begun = true;
        --waiting_;
    }
    Stream* stream = find(slot.streamId);
    if (!stream || stream->slot.get() != &slot || stream->broken) {
        if (outgoing.reader)
            host_.onGone({outgoing.reader});
        return;
    }
    if (outgoing.reader)
        slot.reader = outgoing.reader;
    if (outgoing.cut)
        return reset(*stream, NGHTTP2_INTERNAL_ERROR);
    append(*stream, outgoing.slices);
    slot.ended = slot.ended || outgoing.end;
    if (outgoing.head)
        beginAnswer(*stream, *outgoing.head, slot.ended && slot.out.empty());
    else
        nghttp2_session_resume_data(session_, slot.streamId); // an error: it was not waiting
    if (slot.reader && slot.queued > limits_.streamBytesMax)
        reset(*stream, NGHTTP2_CANCEL);
}

void Http2Session::append(Stream& stream, std::vector<Slice>& slices) {
    std::deque<Slice>& out = stream.slot->out;
    if (stream.slot->bodiless)
        return;
    const bool nothing = out.empty();
    for (Slice& slice : slices)
        if (!slice.bytes.empty())
            out.push_back(std::move(slice));
    if (nothing && !out.empty())
        ++unsent_;
}

void Http2Session::beginAnswer(Stream& stream, const AnswerHead& head, bool ended) {
    stream.answering = true;
    const std::string code = std::to_string(head.code);
    const std::string length = std::to_string(head.length);
    std::vector<nghttp2_nv> headers;
    headers.reserve(head.headers.size() + 3);
    headers.push_back(http2Pair(":status", code));
    for (const auto& [name, value] : head.headers)
        headers.push_back(http2Pair(name, value));
    headers.push_back(http2Pair("date", httpDate()));
    if (head.kind == AnswerHead::Kind::Whole && head.code != 204 && head.code != 304)
        headers.push_back(http2Pair("content-length", length));
    nghttp2_data_provider body{};
    body.source.fd = stream.id;
    body.read_callback = Http2Callbacks::readBody;
    if (nghttp2_submit_response(session_, stream.id, headers.data(), headers.size(),
                                ended ? nullptr : &body) != 0)
        reset(stream, NGHTTP2_INTERNAL_ERROR);
}

ssize_t Http2Session::readBody(std::int32_t id, std::span<std::uint8_t> into,
                               std::uint32_t& flags) {
    Stream* stream = find(id);
    if (!stream)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    AnswerSlot& slot = *stream->slot;
    const std::size_t most = std::min(into.size(), kDataMax);
    std::size_t size = 0;
    while (size < most && !slot.out.empty()) {
        const std::string_view bytes = slot.out.front().bytes;
        const std::size_t part = std::min(bytes.size(), most - size);
        std::memcpy(into.data() + size, bytes.data(), part);
        size += part;
        slot.consume(part);
    }
    stream->written += size;
    if (size > 0 && slot.out.empty())
        --unsent_;
    if (slot.ended && slot.out.empty())
        flags |= NGHTTP2_DATA_FLAG_EOF;
    else if (size == 0)
        return NGHTTP2_ERR_DEFERRED;
    return static_cast<ssize_t>(size);
}

// The whole answer is out. A caller that has not finished its request is told that nobody listens.
void Http2Session::onAnswerSent(std::int32_t id) {
    const Stream* stream = find(id);
    if (stream && !stream->delivered)
        nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR);
}

void Http2Session::dropUnsent(Stream& stream) {
    if (stream.slot->out.empty())
        return;
    stream.slot->out.clear();
    --unsent_;
}

void Http2Session::reset(Stream& stream, std::uint32_t errorCode) {
    if (std::exchange(stream.broken, true))
        return;
    dropUnsent(stream);
    if (!stream.delivered)
        unfinished_ -= std::exchange(stream.request.body, {}).size();
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id, errorCode);
}

void Http2Session::onStreamClosed(std::int32_t id) {
    Stream* stream = find(id);
    if (!stream)
        return;
    dropUnsent(*stream);
    if (!stream->delivered)
        unfinished_ -= stream->request.body.size();
    if (stream->slot->reader && (!stream->slot->ended || stream->broken))
        host_.onGone({stream->slot->reader});
    streams_.erase(id);
    if (retired_ && streams_.empty())
        sayGone();
}

// --- output

std::string_view Http2Session::peek(std::span<char> scratch) {
    shown_ = Shown::Nothing;
    if (failed_)
        return {};
    if (!pending_.empty()) {
        shown_ = Shown::Pending;
        return pending_;
    }
    std::size_t size = 0;
    while (size < scratch.size()) {
        if (frame_.empty()) {
            const std::uint8_t* data = nullptr;
            const ssize_t made = nghttp2_session_mem_send(session_, &data);
            failed_ = failed_ || made < 0;
            if (made <= 0)
                break;
            frame_ = {reinterpret_cast<const char*>(data), static_cast<std::size_t>(made)};
        }
        if (frame_.size() >= scratch.size() / 2) { // a record of its own, and no copy
            if (size > 0)
                break;
            shown_ = Shown::Frame;
            return frame_;
        }
        const std::size_t part = std::min(frame_.size(), scratch.size() - size);
        std::memcpy(scratch.data() + size, frame_.data(), part);
        frame_.remove_prefix(part);
        size += part;
    }
    if (size == 0 && unsent_ > 0)
        host_.onTimed(); // the caller's windows are closed
    if (size > 0)
        shown_ = Shown::Scratch;
    scratch_ = {scratch.data(), size};
    return scratch_;
}

void Http2Session::sent(std::size_t bytes) {
    switch (std::exchange(shown_, Shown::Nothing)) {
    case Shown::Nothing:
        break;
    case Shown::Pending:
        pending_.erase(0, bytes);
        break;
    case Shown::Frame:
        frame_.remove_prefix(bytes);
        break;
    case Shown::Scratch:
        pending_.assign(scratch_.substr(bytes));
        break;
    }
}

// --- the end

void Http2Session::terminate(std::uint32_t errorCode) {
    if (!std::exchange(terminated_, true))
        nghttp2_session_terminate_session(session_, errorCode);
}

// The last GOAWAY: what came later was not looked at and may be asked elsewhere.
void Http2Session::sayGone() {
    if (!std::exchange(saidGone_, true))
        nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                              nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR,
                              nullptr, 0);
}

void Http2Session::retire() {
    retired_ = true;
    if (streams_.empty())
        return sayGone();
    // Requests may be on their way: the ping's answer comes behind them.
    nghttp2_submit_shutdown_notice(session_);
    nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
}

bool Http2Session::finished() const {
    return pending_.empty() && frame_.empty() && nghttp2_session_want_read(session_) == 0 &&
           nghttp2_session_want_write(session_) == 0;
}

HttpSession::Tick Http2Session::onTick(SteadyTime now) {
    if (deadline_ && *deadline_ <= now)
        return Tick::Overdue;
    bool timed = deadline_.has_value();
    for (const auto& [id, stream] : streams_) { // each is judged alone: no order matters
        if (!stream->delivered && !stream->answering) {
            timed = true;
            if (now - stream->begun >= std::chrono::seconds(limits_.requestSecondsMax))
                reset(*stream, NGHTTP2_CANCEL);
        }
        if (stream->slot->out.empty()) {
            stream->stalledSince.reset();
            continue;
        }
        timed = true;
        if (stream->written != std::exchange(stream->writtenAtTick, stream->written) ||
            !stream->stalledSince)
            stream->stalledSince = now;
        else if (now - *stream->stalledSince >= std::chrono::seconds(limits_.stalledSecondsMax))
            reset(*stream, NGHTTP2_CANCEL);
    }
    return timed ? Tick::Timed : Tick::Idle;
}

std::vector<StreamReaderPtr> Http2Session::takeReaders() {
    std::vector<StreamReaderPtr> readers;
    for (const auto& [id, stream] : streams_)
        if (stream->slot->reader)
            readers.push_back(stream->slot->reader);
    streams_.clear();
    unsent_ = 0;
    return readers;
}

std::unique_ptr<HttpSession> makeHttp2Session(SessionHost& host, const HttpLimits& limits,
                                              SessionCaller caller) {
    return std::make_unique<Http2Session>(host, limits, std::move(caller));
}

} // namespace orrery::apiserver
