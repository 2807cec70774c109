// Reads old events from the store's file, beside the writer: a read-only connection of the plane
// thread, opened when it is first needed. (In WAL mode readers and the writer don't wait for each
// other.)
#pragma once
#include <optional>
#include <string>

#include "core/store/log.h"
#include "core/store/sqlite_database.h"

namespace orrery::store {

class SqliteHistory final : public LogReader {
  public:
    explicit SqliteHistory(std::string path) : path_(std::move(path)) {}

    Result<std::vector<EventPtr>> history(std::string_view key, Revision before,
                                          int limit) override;
    Result<EventPtr> eventAt(Revision revision) override;
    Result<std::vector<EventPtr>> recent(Revision before, int limit) override;
    void close() override;

  private:
    struct Connection {
        Database database;
        Statement ofKey, at, before, newestBefore;
    };
    Result<void> ensureOpen();
    // All rows of a bound statement, newest first as they come; resets it.
    static Result<std::vector<std::shared_ptr<Event>>> readAll(Statement& statement);
    // Attaches the value that the event replaced, where it is kept.
    Result<void> addPrevious(Event& event);

    std::string path_;
    std::optional<Connection> open_;
};

} // namespace orrery::store
