// What the fake API servers of the tests share: objects in a map, lists, and watches from any
// revision. Answers and watch events are tasks of their own, in order. What a write does, each
// test area says for itself.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "core/client/client.h"
#include "core/runtime/env.h"

namespace orrery::tests {

class FakeApiServer : public client::Client {
  public:
    explicit FakeApiServer(Env& env) : env_(env) {}

    // `resource` is "pods" or "deployments.apps"; a key is "namespace/name", or "name".
    // A null value when it is not there.
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
    void remove(const std::string& resource, const std::string& key) {
        const auto at = objects_[resource].find(key);
        if (at == objects_[resource].end())
            return;
        const EncodedPtr last = at->second;
        objects_[resource].erase(at);
        ++revision_;
        announce(resource, client::WatchEvent::Type::Deleted, last);
    }
    // Ends every watch, as when history was compacted.
    void expireWatches() {
        for (const std::shared_ptr<Watcher>& watcher : std::vector(watchers_))
            env_.executor.post([watcher] {
                if (!watcher->ended)
                    watcher->onClosed(makeError(Reason::Expired, "too old resource version"));
            });
    }

    std::vector<Json> events; // v1 Events that were created

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

  protected:
    // Everything but lists and events.
    virtual Result<client::Response> write(const client::Request& request) = 0;

    static std::string resourceOf(const client::ResourcePath& path) {
        return path.group.empty() ? path.resource : path.resource + "." + path.group;
    }
    static std::string keyOf(const Json& object) {
        const std::string namespace_(stringAt(object, "metadata.namespace"));
        return (namespace_.empty() ? "" : namespace_ + "/") +
               std::string(stringAt(object, "metadata.name"));
    }
    static std::string keyOf(const client::ResourcePath& path) {
        return (path.namespace_.empty() ? "" : path.namespace_ + "/") + path.name;
    }
    // Makes or replaces it: gives it a uid when it has none, and the next resourceVersion.
    EncodedPtr keep(const std::string& resource, Json object) {
        if (stringAt(object, "metadata.uid").empty())
            setPath(object, "metadata.uid", Json("uid-" + std::to_string(++lastUid_)));
        const std::string key = keyOf(object);
        const bool isNew = objects_[resource].count(key) == 0;
        setPath(object, "metadata.resourceVersion", Json(std::to_string(++revision_)));
        auto encoded = std::make_shared<const Encoded>(std::move(object));
        objects_[resource][key] = encoded;
        announce(resource,
                 isNew ? client::WatchEvent::Type::Added : client::WatchEvent::Type::Modified,
                 encoded);
        return encoded;
    }

    Env& env_;
    client::UserInfo user_;
    std::int64_t revision_ = 0;

  private:
    struct Watcher {
        std::string resource, fieldSelector;
        std::function<void(std::span<const client::WatchEvent>)> onEvents;
        std::function<void(Error)> onClosed;
        bool ended = false;
    };
    struct Handle final : client::WatchHandle {
        Handle(FakeApiServer& of, std::shared_ptr<Watcher> which)
            : server(of), watcher(std::move(which)) {}
        ~Handle() override {
            watcher->ended = true;
            std::erase(server.watchers_, watcher);
        }
        FakeApiServer& server;
        std::shared_ptr<Watcher> watcher;
    };

    // Only "metadata.name=" selects; every other selector takes all.
    static bool selects(const std::string& fieldSelector, const Json& object) {
        const std::string want = "metadata.name=";
        return fieldSelector.compare(0, want.size(), want) != 0 ||
               stringAt(object, "metadata.name") == fieldSelector.substr(want.size());
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
        client::Response response;
        if (request.verb == "list") {
            for (const auto& [key, object] : objects_[resourceOf(request.path)])
                if (selects(request.fieldSelector, object->tree()))
                    response.items.push_back(object);
            response.resourceVersion = revision_;
            return response;
        }
        if (request.path.resource == "events" && request.verb != "deletecollection") {
            if (request.verb == "create")
                events.push_back(*request.body);
            return response;
        }
        return write(request);
    }

    std::map<std::string, std::map<std::string, EncodedPtr>> objects_;
    std::vector<std::pair<std::string, client::WatchEvent>> history_;
    std::vector<std::shared_ptr<Watcher>> watchers_;
    int lastUid_ = 0;
};

} // namespace orrery::tests
