#include "core/apiserver/http/http_answer.h"

#include <boost/beast/http/status.hpp>

namespace orrery::apiserver {

namespace {
class SocketStream final : public HttpStream {
  public:
    SocketStream(std::shared_ptr<HttpIo> io, std::shared_ptr<HttpConnection> connection,
                 SlotPtr slot, std::shared_ptr<StreamReader> reader)
        : io_(std::move(io)), connection_(std::move(connection)), slot_(std::move(slot)),
          reader_(std::move(reader)) {}
    ~SocketStream() override {
        reader_->onClosed = nullptr;
        if (!ended_)
            cut();
    }
    void write(std::vector<Slice> slices) override {
        std::size_t bytes = 0;
        for (const Slice& slice : slices)
            bytes += slice.bytes.size();
        if (bytes == 0 || ended_ || reader_->gone)
            return;
        slot_->queued += bytes;
        if (slot_->chunked) {
            char head[24];
            std::snprintf(head, sizeof head, "%zx\r\n", bytes);
            slices.insert(slices.begin(), Slice::own(head));
            slices.push_back(Slice::constant("\r\n"));
        }
        push(std::move(slices), false, false);
    }
    std::size_t queuedBytes() const override { return slot_->queued; }
    void end() override {
        if (std::exchange(ended_, true))
            return;
        std::vector<Slice> last;
        if (slot_->chunked)
            last.push_back(Slice::constant("0\r\n\r\n"));
        push(std::move(last), true, false);
    }
    void cut() override {
        if (!std::exchange(ended_, true))
            push({}, true, true);
    }

  private:
    void push(std::vector<Slice> slices, bool end, bool cutNow) {
        Outgoing out;
        out.connection = connection_;
        out.slot = slot_;
        out.slices = std::move(slices);
        out.end = end;
        out.cut = cutNow;
        io_->send(std::move(out));
    }

    std::shared_ptr<HttpIo> io_;
    std::shared_ptr<HttpConnection> connection_;
    SlotPtr slot_;
    std::shared_ptr<StreamReader> reader_;
    bool ended_ = false;
};
} // namespace

std::string responseHead(int code, const Headers& headers) {
    const auto reason = boost::beast::http::obsolete_reason(
        boost::beast::http::int_to_status(static_cast<unsigned>(code)));
    std::string head;
    head.reserve(256);
    head.append("HTTP/1.1 ").append(std::to_string(code)).append(" ");
    head.append(reason.data(), reason.size()).append("\r\n");
    for (const auto& [name, value] : headers)
        head.append(name).append(": ").append(value).append("\r\n");
    return head;
}

SocketAnswer::~SocketAnswer() {
    if (used_)
        return;
    Outgoing out;
    out.connection = connection_;
    out.slot = slot_;
    out.end = out.cut = true;
    io_->send(std::move(out));
}

void SocketAnswer::send(HttpResponse response) {
    used_ = true;
    std::size_t length = 0;
    for (const Slice& slice : response.body)
        length += slice.bytes.size();
    std::string head = responseHead(response.code, response.headers);
    if (response.code != 204 && response.code != 304)
        head.append("Content-Length: ").append(std::to_string(length)).append("\r\n");
    if (slot_->closeAfter)
        head.append("Connection: close\r\n");
    head.append("\r\n");
    Outgoing out;
    out.connection = connection_;
    out.slot = slot_;
    out.slices.reserve(response.body.size() + 1);
    out.slices.push_back(Slice::own(std::move(head)));
    if (!slot_->bodiless)
        std::move(response.body.begin(), response.body.end(), std::back_inserter(out.slices));
    out.end = true;
    io_->send(std::move(out));
}

std::unique_ptr<HttpStream> SocketAnswer::stream(int code, Headers headers,
                                                 std::function<void()> onClosed) {
    used_ = true;
    auto reader = std::make_shared<StreamReader>();
    reader->onClosed = std::move(onClosed);
    std::string head = responseHead(code, headers);
    head.append(slot_->chunked ? "Transfer-Encoding: chunked\r\n\r\n"
                               : "Connection: close\r\n\r\n");
    Outgoing out;
    out.connection = connection_;
    out.slot = slot_;
    out.slices.push_back(Slice::own(std::move(head)));
    out.reader = reader;
    io_->send(std::move(out));
    return std::make_unique<SocketStream>(io_, connection_, slot_, std::move(reader));
}

} // namespace orrery::apiserver
