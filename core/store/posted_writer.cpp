#include "core/store/posted_writer.h"

namespace orrery::store {

PostedWriter::PostedWriter(Executor& executor, std::shared_ptr<LogWriter> log)
    : executor_(executor), log_(std::move(log)), self_(std::make_shared<PostedWriter*>(this)) {}

void PostedWriter::start(std::function<void()> onResults) {
    onResults_ = std::move(onResults);
}

void PostedWriter::add(EventPtr event, std::int64_t liveBytes) {
    queue_.push_back(std::move(event));
    liveBytes_ = liveBytes;
    if (queue_.size() > 1)
        return; // the first one posted the task
    executor_.post([self = std::weak_ptr<PostedWriter*>(self_)] {
        const std::shared_ptr<PostedWriter*> alive = self.lock();
        if (!alive)
            return;
        PostedWriter& writer = **alive;
        writer.write();
        if (!writer.results_.empty())
            writer.onResults_();
    });
}

void PostedWriter::write() {
    if (failed_ || queue_.empty())
        return;
    BatchResult result;
    result.last = queue_.back()->revision;
    result.outcome = log_->append(queue_);
    result.sizeBytes = log_->sizeBytes();
    failed_ = !result.outcome;
    queue_.clear();
    while (!failed_ && log_->tidy(liveBytes_, false)) {
    }
    results_.push_back(std::move(result));
}

std::vector<BatchResult> PostedWriter::take() {
    return std::exchange(results_, {});
}

void PostedWriter::resume() {
    queue_.clear();
    failed_ = false;
}

void PostedWriter::stop() {
    write();
}

} // namespace orrery::store
