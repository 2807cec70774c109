// The C functions through which nghttp2 speaks to a Http2Session.
#pragma once
#include <nghttp2/nghttp2.h>

namespace orrery::apiserver {

struct Http2Callbacks {
    // One set for all sessions; each session is its library session's user data.
    static const nghttp2_session_callbacks* all();
    // Bodies of answers; the source is the stream's number.
    static ssize_t readBody(nghttp2_session* session, std::int32_t id, std::uint8_t* into,
                            std::size_t size, std::uint32_t* flags, nghttp2_data_source* source,
                            void* self);

  private:
    static int headersBegin(nghttp2_session* session, const nghttp2_frame* frame, void* self);
    static int header(nghttp2_session* session, const nghttp2_frame* frame,
                      const std::uint8_t* name, std::size_t nameSize, const std::uint8_t* value,
                      std::size_t valueSize, std::uint8_t flags, void* self);
    static int bodyChunk(nghttp2_session* session, std::uint8_t flags, std::int32_t id,
                         const std::uint8_t* data, std::size_t size, void* self);
    static int frameReceived(nghttp2_session* session, const nghttp2_frame* frame, void* self);
    static int frameSent(nghttp2_session* session, const nghttp2_frame* frame, void* self);
    static int streamClosed(nghttp2_session* session, std::int32_t id, std::uint32_t errorCode,
                            void* self);
};

} // namespace orrery::apiserver
