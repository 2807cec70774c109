#include "core/store/sqlite_rows.h"

namespace orrery::store {

#define ORRERY_ROW_COLUMNS                                                                         \
    "rev, key, value, create_rev, version, deleted, actor, because, request, user_agent, "         \
    "woken_by, at"

const char* const kSchemaSql =
    "BEGIN;"
    "CREATE TABLE log (rev INTEGER PRIMARY KEY, key TEXT NOT NULL, value BLOB,"
    " create_rev INTEGER NOT NULL, version INTEGER NOT NULL, deleted INTEGER NOT NULL,"
    " actor TEXT NOT NULL, because TEXT NOT NULL, request TEXT NOT NULL,"
    " user_agent TEXT NOT NULL, woken_by INTEGER NOT NULL, at INTEGER NOT NULL);"
    "CREATE INDEX log_by_key ON log (key, rev);"
    "CREATE TABLE meta (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;"
    "INSERT INTO meta VALUES ('trimmed', 0);"
    "PRAGMA application_id = 1332900473;" // kApplicationId
    "PRAGMA user_version = 1;"            // kFormatVersion
    "COMMIT";
static_assert(kApplicationId == 1332900473 && kFormatVersion == 1);

const char* const kRowColumns = ORRERY_ROW_COLUMNS;
const char* const kInsertSql =
    "INSERT INTO log (" ORRERY_ROW_COLUMNS ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?)";
const char* const kNewestBeforeSql =
    "SELECT " ORRERY_ROW_COLUMNS " FROM log WHERE key = ? AND rev < ? ORDER BY rev DESC LIMIT 1";

Result<std::shared_ptr<Event>> rowEvent(const Statement& row) {
    auto value = std::make_shared<KeyValue>();
    value->modRevision = row.number(0);
    value->key = std::string(row.text(1));
    if (!row.isNull(2))
        value->value = std::make_shared<const Encoded>(std::string(row.text(2)));
    value->createRevision = row.number(3);
    value->version = row.number(4);

    auto cause = std::make_shared<WriteCause>();
    cause->actor = std::string(row.text(6));
    cause->because = std::string(row.text(7));
    cause->request = std::string(row.text(8));
    cause->userAgent = std::string(row.text(9));
    cause->wokenBy = row.number(10);

    auto event = std::make_shared<Event>();
    event->type = row.number(5) != 0 ? Event::Type::Delete : Event::Type::Put;
    event->revision = value->modRevision;
    event->at = Time(Duration(row.number(11)));
    const bool sound = value->modRevision > 1 && !value->key.empty() &&
                       value->createRevision <= value->modRevision &&
                       (event->type == Event::Type::Delete || value->value);
    if (!sound)
        return internalError("the store's file is damaged (row " +
                             std::to_string(value->modRevision) + " makes no sense)");
    event->current = std::move(value);
    event->cause = std::move(cause);
    return event;
}

void bindEvent(Statement& insert, const Event& event) {
    const KeyValue& value = *event.current;
    insert.bind(1, value.modRevision);
    insert.bind(2, value.key);
    if (value.value)
        insert.bindBytes(3, value.value->bytes());
    else
        insert.bindNull(3);
    insert.bind(4, value.createRevision);
    insert.bind(5, value.version);
    insert.bind(6, std::int64_t{event.type == Event::Type::Delete});
    insert.bind(7, event.cause->actor);
    insert.bind(8, event.cause->because);
    insert.bind(9, event.cause->request);
    insert.bind(10, event.cause->userAgent);
    insert.bind(11, event.cause->wokenBy);
    insert.bind(12, event.at.time_since_epoch().count());
}

} // namespace orrery::store
