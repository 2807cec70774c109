// What stands behind the API server's public face, shared by the parts of the pipeline.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/apiserver/call.h"
#include "core/apiserver/custom_kinds.h"
#include "core/apiserver/deadlines.h"
#include "core/apiserver/documents.h"
#include "core/apiserver/event_expiry.h"
#include "core/apiserver/forms.h"
#include "core/apiserver/metrics.h"
#include "core/apiserver/pod_index.h"
#include "core/apiserver/server.h"
#include "core/apiserver/service_allocator.h"
#include "core/apiserver/watch_hub.h"

namespace orrery::apiserver {

class HttpServer;
class WatchStream;
class LogAnswer;

struct ServerCore final : admission::Lookup {
    ServerCore(Env& env_, store::Store& store_, api::KindRegistry& kinds_, ServerOptions options_);
    ~ServerCore() override;

    // --- admission::Lookup: the newest state, straight from the store
    EncodedPtr get(const api::GroupResource& resource, const std::string& namespace_,
                   const std::string& name) const override;
    std::vector<EncodedPtr> list(const api::GroupResource& resource,
                                 const std::string& namespace_) const override;

    // The kind in the version that is stored; `kind` itself for most.
    const api::KindDef* storageOf(const api::KindDef& kind) const;
    // The stored kind of a resource, or nullptr.
    const api::KindDef* storedKind(const api::GroupResource& resource) const;
    void emit(Station station, std::string key, std::string uid, std::string note,
              Revision revision = 0);

    Env& env;
    store::Store& store;
    api::KindRegistry& kinds;
    ServerOptions options;
    auth::Authenticator* authenticator = nullptr;
    auth::Authorizer* authorizer = nullptr;
    NodeBackend* nodes = nullptr;
    const pki::ServiceAccountTokens* tokens = nullptr;

    CustomKinds customKinds;
    WatchHub watches;
    PodIndex pods;
    ServiceAllocator services;
    EventExpiry events;
    Deadlines deadlines;
    Metrics metrics;
    Forms forms;
    std::vector<std::function<void(MetricsText&)>> metricSources; // further families
    std::map<std::string, NonResourceHandler> paths;
    std::vector<std::pair<std::string, std::function<std::string()>>> healthChecks;
    Documents documents;
    std::map<WatchStream*, std::unique_ptr<WatchStream>>
        streams;                                           // open HTTP watches; no order matters
    std::map<LogAnswer*, std::unique_ptr<LogAnswer>> logs; // open logs
    int readOnlyInFlight = 0, mutatingInFlight = 0;
    TimerId bookmarkTimer = 0;
    bool stopping = false;
    std::shared_ptr<bool> alive = std::make_shared<bool>(true);
    std::unique_ptr<HttpServer> http; // last: its threads end first
};

} // namespace orrery::apiserver
