#include <algorithm>

#include "core/api/columns/columns.h"
#include "core/base/time.h"

namespace orrery::api::columns {

namespace {
Json dataCount(const Json& object, std::int64_t) {
    return Json(static_cast<std::int64_t>(objectAt(object, "data").size() +
                                          objectAt(object, "binaryData").size()));
}

Json nodeStatus(const Json& node, std::int64_t) {
    std::string status = "Unknown";
    for (const Json& condition : arrayAt(node, "status.conditions"))
        if (stringAt(condition, "type") == "Ready")
            status = stringAt(condition, "status") == "True" ? "Ready" : "NotReady";
    if (boolAt(node, "spec.unschedulable"))
        status += ",SchedulingDisabled";
    return Json(status);
}

Json nodeRoles(const Json& node, std::int64_t) {
    constexpr std::string_view kPrefix = "node-role.kubernetes.io/";
    std::vector<std::string> roles;
    for (const auto& [key, value] : objectAt(node, "metadata.labels")) {
        const std::string_view label(key.data(), key.size());
        if (label.substr(0, kPrefix.size()) == kPrefix && label.size() > kPrefix.size())
            roles.emplace_back(label.substr(kPrefix.size()));
        else if (label == "kubernetes.io/role" && !asString(value).empty())
            roles.emplace_back(asString(value));
    }
    std::sort(roles.begin(), roles.end());
    roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
    std::string text;
    for (const std::string& role : roles)
        text += (text.empty() ? "" : ",") + role;
    return Json(orNone(text));
}

Cell nodeAddress(std::string_view type) {
    return [type = std::string(type)](const Json& node, std::int64_t) {
        for (const Json& address : arrayAt(node, "status.addresses"))
            if (stringAt(address, "type") == type)
                return Json(stringAt(address, "address"));
        return Json("<none>");
    };
}

// "pods: 0/5, requests.cpu: 0/2", of the limits or of everything else, in order of name.
std::string quotaText(const Json& quota, bool limits) {
    std::vector<std::string> terms;
    for (const auto& [key, hard] : objectAt(quota, "status.hard")) {
        const std::string_view resource(key.data(), key.size());
        if ((resource.substr(0, 6) == "limits") != limits)
            continue;
        const Json* used = findPath(quota, "status.used");
        const Json* amount = used ? find(*used, resource) : nullptr;
        terms.push_back(std::string(resource) + ": " +
                        std::string(amount ? asString(*amount) : "0") + "/" +
                        std::string(asString(hard)));
    }
    std::sort(terms.begin(), terms.end());
    std::string text;
    for (const std::string& term : terms)
        text += (text.empty() ? "" : ", ") + term;
    return text;
}

std::string lowered(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
    });
    return out;
}

// Both Event kinds are stored alike; the newer names win where the older ones are empty.
std::string_view either(const Json& event, std::string_view path, std::string_view other) {
    const std::string_view value = stringAt(event, path);
    return value.empty() ? stringAt(event, other) : value;
}

Json eventLastSeen(const Json& event, std::int64_t now) {
    std::string_view time = either(event, "lastTimestamp", "deprecatedLastTimestamp");
    const Json* series = find(event, "series");
    if (series && series->is_object())
        time = stringAt(*series, "lastObservedTime");
    else if (time.empty())
        time = either(event, "firstTimestamp", "deprecatedFirstTimestamp");
    if (time.empty())
        time = stringAt(event, "eventTime");
    return Json(sinceText(time, now, "<unknown>"));
}

Json eventFirstSeen(const Json& event, std::int64_t now) {
    std::string_view time = either(event, "firstTimestamp", "deprecatedFirstTimestamp");
    return Json(sinceText(time.empty() ? stringAt(event, "eventTime") : time, now, "<unknown>"));
}

Json eventCount(const Json& event, std::int64_t) {
    std::int64_t count = std::max(intAt(event, "count"), intAt(event, "deprecatedCount"));
    if (const std::int64_t inSeries = intAt(event, "series.count"); inSeries > 0)
        count = inSeries;
    return Json(std::max<std::int64_t>(count, 1));
}

Json eventObject(const Json& event, std::int64_t) {
    const std::string_view path = find(event, "regarding") ? "regarding" : "involvedObject";
    const Json* object = find(event, path);
    if (!object)
        return Json("");
    const std::string kind = lowered(stringAt(*object, "kind"));
    const std::string_view called = stringAt(*object, "name");
    return Json(called.empty() ? kind : kind + "/" + std::string(called));
}

Json eventSource(const Json& event, std::int64_t) {
    std::string component(either(event, "source.component", "deprecatedSource.component"));
    if (component.empty())
        component = either(event, "reportingComponent", "reportingController");
    const std::string_view host = either(event, "source.host", "deprecatedSource.host");
    if (!host.empty())
        component += ", " + std::string(host);
    return Json(component);
}

std::string trimmed(std::string_view text) {
    const std::size_t from = text.find_first_not_of(" \t\r\n");
    if (from == std::string_view::npos)
        return {};
    return std::string(text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1));
}

std::vector<Column> eventColumns() {
    Column last = name();
    last.priority = kWide;
    return {
        computed("Last Seen", "string", eventLastSeen),
        text("Type", "type"),
        text("Reason", "reason"),
        computed("Object", "string", eventObject),
        computed(
            "Subobject", "string",
            [](const Json& event, std::int64_t) {
                return Json(either(event, "involvedObject.fieldPath", "regarding.fieldPath"));
            },
            kWide),
        computed("Source", "string", eventSource, kWide),
        computed("Message", "string",
                 [](const Json& event, std::int64_t) {
                     return Json(trimmed(either(event, "message", "note")));
                 }),
        computed("First Seen", "string", eventFirstSeen, kWide),
        computed("Count", "string", eventCount, kWide),
        last,
    };
}
} // namespace

void addCore(KindTable& table) {
    table.push_back({"", "ConfigMap", {name(), computed("Data", "string", dataCount), age()}});
    table.push_back({"",
                     "Secret",
                     {name(), text("Type", "type"), computed("Data", "string", dataCount), age()}});
    table.push_back({"", "ServiceAccount", {name(), age()}});
    table.push_back({"", "Namespace", {name(), text("Status", "status.phase"), age()}});
    table.push_back(
        {"",
         "Node",
         {
             name(),
             computed("Status", "string", nodeStatus),
             computed("Roles", "string", nodeRoles),
             age(),
             text("Version", "status.nodeInfo.kubeletVersion"),
             computed("Internal-IP", "string", nodeAddress("InternalIP"), kWide),
             computed("External-IP", "string", nodeAddress("ExternalIP"), kWide),
             text("OS-Image", "status.nodeInfo.osImage", "<unknown>", kWide),
             text("Kernel-Version", "status.nodeInfo.kernelVersion", "<unknown>", kWide),
             text("Container-Runtime", "status.nodeInfo.containerRuntimeVersion", "<unknown>",
                  kWide),
         }});
    table.push_back(
        {"",
         "ResourceQuota",
         {
             name(),
             computed(
                 "Request", "string",
                 [](const Json& quota, std::int64_t) { return Json(quotaText(quota, false)); }),
             computed("Limit", "string",
                      [](const Json& quota, std::int64_t) { return Json(quotaText(quota, true)); }),
             age(),
         }});
    table.push_back({"", "Event", eventColumns()});
    table.push_back({"events.k8s.io", "Event", eventColumns()});
    table.push_back(
        {"",
         "PodTemplate",
         {
             name(),
             computed("Containers", "string",
                      [](const Json& object, std::int64_t) {
                          return Json(
                              joinText(arrayAt(object, "template.spec.containers"), "name"));
                      }),
             computed("Images", "string",
                      [](const Json& object, std::int64_t) {
                          return Json(
                              joinText(arrayAt(object, "template.spec.containers"), "image"));
                      }),
             computed("Pod Labels", "string",
                      [](const Json& object, std::int64_t) {
                          return Json(labelsText(findPath(object, "template.metadata.labels")));
                      }),
         }});
    table.push_back(
        {"coordination.k8s.io", "Lease", {name(), text("Holder", "spec.holderIdentity"), age()}});
    table.push_back(
        {"coordination.k8s.io",
         "LeaseCandidate",
         {name(), text("LeaseName", "spec.leaseName"), text("BinaryVersion", "spec.binaryVersion"),
          text("EmulationVersion", "spec.emulationVersion"),
          text("PreferredStrategy", "spec.strategy"), age()}});
}

} // namespace orrery::api::columns
