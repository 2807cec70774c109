// The simulated nodes of this process: the real kubelet code on a fake container runtime.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/client/client.h"
#include "core/client/informer.h"
#include "core/runtime/env.h"
#include "core/runtime/loop.h"

namespace orrery::fleet {

struct FleetOptions {
    bool instant = false; // --instant: containers start, become ready and finish at once
};

// A node to make: its name ("": the next free one, w1, w2, ...) and its size, as quantities.
struct NodeSize {
    std::string name, cpu = "4", memory = "8Gi", pods = "110";
};

struct LogOptions {
    std::string nodeName, namespace_, pod, container;
    bool follow = false, previous = false, timestamps = false;
    std::optional<std::int64_t> tailLines, sinceSeconds, limitBytes;
    std::optional<Time> sinceTime;
};

// Stops the stream when destroyed.
class LogFollower {
  public:
    virtual ~LogFollower() = default;
};

// Plane thread only. Nodes made here carry the annotation orrery.dev/simulated; a Node that
// somebody else makes with kwok.x-k8s.io/node: fake is adopted (instant, with the capacity that its
// author wrote).
class SimulatedFleet {
  public:
    // `clientFor` gives the client of a node's user system:node:NAME. Everything outlives the
    // fleet.
    SimulatedFleet(
        Env& env,
        std::function<std::unique_ptr<client::Client>(const std::string& nodeName)> clientFor,
        client::InformerFactory& informers, LoopBoard& loops, FleetOptions options);
    ~SimulatedFleet();
    SimulatedFleet(const SimulatedFleet&) = delete;
    SimulatedFleet& operator=(const SimulatedFleet&) = delete;

    // Looks after the simulated Nodes that exist (from an earlier run), and makes new ones until
    // there are `count` of its own: w1, w2, ... Call once the informers are started.
    void ensureNodes(int count);
    // Makes one more node; returns its name. A name that is taken gets its kubelet, if it has none.
    std::string addNode(const NodeSize& size = {});
    // Pulls the plug: the kubelet stops without a word; its Node stays. False when there is no such
    // node.
    bool killNode(const std::string& nodeName);
    // Starts it again.
    bool startNode(const std::string& nodeName);
    bool hasNode(const std::string& nodeName) const;
    std::vector<std::string> nodeNames() const;

    // onBytes: zero or more times; onEnd once, with an error's sentence or "".
    Result<std::unique_ptr<LogFollower>> podLogs(LogOptions options,
                                                 std::function<void(std::string)> onBytes,
                                                 std::function<void(std::string)> onEnd);
    // Stops all kubelets.
    void stop();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace orrery::fleet
