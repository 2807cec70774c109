// Create, get, list, update, patch and delete for every kind: the steps of the pipeline behind
// authorization. Each step reads and fills the Call; an error ends the request.
#pragma once
#include "core/apiserver/call.h"
#include "core/apiserver/server_core.h"

namespace orrery::apiserver {

// --- step 5: what is asked for becomes an object (decode.cpp)
// --------------------------------------------- Reads what is stored into call.current and
// call.old. NotFound is left to the caller.
void loadCurrent(ServerCore& core, Call& call);
Error notFoundFor(const Call& call);
// The body as an object of `kind`: checked, pruned, with its defaults; warnings go into the call.
Result<Json> decodeBody(ServerCore& core, Call& call, const api::KindDef& kind);
// Nothing is created of a kind that is going.
Result<void> refuseOfTerminating(const ServerCore& core, const Call& call);
// What the body of a custom kind says it is (custom_bodies.cpp).
Result<void> checkCustomBody(Call& call, const api::KindDef& kind);
// The object is where and what the path says; an empty namespace is filled in.
Result<void> checkNamespace(const Call& call, Json& object);
Result<void> checkName(const Call& call, const Json& object);
Result<void> decodeCreate(ServerCore& core, Call& call);
Result<void> decodeUpdate(ServerCore& core, Call& call);
// What a new object has to say about the stored one: its uid and resourceVersion (Conflict,
// Invalid).
Result<void> checkPreconditions(const Call& call);
// Its resourceVersion alone: a patch may not move the uid, but that is for validation to say.
Result<void> checkVersion(const Call& call);
// decode_patch.cpp
Result<void> decodePatch(ServerCore& core, Call& call);
// delete.cpp
Result<void> decodeDeleteOptions(ServerCore& core, Call& call);
Result<void> decodeDelete(ServerCore& core, Call& call);
// The uid and resourceVersion that a deletion expects (Conflict).
Result<void> checkDeletePreconditions(const Call& call, const Json& object);

// --- step 6: mutated, defaulted, validated (admit.cpp)
// ------------------------------------------------------
Result<void> admitWrite(ServerCore& core, Call& call);
Result<void> admitDelete(ServerCore& core, Call& call);
// One half of the admission chain.
Result<void> runAdmission(ServerCore& core, Call& call, bool mutating);

// --- step 7: stored, or read
// -----------------------------------------------------------------------------
Result<Answer> storeWrite(ServerCore& core, Call& call);            // write.cpp
Result<Answer> storeDelete(ServerCore& core, Call& call);           // delete.cpp
Result<Answer> storeDeleteCollection(ServerCore& core, Call& call); // delete.cpp
Result<Answer> readObject(ServerCore& core, Call& call);            // read.cpp
Result<Answer> readList(ServerCore& core, Call& call);              // list.cpp
Result<Selection> selectionOf(ServerCore& core, const Call& call);  // list.cpp

// Commits one object, given in the version of `kind`, and keeps every index. It gets its
// resourceVersion here, and comes back encoded in that version. `current` is what is stored now, or
// null.
struct Committed {
    Revision revision = 0;
    EncodedPtr object;
};
Result<Committed> commitPut(ServerCore& core, const api::KindDef& kind, const std::string& key,
                            const store::KeyValuePtr& current, Json object, WriteCause cause);
// Deletes; `last` is what watchers see of it, with the deletion's resourceVersion.
Result<Committed> commitDelete(ServerCore& core, const api::KindDef& kind, const std::string& key,
                               const store::KeyValuePtr& current, Json last, WriteCause cause);
Answer answerObject(const api::KindDef& kind, int code, EncodedPtr object, Revision awaits);
// An answer that is stored nowhere: a Status, a review, a dry run. `kind` may be null.
Answer answerTree(const api::KindDef* kind, int code, Json tree);

// How kinds differ where no schema says so (kind_rules.cpp).
bool allowsCreateOnUpdate(const api::KindDef& kind);
bool allowsUnconditionalUpdate(const api::KindDef& kind);
bool returnsDeletedObject(const api::KindDef& kind);
bool orphansByDefault(const api::KindDef& kind);

} // namespace orrery::apiserver
