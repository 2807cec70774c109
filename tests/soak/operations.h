// What a careless person does to a cluster, chosen by a seed.
#pragma once
#include <deque>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/support/sim_world.h"

namespace orrery::tests {

class Operations {
  public:
    Operations(SimWorld& world, std::uint64_t seed) : world_(world), random_(seed) {}

    // One random operation. Refusals that a person may meet are fine; others are told by
    // unexpected().
    void one();
    // Lets the cluster come to rest: loops run again, nodes are schedulable enough.
    void resumeLoops();
    // The newest operations, oldest first.
    const std::deque<std::string>& log() const { return log_; }
    const std::vector<std::string>& unexpected() const { return unexpected_; }
    // Nodes whose kubelet was killed and not started again.
    const std::set<std::string>& deadNodes() const { return dead_; }
    std::int64_t done() const { return done_; }
    std::uint64_t below(std::uint64_t bound) {
        return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(random_);
    }
    std::int64_t number(std::uint64_t bound) { return static_cast<std::int64_t>(below(bound)); }
    Duration upTo(Duration most) {
        return Duration(static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most.count()))));
    }

  private:
    void say(std::string what);
    void send(const std::string& what, std::string verb, client::ResourcePath path,
              std::optional<Json> body = {}, client::PatchType patchType = client::PatchType::None);
    // A random object of a kind; null when there is none.
    EncodedPtr pick(const char* kind, const std::string& namespace_ = "");
    client::ResourcePath pathOf(const char* kind, const Json& object) const;
    std::string someNamespace();
    Json podSpec(bool job);
    JsonObject templateAnnotations(bool job);

    void createDeployment();
    void scaleDeployment();
    void changeTemplate();
    void createJob();
    void createPod();
    void createService();
    void deleteSome(const char* kind);
    void evictPod();
    void relabelPod();
    void killOrStartNode();
    void deleteOrAddNode();
    void cordonNode();
    void taintNode();
    void pauseOrStepLoop();
    void namespaceComesOrGoes();
    void jump();

    SimWorld& world_;
    std::mt19937_64 random_;
    std::deque<std::string> log_;
    std::vector<std::string> unexpected_;
    std::set<std::string> dead_;
    std::int64_t done_ = 0, named_ = 0;
};

} // namespace orrery::tests
