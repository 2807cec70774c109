// Deletion: options, preconditions, grace, finalizers, and the deletion of whole collections.
#include <set>

#include "core/api/object.h"
#include "core/api/validation/validation.h"
#include "core/apiserver/go_json.h"
#include "core/apiserver/registry.h"
#include "core/apiserver/status.h"

namespace orrery::apiserver {

namespace {
constexpr const char* kOrphan = "orphan";
constexpr const char* kForeground = "foregroundDeletion";

// metav1.DeleteOptions as a kind, so that its body is decoded like every other.
const api::KindDef& deleteOptionsKind() {
    static const api::KindDef kind = [] {
        api::KindDef def;
        def.version = "v1";
        def.kind = "DeleteOptions";
        def.schema = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";
        return def;
    }();
    return kind;
}

Error invalidOptions(const char* reason, std::string message, const char* field) {
    return api::invalid("meta.k8s.io", "DeleteOptions", "",
                        {StatusCause{reason, std::move(message), field}});
}

Result<void> readDryRun(const JsonArray& values, DeleteOptions& out) {
    for (const Json& value : values)
        if (asString(value) != "All")
            return invalidOptions("FieldValueNotSupported",
                                  "Unsupported value: " + serializeJson(Json(values)) +
                                      ": supported values: \"All\"",
                                  "dryRun");
    out.dryRun = !values.empty();
    return {};
}

Result<void> checkPolicy(const DeleteOptions& options) {
    const std::string& policy = options.propagationPolicy;
    if (policy.empty())
        return {};
    if (options.orphanDependents)
        return invalidOptions("FieldValueInvalid",
                              "Invalid value: \"" + policy +
                                  "\": orphanDependents and deletionPropagation cannot be both set",
                              "propagationPolicy");
    if (policy != "Foreground" && policy != "Background" && policy != "Orphan")
        return invalidOptions(
            "FieldValueNotSupported",
            "Unsupported value: \"" + policy +
                "\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"",
            "propagationPolicy");
    return {};
}

// The body's options; the query does not count then.
Result<DeleteOptions> optionsOfBody(const ServerCore& core, Json& body) {
    const std::string_view kind = stringAt(body, "kind"), apiVersion = stringAt(body, "apiVersion");
    if (!kind.empty() && kind != "DeleteOptions")
        return badRequest("no kind \"" + std::string(kind) + "\" is registered for version \"" +
                          std::string(apiVersion) + "\" in scheme \"pkg/runtime/scheme.go:111\"");
    static_cast<void>(core);
    std::vector<std::string> unknown;
    auto decoded = api::normaliseObject(deleteOptionsKind(), std::move(body), unknown);
    if (!decoded)
        return badRequest(decoded.error().message);
    DeleteOptions out;
    const Json& given = *decoded;
    if (find(given, "gracePeriodSeconds"))
        out.gracePeriodSeconds = intAt(given, "gracePeriodSeconds");
    if (const Json* uid = findPath(given, "preconditions.uid"))
        out.uid = std::string(asString(*uid));
    if (const Json* version = findPath(given, "preconditions.resourceVersion"))
        out.resourceVersion = std::string(asString(*version));
    if (find(given, "orphanDependents"))
        out.orphanDependents = boolAt(given, "orphanDependents");
    out.propagationPolicy = stringAt(given, "propagationPolicy");
    ORRERY_TRY(readDryRun(arrayAt(given, "dryRun"), out));
    return out;
}

// What the request's query says, as decoded by the pipeline (`query`).
Result<DeleteOptions> optionsOfQuery(const Query& query) {
    DeleteOptions out;
    JsonArray dryRun;
    for (const auto& [name, value] : query) {
        if (name == "dryRun")
            dryRun.emplace_back(value);
        else if (name == "propagationPolicy")
            out.propagationPolicy = value;
        else if (name == "orphanDependents")
            out.orphanDependents = value != "false" && value != "0";
        else if (name == "gracePeriodSeconds" && !value.empty())
            out.gracePeriodSeconds = std::atoll(value.c_str());
    }
    ORRERY_TRY(readDryRun(dryRun, out));
    return out;
}

// The finalizers that the options ask for, in the order of Kubernetes: what was there, then the new
// one.
JsonArray finalizersFor(const api::KindDef& kind, const Json& object,
                        const DeleteOptions& options) {
    const JsonArray& there = arrayAt(object, "metadata.finalizers");
    const auto has = [&there](const char* name) {
        return std::find(there.begin(), there.end(), Json(name)) != there.end();
    };
    bool orphan = orphansByDefault(kind), foreground = false;
    if (options.orphanDependents) {
        orphan = *options.orphanDependents;
    } else if (!options.propagationPolicy.empty()) {
        orphan = options.propagationPolicy == "Orphan";
        foreground = options.propagationPolicy == "Foreground";
    } else if (has(kOrphan) || has(kForeground)) {
        orphan = has(kOrphan);
        foreground = !orphan;
    }
    if (kind.plural == "events")
        orphan = foreground = false;
    JsonArray out;
    for (const Json& finalizer : there)
        if (asString(finalizer) != kOrphan && asString(finalizer) != kForeground)
            out.push_back(finalizer);
    if (orphan)
        out.emplace_back(kOrphan);
    if (foreground)
        out.emplace_back(kForeground);
    return out;
}

// How long a pod may take: what is asked for, or its own time; nothing when it does not run
// anywhere.
std::int64_t gracePeriodOf(const Json& pod, const DeleteOptions& options) {
    std::int64_t period =
        options.gracePeriodSeconds.value_or(intAt(pod, "spec.terminationGracePeriodSeconds"));
    const std::string_view phase = stringAt(pod, "status.phase");
    if (stringAt(pod, "spec.nodeName").empty() || phase == "Failed" || phase == "Succeeded")
        period = 0;
    return period < 0 ? 1 : period;
}

void markDeleted(Json& object, Time at, std::int64_t grace) {
    Json& metadata = ensurePath(object, "metadata");
    setPath(metadata, "deletionTimestamp", Json(formatTime(at)));
    setPath(metadata, "deletionGracePeriodSeconds", grace);
    if (const std::int64_t generation = intAt(metadata, "generation"); generation > 0)
        setPath(metadata, "generation", generation + 1);
}

// What a deletion makes of an object: it goes, it waits, or nothing changes.
enum class Outcome : std::uint8_t { Gone, Waits, Unchanged };

Outcome shortenGrace(Json& object, const DeleteOptions& options) {
    const std::int64_t granted = intAt(object, "metadata.deletionGracePeriodSeconds");
    if (!options.gracePeriodSeconds || *options.gracePeriodSeconds >= granted)
        return Outcome::Unchanged;
    const std::int64_t period = *options.gracePeriodSeconds < 0 ? 1 : *options.gracePeriodSeconds;
    const Time at = parseTime(stringAt(object, "metadata.deletionTimestamp")).value_or(Time{});
    setPath(object, "metadata.deletionTimestamp",
            Json(formatTime(at - std::chrono::seconds(granted - period))));
    setPath(object, "metadata.deletionGracePeriodSeconds", period);
    const bool held = !arrayAt(object, "metadata.finalizers").empty();
    return period == 0 && !held ? Outcome::Gone : Outcome::Waits;
}

Outcome deletePlain(const api::KindDef& kind, Json& object, const DeleteOptions& options,
                    Time now) {
    const bool graceful = kind.graceful;
    const bool marked = findPath(object, "metadata.deletionTimestamp") != nullptr;
    if (graceful && marked)
        return shortenGrace(object, options);
    JsonArray finalizers = finalizersFor(kind, object, options);
    const bool held = !finalizers.empty();
    const bool same = finalizers == arrayAt(object, "metadata.finalizers");
    if (held)
        setPath(object, "metadata.finalizers", std::move(finalizers));
    else
        removePath(object, "metadata.finalizers");
    if (graceful) {
        const std::int64_t period = gracePeriodOf(object, options);
        markDeleted(object, now + std::chrono::seconds(period), period);
        return period > 0 || held ? Outcome::Waits : Outcome::Gone;
    }
    if (!held)
        return Outcome::Gone;
    if (marked)
        return same ? Outcome::Unchanged : Outcome::Waits;
    markDeleted(object, now, 0);
    return Outcome::Waits;
}

// A namespace goes when its content is gone: the namespace controller takes spec.finalizers away
// then.
Outcome deleteNamespace(const api::KindDef& kind, Json& object, const DeleteOptions& options,
                        Time now) {
    const bool marked = findPath(object, "metadata.deletionTimestamp") != nullptr;
    const bool held = !arrayAt(object, "spec.finalizers").empty() ||
                      !finalizersFor(kind, object, options).empty();
    if (!held)
        return Outcome::Gone;
    if (marked)
        return Outcome::Unchanged;
    setPath(object, "metadata.deletionTimestamp", Json(formatTime(now)));
    setPath(object, "status.phase", Json("Terminating"));
    return Outcome::Waits;
}

// A definition goes when its objects are gone: the first deletion says so, and holds it.
Outcome deleteDefinition(Json& object, Time now) {
    Json& metadata = ensurePath(object, "metadata");
    setPath(metadata, "deletionTimestamp", Json(formatTime(now)));
    JsonArray finalizers = arrayAt(metadata, "finalizers");
    if (std::find(finalizers.begin(), finalizers.end(), Json(api::kDefinitionFinalizer)) ==
        finalizers.end())
        finalizers.emplace_back(api::kDefinitionFinalizer);
    setPath(metadata, "finalizers", std::move(finalizers));
    JsonObject terminating;
    terminating["type"] = "Terminating";
    terminating["status"] = "True";
    terminating["lastTransitionTime"] = formatTime(now);
    terminating["reason"] = "InstanceDeletionPending";
    terminating["message"] = "CustomResourceDefinition marked for deletion; CustomResource "
                             "deletion will begin soon";
    JsonArray conditions = arrayAt(object, "status.conditions");
    conditions.erase(std::remove_if(conditions.begin(), conditions.end(),
                                    [](const Json& condition) {
                                        return stringAt(condition, "type") == "Terminating";
                                    }),
                     conditions.end());
    conditions.push_back(std::move(terminating));
    setPath(object, "status.conditions", std::move(conditions));
    return Outcome::Waits;
}

Outcome deleteOne(const api::KindDef& kind, Json& object, const DeleteOptions& options, Time now) {
    if (kind.plural == "namespaces" && kind.group.empty())
        return deleteNamespace(kind, object, options, now);
    if (api::isDefinition(kind) && !findPath(object, "metadata.deletionTimestamp"))
        return deleteDefinition(object, now);
    return deletePlain(kind, object, options, now);
}

Answer deletedAnswer(const Call& call, EncodedPtr object, const std::string& uid, Revision awaits) {
    if (returnsDeletedObject(*call.kind))
        return answerObject(*call.kind, 200, std::move(object), awaits);
    Answer answer = answerTree(
        nullptr, 200, deletionStatus(call.kind->group, call.kind->plural, call.info.name, uid));
    answer.awaits = awaits;
    return answer;
}
} // namespace

Result<void> checkDeletePreconditions(const Call& call, const Json& object) {
    const auto refuse = [&call](const std::string& what) {
        return conflict(call.kind->group, call.kind->kind, call.info.name, what);
    };
    const std::string uid(stringAt(object, "metadata.uid"));
    if (call.deletion.uid && *call.deletion.uid != uid)
        return refuse("the UID in the precondition (" + *call.deletion.uid +
                      ") does not match the UID in record (" + uid +
                      "). The object might have been deleted and then recreated");
    const std::string version(stringAt(object, "metadata.resourceVersion"));
    if (call.deletion.resourceVersion && *call.deletion.resourceVersion != version)
        return refuse("the ResourceVersion in the precondition (" + *call.deletion.resourceVersion +
                      ") does not match the ResourceVersion in record (" + version +
                      "). The object might have been modified");
    return {};
}

Result<void> decodeDeleteOptions(ServerCore& core, Call& call) {
    if (!call.body && !call.bodyText.empty())
        return badRequest("couldn't get version/kind; json parse error: " +
                          goSyntaxErrorOf(call.bodyText));
    ORRERY_TRY_ASSIGN(call.deletion,
                      call.body ? optionsOfBody(core, *call.body) : optionsOfQuery(call.query));
    ORRERY_TRY(checkPolicy(call.deletion));
    call.options.dryRun = call.options.dryRun || call.deletion.dryRun;
    call.operation = admission::Operation::Delete;
    return {};
}

Result<void> decodeDelete(ServerCore& core, Call& call) {
    ORRERY_TRY(decodeDeleteOptions(core, call));
    loadCurrent(core, call);
    if (!call.current)
        return notFoundFor(call);
    return checkDeletePreconditions(call, *call.old);
}

Result<Answer> storeDelete(ServerCore& core, Call& call) {
    const api::KindDef& kind = *call.kind;
    Json object = *call.old;
    const std::string uid(stringAt(object, "metadata.uid"));
    const Outcome outcome = deleteOne(kind, object, call.deletion, core.env.now());
    const int waitsCode =
        call.deletion.orphanDependents && !*call.deletion.orphanDependents ? 202 : 200;
    if (outcome == Outcome::Unchanged)
        return answerObject(
            kind, waitsCode,
            inVersion(call.current->value, *call.storage, kind, call.current->modRevision),
            call.current->modRevision);
    if (call.options.dryRun) {
        EncodedPtr encoded = encodeObject(kind, std::move(object));
        return outcome == Outcome::Gone ? deletedAnswer(call, std::move(encoded), uid, 0)
                                        : answerObject(kind, waitsCode, std::move(encoded), 0);
    }
    if (outcome == Outcome::Waits) {
        ORRERY_TRY_ASSIGN(Committed done, commitPut(core, kind, call.key, call.current,
                                                    std::move(object), std::move(call.cause)));
        return answerObject(kind, waitsCode, std::move(done.object), done.revision);
    }
    // DIVERGES: a pod that may go at once is deleted in one step; Kubernetes marks it first, so
    // that its watchers see one more change in the same instant.
    ORRERY_TRY_ASSIGN(Committed done, commitDelete(core, kind, call.key, call.current,
                                                   std::move(object), std::move(call.cause)));
    return deletedAnswer(call, std::move(done.object), uid, done.revision);
}

Result<Answer> storeDeleteCollection(ServerCore& core, Call& call) {
    ORRERY_TRY_ASSIGN(Answer answer, readList(core, call));
    for (const EncodedPtr& item : answer.items) {
        Call one;
        one.info = call.info;
        one.info.name = stringAt(item->tree(), "metadata.name");
        one.options.dryRun = call.options.dryRun;
        one.cause = call.cause;
        one.user = call.user;
        one.kind = call.kind;
        one.storage = call.storage;
        one.deletion = call.deletion;
        one.operation = admission::Operation::Delete;
        loadCurrent(core, one);
        if (!one.current)
            continue;
        ORRERY_TRY(checkDeletePreconditions(one, *one.old));
        ORRERY_TRY(admitDelete(core, one));
        ORRERY_TRY_ASSIGN(const Answer deleted, storeDelete(core, one));
        answer.awaits = std::max(answer.awaits, deleted.awaits);
    }
    return answer;
}

} // namespace orrery::apiserver
