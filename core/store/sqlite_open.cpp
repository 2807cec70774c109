// Opening the store's file: everything that can be wrong with it, and what the user can do then.
#include <sqlite3.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "core/store/sqlite_log.h"
#include "core/store/sqlite_rows.h"

namespace orrery::store {

namespace {
namespace fs = std::filesystem;

constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr std::size_t kHeaderBytes = 100;

std::int64_t bigEndian(const std::array<char, kHeaderBytes>& header, std::size_t offset) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i)
        number = number << 8 | static_cast<unsigned char>(header[offset + i]);
    return number;
}

Error cannotUse(const std::string& path, const std::string& why) {
    return makeError(Reason::Invalid, "can't use the store " + path + ": " + why);
}

Error damaged(const std::string& path, const std::string& what) {
    const std::string folder = fs::path(path).parent_path().string();
    return makeError(
        Reason::Invalid,
        "the store " + path + " is damaged: " + what +
            ". It was left as it is. Keep a copy of the folder (cp -a '" + folder + "' '" + folder +
            ".damaged'), then start with another --data-dir, or save what can be read with"
            " \"sqlite3 '" +
            path + "' .recover\"");
}

Error unwritable(const std::string& path, const std::string& detail) {
    return cannotUse(path, "it, or its folder, can't be written; change its permissions or choose "
                           "another --data-dir (" +
                               detail + ")");
}

Result<void> checkFolder(const std::string& path) {
    std::error_code code;
    const fs::path folder = fs::absolute(fs::path(path), code).parent_path();
    if (!fs::exists(folder, code))
        return cannotUse(path, "the folder " + folder.string() +
                                   " does not exist; make it or choose another --data-dir");
    if (!fs::is_directory(folder, code))
        return cannotUse(path, folder.string() + " is no folder; choose another --data-dir");
    if (fs::is_directory(path, code))
        return cannotUse(path, "it is a folder; choose another --data-dir");
    return {};
}

Result<void> checkFormat(const std::string& path, std::int64_t format) {
    if (format <= kFormatVersion)
        return {};
    return cannotUse(path, "a newer Orrery wrote it (format " + std::to_string(format) +
                               ", this one knows up to " + std::to_string(kFormatVersion) +
                               "); start that version or choose another --data-dir. It was left "
                               "as it is");
}

// Looks at the file's first bytes before SQLite may touch it: a foreign file stays as it is.
Result<void> checkHeader(const std::string& path) {
    std::error_code code;
    if (!fs::exists(path, code) || fs::file_size(path, code) == 0)
        return {};
    std::ifstream file(path, std::ios::binary);
    std::array<char, kHeaderBytes> header{};
    file.read(header.data(), header.size());
    if (!file && !file.eof())
        return unwritable(path, "it can't even be read");
    if (file.gcount() < static_cast<std::streamsize>(header.size()) ||
        std::string_view(header.data(), kMagic.size()) != kMagic)
        return cannotUse(path,
                         "it is not an SQLite file, so not a store of Orrery; move it away or "
                         "choose another --data-dir. It was left as it is");
    if (bigEndian(header, 68) != kApplicationId)
        return cannotUse(path, "it is an SQLite file, but not a store of Orrery; move it away or "
                               "choose another --data-dir. It was left as it is");
    return checkFormat(path, bigEndian(header, 60));
}

// What a failure while opening or loading means for the user.
Error explain(const std::string& path, int code, const Error& error) {
    switch (code) {
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
        return unwritable(path, error.message);
    case SQLITE_FULL:
        return cannotUse(path, "no space is left on its disk; free some and start again");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return cannotUse(path, "another program uses it; stop that one or choose another "
                               "--data-dir");
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
        return cannotUse(path, error.message);
    default:
        return damaged(path, error.message);
    }
}
} // namespace

Result<std::shared_ptr<SqliteLog>> SqliteLog::open(const std::string& path,
                                                   std::int64_t historyBytesMax) {
    ORRERY_TRY(checkFolder(path));
    ORRERY_TRY(checkHeader(path));
    std::error_code code;
    const bool made = !fs::exists(path, code);
    Result<Database> database = Database::open(path, Database::Access::ReadWrite);
    if (!database)
        return unwritable(path, database.error().message);
    if (database->readOnly())
        return unwritable(path, "it is read-only");
    if (made) // it holds Secrets; SQLite gives its -wal file the same permissions
        fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write, code);
    // Again, because the -wal file may know a newer one than the file's first bytes.
    Result<std::int64_t> format = database->number("PRAGMA user_version");
    if (Result<void> known = checkFormat(path, format ? *format : 0); !known) {
        database->leaveUntouched();
        return std::move(known.error());
    }
    std::shared_ptr<SqliteLog> log(new SqliteLog(path, historyBytesMax, std::move(*database)));
    if (Result<void> prepared = log->prepareFile(); !prepared) {
        const int failure = log->database_.failure();
        log->database_.leaveUntouched();
        return explain(path, failure, prepared.error());
    }
    return log;
}

Result<LoadedLog> SqliteLog::load() {
    Result<LoadedLog> loaded = loadRows();
    if (loaded)
        return loaded;
    const int code = database_.failure();
    database_.leaveUntouched();
    return explain(path_, code, loaded.error());
}

} // namespace orrery::store
