#include "core/pki/jwt.h"

#include "core/base/base64.h"

namespace orrery::pki {
namespace {

constexpr std::size_t kTokenBytesMax = 64 << 10;

std::int64_t seconds(Time time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

Json refJson(const ServiceAccountClaims::Ref& ref) {
    JsonObject out;
    out["name"] = ref.name;
    if (!ref.uid.empty())
        out["uid"] = ref.uid;
    return out;
}

std::optional<ServiceAccountClaims::Ref> refAt(const Json& bound, std::string_view key) {
    const Json* ref = find(bound, key);
    if (ref == nullptr || !ref->is_object())
        return std::nullopt;
    return ServiceAccountClaims::Ref{std::string(stringAt(*ref, "name")),
                                     std::string(stringAt(*ref, "uid"))};
}

// Keys in alphabetical order, as Kubernetes writes them.
Json claimsJson(const ServiceAccountClaims& claims) {
    JsonArray audiences;
    for (const std::string& audience : claims.audiences)
        audiences.emplace_back(audience);
    JsonObject bound;
    bound["namespace"] = claims.namespace_;
    if (claims.node)
        bound["node"] = refJson(*claims.node);
    if (claims.pod)
        bound["pod"] = refJson(*claims.pod);
    if (claims.secret)
        bound["secret"] = refJson(*claims.secret);
    bound["serviceaccount"] = refJson(claims.serviceAccount);
    if (claims.warnAfter)
        bound["warnafter"] = seconds(*claims.warnAfter);
    JsonObject out;
    out["aud"] = std::move(audiences);
    out["exp"] = seconds(claims.expiresAt);
    out["iat"] = seconds(claims.issuedAt);
    out["iss"] = kServiceAccountIssuer;
    out["jti"] = claims.id;
    out["kubernetes.io"] = std::move(bound);
    out["nbf"] = seconds(claims.notBefore);
    out["sub"] = claims.userName();
    return out;
}

// Times beyond what a Time holds (the year 2262) are cut to its end.
Time timeClaim(const Json& claims, std::string_view key) {
    constexpr std::int64_t latest = 9'000'000'000;
    return Time{
        std::chrono::seconds(std::clamp<std::int64_t>(intAt(claims, key), -latest, latest))};
}

ServiceAccountClaims readClaims(const Json& json) {
    ServiceAccountClaims claims;
    if (const Json* audiences = find(json, "aud"); audiences != nullptr && audiences->is_string())
        claims.audiences.emplace_back(asString(*audiences));
    else
        for (const Json& audience : arrayAt(json, "aud"))
            claims.audiences.emplace_back(asString(audience));
    claims.expiresAt = timeClaim(json, "exp");
    claims.issuedAt = timeClaim(json, "iat");
    claims.notBefore = timeClaim(json, "nbf");
    claims.id = stringAt(json, "jti");
    if (const Json* bound = find(json, "kubernetes.io")) {
        claims.namespace_ = stringAt(*bound, "namespace");
        claims.serviceAccount =
            refAt(*bound, "serviceaccount").value_or(ServiceAccountClaims::Ref{});
        claims.pod = refAt(*bound, "pod");
        claims.secret = refAt(*bound, "secret");
        claims.node = refAt(*bound, "node");
        if (find(*bound, "warnafter") != nullptr)
            claims.warnAfter = timeClaim(*bound, "warnafter");
    }
    return claims;
}

Error notOurs() {
    return makeError(Reason::NotFound, "invalid bearer token");
}
Error refused(std::string message) {
    return makeError(Reason::Unauthorized, std::move(message));
}

Result<Json> readPart(std::string_view part) {
    ORRERY_TRY_ASSIGN(const std::string text, fromBase64Url(part));
    return parseJson(text);
}

} // namespace

std::string ServiceAccountClaims::userName() const {
    return "system:serviceaccount:" + namespace_ + ":" + serviceAccount.name;
}

ServiceAccountTokens::ServiceAccountTokens(EcKey key)
    : key_(std::move(key)), keyId_(base64Url(sha256(key_.publicDer()))) {}

Result<ServiceAccountTokens> ServiceAccountTokens::load(std::string_view keyPem, KeySource source) {
    ORRERY_TRY_ASSIGN(EcKey key, EcKey::fromPem(keyPem, source));
    return ServiceAccountTokens(std::move(key));
}

Result<std::string> ServiceAccountTokens::sign(const ServiceAccountClaims& claims) const {
    JsonObject header;
    header["alg"] = "ES256";
    header["kid"] = keyId_;
    std::string token =
        base64Url(serializeJson(header)) + "." + base64Url(serializeJson(claimsJson(claims)));
    ORRERY_TRY_ASSIGN(const std::string signature, key_.sign(token));
    return token + "." + base64Url(signature);
}

Result<ServiceAccountClaims> ServiceAccountTokens::verify(std::string_view token, Time now) const {
    const std::size_t first = token.find('.');
    const std::size_t last = token.rfind('.');
    if (token.size() > kTokenBytesMax || first == std::string_view::npos || first == last)
        return notOurs();
    const Result<Json> json = readPart(token.substr(first + 1, last - first - 1));
    if (!json || !json->is_object() || stringAt(*json, "iss") != kServiceAccountIssuer)
        return notOurs();
    const Result<Json> header = readPart(token.substr(0, first));
    const Result<std::string> signature = fromBase64Url(token.substr(last + 1));
    if (!header || stringAt(*header, "alg") != "ES256" || !signature ||
        !key_.verify(token.substr(0, last), *signature))
        return refused("failed to validate token signature");
    ServiceAccountClaims claims = readClaims(*json);
    // Whole seconds, and no leeway: as Kubernetes compares.
    if (seconds(now) > seconds(claims.expiresAt))
        return refused("service account token has expired");
    if (seconds(now) < seconds(claims.notBefore))
        return refused("service account token is not valid yet");
    if (claims.namespace_.empty() || claims.serviceAccount.name.empty() ||
        stringAt(*json, "sub") != claims.userName())
        return refused("service account token has been invalidated");
    return claims;
}

Json ServiceAccountTokens::keySet() const {
    const std::string point = key_.publicPoint();
    JsonObject key;
    key["use"] = "sig";
    key["kty"] = "EC";
    key["kid"] = keyId_;
    key["crv"] = "P-256";
    key["alg"] = "ES256";
    key["x"] = base64Url(point.substr(0, 32));
    key["y"] = base64Url(point.substr(32));
    JsonArray keys;
    keys.push_back(std::move(key));
    JsonObject out;
    out["keys"] = std::move(keys);
    return out;
}

Json ServiceAccountTokens::openIdConfiguration(const std::string& serverUrl) {
    const auto list = [](const char* item) { return JsonArray{Json(item)}; };
    JsonObject out;
    out["issuer"] = kServiceAccountIssuer;
    out["jwks_uri"] = serverUrl + "/openid/v1/jwks";
    out["response_types_supported"] = list("id_token");
    out["subject_types_supported"] = list("public");
    out["id_token_signing_alg_values_supported"] = list("ES256");
    return out;
}

} // namespace orrery::pki
