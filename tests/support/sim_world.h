// A whole cluster on the simulated world: one seed, one history. For scenarios, the journey and the
// soak.
//
//     SimWorld world({.seed = 7, .nodes = 2});
//     world.apply("web.yaml", text);
//     world.settle();
//     world.list("pods", "default");
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/cluster/cluster.h"
#include "core/cluster/station_log.h"
#include "core/runtime/sim/sim_env.h"
#include "vmnodes/fleet/simulated_fleet.h"

namespace orrery::tests {

class SimWorld {
  public:
    struct Options {
        std::uint64_t seed = 1;
        int nodes = 0; // w1, w2, ...; more with addNode()
        bool instant = false;
        bool keepHistory = true; // false: history() stays empty, onEvent is told nevertheless
    };
    // Runs until the API server answers and the nodes are Ready.
    explicit SimWorld(Options options);
    ~SimWorld();
    SimWorld(const SimWorld&) = delete;
    SimWorld& operator=(const SimWorld&) = delete;

    Env& env() { return env_.env(); }
    SimEnv& sim() { return env_; }
    cluster::Cluster& cluster() { return *cluster_; }
    const cluster::StationLog& stations() const { return stations_; }

    // Sends it as kubernetes-admin and runs what is due until the answer is there.
    Result<client::Response> send(client::Request request);
    Result<client::Response> send(std::string verb, client::ResourcePath path,
                                  std::optional<Json> body = {},
                                  client::PatchType patchType = client::PatchType::None);
    // Through the HTTP face of the server, as kubernetes-admin with a certificate. Errors: the
    // answer's code is no 2xx.
    Result<Json> get(const std::string& target) { return http("GET", target, {}); }
    Result<Json> post(const std::string& target, Json body) {
        return http("POST", target, std::move(body));
    }
    // "pods", "deploy": what a person writes.
    const api::KindDef* kind(const std::string& userName) {
        return cluster_->kinds().byUserName(userName);
    }
    client::ResourcePath path(const api::KindDef& kind, const std::string& namespace_,
                              const std::string& name) const;
    // What is stored; `namespace_` "": of all.
    std::vector<EncodedPtr> list(const api::KindDef& kind, const std::string& namespace_ = "");
    EncodedPtr find(const api::KindDef& kind, const std::string& namespace_,
                    const std::string& name);
    // One line for each document that failed, or for the text as a whole.
    std::vector<std::string> apply(const std::string& file, const std::string& text);

    void advance(Duration span) { env_.advance(span); }
    // Runs until nothing but heartbeats and Events was written for `quiet`; false when that takes
    // longer than `most`.
    bool settle(Duration quiet = std::chrono::seconds(5), Duration most = std::chrono::minutes(30));
    Time startedAt() const { return startedAt_; }

    // Every write since the beginning; history()[i] made revision i + 1 ... in order.
    const std::vector<store::EventPtr>& history() const { return history_; }
    // Each write as one text: revision, time, key, bytes and cause.
    std::string dumpHistory() const;
    std::function<void(const store::Event&)> onEvent;

  private:
    Result<Json> http(std::string method, const std::string& target, std::optional<Json> body);
    void record(const store::EventPtr& event);

    cluster::StationLog stations_;
    SimEnv env_;
    Options options_;
    std::unique_ptr<cluster::Cluster> cluster_;
    std::unique_ptr<store::Watch> watch_;
    std::vector<store::EventPtr> history_;
    Time startedAt_{}, lastWrite_{};
};

// Is it a write that happens though nothing happens: a lease, a node's report, an Event?
bool isHeartbeat(const store::Event& event);
const std::string& keyOf(const store::Event& event);

} // namespace orrery::tests
