// A node's kubelet: registers the node, keeps its lease and status, and runs its pods, one worker
// each. It is a control loop like any other: its queue holds the pods that something woke. Plane
// thread only.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "core/runtime/loop.h"
#include "vmnodes/kubelet/node_status.h"
#include "vmnodes/kubelet/pod_worker.h"

namespace orrery::kubelet {

struct KubeletOptions {
    NodeFacts facts;
    bool registerNode = true; // make the Node; false: somebody else made it
    bool ownsCapacity = true; // report capacity; false: the Node's author wrote it
    bool recordEvents = true;
    bool keepsPodIP = false; // an address that somebody else gave a pod stays (kwok's nodes)
    bool reportStop = true;  // write the ended containers' states before a pod goes
    // The node's spec.podCIDR became known: the runtime's addresses come from it. No pod starts
    // before.
    std::function<void(const std::string& cidr)> onPodCIDR;
};

class Kubelet final : public Loop {
  public:
    Kubelet(Env& env, client::Client& client, cri::Runtime& runtime, LoopBoard& board,
            KubeletOptions options);
    ~Kubelet() override;
    Kubelet(const Kubelet&) = delete;
    Kubelet& operator=(const Kubelet&) = delete;

    // Registers the node and starts its heartbeats.
    void start();
    // The node's own object, whenever it changes.
    void onNode(const client::Cached<api::Node>& node);
    // A pod of this node, whenever it changes; and when the API no longer has it.
    void onPod(const client::Cached<api::Pod>& pod);
    void onPodGone(const std::string& key);

    const PodWorker* worker(const std::string& key) const;

    std::string name() const override { return "kubelet/" + options_.facts.nodeName; }
    bool paused() const override { return paused_; }
    void pause() override;
    void resume() override;
    void step() override;
    int queueLength() const override { return static_cast<int>(queue_.size()); }
    std::int64_t steps() const override { return steps_; }
    const std::deque<LoopStep>& recent() const override { return recent_; }
    std::vector<std::string> queued(int limit) const override;

  private:
    void enqueue(const std::string& key);
    void scheduleDrain();
    void drain(std::size_t most);
    void syncFirst();
    void registerNode();
    void reportNode();
    void renewLease();
    void writeLease(const char* verb);
    client::Request request(const char* verb, const std::string& group, const std::string& resource,
                            const std::string& namespace_, std::string because);
    template <typename F> auto guarded(F callback) {
        return [alive = std::weak_ptr<bool>(alive_),
                callback = std::move(callback)](auto... arguments) {
            if (!alive.expired())
                callback(std::move(arguments)...);
        };
    }

    Env& env_;
    client::Client& client_;
    cri::Runtime& runtime_;
    LoopBoard& board_;
    KubeletOptions options_;
    client::EventRecorder events_;
    NodeContext context_;
    std::shared_ptr<const api::Node> node_;
    std::map<std::string, std::unique_ptr<PodWorker>> workers_;
    std::deque<std::string> queue_;
    std::set<std::string> queuedKeys_;
    std::vector<std::string> dirty_; // whose status may have changed
    std::set<std::string> dirtyKeys_;
    bool drainPosted_ = false, paused_ = false, leaseMade_ = false, networkReady_ = false;
    std::int64_t steps_ = 0;
    std::deque<LoopStep> recent_;
    TimerId leaseTimer_ = 0, statusTimer_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace orrery::kubelet
