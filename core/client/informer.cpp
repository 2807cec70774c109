#include "core/client/informer.h"

#include <algorithm>
#include <set>
#include <unordered_map>

namespace orrery::client {

namespace {
// client-go's Reflector waits 800 ms after the first failure, twice as long each time, at most 30
// s.
constexpr Duration kBackoffFirst = 800ms;
constexpr Duration kBackoffMax = 30s;

std::string keyOf(const Json& object) {
    const std::string_view name = stringAt(object, "metadata.name");
    const std::string_view namespace_ = stringAt(object, "metadata.namespace");
    std::string key;
    key.reserve(namespace_.size() + name.size() + 1);
    if (!namespace_.empty())
        key.append(namespace_).append("/");
    return key.append(name);
}

std::int64_t revisionOf(const Json& object) {
    const std::string_view text = stringAt(object, "metadata.resourceVersion");
    std::int64_t value = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '9')
            return 0;
        value = value * 10 + (digit - '0');
    }
    return value;
}
} // namespace

// Shared with the callbacks that are under way: they hold it weakly, so that a destroyed Reflector
// hears no more.
struct Reflector::State : std::enable_shared_from_this<Reflector::State> {
    State(Env& env_, Client& client_, ResourcePath path_, Selectors selectors_, Sink sink_)
        : env(env_), client(client_), path(std::move(path_)), selectors(std::move(selectors_)),
          sink(std::move(sink_)) {}

    void list();
    void onListed(Result<Response> answer);
    void deliverList(const Response& response);
    void openWatch();
    void onEvents(std::span<const WatchEvent> events);
    void onEvent(const WatchEvent& event, std::vector<EncodedPtr>& seen);
    void onClosed(const Error& error);
    void retry(void (State::*what)());
    void dropTrees(std::vector<EncodedPtr> seen);

    Env& env;
    Client& client;
    ResourcePath path;
    Selectors selectors;
    Sink sink;
    std::unordered_map<std::string, std::int64_t> known; // what the sink has: key, revision
    std::int64_t revision = 0;
    std::unique_ptr<WatchHandle> handle;
    std::uint64_t watchNumber = 0; // tells a late word of an older watch from the present one's
    int failures = 0;
    bool started = false, synced = false;
    TimerId timer = 0;
};

void Reflector::State::list() {
    Request request;
    request.verb = "list";
    request.path = path;
    request.labelSelector = selectors.label;
    request.fieldSelector = selectors.field;
    client.send(std::move(request), [weak = weak_from_this()](Result<Response> answer) {
        if (const std::shared_ptr<State> self = weak.lock())
            self->onListed(std::move(answer));
    });
}

void Reflector::State::onListed(Result<Response> answer) {
    if (!answer) {
        logLine(LogLevel::Warning, "informer",
                "list of " + path.resource + " failed, trying again: " + answer.error().message);
        retry(&State::list);
        return;
    }
    failures = 0;
    deliverList(*answer);
    openWatch();
}

void Reflector::State::deliverList(const Response& response) {
    std::unordered_map<std::string, std::int64_t> before = std::exchange(known, {});
    std::vector<EncodedPtr> seen;
    seen.reserve(response.items.size());
    for (const EncodedPtr& item : response.items) {
        const Json& tree = item->tree();
        std::string key = keyOf(tree);
        const std::int64_t itemRevision = revisionOf(tree);
        const auto old = before.find(key);
        const bool same = old != before.end() && old->second == itemRevision;
        if (old != before.end())
            before.erase(old);
        known.emplace(key, itemRevision);
        seen.push_back(item);
        if (!same)
            sink.onUpsert(key, item, itemRevision);
    }
    revision = std::max(revision, response.resourceVersion);
    std::set<std::string> gone; // in order, which hashing does not give
    for (const auto& [key, itemRevision] : before)
        gone.insert(key);
    for (const std::string& key : gone)
        sink.onDelete(key, nullptr, response.resourceVersion);
    dropTrees(std::move(seen));
    if (!std::exchange(synced, true))
        sink.onSynced();
    sink.onBatchEnd();
}

void Reflector::State::openWatch() {
    WatchRequest request;
    request.path = path;
    request.labelSelector = selectors.label;
    request.fieldSelector = selectors.field;
    request.resourceVersion = revision;
    const std::uint64_t number = ++watchNumber;
    const auto current = [weak = weak_from_this(), number]() -> std::shared_ptr<State> {
        std::shared_ptr<State> self = weak.lock();
        return self && self->watchNumber == number ? self : nullptr;
    };
    handle = client.watch(
        std::move(request),
        [current](std::span<const WatchEvent> events) {
            if (const std::shared_ptr<State> self = current())
                self->onEvents(events);
        },
        [current](Error error) {
            if (const std::shared_ptr<State> self = current())
                self->onClosed(error);
        });
}

void Reflector::State::onEvents(std::span<const WatchEvent> events) {
    failures = 0;
    std::vector<EncodedPtr> seen;
    seen.reserve(events.size());
    for (const WatchEvent& event : events)
        onEvent(event, seen);
    dropTrees(std::move(seen));
    sink.onBatchEnd();
}

void Reflector::State::onEvent(const WatchEvent& event, std::vector<EncodedPtr>& seen) {
    revision = std::max(revision, event.revision);
    if (event.type == WatchEvent::Type::Bookmark || !event.object)
        return;
    const std::string key = keyOf(event.object->tree());
    seen.push_back(event.object);
    if (event.type == WatchEvent::Type::Deleted) {
        known.erase(key);
        sink.onDelete(key, event.object, event.revision);
        return;
    }
    known[key] = event.revision;
    sink.onUpsert(key, event.object, event.revision);
}

void Reflector::State::onClosed(const Error& error) {
    ++watchNumber;
    // The handle may be the object that is calling: it goes when this call is over.
    env.executor.post([ended = std::shared_ptr<WatchHandle>(std::move(handle))] {});
    const bool expired = error.reason == Reason::Expired || error.reason == Reason::Gone;
    if (expired && failures == 0) {
        ++failures; // a second time without a delivered event waits
        env.executor.post([weak = weak_from_this()] {
            if (const std::shared_ptr<State> self = weak.lock())
                self->list();
        });
        return;
    }
    retry(expired ? &State::list : &State::openWatch);
}

void Reflector::State::retry(void (State::*what)()) {
    Duration wait = kBackoffFirst;
    for (int i = 0; i < failures && wait < kBackoffMax; ++i)
        wait *= 2;
    ++failures;
    timer = env.executor.postAt(env.now() + std::min(wait, kBackoffMax),
                                [weak = weak_from_this(), what] {
                                    if (const std::shared_ptr<State> self = weak.lock()) {
                                        self->timer = 0;
                                        (self.get()->*what)();
                                    }
                                });
}

// Every informer of the kind gets the batch in this same task or soon: until then the trees are
// shared. Afterwards the bytes are enough.
void Reflector::State::dropTrees(std::vector<EncodedPtr> seen) {
    if (!seen.empty())
        env.executor.post([objects = std::move(seen)] {
            for (const EncodedPtr& object : objects)
                object->dropTree();
        });
}

Reflector::Reflector(Env& env, Client& client, ResourcePath path, Sink sink, Selectors selectors)
    : state_(std::make_shared<State>(env, client, std::move(path), std::move(selectors),
                                     std::move(sink))) {}

Reflector::~Reflector() {
    state_->env.executor.cancel(state_->timer);
}

void Reflector::start() {
    if (!std::exchange(state_->started, true))
        state_->list();
}

std::int64_t Reflector::revision() const {
    return state_->revision;
}

} // namespace orrery::client
