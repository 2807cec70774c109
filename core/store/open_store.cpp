// openStore: which parts make a store, with a file and without.
#include "core/store/embedded_store.h"
#include "core/store/memory_log.h"
#include "core/store/posted_writer.h"
#include "core/store/sqlite_history.h"
#include "core/store/sqlite_log.h"
#include "core/store/writer_thread.h"

namespace orrery::store {

namespace {
// A store without a file keeps its history in memory, and memory is dearer than disk.
constexpr std::int64_t kMemoryHistoryBytesMax = 64 << 20;
} // namespace

Result<std::unique_ptr<Store>> openStore(Env& env, StoreOptions options) {
    StoreParts parts;
    if (options.path.empty()) {
        auto log =
            std::make_shared<MemoryLog>(std::min(options.historyBytesMax, kMemoryHistoryBytesMax));
        parts.writer = std::make_unique<PostedWriter>(env.executor, log);
        parts.reader = std::move(log);
    } else {
        ORRERY_TRY_ASSIGN(std::shared_ptr<SqliteLog> log,
                          SqliteLog::open(options.path, options.historyBytesMax));
        ORRERY_TRY_ASSIGN(parts.loaded, log->load());
        parts.sizeBytes = log->sizeBytes();
        parts.reader = std::make_shared<SqliteHistory>(options.path);
        if (parts.loaded.revision > 1) {
            // With it a watch can start at the newest revision, not only behind it.
            Result<EventPtr> newest = parts.reader->eventAt(parts.loaded.revision);
            parts.reader->close();
            if (!newest)
                return std::move(newest.error());
            parts.loaded.newest = std::move(*newest);
        }
        parts.writer = std::make_unique<WriterThread>(env.executor, std::move(log));
    }
    return std::unique_ptr<Store>(
        std::make_unique<EmbeddedStore>(env, std::move(options), std::move(parts)));
}

} // namespace orrery::store
