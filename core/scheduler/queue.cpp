#include "core/scheduler/queue.h"

#include <algorithm>
#include <bit>
#include <tuple>

namespace orrery::scheduler {

using Where = WaitingPod::Where;

bool SchedulingQueue::ActiveKey::operator<(const ActiveKey& other) const {
    return std::tuple(-std::int64_t{priority}, queuedAt, sequence) <
           std::tuple(-std::int64_t{other.priority}, other.queuedAt, other.sequence);
}

QueuedPod* SchedulingQueue::entry(const std::string& key) {
    const auto at = sequenceOf_.find(key);
    return at == sequenceOf_.end() ? nullptr : &pods_.find(at->second)->second;
}

const QueuedPod* SchedulingQueue::find(const std::string& key) const {
    return const_cast<SchedulingQueue*>(this)->entry(key);
}

void SchedulingQueue::takeOut(QueuedPod& pod) {
    switch (pod.where) {
    case Where::Active:
        active_.erase(activeKey(pod));
        break;
    case Where::Backoff:
        backoff_.erase({pod.until, pod.sequence});
        break;
    case Where::Unschedulable:
        unschedulable_.erase({pod.queuedAt, pod.sequence});
        break;
    case Where::Gated:
    case Where::Binding:
        break;
    }
}

void SchedulingQueue::putInto(QueuedPod& pod, Where where) {
    pod.where = where;
    if (where == Where::Active)
        active_.insert(activeKey(pod));
    else if (where == Where::Backoff)
        backoff_.insert({pod.until, pod.sequence});
    else if (where == Where::Unschedulable)
        unschedulable_.insert({pod.queuedAt, pod.sequence});
}

// Whether a newer state of a waiting pod may change the answer.
static bool asksDifferently(const PodInfo& a, const PodInfo& b) {
    return a.shape != b.shape || a.pod->metadata.labels != b.pod->metadata.labels ||
           a.pod->metadata.uid != b.pod->metadata.uid || a.priority() != b.priority() ||
           a.pod->schedulingGates != b.pod->schedulingGates;
}

void SchedulingQueue::upsert(PodInfoPtr info, const std::string& woken, std::int64_t revision) {
    const bool gated = !info->pod->schedulingGates.empty();
    QueuedPod* known = entry(info->key);
    if (known && known->info->pod->metadata.uid != info->pod->metadata.uid) {
        remove(info->key); // deleted and made anew
        known = nullptr;
    }
    if (known) {
        const bool different = asksDifferently(*known->info, *info);
        if (known->where == Where::Binding || !different) {
            known->info = std::move(info);
            return;
        }
        takeOut(*known);
        known->info = std::move(info);
        known->woken = woken;
        known->wokenBy = revision;
        if (known->where != Where::Active)
            known->queuedAt = clock_.now();
        putInto(*known, gated ? Where::Gated : Where::Active);
        return;
    }
    const std::uint64_t sequence = ++lastSequence_;
    sequenceOf_[info->key] = sequence;
    QueuedPod& pod = pods_[sequence];
    pod.sequence = sequence;
    pod.since = pod.queuedAt = clock_.now();
    pod.info = std::move(info);
    pod.woken = woken;
    pod.wokenBy = revision;
    if (gated) {
        pod.reason = "SchedulingGated";
        pod.message = "Scheduling is blocked due to non-empty scheduling gates";
    }
    putInto(pod, gated ? Where::Gated : Where::Active);
}

void SchedulingQueue::remove(const std::string& key) {
    QueuedPod* pod = entry(key);
    if (!pod)
        return;
    takeOut(*pod);
    const std::uint64_t sequence = pod->sequence;
    sequenceOf_.erase(key);
    pods_.erase(sequence);
}

bool SchedulingQueue::anyReady() const {
    if (!active_.empty())
        return true;
    return std::any_of(backoff_.begin(), backoff_.end(),
                       [this](const TimeKey& key) { return !pods_.at(key.second).failed; });
}

QueuedPod* SchedulingQueue::pop() {
    QueuedPod* pod = nullptr;
    if (!active_.empty()) {
        pod = &pods_.find(active_.begin()->sequence)->second;
    } else {
        // Nobody else waits: a pause that only keeps others from starving is cut short.
        for (const TimeKey& key : backoff_)
            if (QueuedPod& candidate = pods_.find(key.second)->second; !candidate.failed) {
                pod = &candidate;
                break;
            }
    }
    if (!pod)
        return nullptr;
    takeOut(*pod);
    putInto(*pod, Where::Binding);
    ++pod->attempts;
    return pod;
}

Duration SchedulingQueue::pauseOf(const QueuedPod& pod) const {
    Duration pause = kPauseFirst;
    const int times = pod.failed ? pod.errorsInARow : pod.timesUnschedulable;
    for (int at = 1; at < times && pause < kPauseMax; ++at)
        pause *= 2;
    return std::min(pause, kPauseMax);
}

void SchedulingQueue::onUnschedulable(const std::string& key, std::uint32_t rejectedBy,
                                      std::uint32_t wakesOn, std::string reason,
                                      std::string message) {
    QueuedPod* pod = entry(key);
    if (!pod)
        return;
    takeOut(*pod);
    pod->failed = false;
    pod->errorsInARow = 0;
    ++pod->timesUnschedulable;
    pod->rejectedBy = rejectedBy;
    pod->wakesOn = wakesOn;
    pod->reason = std::move(reason);
    pod->message = std::move(message);
    pod->queuedAt = clock_.now();
    pod->until = pod->queuedAt + pauseOf(*pod);
    putInto(*pod, Where::Unschedulable);
}

void SchedulingQueue::onError(const std::string& key, std::string reason, std::string message) {
    QueuedPod* pod = entry(key);
    if (!pod)
        return;
    takeOut(*pod);
    pod->failed = true;
    ++pod->errorsInARow;
    pod->reason = std::move(reason);
    pod->message = std::move(message);
    pod->queuedAt = clock_.now();
    pod->until = pod->queuedAt + pauseOf(*pod);
    putInto(*pod, Where::Backoff);
}

void SchedulingQueue::wake(QueuedPod& pod, const std::string& woken, std::int64_t revision) {
    takeOut(pod);
    pod.woken = woken;
    pod.wokenBy = revision;
    const Time now = clock_.now();
    if (pod.until > now) {
        putInto(pod, Where::Backoff);
    } else {
        pod.queuedAt = now;
        putInto(pod, Where::Active);
    }
}

static bool unblocks(const QueuedPod& pod, const ClusterEvent& event) {
    if ((pod.wakesOn & event.what) == 0)
        return false;
    if (pod.rejectedBy == 0)
        return true;
    const std::vector<PluginDef>& plugins = allPlugins();
    for (std::uint32_t bits = pod.rejectedBy; bits != 0; bits &= bits - 1) {
        const PluginDef& def = plugins[static_cast<std::size_t>(std::countr_zero(bits))];
        if ((def.wakesOn & event.what) != 0 && (!def.unblocks || def.unblocks(*pod.info, event)))
            return true;
    }
    return false;
}

int SchedulingQueue::onEvent(const ClusterEvent& event) {
    std::vector<QueuedPod*> woken;
    for (const TimeKey& key : unschedulable_)
        if (QueuedPod& pod = pods_.find(key.second)->second; unblocks(pod, event))
            woken.push_back(&pod);
    for (QueuedPod* pod : woken)
        wake(*pod, event.text, event.revision);
    return static_cast<int>(woken.size());
}

void SchedulingQueue::flush() {
    const Time now = clock_.now();
    while (!backoff_.empty() && backoff_.begin()->first <= now) {
        QueuedPod& pod = pods_.find(backoff_.begin()->second)->second;
        takeOut(pod);
        pod.queuedAt = now;
        putInto(pod, Where::Active);
    }
    while (!unschedulable_.empty() && unschedulable_.begin()->first + kForgottenAfter <= now)
        wake(pods_.find(unschedulable_.begin()->second)->second, "waited for 5 minutes", 0);
}

std::optional<Time> SchedulingQueue::nextDue() const {
    std::optional<Time> due;
    if (!backoff_.empty())
        due = backoff_.begin()->first;
    if (!unschedulable_.empty()) {
        const Time forgotten = unschedulable_.begin()->first + kForgottenAfter;
        due = due ? std::min(*due, forgotten) : forgotten;
    }
    return due;
}

std::vector<std::string> SchedulingQueue::ready(int limit) const {
    std::vector<std::string> keys;
    for (const ActiveKey& key : active_)
        if (static_cast<int>(keys.size()) < limit)
            keys.push_back(pods_.at(key.sequence).info->key);
    for (const TimeKey& key : backoff_)
        if (static_cast<int>(keys.size()) < limit)
            keys.push_back(pods_.at(key.second).info->key);
    return keys;
}

} // namespace orrery::scheduler
