// EndpointSlices as they shall be, compared with those that are: the part that the endpointslice
// controller and the mirroring one share.
#pragma once
#include <string>
#include <vector>

#include "core/controllers/action.h"
#include "core/controllers/view.h"

namespace orrery::controllers {

inline constexpr const char* kServiceNameLabel = "kubernetes.io/service-name";
inline constexpr const char* kManagedByLabel = "endpointslice.kubernetes.io/managed-by";
inline constexpr const char* kTriggerTime = "endpoints.kubernetes.io/last-change-trigger-time";
inline constexpr const char* kHeadlessLabel = "service.kubernetes.io/headless";

// Endpoints that are reached on the same ports.
struct SliceGroup {
    std::string addressType; // IPv4 IPv6
    JsonArray ports;
    std::vector<Json> endpoints;
};

struct SliceOwner {
    std::string apiVersion, kind;
    const api::ObjectMeta& metadata;
    std::string serviceName, managedBy;
    api::StringMap labels,
        annotations;         // of every slice, beside the two that name service and manager
    std::string triggerTime; // of the change; "": unknown
};

using Slices = std::vector<const client::Cached<api::EndpointSlice>*>;

// The slices that `managedBy` keeps for a service.
Slices slicesOf(const View& view, const std::string& namespace_, const std::string& serviceName,
                const std::string& managedBy);

// Keeps endpoints where they are, fills slices up to `endpointsMax`, creates and deletes as few as
// possible.
std::vector<Action> planSlices(const SliceOwner& owner, std::vector<SliceGroup> wanted,
                               const Slices& present, std::size_t endpointsMax);

// The last change of a service's endpoints, for the annotation: what is newer than at the last
// call.
class TriggerTimes {
  public:
    // "" when nothing with a time changed.
    std::string next(const api::Service& service, const std::vector<const api::Pod*>& pods);
    void forget(const std::string& key) { known_.erase(key); }

  private:
    struct Known {
        Time service{};
        std::map<std::string, Time> pods;
    };
    std::map<std::string, Known> known_; // by the service's key
};

// Pods that a service selects, by key order.
std::vector<const api::Pod*> selectedPods(const View& view, const api::Service& service);
// Services whose selector matches the pod.
std::vector<std::string> servicesOf(const View& view, const api::Pod& pod);
// Whether a pod's change can change endpoints.
bool endpointChanged(const api::Pod& old, const api::Pod& now);
// The number that a service's port has in the pod; 0 when a named port is not there.
int targetPort(const api::ServicePort& port, const api::Pod& pod);

class Wakes;
// Services, and the pods that they select or selected.
void watchEndpointPods(View& view, Wakes& wakes);

} // namespace orrery::controllers
