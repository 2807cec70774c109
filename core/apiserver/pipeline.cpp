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

// 2. Who asks.
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

// 3. Who asks for whom.
Result<void> impersonate(ServerCore& core, Call& call) {
    const auth::Credentials& asked = call.credentials;
    const bool others = !asked.impersonateGroups.empty() || !asked.impersonateUid.empty() ||
                        !asked.impersonateExtra.empty();
    if (asked.impersonateUser.empty()) {
        if (others)
            return badRequest(""); // Kubernetes says no more than that
        return {};
    }
    const auto ask = [&](const char* group, const char* resource, const std::string& name,
                         const std::string& namespace_ = {}, const std::string& subresource = {}) {
        auth::Attributes attributes;
        attributes.user = call.user;
        attributes.verb = "impersonate";
        attributes.resourceRequest = true;
        attributes.group = group;
        attributes.version = *group ? "v1" : "";
        attributes.resource = resource;
        attributes.subresource = subresource;
        attributes.namespace_ = namespace_;
        attributes.name = name;
        return demand(core, attributes);
    };
    client::UserInfo user;
    user.name = asked.impersonateUser;
    user.uid = asked.impersonateUid;
    user.groups = asked.impersonateGroups;
    user.extra = asked.impersonateExtra;
    constexpr std::string_view kAccount = "system:serviceaccount:";
    const std::string account = user.name.starts_with(kAccount) ? user.name.substr(kAccount.size()) : "";
    const std::size_t colon = account.find(':');
    if (colon != std::string::npos) {
        ORRERY_TRY(ask("", "serviceaccounts", account.substr(colon + 1), account.substr(0, colon)));
        if (user.groups.empty())
            user.groups = {"system:serviceaccounts", "system:serviceaccounts:" + account.substr(0, colon)};
    } else {
        ORRERY_TRY(ask("", "users", user.name));
    }
    for (const std::string& group : asked.impersonateGroups)
        ORRERY_TRY(ask("", "groups", group));
    for (const auto& [key, values] : asked.impersonateExtra)
        for (const std::string& value : values)
            ORRERY_TRY(ask("authentication.k8s.io", "userextras", value, "", key));
    if (!user.uid.empty())
        ORRERY_TRY(ask("authentication.k8s.io", "uids", user.uid));
    const char* everybody = user.name == "system:anonymous" ? "system:unauthenticated" : "system:authenticated";
    const auto in = [&user](const char* group) {
        return std::find(user.groups.begin(), user.groups.end(), group) != user.groups.end();
    };
    if (!in("system:authenticated") && !in("system:unauthenticated"))
        user.groups.emplace_back(everybody);
    call.user = std::move(user);
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
    ORRERY_TRY(impersonate(core, call));
    return authorize(core, call);
}

Result<Answer> runPipeline(ServerCore& core, Call& call) {
    receive(core, call);                              // 1. Received
    ORRERY_TRY(identify(core, call));                 // 2.-4. Authenticated, impersonated, Authorized
    explain(call);
    ORRERY_TRY_ASSIGN(const Route route, routeOf(core, call));
    if (route.decode)
        ORRERY_TRY(route.decode(core, call));         // 5. an object of a kind
    if (route.admit)
        ORRERY_TRY(route.admit(core, call));          // 6. Admitted: mutated, defaulted, validated
    if (call.writes && core.env.trace.enabled() && call.info.resource == "pods")
        core.emit(Station::Admitted, call.key, std::string(stringAt(call.object, "metadata.uid")),
                  call.warnings.empty() ? "" : call.warnings.front());
    return route.store(core, call);                   // 7. Stored, or read; 8. answered by the caller
}

} // namespace orrery::apiserver
