#include "core/apiserver/http/http2_callbacks.h"

#include "core/apiserver/http/http2_session.h"

namespace orrery::apiserver {

namespace {
Http2Session& sessionOf(void* self) {
    return *static_cast<Http2Session*>(self);
}
std::string_view textOf(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}
} // namespace

const nghttp2_session_callbacks* Http2Callbacks::all() {
    static nghttp2_session_callbacks* const made = [] {
        nghttp2_session_callbacks* callbacks = nullptr;
        ORRERY_ASSERT(nghttp2_session_callbacks_new(&callbacks) == 0);
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, headersBegin);
        nghttp2_session_callbacks_set_on_header_callback(callbacks, header);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, bodyChunk);
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frameReceived);
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, frameSent);
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, streamClosed);
        return callbacks; // lives as long as the program
    }();
    return made;
}

ssize_t Http2Callbacks::readBody(nghttp2_session*, std::int32_t id, std::uint8_t* into,
                                 std::size_t size, std::uint32_t* flags, nghttp2_data_source*,
                                 void* self) {
    return sessionOf(self).readBody(id, {into, size}, *flags);
}

int Http2Callbacks::headersBegin(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    return sessionOf(self).onHeadersBegin(*frame);
}

int Http2Callbacks::header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                           std::size_t nameSize, const std::uint8_t* value, std::size_t valueSize,
                           std::uint8_t, void* self) {
    return sessionOf(self).onHeader(*frame, textOf(name, nameSize), textOf(value, valueSize));
}

int Http2Callbacks::bodyChunk(nghttp2_session*, std::uint8_t, std::int32_t id,
                              const std::uint8_t* data, std::size_t size, void* self) {
    sessionOf(self).onBody(id, textOf(data, size));
    return 0;
}

int Http2Callbacks::frameReceived(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    sessionOf(self).onFrame(*frame);
    return 0;
}

int Http2Callbacks::frameSent(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (ends && (frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS))
        sessionOf(self).onAnswerSent(frame->hd.stream_id);
    return 0;
}

int Http2Callbacks::streamClosed(nghttp2_session*, std::int32_t id, std::uint32_t, void* self) {
    sessionOf(self).onStreamClosed(id);
    return 0;
}

} // namespace orrery::apiserver
