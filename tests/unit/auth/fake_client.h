// A client that answers lists and watches from memory, for what reads through informers.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "core/client/client.h"

namespace orrery::tests {

class FakeClient final : public client::Client {
  public:
    // Puts an object of a resource ("roles") and tells its watchers.
    void put(const std::string& resource, Json object) {
        setPath(object, "metadata.resourceVersion", Json(std::to_string(++revision_)));
        const std::string key = keyOf(object);
        auto& slot = objects_[resource][key];
        const auto type =
            slot ? client::WatchEvent::Type::Modified : client::WatchEvent::Type::Added;
        slot = std::make_shared<Encoded>(std::move(object));
        tell(resource, {type, slot, revision_});
    }
    void remove(const std::string& resource, const std::string& key) {
        EncodedPtr gone = objects_[resource][key];
        objects_[resource].erase(key);
        Json last = gone->tree();
        setPath(last, "metadata.resourceVersion", Json(std::to_string(++revision_)));
        tell(resource, {client::WatchEvent::Type::Deleted,
                        std::make_shared<Encoded>(std::move(last)), revision_});
    }
    EncodedPtr get(const std::string& resource, const std::string& key) const {
        const auto of = objects_.find(resource);
        if (of == objects_.end())
            return nullptr;
        const auto at = of->second.find(key);
        return at == of->second.end() ? nullptr : at->second;
    }

    void send(client::Request request, client::OnResponse done) override {
        client::Response response;
        response.resourceVersion = revision_;
        for (const auto& [key, object] : objects_[request.path.resource])
            response.items.push_back(object);
        done(std::move(response));
    }
    std::unique_ptr<client::WatchHandle>
    watch(client::WatchRequest request, std::function<void(std::span<const client::WatchEvent>)> on,
          std::function<void(Error)>) override {
        watchers_[request.path.resource].push_back(std::move(on));
        return std::make_unique<client::WatchHandle>();
    }
    const client::UserInfo& user() const override { return user_; }

  private:
    static std::string keyOf(const Json& object) {
        const std::string namespace_(stringAt(object, "metadata.namespace"));
        return (namespace_.empty() ? "" : namespace_ + "/") +
               std::string(stringAt(object, "metadata.name"));
    }
    void tell(const std::string& resource, client::WatchEvent event) {
        for (auto& watcher : watchers_[resource])
            watcher(std::span<const client::WatchEvent>(&event, 1));
    }
    std::map<std::string, std::map<std::string, EncodedPtr>> objects_;
    std::map<std::string, std::vector<std::function<void(std::span<const client::WatchEvent>)>>>
        watchers_;
    std::int64_t revision_ = 0;
    client::UserInfo user_;
};

} // namespace orrery::tests
