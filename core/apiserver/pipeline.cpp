#include "core/apiserver/pipeline.h"

#include "core/apiserver/registry.h"
#include "core/apiserver/status.h"

namespace orrery::apiserver {

namespace {
// 1. Bytes became a request.
void receive(ServerCore& core, const Call& call) {
    if (core.env.trace.enabled() && call.info.resource == "pods")
        core.emit(Station::Received, call.key, "", call.info.verb + " " + call.info.path);
}

// 2. and 3. Who asks, and for whom: the authenticator knows impersonation too, because it needs an
// authorizer's word.
Result<void> authenticate(ServerCore& core, Call& call) {
    if (!call.inProcess) {
        if (!core.authenticator)
            return makeError(Reason::ServiceUnavailable, "the API server is starting");
        const bool nothingGood = call.badCertificate && call.credentials.bearerToken.empty();
        if (nothingGood)
            return makeError(Reason::Unauthorized, "Unauthorized");
        ORRERY_TRY_ASSIGN(call.user, core.authenticator->authenticate(call.credentials));
    }
    if (core.env.trace.enabled() && call.info.resource == "pods")
        core.emit(Station::Authenticated, call.key, "", call.user.name);
    return {};
}

Result<void> demand(ServerCore& core, const auth::Attributes& attributes) {
    if (!core.authorizer)
        return makeError(Reason::ServiceUnavailable, "the API server is starting");
    const auth::Decision decision = core.authorizer->authorize(attributes);
    if (!decision.allowed)
        return auth::forbidden(attributes, decision.reason);
    return {};
}

// 4. May they.
Result<void> authorize(ServerCore& core, Call& call) {
    if (!call.trusted) {
        auth::Attributes attributes;
        attributes.user = call.user;
        attributes.verb = call.info.verb;
        attributes.resourceRequest = call.info.resourceRequest;
        attributes.group = call.info.group;
        attributes.version = call.info.version;
        attributes.resource = call.info.resource;
        attributes.subresource = call.info.subresource;
        attributes.namespace_ = call.info.namespace_;
        attributes.name = call.info.name;
        attributes.path = call.info.path;
        attributes.fieldSelector = call.options.fieldSelector;
        ORRERY_TRY(demand(core, attributes));
    }
    if (core.env.trace.enabled() && call.info.resource == "pods")
        core.emit(Station::Authorized, call.key, "", call.user.name + " may " + call.info.verb);
    return {};
}

// What Kubernetes says about whole APIs, whatever is done with them and however it ends.
void warnOfDeprecation(Call& call) {
    if (call.inProcess || !call.info.group.empty())
        return;
    if (call.info.resource == "endpoints")
        call.warnings.push_back(
            "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice");
    else if (call.info.resource == "componentstatuses")
        call.warnings.push_back("v1 ComponentStatus is deprecated in v1.19+");
}

void explain(Call& call) {
    WriteCause& cause = call.cause;
    if (cause.actor.empty())
        cause.actor = call.user.name;
    if (cause.because.empty())
        cause.because = call.inProcess ? "asked from inside" : "a request asked for it";
}
} // namespace

Result<void> identify(ServerCore& core, Call& call) {
    ORRERY_TRY(authenticate(core, call));
    return authorize(core, call);
}

Result<Answer> runPipeline(ServerCore& core, Call& call) {
    receive(core, call);              // 1. Received
    ORRERY_TRY(identify(core, call)); // 2.-4. Authenticated, impersonated, Authorized
    explain(call);
    warnOfDeprecation(call);
    ORRERY_TRY_ASSIGN(const Route route, routeOf(core, call));
    if (route.decode)
        ORRERY_TRY(route.decode(core, call)); // 5. an object of a kind
    if (route.admit)
        ORRERY_TRY(route.admit(core, call)); // 6. Admitted: mutated, defaulted, validated
    if (call.writes && core.env.trace.enabled() && call.info.resource == "pods")
        core.emit(Station::Admitted, call.key, std::string(stringAt(call.object, "metadata.uid")),
                  call.warnings.empty() ? "" : call.warnings.front());
    auto answer = route.store(core, call); // 7. Stored, or read; 8. answered by the caller
    if (answer && call.kind->custom)
        answer->keeps = call.kind->family.lock();
    return answer;
}

} // namespace orrery::apiserver
