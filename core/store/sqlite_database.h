// SQLite as Results: connections and statements that close themselves. Names no table.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace orrery::store {

// A prepared statement. Texts that are bound must live until reset(); texts that are read until the
// next step() or reset().
class Statement {
  public:
    Statement() = default;
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

    // Parameters count from 1.
    void bind(int parameter, std::int64_t number);
    void bind(int parameter, std::string_view text);
    void bindBytes(int parameter, std::string_view bytes);
    void bindNull(int parameter);
    // True: a row is there. False: no (further) row.
    Result<bool> step();
    // Runs a statement that gives no rows, then resets it.
    Result<void> run();
    void reset();
    // Columns count from 0.
    std::int64_t number(int column) const;
    std::string_view text(int column) const;
    bool isNull(int column) const;

  private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
  public:
    enum class Access { ReadOnly, ReadWrite };
    // ReadWrite makes the file when it is missing. One thread at a time.
    static Result<Database> open(const std::string& path, Access access);

    // Runs statements that give no rows (or whose rows nobody wants).
    Result<void> run(const char* sql);
    Result<Statement> prepare(std::string_view sql);
    // The first column of the first row; 0 when there is none.
    Result<std::int64_t> number(std::string_view sql);
    // Ends a transaction that an error left open; nothing happens when there is none.
    void rollBack();
    bool readOnly() const;
    // SQLite's primary result code of the newest failure of this connection.
    int failure() const;
    // Keeps what is in the -wal file there when the connection closes: the store file stays as it
    // is.
    void leaveUntouched();
    sqlite3* handle() const { return database_.get(); }

  private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    std::unique_ptr<sqlite3, Close> database_;
};

// The Error for SQLite's result code: what it means for the store, then SQLite's words.
Error sqliteError(int code, std::string_view detail);

} // namespace orrery::store
