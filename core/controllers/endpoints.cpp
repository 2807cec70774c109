// Endpoints: the elder form of EndpointSlice, one object for each service.
#include <algorithm>

#include "core/controllers/controllers.h"
#include "core/controllers/pods.h"
#include "core/controllers/slices.h"

namespace orrery::controllers {

namespace {
constexpr const char* kManaged = "endpoints.kubernetes.io/managed-by";
constexpr const char* kManager = "endpoint-controller";
constexpr const char* kOverCapacity = "endpoints.kubernetes.io/over-capacity";
constexpr int kAddressesMax = 1000;

struct Subset {
    JsonArray ports, ready, notReady;
};

JsonArray portsOf(const api::Service& service, const api::Pod& pod) {
    std::vector<const api::ServicePort*> ports;
    for (const api::ServicePort& port : service.ports)
        ports.push_back(&port);
    std::stable_sort(ports.begin(), ports.end(),
                     [](const auto* a, const auto* b) { return a->name < b->name; });
    JsonArray out;
    for (const api::ServicePort* port : ports) {
        const int number = targetPort(*port, pod);
        if (number == 0)
            continue;
        JsonObject one;
        if (!port->name.empty())
            one["name"] = port->name;
        one["port"] = number;
        one["protocol"] = port->protocol;
        if (!port->appProtocol.empty())
            one["appProtocol"] = port->appProtocol;
        out.push_back(std::move(one));
    }
    return out;
}

Json addressOf(const api::Service& service, const api::Pod& pod) {
    JsonObject target{{"kind", "Pod"},
                      {"namespace", pod.metadata.namespace_},
                      {"name", pod.metadata.name},
                      {"uid", pod.metadata.uid}};
    JsonObject out{{"ip", pod.podIP}};
    if (!pod.hostname.empty() && pod.subdomain == service.metadata.name)
        out["hostname"] = pod.hostname;
    if (!pod.nodeName.empty())
        out["nodeName"] = pod.nodeName;
    out["targetRef"] = std::move(target);
    return out;
}

// `overCapacity`: addresses were left out.
JsonArray subsetsOf(const api::Service& service, const std::vector<const api::Pod*>& pods,
                    bool& overCapacity) {
    std::vector<Subset> subsets;
    int addresses = 0;
    for (const api::Pod* pod : pods) {
        if (pod->terminal() || pod->podIP.empty() ||
            (pod->metadata.deletionTimestamp && !service.publishNotReadyAddresses))
            continue;
        JsonArray ports = portsOf(service, *pod);
        if (ports.empty() && !service.ports.empty())
            continue;
        if (++addresses > kAddressesMax) {
            overCapacity = true;
            break;
        }
        auto at = std::find_if(subsets.begin(), subsets.end(),
                               [&](const Subset& one) { return one.ports == ports; });
        if (at == subsets.end())
            at = subsets.insert(subsets.end(), Subset{std::move(ports), {}, {}});
        const bool ready = service.publishNotReadyAddresses || pod->ready();
        (ready ? at->ready : at->notReady).push_back(addressOf(service, *pod));
    }
    JsonArray out;
    for (Subset& subset : subsets) {
        for (JsonArray* list : {&subset.ready, &subset.notReady}) // by address, as text
            std::stable_sort(list->begin(), list->end(), [](const Json& a, const Json& b) {
                return stringAt(a, "ip") < stringAt(b, "ip");
            });
        JsonObject one;
        if (!subset.ready.empty())
            one["addresses"] = std::move(subset.ready);
        if (!subset.notReady.empty())
            one["notReadyAddresses"] = std::move(subset.notReady);
        if (!subset.ports.empty())
            one["ports"] = std::move(subset.ports);
        out.push_back(std::move(one));
    }
    return out;
}

api::StringMap labelsOf(const api::Service& service) {
    api::StringMap out = service.metadata.labels;
    out[kManaged] = kManager;
    if (service.clusterIP == "None")
        out[kHeadlessLabel] = "";
    else
        out.erase(kHeadlessLabel);
    return out;
}

Action patchEndpoints(const client::ResourcePath& path, const api::Endpoints& old,
                      const api::StringMap& labels, JsonArray subsets, JsonObject annotations) {
    JsonObject labelPatch = toJson(labels).as_object();
    for (const auto& [key, value] : old.metadata.labels)
        if (labels.count(key) == 0)
            labelPatch[key] = nullptr;
    JsonObject patch{{"metadata", JsonObject{{"labels", std::move(labelPatch)},
                                             {"annotations", std::move(annotations)}}}};
    patch["subsets"] = subsets.empty() ? Json() : Json(std::move(subsets));
    return patchObject(path, std::move(patch), "the addresses of the Service changed");
}

Outcome reconcile(const api::Service& service, const View& view, TriggerTimes& triggers) {
    Outcome out;
    if (!service.hasSelector || service.type == "ExternalName")
        return out;
    const api::ObjectMeta& metadata = service.metadata;
    const client::ResourcePath path{"", "v1", "endpoints", metadata.namespace_, metadata.name, ""};
    const std::vector<const api::Pod*> pods = selectedPods(view, service);
    bool overCapacity = false;
    JsonArray subsets = subsetsOf(service, pods, overCapacity);
    const api::StringMap labels = labelsOf(service);
    const std::string trigger = triggers.next(service, pods);
    const client::Cached<api::Endpoints>* found = view.endpoints.get(metadata.namespacedName());
    if (found) {
        const bool flagged = found->view->metadata.annotations.count(kOverCapacity) != 0;
        if (found->view->subsets == subsets && found->view->metadata.labels == labels &&
            flagged == overCapacity)
            return out;
        JsonObject annotations{{kTriggerTime, trigger.empty() ? Json() : Json(trigger)},
                               {kOverCapacity, overCapacity ? Json("truncated") : Json()}};
        out.actions.push_back(
            patchEndpoints(path, *found->view, labels, std::move(subsets), std::move(annotations)));
        return out;
    }
    JsonObject meta{
        {"name", metadata.name}, {"namespace", metadata.namespace_}, {"labels", toJson(labels)}};
    JsonObject annotations;
    if (!trigger.empty())
        annotations[kTriggerTime] = trigger;
    if (overCapacity)
        annotations[kOverCapacity] = "truncated";
    if (!annotations.empty())
        meta["annotations"] = std::move(annotations);
    JsonObject object{{"apiVersion", "v1"}, {"kind", "Endpoints"}, {"metadata", std::move(meta)}};
    if (!subsets.empty())
        object["subsets"] = std::move(subsets);
    out.actions.push_back(createObject(path, std::move(object), "the Service has no Endpoints"));
    return out;
}

Outcome removeLeftOver(const std::string& key, const View& view) {
    Outcome out;
    const client::Cached<api::Endpoints>* left = view.endpoints.get(key);
    if (!left)
        return out;
    const api::ObjectMeta& metadata = left->view->metadata;
    out.actions.push_back(
        deleteObject({"", "v1", "endpoints", metadata.namespace_, metadata.name, ""}, metadata.uid,
                     "its Service is gone"));
    return out;
}
} // namespace

ControllerDef endpointsController(View& view) {
    const auto triggers = std::make_shared<TriggerTimes>();
    ControllerDef def;
    def.name = "endpoints-controller";
    def.component = def.user = "endpoint-controller";
    def.watch = [&view](Wakes& wakes) {
        watchEndpointPods(view, wakes);
        wakes.mapped<api::Endpoints>(
            view.endpoints, "Endpoints", [&view](const api::Endpoints& endpoints) {
                const std::string key = endpoints.metadata.namespacedName();
                return view.services.get(key) ? std::vector<std::string>{key}
                                              : std::vector<std::string>();
            });
    };
    def.reconcile = [&view, triggers](const std::string& key, Time) {
        const client::Cached<api::Service>* found = view.services.get(key);
        if (found)
            return reconcile(*found->view, view, *triggers);
        triggers->forget(key);
        return removeLeftOver(key, view);
    };
    return def;
}

} // namespace orrery::controllers
