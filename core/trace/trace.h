// What happened, as data: the twelve stations of a pod's journey, and the causes of writes.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/time.h"

namespace orrery {

// A pod's journey (architecture, section 4). ARCHITECTURE.md lists them with their files; a test
// compares.
enum class Station : std::uint8_t {
    Received,
    Authenticated,
    Authorized,
    Admitted,
    Stored,
    Announced,
    Queued,
    Placed,
    Bound,
    Planned,
    Started,
    Reported,
};
inline constexpr int kStationCount = 12;
// "Received" ... "Reported".
std::string_view stationName(Station station);

// Why a write was made. Every write in the store carries one.
struct WriteCause {
    std::string actor;     // a user's name, or a loop's: "replicaset-controller", "kubelet on w1"
    std::string because;   // one sentence without a final stop: "2 of 3 replicas missing"
    std::string request;   // "POST /api/v1/...": set for outside requests, "" for loops
    std::string userAgent; // of an outside request
    std::int64_t wokenBy =
        0; // the revision whose event woke the loop; 0: a request, a timer or start-up
};

// One station reached by one object.
struct StationEvent {
    Station station;
    Time at;
    std::string key;  // the object's store key, e.g. "/registry/pods/default/web"; "" while unknown
    std::string uid;  // "" while unknown
    std::string note; // what is worth saying: the user, the chosen node, ...
    std::int64_t revision = 0;
};

// One step of one control loop, for the window.
struct LoopEvent {
    enum class Kind : std::uint8_t { Queued, Woken, Decided, Done, Failed, Paused, Resumed };
    Kind kind;
    Time at;
    std::string loop;    // "replicaset-controller"
    std::string key;     // namespace/name it works on
    std::string because; // what woke it, or what it decided and why
    int queueLength = 0;
    std::int64_t revision = 0;
};

// Where stations and loop steps go. Called on the plane thread; implementations must be cheap.
class Trace {
  public:
    virtual ~Trace() = default;
    // False when nobody listens: callers then need not build the event's strings.
    virtual bool enabled() const = 0;
    virtual void onStation(StationEvent event) = 0;
    virtual void onLoop(LoopEvent event) = 0;
};

// Keeps nothing.
class NoTrace final : public Trace {
  public:
    bool enabled() const override { return false; }
    void onStation(StationEvent) override {}
    void onLoop(LoopEvent) override {}
};

// Log lines for people, on stderr ("I1121 10:42:07.318 store: ..."). Any thread.
enum class LogLevel { Debug, Info, Warning, Error };
void logLine(LogLevel level, std::string_view component, std::string_view message);
// Lines below `level` are dropped; Warning at first.
void setLogLevel(LogLevel level);

} // namespace orrery
