// What travels from the plane thread to the I/O thread for one answer. No protocol's spelling, no
// sockets.
#pragma once
#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/apiserver/http_message.h"

namespace orrery::apiserver {

class HttpConnection;

// What the plane thread knows of a streamed answer's reader. Plane thread only, but for `unread`.
struct StreamReader {
    std::function<void()> onClosed;
    std::function<void(std::string bytes)> onBytes; // upgraded connections only
    std::function<void()> resume; // has the I/O thread look whether it may read again; likewise
    bool gone = false;
    std::atomic<std::size_t> unread{0}; // bytes on their way to `onBytes`
};
using StreamReaderPtr = std::shared_ptr<StreamReader>;

// How an answer begins.
struct AnswerHead {
    enum class Kind : std::uint8_t {
        Whole,  // `length` bytes follow
        Stream, // nobody knows how many follow
        Upgrade // 101: from here on the connection carries another protocol
    };
    Kind kind = Kind::Whole;
    int code = 200;
    Headers headers;
    std::size_t length = 0;
};

// The place of one answer in its connection. I/O thread only, but for `queued`.
struct AnswerSlot {
    std::deque<Slice> out;              // not sent yet
    bool ended = false;                 // nothing will be added to `out`
    bool begun = false;                 // the plane thread has begun to answer, or will never
    std::atomic<std::size_t> queued{0}; // of a stream: bytes of its body that are not sent yet
    StreamReaderPtr reader;             // of a stream
    // HTTP/1.1
    bool closeAfter = false; // the connection ends with this answer
    bool bodiless = false;   // HEAD
    bool chunked = false;    // the caller understands chunks
    bool streaming = false;  // the answer comes in chunks, or until the end of the connection
    // HTTP/2
    std::int32_t streamId = 0;

    // `bytes` of the front of `out` were sent.
    void consume(std::size_t bytes);
};
using SlotPtr = std::shared_ptr<AnswerSlot>;

// Bytes for one answer, on their way to the I/O thread.
struct Outgoing {
    std::shared_ptr<HttpConnection> connection;
    SlotPtr slot;
    std::optional<AnswerHead> head; // set in an answer's first one
    std::vector<Slice> slices;
    StreamReaderPtr reader; // set when a stream begins
    bool end = false;
    bool cut = false; // the answer is broken off: the caller has to notice
};

} // namespace orrery::apiserver
