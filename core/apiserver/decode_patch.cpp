// Step 5 of the pipeline for PATCH: what is stored, changed as the patch says.
#include "core/api/apply.h"
#include "core/api/defaults.h"
#include "core/api/object.h"
#include "core/api/patch.h"
#include "core/api/validation/validation.h"
#include "core/apiserver/go_json.h"
#include "core/apiserver/registry.h"

namespace orrery::apiserver {

namespace {
api::PatchType patchTypeOf(client::PatchType type) {
    switch (type) {
    case client::PatchType::Json:
        return api::PatchType::Json;
    case client::PatchType::Merge:
        return api::PatchType::Merge;
    case client::PatchType::StrategicMerge:
        return api::PatchType::StrategicMerge;
    default:
        return api::PatchType::Apply;
    }
}

Result<void> checkApplyOptions(const Call& call) {
    std::vector<StatusCause> causes;
    if (call.patchType == client::PatchType::Apply) {
        if (call.options.fieldManager.empty())
            causes.push_back(
                {"FieldValueRequired", "Required value: is required for apply patch", "fieldManager"});
    } else if (call.options.force) {
        causes.push_back(
            {"FieldValueForbidden", "Forbidden: may not be specified for non-apply patch", "force"});
    }
    if (!causes.empty())
        return api::invalid("meta.k8s.io", "PatchOptions", "", std::move(causes));
    return {};
}

// Unknown fields of the patched object: warned about, or refused.
Result<void> judgeUnknown(Call& call, std::vector<std::string> unknown) {
    if (call.patchType == client::PatchType::Json || call.patchType == client::PatchType::Merge ||
        call.patchType == client::PatchType::StrategicMerge)
        for (std::string& twice : api::duplicateFields(call.bodyText))
            unknown.push_back(std::move(twice));
    if (unknown.empty() || call.options.fieldValidation == api::FieldValidation::Ignore)
        return {};
    if (call.options.fieldValidation == api::FieldValidation::Warn) {
        for (std::string& text : unknown)
            call.warnings.push_back(std::move(text));
        return {};
    }
    std::string all;
    for (const std::string& text : unknown)
        all += (all.empty() ? "" : ", ") + text;
    return api::invalid("", "", "",
                        {StatusCause{"FieldValueInvalid",
                                     "Invalid value: " + serializeJson(Json(call.bodyText)) +
                                         ": strict decoding error: " + all,
                                     "patch"}});
}

Result<void> applyChange(ServerCore& core, Call& call) {
    const api::KindDef& kind = *call.kind;
    const api::PatchType type = patchTypeOf(call.patchType);
    ORRERY_TRY_ASSIGN(Json patched, api::applyPatch(kind, type, *call.old, *call.body));
    std::vector<std::string> unknown;
    Json kept = patched;
    auto normal = api::normaliseObject(kind, std::move(patched), unknown);
    if (!normal)
        return api::patchedObjectError(type, *call.body, kept, normal.error().message);
    ORRERY_TRY(judgeUnknown(call, std::move(unknown)));
    call.object = std::move(*normal);
    api::applyDefaults(kind, call.object);
    static_cast<void>(core);
    return {};
}

Result<void> applyApply(ServerCore& core, Call& call) {
    const api::KindDef& kind = *call.kind;
    ORRERY_TRY_ASSIGN(call.object,
                      api::applyServerSide(kind, call.old.get(), *call.body, call.options.fieldManager,
                                           call.options.force, core.env.now(), call.info.subresource));
    api::applyDefaults(kind, call.object);
    return {};
}
} // namespace

Result<void> decodePatch(ServerCore& core, Call& call) {
    ORRERY_TRY(checkApplyOptions(call));
    if (!call.body)
        return badRequest(goSyntaxErrorOf(call.bodyText));
    loadCurrent(core, call);
    call.writes = true;
    const bool apply = call.patchType == client::PatchType::Apply;
    if (!call.current && (!apply || !call.info.subresource.empty()))
        return notFoundFor(call);
    call.operation = call.current ? admission::Operation::Update : admission::Operation::Create;
    call.successCode = call.current ? 200 : 201;
    if (apply)
        ORRERY_TRY(applyApply(core, call));
    else
        ORRERY_TRY(applyChange(core, call));
    ORRERY_TRY(checkNamespace(call, call.object));
    ORRERY_TRY(checkName(call, call.object));
    if (call.current)
        return checkPreconditions(call);
    return {};
}

} // namespace orrery::apiserver
