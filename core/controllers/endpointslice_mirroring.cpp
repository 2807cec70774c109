// EndpointSlice mirroring: Endpoints that somebody wrote by hand, as slices.
#include "core/controllers/controllers.h"
#include "core/controllers/slices.h"

namespace orrery::controllers {

namespace {
constexpr const char* kManager = "endpointslicemirroring-controller.k8s.io";
constexpr const char* kSkip = "endpointslice.kubernetes.io/skip-mirror";
constexpr const char* kLeader = "control-plane.alpha.kubernetes.io/leader";
constexpr const char* kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";
constexpr std::size_t kEndpointsMax = 1000;

bool mirrored(const api::Endpoints& endpoints) {
    const auto skip = endpoints.metadata.labels.find(kSkip);
    return (skip == endpoints.metadata.labels.end() || skip->second != "true") &&
           endpoints.metadata.annotations.count(kLeader) == 0;
}

Json endpointOf(const Json& address, bool ready) {
    JsonObject out{{"addresses", JsonArray{Json(stringAt(address, "ip"))}},
                   {"conditions", JsonObject{{"ready", ready}}}};
    for (const char* field : {"hostname", "targetRef", "nodeName"})
        if (const Json* value = find(address, field))
            out[field] = *value;
    return out;
}

void addAddresses(const Json& subset, const char* list, bool ready, std::vector<SliceGroup>& groups,
                  const JsonArray& ports) {
    for (const Json& address : arrayAt(subset, list)) {
        const bool six = stringAt(address, "ip").find(':') != std::string_view::npos;
        const std::string family = six ? "IPv6" : "IPv4";
        SliceGroup* group = nullptr;
        for (SliceGroup& one : groups)
            if (one.addressType == family && one.ports == ports)
                group = &one;
        if (!group)
            group = &groups.emplace_back(SliceGroup{family, ports, {}});
        if (group->endpoints.size() < kEndpointsMax)
            group->endpoints.push_back(endpointOf(address, ready));
    }
}

std::vector<SliceGroup> groupsOf(const api::Endpoints& endpoints) {
    std::vector<SliceGroup> out;
    for (const Json& subset : endpoints.subsets) {
        JsonArray ports;
        for (const Json& port : arrayAt(subset, "ports")) {
            JsonObject one{{"name", stringAt(port, "name")},
                           {"protocol", stringAt(port, "protocol", "TCP")},
                           {"port", intAt(port, "port")}};
            if (const Json* appProtocol = find(port, "appProtocol"))
                one["appProtocol"] = *appProtocol;
            ports.push_back(std::move(one));
        }
        addAddresses(subset, "addresses", true, out, ports);
        addAddresses(subset, "notReadyAddresses", false, out, ports);
    }
    return out;
}

Outcome reconcile(const std::string& key, const View& view) {
    Outcome out;
    const std::size_t slash = key.find('/');
    const Slices present = slicesOf(view, key.substr(0, slash), key.substr(slash + 1), kManager);
    const client::Cached<api::Endpoints>* endpoints = view.endpoints.get(key);
    const client::Cached<api::Service>* service = view.services.get(key);
    const bool wanted =
        endpoints && service && !service->view->hasSelector && mirrored(*endpoints->view);
    if (!wanted) {
        for (const auto* slice : present)
            out.actions.push_back(
                deleteObject({"discovery.k8s.io", "v1", "endpointslices",
                              slice->view->metadata.namespace_, slice->view->metadata.name, ""},
                             slice->view->metadata.uid, "there are no Endpoints to mirror"));
        return out;
    }
    const api::ObjectMeta& metadata = endpoints->view->metadata;
    SliceOwner owner{
        "v1", "Endpoints", metadata, metadata.name, kManager, metadata.labels, metadata.annotations,
        ""};
    owner.labels.erase(kHeadlessLabel);
    const auto trigger = owner.annotations.find(kTriggerTime);
    if (trigger != owner.annotations.end()) {
        owner.triggerTime = trigger->second;
        owner.annotations.erase(trigger);
    }
    owner.annotations.erase(kLastApplied);
    out.actions = planSlices(owner, groupsOf(*endpoints->view), present, kEndpointsMax);
    return out;
}
} // namespace

ControllerDef endpointSliceMirroringController(View& view) {
    ControllerDef def;
    def.name = "endpointslice-mirroring-controller";
    def.component = def.user = "endpointslicemirroring-controller";
    def.watch = [&view](Wakes& wakes) {
        wakes.mapped<api::Endpoints>(
            view.endpoints, "Endpoints", [&view](const api::Endpoints& endpoints) {
                const std::string key = endpoints.metadata.namespacedName();
                const client::Cached<api::Service>* service = view.services.get(key);
                return service && service->view->hasSelector ? std::vector<std::string>()
                                                             : std::vector<std::string>{key};
            });
        wakes.mapped<api::Service>(view.services, "Service", [&view](const api::Service& service) {
            const std::string key = service.metadata.namespacedName();
            return view.endpoints.get(key) ? std::vector<std::string>{key}
                                           : std::vector<std::string>();
        });
        wakes.mapped<api::EndpointSlice>(
            view.endpointSlices, "EndpointSlice", [](const api::EndpointSlice& slice) {
                const auto manager = slice.metadata.labels.find(kManagedByLabel);
                const auto service = slice.metadata.labels.find(kServiceNameLabel);
                if (manager == slice.metadata.labels.end() || manager->second != kManager ||
                    service == slice.metadata.labels.end())
                    return std::vector<std::string>();
                return std::vector<std::string>{slice.metadata.namespace_ + "/" + service->second};
            });
    };
    def.reconcile = [&view](const std::string& key, Time) { return reconcile(key, view); };
    return def;
}

} // namespace orrery::controllers
