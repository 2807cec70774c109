// Step 6 of the pipeline: mutated, defaulted, validated.
#include "core/api/defaults.h"
#include "core/api/managed_fields.h"
#include "core/api/validation/validation.h"
#include "core/apiserver/registry.h"
#include "core/apiserver/stamps.h"
#include "core/apiserver/status.h"
#include "core/auth/escalation.h"

namespace orrery::apiserver {

namespace {
bool appliesTo(const admission::PluginDef& plugin, const Call& call) {
    const auto has = [](const auto& list, const auto& value) {
        return std::find(list.begin(), list.end(), value) != list.end();
    };
    if (!has(plugin.operations, call.operation))
        return false;
    if (!plugin.resources.empty() && !has(plugin.resources, call.kind->groupResource()))
        return false;
    return plugin.subresources.empty() ? call.info.subresource.empty()
                                       : has(plugin.subresources, call.info.subresource);
}

bool isService(const Call& call) {
    return call.kind->group.empty() && call.kind->plural == "services";
}

// The name that Kubernetes makes up: at most 63 characters, five of them random, and not taken.
void generateName(ServerCore& core, Call& call) {
    constexpr std::size_t kBaseMax = 63 - 5;
    constexpr int kTriesMax = 8;
    const std::string base(stringAt(call.object, "metadata.generateName").substr(0, kBaseMax));
    for (int i = 0; i < kTriesMax; ++i) {
        call.info.name = base + newNameSuffix(core.env.random);
        if (!core.store.get(call.storage->key(call.info.namespace_, call.info.name)))
            break;
    }
    setPath(call.object, "metadata.name", Json(call.info.name));
}

// What only the server says about a new object.
void fillNewMetadata(ServerCore& core, Call& call) {
    Json& metadata = ensurePath(call.object, "metadata");
    setPath(metadata, "uid", Json(newUid(core.env.random)));
    setPath(metadata, "creationTimestamp", Json(formatTime(core.env.now())));
    if (stringAt(metadata, "name").empty() && !stringAt(metadata, "generateName").empty())
        generateName(core, call);
    call.key = call.storage->key(call.info.namespace_, call.info.name);
}

// What an update can't change, or may leave out.
void keepOldMetadata(Call& call) {
    Json& metadata = ensurePath(call.object, "metadata");
    const Json* old = find(*call.old, "metadata");
    ORRERY_ASSERT(old != nullptr);
    const auto copy = [&](const char* field) {
        if (const Json* value = find(*old, field))
            setPath(metadata, field, *value);
        else
            removePath(metadata, field);
    };
    if (stringAt(metadata, "uid").empty())
        copy("uid");
    copy("creationTimestamp");
    copy("generation");
    copy("resourceVersion");
    removePath(metadata, "selfLink");
    for (const char* field : {"deletionTimestamp", "deletionGracePeriodSeconds"})
        if (!find(metadata, field))
            copy(field);
}

std::string managerOf(const Call& call) {
    if (!call.options.fieldManager.empty())
        return call.options.fieldManager;
    return api::defaultFieldManager(call.userAgent);
}

// The same owner twice is one owner, and a warning.
void dropDoubleOwners(Call& call) {
    Json* owners = find(ensurePath(call.object, "metadata"), "ownerReferences");
    if (!owners || !owners->is_array() || owners->get_array().size() < 2)
        return;
    std::set<std::string> seen, twice;
    JsonArray kept;
    for (Json& owner : owners->get_array()) {
        const std::string uid(stringAt(owner, "uid"));
        const bool equal = std::find(kept.begin(), kept.end(), owner) != kept.end();
        if (equal)
            twice.insert(uid);
        else
            kept.push_back(std::move(owner));
    }
    *owners = std::move(kept);
    if (twice.empty())
        return;
    std::string listed;
    for (const std::string& uid : twice)
        listed += (listed.empty() ? "" : ", ") + uid;
    call.warnings.push_back(
        ".metadata.ownerReferences contains duplicate entries; API server dedups owner "
        "references in 1.20+, and may reject such requests as early as 1.24; please fix "
        "your requests; duplicate UID(s) observed: " +
        listed);
}

// Nobody gives away more than they have; the process's own loops are trusted with that too.
Result<void> checkGivenRights(ServerCore& core, const Call& call) {
    if (call.kind->group != "rbac.authorization.k8s.io" || call.trusted || !core.authorizer)
        return {};
    const auth::ObjectLookup lookup =
        [&core](const api::GroupResource& resource, const std::string& namespace_,
                const std::string& name) { return core.get(resource, namespace_, name); };
    const auth::RbacWrite write{call.kind->plural, call.info.namespace_, call.info.name,
                                &call.object, call.old.get()};
    return auth::checkEscalation(*core.authorizer, lookup, call.user, write);
}

Result<void> validateNew(ServerCore& core, Call& call) {
    fillNewMetadata(core, call);
    if (isService(call)) {
        settleService(call.object, nullptr);
        ORRERY_TRY(core.services.fill(call.object, nullptr, call.options.dryRun));
    }
    stampObject(call, core.env.now());
    api::prepareForCreate(*call.kind, call.object);
    if (api::FieldErrors errors = api::validateCreate(*call.kind, call.object); !errors.empty())
        return api::invalid(*call.kind, call.info.name, std::move(errors));
    return {};
}

Result<void> validateChanged(ServerCore& core, Call& call) {
    keepOldMetadata(call);
    const bool service = isService(call) && call.info.subresource.empty();
    if (service) {
        settleService(call.object, call.old.get());
        ORRERY_TRY(core.services.fill(call.object, call.old.get(), call.options.dryRun));
    }
    stampObject(call, core.env.now());
    api::prepareForUpdate(*call.kind, call.info.subresource, call.object, *call.old);
    if (service)
        dropForType(call.object, *call.old);
    if (api::FieldErrors errors =
            api::validateUpdate(*call.kind, call.object, *call.old, call.info.subresource);
        !errors.empty())
        return api::invalid(*call.kind, call.info.name, std::move(errors));
    return {};
}
} // namespace

Result<void> runAdmission(ServerCore& core, Call& call, bool mutating) {
    admission::Request request;
    request.operation = call.operation;
    request.kind = call.kind;
    request.namespace_ = call.info.namespace_;
    request.name = call.info.name;
    request.subresource = call.info.subresource;
    request.object = call.writes ? &call.object : nullptr;
    request.old = call.old.get();
    request.user = &call.user;
    request.dryRun = call.options.dryRun;
    request.warnings = &call.warnings;
    const admission::Context context{core, core.env.now(), core.env.random};
    for (const admission::PluginDef& plugin : admission::allPlugins()) {
        if (!appliesTo(plugin, call))
            continue;
        if (mutating && plugin.mutate)
            ORRERY_TRY(plugin.mutate(request, context));
        if (!mutating && plugin.validate)
            ORRERY_TRY(plugin.validate(request, context));
    }
    return {};
}

Result<void> admitWrite(ServerCore& core, Call& call) {
    dropDoubleOwners(call);
    // What admission sets belongs to nobody: Kubernetes tracks fields before it.
    if (call.patchType != client::PatchType::Apply)
        api::updateManagedFields(*call.kind, call.object, call.old.get(), managerOf(call),
                                 call.info.subresource, core.env.now());
    ORRERY_TRY(runAdmission(core, call, true));
    if (call.creates())
        ORRERY_TRY(validateNew(core, call));
    else
        ORRERY_TRY(validateChanged(core, call));
    // Nobody reads the warnings of the process's own loops.
    if (call.kind->strategy.warnings && call.info.subresource.empty() && !call.inProcess)
        for (std::string& warning : call.kind->strategy.warnings(call.object, call.old.get()))
            call.warnings.push_back(std::move(warning));
    ORRERY_TRY(runAdmission(core, call, false));
    ORRERY_TRY(checkGivenRights(core, call));
    if (isService(call))
        finishService(call.object);
    return {};
}

Result<void> admitDelete(ServerCore& core, Call& call) {
    ORRERY_TRY(runAdmission(core, call, true));
    return runAdmission(core, call, false);
}

} // namespace orrery::apiserver
