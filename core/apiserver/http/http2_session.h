// HTTP/2 on nghttp2: framing, header compression and flow control are the library's; what a caller
// may cost is ours.
//
//   limit                                     what happens beyond it
//   streams at once (SETTINGS)                REFUSED_STREAM
//   requests that wait for the plane thread   REFUSED_STREAM, whether or not their streams live
//   headers of a request                      431; twice as much: the connection ends
//   body of a request                         413, then RST_STREAM(NO_ERROR)
//   bodies that are not whole, together       REFUSED_STREAM
//   time from HEADERS to END_STREAM           RST_STREAM(CANCEL)
//   an answer of which nothing is taken       RST_STREAM(CANCEL) of this stream
//   RST_STREAM, PING, SETTINGS, empty frames  GOAWAY(ENHANCE_YOUR_CALM)
#pragma once
#include <nghttp2/nghttp2.h>

#include <unordered_map>

#include "core/apiserver/http/flood_guard.h"
#include "core/apiserver/http/http_session.h"

namespace orrery::apiserver {

// A header for the library, which only reads it.
nghttp2_nv http2Pair(std::string_view name, std::string_view value);

class Http2Session final : public HttpSession {
  public:
    Http2Session(SessionHost& host, const HttpLimits& limits, SessionCaller caller);
    ~Http2Session() override;

    void receive(std::string_view bytes) override;
    bool wantsInput() const override { return !failed_; }
    void take(Outgoing& outgoing) override;
    std::string_view peek(std::span<char> scratch) override;
    void sent(std::size_t bytes) override;
    void retire() override;
    bool finished() const override;
    bool failed() const override { return failed_; }
    Tick onTick(SteadyTime now) override;
    std::vector<StreamReaderPtr> takeReaders() override;

  private:
    // One stream from its HEADERS to its end on both sides.
    struct Stream {
        std::int32_t id = 0;
        SlotPtr slot;
        HttpRequest request; // until it is whole
        std::size_t headerBytes = 0;
        bool delivered = false;  // the request went to the plane thread
        bool refused = false;    // answered here; what still comes of the request is dropped
        bool answering = false;  // the answer's HEADERS were handed to the library
        bool broken = false;     // RST_STREAM was
        SteadyTime begun;        // the request
        std::size_t written = 0; // bytes of the answer's body, in all
        std::size_t writtenAtTick = 0;
        std::optional<SteadyTime> stalledSince;
    };
    using Streams = std::unordered_map<std::int32_t, std::unique_ptr<Stream>>; // only looked up,
                                                                               // swept and cleared

    // What the library calls (http2_callbacks.cpp), in http2_requests.cpp but for readBody.
    friend struct Http2Callbacks;
    int onHeadersBegin(const nghttp2_frame& frame);
    int onHeader(const nghttp2_frame& frame, std::string_view name, std::string_view value);
    void onBody(std::int32_t id, std::string_view bytes);
    void onFrame(const nghttp2_frame& frame);
    void onHeadersWhole(Stream& stream);
    void onRequestWhole(Stream& stream);
    void onAnswerSent(std::int32_t id);
    void onStreamClosed(std::int32_t id);
    ssize_t readBody(std::int32_t id, std::span<std::uint8_t> into, std::uint32_t& flags);

    void start();
    Stream* find(std::int32_t id);
    void refuse(Stream& stream, int code, std::string body, std::string_view contentType);
    void beginAnswer(Stream& stream, const AnswerHead& head, bool ended);
    void reset(Stream& stream, std::uint32_t errorCode);
    void append(Stream& stream, std::vector<Slice>& slices);
    void dropUnsent(Stream& stream);
    void countControl();
    void sayGone();
    void terminate(std::uint32_t errorCode);

    SessionHost& host_;
    const HttpLimits& limits_;
    SessionCaller caller_;
    nghttp2_session* session_ = nullptr;
    Streams streams_;
    std::size_t unfinished_ = 0; // bytes of bodies that are not whole
    std::size_t unsent_ = 0;     // streams that have something to send
    int waiting_ = 0;            // requests that the plane thread has not begun to answer
    FloodGuard resets_, controls_;
    std::optional<SteadyTime> deadline_; // of a connection that is refused
    bool failed_ = false, terminated_ = false, retired_ = false;
    bool saidGone_ = false;  // the last GOAWAY was handed to the library
    std::string pending_;    // made for the caller and not taken by the socket
    std::string_view frame_; // the library's newest piece of output, as far as it is not sent
    enum class Shown : std::uint8_t { Nothing, Pending, Frame, Scratch } shown_ = Shown::Nothing;
    std::string_view scratch_; // what peek() put together last
};

} // namespace orrery::apiserver
