// What arrives on a Http2Session: requests from their HEADERS to their end, and frames that carry
// nothing.
#include "core/apiserver/http/http2_session.h"

namespace orrery::apiserver {

int Http2Session::onHeadersBegin(const nghttp2_frame& frame) {
    if (frame.hd.type != NGHTTP2_HEADERS || frame.headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    const std::int32_t id = frame.hd.stream_id;
    if (waiting_ >= 2 * limits_.streamsMax) { // opened and reset again and again, most likely
        nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
        return 0;
    }
    auto stream = std::make_unique<Stream>();
    stream->id = id;
    stream->slot = std::make_shared<AnswerSlot>();
    stream->slot->streamId = id;
    stream->begun = std::chrono::steady_clock::now();
    streams_[id] = std::move(stream);
    const nghttp2_extpri share{NGHTTP2_EXTPRI_DEFAULT_URGENCY, 1}; // by turns with the others
    return nghttp2_session_change_extpri_stream_priority(session_, id, &share, 1) == 0
               ? 0
               : NGHTTP2_ERR_CALLBACK_FAILURE;
}

int Http2Session::onHeader(const nghttp2_frame& frame, std::string_view name,
                           std::string_view value) {
    Stream* stream = find(frame.hd.stream_id);
    if (!stream)
        return 0;
    stream->headerBytes += name.size() + value.size() + 32; // as RFC 9113 counts
    if (stream->headerBytes > 2 * limits_.headerBytesMax)
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    HttpRequest& request = stream->request;
    if (stream->headerBytes > limits_.headerBytesMax)
        request.headers.clear();
    else if (frame.headers.cat != NGHTTP2_HCAT_REQUEST) { // trailers: nobody here wants them
    } else if (name == ":method")
        request.method = value;
    else if (name == ":path")
        request.target = value;
    else if (name == ":authority")
        request.headers.emplace_back("host", value);
    else if (!name.starts_with(':') && !(name == "host" && !request.headers.empty() &&
                                         request.headers.front().first == "host"))
        request.headers.emplace_back(name, value);
    return 0;
}

void Http2Session::onHeadersWhole(Stream& stream) {
    if (caller_.refused) {
        refuse(stream, 503, std::string(kTooManyConnections), kTextType);
        return sayGone();
    }
    if (stream.headerBytes > limits_.headerBytesMax)
        return refuse(stream, 431, "431 Request Header Fields Too Large", kTextType);
    HttpRequest& request = stream.request;
    stream.slot->bodiless = request.method == "HEAD";
    const std::string_view length = headerOf(request.headers, "content-length");
    // The library has seen to it that it is a number.
    if (length.size() > 12 ||
        (!length.empty() && std::stoull(std::string(length)) > limits_.bodyBytesMax))
        return refuse(stream, 413, bodyTooLarge(limits_), "application/json");
    if (headerOf(request.headers, "expect") == "100-continue") {
        const nghttp2_nv status = http2Pair(":status", "100");
        nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, stream.id, nullptr, &status, 1,
                               nullptr);
    }
    host_.onTimed();
}

void Http2Session::onBody(std::int32_t id, std::string_view bytes) {
    Stream* stream = find(id);
    if (!stream || stream->refused || stream->broken)
        return;
    std::string& body = stream->request.body;
    if (body.size() + bytes.size() > limits_.bodyBytesMax)
        return refuse(*stream, 413, bodyTooLarge(limits_), "application/json");
    if (unfinished_ + bytes.size() > limits_.unfinishedBytesMax)
        return reset(*stream, NGHTTP2_REFUSED_STREAM);
    unfinished_ += bytes.size();
    body.append(bytes);
}

void Http2Session::onRequestWhole(Stream& stream) {
    if (stream.refused || stream.broken || stream.delivered || terminated_)
        return;
    stream.delivered = true;
    unfinished_ -= stream.request.body.size();
    HttpRequest request = std::exchange(stream.request, {});
    request.remoteAddress = caller_.remoteAddress;
    request.credentials = caller_.credentials;
    request.badCertificate = caller_.badCertificate;
    parseBody(request);
    ++waiting_;
    host_.onRequest(std::move(request), stream.slot);
}

void Http2Session::onFrame(const nghttp2_frame& frame) {
    switch (frame.hd.type) {
    case NGHTTP2_HEADERS:
    case NGHTTP2_DATA: {
        const bool last = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        if (frame.hd.type == NGHTTP2_DATA && frame.hd.length == 0 && !last)
            countControl();
        Stream* stream = find(frame.hd.stream_id);
        if (!stream)
            return;
        if (frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST)
            onHeadersWhole(*stream);
        if (last)
            onRequestWhole(*stream);
        return;
    }
    case NGHTTP2_RST_STREAM:
        if (!resets_.allow(std::chrono::steady_clock::now()))
            terminate(NGHTTP2_ENHANCE_YOUR_CALM);
        return;
    case NGHTTP2_PING:
        if ((frame.hd.flags & NGHTTP2_FLAG_ACK) == 0)
            return countControl();
        if (retired_)
            sayGone(); // what was sent before it knew has arrived
        return;
    case NGHTTP2_SETTINGS:
        if ((frame.hd.flags & NGHTTP2_FLAG_ACK) == 0)
            countControl();
        return;
    default:
        return;
    }
}

void Http2Session::countControl() {
    if (!controls_.allow(std::chrono::steady_clock::now()))
        terminate(NGHTTP2_ENHANCE_YOUR_CALM);
}

// Answers by itself; what still comes of the request is dropped until the answer is out.
void Http2Session::refuse(Stream& stream, int code, std::string body,
                          std::string_view contentType) {
    if (stream.refused)
        return;
    stream.refused = true;
    unfinished_ -= stream.request.body.size();
    stream.request = {};
    AnswerHead head;
    head.code = code;
    head.headers.emplace_back("content-type", contentType);
    head.length = body.size();
    std::vector<Slice> slices{Slice::own(std::move(body))};
    append(stream, slices);
    stream.slot->ended = true;
    beginAnswer(stream, head, stream.slot->out.empty());
}

} // namespace orrery::apiserver
