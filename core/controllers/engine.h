// The engine of every controller: its spine is queue -> reconcile -> actions -> seen -> done.
//
// A controller is a ControllerDef: what wakes it, and a function that decides and touches nothing.
// The engine gives it a key when all caches show the key's own last writes, sends what was decided,
// and judges errors.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/client/client.h"
#include "core/client/event_recorder.h"
#include "core/client/informer.h"
#include "core/client/work_queue.h"
#include "core/controllers/action.h"
#include "core/controllers/view.h"
#include "core/runtime/loop.h"

namespace orrery::controllers {

// Handed to a controller's `watch`: puts keys into its queue.
class Wakes {
  public:
    Wakes(client::WorkQueue& queue, std::function<void(const std::string& key)> onAdd)
        : queue_(queue), onAdd_(std::move(onAdd)) {}

    void add(const std::string& key, client::Wake wake) {
        if (key.empty())
            return;
        onAdd_(key);
        queue_.add(key, std::move(wake));
    }
    void addAfter(const std::string& key, Duration delay) { queue_.addAfter(key, delay); }
    // For what the rules below can't say; the handler is not called any more when the engine has
    // ended.
    template <typename T> void on(client::Informer<T>& informer, client::Handler<T> handler);

    // Every object is a key; each change of it wakes.
    template <typename T> void each(client::Informer<T>& informer, const char* kind) {
        mapped<T>(informer, kind, [](const T& object) {
            return std::vector<std::string>{object.metadata.namespacedName()};
        });
    }
    // The controlling owner of kind `ownerKind` is the key.
    template <typename T>
    void owned(client::Informer<T>& informer, const char* kind, const std::string& ownerKind) {
        mapped<T>(informer, kind, [ownerKind](const T& object) {
            const api::OwnerReference* owner = object.metadata.controllerOf();
            if (!owner || owner->kind != ownerKind)
                return std::vector<std::string>();
            return std::vector<std::string>{object.metadata.namespace_ + "/" + owner->name};
        });
    }
    // The keys that `keysOf` gives for the object before and after the change.
    template <typename T>
    void mapped(client::Informer<T>& informer, const char* kind,
                std::function<std::vector<std::string>(const T&)> keysOf);

  private:
    client::WorkQueue& queue_;
    std::function<void(const std::string& key)> onAdd_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true); // the informers may live longer
};

struct ControllerDef {
    std::string name;      // "replicaset-controller": the loop's name
    std::string component; // "replicaset-controller": who speaks in events
    std::string user;      // "replicaset-controller": system:serviceaccount:kube-system:<user>
    std::function<void(Wakes&)> watch;
    std::function<Outcome(const std::string& key, Time now)> reconcile;
    // Told of every decided key's end, for the few controllers that keep something between runs.
    // May be empty.
    std::function<void(const std::string& key)> onDone = {};
};

class Engine final : public Loop {
  public:
    Engine(Env& env, ControllerDef def, client::Client& client, View& view, LoopBoard& board);
    ~Engine() override;
    // Registers what wakes it; works from when the caches are filled.
    void start();

    std::string name() const override { return def_.name; }
    bool paused() const override { return paused_; }
    void pause() override;
    void resume() override;
    void step() override;
    int queueLength() const override { return queue_.length(); }
    std::int64_t steps() const override { return steps_; }
    const std::deque<LoopStep>& recent() const override { return recent_; }
    std::vector<std::string> queued(int limit) const override { return queue_.keys(limit); }

  private:
    struct Run; // one key's way from its decision to the sight of its writes
    using RunPtr = std::shared_ptr<Run>;

    void schedule();
    void drain();
    bool runOne();
    void execute(const RunPtr& run);
    void send(const RunPtr& run, std::size_t index);
    void onAnswer(const RunPtr& run, std::size_t index, const Result<client::Response>& answer);
    void judge(const RunPtr& run, const Action& action, const Error& error);
    void expect(const RunPtr& run, const Action& action, const client::Response& response);
    void follow(const std::string& resource, CacheProgress& progress);
    void onSeen(const std::string& resource, const std::vector<std::string>& gone);
    void settle(const RunPtr& run);
    void finish(const RunPtr& run);
    void say(const Said& said, const RunPtr& run, const std::string& objectName,
             const std::string& error);
    void trace(LoopEvent::Kind kind, const std::string& key, const std::string& because,
               std::int64_t revision);
    void giveUpWaiting();

    // Runs that wait for a cache to show what they wrote.
    struct Unseen {
        std::multimap<std::int64_t, RunPtr> revisions;
        std::unordered_multimap<std::string, RunPtr> deletions; // by the deleted object's key
    };

    Env& env_;
    ControllerDef def_;
    client::Client& client_;
    View& view_;
    LoopBoard& board_;
    client::EventRecorder recorder_;
    client::WorkQueue queue_;
    Wakes wakes_;
    std::map<std::string, Unseen> unseen_; // by resource
    std::map<std::string, RunPtr> runs_;   // under way, by key
    bool ready_ = false, paused_ = false, scheduled_ = false;
    TimerId giveUpTimer_ = 0;
    std::int64_t steps_ = 0;
    std::deque<LoopStep> recent_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

template <typename T>
void Wakes::mapped(client::Informer<T>& informer, const char* kind,
                   std::function<std::vector<std::string>(const T&)> keysOf) {
    using What = client::Wake::What;
    const auto wake = [kind](What what, const client::Cached<T>& item) {
        return client::Wake{kind, what, item.view->metadata.namespacedName(), item.revision};
    };
    client::Handler<T> handler;
    handler.onAdd = [this, keysOf, wake](const client::Cached<T>& item) {
        for (const std::string& key : keysOf(*item.view))
            add(key, wake(What::Added, item));
    };
    handler.onUpdate = [this, keysOf, wake](const client::Cached<T>& old,
                                            const client::Cached<T>& item) {
        const std::vector<std::string> now = keysOf(*item.view);
        for (const std::string& key : now)
            add(key, wake(What::Changed, item));
        for (const std::string& key : keysOf(*old.view))
            if (std::find(now.begin(), now.end(), key) == now.end())
                add(key, wake(What::Changed, item));
    };
    handler.onDelete = [this, keysOf, wake](const client::Cached<T>& last) {
        for (const std::string& key : keysOf(*last.view))
            add(key, wake(What::Deleted, last));
    };
    on(informer, std::move(handler));
}

template <typename T> void Wakes::on(client::Informer<T>& informer, client::Handler<T> handler) {
    const auto guarded = [alive = std::weak_ptr<bool>(alive_)](auto call) {
        return [alive, call = std::move(call)](const auto&... items) {
            if (call && !alive.expired())
                call(items...);
        };
    };
    informer.addHandler({guarded(std::move(handler.onAdd)), guarded(std::move(handler.onUpdate)),
                         guarded(std::move(handler.onDelete)),
                         guarded(std::move(handler.onBatchEnd))});
}

} // namespace orrery::controllers
