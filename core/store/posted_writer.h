// Group commit without a thread, for the simulated world: what one turn of the executor wrote is a
// batch.
#pragma once
#include <memory>

#include "core/store/batch_writer.h"
#include "core/store/log.h"

namespace orrery::store {

class PostedWriter final : public BatchWriter {
  public:
    PostedWriter(Executor& executor, std::shared_ptr<LogWriter> log);
    void start(std::function<void()> onResults) override;
    void add(EventPtr event, std::int64_t liveBytes) override;
    std::vector<BatchResult> take() override;
    void resume() override;
    void stop() override;

  private:
    void write();

    Executor& executor_;
    std::shared_ptr<LogWriter> log_;
    std::function<void()> onResults_;
    std::vector<EventPtr> queue_;
    std::vector<BatchResult> results_;
    std::int64_t liveBytes_ = 0;
    bool failed_ = false; // until resume()
    // Posted tasks hold it weakly: they do nothing when the writer is gone.
    std::shared_ptr<PostedWriter*> self_;
};

} // namespace orrery::store
