// What a pod asks for as a whole, and the class of service that follows.
#include <algorithm>

#include "core/api/defaults/kind_defaults.h"
#include "core/api/defaults/set.h"
#include "core/base/quantity.h"

namespace orrery::api {

namespace {
// cpu and memory only: the others don't count for the class.
bool isCounted(std::string_view resource) {
    return resource == "cpu" || resource == "memory";
}
bool isZeroAmount(const Json& amount) {
    const std::string_view text = asString(amount);
    return text == "0" || text.starts_with('-');
}

struct QosCount {
    bool anything = false;  // a request or limit
    bool guaranteed = true; // limits of cpu and memory, equal to the requests
};

void countContainer(const Json& container, QosCount& count) {
    const JsonObject& requests = objectAt(container, "resources.requests");
    const JsonObject& limits = objectAt(container, "resources.limits");
    int limited = 0;
    for (const auto& [name, amount] : limits) {
        if (!isCounted(name) || isZeroAmount(amount))
            continue;
        ++limited;
        count.anything = true;
        const Json* request = requests.if_contains(name);
        if (request && *request != amount)
            count.guaranteed = false;
    }
    for (const auto& [name, amount] : requests)
        if (isCounted(name) && !isZeroAmount(amount))
            count.anything = true;
    if (limited != 2)
        count.guaranteed = false;
}
} // namespace

std::string_view qosClassOf(const Json& pod) {
    QosCount count;
    if (!objectAt(pod, "spec.resources").empty()) {
        const Json* spec = find(pod, "spec");
        countContainer(*spec, count); // the pod's own resources decide alone
    } else {
        for (const char* list : {"spec.containers", "spec.initContainers"})
            for (const Json& container : arrayAt(pod, list))
                countContainer(container, count);
    }
    if (!count.anything)
        return "BestEffort";
    return count.guaranteed ? "Guaranteed" : "Burstable";
}

namespace {
Quantity amountIn(const Json& container, std::string_view resource) {
    const Json* amount = objectAt(container, "resources.requests").if_contains(resource);
    return amount ? Quantity::parse(asString(*amount)).value_or(Quantity()) : Quantity();
}
} // namespace

std::optional<Quantity> containerRequests(const Json& spec, std::string_view resource) {
    Quantity sidecars, start;
    bool asked = false;
    const auto note = [&](const Json& container) {
        asked = asked || objectAt(container, "resources.requests").contains(resource);
        return amountIn(container, resource);
    };
    // Sidecars stay; the other init containers run one after another before the rest.
    for (const Json& init : arrayAt(spec, "initContainers")) {
        Quantity now = sidecars;
        now += note(init);
        start = std::max(start, now);
        if (stringAt(init, "restartPolicy") == "Always")
            sidecars = now;
    }
    Quantity sum = sidecars;
    for (const Json& container : arrayAt(spec, "containers"))
        sum += note(container);
    if (!asked)
        return std::nullopt;
    return std::max(start, sum);
}

void defaultPodRequests(JsonObject& spec) {
    JsonObject* resources = objectIn(spec, "resources");
    if (!resources)
        return;
    const JsonObject* given = objectIn(*resources, "requests");
    JsonObject requests = given ? *given : JsonObject();
    const Json whole = spec;
    for (const char* resource : {"cpu", "memory"})
        if (!requests.contains(resource))
            if (const auto sum = containerRequests(whole, resource))
                requests[resource] = sum->text();
    if (const JsonObject* limits = objectIn(*resources, "limits"))
        for (const auto& [name, amount] : *limits)
            if (!requests.contains(name) &&
                (name == "cpu" || name == "memory" || name.starts_with("hugepages-")))
                requests[name] = amount;
    if (!requests.empty())
        (*resources)["requests"] = std::move(requests);
}

} // namespace orrery::api
