// The log in an SQLite file: opening and loading it, appending batches, and keeping it small.
// The file's format is drawn in sqlite_rows.h.
#pragma once
#include <memory>
#include <string>

#include "core/store/log.h"
#include "core/store/sqlite_database.h"

namespace orrery::store {

class SqliteLog final : public LogWriter {
  public:
    // Opens the file, or makes it. Nothing is changed in a file that is foreign, newer or damaged.
    // The errors say what to do.
    static Result<std::shared_ptr<SqliteLog>> open(const std::string& path,
                                                   std::int64_t historyBytesMax);
    // What the file holds. Damage is found here: the error says what to do. Call once.
    Result<LoadedLog> load();

    Result<void> append(std::span<const EventPtr> batch) override;
    bool tidy(std::int64_t liveBytes, bool busy) override;
    std::int64_t sizeBytes() const override { return pages_ * pageBytes_; }

    // Lets the file grow to `pages` at most: then appends fail as on a full disk. For tests.
    Result<void> limitPages(std::int64_t pages);

  private:
    SqliteLog(std::string path, std::int64_t historyBytesMax, Database database);
    Result<void> prepareFile();
    Result<LoadedLog> loadRows();
    Result<void> insertRows(std::span<const EventPtr> batch);
    Result<void> measure();
    // Moves what the -wal file holds into the store file, so that it starts again at its beginning.
    void checkpoint();
    // Drops some of the oldest history; true when something was there to drop.
    Result<bool> trimStep();
    static int onWalGrown(void* self, sqlite3* database, const char* name, int pages);

    std::string path_;
    std::int64_t historyBytesMax_;
    Database database_;
    Statement insert_, begin_, commit_, countPages_, countFree_;
    Revision newest_ = 0; // in the file
    std::int64_t pageBytes_ = 4096;
    std::int64_t pages_ = 0; // of the store file, free ones too
    std::int64_t freePages_ = 0;
    int walPages_ = 0;      // in the -wal file, not yet moved
    int walPagesRetry_ = 0; // the next checkpoint when there are so many: the last one failed
    bool trimming_ = false;
};

} // namespace orrery::store
