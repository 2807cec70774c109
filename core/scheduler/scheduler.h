// The loop "default-scheduler": finds a node for each pod that has none.
//
//   informers -> queue (active, backoff, unschedulable, gated) -> scheduling cycle -> assume ->
//   bind
//
// A pod is assumed on its node at once and bound in the background, so the next pod's turn does not
// wait. Work is done in slices of a few milliseconds, so that the plane stays responsive. Plane
// thread only.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/client/client.h"
#include "core/client/informer.h"
#include "core/runtime/env.h"
#include "core/runtime/loop.h"
#include "core/scheduler/placement.h"

namespace orrery::scheduler {

class Scheduler final : public Loop {
  public:
    // Registers with the informers it needs (InformerFactory::start() starts them) and with
    // `board`. The client is system:kube-scheduler's. All four outlive the scheduler; so do the
    // informers' handlers, which do nothing once the scheduler is gone. Scheduling begins when
    // nodes and pods are synced.
    Scheduler(Env& env, client::Client& client, client::InformerFactory& informers,
              LoopBoard& board);
    ~Scheduler() override;
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    std::string name() const override; // "default-scheduler"
    bool paused() const override;
    void pause() override;
    void resume() override;
    void step() override;
    int queueLength() const override; // pods whose turn comes (active and backoff)
    std::int64_t steps() const override;
    const std::deque<LoopStep>& recent() const override;
    std::vector<std::string> queued(int limit) const override;

    // The last verdict on a pod ("namespace/name"), or null. Valid until the next task of the
    // plane.
    const Placement* placementOf(const std::string& podKey) const;
    // The pods without a node, oldest first, at most `limit`.
    std::vector<WaitingPod> waiting(int limit = 1000) const;
    int waitingCount() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
    LoopBoard& board_;
};

} // namespace orrery::scheduler
