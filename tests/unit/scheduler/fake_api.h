// An API server in a map: enough of one for the scheduler.
#pragma once
#include "tests/support/fake_api_server.h"

namespace orrery::tests {

class FakeApi final : public FakeApiServer {
  public:
    explicit FakeApi(Env& env) : FakeApiServer(env) { user_.name = "system:kube-scheduler"; }

    // Makes or replaces an object ("pods", "storageclasses.storage.k8s.io"); fills in uid,
    // namespace and resourceVersion.
    void put(const std::string& resource, Json object) {
        const bool namespaced = resource == "pods" || resource == "persistentvolumeclaims" ||
                                resource == "services" || resource == "replicasets.apps" ||
                                resource == "poddisruptionbudgets.policy";
        if (namespaced && stringAt(object, "metadata.namespace").empty())
            setPath(object, "metadata.namespace", "default");
        keep(resource, std::move(object));
    }
    std::string nodeOf(const std::string& podKey) const {
        return std::string(stringAt(get("pods", podKey), "spec.nodeName"));
    }
    // The condition of a type, or null.
    Json condition(const std::string& podKey, std::string_view type) const {
        const Json pod = get("pods", podKey);
        for (const Json& one : arrayAt(pod, "status.conditions"))
            if (stringAt(one, "type") == type)
                return one;
        return nullptr;
    }
    // "reason: message" of the events about a pod, in order.
    std::vector<std::string> eventsOf(const std::string& podName) const {
        std::vector<std::string> texts;
        for (const Json& event : events)
            if (stringAt(event, "involvedObject.name") == podName ||
                stringAt(event, "regarding.name") == podName)
                texts.push_back(std::string(stringAt(event, "reason")) + ": " +
                                std::string(stringAt(event, "message", stringAt(event, "note"))));
        return texts;
    }

    std::vector<client::Request> bindings;
    int failBindings = 0; // so many bindings are refused

  private:
    Result<client::Response> write(const client::Request& request) override {
        const std::string resource = resourceOf(request.path), key = keyOf(request.path);
        const Json old = get(resource, key);
        if (old.is_null())
            return makeError(Reason::NotFound,
                             resource + " \"" + request.path.name + "\" not found");
        if (request.path.subresource == "binding")
            return bind(request, old);
        if (request.verb == "delete")
            return erase(resource, key, old);
        Json changed = old;
        merge(changed, *request.body);
        put(resource, std::move(changed));
        return client::Response{};
    }
    Result<client::Response> bind(const client::Request& request, Json pod) {
        bindings.push_back(request);
        if (failBindings > 0 && failBindings-- > 0)
            return makeError(Reason::InternalError, "the disk is full");
        if (!stringAt(pod, "spec.nodeName").empty())
            return makeError(Reason::Conflict, "already assigned");
        setPath(pod, "spec.nodeName", Json(stringAt(*request.body, "target.name")));
        put("pods", std::move(pod));
        return client::Response{};
    }
    Result<client::Response> erase(const std::string& resource, const std::string& key,
                                   Json object) {
        if (arrayAt(object, "metadata.finalizers").empty()) {
            remove(resource, key);
        } else {
            setPath(object, "metadata.deletionTimestamp", Json(formatTime(env_.now())));
            put(resource, std::move(object));
        }
        return client::Response{};
    }
    // Merge patch, and conditions by type: what the scheduler's patches need.
    static void merge(Json& into, const Json& patch) {
        for (const auto& member : patch.as_object()) {
            Json& target = into.as_object()[member.key()];
            if (member.key() == "conditions") {
                if (!target.is_array())
                    target = JsonArray();
                for (const Json& condition : member.value().as_array()) {
                    JsonArray& all = target.as_array();
                    const auto at =
                        std::find_if(all.begin(), all.end(), [&condition](const Json& one) {
                            return stringAt(one, "type") == stringAt(condition, "type");
                        });
                    if (at == all.end())
                        all.push_back(condition);
                    else
                        *at = condition;
                }
            } else if (member.value().is_object()) {
                if (!target.is_object())
                    target = JsonObject();
                merge(target, member.value());
            } else if (member.value().is_null()) {
                into.as_object().erase(member.key());
            } else {
                target = member.value();
            }
        }
    }
};

} // namespace orrery::tests
