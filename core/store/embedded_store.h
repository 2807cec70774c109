// The store in this process: everything that is read often in memory, every write in a log.
//
// The life of a write (revision 7, while 5 is the newest durable one and 6 is being written):
//
//     commit      index_: 7 is seen by get, list and commit     pending_: 6 7     writer_: queue 7
//     ...         the writer's result arrives: durable up to 7
//     durable     pending_: empty; ring_: ... 5 6 7; done(6) done(7); then watches get [6 7]
//     or refused  index_ undoes 7, then 6; revision() is 5 again; done(6) done(7) get the error
#pragma once
#include <deque>
#include <map>
#include <memory>

#include "core/store/batch_writer.h"
#include "core/store/event_ring.h"
#include "core/store/key_index.h"
#include "core/store/log.h"
#include "core/store/store.h"
#include "core/store/watch_hub.h"

namespace orrery::store {

// What openStore() builds an EmbeddedStore from; tests bring logs that fail.
struct StoreParts {
    LoadedLog loaded;
    std::unique_ptr<BatchWriter> writer;
    std::shared_ptr<LogReader> reader;
    std::int64_t sizeBytes = 0;
};

class EmbeddedStore final : public Store {
  public:
    EmbeddedStore(Env& env, StoreOptions options, StoreParts parts);
    ~EmbeddedStore() override; // close()

    Revision revision() const override { return head_; }
    Revision durableRevision() const override { return durable_; }
    Revision compactRevision() const override { return compact_; }

    KeyValuePtr get(std::string_view key) const override;
    Result<ListResult> list(std::string_view prefix, std::string_view startAfterKey,
                            std::int64_t limit, Revision atRevision) const override;
    std::int64_t count(std::string_view prefix) const override;
    Result<Revision> commit(Write write, WriteCause cause,
                            std::function<void(Result<void>)> done) override;
    void whenDurable(Revision revision, std::function<void(Result<void>)> then) override;
    Result<std::unique_ptr<Watch>> watch(WatchOptions options, OnEvents onEvents) override;

    Result<std::vector<EventPtr>> history(std::string_view key, int limit) override;
    Result<EventPtr> eventAt(Revision revision) override;
    std::vector<EventPtr> recent(int limit) const override;

    std::int64_t sizeBytes() const override { return sizeBytes_; }
    void close() override;

  private:
    using Done = std::function<void(Result<void>)>;
    struct Pending {
        EventPtr event;
        Done done;
    };

    // Why `write` can't be made now, if so. `now`: the key's value.
    Result<void> check(const Write& write, const KeyValuePtr& now) const;
    // Handles the results that the writer has ready.
    void takeResults();
    void applyDurable(Revision last);
    // Keeps the trees of what was just written until newer ones push them out, or the plane is
    // idle.
    void keepTrees(const std::vector<EventPtr>& batch);
    void dropTrees(const std::vector<EventPtr>& batch);
    void applyFailure(const Error& error);
    // The waiters of revisions up to `last`, taken out, in order.
    std::vector<Done> takeWaiters(Revision last);
    // Forgets what only reads before `target` need; `target` <= durable_.
    void compactTo(Revision target);
    // Compacts what is old enough, and sets the timer for the rest.
    void compactByTime();
    void ensureCompactTimer();

    Env& env_;
    StoreOptions options_;
    std::unique_ptr<BatchWriter> writer_;
    std::shared_ptr<LogReader> reader_;

    KeyIndex index_;
    EventRing ring_; // events compact_ (where it is known) ... durable_
    WatchHub hub_;
    std::deque<Pending> pending_; // events durable_+1 ... head_
    std::multimap<Revision, Done> waiters_;
    using Trees = std::vector<std::shared_ptr<const Json>>;
    Trees droppedTrees_;                // to be given back on another thread
    std::deque<EncodedPtr> freshTrees_; // oldest first
    bool freshTreesTimed_ = false;      // they go when the plane is idle
    std::int64_t liveBytes_ = 0;        // of the newest keys and values that are durable
    Revision head_ = 1;
    Revision durable_ = 1;
    Revision compact_ = 1;
    std::int64_t sizeBytes_ = 0;
    TimerId compactTimer_ = 0;
    bool taking_ = false; // takeResults() runs: callbacks that call close() must not enter it again
    bool failing_ = false; // the newest batch was refused
    bool closed_ = false;
    // Tasks hold it weakly: they do nothing when the store is gone.
    std::shared_ptr<EmbeddedStore*> self_;
};

} // namespace orrery::store
