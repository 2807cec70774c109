// EndpointSlice: the addresses behind each service that selects pods.
#include <algorithm>

#include "core/controllers/controllers.h"
#include "core/controllers/pods.h"
#include "core/controllers/slices.h"

namespace orrery::controllers {

namespace {
constexpr const char* kManager = "endpointslice-controller.k8s.io";
constexpr const char* kZone = "topology.kubernetes.io/zone";
constexpr std::size_t kEndpointsMax = 100;

std::string addressOf(const api::Pod& pod, const std::string& addressType) {
    const auto fits = [&](const std::string& ip) {
        return !ip.empty() && (ip.find(':') != std::string::npos) == (addressType == "IPv6");
    };
    for (const std::string& ip : pod.podIPs)
        if (fits(ip))
            return ip;
    return fits(pod.podIP) ? pod.podIP : "";
}

JsonArray portsOf(const api::Service& service, const api::Pod& pod) {
    JsonArray out;
    for (const api::ServicePort& port : service.ports) {
        const int number = targetPort(port, pod);
        if (number == 0)
            continue; // the pod has no port of that name
        JsonObject one{{"name", port.name}, {"protocol", port.protocol}, {"port", number}};
        if (!port.appProtocol.empty())
            one["appProtocol"] = port.appProtocol;
        out.push_back(std::move(one));
    }
    return out;
}

Json endpointOf(const api::Service& service, const api::Pod& pod, const api::Node* node,
                const std::string& address) {
    const bool going = pod.metadata.deletionTimestamp.has_value(), serving = pod.ready();
    JsonObject conditions{{"ready", service.publishNotReadyAddresses || (serving && !going)},
                          {"serving", serving},
                          {"terminating", going}};
    JsonObject target{{"kind", "Pod"},
                      {"namespace", pod.metadata.namespace_},
                      {"name", pod.metadata.name},
                      {"uid", pod.metadata.uid}};
    JsonObject out{{"addresses", JsonArray{Json(address)}}, {"conditions", std::move(conditions)}};
    if (!pod.hostname.empty() && pod.subdomain == service.metadata.name)
        out["hostname"] = pod.hostname;
    out["targetRef"] = std::move(target);
    if (!pod.nodeName.empty())
        out["nodeName"] = pod.nodeName;
    if (node)
        if (const auto zone = node->metadata.labels.find(kZone);
            zone != node->metadata.labels.end())
            out["zone"] = zone->second;
    return out;
}

SliceGroup& groupFor(std::vector<SliceGroup>& groups, const std::string& addressType,
                     JsonArray ports) {
    for (SliceGroup& group : groups)
        if (group.addressType == addressType && group.ports == ports)
            return group;
    return groups.emplace_back(SliceGroup{addressType, std::move(ports), {}});
}

// Pods of a node that is not there are left out; the first such one is told.
std::vector<SliceGroup> groupsOf(const api::Service& service,
                                 const std::vector<const api::Pod*>& pods, const View& view,
                                 std::string& missingNode) {
    std::vector<SliceGroup> out;
    std::vector<std::string> families = service.ipFamilies;
    if (families.empty())
        families = {"IPv4"};
    for (const std::string& family : families) {
        bool any = false;
        for (const api::Pod* pod : pods) {
            const std::string address = addressOf(*pod, family);
            if (pod->terminal() || address.empty())
                continue;
            const client::Cached<api::Node>* node = view.nodes.get(pod->nodeName);
            if (!node) {
                if (missingNode.empty())
                    missingNode = "skipping Pod " + pod->metadata.name + " for Service " +
                                  service.metadata.namespacedName() + ": Node " + pod->nodeName +
                                  " Not Found";
                if (!service.publishNotReadyAddresses)
                    continue;
            }
            any = true;
            groupFor(out, family, portsOf(service, *pod))
                .endpoints.push_back(
                    endpointOf(service, *pod, node ? node->view.get() : nullptr, address));
        }
        if (!any)
            out.push_back(SliceGroup{family, {}, {}});
    }
    return out;
}

SliceOwner ownerOf(const api::Service& service, std::string triggerTime) {
    SliceOwner owner{"v1",
                     "Service",
                     service.metadata,
                     service.metadata.name,
                     kManager,
                     service.metadata.labels,
                     {},
                     std::move(triggerTime)};
    if (service.clusterIP == "None")
        owner.labels[kHeadlessLabel] = "";
    return owner;
}

Outcome reconcile(const api::Service& service, const View& view, TriggerTimes& triggers) {
    Outcome out;
    if (service.type == "ExternalName" || !service.hasSelector ||
        service.metadata.deletionTimestamp)
        return out;
    const std::vector<const api::Pod*> pods = selectedPods(view, service);
    std::string missingNode;
    std::vector<SliceGroup> wanted = groupsOf(service, pods, view, missingNode);
    out.actions =
        planSlices(ownerOf(service, triggers.next(service, pods)), std::move(wanted),
                   slicesOf(view, service.metadata.namespace_, service.metadata.name, kManager),
                   kEndpointsMax);
    if (!missingNode.empty()) {
        out.events.push_back({client::referenceTo("v1", "Service", service.metadata),
                              {"Warning",
                               "FailedToUpdateEndpointSlices",
                               "Error updating Endpoint Slices for Service " +
                                   service.metadata.namespacedName() + ": " + missingNode,
                               "",
                               {},
                               {}}});
        out.error = internalError(missingNode);
    }
    return out;
}
} // namespace

ControllerDef endpointSliceController(View& view) {
    const auto triggers = std::make_shared<TriggerTimes>();
    ControllerDef def;
    def.name = "endpointslice-controller";
    def.component = "endpoint-slice-controller";
    def.user = "endpointslice-controller";
    def.watch = [&view](Wakes& wakes) {
        watchEndpointPods(view, wakes);
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
    def.reconcile = [&view, triggers](const std::string& key, Time) {
        const client::Cached<api::Service>* found = view.services.get(key);
        if (found)
            return reconcile(*found->view, view, *triggers);
        triggers->forget(key); // its slices are the garbage collector's
        return Outcome();
    };
    return def;
}

} // namespace orrery::controllers
