#include "core/apiserver/watch_hub.h"

#include <algorithm>

#include "core/apiserver/status.h"

namespace orrery::apiserver {

std::string Selection::prefix() const {
    std::string prefix = storage->keyPrefix();
    if (!namespace_.empty() && storage->scope == api::Scope::Namespaced)
        prefix += namespace_ + "/";
    return prefix;
}

// One event, and what watchers need of it, made when the first one asks.
struct WatchHub::Shared {
    store::EventPtr event;
    EncodedPtr
        departed; // the previous object with this revision: what leaves a selection looks like this
    std::map<std::pair<const api::KindDef*, const Encoded*>, EncodedPtr> converted;

    EncodedPtr current() const { return event->current ? event->current->value : nullptr; }
    EncodedPtr previous() const { return event->previous ? event->previous->value : nullptr; }
    bool deletes() const { return event->type == store::Event::Type::Delete; }
    const EncodedPtr& departedObject() {
        if (!departed) {
            departed = deletes() && current() ? current() : nullptr;
            if (!departed && previous())
                departed = withRevision(previous(), event->revision);
        }
        return departed;
    }
    EncodedPtr forKind(const EncodedPtr& object, const Selection& selection) {
        if (!object || isStoredForm(*selection.storage, *selection.kind, event->revision))
            return object;
        EncodedPtr& made = converted[{selection.kind, object.get()}];
        if (!made)
            made = inVersion(object, *selection.storage, *selection.kind, event->revision);
        return made;
    }
};

struct WatchHub::Sub {
    Selection selection;
    Watcher watcher;
    std::string prefix;
    Revision after = 0; // has seen everything up to here
    std::vector<Delivery> pending;
    bool waiting = false; // the initial events are not out yet
    bool touched = false;
    bool closed = false;
    std::unique_ptr<store::Watch> catchUp;
    std::string node, key; // what it selects exactly, if anything
    bool inRoom = false;
};

// The watchers of one stored kind, by what they select exactly.
struct WatchHub::Room {
    std::vector<SubPtr> all;
    std::unordered_map<std::string, std::vector<SubPtr>> byNode, byKey, byNamespace;
    Revision last = 0; // of the newest event of this kind

    std::vector<SubPtr> everybody() const;
    std::vector<SubPtr>& placeOf(const Sub& sub) {
        if (!sub.key.empty())
            return byKey[sub.key];
        if (!sub.node.empty())
            return byNode[sub.node];
        if (!sub.selection.namespace_.empty())
            return byNamespace[sub.selection.namespace_];
        return all;
    }
    void remove(const Sub& sub) {
        std::vector<SubPtr>& place = placeOf(sub);
        std::erase_if(place, [&sub](const SubPtr& one) { return one.get() == &sub; });
        if (!place.empty() || &place == &all)
            return;
        if (!sub.key.empty())
            byKey.erase(sub.key);
        else if (!sub.node.empty())
            byNode.erase(sub.node);
        else
            byNamespace.erase(sub.selection.namespace_);
    }
};

class WatchHub::Handle final : public Subscription {
  public:
    Handle(WatchHub& hub, SubPtr sub) : hub_(hub), alive_(hub.alive_), sub_(std::move(sub)) {}
    ~Handle() override {
        sub_->closed = true;
        sub_->pending.clear();
        if (!*alive_)
            return;
        hub_.leave(*sub_);
        // The store may be calling us through this watch just now: it ends a task later.
        if (sub_->catchUp)
            hub_.env_.executor.post([sub = sub_] { sub->catchUp.reset(); });
    }
    Revision seen() const override {
        if (sub_->waiting || sub_->catchUp)
            return sub_->after;
        return std::max(sub_->after, hub_.revision());
    }

  private:
    WatchHub& hub_;
    std::shared_ptr<bool> alive_;
    SubPtr sub_;
};

WatchHub::WatchHub(Env& env, store::Store& store)
    : env_(env), store_(store), revision_(store.durableRevision()) {
    auto feed = store.watch({"/registry/", revision_ + 1},
                            [this](std::span<const store::EventPtr> events) { onBatch(events); });
    ORRERY_ASSERT(feed.has_value());
    feed_ = std::move(*feed);
}

WatchHub::~WatchHub() {
    *alive_ = false;
}

WatchHub::Room* WatchHub::roomOf(std::string_view key) {
    // "/registry/pods/..." or, for custom kinds, "/registry/example.com/widgets/..."
    std::size_t slash = key.find('/', sizeof("/registry/") - 1);
    for (int parts = 0; parts < 2 && slash != std::string_view::npos; ++parts) {
        if (const auto room = rooms_.find(key.substr(0, slash + 1)); room != rooms_.end())
            return room->second.get();
        slash = key.find('/', slash + 1);
    }
    return nullptr;
}

void WatchHub::onBatch(std::span<const store::EventPtr> events) {
    for (const store::EventPtr& event : events) {
        for (const auto& tap : taps_)
            tap(event);
        const std::string_view key = event->current ? event->current->key : event->previous->key;
        if (Room* room = roomOf(key)) {
            Shared shared{event, nullptr, {}};
            dispatch(*room, shared);
            room->last = event->revision;
        }
        revision_ = event->revision;
    }
    const std::shared_ptr<bool> alive = alive_;
    for (const SubPtr& sub : std::exchange(touched_, {})) {
        sub->touched = false;
        if (!sub->waiting)
            flush(sub);
        if (!*alive)
            return;
    }
    // Trees were kept since the write for those who just looked; bytes are enough from now on.
    for (const store::EventPtr& event : events) {
        if (event->current && event->current->value)
            event->current->value->dropTree();
        if (event->previous && event->previous->value)
            event->previous->value->dropTree();
    }
    if (onProgress_)
        onProgress_();
}

void WatchHub::dispatch(Room& room, Shared& shared) {
    const auto offerAll = [&](std::vector<SubPtr>& subs) {
        for (const SubPtr& sub : subs) {
            offer(*sub, shared);
            if (!sub->pending.empty() && !sub->touched) {
                sub->touched = true;
                touched_.push_back(sub);
            }
        }
    };
    const std::string& key =
        (shared.event->current ? shared.event->current : shared.event->previous)->key;
    offerAll(room.all);
    if (!room.byKey.empty())
        if (const auto at = room.byKey.find(key); at != room.byKey.end())
            offerAll(at->second);
    if (!room.byNamespace.empty()) {
        const std::size_t end = key.rfind('/');
        const std::size_t begin = key.rfind('/', end - 1) + 1;
        if (const auto at = room.byNamespace.find(key.substr(begin, end - begin));
            at != room.byNamespace.end())
            offerAll(at->second);
    }
    if (!room.byNode.empty()) {
        // nodeName never changes once set, so the newest value finds everybody who can be
        // concerned.
        const EncodedPtr object = shared.current() ? shared.current() : shared.previous();
        const std::string node(object ? stringAt(object->tree(), "spec.nodeName")
                                      : std::string_view());
        if (const auto at = room.byNode.find(node); at != room.byNode.end())
            offerAll(at->second);
    }
}

// Puts what the event means to one watcher into its queue.
void WatchHub::offer(Sub& sub, Shared& shared) {
    const Revision revision = shared.event->revision;
    if (revision <= sub.after || sub.closed)
        return;
    const Selection& selection = sub.selection;
    const EncodedPtr current = shared.deletes() ? nullptr : shared.current();
    const EncodedPtr previous = shared.previous();
    bool now = current != nullptr, before = previous != nullptr || shared.deletes();
    if (!selection.everything()) {
        now = now && selection.matches(current->tree());
        const EncodedPtr& last = previous ? previous : shared.current();
        before = before && last && selection.matches(last->tree());
    }
    if (now)
        sub.pending.push_back({before ? EventType::Modified : EventType::Added,
                               shared.forKind(current, selection), revision, false});
    else if (before)
        sub.pending.push_back({EventType::Deleted,
                               shared.forKind(shared.departedObject(), selection), revision,
                               false});
}

void WatchHub::flush(const SubPtr& sub) {
    if (sub->closed || sub->pending.empty())
        return;
    const std::vector<Delivery> out = std::exchange(sub->pending, {});
    sub->after = std::max(sub->after, out.back().revision);
    sub->watcher.onEvents(out);
}

Result<std::unique_ptr<WatchHub::Subscription>>
WatchHub::subscribe(Selection selection, Revision after, bool initial, Watcher watcher) {
    auto sub = std::make_shared<Sub>();
    sub->prefix = selection.prefix();
    const api::KindDef& storage = *selection.storage;
    const std::string name = selection.fields.exactly("metadata.name").value_or("");
    const std::string in = selection.namespace_.empty()
                               ? selection.fields.exactly("metadata.namespace").value_or("")
                               : selection.namespace_;
    if (!name.empty() && (storage.scope == api::Scope::Cluster || !in.empty()))
        sub->key = storage.key(in, name);
    else if (storage.plural == "pods" && storage.group.empty())
        sub->node = selection.fields.exactly("spec.nodeName").value_or("");
    sub->selection = std::move(selection);
    sub->watcher = std::move(watcher);
    sub->after = after;
    if (!initial && after < store_.compactRevision())
        return expired("too old resource version: " + std::to_string(after) + " (" +
                       std::to_string(store_.compactRevision()) + ")");
    std::unique_ptr<Room>& room = rooms_[storage.keyPrefix()];
    if (!room) {
        room = std::make_unique<Room>();
        room->last = revision_; // nothing is known of what was before
    }
    ++watchers_;
    auto handle = std::make_unique<Handle>(*this, sub);
    if (initial)
        startInitial(sub);
    else if (after >= room->last)
        join(sub);
    else
        ORRERY_TRY(startCatchUp(sub));
    return std::unique_ptr<Subscription>(std::move(handle));
}

void WatchHub::join(const SubPtr& sub) {
    if (sub->closed || sub->inRoom)
        return;
    sub->inRoom = true;
    rooms_[sub->selection.storage->keyPrefix()]->placeOf(*sub).push_back(sub);
}

void WatchHub::leave(Sub& sub) {
    --watchers_;
    if (!sub.inRoom)
        return;
    sub.inRoom = false;
    if (const auto room = rooms_.find(sub.selection.storage->keyPrefix()); room != rooms_.end())
        room->second->remove(sub);
}

// What is there now may not be durable yet: it is read at once, so that nothing is missed, and
// delivered when it is.
void WatchHub::startInitial(const SubPtr& sub) {
    auto listed = store_.list(sub->prefix);
    ORRERY_ASSERT(listed.has_value()); // the newest revision is never compacted
    auto found = std::make_shared<store::ListResult>(std::move(*listed));
    sub->waiting = true;
    sub->after = found->revision;
    join(sub);
    env_.executor.post([this, alive = alive_, sub, found] {
        if (!*alive)
            return;
        store_.whenDurable(found->revision, [this, alive, sub, found](Result<void> durable) {
            if (!*alive || sub->closed)
                return;
            if (!durable) {
                sub->watcher.onClosed(durable.error());
                return;
            }
            std::vector<Delivery> out;
            const Selection& selection = sub->selection;
            for (const store::KeyValuePtr& item : found->items)
                if (selection.everything() || selection.matches(item->value->tree()))
                    out.push_back({EventType::Added,
                                   inVersion(item->value, *selection.storage, *selection.kind,
                                             item->modRevision),
                                   item->modRevision, true});
            if (!out.empty())
                sub->watcher.onEvents(out);
            if (!sub->closed && sub->watcher.onInitialEnd)
                sub->watcher.onInitialEnd(found->revision);
            sub->waiting = false;
            flush(sub);
        });
    });
}

// Reads the history behind `after` through a watch of its own, and joins the others when it has
// caught up.
Result<void> WatchHub::startCatchUp(const SubPtr& sub) {
    const std::weak_ptr<Sub> weak = sub;
    auto watch =
        store_.watch({sub->prefix, sub->after + 1},
                     [this, alive = alive_, weak](std::span<const store::EventPtr> events) {
                         const SubPtr one = weak.lock();
                         if (!*alive || !one || one->closed || one->inRoom)
                             return;
                         for (const store::EventPtr& event : events) {
                             Shared shared{event, nullptr, {}};
                             offer(*one, shared);
                         }
                         const Revision reached = events.back()->revision;
                         flush(one);
                         if (one->closed)
                             return;
                         one->after = std::max(one->after, reached);
                         if (reached >= rooms_[one->selection.storage->keyPrefix()]->last) {
                             join(one);
                             // The store is still calling us through this watch: it ends a task
                             // later.
                             env_.executor.post([one] { one->catchUp.reset(); });
                         }
                     });
    if (!watch)
        return std::move(watch.error());
    sub->catchUp = std::move(*watch);
    return {};
}

std::vector<WatchHub::SubPtr> WatchHub::Room::everybody() const {
    std::vector<SubPtr> subs = all;
    for (const auto* places : {&byKey, &byNode, &byNamespace})
        for (const auto& [key, some] : *places) // the order does not matter: all of them end
            subs.insert(subs.end(), some.begin(), some.end());
    return subs;
}

void WatchHub::closeKind(const std::string& prefix) {
    const auto room = rooms_.find(prefix);
    if (room == rooms_.end())
        return;
    for (const SubPtr& sub : room->second->everybody())
        if (!sub->closed && sub->watcher.onClosed)
            sub->watcher.onClosed(makeError(Reason::Expired, ""));
}

void WatchHub::closeAll(const Error& error) {
    std::vector<SubPtr> subs;
    for (const auto& [prefix, room] : rooms_)
        for (SubPtr& sub : room->everybody())
            subs.push_back(std::move(sub));
    for (const SubPtr& sub : subs)
        if (!sub->closed && sub->watcher.onClosed)
            sub->watcher.onClosed(error);
}

} // namespace orrery::apiserver
