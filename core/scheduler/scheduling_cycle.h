// The scheduling cycle: one pod's turn, from the queue's head to a chosen node or a reason.
#pragma once
#include <array>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/runtime/env.h"
#include "core/scheduler/placement.h"
#include "core/scheduler/plugin.h"
#include "core/scheduler/preemption.h"

namespace orrery::scheduler {

struct CycleResult {
    Placement placement; // queue facts (attempt, times, what woke it) are the caller's to fill in
    std::uint32_t rejectedBy = 0;    // bit i: allPlugins()[i] rejected some node
    bool noNodes = false;            // the cluster has no node at all
    std::vector<PodInfoPtr> victims; // to evict so that the pod fits `placement.nominatedNode`
    std::vector<std::string> outbid; // pods that lose their nomination
    bool preempted = false; // whether preemption was tried: nominatedNode is then its answer
};

class SchedulingCycle {
  public:
    // All outlive the cycle. `snapshot` is changed: a pod that gets a node is assumed there.
    SchedulingCycle(Snapshot& snapshot, const ClusterView& cluster, Random& random)
        : snapshot_(snapshot), cluster_(cluster), random_(random) {}

    CycleResult run(const PodInfoPtr& pod);

  private:
    static constexpr std::size_t kLocalScoresMax = 6;
    static constexpr std::size_t kShapesMax = 64;
    // What all local plugins said of one node, until it changes.
    struct Answer {
        std::uint64_t generation = 0;
        RejectionPtr rejection;
        std::array<std::int64_t, kLocalScoresMax> raw{};
    };
    struct Shape {
        std::string text;
        std::vector<Answer> bySlot;
    };
    struct Turn;

    void preFilter(Turn& turn);
    void filter(Turn& turn);
    void postFilter(Turn& turn, CycleResult& result);
    void preScore(Turn& turn);
    void score(Turn& turn);
    void normalize(Turn& turn);
    int select(Turn& turn);
    void reserve(const PodInfoPtr& pod, int slot);

    void examine(Turn& turn, int slot);
    void rejectAll(Turn& turn, RejectionPtr why);
    Shape& shapeFor(const std::string& text);
    const Answer& answerFor(Turn& turn, const NodeInfo& node);
    RejectionPtr rejectionOn(Turn& turn, const NodeInfo& node);
    RejectionPtr rejectionAfresh(const PodInfo& pod, int slot);
    RejectionPtr rejectionWithNominated(Turn& turn, int slot);
    Placement describe(Turn& turn, int winner) const;
    void describeFeasible(Turn& turn, int winner, Placement& placement) const;
    void describeRejected(Turn& turn, Placement& placement) const;

    Snapshot& snapshot_;
    const ClusterView& cluster_;
    Random& random_;
    int nextStart_ = 0; // the slot where the next search begins, so that all nodes get their share
    std::list<Shape> shapes_; // newest first
    std::unordered_map<std::string, std::list<Shape>::iterator> shapeAt_;
};

// How many feasible nodes are enough to choose from, in a cluster of `nodes`.
int feasibleNodesToFind(int nodes);

} // namespace orrery::scheduler
