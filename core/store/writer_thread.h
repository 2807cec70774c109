// Group commit: one thread that owns the log. While it waits for the disk with batch N, batch N+1
// collects, so the disk's latency bounds a single write but not the number of writes a second.
//
//     plane thread    add(2)   add(3) add(4)   take(): 2    add(5)    take(): 3,4
//     writer thread     [ 2: append, sync ]      [ 3,4: append, sync ]     [ 5 ...
//
// This is the one thread of the store, and its mutex the one lock: it guards the queue and the
// results.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "core/store/batch_writer.h"
#include "core/store/log.h"

namespace orrery::store {

class WriterThread final : public BatchWriter {
  public:
    WriterThread(Executor& executor, std::shared_ptr<LogWriter> log);
    ~WriterThread() override; // stop()
    void start(std::function<void()> onResults) override;
    void add(EventPtr event, std::int64_t liveBytes) override;
    std::vector<BatchResult> take() override;
    void resume() override;
    void stop() override;

  private:
    void run();
    // Waits for a batch (not when `tidyMore`). Empty: nothing to write now.
    std::vector<EventPtr> takeBatch(bool tidyMore);
    void publish(BatchResult result);

    Executor& executor_;
    std::shared_ptr<LogWriter> log_; // the thread's while it runs
    std::function<void()> onResults_;
    std::thread thread_;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<EventPtr> queue_;
    std::vector<BatchResult> results_;
    std::int64_t liveBytes_ = 0;
    bool failed_ = false; // until resume()
    bool stopping_ = false;
    bool waiting_ = false; // the thread sleeps: only then add() must wake it
};

} // namespace orrery::store
