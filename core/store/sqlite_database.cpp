#include "core/store/sqlite_database.h"

#include <sqlite3.h>

namespace orrery::store {

namespace {
std::string_view meaning(int code) {
    switch (code & 0xFF) {
    case SQLITE_FULL:
        return "the disk of the store is full: nothing can be written until space is freed";
    case SQLITE_IOERR:
        return "the disk of the store failed";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "the store's file is damaged";
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return "the store's file must not be written";
    case SQLITE_CANTOPEN:
        return "the store's file can't be opened";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another program uses the store's file";
    case SQLITE_NOMEM:
        return "memory ran out";
    default:
        return "the store's database failed";
    }
}

Error errorOf(sqlite3* database) {
    return sqliteError(sqlite3_extended_errcode(database), sqlite3_errmsg(database));
}
} // namespace

Error sqliteError(int code, std::string_view detail) {
    return internalError(std::string(meaning(code)) + " (SQLite: " + std::string(detail) +
                         ", code " + std::to_string(code) + ")");
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement); // repeats the error of the last step, which was seen there
}

// Binding fails only for a wrong parameter number or a text over 1 GB.
void Statement::bind(int parameter, std::int64_t number) {
    ORRERY_ASSERT(sqlite3_bind_int64(statement_.get(), parameter, number) == SQLITE_OK);
}

void Statement::bind(int parameter, std::string_view text) {
    ORRERY_ASSERT(sqlite3_bind_text64(statement_.get(), parameter, text.data() ? text.data() : "",
                                      text.size(), SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK);
}

void Statement::bindBytes(int parameter, std::string_view bytes) {
    ORRERY_ASSERT(sqlite3_bind_blob64(statement_.get(), parameter, bytes.data() ? bytes.data() : "",
                                      bytes.size(), SQLITE_STATIC) == SQLITE_OK);
}

void Statement::bindNull(int parameter) {
    ORRERY_ASSERT(sqlite3_bind_null(statement_.get(), parameter) == SQLITE_OK);
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW || code == SQLITE_DONE)
        return code == SQLITE_ROW;
    return errorOf(sqlite3_db_handle(statement_.get()));
}

Result<void> Statement::run() {
    Result<bool> row = step();
    reset();
    if (!row)
        return std::move(row.error());
    return {};
}

void Statement::reset() {
    sqlite3_reset(statement_.get()); // repeats the error of the last step, which was seen there
}

std::int64_t Statement::number(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
    const void* bytes = sqlite3_column_blob(statement_.get(), column);
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return bytes ? std::string_view(static_cast<const char*>(bytes), static_cast<std::size_t>(size))
                 : std::string_view();
}

bool Statement::isNull(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Database::Close::operator()(sqlite3* database) const {
    sqlite3_close_v2(database);
}

Result<Database> Database::open(const std::string& path, Access access) {
    const int flags = access == Access::ReadOnly ? SQLITE_OPEN_READONLY
                                                 : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    Database database;
    database.database_.reset(handle);
    if (code != SQLITE_OK)
        return handle ? errorOf(handle) : sqliteError(code, "no memory");
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, 1000);
    return database;
}

Result<void> Database::run(const char* sql) {
    if (sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return errorOf(handle());
    return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
        return errorOf(handle());
    return Statement(statement);
}

Result<std::int64_t> Database::number(std::string_view sql) {
    ORRERY_TRY_ASSIGN(Statement statement, prepare(sql));
    ORRERY_TRY_ASSIGN(const bool row, statement.step());
    return row ? statement.number(0) : 0;
}

void Database::rollBack() {
    if (sqlite3_get_autocommit(handle()) == 0)
        sqlite3_exec(handle(), "ROLLBACK", nullptr, nullptr, nullptr); // can't fail any further
}

bool Database::readOnly() const {
    return sqlite3_db_readonly(handle(), "main") == 1;
}

int Database::failure() const {
    return sqlite3_errcode(handle()) & 0xFF;
}

void Database::leaveUntouched() {
    sqlite3_db_config(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

} // namespace orrery::store
