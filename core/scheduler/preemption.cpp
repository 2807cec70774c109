#include "core/scheduler/preemption.h"

#include <algorithm>
#include <limits>

#include "core/scheduler/messages.h"

namespace orrery::scheduler {
namespace {

constexpr int kCandidatesMin = 100;
constexpr int kCandidatesPercent = 10;

Time startOf(const api::Pod& pod) {
    return pod.startTime.value_or(Time::max());
}

// Whether `a` matters more than `b`: priority, then age.
bool mattersMore(const PodInfoPtr& a, const PodInfoPtr& b) {
    if (a->priority() != b->priority())
        return a->priority() > b->priority();
    if (startOf(*a->pod) != startOf(*b->pod))
        return startOf(*a->pod) < startOf(*b->pod);
    return a->key < b->key;
}

struct Removed {
    PodInfoPtr pod;
    bool assumed = false;
};

// Which of `pods` would break a PodDisruptionBudget when evicted in this order.
std::vector<bool> breaksBudget(const ClusterView& cluster, const std::vector<Removed>& pods) {
    std::map<std::string, std::vector<ClusterView::Budget>> budgets;
    std::vector<bool> breaks;
    for (const Removed& removed : pods) {
        const api::ObjectMeta& meta = removed.pod->pod->metadata;
        const auto [at, isNew] = budgets.try_emplace(meta.namespace_);
        if (isNew)
            at->second = cluster.budgets(meta.namespace_);
        bool broken = false;
        for (ClusterView::Budget& budget : at->second)
            if (!budget.selector.empty() && budget.selector.matches(meta.labels) &&
                budget.disruptedPods.count(meta.name) == 0 && --budget.disruptionsAllowed < 0)
                broken = true;
        breaks.push_back(broken);
    }
    return breaks;
}

// Takes all pods that matter less off one node, then puts back whom it can.
class DryRun {
  public:
    DryRun(Snapshot& snapshot, const PreemptionInput& input, int slot)
        : snapshot_(snapshot), input_(input), node_(snapshot.at(slot)->name), slot_(slot) {}

    // Null when `sacrifice` was filled.
    RejectionPtr run(Sacrifice& sacrifice) {
        static const RejectionPtr nobody =
            reject("DefaultPreemption", Rejection::Code::Unresolvable, std::string(kNoVictims));
        takeOff();
        if (removed_.empty())
            return nobody;
        if (RejectionPtr still = input_.rejectionOn(slot_)) {
            putBackAll();
            return still;
        }
        putBackWhomWeCan(sacrifice);
        sacrifice.slot = slot_;
        for (const Removed& victim : removed_)
            sacrifice.victims.push_back(victim.pod);
        putBackAll();
        std::sort(sacrifice.victims.begin(), sacrifice.victims.end(), mattersMore);
        return sacrifice.victims.empty() ? nobody : nullptr;
    }

  private:
    void takeOff() {
        for (const PodInfoPtr& pod : snapshot_.at(slot_)->pods)
            if (pod->priority() < input_.pod.priority())
                removed_.push_back({pod, snapshot_.placeOf(pod->key)->assumed});
        std::sort(removed_.begin(), removed_.end(),
                  [](const Removed& a, const Removed& b) { return mattersMore(a.pod, b.pod); });
        for (const Removed& one : removed_)
            snapshot_.removePod(one.pod->key);
    }

    // Pods whose eviction breaks a budget first; among equals the important ones first.
    void putBackWhomWeCan(Sacrifice& sacrifice) {
        const std::vector<bool> breaks = breaksBudget(input_.cluster, removed_);
        std::vector<Removed> victims;
        for (const bool pass : {true, false})
            for (std::size_t at = 0; at < removed_.size(); ++at) {
                if (breaks[at] != pass)
                    continue;
                const Removed& one = removed_[at];
                snapshot_.addPod(one.pod, node_, one.assumed);
                if (!input_.rejectionOn(slot_))
                    continue;
                snapshot_.removePod(one.pod->key);
                victims.push_back(one);
                sacrifice.budgetsViolated += pass ? 1 : 0;
            }
        removed_ = std::move(victims);
    }

    void putBackAll() {
        for (const Removed& one : removed_)
            snapshot_.addPod(one.pod, node_, one.assumed);
    }

    Snapshot& snapshot_;
    const PreemptionInput& input_;
    std::string node_;
    int slot_;
    std::vector<Removed> removed_;
};

std::int64_t prioritySum(const Sacrifice& one) {
    std::int64_t sum = 0; // shifted, so that fewer victims of negative priority still weigh less
    for (const PodInfoPtr& pod : one.victims)
        sum += std::int64_t{pod->priority()} + std::numeric_limits<int>::max() + 1LL;
    return sum;
}

// The earliest start among the victims of the highest priority.
Time topStart(const Sacrifice& one) {
    Time earliest = Time::max();
    for (const PodInfoPtr& pod : one.victims)
        if (pod->priority() == one.victims.front()->priority())
            earliest = std::min(earliest, startOf(*pod->pod));
    return earliest;
}

bool better(const Sacrifice& a, const Sacrifice& b) {
    if (a.budgetsViolated != b.budgetsViolated)
        return a.budgetsViolated < b.budgetsViolated;
    if (a.victims.front()->priority() != b.victims.front()->priority())
        return a.victims.front()->priority() < b.victims.front()->priority();
    if (prioritySum(a) != prioritySum(b))
        return prioritySum(a) < prioritySum(b);
    if (a.victims.size() != b.victims.size())
        return a.victims.size() < b.victims.size();
    return topStart(a) > topStart(b);
}

// Why this pod may not preempt now; "" when it may.
std::string ineligible(const Snapshot& snapshot, const PodInfo& pod,
                       const std::vector<int>& candidates) {
    if (pod.pod->preemptionPolicy == "Never")
        return "not eligible due to preemptionPolicy=Never.";
    const std::string* nominated = snapshot.nominationOf(pod.key);
    const NodeInfo* node = nominated ? snapshot.byName(*nominated) : nullptr;
    if (!node || std::find(candidates.begin(), candidates.end(), node->slot) == candidates.end())
        return "";
    for (const PodInfoPtr& other : node->pods) {
        const api::Condition* condition = findCondition(other->pod->conditions, "DisruptionTarget");
        if (other->priority() < pod.priority() && other->pod->metadata.deletionTimestamp &&
            condition && condition->status == "True" &&
            condition->reason == "PreemptionByScheduler")
            return "not eligible due to a terminating pod on the nominated node.";
    }
    return "";
}

} // namespace

const Sacrifice& bestSacrifice(const std::vector<Sacrifice>& all) {
    return *std::min_element(all.begin(), all.end(), better);
}

Preemption findPreemption(Snapshot& snapshot, Random& random, const PreemptionInput& input) {
    Preemption found;
    found.message = ineligible(snapshot, input.pod, input.candidates);
    if (!found.message.empty()) {
        found.tried = false;
        return found;
    }
    const std::size_t count = input.candidates.size();
    const std::size_t wanted = std::max<std::size_t>(count * kCandidatesPercent / 100,
                                                     static_cast<std::size_t>(kCandidatesMin));
    const std::size_t offset = count > 0 ? random.below(count) : 0;
    std::vector<Sacrifice> sacrifices;
    std::map<std::string, int> histogram;
    int told = 0;
    for (std::size_t at = 0; at < count && sacrifices.size() < wanted; ++at) {
        const int slot = input.candidates[(offset + at) % count];
        Sacrifice sacrifice;
        const RejectionPtr why = DryRun(snapshot, input, slot).run(sacrifice);
        if (!why) {
            sacrifices.push_back(std::move(sacrifice));
            continue;
        }
        ++told;
        for (const std::string& reason : why->reasons)
            ++histogram[reason];
    }
    if (sacrifices.empty()) {
        if (snapshot.nodeCount() > told)
            histogram[std::string(kNotHelpful)] = snapshot.nodeCount() - told;
        found.message = unschedulableMessage(snapshot.nodeCount(), histogram, "", "");
        return found;
    }
    const Sacrifice& best = bestSacrifice(sacrifices);
    found.node = snapshot.at(best.slot)->name;
    found.victims = best.victims;
    for (const PodInfoPtr& other : snapshot.nominatedOn(best.slot))
        if (other->priority() < input.pod.priority())
            found.outbid.push_back(other->key);
    return found;
}

} // namespace orrery::scheduler
