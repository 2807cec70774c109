// One connection's protocol, without its socket: bytes in, requests out; answers in, bytes out.
// What drives one is a connection (http_connection.h), a test or a fuzzer. I/O thread only.
#pragma once
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/apiserver/http/answer_slot.h"
#include "core/apiserver/http/http_server.h"

namespace orrery::apiserver {

using SteadyTime = std::chrono::steady_clock::time_point;

// What a session needs of whoever drives it. Calls come from inside the session's own functions;
// none of them may call the session back.
class SessionHost {
  public:
    virtual ~SessionHost() = default;
    // A whole request. Its answer comes back through HttpSession::take with the same slot.
    virtual void onRequest(HttpRequest request, SlotPtr slot) = 0;
    // Who read these streams went away, or was sent away.
    virtual void onGone(std::vector<StreamReaderPtr> readers) = 0;
    // Bytes for the other protocol of an upgraded connection.
    virtual void onBytes(const StreamReaderPtr& reader, std::string bytes) = 0;
    // Something has a time limit now: call onTick about once a second until it says otherwise.
    virtual void onTimed() = 0;
};

class HttpSession {
  public:
    virtual ~HttpSession() = default;

    // What arrived. Answers of its own (refusals, protocol frames) are to be fetched with peek.
    virtual void receive(std::string_view bytes) = 0;
    // False: nothing should be read from the caller for now.
    virtual bool wantsInput() const = 0;
    virtual void take(Outgoing& outgoing) = 0;

    // What is to be sent next, at most scratch.size() bytes of it if it had to be put together in
    // `scratch`; empty: nothing for now. Each call is followed by one of sent() before any other.
    virtual std::string_view peek(std::span<char> scratch) = 0;
    // So many bytes of what peek() returned last are on their way.
    virtual void sent(std::size_t bytes) = 0;

    // Accepts no more requests, finishes what it has.
    virtual void retire() = 0;
    // Everything is said: when peek() returns nothing, close.
    virtual bool finished() const = 0;
    // Broken: close at once.
    virtual bool failed() const = 0;
    enum class Tick : std::uint8_t { Idle, Timed, Overdue };
    // Ends what is overdue. Overdue: the whole connection is. Idle: nothing has a limit now.
    virtual Tick onTick(SteadyTime now) = 0;
    // The connection is gone: the readers of the streams that were open.
    virtual std::vector<StreamReaderPtr> takeReaders() = 0;
};

// What a session knows of its caller from the start.
struct SessionCaller {
    std::string remoteAddress;
    auth::Credentials credentials;
    bool badCertificate = false;
    bool refused = false; // there are too many connections: every request is answered 503
};

std::unique_ptr<HttpSession> makeHttp1Session(SessionHost& host, const HttpLimits& limits,
                                              SessionCaller caller);
std::unique_ptr<HttpSession> makeHttp2Session(SessionHost& host, const HttpLimits& limits,
                                              SessionCaller caller);

std::string lowerCase(std::string_view text); // ASCII
// Makes a tree of the body where it is one, off the plane thread.
void parseBody(HttpRequest& request);

// The texts of refusals that no protocol decides.
std::string bodyTooLarge(const HttpLimits& limits); // a Status in JSON
inline constexpr std::string_view kTooManyConnections = "too many connections\n";
inline constexpr std::string_view kTextType = "text/plain; charset=utf-8";

// The value of a Date header for now; made once a second.
std::string_view httpDate();

} // namespace orrery::apiserver
