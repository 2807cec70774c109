// An HTTP/2 caller and its session, joined without a socket.
#pragma once
#include <nghttp2/nghttp2.h>

#include <map>

#include "core/apiserver/http/http_session.h"
#include "tests/support/test.h"

namespace orrery::tests {

using namespace apiserver;

struct Host final : SessionHost {
    struct Arrived {
        HttpRequest request;
        SlotPtr slot;
    };
    std::vector<Arrived> requests;
    std::vector<StreamReaderPtr> gone;
    int timed = 0;

    void onRequest(HttpRequest request, SlotPtr slot) override {
        requests.push_back({std::move(request), std::move(slot)});
    }
    void onGone(std::vector<StreamReaderPtr> readers) override {
        gone.insert(gone.end(), readers.begin(), readers.end());
    }
    void onBytes(const StreamReaderPtr&, std::string) override {}
    void onTimed() override { ++timed; }
};

inline Outgoing answerOf(const SlotPtr& slot, std::string body, int code = 200) {
    Outgoing out;
    out.slot = slot;
    out.head.emplace();
    out.head->code = code;
    out.head->headers.emplace_back("Content-Type", "text/plain");
    out.head->length = body.size();
    out.slices.push_back(Slice::own(std::move(body)));
    out.end = true;
    return out;
}

inline Outgoing streamOf(const SlotPtr& slot) {
    Outgoing out;
    out.slot = slot;
    out.head.emplace();
    out.head->kind = AnswerHead::Kind::Stream;
    out.reader = std::make_shared<StreamReader>();
    return out;
}

inline Outgoing moreOf(const SlotPtr& slot, std::string text, bool end = false) {
    slot->queued += text.size();
    Outgoing out;
    out.slot = slot;
    out.slices.push_back(Slice::own(std::move(text)));
    out.end = end;
    return out;
}

// What the caller saw of one stream.
struct Seen {
    std::string status, body;
    std::map<std::string, std::string> headers;
    bool closed = false;
    std::uint32_t error = 0;
};

class Http2Client {
  public:
    // `readsSlowly`: windows open only with readFor().
    explicit Http2Client(HttpSession& session, bool readsSlowly = false) : server_(session) {
        nghttp2_session_callbacks* callbacks = nullptr;
        nghttp2_session_callbacks_new(&callbacks);
        nghttp2_session_callbacks_set_on_header_callback(
            callbacks, [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                          std::size_t nameSize, const std::uint8_t* value, std::size_t valueSize,
                          std::uint8_t, void* self) {
                const std::string key(reinterpret_cast<const char*>(name), nameSize);
                Seen& stream = static_cast<Http2Client*>(self)->seen[frame->hd.stream_id];
                const std::string text(reinterpret_cast<const char*>(value), valueSize);
                (key == ":status" ? stream.status : stream.headers[key]) = text;
                return 0;
            });
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
            callbacks, [](nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                          std::size_t size, void* self) {
                static_cast<Http2Client*>(self)->seen[id].body.append(
                    reinterpret_cast<const char*>(data), size);
                return 0;
            });
        nghttp2_session_callbacks_set_on_frame_recv_callback(
            callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
                auto* client = static_cast<Http2Client*>(self);
                if (frame->hd.type == NGHTTP2_GOAWAY)
                    client->goAways.emplace_back(frame->goaway.last_stream_id,
                                                 frame->goaway.error_code);
                return 0;
            });
        nghttp2_session_callbacks_set_on_stream_close_callback(
            callbacks, [](nghttp2_session*, std::int32_t id, std::uint32_t error, void* self) {
                Seen& stream = static_cast<Http2Client*>(self)->seen[id];
                stream.closed = true;
                stream.error = error;
                return 0;
            });
        nghttp2_option* options = nullptr;
        nghttp2_option_new(&options);
        nghttp2_option_set_no_auto_window_update(options, readsSlowly ? 1 : 0);
        nghttp2_session_client_new2(&session_, callbacks, this, options);
        nghttp2_option_del(options);
        nghttp2_session_callbacks_del(callbacks);
        nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
        pump();
    }
    ~Http2Client() { nghttp2_session_del(session_); }

    std::int32_t ask(const std::string& method, const std::string& path,
                     std::vector<std::pair<std::string, std::string>> headers = {},
                     const std::string* body = nullptr) {
        headers.insert(
            headers.begin(),
            {{":method", method}, {":scheme", "https"}, {":authority", "x"}, {":path", path}});
        std::vector<nghttp2_nv> all;
        for (auto& [name, value] : headers)
            all.push_back({reinterpret_cast<std::uint8_t*>(name.data()),
                           reinterpret_cast<std::uint8_t*>(value.data()), name.size(), value.size(),
                           NGHTTP2_NV_FLAG_NONE});
        nghttp2_data_provider provider{};
        Upload& upload = uploads_.emplace_back();
        if (body)
            upload.rest = *body;
        provider.source.ptr = &upload;
        provider.read_callback = [](nghttp2_session*, std::int32_t, std::uint8_t* into,
                                    std::size_t size, std::uint32_t* flags,
                                    nghttp2_data_source* source, void*) -> ssize_t {
            auto& from = *static_cast<Upload*>(source->ptr);
            if (from.rest.empty() && from.open)
                return NGHTTP2_ERR_DEFERRED;
            const std::size_t part = std::min(size, from.rest.size());
            std::memcpy(into, from.rest.data(), part);
            from.rest.erase(0, part);
            if (from.rest.empty() && !from.open)
                *flags |= NGHTTP2_DATA_FLAG_EOF;
            return static_cast<ssize_t>(part);
        };
        upload.open = holdsBodiesOpen;
        return nghttp2_submit_request(session_, nullptr, all.data(), all.size(),
                                      body ? &provider : nullptr, nullptr);
    }
    std::int32_t get(const std::string& path) { return ask("GET", path); }
    void reset(std::int32_t id, std::uint32_t error = NGHTTP2_CANCEL) {
        nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, error);
    }
    nghttp2_session* raw() { return session_; }

    // Carries everything both ways until nobody has anything to say.
    void pump() {
        while (toServer() || toClient()) {
        }
    }
    bool toServer() {
        const std::uint8_t* data = nullptr;
        const ssize_t size = nghttp2_session_mem_send(session_, &data);
        if (size <= 0)
            return false;
        server_.receive({reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)});
        return true;
    }
    // One record, as a socket would take it. False: there was none.
    bool toClient(std::size_t most = 16384) {
        char scratch[16384];
        const std::string_view bytes = server_.peek(scratch).substr(0, most);
        bytesHeard += bytes.size();
        if (!bytes.empty())
            nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                     bytes.size());
        server_.sent(bytes.size());
        return !bytes.empty();
    }

    std::map<std::int32_t, Seen> seen;
    std::vector<std::pair<std::int32_t, std::uint32_t>> goAways;
    std::size_t bytesHeard = 0;
    bool holdsBodiesOpen = false; // of requests that are asked from now on

  private:
    struct Upload {
        std::string rest;
        bool open = false;
    };
    HttpSession& server_;
    nghttp2_session* session_ = nullptr;
    std::deque<Upload> uploads_;
};

// A frame, byte by byte.
inline std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                         const std::string& payload) {
    std::string out;
    for (int shift : {16, 8, 0})
        out.push_back(static_cast<char>((payload.size() >> shift) & 0xff));
    out.push_back(static_cast<char>(type));
    out.push_back(static_cast<char>(flags));
    for (int shift : {24, 16, 8, 0})
        out.push_back(static_cast<char>((stream >> shift) & 0xff));
    return out + payload;
}

} // namespace orrery::tests
