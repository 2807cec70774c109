// TokenRequest: a service account's token, on demand.
#include "core/auth/node_authorizer.h"
#include "core/auth/review_errors.h"
#include "core/auth/reviews.h"
#include "core/runtime/env.h"

namespace orrery::auth {
namespace {

constexpr const char* kGroup = "authentication.k8s.io";
constexpr std::int64_t kDefaultSeconds = 3600;
// Kubelets ask for this when nobody asked for less. Such a token lives a year, for programs that do
// not read it anew; its warnafter claim says when it should have ended.
constexpr std::int64_t kExtendedRequestSeconds = 3607;
constexpr auto kExtendedLifetime = std::chrono::hours(24 * 365);

Result<void> checkName(const Json& request, const std::string& namespace_,
                       const std::string& name) {
    const std::string givenName(stringAt(request, "metadata.name", name));
    const std::string givenNamespace(stringAt(request, "metadata.namespace", namespace_));
    const auto refuse = [&](const char* field, const std::string& value, const char* what) {
        return invalidReview(kGroup, "TokenRequest", name,
                             {{"FieldValueInvalid",
                               "Invalid value: " + serializeJson(Json(value)) +
                                   ": must match the service account " + what + " if specified",
                               field}});
    };
    if (!givenName.empty() && givenName != name)
        return refuse("metadata.name", givenName, "name");
    if (!givenNamespace.empty() && givenNamespace != namespace_)
        return refuse("metadata.namespace", givenNamespace, "namespace");
    return {};
}

Result<void> checkSeconds(std::int64_t seconds) {
    const char* why = seconds < 600                       ? "less than 10 minutes"
                      : seconds > (std::int64_t(1) << 32) ? "larger than 2^32 seconds"
                                                          : nullptr;
    if (why == nullptr)
        return {};
    return invalidReview(
        kGroup, "TokenRequest", "",
        {{"FieldValueInvalid",
          "Invalid value: " + std::to_string(seconds) + ": may not specify a duration " + why,
          "spec.expirationSeconds"}});
}

Error uidMismatch(const std::string& kind, const std::string& name, const std::string& uid) {
    Error error = makeError(
        Reason::Conflict,
        "Operation cannot be fulfilled on " + kind + " \"" + name +
            "\": the UID in the bound object reference (" + uid +
            ") does not match the UID in record. The object might have been deleted and then "
            "recreated");
    error.detailsName = name;
    error.detailsKind = kind;
    return error;
}

// Fills the claims' pod, secret or node.
Result<void> bind(const TokenRequestContext& context, const Json& ref,
                  pki::ServiceAccountClaims& claims) {
    const std::string kind(stringAt(ref, "kind"));
    const std::string version(stringAt(ref, "apiVersion"));
    const std::string name(stringAt(ref, "name"));
    const std::string uid(stringAt(ref, "uid"));
    const bool core = version.empty() || version == "v1";
    if (!core || (kind != "Pod" && kind != "Secret" && kind != "Node")) {
        const std::size_t slash = version.find('/');
        const std::string group = slash == std::string::npos ? "" : version.substr(0, slash);
        return badRequest("cannot bind token to object of type " + group + "/" +
                          (slash == std::string::npos ? version : version.substr(slash + 1)) +
                          ", Kind=" + kind);
    }
    if (name.empty())
        return badRequest("Name parameter required.");
    const std::string resource = kind == "Pod" ? "pods" : kind == "Secret" ? "secrets" : "nodes";
    const EncodedPtr object =
        context.lookup({"", resource}, kind == "Node" ? "" : claims.namespace_, name);
    if (!object)
        return notFoundCore(resource, name);
    const Json& tree = object->tree();
    if (kind == "Pod" && stringAt(tree, "spec.serviceAccountName") != claims.serviceAccount.name)
        return badRequest("cannot bind token for serviceaccount \"" + claims.serviceAccount.name +
                          "\" to pod running with different serviceaccount name.");
    const std::string found(stringAt(tree, "metadata.uid"));
    if (!uid.empty() && uid != found)
        return uidMismatch(kind, name, uid);
    const pki::ServiceAccountClaims::Ref made{name, found};
    (kind == "Pod" ? claims.pod : kind == "Secret" ? claims.secret : claims.node) = made;
    if (const std::string node(stringAt(tree, "spec.nodeName")); kind == "Pod" && !node.empty()) {
        const EncodedPtr nodeObject = context.lookup({"", "nodes"}, "", node);
        claims.node = {node, nodeObject ? std::string(stringAt(nodeObject->tree(), "metadata.uid"))
                                        : std::string()};
    }
    return {};
}

Json answer(const TokenRequestContext& context, const pki::ServiceAccountClaims& claims,
            const Json& ref, std::int64_t seconds, const std::string& token) {
    JsonArray audiences;
    for (const std::string& audience : claims.audiences)
        audiences.emplace_back(audience);
    JsonObject out;
    out["kind"] = "TokenRequest";
    out["apiVersion"] = std::string(kGroup) + "/v1";
    out["metadata"] = JsonObject{{"name", claims.serviceAccount.name},
                                 {"namespace", claims.namespace_},
                                 {"uid", newUid(context.random)},
                                 {"creationTimestamp", formatTime(context.now)}};
    out["spec"] = JsonObject{{"audiences", std::move(audiences)},
                             {"expirationSeconds", seconds},
                             {"boundObjectRef", ref}};
    // The end that was asked for, also of a token that was extended.
    const Time end = claims.issuedAt + std::chrono::seconds(seconds);
    out["status"] = JsonObject{{"token", token}, {"expirationTimestamp", formatTime(end)}};
    return out;
}

} // namespace

Result<Json> tokenRequest(const TokenRequestContext& context, const std::string& namespace_,
                          const std::string& name, const Json& request) {
    const EncodedPtr account = context.lookup({"", "serviceaccounts"}, namespace_, name);
    if (!account)
        return notFoundCore("serviceaccounts", name);
    ORRERY_TRY(checkName(request, namespace_, name));
    pki::ServiceAccountClaims claims;
    claims.namespace_ = namespace_;
    claims.serviceAccount = {name, std::string(stringAt(account->tree(), "metadata.uid"))};
    for (const Json& audience : arrayAt(request, "spec.audiences"))
        claims.audiences.emplace_back(asString(audience));
    if (claims.audiences.empty())
        claims.audiences.emplace_back(pki::kServiceAccountIssuer);
    const std::int64_t seconds = intAt(request, "spec.expirationSeconds", kDefaultSeconds);
    ORRERY_TRY(checkSeconds(seconds));
    const Json* ref = findPath(request, "spec.boundObjectRef");
    const Json bound = ref != nullptr && ref->is_object() ? *ref : Json();
    if (bound.is_object())
        ORRERY_TRY(bind(context, bound, claims));
    claims.issuedAt = claims.notBefore = std::chrono::floor<std::chrono::seconds>(context.now);
    claims.expiresAt = claims.issuedAt + std::chrono::seconds(seconds);
    const bool ours =
        claims.audiences == std::vector<std::string>{std::string(pki::kServiceAccountIssuer)};
    if (seconds == kExtendedRequestSeconds && ours && claims.pod) {
        claims.warnAfter = claims.expiresAt;
        claims.expiresAt = claims.issuedAt + kExtendedLifetime;
    }
    claims.id = newUid(context.random);
    ORRERY_TRY_ASSIGN(const std::string token, context.tokens.sign(claims));
    return answer(context, claims, bound, seconds, token);
}

} // namespace orrery::auth
