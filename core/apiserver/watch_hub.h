// Fans the store's events out to every watcher of a kind: in-process informers and HTTP watches
// alike.
//
// One watch on the store feeds all. A watcher is found by what it selects exactly (a node's pods,
// one object, one namespace), so that an event costs nothing for watchers that can't see it. What
// is made of an event (the object as it left a selection, a line of another version) is made once
// and shared.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/api/kind.h"
#include "core/api/selectors.h"
#include "core/client/client.h"
#include "core/runtime/env.h"
#include "core/store/store.h"

namespace orrery::apiserver {

using store::Revision;

// What a watcher wants. `kind` is the version that it asked for.
struct Selection {
    const api::KindDef* kind = nullptr;
    const api::KindDef* storage = nullptr; // the version that is stored
    std::string namespace_;                // "" for all
    api::LabelFilter labels;
    api::FieldFilter fields;
    std::shared_ptr<const void> keeps; // custom kinds: the family of `kind` and `storage`

    bool everything() const { return labels.everything() && fields.everything(); }
    bool matches(const Json& object) const {
        return labels.matches(object) && fields.matches(object);
    }
    // The keys that can belong to it.
    std::string prefix() const;
};

class WatchHub {
  public:
    using EventType = client::WatchEvent::Type;
    // One event for one watcher. `object` is in the version that the watcher asked for.
    struct Delivery {
        EventType type;
        EncodedPtr object;
        Revision revision = 0;
        bool initial = false;
    };
    struct Watcher {
        std::function<void(std::span<const Delivery>)> onEvents; // in order, never empty
        std::function<void(Revision)> onInitialEnd; // after the initial events; may be empty
        std::function<void(Error)> onClosed;        // once, when the hub ends it
    };
    // Stops when destroyed; then no callback runs any more.
    class Subscription {
      public:
        virtual ~Subscription() = default;
        // Every event up to this revision has been delivered.
        virtual Revision seen() const = 0;
    };

    WatchHub(Env& env, store::Store& store);
    ~WatchHub();

    // Events after `after`; with `initial` first what is there now, as Added.
    // Expired when `after` is no longer kept. No callback runs before this has returned.
    Result<std::unique_ptr<Subscription>> subscribe(Selection selection, Revision after,
                                                    bool initial, Watcher watcher);
    // Runs for each event once it is durable, before the watchers get it.
    void addTap(std::function<void(const store::EventPtr&)> tap) {
        taps_.push_back(std::move(tap));
    }
    // Runs after each batch.
    void onProgress(std::function<void()> then) { onProgress_ = std::move(then); }
    // Ends the watches of the kind that is stored below a prefix, without a word: it changed, or is
    // gone.
    void closeKind(const std::string& prefix);
    // Ends every subscription with `error`.
    void closeAll(const Error& error);
    // The newest revision that was fanned out.
    Revision revision() const { return revision_; }
    int watchers() const { return watchers_; }

  private:
    struct Sub;
    struct Shared; // one event and what was made of it
    struct Room;   // the watchers of one stored kind
    class Handle;
    using SubPtr = std::shared_ptr<Sub>;

    void onBatch(std::span<const store::EventPtr> events);
    void dispatch(Room& room, Shared& shared);
    void offer(Sub& sub, Shared& shared);
    void flush(const SubPtr& sub);
    void startInitial(const SubPtr& sub);
    Result<void> startCatchUp(const SubPtr& sub);
    void join(const SubPtr& sub);
    void leave(Sub& sub);
    Room* roomOf(std::string_view key);

    Env& env_;
    store::Store& store_;
    std::unique_ptr<store::Watch> feed_;
    std::map<std::string, std::unique_ptr<Room>, std::less<>>
        rooms_; // by key prefix of the stored kind
    std::vector<std::function<void(const store::EventPtr&)>> taps_;
    std::function<void()> onProgress_;
    std::vector<SubPtr> touched_; // have something to flush after this batch
    Revision revision_ = 0;       // newest fanned out
    int watchers_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// `encoded` (as stored) with another metadata.resourceVersion, or in another version of its kind.
EncodedPtr withRevision(const EncodedPtr& encoded, Revision revision);
// `stored`: the revision that it was written with.
EncodedPtr inVersion(const EncodedPtr& encoded, const api::KindDef& storage,
                     const api::KindDef& kind, Revision stored);
// Whether stored bytes are what `kind` answers, as they are.
bool isStoredForm(const api::KindDef& storage, const api::KindDef& kind, Revision stored);
// The stored bytes of an object: kind and apiVersion first, so that lists can leave them out.
EncodedPtr encodeObject(const api::KindDef& kind, Json object);
// `{"kind":"Pod","apiVersion":"v1",`: what every stored object of `kind` begins with.
std::string storedHead(const api::KindDef& kind);

} // namespace orrery::apiserver
