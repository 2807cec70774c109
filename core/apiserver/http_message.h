// A request and its answer as the pipeline sees them, whichever protocol carried them.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/auth/auth.h"
#include "core/base/json.h"

namespace orrery::apiserver {

// Header names are in lower case in requests; answers use the spelling that is sent.
using Headers = std::vector<std::pair<std::string, std::string>>;

// The first value of a request's header, or "".
std::string_view headerOf(const Headers& headers, std::string_view lowerCaseName);

struct HttpRequest {
    std::string method; // "GET"
    std::string target; // path and query as they were sent
    Headers headers;
    std::string body;
    // The body as a tree, parsed off the plane thread; set for JSON bodies only.
    std::optional<Result<Json>> json;
    std::string remoteAddress; // "127.0.0.1:51234"
    // Of the connection's verified client certificate; the headers' parts are filled in later.
    auth::Credentials credentials;
    bool badCertificate = false; // there is one, and it does not verify
    bool upgradable = false;     // HTTP/1.1 with an Upgrade header: HttpAnswer::upgrade may be used
};

// Bytes that are sent as they are and never copied on the plane thread: a part of a shared buffer.
struct Slice {
    std::shared_ptr<const void> owner; // keeps `bytes` alive; null for constants
    std::string_view bytes;

    static Slice of(EncodedPtr encoded, std::size_t skip = 0) {
        const std::string_view bytes = std::string_view(encoded->bytes()).substr(skip);
        return {std::move(encoded), bytes};
    }
    static Slice own(std::string text) {
        auto kept = std::make_shared<const std::string>(std::move(text));
        return {kept, *kept};
    }
    // `text` lives as long as the program.
    static Slice constant(std::string_view text) { return {nullptr, text}; }
};

struct HttpResponse {
    int code = 200;
    Headers headers;
    std::vector<Slice> body;
};

// A streamed answer (watch, logs). Plane thread. Ends when destroyed.
class HttpStream {
  public:
    virtual ~HttpStream() = default;
    // Queues bytes; they go out in order.
    virtual void write(std::vector<Slice> slices) = 0;
    // Bytes that were written and are not sent yet.
    virtual std::size_t queuedBytes() const = 0;
    // Sends what is queued, then ends the answer properly.
    virtual void end() = 0;
    // Drops what is queued and breaks the answer off: the caller notices.
    virtual void cut() = 0;
    // Every write arrives as one message, so that nothing needs to tell them apart.
    virtual bool isFramed() const { return false; }
};

// Where one answer goes. Exactly one of its functions is called, on the plane thread.
class HttpAnswer {
  public:
    virtual ~HttpAnswer() = default;
    virtual void send(HttpResponse response) = 0;
    // Starts a streamed answer. `onClosed` runs once when the caller went away.
    virtual std::unique_ptr<HttpStream> stream(int code, Headers headers,
                                               std::function<void()> onClosed) = 0;
    // Answers 101 and leaves HTTP: what is written goes out as it is, what the caller sends arrives
    // in `onBytes`. Only for requests that are `upgradable`.
    virtual std::unique_ptr<HttpStream> upgrade(Headers headers,
                                                std::function<void(std::string bytes)> onBytes,
                                                std::function<void()> onClosed) = 0;
};
using HttpAnswerPtr = std::shared_ptr<HttpAnswer>;

} // namespace orrery::apiserver
