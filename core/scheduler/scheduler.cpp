#include "core/scheduler/scheduler.h"

#include "core/scheduler/messages.h"
#include "core/scheduler/scheduler_state.h"

namespace orrery::scheduler {
namespace {

// One slice of work on the plane thread.
constexpr Duration kSliceMax = std::chrono::milliseconds(3);
constexpr int kPodsInSliceMax = 256;
constexpr std::size_t kRecentMax = 50;

// What a pod that no plugin in particular rejected waits for.
constexpr std::uint32_t kAnyNode = Happening::NodeAdded | Happening::NodeLabels |
                                   Happening::NodeTaints | Happening::NodeAllocatable;

client::EventSource eventSource() {
    client::EventSource source;
    source.component = kSchedulerName;
    source.style = client::EventSource::Style::Modern;
    source.instance = "default-scheduler-orrery";
    return source;
}

} // namespace

Scheduler::State::State(Env& e, client::Client& c, client::InformerFactory& informers)
    : env(e), client(c), caches(e, c, informers), queue(e.clock), cycle(snapshot, caches, e.random),
      recorder(e, c, eventSource()) {}

// --- the loop
// --------------------------------------------------------------------------------------------

void Scheduler::State::wakeUp() {
    if (stopped || paused || slicePosted || !ready())
        return;
    if (!queue.anyReady()) {
        armTimer();
        return;
    }
    slicePosted = true;
    env.executor.post([weak = weak_from_this()] {
        if (const auto self = weak.lock(); self && !self->stopped)
            self->runSlice();
    });
}

void Scheduler::State::runSlice() {
    slicePosted = false;
    if (paused)
        return;
    queue.flush();
    const Duration start = env.clock.monotonic();
    for (int done = 0; done < kPodsInSliceMax && scheduleNext(); ++done)
        if (env.clock.monotonic() - start > kSliceMax)
            break;
    wakeUp();
}

bool Scheduler::State::scheduleNext() {
    QueuedPod* queued = queue.pop();
    if (!queued)
        return false;
    const Duration start = env.clock.monotonic();
    CycleResult result = cycle.run(queued->info);
    finishTurn(*queued, std::move(result), env.clock.monotonic() - start);
    return true;
}

void Scheduler::State::finishTurn(QueuedPod& queued, CycleResult result, Duration took) {
    const PodInfoPtr pod = queued.info;
    Placement& placement = result.placement;
    placement.podKey = pod->key;
    placement.podUid = pod->pod->metadata.uid;
    placement.attempt = queued.attempts;
    placement.queuedAt = queued.since;
    placement.at = env.now();
    placement.took = took;
    placement.woken = queued.woken;
    placement.wokenBy = queued.wokenBy;
    if (placement.outcome == Placement::Outcome::Placed) {
        note(placement, "bind to " + placement.node + " because " + placement.because, "");
        emitStation(Station::Placed, *pod, placement.node, queued.wokenBy);
        bindVolumes(pod, remember(std::move(placement)));
        return;
    }
    const WriteCause cause{"", placement.message, "", "", queued.wokenBy};
    if (placement.outcome == Placement::Outcome::Failed) {
        note(placement, "", placement.message);
        queue.onError(pod->key, "SchedulerError", placement.message);
        reportFailure(*pod, "SchedulerError", placement.message, std::nullopt, cause);
    } else {
        std::uint32_t wakes = 0;
        for (std::size_t at = 0; at < allPlugins().size(); ++at)
            if ((result.rejectedBy >> at & 1U) != 0)
                wakes |= allPlugins()[at].wakesOn;
        // DIVERGES: without any node Kubernetes tries again every ten seconds; here the first node
        // wakes the pod.
        if (result.noNodes)
            wakes = kAnyNode;
        note(placement,
             placement.nominatedNode.empty()
                 ? "wait: " + placement.message
                 : "make room on " + placement.nominatedNode + ": " + placement.message,
             "");
        queue.onUnschedulable(pod->key, result.rejectedBy, wakes, "Unschedulable",
                              placement.message);
        std::optional<std::string> nominated;
        if (result.preempted)
            nominated = placement.nominatedNode;
        preempt(pod, result);
        reportFailure(*pod, "Unschedulable", placement.message, nominated, cause);
    }
    remember(std::move(placement));
}

void Scheduler::State::armTimer() {
    const std::optional<Time> due = queue.nextDue();
    if (timer != 0 && due && timerAt <= *due)
        return; // it fires soon enough and looks again
    env.executor.cancel(timer);
    timer = 0;
    if (!due || paused)
        return;
    timerAt = *due;
    timer = env.executor.postAt(*due, [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self || self->stopped)
            return;
        self->timer = 0;
        self->queue.flush();
        self->wakeUp();
    });
}

const Placement& Scheduler::State::remember(Placement placement) {
    const auto known = placementAt.find(placement.podKey);
    if (known != placementAt.end()) {
        *known->second = std::move(placement);
        placements.splice(placements.begin(), placements, known->second);
        return placements.front();
    }
    placements.push_front(std::move(placement));
    placementAt[placements.front().podKey] = placements.begin();
    if (placements.size() > static_cast<std::size_t>(kPlacementsMax)) {
        placementAt.erase(placements.back().podKey);
        placements.pop_back();
    }
    return placements.front();
}

void Scheduler::State::note(const Placement& placement, const std::string& decided,
                            const std::string& error) {
    ++steps;
    recent.push_back({placement.at, placement.podKey, placement.woken, decided, error,
                      placement.wokenBy, placement.took});
    if (recent.size() > kRecentMax)
        recent.pop_front();
    if (env.trace.enabled())
        env.trace.onLoop({error.empty() ? LoopEvent::Kind::Done : LoopEvent::Kind::Failed,
                          placement.at, kSchedulerName, placement.podKey,
                          error.empty() ? decided : error, queue.readyCount(), placement.wokenBy});
}

void Scheduler::State::emitStation(Station station, const PodInfo& pod, const std::string& noteText,
                                   std::int64_t revision) {
    if (env.trace.enabled())
        env.trace.onStation({station, env.now(), "/registry/pods/" + pod.key, pod.pod->metadata.uid,
                             noteText, revision});
}

// --- the public face
// ---------------------------------------------------------------------------------------

Scheduler::Scheduler(Env& env, client::Client& client, client::InformerFactory& informers,
                     LoopBoard& board)
    : state_(std::make_shared<State>(env, client, informers)), board_(board) {
    state_->listen();
    state_->caches.claims.start();
    state_->caches.volumes.start();
    state_->caches.storageClasses.start();
    state_->caches.disruptionBudgets.start();
    board_.add(this);
}

Scheduler::~Scheduler() {
    board_.remove(this);
    state_->stopped = true;
    state_->env.executor.cancel(state_->timer);
    for (const auto& [key, waiting] : state_->awaitingVolumes)
        state_->env.executor.cancel(waiting.deadline);
}

std::string Scheduler::name() const {
    return kSchedulerName;
}
bool Scheduler::paused() const {
    return state_->paused;
}

void Scheduler::pause() {
    state_->paused = true;
    state_->env.executor.cancel(state_->timer);
    state_->timer = 0;
    if (state_->env.trace.enabled())
        state_->env.trace.onLoop(
            {LoopEvent::Kind::Paused, state_->env.now(), kSchedulerName, "", "", queueLength(), 0});
}

void Scheduler::resume() {
    state_->paused = false;
    if (state_->env.trace.enabled())
        state_->env.trace.onLoop({LoopEvent::Kind::Resumed, state_->env.now(), kSchedulerName, "",
                                  "", queueLength(), 0});
    state_->wakeUp();
}

void Scheduler::step() {
    if (!state_->ready())
        return;
    state_->queue.flush();
    state_->scheduleNext();
}

int Scheduler::queueLength() const {
    return state_->queue.readyCount();
}
std::int64_t Scheduler::steps() const {
    return state_->steps;
}
const std::deque<LoopStep>& Scheduler::recent() const {
    return state_->recent;
}
std::vector<std::string> Scheduler::queued(int limit) const {
    return state_->queue.ready(limit);
}

const Placement* Scheduler::placementOf(const std::string& podKey) const {
    const auto at = state_->placementAt.find(podKey);
    return at == state_->placementAt.end() ? nullptr : &*at->second;
}

std::vector<WaitingPod> Scheduler::waiting(int limit) const {
    std::vector<WaitingPod> pods;
    for (const auto& [sequence, queued] : state_->queue.all()) {
        if (static_cast<int>(pods.size()) >= limit)
            break;
        pods.push_back({queued.info->key, queued.info->pod->metadata.uid, queued.where,
                        queued.since, queued.until, queued.attempts, queued.reason,
                        queued.message});
    }
    return pods;
}

int Scheduler::waitingCount() const {
    return state_->queue.size();
}

} // namespace orrery::scheduler
