// Step 7 of the pipeline for creations and changes: stored, with a revision and a cause.
#include "core/api/defaults.h"
#include "core/apiserver/registry.h"
#include "core/apiserver/status.h"

namespace orrery::apiserver {

namespace {
// A write that the disk refused was undone: what was derived from it is read again.
std::function<void(Result<void>)> onSettled(ServerCore& core) {
    return [&core, alive = core.alive](Result<void> durable) {
        if (durable || !*alive)
            return;
        core.pods.rebuild(core.store);
        core.services.rebuild(core.store, core.kinds.byResource("", "v1", "services")->keyPrefix());
        core.customKinds.rebuild(core.store);
    };
}

void keepIndexes(ServerCore& core, const api::KindDef& storage, const std::string& key,
                 const store::KeyValuePtr& current, const Json* now, Revision revision) {
    if (api::isDefinition(storage))
        return core.customKinds.onWrite(key, now, revision);
    if (!storage.group.empty())
        return;
    if (storage.plural == "pods")
        core.pods.onWrite(key, now);
    else if (storage.plural == "services")
        core.services.onWrite(current ? &current->value->tree() : nullptr, now);
}

// A write that changes nothing rewrites what is stored in another version, or lacks defaults.
bool inTodaysForm(const Call& call) {
    if (!call.kind->custom || call.current->modRevision > call.kind->storedFormSince)
        return true;
    const Json stored = api::convertVersion(*call.kind, *call.storage, *call.old);
    return sameValue(stored, call.current->value->tree());
}

// Nothing holds a deleted object any more: the last finalizer is gone and its grace period is over.
bool isReleased(const Call& call) {
    const Json* metadata = find(call.object, "metadata");
    if (!find(*metadata, "deletionTimestamp") || !arrayAt(*metadata, "finalizers").empty())
        return false;
    if (call.kind->plural == "namespaces" && call.kind->group.empty())
        return arrayAt(call.object, "spec.finalizers").empty();
    return intAt(*metadata, "deletionGracePeriodSeconds") == 0;
}
} // namespace

Answer answerObject(const api::KindDef& kind, int code, EncodedPtr object, Revision awaits) {
    Answer answer;
    answer.code = code;
    answer.kind = &kind;
    answer.object = std::move(object);
    answer.awaits = awaits;
    answer.resourceVersion = awaits;
    return answer;
}

Answer answerTree(const api::KindDef* kind, int code, Json tree) {
    Answer answer;
    answer.code = code;
    answer.kind = kind;
    answer.object = std::make_shared<const Encoded>(std::move(tree));
    return answer;
}

Result<Committed> commitPut(ServerCore& core, const api::KindDef& kind, const std::string& key,
                            const store::KeyValuePtr& current, Json object, WriteCause cause) {
    const api::KindDef& storage = *core.storageOf(kind);
    setPath(object, "metadata.resourceVersion", Json(std::to_string(core.store.nextRevision())));
    Committed out;
    EncodedPtr stored;
    if (&kind == &storage) {
        stored = out.object = encodeObject(kind, std::move(object));
    } else {
        stored = encodeObject(storage, api::convertVersion(kind, storage, object));
        // What the stored version does not know is gone, for this answer too.
        if (kind.custom)
            object = api::convertVersion(storage, kind, stored->tree());
        out.object = encodeObject(kind, std::move(object));
    }
    ORRERY_TRY_ASSIGN(out.revision,
                      core.store.commit({key, stored, current ? current->modRevision : 0, nullptr},
                                        std::move(cause), onSettled(core)));
    keepIndexes(core, storage, key, current, &stored->tree(), out.revision);
    return out;
}

Result<Committed> commitDelete(ServerCore& core, const api::KindDef& kind, const std::string& key,
                               const store::KeyValuePtr& current, Json last, WriteCause cause) {
    const api::KindDef& storage = *core.storageOf(kind);
    setPath(last, "metadata.resourceVersion", Json(std::to_string(core.store.nextRevision())));
    Committed out;
    EncodedPtr stored;
    if (&kind == &storage) {
        stored = out.object = encodeObject(kind, std::move(last));
    } else {
        stored = encodeObject(storage, api::convertVersion(kind, storage, last));
        out.object = encodeObject(kind, std::move(last));
    }
    ORRERY_TRY_ASSIGN(out.revision, core.store.commit({key, nullptr, current->modRevision, stored},
                                                      std::move(cause), onSettled(core)));
    keepIndexes(core, storage, key, current, nullptr, out.revision);
    return out;
}

Result<Answer> storeWrite(ServerCore& core, Call& call) {
    const api::KindDef& kind = *call.kind;
    if (call.creates()) {
        if (const store::KeyValuePtr there = core.store.get(call.key)) {
            Error error = alreadyExists(kind.group, kind.plural, call.info.name);
            if (findPath(there->value->tree(), "metadata.deletionTimestamp"))
                error.message = "object is being deleted: " + error.message;
            return error;
        }
        if (!call.options.dryRun && !stringAt(call.object, "metadata.resourceVersion").empty())
            return makeError(Reason::Unknown,
                             "resourceVersion should not be set on objects to be created");
    } else if (sameValue(call.object, *call.old) && inTodaysForm(call)) {
        return answerObject(
            kind, call.successCode,
            inVersion(call.current->value, *call.storage, kind, call.current->modRevision),
            call.current->modRevision);
    }
    const bool released = call.current && isReleased(call);
    if (call.options.dryRun) {
        Answer answer;
        answer.code = call.successCode;
        answer.kind = &kind;
        answer.object = encodeObject(kind, std::move(call.object));
        return answer;
    }
    ORRERY_TRY_ASSIGN(Committed done,
                      released ? commitDelete(core, kind, call.key, call.current,
                                              std::move(call.object), std::move(call.cause))
                               : commitPut(core, kind, call.key, call.current,
                                           std::move(call.object), std::move(call.cause)));
    return answerObject(kind, call.successCode, std::move(done.object), done.revision);
}

} // namespace orrery::apiserver
