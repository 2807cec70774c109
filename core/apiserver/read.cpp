// Step 7 of the pipeline for GET of one object.
#include "core/apiserver/registry.h"
#include "core/apiserver/status.h"

namespace orrery::apiserver {

Result<Answer> readObject(ServerCore& core, Call& call) {
    if (!call.options.resourceVersion.empty()) {
        ORRERY_TRY_ASSIGN(const std::int64_t asked,
                          parseResourceVersion(call.options.resourceVersion));
        if (asked > core.store.revision())
            return tooLargeResourceVersion(asked, core.store.revision());
    }
    const store::KeyValuePtr found =
        core.store.get(call.storage->key(call.info.namespace_, call.info.name));
    if (!found)
        return notFoundFor(call);
    return answerObject(*call.kind, 200,
                        inVersion(found->value, *call.storage, *call.kind, found->modRevision),
                        found->modRevision);
}

} // namespace orrery::apiserver
