#include "core/scheduler/scheduling_cycle.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/scheduler/messages.h"

namespace orrery::scheduler {

struct SchedulingCycle::Turn {
    explicit Turn(Cycle of) : cycle(of) {}
    Cycle cycle;
    Shape* shape = nullptr;
    std::vector<State> states = std::vector<State>(allPlugins().size());
    std::vector<int> localFilters, globalFilters, scorers; // positions in allPlugins()
    RejectionPtr preFilterRejection;
    std::optional<std::set<std::string>> nodeNames; // only these can pass
    std::vector<std::string> namedBy;               // the plugins that said so

    std::vector<int> feasible;
    std::vector<std::pair<int, RejectionPtr>> rejected;     // in the order of examination
    std::vector<std::vector<std::int64_t>> raw, normalized; // by scorer, then by feasible node
    std::vector<std::int64_t> totals;

    const PodInfo& pod() const { return cycle.pod; }
};

// The spine: Kubernetes' extension points in their order. What comes after reserve (permit,
// preBind, bind, postBind) waits for the API server and is in binder.cpp.
CycleResult SchedulingCycle::run(const PodInfoPtr& pod) {
    CycleResult result;
    Turn turn({*pod, snapshot_, cluster_});
    turn.shape = &shapeFor(pod->shape);
    if (snapshot_.nodeCount() == 0) {
        result.noNodes = true;
        result.placement.message = kNoNodesMessage;
        return result;
    }
    preFilter(turn);
    filter(turn);
    if (turn.feasible.empty()) {
        result.placement = describe(turn, -1);
        postFilter(turn, result);
        return result;
    }
    preScore(turn);
    score(turn);
    normalize(turn);
    const int winner = select(turn);
    result.placement = describe(turn, winner);
    reserve(pod, turn.feasible[static_cast<std::size_t>(winner)]);
    return result;
}

int feasibleNodesToFind(int nodes) {
    constexpr int kNodesMin = 100, kPercentMin = 5;
    if (nodes < kNodesMin)
        return nodes;
    const int percent = std::max(50 - nodes / 125, kPercentMin);
    return std::max(nodes * percent / 100, kNodesMin);
}

void SchedulingCycle::preFilter(Turn& turn) {
    const std::vector<PluginDef>& plugins = allPlugins();
    for (std::size_t at = 0; at < plugins.size(); ++at) {
        const PluginDef& def = plugins[at];
        PreFilterResult answer;
        if (def.preFilter)
            answer = def.preFilter(turn.cycle, turn.states[at]);
        if (answer.kind == PreFilterResult::Kind::Reject) {
            turn.preFilterRejection = std::move(answer.rejection);
            return;
        }
        if (answer.nodeNames) {
            turn.nodeNames = std::move(answer.nodeNames);
            turn.namedBy.emplace_back(def.name);
        }
        if (def.filter && answer.kind == PreFilterResult::Kind::Filter)
            (def.local ? turn.localFilters : turn.globalFilters).push_back(static_cast<int>(at));
    }
}

void SchedulingCycle::filter(Turn& turn) {
    if (turn.preFilterRejection) {
        rejectAll(turn, turn.preFilterRejection);
        return;
    }
    if (const std::string* nominated = snapshot_.nominationOf(turn.pod().key))
        if (const NodeInfo* node = snapshot_.byName(*nominated)) {
            examine(turn, node->slot);
            if (!turn.feasible.empty())
                return; // the room that preemption made
            turn.rejected.clear();
        }
    if (turn.nodeNames) {
        for (const std::string& name : *turn.nodeNames)
            if (const NodeInfo* node = snapshot_.byName(name))
                examine(turn, node->slot);
        return;
    }
    const int slots = snapshot_.slotCount();
    const std::size_t wanted = static_cast<std::size_t>(feasibleNodesToFind(snapshot_.nodeCount()));
    int slot = nextStart_ % slots;
    for (int seen = 0; seen < slots && turn.feasible.size() < wanted; ++seen) {
        if (snapshot_.at(slot))
            examine(turn, slot);
        slot = slot + 1 == slots ? 0 : slot + 1;
    }
    nextStart_ = slot;
}

void SchedulingCycle::examine(Turn& turn, int slot) {
    RejectionPtr why = snapshot_.anyNominated() ? rejectionWithNominated(turn, slot)
                                                : rejectionOn(turn, *snapshot_.at(slot));
    if (why)
        turn.rejected.emplace_back(slot, std::move(why));
    else
        turn.feasible.push_back(slot);
}

void SchedulingCycle::rejectAll(Turn& turn, RejectionPtr why) {
    for (int slot = 0; slot < snapshot_.slotCount(); ++slot)
        if (snapshot_.at(slot))
            turn.rejected.emplace_back(slot, why);
}

SchedulingCycle::Shape& SchedulingCycle::shapeFor(const std::string& text) {
    if (const auto at = shapeAt_.find(text); at != shapeAt_.end()) {
        shapes_.splice(shapes_.begin(), shapes_, at->second);
    } else {
        shapes_.push_front(Shape{text, {}});
        shapeAt_[text] = shapes_.begin();
        if (shapes_.size() > kShapesMax) {
            shapeAt_.erase(shapes_.back().text);
            shapes_.pop_back();
        }
    }
    shapes_.front().bySlot.resize(static_cast<std::size_t>(snapshot_.slotCount()));
    return shapes_.front();
}

// All local plugins on one node, or what they said last time if nothing has changed since.
const SchedulingCycle::Answer& SchedulingCycle::answerFor(Turn& turn, const NodeInfo& node) {
    Answer& answer = turn.shape->bySlot[static_cast<std::size_t>(node.slot)];
    const std::uint64_t generation = snapshot_.generation(node.slot);
    if (answer.generation == generation)
        return answer;
    answer = Answer{};
    answer.generation = generation;
    const std::vector<PluginDef>& plugins = allPlugins();
    for (const int at : turn.localFilters) {
        const std::size_t index = static_cast<std::size_t>(at);
        answer.rejection = plugins[index].filter(turn.cycle, node, turn.states[index].get());
        if (answer.rejection)
            return answer;
    }
    std::size_t place = 0;
    for (const PluginDef& def : plugins)
        if (def.local && def.score) {
            ORRERY_ASSERT(place < kLocalScoresMax);
            answer.raw[place++] = def.score(turn.cycle, node, nullptr);
        }
    return answer;
}

RejectionPtr SchedulingCycle::rejectionOn(Turn& turn, const NodeInfo& node) {
    if (const Answer& answer = answerFor(turn, node); answer.rejection)
        return answer.rejection;
    for (const int at : turn.globalFilters) {
        const std::size_t index = static_cast<std::size_t>(at);
        if (RejectionPtr why =
                allPlugins()[index].filter(turn.cycle, node, turn.states[index].get()))
            return why;
    }
    return nullptr;
}

// As the snapshot is this very moment: everything is asked again.
RejectionPtr SchedulingCycle::rejectionAfresh(const PodInfo& pod, int slot) {
    const Cycle cycle{pod, snapshot_, cluster_};
    const NodeInfo* node = snapshot_.at(slot);
    for (const PluginDef& def : allPlugins()) {
        if (!def.filter)
            continue;
        State state;
        PreFilterResult answer;
        if (def.preFilter)
            answer = def.preFilter(cycle, state);
        if (answer.kind == PreFilterResult::Kind::Reject)
            return answer.rejection;
        if (answer.kind == PreFilterResult::Kind::Skip)
            continue;
        if (RejectionPtr why = def.filter(cycle, *node, state.get()))
            return why;
    }
    return nullptr;
}

// A node with room promised to pods that matter as much or more must fit with them there, and
// without them.
RejectionPtr SchedulingCycle::rejectionWithNominated(Turn& turn, int slot) {
    std::vector<PodInfoPtr> promised;
    for (const PodInfoPtr& other : snapshot_.nominatedOn(slot))
        if (other->priority() >= turn.pod().priority() && other->key != turn.pod().key &&
            !snapshot_.placeOf(other->key))
            promised.push_back(other);
    if (!promised.empty()) {
        const std::string name = snapshot_.at(slot)->name;
        for (const PodInfoPtr& other : promised)
            snapshot_.addPod(other, name, true);
        RejectionPtr why = rejectionAfresh(turn.pod(), slot);
        for (const PodInfoPtr& other : promised)
            snapshot_.removePod(other->key);
        if (why)
            return why;
    }
    return rejectionOn(turn, *snapshot_.at(slot));
}

static std::uint32_t pluginBit(std::string_view name) {
    const int index = pluginIndex(name);
    return index < 0 ? 0 : 1U << index;
}

// No node fits: say why, and look whether evicting pods would help.
void SchedulingCycle::postFilter(Turn& turn, CycleResult& result) {
    Placement& placement = result.placement;
    bool failed = false;
    PreemptionInput input{turn.pod(), cluster_, {}, [this, &turn](int slot) {
                              return rejectionAfresh(turn.pod(), slot);
                          }};
    for (const auto& [slot, why] : turn.rejected) {
        result.rejectedBy |= pluginBit(why->plugin);
        failed = failed || why->code == Rejection::Code::Error;
        if (why->code == Rejection::Code::Unschedulable)
            input.candidates.push_back(slot);
    }
    for (const std::string& name : turn.namedBy)
        result.rejectedBy |= pluginBit(name);
    if (failed) {
        placement.outcome = Placement::Outcome::Failed;
        placement.message = turn.rejected.front().second->reasons.front();
        return;
    }
    if (turn.preFilterRejection) {
        // The plugins that come after the one that rejected have not looked at the pod; the first
        // of them to be asked for a way out finds nothing of its own.
        placement.message = unschedulableMessage(
            snapshot_.nodeCount(), {}, turn.preFilterRejection->reasons.front(), "not found");
        return;
    }
    Preemption preemption = findPreemption(snapshot_, random_, input);
    std::string way;
    if (preemption.node.empty())
        way = "no new claims to deallocate, preemption: " + preemption.message;
    placement.message = unschedulableMessage(snapshot_.nodeCount(), placement.histogram, "", way);
    placement.nominatedNode = preemption.node;
    for (const PodInfoPtr& victim : preemption.victims)
        placement.victims.push_back(victim->key);
    result.preempted = preemption.tried;
    result.victims = std::move(preemption.victims);
    result.outbid = std::move(preemption.outbid);
}

void SchedulingCycle::preScore(Turn& turn) {
    if (turn.feasible.size() == 1)
        return; // nothing to compare
    const std::vector<PluginDef>& plugins = allPlugins();
    for (std::size_t at = 0; at < plugins.size(); ++at)
        if (plugins[at].score && (!plugins[at].preScore ||
                                  plugins[at].preScore(turn.cycle, turn.feasible, turn.states[at])))
            turn.scorers.push_back(static_cast<int>(at));
}

void SchedulingCycle::score(Turn& turn) {
    const std::vector<PluginDef>& plugins = allPlugins();
    std::vector<int> placeOf(plugins.size(), -1); // in Answer::raw
    int place = 0;
    for (std::size_t at = 0; at < plugins.size(); ++at)
        if (plugins[at].local && plugins[at].score)
            placeOf[at] = place++;
    for (const int scorer : turn.scorers) {
        const std::size_t index = static_cast<std::size_t>(scorer);
        std::vector<std::int64_t>& scores = turn.raw.emplace_back();
        scores.reserve(turn.feasible.size());
        for (const int slot : turn.feasible)
            scores.push_back(placeOf[index] >= 0
                                 ? answerFor(turn, *snapshot_.at(slot))
                                       .raw[static_cast<std::size_t>(placeOf[index])]
                                 : plugins[index].score(turn.cycle, *snapshot_.at(slot),
                                                        turn.states[index].get()));
    }
}

void SchedulingCycle::normalize(Turn& turn) {
    turn.normalized = turn.raw;
    turn.totals.assign(turn.feasible.size(), 0);
    for (std::size_t at = 0; at < turn.scorers.size(); ++at) {
        const std::size_t index = static_cast<std::size_t>(turn.scorers[at]);
        const PluginDef& def = allPlugins()[index];
        if (def.normalize)
            def.normalize(turn.normalized[at], turn.states[index].get());
        for (std::size_t node = 0; node < turn.totals.size(); ++node)
            turn.totals[node] += turn.normalized[at][node] * def.weight;
    }
}

// The position of the best feasible node; any of the equally good ones.
int SchedulingCycle::select(Turn& turn) {
    const auto begin = turn.totals.begin(), end = turn.totals.end();
    const std::int64_t best = *std::max_element(begin, end);
    const auto equals = static_cast<std::uint64_t>(std::count(begin, end, best));
    std::uint64_t skip = equals == 1 ? 0 : random_.below(equals);
    auto at = std::find(begin, end, best);
    for (; skip > 0; --skip)
        at = std::find(at + 1, end, best);
    return static_cast<int>(at - begin);
}

void SchedulingCycle::reserve(const PodInfoPtr& pod, int slot) {
    const std::string name = snapshot_.at(slot)->name;
    snapshot_.removeNomination(pod->key);
    snapshot_.addPod(pod, name, true);
}

Placement SchedulingCycle::describe(Turn& turn, int winner) const {
    Placement placement;
    placement.nodesTotal = snapshot_.nodeCount();
    placement.nodesExamined = static_cast<int>(turn.feasible.size() + turn.rejected.size());
    placement.nodesFeasible = static_cast<int>(turn.feasible.size());
    placement.shortened = placement.nodesTotal > kGridNodesMax;
    for (const std::vector<int>* list : {&turn.localFilters, &turn.globalFilters})
        for (const int at : *list)
            placement.filterPlugins.push_back(allPlugins()[static_cast<std::size_t>(at)].name);
    for (const int at : turn.scorers)
        placement.scorePlugins.push_back({allPlugins()[static_cast<std::size_t>(at)].name,
                                          allPlugins()[static_cast<std::size_t>(at)].weight});
    describeFeasible(turn, winner, placement);
    describeRejected(turn, placement);
    if (winner >= 0) {
        placement.outcome = Placement::Outcome::Placed;
        placement.node = snapshot_.at(turn.feasible[static_cast<std::size_t>(winner)])->name;
        placement.because = becauseOf(placement);
    }
    return placement;
}

// In the order of examination; of large clusters the best only.
void SchedulingCycle::describeFeasible(Turn& turn, int winner, Placement& placement) const {
    std::vector<std::size_t> order(turn.feasible.size());
    for (std::size_t at = 0; at < order.size(); ++at)
        order[at] = at;
    if (placement.shortened && order.size() > static_cast<std::size_t>(kScoredNodesMax) &&
        !turn.totals.empty()) {
        const auto end = order.begin() + kScoredNodesMax;
        std::partial_sort(
            order.begin(), end, order.end(), [&turn, winner](std::size_t a, std::size_t b) {
                if (turn.totals[a] != turn.totals[b])
                    return turn.totals[a] > turn.totals[b];
                if ((static_cast<int>(a) == winner) != (static_cast<int>(b) == winner))
                    return static_cast<int>(a) == winner;
                return a < b;
            });
        order.resize(kScoredNodesMax);
    }
    placement.nodes.reserve(order.size() + (placement.shortened ? 1 : turn.rejected.size()));
    placement.scores.reserve(order.size() * turn.scorers.size());
    static constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
    const auto clamped = [](std::int64_t value) {
        return static_cast<std::int32_t>(std::clamp(value, -kMost, kMost));
    };
    for (const std::size_t at : order) {
        NodeVerdict& verdict = placement.nodes.emplace_back();
        verdict.name = snapshot_.at(turn.feasible[at])->sharedName;
        if (!turn.totals.empty())
            verdict.total = turn.totals[at];
        for (std::size_t scorer = 0; scorer < turn.scorers.size(); ++scorer)
            placement.scores.push_back(
                {clamped(turn.raw[scorer][at]), clamped(turn.normalized[scorer][at])});
    }
}

void SchedulingCycle::describeRejected(Turn& turn, Placement& placement) const {
    for (const auto& [slot, why] : turn.rejected) {
        bool isNew = false;
        for (const std::string& reason : why->reasons)
            isNew = ++placement.histogram[reason] == 1 || isNew;
        if (placement.shortened && !isNew)
            continue; // one example of each reason will do
        NodeVerdict& verdict = placement.nodes.emplace_back();
        verdict.name = snapshot_.at(slot)->sharedName;
        verdict.rejection = why;
    }
    const int left = placement.nodesTotal - placement.nodesExamined;
    if (turn.nodeNames && left > 0) {
        std::string names;
        for (const std::string& name : turn.namedBy)
            names += (names.empty() ? "" : " ") + name;
        placement.histogram["node(s) didn't satisfy plugin(s) [" + names + "]"] += left;
    }
}

} // namespace orrery::scheduler
