// The plane thread: a queue of tasks, timers, and worker threads for what may block.
#pragma once
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/runtime/timers.h"

namespace orrery {

class RealExecutor final : public Executor {
  public:
    explicit RealExecutor(const Clock& clock) : clock_(clock) {}
    ~RealExecutor() override { stop(); }

    void post(Task task) override;
    void postIdle(Task task) override;
    TimerId postAt(Time at, Task task) override;
    void cancel(TimerId timer) override;
    void offload(Task work, Task done) override;

    void start();
    void stop();

  private:
    void run();
    void work();
    void waitForTasks(std::deque<Task>& batch);
    void runIdle(bool worked);

    const Clock& clock_;
    std::mutex mutex_; // guards posted_, stopping_
    std::condition_variable wake_;
    std::deque<Task> posted_;
    bool stopping_ = false;
    struct IdleTask {
        Task task;
        Duration since; // Clock::monotonic()
    };
    Timers timers_;             // plane thread only
    std::deque<IdleTask> idle_; // plane thread only
    std::thread plane_;

    struct Job {
        Task work, done;
    };
    std::mutex jobsMutex_; // guards jobs_, jobsEnd_
    std::condition_variable jobsWake_;
    std::deque<Job> jobs_;
    bool jobsEnd_ = false;
    std::vector<std::thread> workers_;
};

} // namespace orrery
