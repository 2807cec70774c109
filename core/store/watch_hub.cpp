#include "core/store/watch_hub.h"

#include <algorithm>

namespace orrery::store {

struct WatchHub::Watcher {
    Store::OnEvents onEvents;
    Revision next = 0;
    bool replaying = false;        // the task that delivers `backlog` has not run yet
    std::vector<EventPtr> backlog; // while replaying
    bool stopped = false;
};

struct WatchHub::Group {
    std::vector<std::shared_ptr<Watcher>> watchers;
    std::vector<EventPtr> batch; // used inside deliver() only
};

struct WatchHub::Groups {
    std::map<std::string, std::shared_ptr<Group>, std::less<>> byPrefix;
    std::size_t watchers = 0;
};

class WatchHub::Handle final : public Watch {
  public:
    Handle(std::weak_ptr<Groups> groups, std::string prefix, std::shared_ptr<Watcher> watcher)
        : groups_(std::move(groups)), prefix_(std::move(prefix)), watcher_(std::move(watcher)) {}
    ~Handle() override {
        // The callback may be what runs just now: it is freed with the last holder of the watcher.
        watcher_->stopped = true;
        const std::shared_ptr<Groups> groups = groups_.lock();
        if (!groups)
            return;
        const auto group = groups->byPrefix.find(prefix_);
        ORRERY_ASSERT(group != groups->byPrefix.end());
        std::erase(group->second->watchers, watcher_);
        --groups->watchers;
        if (group->second->watchers.empty())
            groups->byPrefix.erase(group);
    }

  private:
    std::weak_ptr<Groups> groups_;
    std::string prefix_;
    std::shared_ptr<Watcher> watcher_;
};

namespace {
// Calls visit(value) for each entry of `map` whose key is a prefix of `text`, longest first. The
// greatest entry not behind `text` is one, or shares some first bytes with it: all further ones are
// prefixes of those bytes. So each step is a look-up of a shorter text.
template <typename Map, typename Visit>
void forEachPrefix(Map& map, std::string_view text, const Visit& visit) {
    auto at = map.upper_bound(text);
    while (at != map.begin()) {
        --at;
        const std::string_view candidate = at->first;
        const auto differ =
            std::mismatch(candidate.begin(), candidate.end(), text.begin(), text.end());
        if (differ.first == candidate.end()) {
            visit(at->second);
            continue;
        }
        text = text.substr(0, static_cast<std::size_t>(differ.second - text.begin()));
        at = map.upper_bound(text);
    }
}
} // namespace

WatchHub::WatchHub(Executor& executor) : executor_(executor), groups_(std::make_shared<Groups>()) {}

WatchHub::~WatchHub() = default;

std::size_t WatchHub::size() const {
    return groups_->watchers;
}

std::unique_ptr<Watch> WatchHub::add(std::string prefix, Revision next,
                                     std::vector<EventPtr> replay, Store::OnEvents onEvents) {
    auto watcher = std::make_shared<Watcher>();
    watcher->onEvents = std::move(onEvents);
    watcher->next = next;
    if (!replay.empty()) {
        watcher->next = std::max(next, replay.back()->revision + 1);
        watcher->replaying = true;
        watcher->backlog = std::move(replay);
        executor_.post([weak = std::weak_ptr<Watcher>(watcher)] {
            const std::shared_ptr<Watcher> alive = weak.lock();
            if (!alive || alive->stopped)
                return;
            alive->replaying = false;
            const std::vector<EventPtr> events = std::exchange(alive->backlog, {});
            alive->onEvents(events);
        });
    }
    std::shared_ptr<Group>& group = groups_->byPrefix[prefix];
    if (!group)
        group = std::make_shared<Group>();
    group->watchers.push_back(watcher);
    ++groups_->watchers;
    return std::make_unique<Handle>(groups_, std::move(prefix), std::move(watcher));
}

void WatchHub::deliverTo(Watcher& watcher, std::span<const EventPtr> events) {
    const auto first =
        std::partition_point(events.begin(), events.end(),
                             [&](const EventPtr& event) { return event->revision < watcher.next; });
    if (watcher.stopped || first == events.end())
        return;
    const auto wanted = events.subspan(static_cast<std::size_t>(first - events.begin()));
    watcher.next = wanted.back()->revision + 1;
    if (watcher.replaying)
        watcher.backlog.insert(watcher.backlog.end(), wanted.begin(), wanted.end());
    else
        watcher.onEvents(wanted);
}

void WatchHub::deliver(std::span<const EventPtr> batch) {
    std::vector<std::shared_ptr<Group>> touched;
    for (const EventPtr& event : batch) {
        forEachPrefix(groups_->byPrefix, event->current->key,
                      [&](const std::shared_ptr<Group>& group) {
                          if (group->batch.empty())
                              touched.push_back(group);
                          group->batch.push_back(event);
                      });
    }
    // Callbacks may end watches and add new ones, so both lists are held by value.
    std::vector<std::pair<std::vector<EventPtr>, std::vector<std::shared_ptr<Watcher>>>> work;
    work.reserve(touched.size());
    for (const std::shared_ptr<Group>& group : touched)
        work.emplace_back(std::exchange(group->batch, {}), group->watchers);
    for (const auto& [events, watchers] : work)
        for (const std::shared_ptr<Watcher>& watcher : watchers)
            deliverTo(*watcher, events);
}

void WatchHub::rewind(Revision next) {
    for (const auto& [prefix, group] : groups_->byPrefix)
        for (const std::shared_ptr<Watcher>& watcher : group->watchers)
            watcher->next = std::min(watcher->next, next);
}

} // namespace orrery::store
