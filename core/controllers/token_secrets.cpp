// Token secrets: a Secret of type kubernetes.io/service-account-token is filled in, and goes with
// its ServiceAccount.
#include "core/base/base64.h"
#include "core/controllers/controllers.h"
#include "core/pki/jwt.h"

namespace orrery::controllers {

namespace {
constexpr const char* kAccountName = "kubernetes.io/service-account.name";
constexpr const char* kAccountUid = "kubernetes.io/service-account.uid";
constexpr const char* kAccount = "account"; // index: "namespace/serviceaccount"
constexpr Duration kValidFor = std::chrono::hours(24 * 365 * 10);

std::string accountOf(const api::Secret& secret) {
    const auto name = secret.metadata.annotations.find(kAccountName);
    return name == secret.metadata.annotations.end()
               ? ""
               : secret.metadata.namespace_ + "/" + name->second;
}

client::ResourcePath pathOf(const api::Secret& secret) {
    return {"", "v1", "secrets", secret.metadata.namespace_, secret.metadata.name, ""};
}

// DIVERGES: bound to the Secret and valid for ten years, where Kubernetes signs one of the old form
// that never expires: one form of token is enough, and its end is the Secret's.
Result<std::string> signedToken(const api::Secret& secret, const api::ServiceAccount& account,
                                Env& env, const pki::ServiceAccountTokens& tokens) {
    pki::ServiceAccountClaims claims;
    claims.namespace_ = secret.metadata.namespace_;
    claims.serviceAccount = {account.metadata.name, account.metadata.uid};
    claims.secret = pki::ServiceAccountClaims::Ref{secret.metadata.name, secret.metadata.uid};
    claims.audiences = {std::string(pki::kServiceAccountIssuer)};
    claims.id = newUid(env.random);
    claims.issuedAt = claims.notBefore =
        Time(std::chrono::floor<std::chrono::seconds>(env.now().time_since_epoch()));
    claims.expiresAt = claims.issuedAt + kValidFor;
    return tokens.sign(claims);
}

Outcome reconcile(const api::Secret& secret, const View& view, Env& env,
                  const pki::ServiceAccountTokens& tokens, const std::string& caPem) {
    Outcome out;
    const std::string key = accountOf(secret);
    if (key.empty() || secret.metadata.deletionTimestamp)
        return out;
    const client::Cached<api::ServiceAccount>* account = view.serviceAccounts.get(key);
    const auto uid = secret.metadata.annotations.find(kAccountUid);
    const bool named = uid != secret.metadata.annotations.end() && !uid->second.empty();
    if (!account || (named && uid->second != account->view->metadata.uid)) {
        out.actions.push_back(deleteObject(pathOf(secret), secret.metadata.uid,
                                           "its ServiceAccount " + key + " is gone"));
        return out;
    }
    const auto lacks = [&secret](const char* field) { return secret.fields.count(field) == 0; };
    if (named && !lacks("token") && !lacks("ca.crt") && !lacks("namespace"))
        return out;
    JsonObject data{{"ca.crt", base64(caPem)},
                    {"namespace", base64(secret.metadata.namespace_)}};
    if (lacks("token") || !named) {
        Result<std::string> token = signedToken(secret, *account->view, env, tokens);
        if (!token) {
            out.error = token.error();
            return out;
        }
        data["token"] = base64(*token);
    }
    JsonObject annotations{{kAccountUid, account->view->metadata.uid}};
    out.actions.push_back(
        patchObject(pathOf(secret),
                    JsonObject{{"metadata", JsonObject{{"uid", secret.metadata.uid},
                                                       {"annotations", std::move(annotations)}}},
                               {"data", std::move(data)}},
                    "it is to hold a token of ServiceAccount " + key));
    return out;
}
} // namespace

ControllerDef tokenSecretsController(View& view, client::InformerFactory& factory, Env& env,
                                     const pki::ServiceAccountTokens& tokens,
                                     const std::string& caPem) {
    auto& secrets = factory.informer<api::Secret>(
        client::ResourcePath{"", "v1", "secrets", "", "", ""},
        client::Reflector::Selectors{"", "type=kubernetes.io/service-account-token"});
    secrets.addIndex(kAccount, [](const api::Secret& secret) {
        return std::vector<std::string>{accountOf(secret)};
    });
    view.await(secrets);
    ControllerDef def;
    def.name = "serviceaccount-token-controller";
    def.component = def.user = "service-account-controller";
    def.watch = [&view, &secrets](Wakes& wakes) {
        wakes.each(secrets, "Secret");
        wakes.mapped<api::ServiceAccount>(
            view.serviceAccounts, "ServiceAccount", [&secrets](const api::ServiceAccount& account) {
                const std::set<std::string>& keys =
                    secrets.byIndex(kAccount, account.metadata.namespacedName());
                return std::vector<std::string>(keys.begin(), keys.end());
            });
    };
    def.reconcile = [&view, &secrets, &env, &tokens, caPem](const std::string& key, Time) {
        const client::Cached<api::Secret>* found = secrets.get(key);
        return found ? reconcile(*found->view, view, env, tokens, caPem) : Outcome();
    };
    return def;
}

} // namespace orrery::controllers
