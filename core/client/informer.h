// A cache of one kind, kept current by list and watch; decoded once for everybody in the process.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/client/client.h"
#include "core/runtime/env.h"

namespace orrery::client {

// The list-watch loop below Informer<T>: lists, watches from there, lists again when the watch
// expires (with back-off on errors), and turns differences into events. Knows nothing of types.
class Reflector {
  public:
    struct Sink {
        // `encoded` is null for a deletion whose last state is unknown.
        std::function<void(const std::string& key, EncodedPtr encoded, std::int64_t revision)>
            onUpsert;
        std::function<void(const std::string& key, EncodedPtr last, std::int64_t revision)>
            onDelete;
        std::function<void()> onSynced; // once, after the first list was delivered
        std::function<void()> onBatchEnd;
    };
    // What to list and watch of the collection; "" is everything.
    struct Selectors {
        std::string label, field;
    };
    Reflector(Env& env, Client& client, ResourcePath path, Sink sink,
              Selectors selectors = {"", ""});
    ~Reflector();
    void start();
    std::int64_t revision() const; // the newest revision that was delivered

  private:
    struct State;
    std::shared_ptr<State> state_;
};

// One cached object. `view` is decoded when the object arrives.
template <typename T> struct Cached {
    std::shared_ptr<const T> view;
    EncodedPtr encoded; // bytes; its tree is decoded on demand (call dropTree() after use)
    std::int64_t revision = 0;
};

template <typename T> struct Handler {
    std::function<void(const Cached<T>&)> onAdd;
    std::function<void(const Cached<T>& old, const Cached<T>& current)> onUpdate;
    std::function<void(const Cached<T>& last)> onDelete;
    std::function<void()> onBatchEnd; // after each batch of the above
};

// Plane thread only. Keys are "namespace/name", or "name" in cluster scope.
// T has a `metadata` (api::ObjectMeta) and a free function decode(const Json&, T&).
template <typename T> class Informer {
  public:
    using Indexer = std::function<std::vector<std::string>(const T&)>;

    Informer(Env& env, Client& client, ResourcePath path,
             Reflector::Selectors selectors = {"", ""});
    // Before start(), or later (then it is told of everything that is there).
    void addHandler(Handler<T> handler);
    void addIndex(const std::string& name, Indexer indexer);
    void start();
    bool synced() const { return synced_; }
    void whenSynced(std::function<void()> then);
    std::int64_t revision() const { return reflector_.revision(); }

    // Null when it is not there. Valid until the next event.
    const Cached<T>* get(const std::string& key) const;
    const std::map<std::string, Cached<T>>& all() const { return items_; }
    // Keys whose indexer gave `value`, in order.
    const std::set<std::string>& byIndex(const std::string& name, const std::string& value) const;

  private:
    void upsert(const std::string& key, EncodedPtr encoded, std::int64_t revision);
    void remove(const std::string& key, EncodedPtr last, std::int64_t revision);
    struct Index;
    static void unindexOne(Index& index, const std::string& key,
                           const std::vector<std::string>& values);
    void unindex(const std::string& key, const T& view);
    void index(const std::string& key, const T& view);
    void reindex(const std::string& key, const T& old, const T& current);

    struct Index {
        Indexer indexer;
        std::unordered_map<std::string, std::set<std::string>> keys;
    };
    using Items = std::map<std::string, Cached<T>>;
    Items items_;
    std::unordered_map<std::string_view, typename Items::iterator> places_; // looked up only
    std::map<std::string, Index> indexes_;
    std::vector<Handler<T>> handlers_;
    std::vector<std::function<void()>> onSynced_;
    bool synced_ = false;
    Reflector reflector_;
};

// One informer of each kind for the whole process, made on first use.
class InformerFactory {
  public:
    InformerFactory(Env& env, Client& client) : env_(env), client_(client) {}
    template <typename T>
    Informer<T>& informer(const std::string& group, const std::string& version,
                          const std::string& resource) {
        return informer<T>(ResourcePath{group, version, resource, "", "", ""}, {"", ""});
    }
    // A cache of a part of a kind, shared by those who name the same selectors. `view` tells caches
    // of the same objects with different T apart.
    template <typename T>
    Informer<T>& informer(const ResourcePath& path, const Reflector::Selectors& selectors,
                          const std::string& view = "") {
        std::shared_ptr<void>& slot =
            informers_[path.group + "/" + path.version + "/" + path.resource + "?" +
                       selectors.label + "&" + selectors.field + "#" + view];
        if (!slot) {
            auto made = std::make_shared<Informer<T>>(env_, client_, path, selectors);
            slot = made;
            starts_.push_back([made] { made->start(); });
        }
        return *static_cast<Informer<T>*>(slot.get());
    }
    // A cache for one user alone, of a kind that may go; it ends with its last pointer.
    template <typename T> std::shared_ptr<Informer<T>> own(const ResourcePath& path) {
        return std::make_shared<Informer<T>>(env_, client_, path);
    }
    // Starts those that are not started yet.
    void start() {
        for (std::function<void()>& begin : std::exchange(starts_, {}))
            begin();
    }

  private:
    Env& env_;
    Client& client_;
    std::map<std::string, std::shared_ptr<void>> informers_;
    std::vector<std::function<void()>> starts_;
};

// --- implementation
// --------------------------------------------------------------------------------------

template <typename T>
Informer<T>::Informer(Env& env, Client& client, ResourcePath path, Reflector::Selectors selectors)
    : reflector_(env, client, std::move(path),
                 {[this](const std::string& key, EncodedPtr encoded, std::int64_t revision) {
                      upsert(key, std::move(encoded), revision);
                  },
                  [this](const std::string& key, EncodedPtr last, std::int64_t revision) {
                      remove(key, std::move(last), revision);
                  },
                  [this] {
                      synced_ = true;
                      for (std::function<void()>& then : std::exchange(onSynced_, {}))
                          then();
                  },
                  [this] {
                      for (Handler<T>& handler : handlers_)
                          if (handler.onBatchEnd)
                              handler.onBatchEnd();
                  }},
                 std::move(selectors)) {}

template <typename T> void Informer<T>::addHandler(Handler<T> handler) {
    handlers_.push_back(std::move(handler));
    if (handlers_.back().onAdd)
        for (const auto& [key, item] : items_)
            handlers_.back().onAdd(item);
}

template <typename T> void Informer<T>::addIndex(const std::string& name, Indexer indexer) {
    Index& made = indexes_[name];
    if (made.indexer)
        return; // the same index by name: whoever came first made it
    made.indexer = std::move(indexer);
    for (const auto& [key, item] : items_)
        for (const std::string& value : made.indexer(*item.view))
            made.keys[value].insert(key);
}

template <typename T> void Informer<T>::start() {
    reflector_.start();
}

template <typename T> void Informer<T>::whenSynced(std::function<void()> then) {
    if (synced_)
        then();
    else
        onSynced_.push_back(std::move(then));
}

template <typename T> const Cached<T>* Informer<T>::get(const std::string& key) const {
    const auto place = places_.find(key);
    return place == places_.end() ? nullptr : &place->second->second;
}

template <typename T>
const std::set<std::string>& Informer<T>::byIndex(const std::string& name,
                                                  const std::string& value) const {
    static const std::set<std::string> none;
    const auto index = indexes_.find(name);
    ORRERY_ASSERT(index != indexes_.end());
    const auto keys = index->second.keys.find(value);
    return keys == index->second.keys.end() ? none : keys->second;
}

template <typename T>
void Informer<T>::unindexOne(Index& index, const std::string& key,
                             const std::vector<std::string>& values) {
    for (const std::string& value : values)
        if (const auto keys = index.keys.find(value); keys != index.keys.end()) {
            keys->second.erase(key);
            if (keys->second.empty())
                index.keys.erase(keys);
        }
}

template <typename T> void Informer<T>::unindex(const std::string& key, const T& view) {
    for (auto& [name, index] : indexes_)
        unindexOne(index, key, index.indexer(view));
}

template <typename T>
void Informer<T>::reindex(const std::string& key, const T& old, const T& current) {
    for (auto& [name, index] : indexes_) {
        const std::vector<std::string> before = index.indexer(old), after = index.indexer(current);
        if (before == after)
            continue;
        unindexOne(index, key, before);
        for (const std::string& value : after)
            index.keys[value].insert(key);
    }
}

template <typename T> void Informer<T>::index(const std::string& key, const T& view) {
    for (auto& [name, index] : indexes_)
        for (const std::string& value : index.indexer(view))
            index.keys[value].insert(key);
}

template <typename T>
void Informer<T>::upsert(const std::string& key, EncodedPtr encoded, std::int64_t revision) {
    auto view = std::make_shared<T>();
    decode(encoded->tree(), *view);
    Cached<T> current{std::move(view), std::move(encoded), revision};
    const auto place = places_.find(key);
    if (place == places_.end()) {
        index(key, *current.view);
        const auto added = items_.emplace(key, std::move(current)).first;
        places_.emplace(added->first, added);
        const Cached<T>& stored = added->second;
        for (Handler<T>& handler : handlers_)
            if (handler.onAdd)
                handler.onAdd(stored);
        return;
    }
    Cached<T>& item = place->second->second;
    const Cached<T> old = std::exchange(item, std::move(current));
    reindex(key, *old.view, *item.view);
    for (Handler<T>& handler : handlers_)
        if (handler.onUpdate)
            handler.onUpdate(old, item);
}

template <typename T>
void Informer<T>::remove(const std::string& key, EncodedPtr last, std::int64_t revision) {
    const auto place = places_.find(key);
    if (place == places_.end())
        return;
    const auto at = place->second;
    Cached<T> gone = std::move(at->second);
    unindex(key, *gone.view);
    places_.erase(place);
    items_.erase(at);
    gone.revision = revision;
    if (last) {
        auto view = std::make_shared<T>();
        decode(last->tree(), *view);
        gone.view = std::move(view);
        gone.encoded = std::move(last);
    }
    for (Handler<T>& handler : handlers_)
        if (handler.onDelete)
            handler.onDelete(gone);
}

} // namespace orrery::client
