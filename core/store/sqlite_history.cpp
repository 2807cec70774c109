#include "core/store/sqlite_history.h"

#include "core/store/sqlite_rows.h"

namespace orrery::store {

Result<void> SqliteHistory::ensureOpen() {
    if (open_)
        return {};
    ORRERY_TRY_ASSIGN(Database database, Database::open(path_, Database::Access::ReadOnly));
    Connection connection{std::move(database), {}, {}, {}, {}};
    const std::string select = "SELECT " + std::string(kRowColumns) + " FROM log ";
    Database& source = connection.database;
    ORRERY_TRY_ASSIGN(
        connection.ofKey,
        source.prepare(select + "WHERE key = ? AND rev < ? ORDER BY rev DESC LIMIT ?"));
    ORRERY_TRY_ASSIGN(connection.at, source.prepare(select + "WHERE rev = ?"));
    ORRERY_TRY_ASSIGN(connection.before,
                      source.prepare(select + "WHERE rev < ? ORDER BY rev DESC LIMIT ?"));
    ORRERY_TRY_ASSIGN(connection.newestBefore, source.prepare(kNewestBeforeSql));
    open_.emplace(std::move(connection));
    return {};
}

void SqliteHistory::close() {
    open_.reset();
}

Result<std::vector<std::shared_ptr<Event>>> SqliteHistory::readAll(Statement& statement) {
    std::vector<std::shared_ptr<Event>> events;
    for (;;) {
        Result<bool> more = statement.step();
        if (!more || !*more) {
            statement.reset();
            if (!more)
                return std::move(more.error());
            return events;
        }
        Result<std::shared_ptr<Event>> event = rowEvent(statement);
        if (!event) {
            statement.reset();
            return std::move(event.error());
        }
        events.push_back(std::move(*event));
    }
}

Result<void> SqliteHistory::addPrevious(Event& event) {
    if (event.current->version == 1)
        return {}; // a creation
    Statement& statement = open_->newestBefore;
    statement.bind(1, event.current->key);
    statement.bind(2, event.revision);
    ORRERY_TRY_ASSIGN(const std::vector<std::shared_ptr<Event>> older, readAll(statement));
    if (!older.empty() && older.front()->type == Event::Type::Put)
        event.previous = older.front()->current;
    return {};
}

Result<std::vector<EventPtr>> SqliteHistory::history(std::string_view key, Revision before,
                                                     int limit) {
    ORRERY_TRY(ensureOpen());
    Statement& statement = open_->ofKey;
    statement.bind(1, key);
    statement.bind(2, before);
    statement.bind(3, std::int64_t{limit} + 1); // one more, for the oldest one's previous value
    ORRERY_TRY_ASSIGN(const std::vector<std::shared_ptr<Event>> rows, readAll(statement));
    std::vector<EventPtr> events;
    for (std::size_t i = rows.size(); i-- > 0;) {
        const bool hasOlder = i + 1 < rows.size();
        if (hasOlder && rows[i + 1]->type == Event::Type::Put)
            rows[i]->previous = rows[i + 1]->current;
        if (i < static_cast<std::size_t>(limit))
            events.push_back(rows[i]);
    }
    return events;
}

Result<EventPtr> SqliteHistory::eventAt(Revision revision) {
    ORRERY_TRY(ensureOpen());
    open_->at.bind(1, revision);
    ORRERY_TRY_ASSIGN(const std::vector<std::shared_ptr<Event>> found, readAll(open_->at));
    if (found.empty())
        return revisionNotKept(revision);
    ORRERY_TRY(addPrevious(*found.front()));
    return EventPtr(found.front());
}

Result<std::vector<EventPtr>> SqliteHistory::recent(Revision before, int limit) {
    ORRERY_TRY(ensureOpen());
    open_->before.bind(1, before);
    open_->before.bind(2, std::int64_t{limit});
    ORRERY_TRY_ASSIGN(const std::vector<std::shared_ptr<Event>> rows, readAll(open_->before));
    std::vector<EventPtr> events;
    for (std::size_t i = rows.size(); i-- > 0;) {
        ORRERY_TRY(addPrevious(*rows[i]));
        events.push_back(rows[i]);
    }
    return events;
}

} // namespace orrery::store
