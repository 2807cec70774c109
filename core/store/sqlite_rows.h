// The store's file: how an event is a row.
//
// The file is an SQLite database; application_id says "Orrery store" and user_version the format
// (1). It grows at its end, one row for each write, and nothing in a row ever changes:
//
//     log   rev          INTEGER PRIMARY KEY   revisions ascend by one: 2, 3, 4, ...
//           key          TEXT                  "/registry/pods/default/web"
//           value        BLOB or NULL          the object's JSON (of a deletion: the last one)
//           create_rev   INTEGER               the revision that created the key, this time
//           version      INTEGER               1, 2, 3, ... since then; 0 in a deletion
//           deleted      INTEGER               1: this write ended the key
//           actor, because, request, user_agent TEXT, woken_by INTEGER       its cause (WriteCause)
//           at           INTEGER               nanoseconds since 1970
//     log_by_key (key, rev)                    finds a key's newest row, and its history
//     meta  name TEXT, number INTEGER          'trimmed': history up to this revision was dropped
//
// An example. A pod is created, bound, and deleted; another one is created:
//
//     rev  key                         value     create_rev  version  deleted  actor
//     2    /registry/pods/default/web  {...}     2           1        0        kubernetes-admin
//     3    /registry/pods/default/web  {...}     2           2        0        default-scheduler
//     4    /registry/pods/default/web  {...}     2           0        1        kubernetes-admin
//     5    /registry/pods/default/db   {...}     5           1        0        kubernetes-admin
//
// Opening reads the newest row of each key (4 and 5) and keeps those that are no deletion (5); the
// next revision is 6. Dropping the history up to 4 takes 2 and 3, because 4 replaced them, and 4
// itself, because nothing lives there. The newest row is never dropped, so that revisions never go
// back.
#pragma once
#include <cstdint>

#include "core/store/sqlite_database.h"
#include "core/store/store.h"

namespace orrery::store {

inline constexpr std::int64_t kApplicationId = 0x4F727279; // "Orry"
inline constexpr std::int64_t kFormatVersion = 1;

// Makes the tables in an empty file; application_id and user_version with them.
extern const char* const kSchemaSql;
// The columns of a row in the order that rowEvent reads and bindEvent fills; begin a SELECT with
// them.
extern const char* const kRowColumns;
extern const char* const kInsertSql;

// The event in the statement's current row, without its previous value. Error: no row of ours.
Result<std::shared_ptr<Event>> rowEvent(const Statement& row);
// The newest row before `revision` of the key.
extern const char* const kNewestBeforeSql; // parameters: key, revision
// Binds the parameters of kInsertSql; `event` must outlive the step.
void bindEvent(Statement& insert, const Event& event);

} // namespace orrery::store
