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
            causes.push_back({"FieldValueRequired", "Required value: is required for apply patch",
                              "fieldManager"});
    } else if (call.options.force) {
        causes.push_back({"FieldValueForbidden",
                          "Forbidden: may not be specified for non-apply patch", "force"});
    }
    if (!causes.empty())
        return api::invalid("meta.k8s.io", "PatchOptions", "", std::move(causes));
    return {};
}

// Unknown fields of the patched object: warned about, or refused.
Result<void> judgeUnknown(Call& call, const Json& patched, std::vector<std::string> unknown) {
    if (call.options.fieldValidation != api::FieldValidation::Ignore && !call.bodyText.empty())
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
    return api::patchedObjectError(patchTypeOf(call.patchType), *call.body, patched,
                                   "strict decoding error: " + all);
}

// A patch can't make another kind of an object. What Kubernetes says depends on whether it knows
// that kind.
Result<void> checkSameKind(const ServerCore& core, const Call& call, const Json& patched) {
    const api::KindDef& kind = *call.kind;
    const std::string apiVersion(stringAt(patched, "apiVersion")), name(stringAt(patched, "kind"));
    const bool unsaid =
        apiVersion.empty() && name.empty(); // everything was deleted: the name lacks too
    if (unsaid || (apiVersion == kind.apiVersion() && name == kind.kind))
        return {};
    const api::KindDef* other = core.kinds.bodyKind(apiVersion, name);
    std::string reason = "no kind \"" + name + "\" is registered for version \"" + apiVersion +
                         "\" in scheme \"pkg/runtime/scheme.go:111\"";
    if (other) {
        std::vector<std::string> unknown;
        const auto read = api::normaliseObject(*other, patched, unknown);
        reason = read ? "converting (" + other->version + "." + other->kind + ") to (" +
                            kind.version + "." + kind.kind + "): unknown conversion"
                      : read.error().message;
    }
    return api::patchedObjectError(patchTypeOf(call.patchType), *call.body, patched, reason);
}

Result<void> applyChange(ServerCore& core, Call& call) {
    const api::KindDef& kind = *call.kind;
    const api::PatchType type = patchTypeOf(call.patchType);
    ORRERY_TRY_ASSIGN(Json patched, api::applyPatch(kind, type, *call.old, *call.body));
    ORRERY_TRY(checkSameKind(core, call, patched));
    std::vector<std::string> unknown;
    auto normal = api::normaliseObject(kind, std::move(patched), unknown);
    if (!normal || call.options.fieldValidation != api::FieldValidation::Ignore) {
        // What is told of it quotes the object as it was patched.
        ORRERY_TRY_ASSIGN(const Json kept, api::applyPatch(kind, type, *call.old, *call.body));
        if (!normal)
            return api::patchedObjectError(type, *call.body, kept, normal.error().message);
        ORRERY_TRY(judgeUnknown(call, kept, std::move(unknown)));
    }
    call.object = std::move(*normal);
    api::applyDefaults(kind, call.object);
    return {};
}

Result<void> applyApply(ServerCore& core, Call& call) {
    const api::KindDef& kind = *call.kind;
    ORRERY_TRY_ASSIGN(Json applied, api::applyServerSide(
                                        kind, call.old.get(), *call.body, call.options.fieldManager,
                                        call.options.force, core.env.now(), call.info.subresource));
    if (!call.current)
        removePath(applied, "metadata.resourceVersion");
    std::vector<std::string> unknown;
    const Json kept = applied;
    auto normal = api::normaliseObject(kind, std::move(applied), unknown);
    if (!normal)
        return api::patchedObjectError(api::PatchType::Apply, *call.body, kept,
                                       normal.error().message);
    call.object = std::move(*normal);
    if (stringAt(call.object, "metadata.name").empty())
        setPath(call.object, "metadata.name", Json(call.info.name));
    api::applyDefaults(kind, call.object);
    return {};
}

// What is wrong with a body that is no patch at all.
Error unreadable(const Call& call) {
    if (call.patchType != client::PatchType::Apply)
        return badRequest("error decoding patch: " + goSyntaxErrorOf(call.bodyText));
    return badRequest("error decoding YAML: " + call.bodyError);
}

Result<void> checkAppliedBody(const Call& call) {
    const Json& body = *call.body;
    if (body.is_null())
        return badRequest("invalid object type: /, Kind=");
    if (body.is_object())
        return {};
    const char* type = body.is_array()    ? "array"
                       : body.is_string() ? "string"
                       : body.is_bool()   ? "bool"
                                          : "number";
    return badRequest(
        std::string(
            "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot "
            "unmarshal ") +
        type + " into Go value of type map[string]interface {}");
}
} // namespace

Result<void> decodePatch(ServerCore& core, Call& call) {
    if (call.kind->custom && call.patchType == client::PatchType::StrategicMerge)
        return makeError(Reason::UnsupportedMediaType,
                         "the body of the request was in an unknown format - accepted media types "
                         "include: application/json-patch+json, application/merge-patch+json, "
                         "application/apply-patch+yaml");
    ORRERY_TRY(checkApplyOptions(call));
    const bool apply = call.patchType == client::PatchType::Apply;
    if (!call.body && apply && call.bodyText.empty())
        call.body = Json();
    if (!call.body)
        return unreadable(call);
    if (apply)
        ORRERY_TRY(checkAppliedBody(call));
    loadCurrent(core, call);
    call.writes = true;
    if (!call.current &&
        (!apply || (!call.info.subresource.empty() && !allowsCreateOnUpdate(*call.kind))))
        return notFoundFor(call);
    if (!call.current)
        ORRERY_TRY(refuseOfTerminating(core, call));
    call.operation = call.current ? admission::Operation::Update : admission::Operation::Create;
    call.successCode = call.current ? 200 : 201;
    if (apply)
        ORRERY_TRY(applyApply(core, call));
    else
        ORRERY_TRY(applyChange(core, call));
    ORRERY_TRY(checkNamespace(call, call.object));
    ORRERY_TRY(checkName(call, call.object));
    if (call.current)
        return checkVersion(call);
    // An apply that names a uid means an object that is there.
    if (const std::string_view uid = stringAt(call.object, "metadata.uid"); !uid.empty()) {
        const StatusCause cause{"FieldValueInvalid",
                                "Invalid value: \"" + std::string(uid) + "\": field is immutable",
                                "metadata.uid"};
        return api::invalid(*call.kind, call.info.name, {cause, cause});
    }
    return {};
}

} // namespace orrery::apiserver
