#include "core/apiserver/http/websocket.h"

#include <algorithm>

namespace orrery::apiserver {

namespace {
constexpr std::size_t kControlBytesMax = 125;
constexpr std::size_t kMessageBytesMax = 4 << 20;
constexpr std::size_t kUnreadMax = 1 << 20; // for a caller that asks and does not read

bool isControl(WebSocketOpcode opcode) {
    return opcode >= WebSocketOpcode::Close;
}

std::string closePayload(int code) {
    return {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
}
} // namespace

std::string webSocketHead(WebSocketOpcode opcode, std::size_t size) {
    std::string head(1, static_cast<char>(0x80 | static_cast<int>(opcode)));
    const auto append = [&head, size](int bytes) {
        for (int i = bytes - 1; i >= 0; --i)
            head.push_back(static_cast<char>((size >> (8 * i)) & 0xff));
    };
    if (size < 126)
        return append(1), head;
    head.push_back(size <= 0xffff ? 126 : 127);
    append(size <= 0xffff ? 2 : 8);
    return head;
}

std::vector<WebSocketReader::Message> WebSocketReader::read(std::string_view bytes) {
    std::vector<Message> out;
    while (error_ == 0) {
        if (frame_) {
            readPayload(bytes, out);
            if (frame_)
                return out; // not whole
            continue;
        }
        if (bytes.empty())
            return out;
        head_.push_back(bytes.front());
        bytes.remove_prefix(1);
        if (readHead() && frame_->size == 0)
            onFrame(out);
    }
    return out;
}

// Makes frame_ of head_ when it is whole.
bool WebSocketReader::readHead() {
    const auto byte = [this](std::size_t at) { return static_cast<std::uint8_t>(head_[at]); };
    if (head_.size() < 2)
        return false;
    const std::uint8_t length = byte(1) & 0x7f;
    const std::size_t lengthBytes = length == 127 ? 8 : length == 126 ? 2 : 0;
    Frame frame;
    frame.opcode = static_cast<WebSocketOpcode>(byte(0) & 0x0f);
    frame.last = (byte(0) & 0x80) != 0;
    const bool known = frame.opcode <= WebSocketOpcode::Binary ||
                       (isControl(frame.opcode) && frame.opcode <= WebSocketOpcode::Pong);
    const bool masked = (byte(1) & 0x80) != 0;
    const bool badControl = isControl(frame.opcode) && (!frame.last || length > kControlBytesMax);
    const bool begins =
        frame.opcode == WebSocketOpcode::Text || frame.opcode == WebSocketOpcode::Binary;
    const bool open = opcode_ != WebSocketOpcode::Continuation; // a message is not whole
    const bool outOfOrder =
        (begins && open) || (frame.opcode == WebSocketOpcode::Continuation && !open);
    if ((byte(0) & 0x70) != 0 || !known || !masked || badControl || outOfOrder) {
        error_ = kWebSocketProtocolError;
        return false;
    }
    if (head_.size() < 2 + lengthBytes + sizeof frame.mask)
        return false;
    std::uint64_t size = lengthBytes == 0 ? length : 0;
    for (std::size_t i = 0; i < lengthBytes; ++i)
        size = size << 8 | byte(2 + i);
    if (size > messageBytesMax_ || (!isControl(frame.opcode) && size_ + size > messageBytesMax_)) {
        error_ = kWebSocketTooBig;
        return false;
    }
    frame.size = static_cast<std::size_t>(size);
    std::copy_n(head_.end() - sizeof frame.mask, sizeof frame.mask, frame.mask);
    head_.clear();
    if (begins)
        opcode_ = frame.opcode;
    frame_ = frame;
    taken_ = 0;
    return true;
}

void WebSocketReader::readPayload(std::string_view& bytes, std::vector<Message>& out) {
    const std::size_t size = std::min(bytes.size(), frame_->size - taken_);
    if (isControl(frame_->opcode) || keeps_) {
        std::string& to = isControl(frame_->opcode) ? control_ : message_;
        for (std::size_t i = 0; i < size; ++i)
            to.push_back(static_cast<char>(bytes[i] ^ frame_->mask[(taken_ + i) % 4]));
    }
    taken_ += size;
    bytes.remove_prefix(size);
    if (taken_ == frame_->size)
        onFrame(out);
}

void WebSocketReader::onFrame(std::vector<Message>& out) {
    const Frame frame = *frame_;
    frame_.reset();
    if (isControl(frame.opcode)) {
        out.push_back({frame.opcode, std::exchange(control_, {})});
        return;
    }
    size_ += frame.size;
    if (!frame.last)
        return;
    if (keeps_)
        out.push_back({opcode_, std::exchange(message_, {})});
    opcode_ = WebSocketOpcode::Continuation;
    size_ = 0;
}

// --- an open one

WebSocketStream::WebSocketStream(WebSocketOpcode frames, OnMessage onMessage,
                                 std::function<void()> onClosed)
    : reader_(kMessageBytesMax, onMessage != nullptr), frames_(frames),
      onMessage_(std::move(onMessage)), onClosed_(std::move(onClosed)) {}

WebSocketStream::~WebSocketStream() {
    *alive_ = false;
}

std::unique_ptr<HttpStream> WebSocketStream::open(HttpAnswer& answer, Headers handshake,
                                                  WebSocketOpcode frames, OnMessage onMessage,
                                                  std::function<void()> onClosed) {
    std::unique_ptr<WebSocketStream> made(
        new WebSocketStream(frames, std::move(onMessage), std::move(onClosed)));
    WebSocketStream* self = made.get();
    made->inner_ = answer.upgrade(
        std::move(handshake), [self](const std::string& bytes) { self->onBytes(bytes); },
        [self] {
            self->ended_ = true;
            if (const auto closed = std::exchange(self->onClosed_, nullptr))
                closed();
        });
    return made;
}

void WebSocketStream::write(std::vector<Slice> slices) {
    std::size_t size = 0;
    for (const Slice& slice : slices)
        size += slice.bytes.size();
    if (ended_ || size == 0)
        return;
    slices.insert(slices.begin(), Slice::own(webSocketHead(frames_, size)));
    inner_->write(std::move(slices));
}

void WebSocketStream::say(WebSocketOpcode opcode, std::string payload) {
    if (opcode == WebSocketOpcode::Pong && inner_->queuedBytes() > kUnreadMax)
        return;
    std::vector<Slice> frame{Slice::own(webSocketHead(opcode, payload.size()) + payload)};
    inner_->write(std::move(frame));
}

void WebSocketStream::finish(int code) {
    if (std::exchange(ended_, true))
        return;
    say(WebSocketOpcode::Close, closePayload(code));
    inner_->end();
}

void WebSocketStream::end() {
    finish(kWebSocketNormal);
}

void WebSocketStream::cut() {
    ended_ = true;
    inner_->cut();
}

void WebSocketStream::onBytes(const std::string& bytes) {
    const std::shared_ptr<bool> alive = alive_; // who hears a message may destroy this
    bool goodbye = false;
    for (WebSocketReader::Message& message : reader_.read(bytes)) {
        if (ended_)
            return;
        if (message.opcode == WebSocketOpcode::Close)
            goodbye = true;
        else if (message.opcode == WebSocketOpcode::Ping)
            say(WebSocketOpcode::Pong, std::move(message.payload));
        else if (message.opcode != WebSocketOpcode::Pong && onMessage_)
            onMessage_(std::move(message));
        if (!*alive)
            return;
    }
    if (ended_)
        return;
    if (reader_.error() != 0)
        finish(reader_.error());
    else if (goodbye)
        finish(kWebSocketNormal);
    else
        return;
    if (const auto closed = std::exchange(onClosed_, nullptr))
        closed();
}

} // namespace orrery::apiserver
