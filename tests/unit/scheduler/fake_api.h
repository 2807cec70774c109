// An API server in a map: enough of one for the scheduler. Every answer comes as a task of its own.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "core/client/client.h"
#include "core/runtime/env.h"

namespace orrery::tests {

class FakeApi final : public client::Client {
  public:
    explicit FakeApi(Env& env) : env_(env) {}

    // Makes or replaces an object; fills in uid, namespace and resourceVersion.
    void put(const std::string& resource, Json object) {
        const bool namespaced = resource == "pods" || resource == "persistentvolumeclaims" ||
                                resource == "services" || resource == "replicasets" ||
                                resource == "poddisruptionbudgets";
        if (namespaced && stringAt(object, "metadata.namespace").empty())
            setPath(object, "metadata.namespace", "default");
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
    // A null value when it is not there.
    Json get(const std::string& resource, const std::string& key) const {
        const auto kind = objects_.find(resource);
        if (kind == objects_.end() || kind->second.count(key) == 0)
            return nullptr;
        return kind->second.at(key)->tree();
    }
    std::string nodeOf(const std::string& podKey) const {
        return std::string(stringAt(get("pods", podKey), "spec.nodeName"));
    }
    // The condition of a type, or null.
    Json condition(const std::string& podKey, std::string_view type) const {
        const Json pod = get("pods", podKey);
        for (const Json& one : arrayAt(pod, "status.conditions"))
            if (stringAt(one, "type") == type)
                return one;
        return nullptr;
    }
    // "reason: message" of the events about a pod, in order.
    std::vector<std::string> eventsOf(const std::string& podName) const {
        std::vector<std::string> texts;
        for (const Json& event : events)
            if (stringAt(event, "involvedObject.name") == podName ||
                stringAt(event, "regarding.name") == podName)
                texts.push_back(std::string(stringAt(event, "reason")) + ": " +
                                std::string(stringAt(event, "message", stringAt(event, "note"))));
        return texts;
    }

    std::vector<Json> events;
    std::vector<client::Request> bindings;
    int failBindings = 0; // so many bindings are refused

    void send(client::Request request, client::OnResponse done) override {
        Result<client::Response> answer = handle(request);
        env_.executor.post([answer = std::move(answer), done = std::move(done)] { done(answer); });
    }
    std::unique_ptr<client::WatchHandle>
    watch(client::WatchRequest request,
          std::function<void(std::span<const client::WatchEvent>)> onEvents,
          std::function<void(Error)>) override {
        auto watcher =
            std::make_shared<Watcher>(Watcher{request.path.resource, std::move(onEvents)});
        watchers_.push_back(watcher);
        for (const auto& [resource, event] : history_)
            if (resource == watcher->resource && event.revision > request.resourceVersion)
                deliver(watcher, event);
        return std::make_unique<Handle>(*this, watcher);
    }
    const client::UserInfo& user() const override { return user_; }

  private:
    struct Watcher {
        std::string resource;
        std::function<void(std::span<const client::WatchEvent>)> onEvents;
        bool ended = false;
    };
    struct Handle final : client::WatchHandle {
        Handle(FakeApi& of, std::shared_ptr<Watcher> which) : api(of), watcher(std::move(which)) {}
        ~Handle() override {
            watcher->ended = true;
            std::erase(api.watchers_, watcher);
        }
        FakeApi& api;
        std::shared_ptr<Watcher> watcher;
    };

    static std::string keyOf(const Json& object) {
        const std::string namespace_(stringAt(object, "metadata.namespace"));
        const std::string name(stringAt(object, "metadata.name"));
        return namespace_.empty() ? name : namespace_ + "/" + name;
    }
    void announce(const std::string& resource, client::WatchEvent::Type type, EncodedPtr object) {
        history_.emplace_back(resource, client::WatchEvent{type, std::move(object), revision_});
        for (const std::shared_ptr<Watcher>& watcher : watchers_)
            if (watcher->resource == resource)
                deliver(watcher, history_.back().second);
    }
    void deliver(const std::shared_ptr<Watcher>& watcher, const client::WatchEvent& event) {
        env_.executor.post([watcher, event] {
            if (!watcher->ended)
                watcher->onEvents(std::span(&event, 1));
        });
    }

    Result<client::Response> handle(const client::Request& request) {
        client::Response response;
        const std::string& resource = request.path.resource;
        const std::string key = request.path.namespace_.empty()
                                    ? request.path.name
                                    : request.path.namespace_ + "/" + request.path.name;
        if (request.verb == "list") {
            for (const auto& [name, object] : objects_[resource])
                response.items.push_back(object);
            response.resourceVersion = revision_;
            return response;
        }
        if (resource == "events") {
            if (request.verb == "create")
                events.push_back(*request.body);
            return response;
        }
        const Json old = get(resource, key);
        if (old.is_null())
            return makeError(Reason::NotFound,
                             resource + " \"" + request.path.name + "\" not found");
        if (request.path.subresource == "binding")
            return bind(request, old);
        if (request.verb == "delete")
            return erase(resource, key, old);
        Json changed = old;
        merge(changed, *request.body);
        put(resource, std::move(changed));
        return response;
    }
    Result<client::Response> bind(const client::Request& request, Json pod) {
        bindings.push_back(request);
        if (failBindings > 0 && failBindings-- > 0)
            return makeError(Reason::InternalError, "the disk is full");
        if (!stringAt(pod, "spec.nodeName").empty())
            return makeError(Reason::Conflict, "already assigned");
        setPath(pod, "spec.nodeName", Json(stringAt(*request.body, "target.name")));
        put("pods", std::move(pod));
        return client::Response{};
    }
    Result<client::Response> erase(const std::string& resource, const std::string& key,
                                   Json object) {
        if (arrayAt(object, "metadata.finalizers").empty()) {
            remove(resource, key);
        } else {
            setPath(object, "metadata.deletionTimestamp", Json(formatTime(env_.now())));
            put(resource, std::move(object));
        }
        return client::Response{};
    }
    // Merge patch, and conditions by type: what the scheduler's patches need.
    static void merge(Json& into, const Json& patch) {
        for (const auto& member : patch.as_object()) {
            Json& target = into.as_object()[member.key()];
            if (member.key() == "conditions") {
                if (!target.is_array())
                    target = JsonArray();
                for (const Json& condition : member.value().as_array()) {
                    JsonArray& all = target.as_array();
                    const auto at =
                        std::find_if(all.begin(), all.end(), [&condition](const Json& one) {
                            return stringAt(one, "type") == stringAt(condition, "type");
                        });
                    if (at == all.end())
                        all.push_back(condition);
                    else
                        *at = condition;
                }
            } else if (member.value().is_object()) {
                if (!target.is_object())
                    target = JsonObject();
                merge(target, member.value());
            } else if (member.value().is_null()) {
                into.as_object().erase(member.key());
            } else {
                target = member.value();
            }
        }
    }

    Env& env_;
    client::UserInfo user_{"system:kube-scheduler", {}, "", {}};
    std::map<std::string, std::map<std::string, EncodedPtr>> objects_;
    std::vector<std::shared_ptr<Watcher>> watchers_;
    std::vector<std::pair<std::string, client::WatchEvent>> history_;
    std::int64_t revision_ = 1;
    int lastUid_ = 0;
};

} // namespace orrery::tests
