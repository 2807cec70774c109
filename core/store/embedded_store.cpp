#include "core/store/embedded_store.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace orrery::store {

namespace {
// A key is a path of Kubernetes names; what comes over the etcd API may be anything.
constexpr std::size_t kKeyBytesMax = 4096;
// Of each text in a cause: a request's URI and user agent are a client's to choose.
constexpr std::size_t kCauseTextBytesMax = 1024;
constexpr int kHistoryAnswerMax = 10'000;
// Keys forgotten in one turn of the plane (about 5 ms).
constexpr Revision kCompactStep = 5'000;

void clip(std::string& text) {
    if (text.size() <= kCauseTextBytesMax)
        return;
    std::size_t end = kCauseTextBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end; // not inside a UTF-8 character
    text.resize(end);
}

std::shared_ptr<const WriteCause> clipped(WriteCause cause) {
    for (std::string* text : {&cause.actor, &cause.because, &cause.request, &cause.userAgent})
        clip(*text);
    return std::make_shared<const WriteCause>(std::move(cause));
}

Error expired(Revision wanted, Revision oldest) {
    return makeError(Reason::Expired, "too old resource version: " + std::to_string(wanted) + " (" +
                                          std::to_string(oldest) + ")");
}

Error tooLarge(Revision wanted, Revision current) {
    Error error =
        makeError(Reason::Timeout, "Too large resource version: " + std::to_string(wanted) +
                                       ", current: " + std::to_string(current));
    error.retryAfterSeconds = 1;
    error.causes = {{"ResourceVersionTooLarge", "Too large resource version", ""}};
    return error;
}

Error closedError() {
    return makeError(Reason::ServiceUnavailable, "the store is closed: the cluster is stopping");
}

std::int64_t sizeOf(const KeyValuePtr& value) {
    return value ? static_cast<std::int64_t>(value->key.size() + value->value->bytes().size()) : 0;
}

// What was just written is often written again within milliseconds (a pod is created, bound,
// started): the trees of so many objects are kept decoded meanwhile, about 15 KB each.
constexpr std::size_t kFreshTreesMax = 128;
} // namespace

EmbeddedStore::EmbeddedStore(Env& env, StoreOptions options, StoreParts parts)
    : env_(env), options_(std::move(options)), writer_(std::move(parts.writer)),
      reader_(std::move(parts.reader)), hub_(env.executor), head_(parts.loaded.revision),
      durable_(head_), compact_(head_), sizeBytes_(parts.sizeBytes),
      self_(std::make_shared<EmbeddedStore*>(this)) {
    for (const KeyValuePtr& value : parts.loaded.live)
        liveBytes_ += sizeOf(value);
    index_.load(std::move(parts.loaded.live));
    if (parts.loaded.newest)
        ring_.push(std::move(parts.loaded.newest));
    writer_->start([self = std::weak_ptr<EmbeddedStore*>(self_)] {
        if (const std::shared_ptr<EmbeddedStore*> alive = self.lock())
            (*alive)->takeResults();
    });
}

EmbeddedStore::~EmbeddedStore() {
    close();
}

KeyValuePtr EmbeddedStore::get(std::string_view key) const {
    return index_.get(key);
}

Result<ListResult> EmbeddedStore::list(std::string_view prefix, std::string_view startAfterKey,
                                       std::int64_t limit, Revision atRevision) const {
    if (atRevision > head_)
        return tooLarge(atRevision, head_);
    if (atRevision != 0 && atRevision < compact_)
        return expired(atRevision, compact_);
    return index_.list(prefix, startAfterKey, limit, atRevision != 0 ? atRevision : head_, head_);
}

std::int64_t EmbeddedStore::count(std::string_view prefix) const {
    return index_.count(prefix);
}

Result<void> EmbeddedStore::check(const Write& write, const KeyValuePtr& now) const {
    if (closed_)
        return closedError();
    if (write.key.empty() || write.key.size() > kKeyBytesMax)
        return badRequest("a key must have 1 to " + std::to_string(kKeyBytesMax) + " bytes");
    const Revision current = now ? now->modRevision : 0;
    if (write.expect && *write.expect != current)
        return makeError(Reason::Conflict, write.key + " is at revision " +
                                               std::to_string(current) + ", not " +
                                               std::to_string(*write.expect));
    if (!write.value && !now)
        return makeError(Reason::NotFound, write.key + " does not exist");
    return {};
}

Result<Revision> EmbeddedStore::commit(Write write, WriteCause cause,
                                       std::function<void(Result<void>)> done) {
    KeyValuePtr now = index_.get(write.key);
    ORRERY_TRY(check(write, now));
    const bool deleted = !write.value;

    auto value = std::make_shared<KeyValue>();
    value->key = std::move(write.key);
    value->value = deleted ? std::move(write.lastValue) : std::move(write.value);
    value->modRevision = head_ + 1;
    value->createRevision = now ? now->createRevision : value->modRevision;
    value->version = deleted ? 0 : (now ? now->version : 0) + 1;

    auto event = std::make_shared<Event>();
    event->type = deleted ? Event::Type::Delete : Event::Type::Put;
    event->revision = value->modRevision;
    event->previous = std::move(now);
    event->current = std::move(value);
    event->cause = clipped(std::move(cause));
    event->at = env_.now();

    head_ = event->revision;
    index_.put(event->current, deleted);
    pending_.push_back({event, std::move(done)});
    writer_->add(std::move(event), liveBytes_);
    return head_;
}

void EmbeddedStore::whenDurable(Revision revision, std::function<void(Result<void>)> then) {
    if (revision <= durable_)
        return then({});
    if (closed_)
        return then(closedError());
    waiters_.emplace(revision, std::move(then));
}

Result<std::unique_ptr<Watch>> EmbeddedStore::watch(WatchOptions options, OnEvents onEvents) {
    if (closed_)
        return closedError();
    const Revision start = options.startRevision != 0 ? options.startRevision : head_ + 1;
    if (start < compact_)
        return expired(start, compact_);
    std::vector<EventPtr> replay;
    for (auto at = ring_.from(start); at != ring_.events().end(); ++at) {
        const std::string& key = (*at)->current->key;
        if (key.compare(0, options.prefix.size(), options.prefix) == 0)
            replay.push_back(*at);
    }
    // All that is durable is in the replay, wanted or not.
    return hub_.add(std::move(options.prefix), std::max(start, durable_ + 1), std::move(replay),
                    std::move(onEvents));
}

void EmbeddedStore::takeResults() {
    if (taking_)
        return;
    taking_ = true;
    for (;;) {
        const std::vector<BatchResult> results = writer_->take();
        if (results.empty())
            break;
        for (const BatchResult& result : results) {
            sizeBytes_ = result.sizeBytes;
            if (result.outcome)
                applyDurable(result.last);
            else
                applyFailure(result.outcome.error());
        }
    }
    taking_ = false;
    if (closed_) // nothing comes any more
        for (const Done& waiter : takeWaiters(std::numeric_limits<Revision>::max()))
            waiter(closedError());
}

std::vector<EmbeddedStore::Done> EmbeddedStore::takeWaiters(Revision last) {
    std::vector<Done> taken;
    const auto end = waiters_.upper_bound(last);
    for (auto waiter = waiters_.begin(); waiter != end; ++waiter)
        taken.push_back(std::move(waiter->second));
    waiters_.erase(waiters_.begin(), end);
    return taken;
}

void EmbeddedStore::applyDurable(Revision last) {
    std::vector<EventPtr> batch;
    std::vector<Done> calls; // in the order of revisions
    while (!pending_.empty() && pending_.front().event->revision <= last) {
        Pending first = std::move(pending_.front());
        pending_.pop_front();
        if (first.done)
            calls.push_back(std::move(first.done));
        std::vector<Done> waiters = takeWaiters(first.event->revision);
        std::move(waiters.begin(), waiters.end(), std::back_inserter(calls));
        liveBytes_ +=
            sizeOf(first.event->type == Event::Type::Delete ? nullptr : first.event->current) -
            sizeOf(first.event->previous);
        ring_.push(first.event);
        batch.push_back(std::move(first.event));
    }
    durable_ = last;
    if (std::exchange(failing_, false))
        logLine(LogLevel::Warning, "store", "writes are stored again");
    // Who wrote is answered before who watches: answering is short.
    for (const Done& call : calls)
        call({});
    keepTrees(batch);
    hub_.deliver(batch);
    dropTrees(batch);
    while (ring_.bytes() > options_.eventBytesMax && compact_ < durable_)
        compactTo(compact_ + 1);
    ensureCompactTimer();
}

void EmbeddedStore::keepTrees(const std::vector<EventPtr>& batch) {
    for (const EventPtr& event : batch) {
        if (event->type == Event::Type::Delete)
            continue;
        event->current->value->keepTree();
        freshTrees_.push_back(event->current->value);
    }
    if (freshTrees_.empty() || std::exchange(freshTreesTimed_, true))
        return;
    env_.executor.postIdle([self = std::weak_ptr<EmbeddedStore*>(self_)] {
        const std::shared_ptr<EmbeddedStore*> alive = self.lock();
        if (!alive)
            return;
        (*alive)->freshTreesTimed_ = false;
        (*alive)->droppedTrees_.clear();
        for (const EncodedPtr& object : std::exchange((*alive)->freshTrees_, {}))
            object->takeTree();
    });
}

// A tree is hundreds of small pieces of memory: those of a burst are given back on another thread.
void EmbeddedStore::dropTrees(const std::vector<EventPtr>& batch) {
    constexpr std::size_t kWorthOffloading = 64;
    const auto drop = [this](const Encoded& object) {
        if (std::shared_ptr<const Json> tree = object.takeTree())
            droppedTrees_.push_back(std::move(tree));
    };
    for (const EventPtr& event : batch) { // what was replaced, or is gone, is not read again
        if (event->previous && event->previous->value)
            drop(*event->previous->value);
        if (event->type == Event::Type::Delete && event->current->value)
            drop(*event->current->value);
    }
    for (; freshTrees_.size() > kFreshTreesMax; freshTrees_.pop_front())
        drop(*freshTrees_.front());
    if (droppedTrees_.size() < kWorthOffloading)
        return;
    const auto trees = std::make_shared<Trees>(std::exchange(droppedTrees_, {}));
    env_.executor.offload([trees] { trees->clear(); }, nullptr);
}

void EmbeddedStore::applyFailure(const Error& error) {
    if (!std::exchange(failing_, true)) // once, not for each of thousands of tries
        logLine(LogLevel::Error, "store",
                std::to_string(pending_.size()) + " writes undone: " + error.message);
    std::vector<Done> calls;
    for (auto undone = pending_.rbegin(); undone != pending_.rend(); ++undone)
        index_.undo(undone->event->current->key);
    for (Pending& undone : pending_) {
        if (undone.done)
            calls.push_back(std::move(undone.done));
        std::vector<Done> waiters = takeWaiters(undone.event->revision);
        std::move(waiters.begin(), waiters.end(), std::back_inserter(calls));
    }
    pending_.clear();
    head_ = durable_;
    hub_.rewind(head_ + 1);
    writer_->resume();
    for (const Done& call : calls)
        call(error);
}

void EmbeddedStore::compactTo(Revision target) {
    ORRERY_ASSERT(target <= durable_);
    while (compact_ < target) {
        ++compact_;
        if (const EventPtr event = ring_.at(compact_))
            index_.forgetBefore(event->current->key, compact_);
    }
    ring_.dropBefore(compact_);
}

// A revision can be read until it was not the newest one for `compactAfter`.
void EmbeddedStore::compactByTime() {
    const Time until = env_.now() - options_.compactAfter;
    const Revision last = std::min(durable_, compact_ + kCompactStep);
    Revision target = compact_;
    while (target < last) {
        const EventPtr next = ring_.at(target + 1);
        if (next && next->at > until)
            break;
        ++target;
    }
    const bool more = target == last && target < durable_;
    compactTo(target);
    if (!more)
        return ensureCompactTimer();
    compactTimer_ = env_.executor.postAt(env_.now(), [this] {
        compactTimer_ = 0;
        compactByTime();
    });
}

void EmbeddedStore::ensureCompactTimer() {
    if (compactTimer_ != 0 || closed_ || compact_ >= durable_)
        return;
    const EventPtr next = ring_.at(compact_ + 1);
    const Time since = next ? next->at : env_.now();
    // A tenth later than it could be: then one timer does many.
    compactTimer_ =
        env_.executor.postAt(since + options_.compactAfter + options_.compactAfter / 10, [this] {
            compactTimer_ = 0;
            compactByTime();
        });
}

Result<std::vector<EventPtr>> EmbeddedStore::history(std::string_view key, int limit) {
    limit = std::clamp(limit, 1, kHistoryAnswerMax);
    std::vector<EventPtr> newest; // newest first
    for (auto at = ring_.events().rbegin(); at != ring_.events().rend(); ++at) {
        if (static_cast<int>(newest.size()) == limit)
            break;
        if ((*at)->current->key == key)
            newest.push_back(*at);
    }
    std::reverse(newest.begin(), newest.end());
    const int rest = limit - static_cast<int>(newest.size());
    if (rest == 0)
        return newest;
    const Revision before =
        ring_.events().empty() ? durable_ + 1 : ring_.events().front()->revision;
    ORRERY_TRY_ASSIGN(std::vector<EventPtr> all, reader_->history(key, before, rest));
    all.insert(all.end(), newest.begin(), newest.end());
    return all;
}

Result<EventPtr> EmbeddedStore::eventAt(Revision revision) {
    if (EventPtr event = ring_.at(revision))
        return event;
    if (revision > durable_)
        return revisionNotKept(revision);
    return reader_->eventAt(revision);
}

std::vector<EventPtr> EmbeddedStore::recent(int limit) const {
    const auto wanted = static_cast<std::size_t>(std::clamp(limit, 1, kHistoryAnswerMax));
    const std::deque<EventPtr>& events = ring_.events();
    const std::size_t here = std::min(wanted, events.size());
    std::vector<EventPtr> all;
    if (here < wanted) {
        const Revision before = events.empty() ? durable_ + 1 : events.front()->revision;
        Result<std::vector<EventPtr>> older =
            reader_->recent(before, static_cast<int>(wanted - here));
        if (older)
            all = std::move(*older);
        else
            logLine(LogLevel::Warning, "store", "older events: " + older.error().message);
    }
    all.insert(all.end(), events.end() - static_cast<std::ptrdiff_t>(here), events.end());
    return all;
}

void EmbeddedStore::close() {
    if (closed_)
        return;
    closed_ = true;
    env_.executor.cancel(std::exchange(compactTimer_, 0));
    reader_->close(); // the writer, as the last one, folds the -wal file into the store
    writer_->stop();
    takeResults(); // when close() was called from inside it: the loop there goes on
}

} // namespace orrery::store
