#include "core/store/sqlite_log.h"

#include <sqlite3.h>

#include <algorithm>

#include "core/store/sqlite_rows.h"

namespace orrery::store {

namespace {
// A checkpoint costs some milliseconds. While writes wait it is put off, but not for ever: the -wal
// file must not grow without end.
constexpr int kWalPagesIdle = 500;
constexpr int kWalPagesBusy = 4000;
constexpr std::int64_t kTrimRevisions = 256; // in one step
} // namespace

SqliteLog::SqliteLog(std::string path, std::int64_t historyBytesMax, Database database)
    : path_(std::move(path)), historyBytesMax_(historyBytesMax), database_(std::move(database)) {}

Result<void> SqliteLog::prepareFile() {
    ORRERY_TRY(database_.run("PRAGMA synchronous = FULL; PRAGMA fullfsync = 1;"
                             "PRAGMA checkpoint_fullfsync = 1; PRAGMA temp_store = MEMORY"));
    ORRERY_TRY_ASSIGN(const std::int64_t tables,
                      database_.number("SELECT count(*) FROM sqlite_schema"));
    if (tables == 0) // new, or its making was cut off
        ORRERY_TRY(database_.run(kSchemaSql));
    ORRERY_TRY(database_.run("PRAGMA journal_mode = WAL"));
    sqlite3_wal_hook(database_.handle(), &SqliteLog::onWalGrown, this);
    ORRERY_TRY_ASSIGN(insert_, database_.prepare(kInsertSql));
    ORRERY_TRY_ASSIGN(begin_, database_.prepare("BEGIN IMMEDIATE"));
    ORRERY_TRY_ASSIGN(commit_, database_.prepare("COMMIT"));
    ORRERY_TRY_ASSIGN(countPages_, database_.prepare("PRAGMA page_count"));
    ORRERY_TRY_ASSIGN(countFree_, database_.prepare("PRAGMA freelist_count"));
    ORRERY_TRY_ASSIGN(pageBytes_, database_.number("PRAGMA page_size"));
    return measure();
}

int SqliteLog::onWalGrown(void* self, sqlite3*, const char*, int pages) {
    static_cast<SqliteLog*>(self)->walPages_ = pages;
    return SQLITE_OK;
}

Result<void> SqliteLog::measure() {
    for (auto [statement, target] :
         {std::pair(&countPages_, &pages_), {&countFree_, &freePages_}}) {
        Result<bool> row = statement->step();
        if (row && *row)
            *target = statement->number(0);
        statement->reset();
        if (!row)
            return std::move(row.error());
    }
    return {};
}

Result<LoadedLog> SqliteLog::loadRows() {
    LoadedLog loaded;
    ORRERY_TRY_ASSIGN(newest_, database_.number("SELECT max(rev) FROM log"));
    if (newest_ == 0)
        return loaded;
    loaded.revision = newest_;
    // The newest revision of each key comes from the index alone; then the rows in the order of the
    // file.
    ORRERY_TRY_ASSIGN(
        Statement rows,
        database_.prepare("SELECT rev, key, value, create_rev, version FROM log"
                          " WHERE rev IN (SELECT max(rev) FROM log GROUP BY key) AND deleted = 0"));
    for (;;) {
        ORRERY_TRY_ASSIGN(const bool more, rows.step());
        if (!more)
            break;
        auto value = std::make_shared<KeyValue>();
        value->modRevision = rows.number(0);
        value->key = std::string(rows.text(1));
        value->value = std::make_shared<const Encoded>(std::string(rows.text(2)));
        value->createRevision = rows.number(3);
        value->version = rows.number(4);
        if (value->key.empty() || rows.isNull(2) || value->version < 1 ||
            value->createRevision > value->modRevision || value->modRevision < 2)
            return internalError("row " + std::to_string(value->modRevision) + " makes no sense");
        loaded.live.push_back(std::move(value));
    }
    std::sort(loaded.live.begin(), loaded.live.end(),
              [](const KeyValuePtr& a, const KeyValuePtr& b) { return a->key < b->key; });
    return loaded;
}

Result<void> SqliteLog::insertRows(std::span<const EventPtr> batch) {
    ORRERY_TRY(begin_.run());
    for (const EventPtr& event : batch) {
        bindEvent(insert_, *event);
        ORRERY_TRY(insert_.run());
    }
    return commit_.run();
}

Result<void> SqliteLog::append(std::span<const EventPtr> batch) {
    if (batch.empty())
        return {};
    Result<void> outcome = insertRows(batch);
    if (!outcome) {
        database_.rollBack();
        // Room in the -wal file may be all that the next batch needs.
        walPagesRetry_ = 0;
        checkpoint();
        return outcome;
    }
    newest_ = batch.back()->revision;
    ORRERY_ASSERT(sqlite3_get_autocommit(database_.handle()) != 0);
    if (Result<void> measured = measure(); !measured)
        logLine(LogLevel::Warning, "store", "size of the file: " + measured.error().message);
    return {};
}

void SqliteLog::checkpoint() {
    int inWal = 0, moved = 0;
    const int code = sqlite3_wal_checkpoint_v2(database_.handle(), nullptr,
                                               SQLITE_CHECKPOINT_PASSIVE, &inWal, &moved);
    if (code == SQLITE_OK && inWal >= 0 && moved >= inWal) {
        walPages_ = 0; // the next write starts at the file's beginning
        walPagesRetry_ = 0;
        return;
    }
    walPagesRetry_ = walPages_ + kWalPagesIdle;
    if (code != SQLITE_OK && code != SQLITE_FULL) // full: the writes say so
        logLine(LogLevel::Warning, "store",
                "checkpoint: " + sqliteError(code, sqlite3_errmsg(database_.handle())).message);
}

bool SqliteLog::tidy(std::int64_t liveBytes, bool busy) {
    if (walPages_ >= std::max(busy ? kWalPagesBusy : kWalPagesIdle, walPagesRetry_))
        checkpoint();
    const std::int64_t history = (pages_ - freePages_) * pageBytes_ - liveBytes;
    // Drops a sixteenth more than it must, so that not every write has to.
    if (history > (trimming_ ? historyBytesMax_ / 16 * 15 : historyBytesMax_)) {
        const Result<bool> trimmed = trimStep();
        if (!trimmed) {
            database_.rollBack();
            logLine(LogLevel::Warning, "store", "dropping history: " + trimmed.error().message);
        }
        trimming_ = trimmed && *trimmed;
    } else {
        trimming_ = false;
    }
    return trimming_;
}

Result<bool> SqliteLog::trimStep() {
    ORRERY_TRY(begin_.run());
    ORRERY_TRY_ASSIGN(const std::int64_t from,
                      database_.number("SELECT number FROM meta WHERE name = 'trimmed'"));
    ORRERY_TRY_ASSIGN(Statement rows,
                      database_.prepare("SELECT rev, key, deleted FROM log"
                                        " WHERE rev > ? AND rev < ? ORDER BY rev LIMIT ?"));
    ORRERY_TRY_ASSIGN(Statement dropOlder,
                      database_.prepare("DELETE FROM log WHERE key = ? AND rev < ?"));
    ORRERY_TRY_ASSIGN(Statement drop, database_.prepare("DELETE FROM log WHERE rev = ?"));
    rows.bind(1, from);
    rows.bind(2, newest_);
    rows.bind(3, kTrimRevisions);
    struct Row {
        Revision revision;
        std::string key;
        bool deleted;
    };
    std::vector<Row> oldest;
    for (;;) {
        ORRERY_TRY_ASSIGN(const bool more, rows.step());
        if (!more)
            break;
        oldest.push_back({rows.number(0), std::string(rows.text(1)), rows.number(2) != 0});
    }
    rows.reset();
    for (const Row& row : oldest) {
        dropOlder.bind(1, row.key);
        dropOlder.bind(2, row.revision);
        ORRERY_TRY(dropOlder.run());
        if (!row.deleted)
            continue;
        drop.bind(1, row.revision);
        ORRERY_TRY(drop.run());
    }
    if (!oldest.empty()) {
        ORRERY_TRY_ASSIGN(Statement remember,
                          database_.prepare("UPDATE meta SET number = ? WHERE name = 'trimmed'"));
        remember.bind(1, oldest.back().revision);
        ORRERY_TRY(remember.run());
    }
    ORRERY_TRY(commit_.run());
    ORRERY_TRY(measure());
    return !oldest.empty();
}

Result<void> SqliteLog::limitPages(std::int64_t pages) {
    return database_.run(("PRAGMA max_page_count = " + std::to_string(pages)).c_str());
}

} // namespace orrery::store
