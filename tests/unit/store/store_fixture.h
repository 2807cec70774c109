// A store on the virtual clock, logs that fail on demand, and short ways to write and read.
#pragma once
#include <atomic>

#include "core/runtime/sim/sim_env.h"
#include "core/store/embedded_store.h"
#include "core/store/memory_log.h"
#include "core/store/posted_writer.h"
#include "tests/support/test.h"

namespace orrery::store::tests {

inline EncodedPtr text(std::string bytes) {
    return std::make_shared<const Encoded>(std::move(bytes));
}

inline Write put(std::string key, std::string value, std::optional<Revision> expect = {}) {
    return Write{std::move(key), text(std::move(value)), expect, nullptr};
}

inline Write removeKey(std::string key, std::optional<Revision> expect = {}) {
    return Write{std::move(key), nullptr, expect, nullptr};
}

// "7+/a=1" or "8-/a": one event in a line.
inline std::string shown(const Event& event) {
    const bool isPut = event.type == Event::Type::Put;
    std::string line = std::to_string(event.revision) + (isPut ? "+" : "-") + event.current->key;
    if (isPut)
        line += "=" + event.current->value->bytes();
    return line;
}

inline QString shownAll(std::span<const EventPtr> events) {
    std::string line;
    for (const EventPtr& event : events)
        line += (line.empty() ? "" : " ") + shown(*event);
    return QString::fromStdString(line);
}

// "/a=1@4": key, value and revision, of each item.
inline QString shownItems(const ListResult& list) {
    std::string line;
    for (const KeyValuePtr& item : list.items)
        line += (line.empty() ? "" : " ") + item->key + "=" + item->value->bytes() + "@" +
                std::to_string(item->modRevision);
    return QString::fromStdString(line);
}

// Passes batches on to a MemoryLog, or refuses them. Records the batches.
class FailingLog final : public LogWriter {
  public:
    explicit FailingLog(std::shared_ptr<MemoryLog> log) : log_(std::move(log)) {}
    std::atomic<bool> full = false;
    std::vector<std::vector<Revision>> batches; // that were kept; read it when the writer rests

    Result<void> append(std::span<const EventPtr> batch) override {
        if (full)
            return internalError("the disk of the store is full");
        std::vector<Revision> revisions;
        for (const EventPtr& event : batch)
            revisions.push_back(event->revision);
        batches.push_back(std::move(revisions));
        return log_->append(batch);
    }
    bool tidy(std::int64_t liveBytes, bool busy) override { return log_->tidy(liveBytes, busy); }
    std::int64_t sizeBytes() const override { return log_->sizeBytes(); }

  private:
    std::shared_ptr<MemoryLog> log_;
};

// A store without a file, on the virtual clock.
struct SimStore {
    NoTrace trace;
    SimEnv sim{1, trace};
    std::shared_ptr<MemoryLog> memory = std::make_shared<MemoryLog>(64 << 20);
    std::shared_ptr<FailingLog> log = std::make_shared<FailingLog>(memory);
    std::unique_ptr<Store> store;

    explicit SimStore(StoreOptions options = {}) {
        StoreParts parts;
        parts.writer = std::make_unique<PostedWriter>(sim.env().executor, log);
        parts.reader = memory;
        store = std::make_unique<EmbeddedStore>(sim.env(), std::move(options), std::move(parts));
    }
    // The new revision; 0 when the write was refused at once.
    Revision write(Write what) {
        Result<Revision> revision = store->commit(std::move(what), {}, nullptr);
        return revision ? *revision : 0;
    }
};

} // namespace orrery::store::tests
