#include "core/store/writer_thread.h"

namespace orrery::store {

WriterThread::WriterThread(Executor& executor, std::shared_ptr<LogWriter> log)
    : executor_(executor), log_(std::move(log)) {}

WriterThread::~WriterThread() {
    stop();
}

void WriterThread::start(std::function<void()> onResults) {
    onResults_ = std::move(onResults);
    thread_ = std::thread([this] { run(); });
}

void WriterThread::add(EventPtr event, std::int64_t liveBytes) {
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        queue_.push_back(std::move(event));
        liveBytes_ = liveBytes;
        wake = std::exchange(waiting_, false);
    }
    if (wake)
        wake_.notify_one();
}

std::vector<BatchResult> WriterThread::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(results_, {});
}

void WriterThread::resume() {
    const std::lock_guard lock(mutex_);
    queue_.clear();
    failed_ = false;
}

void WriterThread::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        waiting_ = false;
    }
    wake_.notify_one();
    if (thread_.joinable())
        thread_.join();
    log_.reset();
}

void WriterThread::run() {
    bool tidyMore = true; // what the last run of the program left undone
    for (;;) {
        const std::vector<EventPtr> batch = takeBatch(tidyMore);
        if (!batch.empty()) {
            BatchResult result;
            result.last = batch.back()->revision;
            result.outcome = log_->append(batch);
            result.sizeBytes = log_->sizeBytes();
            publish(std::move(result));
        }
        std::int64_t liveBytes = 0;
        bool busy = false;
        {
            const std::lock_guard lock(mutex_);
            busy = !failed_ && !queue_.empty();
            if (stopping_ && !busy)
                return;
            liveBytes = liveBytes_;
        }
        tidyMore = log_->tidy(liveBytes, busy);
    }
}

std::vector<EventPtr> WriterThread::takeBatch(bool tidyMore) {
    std::unique_lock lock(mutex_);
    while (!stopping_ && !tidyMore && (failed_ || queue_.empty())) {
        waiting_ = true;
        wake_.wait(lock);
    }
    waiting_ = false;
    return failed_ ? std::vector<EventPtr>() : std::exchange(queue_, {});
}

void WriterThread::publish(BatchResult result) {
    bool first = false;
    {
        const std::lock_guard lock(mutex_);
        failed_ = !result.outcome;
        first =
            results_.empty(); // else the task that was posted for the earlier ones takes this, too
        results_.push_back(std::move(result));
    }
    if (first)
        executor_.post(onResults_);
}

} // namespace orrery::store
