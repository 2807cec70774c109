// WebSocket (RFC 6455), the server's side: handshake, frames, and one open connection. Knows
// nothing of what is said: watches use it, exec, attach and port-forward can.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/apiserver/http_message.h"

namespace orrery::apiserver {

// A GET that asks to go on as a WebSocket.
bool asksForWebSocket(const HttpRequest& request);

// What Sec-WebSocket-Protocol offers, in the caller's order.
std::vector<std::string> offeredProtocols(const Headers& headers);

// Browsers can't set an Authorization header: a bearer token may come as the subprotocol
// base64url.bearer.authorization.k8s.io.TOKEN beside another one, and is taken out of `protocols`.
// Nothing: there is none. Unauthorized: it is no token.
std::optional<Result<std::string>> takeBearerToken(std::vector<std::string>& protocols);

// The headers of a 101, or the refusal. Callers that offer several `protocols` are refused.
std::variant<Headers, HttpResponse> shakeHands(const HttpRequest& request,
                                               const std::vector<std::string>& protocols);

enum class WebSocketOpcode : std::uint8_t {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10
};
inline constexpr int kWebSocketNormal = 1000, kWebSocketProtocolError = 1002,
                     kWebSocketTooBig = 1009;

// The head of an unfragmented frame of `size` bytes from a server.
std::string webSocketHead(WebSocketOpcode opcode, std::size_t size);

// Frames of a caller into messages. What is longer than `messageBytesMax` breaks the connection;
// messages that nobody wants to have are not kept.
class WebSocketReader {
  public:
    struct Message {
        WebSocketOpcode opcode; // Text, Binary, or a control frame's
        std::string payload;
    };
    WebSocketReader(std::size_t messageBytesMax, bool keepsMessages)
        : messageBytesMax_(messageBytesMax), keeps_(keepsMessages) {}

    // Adds what arrived and returns the messages that are whole. Nothing comes after an error.
    std::vector<Message> read(std::string_view bytes);
    // 0, or the code to close with.
    int error() const { return error_; }

  private:
    struct Frame {
        WebSocketOpcode opcode = WebSocketOpcode::Continuation;
        bool last = false;
        std::size_t size = 0;
        char mask[4] = {};
    };
    bool readHead();
    void readPayload(std::string_view& bytes, std::vector<Message>& out);
    void onFrame(std::vector<Message>& out);

    const std::size_t messageBytesMax_;
    const bool keeps_;
    std::string head_;           // bytes of a frame's head that is not whole
    std::optional<Frame> frame_; // whose payload is being read
    std::size_t taken_ = 0;      // bytes of its payload
    std::string control_;        // payload of a control frame
    WebSocketOpcode opcode_ = WebSocketOpcode::Continuation; // of the message at hand
    std::size_t size_ = 0;                                   // of the message at hand
    std::string message_;
    int error_ = 0;
};

// An open WebSocket: every write is one message. Plane thread. Ends when destroyed.
class WebSocketStream final : public HttpStream {
  public:
    using OnMessage = std::function<void(WebSocketReader::Message message)>;

    // `handshake` as shakeHands made it. `frames`: Text or Binary. Without `onMessage`, what the
    // caller says is dropped. `onClosed` runs once, when the caller has gone or said goodbye.
    static std::unique_ptr<HttpStream> open(HttpAnswer& answer, Headers handshake,
                                            WebSocketOpcode frames, OnMessage onMessage,
                                            std::function<void()> onClosed);
    ~WebSocketStream() override;

    void write(std::vector<Slice> slices) override;
    std::size_t queuedBytes() const override { return inner_->queuedBytes(); }
    void end() override;
    void cut() override;
    bool isFramed() const override { return true; }

  private:
    WebSocketStream(WebSocketOpcode frames, OnMessage onMessage, std::function<void()> onClosed);
    void onBytes(const std::string& bytes);
    void say(WebSocketOpcode opcode, std::string payload);
    void finish(int code);

    std::unique_ptr<HttpStream> inner_;
    WebSocketReader reader_;
    WebSocketOpcode frames_;
    OnMessage onMessage_;
    std::function<void()> onClosed_;
    bool ended_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// Streams that are written to it become a WebSocket; it is for whoever only knows streams.
class WebSocketAnswer final : public HttpAnswer {
  public:
    WebSocketAnswer(HttpAnswerPtr answer, Headers handshake, WebSocketOpcode frames)
        : answer_(std::move(answer)), handshake_(std::move(handshake)), frames_(frames) {}
    void send(HttpResponse response) override { answer_->send(std::move(response)); }
    std::unique_ptr<HttpStream> stream(int, Headers, std::function<void()> onClosed) override {
        return WebSocketStream::open(*answer_, std::move(handshake_), frames_, nullptr,
                                     std::move(onClosed));
    }
    std::unique_ptr<HttpStream> upgrade(Headers, std::function<void(std::string)>,
                                        std::function<void()>) override {
        ORRERY_ASSERT(false); // it is one already
        return nullptr;
    }

  private:
    HttpAnswerPtr answer_;
    Headers handshake_;
    WebSocketOpcode frames_;
};

} // namespace orrery::apiserver
