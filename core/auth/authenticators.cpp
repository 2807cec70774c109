#include "core/auth/authenticators.h"

namespace orrery::auth {
namespace {

constexpr std::string_view kServiceAccountPrefix = "system:serviceaccount:";
constexpr const char* kAnonymous = "system:anonymous";
constexpr const char* kAuthenticated = "system:authenticated";
constexpr const char* kUnauthenticated = "system:unauthenticated";
constexpr const char* kExtraPrefix = "authentication.kubernetes.io/";
constexpr std::size_t kVerifiedMax = 1000;
// A bound object that is being deleted keeps its tokens this much longer.
constexpr auto kDeletionLeeway = std::chrono::seconds(60);

bool has(const std::vector<std::string>& list, std::string_view item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

Error unauthorized(std::string message) {
    return makeError(Reason::Unauthorized, std::move(message));
}

std::string quotedList(const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& item : list)
        text += (text.empty() ? "\"" : " \"") + item + "\"";
    return "[" + text + "]";
}

UserInfo userOf(const pki::ServiceAccountClaims& claims) {
    UserInfo user;
    user.name = claims.userName();
    user.uid = claims.serviceAccount.uid;
    user.groups = serviceAccountGroups(user.name);
    user.groups.emplace_back(kAuthenticated);
    const auto add = [&](const std::string& key, std::string value) {
        if (!value.empty())
            user.extra[kExtraPrefix + key] = {std::move(value)};
    };
    if (!claims.id.empty())
        add("credential-id", "JTI=" + claims.id);
    if (claims.node) {
        add("node-name", claims.node->name);
        add("node-uid", claims.node->uid);
    }
    if (claims.pod) {
        add("pod-name", claims.pod->name);
        add("pod-uid", claims.pod->uid);
    }
    return user;
}

// One "impersonate" question.
Attributes question(const UserInfo& user, std::string group, std::string resource,
                    std::string name) {
    Attributes attributes;
    attributes.user = user;
    attributes.verb = "impersonate";
    attributes.resourceRequest = true;
    attributes.group = std::move(group);
    attributes.version = "v1";
    attributes.resource = std::move(resource);
    attributes.name = std::move(name);
    return attributes;
}

std::vector<Attributes> questions(const UserInfo& user, const Credentials& wanted) {
    constexpr const char* group = "authentication.k8s.io";
    std::vector<Attributes> all;
    if (!serviceAccountGroups(wanted.impersonateUser).empty()) {
        const std::string rest = wanted.impersonateUser.substr(kServiceAccountPrefix.size());
        const std::size_t colon = rest.find(':');
        all.push_back(question(user, "", "serviceaccounts", rest.substr(colon + 1)));
        all.back().namespace_ = rest.substr(0, colon);
    } else {
        all.push_back(question(user, "", "users", wanted.impersonateUser));
    }
    for (const std::string& one : wanted.impersonateGroups)
        all.push_back(question(user, "", "groups", one));
    for (const auto& [key, values] : wanted.impersonateExtra)
        for (const std::string& value : values) {
            all.push_back(question(user, group, "userextras", value));
            all.back().subresource = key;
        }
    if (!wanted.impersonateUid.empty())
        all.push_back(question(user, group, "uids", wanted.impersonateUid));
    return all;
}

} // namespace

std::vector<std::string> serviceAccountGroups(const std::string& userName) {
    if (userName.compare(0, kServiceAccountPrefix.size(), kServiceAccountPrefix) != 0)
        return {};
    const std::string rest = userName.substr(kServiceAccountPrefix.size());
    const std::size_t colon = rest.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == rest.size() ||
        rest.find(':', colon + 1) != std::string::npos)
        return {};
    return {"system:serviceaccounts", "system:serviceaccounts:" + rest.substr(0, colon)};
}

StandardAuthenticator::StandardAuthenticator(Env& env, Authorizer& authorizer,
                                             pki::ServiceAccountTokens tokens, ObjectLookup lookup)
    : env_(env), authorizer_(authorizer), tokens_(std::move(tokens)), lookup_(std::move(lookup)) {}

Result<UserInfo> StandardAuthenticator::authenticate(const Credentials& credentials) {
    ORRERY_TRY_ASSIGN(UserInfo user, authenticateItself(credentials));
    if (credentials.impersonateUser.empty()) {
        if (!credentials.impersonateGroups.empty() || !credentials.impersonateUid.empty() ||
            !credentials.impersonateExtra.empty())
            return badRequest("impersonation of groups, a uid or extra fields needs a user: " +
                              std::string("Impersonate-User is missing"));
        return user;
    }
    return impersonate(user, credentials);
}

// A valid certificate counts, whatever the bearer token is.
Result<UserInfo> StandardAuthenticator::authenticateItself(const Credentials& credentials) {
    if (credentials.certificateCommonName && !credentials.certificateCommonName->empty()) {
        UserInfo user;
        user.name = *credentials.certificateCommonName;
        user.groups = credentials.certificateOrganizations;
        if (!has(user.groups, kAuthenticated))
            user.groups.emplace_back(kAuthenticated);
        if (!credentials.certificateSha256Hex.empty())
            user.extra[std::string(kExtraPrefix) + "credential-id"] = {
                "X509SHA256=" + credentials.certificateSha256Hex};
        return user;
    }
    if (!credentials.bearerToken.empty()) {
        Result<TokenUser> token = reviewToken(credentials.bearerToken, {});
        if (!token)
            return unauthorized("Unauthorized");
        return std::move(token->user);
    }
    UserInfo anonymous;
    anonymous.name = kAnonymous;
    anonymous.groups = {kUnauthenticated};
    return anonymous;
}

Result<UserInfo> StandardAuthenticator::impersonate(const UserInfo& user,
                                                    const Credentials& credentials) {
    for (const Attributes& attributes : questions(user, credentials)) {
        const Decision decision = authorizer_.authorize(attributes);
        if (!decision.allowed)
            return forbidden(attributes, decision.reason);
    }
    UserInfo other;
    other.name = credentials.impersonateUser;
    other.uid = credentials.impersonateUid;
    other.extra = credentials.impersonateExtra;
    other.groups = credentials.impersonateGroups;
    if (other.groups.empty())
        other.groups = serviceAccountGroups(other.name);
    const bool anonymous = other.name == kAnonymous;
    const bool said =
        has(other.groups, kUnauthenticated) || (!anonymous && has(other.groups, kAuthenticated));
    if (!said)
        other.groups.emplace_back(anonymous ? kUnauthenticated : kAuthenticated);
    return other;
}

Result<pki::ServiceAccountClaims> StandardAuthenticator::verify(const std::string& token) {
    const auto at = verified_.find(token);
    if (at != verified_.end() && at->second.expiresAt > env_.now() &&
        at->second.notBefore <= env_.now())
        return at->second;
    ORRERY_TRY_ASSIGN(pki::ServiceAccountClaims claims, tokens_.verify(token, env_.now()));
    if (verified_.size() >= kVerifiedMax)
        verified_.clear();
    verified_.insert_or_assign(token, claims);
    return claims;
}

Result<TokenUser> StandardAuthenticator::reviewToken(const std::string& token,
                                                     const std::vector<std::string>& audiences) {
    Result<pki::ServiceAccountClaims> claims = verify(token);
    if (!claims)
        return unauthorized(claims.error().message);
    TokenUser found;
    const std::vector<std::string> wanted =
        audiences.empty() ? std::vector<std::string>{std::string(pki::kServiceAccountIssuer)}
                          : audiences;
    for (const std::string& audience : wanted)
        if (has(claims->audiences, audience))
            found.audiences.push_back(audience);
    if (found.audiences.empty())
        return unauthorized("token audiences " + quotedList(claims->audiences) +
                            " is invalid for the target audiences " + quotedList(wanted));
    ORRERY_TRY(checkBound(*claims));
    found.user = userOf(*claims);
    return found;
}

Result<void> StandardAuthenticator::checkBound(const pki::ServiceAccountClaims& claims) const {
    const auto check = [&](const char* resource, const std::string& namespace_, const char* what,
                           const pki::ServiceAccountClaims::Ref& ref) -> Result<void> {
        const EncodedPtr object = lookup_({"", resource}, namespace_, ref.name);
        if (!object)
            return unauthorized(std::string(what) + " " + ref.name + " not found");
        const Json& tree = object->tree();
        const Result<Time> deleted = parseTime(stringAt(tree, "metadata.deletionTimestamp"));
        if (deleted && *deleted + kDeletionLeeway < env_.now())
            return unauthorized(std::string(what) + " " + ref.name + " has been deleted");
        const std::string uid(stringAt(tree, "metadata.uid"));
        if (uid != ref.uid)
            return unauthorized(std::string(what) + " UID (" + uid + ") does not match claim (" +
                                ref.uid + ")");
        return {};
    };
    ORRERY_TRY(
        check("serviceaccounts", claims.namespace_, "service account", claims.serviceAccount));
    if (claims.secret)
        ORRERY_TRY(check("secrets", claims.namespace_, "secret", *claims.secret));
    if (claims.pod)
        ORRERY_TRY(check("pods", claims.namespace_, "pod", *claims.pod));
    // A pod's token names the node too, but only for information.
    if (claims.node && !claims.pod)
        ORRERY_TRY(check("nodes", "", "node", *claims.node));
    return {};
}

} // namespace orrery::auth
