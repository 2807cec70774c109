// A client inside the process: its requests enter the pipeline as trees, and its watches come
// straight from the hub.
#pragma once
#include "core/apiserver/server_core.h"
#include "core/client/client.h"

namespace orrery::apiserver {

class InProcessClient final : public client::Client {
  public:
    InProcessClient(ServerCore& core, client::UserInfo user, bool trusted);
    void send(client::Request request, client::OnResponse done) override;
    std::unique_ptr<client::WatchHandle>
    watch(client::WatchRequest request,
          std::function<void(std::span<const client::WatchEvent>)> onEvents,
          std::function<void(Error)> onClosed) override;
    const client::UserInfo& user() const override { return user_; }

  private:
    Call callFor(std::string verb, const client::ResourcePath& path) const;

    ServerCore& core_;
    std::shared_ptr<bool> alive_;
    client::UserInfo user_;
    std::string userAgent_;
    bool trusted_;
};

} // namespace orrery::apiserver
