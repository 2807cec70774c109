// Questions that are answered and not stored: access reviews, token reviews, token requests.
#include "core/auth/reviews.h"

#include "core/api/managed_fields.h"
#include "core/apiserver/registry.h"
#include "core/apiserver/subresources.h"

namespace orrery::apiserver {

namespace {
Error notReady() {
    return makeError(Reason::ServiceUnavailable, "the API server is starting");
}

Result<Json> review(ServerCore& core, const Call& call, const Json& object) {
    const std::string& resource = call.info.resource;
    if (resource == "selfsubjectreviews")
        return auth::selfSubjectReview(call.user, core.env.now());
    if (resource == "tokenreviews")
        return core.authenticator ? auth::tokenReview(*core.authenticator, object)
                                  : Result<Json>(notReady());
    if (!core.authorizer)
        return notReady();
    if (resource == "subjectaccessreviews")
        return auth::subjectAccessReview(*core.authorizer, object);
    if (resource == "localsubjectaccessreviews")
        return auth::localSubjectAccessReview(*core.authorizer, call.info.namespace_, object);
    if (resource == "selfsubjectaccessreviews")
        return auth::selfSubjectAccessReview(*core.authorizer, call.user, object);
    return auth::selfSubjectRulesReview(*core.authorizer, call.user, object);
}
} // namespace

Result<Answer> answerReview(ServerCore& core, Call& call) {
    ORRERY_TRY_ASSIGN(Json object, decodeBody(core, call, *call.kind));
    ORRERY_TRY_ASSIGN(Json answer, review(core, call, object));
    const std::string manager = call.options.fieldManager.empty()
                                    ? api::defaultFieldManager(call.userAgent)
                                    : call.options.fieldManager;
    if (const Json* given = find(object, "metadata"); given && !find(answer, "metadata"))
        setPath(answer, "metadata", *given);
    api::updateManagedFields(*call.kind, object, nullptr, manager, "", core.env.now());
    if (const Json* fields = findPath(object, "metadata.managedFields"))
        setPath(answer, "metadata.managedFields", *fields);
    return answerTree(call.kind, 201, std::move(answer));
}

Result<Answer> answerTokenRequest(ServerCore& core, Call& call) {
    const api::KindDef* kind = core.kinds.bodyKind("authentication.k8s.io/v1", "TokenRequest");
    ORRERY_ASSERT(kind != nullptr);
    if (!core.tokens)
        return notReady();
    ORRERY_TRY_ASSIGN(const Json request, decodeBody(core, call, *kind));
    const auth::ObjectLookup lookup =
        [&core](const api::GroupResource& resource, const std::string& namespace_,
                const std::string& name) { return core.get(resource, namespace_, name); };
    const auth::TokenRequestContext context{*core.tokens, lookup, call.user, core.env.now(),
                                            core.env.random};
    ORRERY_TRY_ASSIGN(Json answer,
                      auth::tokenRequest(context, call.info.namespace_, call.info.name, request));
    return answerTree(kind, 201, std::move(answer));
}

} // namespace orrery::apiserver
