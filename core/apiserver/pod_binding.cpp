// pods/binding: the scheduler's decision becomes spec.nodeName.
#include "core/apiserver/registry.h"
#include "core/apiserver/status.h"
#include "core/apiserver/subresources.h"

namespace orrery::apiserver {

namespace {
// The pod is free to be bound, or why not.
Result<void> checkBindable(const Json& pod, const std::string& name) {
    const auto refuse = [&name](const std::string& why) {
        return conflict("", "pods/binding", name, "pod " + name + " " + why);
    };
    if (findPath(pod, "metadata.deletionTimestamp"))
        return refuse("is being deleted, cannot be assigned to a host");
    if (const std::string_view node = stringAt(pod, "spec.nodeName"); !node.empty())
        return refuse("is already assigned to node \"" + std::string(node) + "\"");
    if (!arrayAt(pod, "spec.schedulingGates").empty())
        return refuse("has non-empty .spec.schedulingGates");
    return {};
}

void setScheduled(Json& pod, Time now) {
    JsonObject condition;
    condition["type"] = "PodScheduled";
    condition["status"] = "True";
    condition["lastProbeTime"] = nullptr;
    condition["lastTransitionTime"] = formatTime(now);
    Json& conditions = ensurePath(pod, "status.conditions");
    if (!conditions.is_array())
        conditions = JsonArray();
    for (Json& each : conditions.get_array())
        if (stringAt(each, "type") == "PodScheduled") {
            if (const Json* seen = find(each, "observedGeneration"))
                condition["observedGeneration"] = *seen;
            if (stringAt(each, "status") == "True")
                condition["lastTransitionTime"] = stringAt(each, "lastTransitionTime");
            each = std::move(condition);
            return;
        }
    conditions.get_array().push_back(std::move(condition));
}

void addAnnotations(Json& pod, const JsonObject& added) {
    if (added.empty())
        return;
    Json& annotations = ensurePath(pod, "metadata.annotations");
    if (!annotations.is_object())
        annotations = JsonObject();
    for (const auto& annotation : added)
        annotations.get_object()[annotation.key()] = annotation.value();
}

// Binding's own rules fail as plain errors (500), as in Kubernetes.
Result<void> checkTarget(const Json& binding) {
    const std::string_view kind = stringAt(binding, "target.kind");
    if (!kind.empty() && kind != "Node")
        return makeError(Reason::Unknown, "target.kind: Unsupported value: \"" + std::string(kind) +
                                              "\": supported values: \"Node\", \"<empty>\"");
    if (stringAt(binding, "target.name").empty())
        return makeError(Reason::Unknown, "target.name: Required value");
    return {};
}
} // namespace

Result<void> decodeBinding(ServerCore& core, Call& call) {
    const api::KindDef* kind = core.kinds.byResource("", "v1", "bindings");
    ORRERY_ASSERT(kind != nullptr);
    ORRERY_TRY_ASSIGN(call.object, decodeBody(core, call, *kind));
    ORRERY_TRY(checkNamespace(call, call.object));
    const std::string name(stringAt(call.object, "metadata.name"));
    if (call.info.subresource.empty()) // POST .../bindings, the old way
        call.info.name = name;
    else if (name != call.info.name)
        return badRequest("name in URL does not match name in Binding object");
    call.operation = admission::Operation::Create;
    call.writes = true;
    return {};
}

Result<Answer> storeBinding(ServerCore& core, Call& call) {
    ORRERY_TRY(checkTarget(call.object));
    const Json binding = std::move(call.object);
    const api::KindDef* pods = core.kinds.byResource("", "v1", "pods");
    ORRERY_ASSERT(pods != nullptr);
    call.kind = call.storage = pods;
    loadCurrent(core, call);
    if (!call.current)
        return notFoundFor(call);
    // What the binding expects of the pod is checked as if it were an update that says so.
    call.object = JsonObject{{"metadata", JsonObject()}};
    for (const char* field : {"metadata.uid", "metadata.resourceVersion"})
        if (const std::string_view value = stringAt(binding, field); !value.empty())
            setPath(call.object, field, Json(value));
    ORRERY_TRY(checkPreconditions(call));
    call.object = *call.old;
    ORRERY_TRY(checkBindable(call.object, call.info.name));
    const std::string node(stringAt(binding, "target.name"));
    setPath(call.object, "spec.nodeName", Json(node));
    addAnnotations(call.object, objectAt(binding, "metadata.annotations"));
    setScheduled(call.object, core.env.now());
    Answer answer = answerTree(nullptr, 201, createdStatus());
    if (call.options.dryRun)
        return answer;
    std::string uid(stringAt(call.object, "metadata.uid"));
    ORRERY_TRY_ASSIGN(const Committed done,
                      commitPut(core, *pods, call.key, call.current, std::move(call.object),
                                std::move(call.cause)));
    answer.awaits = done.revision;
    core.emit(Station::Bound, call.key, std::move(uid), node, done.revision);
    return answer;
}

} // namespace orrery::apiserver
