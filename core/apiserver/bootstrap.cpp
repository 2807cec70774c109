#include "core/apiserver/bootstrap.h"

#include "core/apiserver/pipeline.h"
#include "core/auth/bootstrap.h"

namespace orrery::apiserver {

namespace {
Call creation(const api::KindDef& kind, Json object) {
    Call call;
    call.inProcess = call.trusted = true;
    call.user = {"system:apiserver", {"system:masters", "system:authenticated"}, "", {}};
    call.userAgent = "kube-apiserver";
    call.info.resourceRequest = true;
    call.info.verb = "create";
    call.info.group = kind.group;
    call.info.version = kind.version;
    call.info.resource = kind.plural;
    if (kind.scope == api::Scope::Namespaced)
        call.info.namespace_ = stringAt(object, "metadata.namespace");
    call.options.fieldValidation = api::FieldValidation::Ignore;
    call.cause.because = "every cluster begins with it";
    call.body = std::move(object);
    return call;
}

// The Endpoints and EndpointSlice of the `kubernetes` Service name this server.
std::vector<Json> ownEndpoints(const ServerOptions& options) {
    const auto parse = [](const std::string& text) {
        Result<Json> tree = parseJson(text);
        ORRERY_ASSERT(tree.has_value());
        return std::move(*tree);
    };
    const std::string address = serializeJson(Json(options.advertiseAddress));
    const std::string port =
        "{\"name\":\"https\",\"port\":" + std::to_string(options.advertisePort) +
        ",\"protocol\":\"TCP\"}";
    const std::string family =
        options.advertiseAddress.find(':') == std::string::npos ? "IPv4" : "IPv6";
    return {parse(R"({"kind":"Endpoints","apiVersion":"v1","metadata":{"name":"kubernetes",)"
                  R"("namespace":"default","labels":)"
                  R"({"endpointslice.kubernetes.io/skip-mirror":"true"}},)"
                  R"("subsets":[{"addresses":[{"ip":)" +
                  address + R"(}],"ports":[)" + port + "]}]}"),
            parse(R"({"kind":"EndpointSlice","apiVersion":"discovery.k8s.io/v1","metadata":)"
                  R"({"name":"kubernetes","namespace":"default",)"
                  R"("labels":{"kubernetes.io/service-name":"kubernetes"}},"addressType":")" +
                  family + R"(","endpoints":[{"addresses":[)" + address +
                  R"(],"conditions":{"ready":true}}],"ports":[)" + port + "]}")};
}

Result<void> ensureObject(ServerCore& core, const Json& object, bool replace) {
    const api::KindDef* kind =
        core.kinds.byApiVersion(stringAt(object, "apiVersion"), stringAt(object, "kind"));
    if (!kind)
        return internalError("no kind " + std::string(stringAt(object, "kind")));
    const std::string key = core.storageOf(*kind)->key(stringAt(object, "metadata.namespace"),
                                                       stringAt(object, "metadata.name"));
    const bool there = core.store.get(key) != nullptr;
    if (there && !replace)
        return {};
    Call call = creation(*kind, object);
    if (there) { // the address may be another one than at the last start
        call.info.verb = "update";
        call.info.name = stringAt(object, "metadata.name");
        call.cause.because = "the API server's own address";
    }
    if (auto made = runPipeline(core, call); !made)
        return internalError("can't create " + key + ": " + made.error().message);
    return {};
}
} // namespace

void makeBootstrapObjects(ServerCore& core, std::function<void(Result<void>)> done) {
    const auto all = [&core]() -> Result<void> {
        for (const Json& object : auth::bootstrapObjects()) {
            const bool ownService = stringAt(object, "kind") == "Service" &&
                                    stringAt(object, "metadata.name") == "kubernetes";
            ORRERY_TRY(ensureObject(
                core, ownService ? auth::kubernetesService(core.options.advertisePort) : object,
                false));
        }
        for (const Json& object : ownEndpoints(core.options))
            ORRERY_TRY(ensureObject(core, object, true));
        return {};
    };
    if (Result<void> made = all(); !made) {
        core.env.executor.post(
            [done = std::move(done), error = std::move(made.error())] { done(error); });
        return;
    }
    core.env.executor.post([&core, alive = core.alive, done = std::move(done)] {
        if (*alive)
            core.store.whenDurable(core.store.revision(), done);
    });
}

} // namespace orrery::apiserver
