// An API server in a map: list, watch, create, patch, delete with finalizers. It can also only
// write down what it is asked.
#pragma once
#include "core/api/kind.h"
#include "core/api/patch.h"
#include "tests/support/fake_api_server.h"

namespace orrery::tests {

class FakeServer final : public FakeApiServer {
  public:
    explicit FakeServer(Env& env) : FakeApiServer(env) { user_.name = "test"; }

    api::KindRegistry kinds;
    std::vector<client::Request> asked; // writes (events apart), in order
    bool recordOnly = false;            // writes succeed and change nothing
    std::function<std::optional<Error>(const client::Request&)> refuse; // may be empty

    // Makes or replaces an object of any kind.
    void put(Json object) {
        const api::KindDef* kind =
            kinds.byApiVersion(stringAt(object, "apiVersion"), stringAt(object, "kind"));
        ORRERY_ASSERT(kind);
        store(*kind, std::move(object));
    }

  private:
    EncodedPtr store(const api::KindDef& kind, Json object) {
        if (kind.scope == api::Scope::Namespaced && stringAt(object, "metadata.namespace").empty())
            setPath(object, "metadata.namespace", Json("default"));
        if (stringAt(object, "metadata.creationTimestamp").empty())
            setPath(object, "metadata.creationTimestamp", Json(formatTime(env_.now())));
        return keep(kind.groupResource().text(), std::move(object));
    }
    Result<client::Response> write(const client::Request& request) override {
        asked.push_back(request);
        if (refuse)
            if (const std::optional<Error> error = refuse(request))
                return *error;
        if (recordOnly)
            return client::Response{};
        const client::ResourcePath& path = request.path;
        const api::KindDef* kind = kinds.byResource(path.group, path.version, path.resource);
        ORRERY_ASSERT(kind);
        return write(request, *kind);
    }
    Result<client::Response> write(const client::Request& request, const api::KindDef& kind) {
        const client::ResourcePath& path = request.path;
        if (request.verb == "create")
            return create(request, kind);
        if (request.verb == "deletecollection") {
            for (const std::string& key : keys(resourceOf(path)))
                if (path.namespace_.empty() ||
                    key.compare(0, path.namespace_.size() + 1, path.namespace_ + "/") == 0)
                    (void)destroy(kind, key, request);
            return client::Response{};
        }
        const std::string key = keyOf(path);
        Json old = get(resourceOf(path), key);
        if (old.is_null())
            return makeError(Reason::NotFound, path.resource + " \"" + path.name + "\" not found");
        if (request.verb == "delete")
            return destroy(kind, key, request);
        if (request.verb == "update")
            return settle(kind, key, *request.body);
        const std::string_view wanted = stringAt(*request.body, "metadata.resourceVersion");
        if (!wanted.empty() && wanted != stringAt(old, "metadata.resourceVersion"))
            return makeError(Reason::Conflict, "the object has been modified");
        if (request.patchType == client::PatchType::StrategicMerge) {
            Result<Json> merged = api::applyStrategicMerge(kind.schema, old, *request.body);
            if (!merged)
                return merged.error();
            return settle(kind, key, std::move(*merged));
        }
        const bool specChanges = find(*request.body, "spec") != nullptr && kind.generation;
        Json merged = api::applyMergePatch(std::move(old), *request.body);
        if (specChanges)
            setPath(merged, "metadata.generation", Json(intAt(merged, "metadata.generation") + 1));
        return settle(kind, key, std::move(merged));
    }
    Result<client::Response> create(const client::Request& request, const api::KindDef& kind) {
        Json object = *request.body;
        if (!request.path.namespace_.empty())
            setPath(object, "metadata.namespace", Json(request.path.namespace_));
        if (stringAt(object, "metadata.name").empty())
            setPath(object, "metadata.name",
                    Json(std::string(stringAt(object, "metadata.generateName")) +
                         std::to_string(++lastName_)));
        if (!get(kind.groupResource().text(), keyOf(object)).is_null())
            return makeError(Reason::AlreadyExists, kind.plural + " already exists");
        if (kind.generation)
            setPath(object, "metadata.generation", Json(1));
        return answer(store(kind, std::move(object)));
    }
    Result<client::Response> destroy(const api::KindDef& kind, const std::string& key,
                                     const client::Request& request) {
        const std::string resource = kind.groupResource().text();
        Json object = get(resource, key);
        Json& finalizers = ensurePath(object, "metadata.finalizers");
        if (!finalizers.is_array())
            finalizers = JsonArray();
        const std::string_view policy =
            request.body ? stringAt(*request.body, "propagationPolicy") : std::string_view();
        if (policy == "Foreground")
            finalizers.get_array().emplace_back("foregroundDeletion");
        if (policy == "Orphan")
            finalizers.get_array().emplace_back("orphan");
        const bool namespace_ =
            kind.plural == "namespaces" && !arrayAt(object, "spec.finalizers").empty();
        if (finalizers.get_array().empty() && !namespace_) {
            remove(resource, key);
            return client::Response{};
        }
        setPath(object, "metadata.deletionTimestamp", Json(formatTime(env_.now())));
        return answer(store(kind, std::move(object)));
    }
    // A write after which the object may go: under deletion, and no finalizer left.
    Result<client::Response> settle(const api::KindDef& kind, const std::string& key, Json object) {
        const bool deleting = find(*findPath(object, "metadata"), "deletionTimestamp") != nullptr;
        if (deleting && arrayAt(object, "metadata.finalizers").empty() &&
            arrayAt(object, "spec.finalizers").empty()) {
            remove(kind.groupResource().text(), key);
            return client::Response{};
        }
        return answer(store(kind, std::move(object)));
    }
    Result<client::Response> answer(EncodedPtr object) const {
        client::Response response;
        response.object = std::move(object);
        response.resourceVersion = revision_;
        return response;
    }

    int lastName_ = 0;
};

} // namespace orrery::tests
