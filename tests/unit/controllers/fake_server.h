// An API server in a map: list, watch, create, patch, delete with finalizers. Answers and watch
// events are tasks of their own, in order. It can also only write down what it is asked.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "core/api/kind.h"
#include "core/api/patch.h"
#include "core/client/client.h"
#include "core/runtime/env.h"

namespace orrery::tests {

class FakeServer final : public client::Client {
  public:
    explicit FakeServer(Env& env) : env_(env) { user_.name = "test"; }

    api::KindRegistry kinds;
    std::vector<client::Request> asked; // writes (events apart), in order
    std::vector<Json> events;           // v1 Events that were created
    bool recordOnly = false;            // writes succeed and change nothing
    std::function<std::optional<Error>(const client::Request&)> refuse; // may be empty

    // Makes or replaces an object of any kind.
    void put(Json object) {
        const api::KindDef* kind =
            kinds.byApiVersion(stringAt(object, "apiVersion"), stringAt(object, "kind"));
        ORRERY_ASSERT(kind);
        store(*kind, std::move(object));
    }
    // Null when it is not there.
    Json get(const std::string& resource, const std::string& key) const {
        const auto all = objects_.find(resource);
        if (all == objects_.end() || all->second.count(key) == 0)
            return nullptr;
        return all->second.at(key)->tree();
    }
    std::vector<std::string> keys(const std::string& resource) const {
        std::vector<std::string> out;
        if (const auto all = objects_.find(resource); all != objects_.end())
            for (const auto& [key, object] : all->second)
                out.push_back(key);
        return out;
    }
    void remove(const std::string& resource, const std::string& key) { erase(resource, key); }
    // Ends every watch, as when history was compacted.
    void expireWatches() {
        for (const std::shared_ptr<Watcher>& watcher : std::vector(watchers_))
            env_.executor.post([watcher] {
                if (!watcher->ended)
                    watcher->onClosed(makeError(Reason::Expired, "too old resource version"));
            });
    }

    void send(client::Request request, client::OnResponse done) override {
        Result<client::Response> answer = handle(request);
        env_.executor.post([answer = std::move(answer), done = std::move(done)] { done(answer); });
    }
    std::unique_ptr<client::WatchHandle>
    watch(client::WatchRequest request,
          std::function<void(std::span<const client::WatchEvent>)> onEvents,
          std::function<void(Error)> onClosed) override {
        const auto watcher =
            std::make_shared<Watcher>(Watcher{resourceOf(request.path), request.fieldSelector,
                                              std::move(onEvents), std::move(onClosed), false});
        watchers_.push_back(watcher);
        for (const auto& [resource, event] : history_)
            if (resource == watcher->resource && event.revision > request.resourceVersion)
                deliver(watcher, event);
        return std::make_unique<Handle>(*this, watcher);
    }
    const client::UserInfo& user() const override { return user_; }

  private:
    struct Watcher {
        std::string resource, fieldSelector;
        std::function<void(std::span<const client::WatchEvent>)> onEvents;
        std::function<void(Error)> onClosed;
        bool ended = false;
    };
    struct Handle final : client::WatchHandle {
        Handle(FakeServer& of, std::shared_ptr<Watcher> which)
            : server(of), watcher(std::move(which)) {}
        ~Handle() override {
            watcher->ended = true;
            std::erase(server.watchers_, watcher);
        }
        FakeServer& server;
        std::shared_ptr<Watcher> watcher;
    };

    static std::string resourceOf(const client::ResourcePath& path) {
        return path.group.empty() ? path.resource : path.resource + "." + path.group;
    }
    static std::string keyOf(const Json& object) {
        const std::string namespace_(stringAt(object, "metadata.namespace"));
        return (namespace_.empty() ? "" : namespace_ + "/") +
               std::string(stringAt(object, "metadata.name"));
    }
    static bool selects(const std::string& fieldSelector, const Json& object) {
        const std::string want = "metadata.name=";
        return fieldSelector.compare(0, want.size(), want) != 0 ||
               stringAt(object, "metadata.name") == fieldSelector.substr(want.size());
    }

    EncodedPtr store(const api::KindDef& kind, Json object) {
        if (kind.scope == api::Scope::Namespaced && stringAt(object, "metadata.namespace").empty())
            setPath(object, "metadata.namespace", Json("default"));
        if (stringAt(object, "metadata.uid").empty())
            setPath(object, "metadata.uid", Json("uid-" + std::to_string(++lastUid_)));
        if (stringAt(object, "metadata.creationTimestamp").empty())
            setPath(object, "metadata.creationTimestamp", Json(formatTime(env_.now())));
        const std::string resource = kind.groupResource().text(), key = keyOf(object);
        const bool isNew = objects_[resource].count(key) == 0;
        setPath(object, "metadata.resourceVersion", Json(std::to_string(++revision_)));
        auto encoded = std::make_shared<const Encoded>(std::move(object));
        objects_[resource][key] = encoded;
        announce(resource,
                 isNew ? client::WatchEvent::Type::Added : client::WatchEvent::Type::Modified,
                 encoded);
        return encoded;
    }
    void erase(const std::string& resource, const std::string& key) {
        const auto at = objects_[resource].find(key);
        if (at == objects_[resource].end())
            return;
        const EncodedPtr last = at->second;
        objects_[resource].erase(at);
        ++revision_;
        announce(resource, client::WatchEvent::Type::Deleted, last);
    }
    void announce(const std::string& resource, client::WatchEvent::Type type, EncodedPtr object) {
        history_.emplace_back(resource, client::WatchEvent{type, std::move(object), revision_});
        for (const std::shared_ptr<Watcher>& watcher : watchers_)
            if (watcher->resource == resource)
                deliver(watcher, history_.back().second);
    }
    void deliver(const std::shared_ptr<Watcher>& watcher, const client::WatchEvent& event) {
        if (!selects(watcher->fieldSelector, event.object->tree()))
            return;
        env_.executor.post([watcher, event] {
            if (!watcher->ended)
                watcher->onEvents(std::span(&event, 1));
        });
    }

    Result<client::Response> handle(const client::Request& request) {
        const client::ResourcePath& path = request.path;
        const std::string resource = resourceOf(path);
        client::Response response;
        if (request.verb == "list") {
            for (const auto& [key, object] : objects_[resource])
                if (selects(request.fieldSelector, object->tree()))
                    response.items.push_back(object);
            response.resourceVersion = revision_;
            return response;
        }
        if (path.resource == "events" && request.verb != "deletecollection") {
            if (request.verb == "create")
                events.push_back(*request.body);
            return response;
        }
        asked.push_back(request);
        if (refuse)
            if (const std::optional<Error> error = refuse(request))
                return *error;
        if (recordOnly)
            return response;
        const api::KindDef* kind = kinds.byResource(path.group, path.version, path.resource);
        ORRERY_ASSERT(kind);
        return write(request, *kind);
    }
    Result<client::Response> write(const client::Request& request, const api::KindDef& kind) {
        const client::ResourcePath& path = request.path;
        if (request.verb == "create")
            return create(request, kind);
        if (request.verb == "deletecollection") {
            for (const std::string& key : keys(resourceOf(path)))
                if (path.namespace_.empty() ||
                    key.compare(0, path.namespace_.size() + 1, path.namespace_ + "/") == 0)
                    (void)destroy(kind, key, request);
            return client::Response{};
        }
        const std::string key = (path.namespace_.empty() ? "" : path.namespace_ + "/") + path.name;
        Json old = get(resourceOf(path), key);
        if (old.is_null())
            return makeError(Reason::NotFound, path.resource + " \"" + path.name + "\" not found");
        if (request.verb == "delete")
            return destroy(kind, key, request);
        if (request.verb == "update")
            return settle(kind, key, *request.body);
        const std::string_view wanted = stringAt(*request.body, "metadata.resourceVersion");
        if (!wanted.empty() && wanted != stringAt(old, "metadata.resourceVersion"))
            return makeError(Reason::Conflict, "the object has been modified");
        if (request.patchType == client::PatchType::StrategicMerge) {
            Result<Json> merged = api::applyStrategicMerge(kind.schema, old, *request.body);
            if (!merged)
                return merged.error();
            return settle(kind, key, std::move(*merged));
        }
        const bool specChanges = find(*request.body, "spec") != nullptr && kind.generation;
        Json merged = api::applyMergePatch(std::move(old), *request.body);
        if (specChanges)
            setPath(merged, "metadata.generation", Json(intAt(merged, "metadata.generation") + 1));
        return settle(kind, key, std::move(merged));
    }
    Result<client::Response> create(const client::Request& request, const api::KindDef& kind) {
        Json object = *request.body;
        if (!request.path.namespace_.empty())
            setPath(object, "metadata.namespace", Json(request.path.namespace_));
        if (stringAt(object, "metadata.name").empty())
            setPath(object, "metadata.name",
                    Json(std::string(stringAt(object, "metadata.generateName")) +
                         std::to_string(++lastName_)));
        if (!get(kind.groupResource().text(), keyOf(object)).is_null())
            return makeError(Reason::AlreadyExists, kind.plural + " already exists");
        if (kind.generation)
            setPath(object, "metadata.generation", Json(1));
        return answer(store(kind, std::move(object)));
    }
    Result<client::Response> destroy(const api::KindDef& kind, const std::string& key,
                                     const client::Request& request) {
        const std::string resource = kind.groupResource().text();
        Json object = get(resource, key);
        Json& finalizers = ensurePath(object, "metadata.finalizers");
        if (!finalizers.is_array())
            finalizers = JsonArray();
        const std::string_view policy =
            request.body ? stringAt(*request.body, "propagationPolicy") : std::string_view();
        if (policy == "Foreground")
            finalizers.get_array().emplace_back("foregroundDeletion");
        if (policy == "Orphan")
            finalizers.get_array().emplace_back("orphan");
        const bool namespace_ =
            kind.plural == "namespaces" && !arrayAt(object, "spec.finalizers").empty();
        if (finalizers.get_array().empty() && !namespace_) {
            erase(resource, key);
            return client::Response{};
        }
        setPath(object, "metadata.deletionTimestamp", Json(formatTime(env_.now())));
        return answer(store(kind, std::move(object)));
    }
    // A write after which the object may go: under deletion, and no finalizer left.
    Result<client::Response> settle(const api::KindDef& kind, const std::string& key, Json object) {
        const bool deleting = find(*findPath(object, "metadata"), "deletionTimestamp") != nullptr;
        if (deleting && arrayAt(object, "metadata.finalizers").empty() &&
            arrayAt(object, "spec.finalizers").empty()) {
            erase(kind.groupResource().text(), key);
            return client::Response{};
        }
        return answer(store(kind, std::move(object)));
    }
    Result<client::Response> answer(EncodedPtr object) const {
        client::Response response;
        response.object = std::move(object);
        response.resourceVersion = revision_;
        return response;
    }

    Env& env_;
    client::UserInfo user_;
    std::map<std::string, std::map<std::string, EncodedPtr>> objects_;
    std::vector<std::pair<std::string, client::WatchEvent>> history_;
    std::vector<std::shared_ptr<Watcher>> watchers_;
    std::int64_t revision_ = 0;
    int lastUid_ = 0, lastName_ = 0;
};

} // namespace orrery::tests
