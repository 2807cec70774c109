#include "core/controllers/slices.h"

#include <algorithm>
#include <set>

#include "core/controllers/engine.h"
#include "core/controllers/pods.h"

namespace orrery::controllers {

namespace {
// What makes two endpoints the same one.
std::string identity(const Json& endpoint) {
    std::string out;
    for (const Json& address : arrayAt(endpoint, "addresses"))
        out.append(asString(address)).append(",");
    return out.append("|")
        .append(stringAt(endpoint, "targetRef.uid"))
        .append("|")
        .append(stringAt(endpoint, "hostname"));
}

JsonObject labelsOf(const SliceOwner& owner) {
    JsonObject out;
    for (const auto& [key, value] : owner.labels)
        out[key] = value;
    out[kServiceNameLabel] = owner.serviceName;
    out[kManagedByLabel] = owner.managedBy;
    return out;
}

client::ResourcePath slicePath(const SliceOwner& owner, const std::string& name) {
    return {"discovery.k8s.io", "v1", "endpointslices", owner.metadata.namespace_, name, ""};
}

Action createSlice(const SliceOwner& owner, const SliceGroup& group, JsonArray endpoints) {
    JsonObject annotations = toJson(owner.annotations).as_object();
    if (!owner.triggerTime.empty())
        annotations[kTriggerTime] = owner.triggerTime;
    JsonObject metadata{{"generateName", owner.serviceName + "-"},
                        {"namespace", owner.metadata.namespace_},
                        {"labels", labelsOf(owner)},
                        {"ownerReferences", JsonArray{controllerReference(
                                                owner.apiVersion, owner.kind, owner.metadata)}}};
    if (!annotations.empty())
        metadata["annotations"] = std::move(annotations);
    const std::string because =
        counted(static_cast<int>(endpoints.size()), "endpoint", "endpoints") + " of Service " +
        owner.serviceName + " have no slice";
    JsonObject slice{{"apiVersion", "discovery.k8s.io/v1"},
                     {"kind", "EndpointSlice"},
                     {"metadata", std::move(metadata)},
                     {"addressType", group.addressType},
                     {"endpoints", std::move(endpoints)}};
    slice["ports"] = group.ports;
    return createObject(slicePath(owner, ""), std::move(slice), because);
}

// One present slice on its way to what it shall hold.
struct Draft {
    const api::EndpointSlice* slice;
    JsonArray endpoints;
    bool changed = false;
};

// Keeps of `slice` what is wanted, and takes that out of `missing`.
Draft keepWanted(const api::EndpointSlice& slice, std::map<std::string, const Json*>& missing) {
    Draft out{&slice, {}, false};
    for (const Json& endpoint : slice.endpoints) {
        const auto wanted = missing.find(identity(endpoint));
        if (wanted == missing.end()) {
            out.changed = true;
            continue;
        }
        out.changed |= *wanted->second != endpoint;
        out.endpoints.push_back(*wanted->second);
        missing.erase(wanted);
    }
    return out;
}

bool labelsDiffer(const SliceOwner& owner, const api::EndpointSlice& slice) {
    const JsonObject wanted = labelsOf(owner);
    return toJson(slice.metadata.labels) != Json(wanted);
}

// `ports`: those that it gets with another group's endpoints; null where they stay.
Action patchSlice(const SliceOwner& owner, Draft draft, const JsonArray* ports = nullptr) {
    JsonObject labels = labelsOf(owner);
    for (const auto& [key, value] : draft.slice->metadata.labels)
        if (!labels.contains(key))
            labels[key] = nullptr;
    JsonObject annotations{
        {kTriggerTime, owner.triggerTime.empty() ? Json() : Json(owner.triggerTime)}};
    for (const auto& [key, value] : owner.annotations)
        annotations[key] = value;
    JsonObject metadata{{"labels", std::move(labels)}, {"annotations", std::move(annotations)}};
    JsonObject patch{{"metadata", std::move(metadata)}, {"endpoints", std::move(draft.endpoints)}};
    if (ports)
        patch["ports"] = *ports;
    return patchObject(slicePath(owner, draft.slice->metadata.name), Json(std::move(patch)),
                       "the endpoints of Service " + owner.serviceName + " changed");
}

// One more slice of the group. A slice that would go is used for it: its watchers see a change.
Action newSlice(const SliceOwner& owner, const SliceGroup& group, JsonArray endpoints,
                std::set<std::string>& used, Slices& spare) {
    const auto other = std::find_if(spare.begin(), spare.end(), [&group](const auto* cached) {
        return cached->view->addressType == group.addressType;
    });
    if (other == spare.end())
        return createSlice(owner, group, std::move(endpoints));
    const api::EndpointSlice& slice = *(*other)->view;
    used.insert(slice.metadata.name);
    spare.erase(other);
    return patchSlice(owner, Draft{&slice, std::move(endpoints), true}, &group.ports);
}

// The drafts of one group: kept endpoints, then new ones where there is room; the rest in new
// slices.
void planGroup(const SliceOwner& owner, const SliceGroup& group, const Slices& present,
               std::size_t endpointsMax, std::set<std::string>& used, Slices& spare,
               std::vector<Action>& out) {
    std::map<std::string, const Json*> missing;
    std::vector<std::string> order;
    for (const Json& endpoint : group.endpoints)
        if (missing.emplace(identity(endpoint), &endpoint).second)
            order.push_back(identity(endpoint));
    std::vector<Draft> drafts;
    for (const auto* cached : present) {
        const api::EndpointSlice& slice = *cached->view;
        if (slice.addressType == group.addressType && slice.ports == group.ports &&
            used.insert(slice.metadata.name).second)
            drafts.push_back(keepWanted(slice, missing));
    }
    std::vector<Json> rest;
    for (const std::string& id : order)
        if (const auto at = missing.find(id); at != missing.end())
            rest.push_back(*at->second);
    std::size_t next = 0;
    for (Draft& draft : drafts)
        for (; next < rest.size() && draft.endpoints.size() < endpointsMax; ++next) {
            draft.endpoints.push_back(rest[next]);
            draft.changed = true;
        }
    for (Draft& draft : drafts) {
        if (draft.endpoints.empty() && !group.endpoints.empty())
            out.push_back(deleteObject(slicePath(owner, draft.slice->metadata.name),
                                       draft.slice->metadata.uid, "no endpoint is left in it"));
        else if (draft.changed || labelsDiffer(owner, *draft.slice))
            out.push_back(patchSlice(owner, std::move(draft)));
    }
    if (drafts.empty() && group.endpoints.empty()) // a place for what will come
        out.push_back(newSlice(owner, group, {}, used, spare));
    while (next < rest.size()) {
        const std::size_t end = std::min(rest.size(), next + endpointsMax);
        out.push_back(newSlice(owner, group,
                               JsonArray(rest.begin() + static_cast<std::ptrdiff_t>(next),
                                         rest.begin() + static_cast<std::ptrdiff_t>(end)),
                               used, spare));
        next = end;
    }
}
} // namespace

Slices slicesOf(const View& view, const std::string& namespace_, const std::string& serviceName,
                const std::string& managedBy) {
    Slices out;
    for (const std::string& key :
         view.endpointSlices.byIndex(indexes::kService, namespace_ + "/" + serviceName)) {
        const auto* slice = view.endpointSlices.get(key);
        const auto manager = slice->view->metadata.labels.find(kManagedByLabel);
        if (manager != slice->view->metadata.labels.end() && manager->second == managedBy &&
            !slice->view->metadata.deletionTimestamp)
            out.push_back(slice);
    }
    return out;
}

std::vector<Action> planSlices(const SliceOwner& owner, std::vector<SliceGroup> wanted,
                               const Slices& present, std::size_t endpointsMax) {
    std::vector<Action> out;
    std::set<std::string> used;
    Slices spare; // with ports that no endpoint has any more
    for (const auto* cached : present)
        if (std::none_of(wanted.begin(), wanted.end(), [cached](const SliceGroup& group) {
                return cached->view->addressType == group.addressType &&
                       cached->view->ports == group.ports;
            }))
            spare.push_back(cached);
    for (const SliceGroup& group : wanted)
        planGroup(owner, group, present, endpointsMax, used, spare, out);
    for (const auto* cached : present)
        if (used.count(cached->view->metadata.name) == 0)
            out.push_back(deleteObject(slicePath(owner, cached->view->metadata.name),
                                       cached->view->metadata.uid,
                                       "no endpoint has its ports any more"));
    return out;
}

std::string TriggerTimes::next(const api::Service& service,
                               const std::vector<const api::Pod*>& pods) {
    Known& known = known_[service.metadata.namespacedName()];
    std::optional<Time> soonest;
    const auto see = [&soonest](Time at, Time before) {
        if (at > before)
            soonest = soonest ? std::min(*soonest, at) : at;
    };
    std::map<std::string, Time> now;
    for (const api::Pod* pod : pods) {
        const api::Condition* ready = api::findCondition(pod->conditions, "Ready");
        const Time at = ready ? ready->lastTransitionTime : Time{};
        const auto before = known.pods.find(pod->metadata.name);
        see(at, before == known.pods.end() ? Time{} : before->second);
        now[pod->metadata.name] = at;
    }
    see(service.metadata.creationTimestamp, known.service);
    known = Known{service.metadata.creationTimestamp, std::move(now)};
    return soonest ? formatTime(*soonest) : "";
}

std::vector<const api::Pod*> selectedPods(const View& view, const api::Service& service) {
    std::vector<const api::Pod*> out;
    for (const std::string& key :
         view.pods.byIndex(indexes::kNamespace, service.metadata.namespace_)) {
        const api::Pod* pod = view.pods.get(key)->view.get();
        const bool selected =
            std::all_of(service.selector.begin(), service.selector.end(), [pod](const auto& want) {
                const auto label = pod->metadata.labels.find(want.first);
                return label != pod->metadata.labels.end() && label->second == want.second;
            });
        if (selected)
            out.push_back(pod);
    }
    return out;
}

std::vector<std::string> servicesOf(const View& view, const api::Pod& pod) {
    std::vector<std::string> out;
    for (const std::string& key :
         view.services.byIndex(indexes::kNamespace, pod.metadata.namespace_)) {
        const api::Service& service = *view.services.get(key)->view;
        if (!service.hasSelector)
            continue;
        const bool selected =
            std::all_of(service.selector.begin(), service.selector.end(), [&pod](const auto& want) {
                const auto label = pod.metadata.labels.find(want.first);
                return label != pod.metadata.labels.end() && label->second == want.second;
            });
        if (selected)
            out.push_back(key);
    }
    return out;
}

bool endpointChanged(const api::Pod& old, const api::Pod& now) {
    return old.metadata.labels != now.metadata.labels || old.podIPs != now.podIPs ||
           old.podIP != now.podIP || old.ready() != now.ready() ||
           old.terminal() != now.terminal() || old.nodeName != now.nodeName ||
           old.metadata.deletionTimestamp.has_value() !=
               now.metadata.deletionTimestamp.has_value() ||
           old.hostname != now.hostname || old.subdomain != now.subdomain;
}

int targetPort(const api::ServicePort& port, const api::Pod& pod) {
    if (!port.targetPort.is_string()) {
        const std::int64_t* number = port.targetPort.if_int64();
        return number && *number != 0 ? static_cast<int>(*number) : port.port;
    }
    const auto named = [&](const std::vector<api::Container>& containers, bool sidecarsOnly) {
        for (const api::Container& container : containers) {
            if (sidecarsOnly && container.restartPolicy != "Always")
                continue;
            for (const api::ContainerPort& one : container.ports)
                if (one.name == asString(port.targetPort) && one.protocol == port.protocol)
                    return one.containerPort;
        }
        return 0;
    };
    const int found = named(pod.containers, false);
    return found != 0 ? found : named(pod.initContainers, true);
}

void watchEndpointPods(View& view, Wakes& wakes) {
    using What = client::Wake::What;
    wakes.each(view.services, "Service");
    const auto wakeAll = [&view, &wakes](const client::Cached<api::Pod>& item, const api::Pod& pod,
                                         What what) {
        for (const std::string& key : servicesOf(view, pod))
            wakes.add(key, {"Pod", what, pod.metadata.namespacedName(), item.revision});
    };
    client::Handler<api::Pod> handler;
    handler.onAdd = [wakeAll](const client::Cached<api::Pod>& item) {
        wakeAll(item, *item.view, What::Added);
    };
    handler.onUpdate = [wakeAll](const client::Cached<api::Pod>& old,
                                 const client::Cached<api::Pod>& item) {
        if (!endpointChanged(*old.view, *item.view))
            return;
        wakeAll(item, *item.view, What::Changed);
        if (old.view->metadata.labels != item.view->metadata.labels)
            wakeAll(item, *old.view, What::Changed);
    };
    handler.onDelete = [wakeAll](const client::Cached<api::Pod>& last) {
        wakeAll(last, *last.view, What::Deleted);
    };
    wakes.on(view.pods, std::move(handler));
}

} // namespace orrery::controllers
