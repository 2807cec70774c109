// Group commit, seen from the plane thread: events go in one by one, results come back by the
// batch.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "core/store/store.h"

namespace orrery::store {

// What became of a batch.
struct BatchResult {
    Revision last = 0; // the newest revision of the batch
    Result<void> outcome;
    std::int64_t sizeBytes = 0; // of the log, afterwards
};

// Plane thread. After a failed batch nothing more is written until resume().
class BatchWriter {
  public:
    virtual ~BatchWriter() = default;
    // `onResults` runs on the plane thread whenever take() has something. Call it once, before
    // add().
    virtual void start(std::function<void()> onResults) = 0;
    // Adds an event to the batch that collects now. `liveBytes`: see LogWriter::tidy.
    virtual void add(EventPtr event, std::int64_t liveBytes) = 0;
    // The results that are ready, in the order of their batches.
    virtual std::vector<BatchResult> take() = 0;
    // After a failure was handled: forgets what is queued, and writes again.
    virtual void resume() = 0;
    // Writes what is queued (unless a failure waits for resume()), then gives the log back to the
    // disk. Results may be left to take(). Nothing may be added afterwards.
    virtual void stop() = 0;
};

} // namespace orrery::store
