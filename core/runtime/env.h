// The world as one argument. Everything that the plane needs from outside comes through Env, so
// that it runs the same on the real world (core/runtime/real) and on a virtual clock from a seed
// (core/runtime/sim).
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"
#include "core/trace/trace.h"

namespace orrery {

class Clock {
  public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
    // Never goes back; its zero means nothing. For measuring.
    virtual Duration monotonic() const = 0;
};

using Task = std::function<void()>;
using TimerId = std::uint64_t; // 0 is no timer

// Runs tasks one after another: the plane thread.
class Executor {
  public:
    virtual ~Executor() = default;
    // Any thread. Tasks run in the order of their posting.
    virtual void post(Task task) = 0;
    // Plane thread. For what nobody waits for: runs when nothing else is to be done, or a good
    // while later when there always is. In the order of posting.
    virtual void postIdle(Task task) { post(std::move(task)); }
    // Plane thread. Runs `task` once, not before `at` (Clock::now()); equal times run in the order
    // of posting.
    virtual TimerId postAt(Time at, Task task) = 0;
    // Plane thread. A timer that has run, or 0, is ignored.
    virtual void cancel(TimerId timer) = 0;
    // Plane thread. Runs `work` on a worker thread, then `done` (may be empty) on this one.
    // Simulated: `work` runs at once.
    virtual void offload(Task work, Task done) = 0;
};

// Seeded; plane thread only.
class Random {
  public:
    virtual ~Random() = default;
    virtual std::uint64_t next() = 0;
    // Uniform in [0, bound); bound > 0.
    std::uint64_t below(std::uint64_t bound);
    // Uniform in [0, 1).
    double unit();
};

// A file held open for writing. Any one thread at a time.
class WritableFile {
  public:
    virtual ~WritableFile() = default;
    virtual Result<void> append(std::string_view bytes) = 0;
    virtual Result<void> sync() = 0;
};

// Holds an exclusive lock until destroyed.
class FileLock {
  public:
    virtual ~FileLock() = default;
};

class Files {
  public:
    virtual ~Files() = default;
    virtual Result<std::string> read(const std::string& path) = 0;
    // Replaces the file as a whole (written beside, synced, renamed). `secret`: mode 0600.
    virtual Result<void> write(const std::string& path, std::string_view bytes,
                               bool secret = false) = 0;
    virtual bool exists(const std::string& path) = 0;
    virtual bool isDirectory(const std::string& path) = 0;
    // File names in a folder, sorted.
    virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
    virtual Result<void> makeFolders(const std::string& folder) = 0;
    virtual Result<void> remove(const std::string& path) = 0;
    virtual Result<std::unique_ptr<WritableFile>> openAppend(const std::string& path) = 0;
    // Conflict when another process holds it.
    virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
};

// A bound and listening TCP socket; closed with it.
class ListenSocket {
  public:
    virtual ~ListenSocket() = default;
    virtual std::string host() const = 0;
    virtual int port() const = 0; // the real one, when 0 was asked for
    // The system's handle, for the HTTP server; ownership passes to the caller.
    virtual int release() = 0;
};

class Network {
  public:
    virtual ~Network() = default;
    // The error says what to do when the port is taken or the host is no local address.
    virtual Result<std::unique_ptr<ListenSocket>> listen(const std::string& host, int port) = 0;
};

// Outlives everything that it is given to.
struct Env {
    Clock& clock;
    Executor& executor;
    Random& random;
    Files& files;
    Network& network;
    Trace& trace;

    Time now() const { return clock.now(); }
};

// RFC 4122 version 4, from `random`.
std::string newUid(Random& random);
// Kubernetes' suffix of generated names: `length` of "bcdfghjklmnpqrstvwxz2456789".
std::string newNameSuffix(Random& random, int length = 5);

} // namespace orrery
