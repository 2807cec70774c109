// etcd's model: one revision counter, every key's history, watches from any kept revision.
//
// One writer: all calls on the plane thread. A write is visible to the next call at once (so that
// read-modify-write needs no waiting), but nobody outside may learn of it before it is durable:
// `done` callbacks, watches and whenDurable() wait for the disk. When the disk refuses a batch, all
// writes that are not durable are undone and their callbacks get the error.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/runtime/env.h"

namespace orrery::store {

using Revision = std::int64_t; // the first write makes 1... (etcd's: starts at 1, first write 2)

struct KeyValue {
    std::string key;
    EncodedPtr value;
    Revision createRevision = 0;
    Revision modRevision = 0;
    std::int64_t version = 0; // 1 for the first value since creation
};
using KeyValuePtr = std::shared_ptr<const KeyValue>;

struct Event {
    enum class Type : std::uint8_t { Put, Delete };
    Type type;
    Revision revision;
    KeyValuePtr current;  // Put: the new value. Delete: key, and the value as the deleter left it
                          // (may be null value)
    KeyValuePtr previous; // null for a creation, and where it is no longer kept
    std::shared_ptr<const WriteCause> cause;
    Time at;
};
using EventPtr = std::shared_ptr<const Event>;

// One write. `expect`: the modRevision that the key must have now (0: must not exist); nullopt:
// any.
struct Write {
    std::string key;
    EncodedPtr value; // null deletes the key
    std::optional<Revision> expect;
    EncodedPtr lastValue; // deletes only: the object as watchers shall see it in the DELETED event
};

struct WatchOptions {
    std::string prefix;         // keys that begin with it
    Revision startRevision = 0; // first revision to deliver; 0: from now on
};

// Stops when destroyed; then no callback runs any more. Plane thread.
class Watch {
  public:
    virtual ~Watch() = default;
};

// What a list sees: the keys and values of one revision, in key order.
struct ListResult {
    std::vector<KeyValuePtr> items;
    Revision revision = 0;      // of the store when it was read
    std::int64_t remaining = 0; // further items behind the limit
};

class Store {
  public:
    virtual ~Store() = default;

    // The revision of the newest write (durable or not).
    virtual Revision revision() const = 0;
    // The revision that the next write will get: put into the object before it is encoded.
    Revision nextRevision() const { return revision() + 1; }
    virtual Revision durableRevision() const = 0;
    // The oldest revision from which a watch or a list can start; older answer Expired.
    virtual Revision compactRevision() const = 0;

    // The newest value (durable or not), or null.
    virtual KeyValuePtr get(std::string_view key) const = 0;
    // Keys with `prefix` after `startAfterKey`, at most `limit` (0: all), at `atRevision` (0:
    // newest). Error: Expired when compacted.
    virtual Result<ListResult> list(std::string_view prefix, std::string_view startAfterKey = {},
                                    std::int64_t limit = 0, Revision atRevision = 0) const = 0;
    // The number of keys with `prefix`.
    virtual std::int64_t count(std::string_view prefix) const = 0;

    // Applies one write. Conflict (at once) when `expect` does not hold; the Result's value is the
    // new revision. `done` runs when it is durable, or with the disk's error after it was undone.
    virtual Result<Revision> commit(Write write, WriteCause cause,
                                    std::function<void(Result<void>)> done) = 0;
    // Runs `then` as soon as `revision` is durable (at once when it is); with an error when it was
    // undone.
    virtual void whenDurable(Revision revision, std::function<void(Result<void>)> then) = 0;

    // Delivers events in order, batches as they become durable. Error: Expired when startRevision
    // is compacted.
    using OnEvents = std::function<void(std::span<const EventPtr> events)>;
    virtual Result<std::unique_ptr<Watch>> watch(WatchOptions options, OnEvents onEvents) = 0;

    // --- history, for rewind and "why" (reads the disk, plane thread, small answers) ---
    // A key's kept events, oldest first, at most `limit` newest.
    virtual Result<std::vector<EventPtr>> history(std::string_view key, int limit = 100) = 0;
    // The event that made `revision`, or NotFound.
    virtual Result<EventPtr> eventAt(Revision revision) = 0;
    // The newest `limit` events, oldest first.
    virtual std::vector<EventPtr> recent(int limit) const = 0;

    virtual std::int64_t sizeBytes() const = 0;
    // Writes what is pending, then stops; later commits fail.
    virtual void close() = 0;
};

struct StoreOptions {
    std::string path; // of the SQLite file; "" keeps nothing (simulated world)
    std::int64_t historyBytesMax = 512 << 20; // older history is dropped beyond this
    Duration compactAfter =
        std::chrono::minutes(5); // how long lists and watches of old revisions work
    std::int64_t eventBytesMax =
        64 << 20; // memory for those revisions; under heavy load it ends them earlier
};

// Opens or makes the store. Errors say what to do: corrupt, newer, not writable, not a store of
// ours.
Result<std::unique_ptr<Store>> openStore(Env& env, StoreOptions options);

} // namespace orrery::store
