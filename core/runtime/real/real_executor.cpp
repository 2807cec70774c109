#include "core/runtime/real/real_executor.h"

namespace orrery {

namespace {
constexpr std::size_t kWorkersMax = 2;
// The wall clock may be set while we wait; looking again this often bounds the error.
constexpr Duration kWaitMax = std::chrono::minutes(1);
// Idle tasks run when nothing has come for a while: a burst has pauses (the disk) that are not its
// end.
constexpr Duration kQuiet = std::chrono::milliseconds(2);
constexpr Duration kIdleSliceMax = std::chrono::milliseconds(1);
// A plane that is never quiet runs one idle task a turn when they have waited this long.
constexpr Duration kIdleWaitMax = std::chrono::seconds(2);
} // namespace

void RealExecutor::post(Task task) {
    bool first = false;
    {
        const std::lock_guard lock(mutex_);
        first = posted_.empty();
        posted_.push_back(std::move(task));
    }
    if (first) // otherwise it was woken already
        wake_.notify_one();
}

void RealExecutor::postIdle(Task task) {
    idle_.push_back({std::move(task), clock_.monotonic()});
}

TimerId RealExecutor::postAt(Time at, Task task) {
    return timers_.add(at, std::move(task));
}

void RealExecutor::cancel(TimerId timer) {
    timers_.remove(timer);
}

void RealExecutor::offload(Task job, Task done) {
    const std::lock_guard lock(jobsMutex_);
    jobs_.push_back({std::move(job), std::move(done)});
    if (workers_.size() < kWorkersMax && workers_.size() < jobs_.size())
        workers_.emplace_back([this] { work(); });
    jobsWake_.notify_one();
}

void RealExecutor::start() {
    ORRERY_ASSERT(!plane_.joinable());
    plane_ = std::thread([this] { run(); });
}

void RealExecutor::stop() {
    {
        const std::lock_guard lock(jobsMutex_);
        jobsEnd_ = true;
    }
    jobsWake_.notify_all();
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (plane_.joinable())
        plane_.join();
    for (std::thread& worker : workers_)
        worker.join();
    workers_.clear();
}

// Blocks until something was posted, a timer is due, the plane is quiet for idle tasks, or the end
// has come; takes all that was posted.
void RealExecutor::waitForTasks(std::deque<Task>& batch) {
    std::unique_lock lock(mutex_);
    if (posted_.empty() && !stopping_) {
        const std::optional<Time> next = timers_.next();
        Duration wait = next ? std::min(*next - clock_.now(), kWaitMax) : Duration::max();
        const auto ready = [this] { return !posted_.empty() || stopping_; };
        if (!idle_.empty())
            wait = std::min(wait, kQuiet);
        if (!next && idle_.empty())
            wake_.wait(lock, ready);
        else if (wait > Duration::zero())
            wake_.wait_for(lock, wait, ready);
    }
    batch.swap(posted_);
}

void RealExecutor::runIdle(bool worked) {
    if (idle_.empty())
        return;
    const Duration begin = clock_.monotonic();
    if (worked && begin - idle_.front().since < kIdleWaitMax)
        return;
    do {
        const Task task = std::move(idle_.front().task);
        idle_.pop_front();
        task();
    } while (!worked && !idle_.empty() && clock_.monotonic() - begin < kIdleSliceMax);
}

void RealExecutor::run() {
    std::deque<Task> batch;
    while (true) {
        waitForTasks(batch);
        for (Task& task : batch) {
            task();
            task = nullptr; // what it holds goes now, not with the batch
        }
        const bool worked = !batch.empty();
        batch.clear();
        while (std::optional<Task> due = timers_.takeDue(clock_.now()))
            (*due)();
        runIdle(worked);
        const std::lock_guard lock(mutex_);
        if (stopping_ && !worked && posted_.empty())
            return;
    }
}

void RealExecutor::work() {
    while (true) {
        std::unique_lock lock(jobsMutex_);
        jobsWake_.wait(lock, [this] { return !jobs_.empty() || jobsEnd_; });
        if (jobs_.empty())
            return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job.work();
        job.work = nullptr;
        if (job.done)
            post(std::move(job.done));
    }
}

} // namespace orrery
