#include "core/apiserver/http/http_answer.h"

#include "core/apiserver/http/http_connection.h"

namespace orrery::apiserver {

namespace {
// Where the bytes of one answer go.
struct Place {
    std::shared_ptr<HttpIo> io;
    std::shared_ptr<HttpConnection> connection;
    SlotPtr slot;

    void send(Outgoing out) const {
        out.connection = connection;
        out.slot = slot;
        io->send(std::move(out));
    }
};

class SocketStream final : public HttpStream {
  public:
    SocketStream(Place place, StreamReaderPtr reader)
        : place_(std::move(place)), reader_(std::move(reader)) {}
    ~SocketStream() override {
        reader_->onClosed = nullptr;
        reader_->onBytes = nullptr;
        reader_->resume = nullptr;
        if (!ended_)
            cut();
    }
    void write(std::vector<Slice> slices) override {
        std::size_t bytes = 0;
        for (const Slice& slice : slices)
            bytes += slice.bytes.size();
        if (bytes == 0 || ended_ || reader_->gone)
            return;
        place_.slot->queued += bytes;
        Outgoing out;
        out.slices = std::move(slices);
        place_.send(std::move(out));
    }
    std::size_t queuedBytes() const override { return place_.slot->queued; }
    void end() override { finish(false); }
    void cut() override { finish(true); }

  private:
    void finish(bool cutNow) {
        if (std::exchange(ended_, true))
            return;
        Outgoing out;
        out.end = true;
        out.cut = cutNow;
        place_.send(std::move(out));
    }

    Place place_;
    StreamReaderPtr reader_;
    bool ended_ = false;
};
} // namespace

SocketAnswer::SocketAnswer(std::shared_ptr<HttpIo> io, std::shared_ptr<HttpConnection> connection,
                           SlotPtr slot)
    : io_(std::move(io)), connection_(std::move(connection)), slot_(std::move(slot)) {}

SocketAnswer::~SocketAnswer() {
    if (used_)
        return;
    Outgoing out;
    out.end = out.cut = true;
    Place{io_, connection_, slot_}.send(std::move(out));
}

void SocketAnswer::send(HttpResponse response) {
    used_ = true;
    Outgoing out;
    out.head.emplace();
    out.head->code = response.code;
    out.head->headers = std::move(response.headers);
    for (const Slice& slice : response.body)
        out.head->length += slice.bytes.size();
    out.slices = std::move(response.body);
    out.end = true;
    Place{io_, connection_, slot_}.send(std::move(out));
}

std::unique_ptr<HttpStream> SocketAnswer::begin(AnswerHead head, StreamReaderPtr reader) {
    used_ = true;
    const Place place{io_, connection_, slot_};
    Outgoing out;
    out.head = std::move(head);
    out.reader = reader;
    place.send(std::move(out));
    return std::make_unique<SocketStream>(place, std::move(reader));
}

std::unique_ptr<HttpStream> SocketAnswer::stream(int code, Headers headers,
                                                 std::function<void()> onClosed) {
    auto reader = std::make_shared<StreamReader>();
    reader->onClosed = std::move(onClosed);
    return begin({AnswerHead::Kind::Stream, code, std::move(headers), 0}, std::move(reader));
}

std::unique_ptr<HttpStream> SocketAnswer::upgrade(Headers headers,
                                                  std::function<void(std::string bytes)> onBytes,
                                                  std::function<void()> onClosed) {
    auto reader = std::make_shared<StreamReader>();
    reader->onClosed = std::move(onClosed);
    reader->onBytes = std::move(onBytes);
    // An empty message makes the I/O thread look whether it may read again.
    reader->resume = [io = io_, connection = std::weak_ptr(connection_), slot = slot_] {
        if (const auto open = connection.lock())
            Place{io, open, slot}.send({});
    };
    return begin({AnswerHead::Kind::Upgrade, 101, std::move(headers), 0}, std::move(reader));
}

} // namespace orrery::apiserver
