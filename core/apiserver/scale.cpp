// The scale subresource: spec.replicas of a workload, as an autoscaling/v1 Scale.
#include "core/api/apply.h"
#include "core/api/object.h"
#include "core/api/patch.h"
#include "core/api/selectors.h"
#include "core/api/validation/validation.h"
#include "core/apiserver/registry.h"
#include "core/apiserver/subresources.h"

namespace orrery::apiserver {

namespace {
const api::KindDef& scaleKind(ServerCore& core) {
    const api::KindDef* kind = core.kinds.bodyKind("autoscaling/v1", "Scale");
    ORRERY_ASSERT(kind != nullptr);
    return *kind;
}

// The selector as text; ReplicationControllers have a plain map.
std::string selectorText(const Json& object) {
    const Json* selector = findPath(object, "spec.selector");
    if (!selector)
        return "";
    if (find(*selector, "matchLabels") || find(*selector, "matchExpressions")) {
        const auto filter = api::LabelFilter::fromObject(*selector);
        return filter ? filter->text() : "";
    }
    JsonObject labels;
    labels["matchLabels"] = *selector;
    const auto filter = api::LabelFilter::fromObject(Json(std::move(labels)));
    return filter ? filter->text() : "";
}

std::string selectorOf(const api::KindDef& kind, const Json& object) {
    if (!kind.custom)
        return selectorText(object);
    return kind.labelSelectorPath.empty() ? std::string()
                                          : std::string(stringAt(object, kind.labelSelectorPath));
}

Error missingReplicas(std::string_view path) {
    const std::string what =
        "the spec replicas field \"." + std::string(path) + "\" does not exist";
    Error error = internalError("Internal error occurred: " + what);
    error.causes.push_back({"", what, ""});
    return error;
}

// Where a kind keeps what its scale shows.
std::string_view replicasPath(const api::KindDef& kind) {
    return kind.custom ? std::string_view(kind.specReplicasPath) : "spec.replicas";
}

Result<Json> scaleOf(const api::KindDef& kind, const Json& object) {
    const std::string_view path = replicasPath(kind);
    if (kind.custom && !findPath(object, path))
        return missingReplicas(path);
    JsonObject metadata;
    for (const char* field : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"})
        if (const Json* value = find(*find(object, "metadata"), field))
            metadata[field] = *value;
    JsonObject spec;
    if (const std::int64_t replicas = intAt(object, path))
        spec["replicas"] = replicas;
    JsonObject status;
    status["replicas"] = intAt(object, kind.custom ? kind.statusReplicasPath : "status.replicas");
    if (std::string selector = selectorOf(kind, object); !selector.empty())
        status["selector"] = std::move(selector);
    JsonObject scale;
    scale["kind"] = "Scale";
    scale["apiVersion"] = "autoscaling/v1";
    scale["metadata"] = std::move(metadata);
    scale["spec"] = std::move(spec);
    scale["status"] = std::move(status);
    return Json(std::move(scale));
}

// The workload with the replicas of a scale; the rest of the scale is only read.
Result<void> takeReplicas(ServerCore& core, Call& call, const Json& scale) {
    call.object = *call.old;
    for (const char* field : {"uid", "resourceVersion"})
        if (const std::string_view value = stringAt(*find(scale, "metadata"), field);
            !value.empty())
            setPath(ensurePath(call.object, "metadata"), field, Json(value));
    ORRERY_TRY(checkPreconditions(call));
    call.object = *call.old;
    const std::int64_t replicas = intAt(scale, "spec.replicas");
    if (replicas < 0 && !call.kind->custom) // a custom kind's own validation says it
        return api::invalid(scaleKind(core), call.info.name,
                            {StatusCause{"FieldValueInvalid",
                                         "Invalid value: " + std::to_string(replicas) +
                                             ": must be greater than or equal to 0",
                                         "spec.replicas"}});
    setPath(call.object, replicasPath(*call.kind), replicas);
    call.operation = admission::Operation::Update;
    call.writes = true;
    return {};
}
} // namespace

Result<Answer> readScale(ServerCore& core, Call& call) {
    loadCurrent(core, call);
    if (!call.current)
        return notFoundFor(call);
    ORRERY_TRY_ASSIGN(Json scale, scaleOf(*call.kind, *call.old));
    Answer answer = answerTree(&scaleKind(core), 200, std::move(scale));
    answer.awaits = call.current->modRevision;
    return answer;
}

Result<void> decodeScaleUpdate(ServerCore& core, Call& call) {
    ORRERY_TRY_ASSIGN(Json scale, decodeBody(core, call, scaleKind(core)));
    ORRERY_TRY(checkNamespace(call, scale));
    ORRERY_TRY(checkName(call, scale));
    loadCurrent(core, call);
    if (!call.current)
        return notFoundFor(call);
    return takeReplicas(core, call, scale);
}

Result<void> decodeScalePatch(ServerCore& core, Call& call) {
    loadCurrent(core, call);
    if (!call.current)
        return notFoundFor(call);
    if (!call.body)
        return badRequest("the patch is no JSON");
    if (call.patchType == client::PatchType::Apply) {
        // Applied to the workload itself, so that its managedFields know who owns spec.replicas.
        Json applied = JsonObject();
        setPath(applied, "apiVersion", Json(call.kind->apiVersion()));
        setPath(applied, "kind", Json(call.kind->kind));
        setPath(applied, "metadata.name", Json(call.info.name));
        setPath(applied, replicasPath(*call.kind), intAt(*call.body, "spec.replicas"));
        ORRERY_TRY_ASSIGN(call.object,
                          api::applyServerSide(*call.kind, call.old.get(), applied,
                                               call.options.fieldManager, call.options.force,
                                               core.env.now(), "scale"));
        call.operation = admission::Operation::Update;
        call.writes = true;
        return {};
    }
    const api::PatchType type = call.patchType == client::PatchType::Json ? api::PatchType::Json
                                : call.patchType == client::PatchType::Merge
                                    ? api::PatchType::Merge
                                    : api::PatchType::StrategicMerge;
    ORRERY_TRY_ASSIGN(const Json before, scaleOf(*call.kind, *call.old));
    ORRERY_TRY_ASSIGN(Json patched, api::applyPatch(scaleKind(core), type, before, *call.body));
    std::vector<std::string> unknown;
    const Json kept = patched;
    auto scale = api::normaliseObject(scaleKind(core), std::move(patched), unknown);
    if (!scale)
        return api::patchedObjectError(type, *call.body, kept, scale.error().message);
    return takeReplicas(core, call, *scale);
}

Result<Answer> storeScale(ServerCore& core, Call& call) {
    ORRERY_TRY_ASSIGN(const Answer stored, storeWrite(core, call));
    ORRERY_TRY_ASSIGN(Json scale, scaleOf(*call.kind, stored.object->tree()));
    Answer answer = answerTree(&scaleKind(core), 200, std::move(scale));
    answer.awaits = stored.awaits;
    return answer;
}

} // namespace orrery::apiserver
