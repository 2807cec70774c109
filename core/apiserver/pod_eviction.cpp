// pods/eviction: a deletion that asks the disruption budgets first.
#include "core/api/selectors.h"
#include "core/apiserver/registry.h"
#include "core/apiserver/status.h"
#include "core/apiserver/subresources.h"

namespace orrery::apiserver {

namespace {
constexpr std::size_t kDisruptedPodsMax = 2000;

bool isReady(const Json& pod) {
    for (const Json& condition : arrayAt(pod, "status.conditions"))
        if (stringAt(condition, "type") == "Ready")
            return stringAt(condition, "status") == "True";
    return false;
}

// Nothing runs that a budget could protect.
bool needsNoBudget(const Json& pod) {
    const std::string_view phase = stringAt(pod, "status.phase");
    return phase == "Succeeded" || phase == "Failed" || phase == "Pending" ||
           findPath(pod, "metadata.deletionTimestamp");
}

Error tooMany(const std::string& cause, int retryAfterSeconds) {
    Error error = makeError(Reason::TooManyRequests,
                            "Cannot evict pod as it would violate the pod's disruption budget.");
    error.causes.push_back({"DisruptionBudget", cause, ""});
    error.retryAfterSeconds = retryAfterSeconds;
    return error;
}

Result<std::vector<EncodedPtr>> budgetsOf(ServerCore& core, const Json& pod,
                                          const std::string& namespace_) {
    std::vector<EncodedPtr> out;
    for (const EncodedPtr& budget : core.list({"policy", "poddisruptionbudgets"}, namespace_)) {
        const Json* selector = findPath(budget->tree(), "spec.selector");
        ORRERY_TRY_ASSIGN(const api::LabelFilter filter,
                          api::LabelFilter::fromObject(selector ? *selector : Json()));
        if (filter.matches(pod))
            out.push_back(budget);
    }
    if (out.size() > 1)
        return internalError(
            "This pod has more than one PodDisruptionBudget, which the eviction subresource "
            "does not support.");
    return out;
}

bool mayGoUnhealthy(const Json& budget, const Json& pod) {
    if (isReady(pod))
        return false;
    if (stringAt(budget, "spec.unhealthyPodEvictionPolicy") == "AlwaysAllow")
        return true;
    const std::int64_t desired = intAt(budget, "status.desiredHealthy");
    return desired > 0 && intAt(budget, "status.currentHealthy") >= desired;
}

// Takes one disruption from the budget, or says why there is none.
Result<Json> spend(const Json& budget, const std::string& pod, Time now) {
    const std::string name(stringAt(budget, "metadata.name"));
    if (intAt(budget, "status.observedGeneration") < intAt(budget, "metadata.generation"))
        return tooMany("The disruption budget " + name + " is still being processed by the server.",
                       10);
    const std::int64_t allowed = intAt(budget, "status.disruptionsAllowed");
    if (objectAt(budget, "status.disruptedPods").size() > kDisruptedPodsMax)
        return makeError(Reason::Forbidden,
                         "DisruptedPods map too big - too many evictions not confirmed by "
                         "PDB controller");
    if (allowed <= 0)
        return tooMany("The disruption budget " + name + " needs " +
                           std::to_string(intAt(budget, "status.desiredHealthy")) +
                           " healthy pods and has " +
                           std::to_string(intAt(budget, "status.currentHealthy")) + " currently",
                       0);
    Json next = budget;
    setPath(next, "status.disruptionsAllowed", allowed - 1);
    Json& disrupted = ensurePath(next, "status.disruptedPods");
    if (!disrupted.is_object())
        disrupted = JsonObject();
    disrupted.get_object()[pod] = formatTime(now);
    if (allowed == 1)
        if (Json* conditions = find(ensurePath(next, "status"), "conditions");
            conditions && conditions->is_array())
            for (Json& condition : conditions->get_array())
                if (stringAt(condition, "type") == "DisruptionAllowed") {
                    setPath(condition, "status", Json("False"));
                    setPath(condition, "reason", Json("InsufficientPods"));
                    setPath(condition, "lastTransitionTime", Json(formatTime(now)));
                }
    return next;
}

Result<void> askBudget(ServerCore& core, Call& call) {
    ORRERY_TRY_ASSIGN(const std::vector<EncodedPtr> budgets,
                      budgetsOf(core, *call.old, call.info.namespace_));
    if (budgets.empty() || mayGoUnhealthy(budgets[0]->tree(), *call.old))
        return {};
    const Json& budget = budgets[0]->tree();
    ORRERY_TRY_ASSIGN(Json next, spend(budget, call.info.name, core.env.now()));
    if (call.options.dryRun)
        return {};
    const api::KindDef* kind = core.storedKind({"policy", "poddisruptionbudgets"});
    const std::string key = kind->key(call.info.namespace_, stringAt(budget, "metadata.name"));
    WriteCause cause = call.cause;
    cause.because = "pod " + call.info.name + " is being evicted";
    ORRERY_TRY(commitPut(core, *kind, key, core.store.get(key), std::move(next), std::move(cause)));
    return {};
}
} // namespace

Result<Answer> storeEviction(ServerCore& core, Call& call) {
    const api::KindDef* kind = core.kinds.bodyKind("policy/v1", "Eviction");
    ORRERY_ASSERT(kind != nullptr);
    if (call.body && stringAt(*call.body, "apiVersion") == "policy/v1beta1")
        setPath(*call.body, "apiVersion", Json("policy/v1")); // the same fields, still accepted
    ORRERY_TRY_ASSIGN(const Json eviction, decodeBody(core, call, *kind));
    if (stringAt(eviction, "metadata.name") != call.info.name)
        return badRequest("name in URL does not match name in Eviction object");
    const bool dryRun = call.options.dryRun;
    call.body.reset();
    call.bodyText.clear();
    if (const Json* options = find(eviction, "deleteOptions"))
        call.body = *options;
    ORRERY_TRY(decodeDeleteOptions(core, call));
    call.options.dryRun = call.options.dryRun || dryRun;
    loadCurrent(core, call);
    if (!call.current)
        return notFoundFor(call);
    if (!needsNoBudget(*call.old))
        ORRERY_TRY(askBudget(core, call));
    ORRERY_TRY(checkDeletePreconditions(call, *call.old));
    ORRERY_TRY_ASSIGN(const Answer deleted, storeDelete(core, call));
    Answer answer = answerTree(nullptr, 201, createdStatus());
    answer.awaits = deleted.awaits;
    return answer;
}

} // namespace orrery::apiserver
