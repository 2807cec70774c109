// The one place that names every concrete class: a whole cluster in one object.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/api/kind.h"
#include "core/client/client.h"
#include "core/runtime/env.h"
#include "core/runtime/loop.h"
#include "core/store/store.h"

namespace orrery::scheduler {
class Scheduler;
}
namespace orrery::fleet {
class SimulatedFleet;
}
namespace orrery::apiserver {
class ApiServer;
}
namespace orrery::client {
class InformerFactory;
}

namespace orrery::cluster {

class StationLog;

struct ClusterOptions {
    std::string dataDir; // "": keeps nothing (tests, simulated world)
    bool serve = true;   // open the TLS port; false: in-process clients only
    std::string listenHost = "127.0.0.1";
    int listenPort = 6443;        // 0: a free one
    std::string kubeconfigPath;   // "": none is written
    bool mergeKubeconfig = false; // add context "orrery" to that file instead of replacing it
    int simulatedNodes = 3;
    bool instant = false;
    // What `env.trace` keeps of pods' journeys: served at /orrery/v1/stations. Null: there is no
    // such path.
    const StationLog* stations = nullptr;
};

// What applyManifests did with one document.
struct Applied {
    enum class What : std::uint8_t { Created, Configured, Unchanged, Failed };
    What what;
    std::string file;
    int line = 0; // where its document begins, from 1
    std::string kind, namespace_, name;
    std::string message; // of a failure
};

// Plane thread, except where said.
class Cluster {
  public:
    // Starts everything and calls `ready` when the API server answers and the bootstrap objects are
    // there, or with what went wrong then. Errors leave nothing changed and say what to do. `env`
    // outlives the cluster.
    static Result<std::unique_ptr<Cluster>> start(Env& env, ClusterOptions options,
                                                  std::function<void(Result<void>)> ready);
    virtual ~Cluster() = default;

    virtual client::Client& client() = 0; // kubernetes-admin's
    virtual apiserver::ApiServer& server() = 0;
    virtual store::Store& store() = 0;
    virtual api::KindRegistry& kinds() = 0;
    virtual LoopBoard& loops() = 0;
    virtual client::InformerFactory& informers() = 0; // the caches that all loops share
    virtual scheduler::Scheduler& scheduler() = 0;
    virtual fleet::SimulatedFleet& fleet() = 0;
    virtual std::string serverUrl() const = 0; // "https://127.0.0.1:6443"; "" without a port
    virtual std::string kubeconfigPath() const = 0;

    // Applies YAML or JSON manifests. A text that does not parse, or names unknown kinds, applies
    // nothing: the Error says file, line and reason. Otherwise one row a document.
    virtual void applyManifests(std::string file, std::string text,
                                std::function<void(Result<std::vector<Applied>>)> done) = 0;
    // Refuses new requests, ends watches, writes what is pending, then calls `done`.
    virtual void stop(std::function<void()> done) = 0;
};

} // namespace orrery::cluster
