// Nodes, namespaces, events, runtime classes, API services.
#include "core/api/validation/addresses.h"
#include "core/api/validation/findings.h"
#include "core/api/validation/internal_view.h"
#include "core/base/quantity.h"

namespace orrery::api {

namespace {
std::string_view keyOf(const JsonObject::value_type& member) {
    return {member.key().data(), member.key().size()};
}

// --- Node --------------------------------------------------------------------------------------

void checkTaints(Findings& findings, const Json& node) {
    Seen seen;
    std::size_t index = 0;
    for (const Json& taint : arrayAt(node, "spec.taints")) {
        const std::string path = at("metadata.taints", index++);
        const std::string_view key = stringAt(taint, "key"), effect = stringAt(taint, "effect"),
                               value = stringAt(taint, "value");
        findings.each(path + ".key", key, checkQualifiedName(key));
        std::string wrong;
        for (const std::string& sentence : checkLabelValue(value))
            wrong += (wrong.empty() ? "" : ";") + sentence;
        if (!wrong.empty())
            findings.invalid(path + ".value", value, wrong);
        if (effect.empty())
            findings.required(path + ".effect");
        else
            checkOneOf(findings, taint, "effect", path,
                       {"NoSchedule", "PreferNoSchedule", "NoExecute"});
        if (!seen.add(std::string(effect) + "/" + std::string(key)))
            findings.say("Duplicate",
                         "Duplicate value: " + serializeJson(internalView(taint, kInternalTaint)) +
                             ": taints must be unique by key and effect pair",
                         path);
    }
}

bool countsWhole(std::string_view resource) {
    static const std::set<std::string_view> kCounted = {"pods",
                                                        "services",
                                                        "replicationcontrollers",
                                                        "resourcequotas",
                                                        "secrets",
                                                        "configmaps",
                                                        "persistentvolumeclaims",
                                                        "services.nodeports",
                                                        "services.loadbalancers"};
    return kCounted.contains(resource) ||
           (resource.find('/') != std::string_view::npos &&
            resource.find("kubernetes.io/") == std::string_view::npos);
}

void checkNodeResources(Findings& findings, const Json& node) {
    for (const char* list : {"status.capacity", "status.allocatable"})
        for (const auto& member : objectAt(node, list)) {
            const std::string path = std::string(list) + "." + std::string(keyOf(member));
            const Result<Quantity> quantity = Quantity::parse(asString(member.value()));
            checkNonNegativeQuantity(findings, member.value(), path);
            if (quantity && countsWhole(keyOf(member)) && quantity->milliValue() % 1000 != 0)
                findings.invalid(path, member.value(), "must be an integer");
        }
}

bool isFeatureName(std::string_view name) {
    bool first = true;
    while (true) {
        const std::size_t slash = std::min(name.find('/'), name.size());
        const std::string_view part = name.substr(0, slash);
        const bool letters = !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        });
        if (!letters || (first && !(part[0] >= 'A' && part[0] <= 'Z')))
            return false;
        if (slash == name.size())
            return true;
        name.remove_prefix(slash + 1);
        first = false;
    }
}

void checkDeclaredFeatures(Findings& findings, const Json& node) {
    constexpr std::size_t kNameMax = 253;
    const JsonArray& features = arrayAt(node, "status.declaredFeatures");
    const std::string list = "status.declaredFeatures";
    for (std::size_t i = 0; i < features.size(); ++i) {
        const std::string_view name = asString(features[i]);
        const std::string lead = "invalid feature name \"" + std::string(name) + "\": ";
        if (name.size() > kNameMax)
            findings.invalid(at(list, i), name, lead + "must be no more than 253 characters");
        else if (!isFeatureName(name))
            findings.invalid(at(list, i), name,
                             lead + "must start with an UpperCamelCase segment, with subsequent "
                                    "segments separated by '/' (e.g., MyFeature or "
                                    "MyFeature/mySubFeature), and contain only alphanumeric "
                                    "characters and slashes");
        if (i + 1 == features.size())
            continue;
        const std::string_view next = asString(features[i + 1]);
        if (name == next)
            findings.duplicate(at(list, i + 1), features[i + 1]);
        else if (name > next)
            findings.invalid(at(list, i + 1), next, "list must be sorted alphabetically");
    }
}

void checkPodRanges(Findings& findings, const Json& node) {
    const JsonArray& ranges = arrayAt(node, "spec.podCIDRs");
    eachItem(node, "spec.podCIDRs", "", [&](const Json& range, const std::string& path) {
        findings.each(path, asString(range), checkCidr(asString(range)));
    });
    if (ranges.size() < 2)
        return;
    const auto first = parseCidr(asString(ranges[0])), second = parseCidr(asString(ranges[1]));
    const bool dual = first && second && first->address.v4() != second->address.v4();
    if (!dual || ranges.size() > 2)
        findings.invalid("spec.podCIDRs", Json(ranges),
                         "may specify no more than one CIDR for each IP family");
}

void checkNode(Findings& findings, const Json& node) {
    checkTaints(findings, node);
    checkNodeResources(findings, node);
    const Json& swap = partOf(node, "status.nodeInfo.swap.capacity");
    if (!swap.is_null() && intAt(node, "status.nodeInfo.swap.capacity") <= 0)
        findings.invalid("metadata.nodeSwapStatus.capacity", swap, "must be greater than 0");
    checkDeclaredFeatures(findings, node);
    checkPodRanges(findings, node);
}

const InternalType kInternalAddress = {{"Type", "type", Absent::Text},
                                       {"Address", "address", Absent::Text}};

// Follows checkNode when the node itself changes; stands alone when its status does.
void checkNodeUpdate(Findings& findings, const Json& node, const Json& old, std::string_view) {
    constexpr std::string_view kRange =
        "node updates may not change podCIDR except from \"\" to valid";
    checkNodeResources(findings, node);
    checkDeclaredFeatures(findings, node);
    Seen seen;
    eachItem(node, "status.addresses", "", [&](const Json& address, const std::string& path) {
        if (!seen.add(std::string(stringAt(address, "type")) + "/" +
                      std::string(stringAt(address, "address"))))
            findings.duplicate(path, internalView(address, kInternalAddress));
    });
    const JsonArray &now = arrayAt(node, "spec.podCIDRs"), &before = arrayAt(old, "spec.podCIDRs");
    if (!before.empty() && before.size() != now.size()) {
        findings.forbidden("spec.podCIDRs", kRange);
    } else {
        for (std::size_t i = 0; i < before.size(); ++i)
            if (before[i] != now[i])
                findings.forbidden("spec.podCIDRs", kRange);
    }
    const std::string_view provider = stringAt(old, "spec.providerID");
    if (!provider.empty() && provider != stringAt(node, "spec.providerID"))
        findings.forbidden("spec.providerID",
                           "node updates may not change providerID except from \"\" to valid");
    checkTaints(findings, node);
    if (stringAt(node, "spec.externalID") != stringAt(old, "spec.externalID"))
        findings.forbidden("spec.externalID", "may not be updated");
}

// --- Namespace ---------------------------------------------------------------------------------

void checkNamespaceFinalizer(Findings& findings, std::string_view name, const std::string& path) {
    static const std::set<std::string_view> kStandard = {"kubernetes", "orphan",
                                                         "foregroundDeletion"};
    findings.each(path, name, checkQualifiedName(name));
    if (name.find('/') == std::string_view::npos && !kStandard.contains(name))
        findings.invalid(path, name,
                         "name is neither a standard finalizer name nor is it fully qualified");
}

void checkNamespace(Findings& findings, const Json& space) {
    for (const Json& finalizer : arrayAt(space, "spec.finalizers"))
        checkNamespaceFinalizer(findings, asString(finalizer), "spec.finalizers");
}

void checkNamespaceUpdate(Findings& findings, const Json& space, const Json&,
                          std::string_view subresource) {
    const std::string_view phase = stringAt(space, "status.phase");
    const bool deleted = find(partOf(space, "metadata"), "deletionTimestamp") != nullptr;
    if (subresource == "finalize")
        eachItem(space, "spec.finalizers", "", [&](const Json& name, const std::string& path) {
            checkNamespaceFinalizer(findings, asString(name), path);
        });
    if (subresource != "status")
        return;
    if (!deleted && phase != "Active")
        findings.invalid("status.Phase", phase,
                         "may only be 'Active' if `deletionTimestamp` is empty");
    if (deleted && phase != "Terminating")
        findings.invalid("status.Phase", phase,
                         "may only be 'Terminating' if `deletionTimestamp` is not empty");
}

// --- Event -------------------------------------------------------------------------------------

// The two groups call the same fields differently; the findings have core's names.
struct EventNames {
    std::string_view object, message, source, controller, instance, first, last, count;
};
constexpr EventNames kCoreNames = {
    "involvedObject",    "message",        "source",        "reportingComponent",
    "reportingInstance", "firstTimestamp", "lastTimestamp", "count"};
constexpr EventNames kNewNames = {"regarding",
                                  "note",
                                  "deprecatedSource",
                                  "reportingController",
                                  "reportingInstance",
                                  "deprecatedFirstTimestamp",
                                  "deprecatedLastTimestamp",
                                  "deprecatedCount"};

void checkLimited(Findings& findings, std::string_view value, const std::string& path,
                  std::size_t max) {
    if (value.empty())
        findings.required(path);
    if (value.size() > max)
        findings.invalid(path, "", "can have at most " + std::to_string(max) + " characters");
}

void checkEvent(Findings& findings, const Json& event, const EventNames& names) {
    constexpr std::size_t kTextMax = 128, kNoteMax = 1024;
    const std::string_view space = stringAt(event, "metadata.namespace"),
                           about = stringAt(partOf(event, names.object), "namespace");
    const auto mismatch = [&] {
        findings.invalid("involvedObject.namespace", about, "does not match event.namespace");
    };
    if (stringAt(event, "eventTime").empty()) {
        if (about.empty() ? !space.empty() && space != "default" : about != space)
            mismatch();
    } else {
        if (about.empty() && space != "default" && space != "kube-system")
            mismatch();
        const std::string_view controller = stringAt(event, names.controller);
        const std::string path(names.controller);
        if (controller.empty())
            findings.required(path);
        findings.each(path, controller, checkQualifiedName(controller));
        checkLimited(findings, stringAt(event, names.instance), "reportingInstance", kTextMax);
        checkLimited(findings, stringAt(event, "action"), "action", kTextMax);
        checkLimited(findings, stringAt(event, "reason"), "reason", kTextMax);
        if (stringAt(event, names.message).size() > kNoteMax)
            findings.invalid("message", "", "can have at most 1024 characters");
    }
    findings.each("namespace", space, checkDns1123Subdomain(space));
}

void checkSeries(Findings& findings, const Json& event) {
    if (!has(event, "series"))
        return;
    if (intAt(event, "series.count") < 2)
        findings.invalid("series.count", "", "should be at least 2");
    if (stringAt(event, "series.lastObservedTime").empty())
        findings.required("series.lastObservedTime");
}

void checkCoreEvent(Findings& findings, const Json& event) {
    checkEvent(findings, event, kCoreNames);
}

void checkNewEvent(Findings& findings, const Json& event) {
    checkEvent(findings, event, kNewNames);
    checkSeries(findings, event);
    const std::string_view type = stringAt(event, "type");
    if (stringAt(event, "eventTime").empty())
        findings.required("eventTime");
    if (type != "Normal" && type != "Warning")
        findings.invalid("type", "", "has invalid value: " + std::string(type));
    for (const auto& [member, path] :
         {std::pair{kNewNames.first, "firstTimestamp"}, std::pair{kNewNames.last, "lastTimestamp"}})
        if (has(event, member))
            findings.invalid(path, "", "needs to be unset");
    if (intAt(event, kNewNames.count) != 0)
        findings.invalid("count", "", "needs to be unset");
    const Json& source = partOf(event, kNewNames.source);
    if (!stringAt(source, "component").empty() || !stringAt(source, "host").empty())
        findings.invalid("source", "", "needs to be unset");
}

const InternalType kInternalSource = {{"Component", "component", Absent::Text},
                                      {"Host", "host", Absent::Text}};

void checkEventKept(Findings& findings, const Json& event, const Json& old, std::string_view member,
                    std::string path, const InternalType* type = nullptr) {
    const Json& now = partOf(event, member);
    if (!sameValue(now, partOf(old, member)))
        findings.invalid(std::move(path), type ? internalView(now, *type) : now, kImmutable);
}

void checkNewEventUpdate(Findings& findings, const Json& event, const Json& old, std::string_view) {
    checkEvent(findings, event, kNewNames);
    if (!sameValue(partOf(event, "series"), partOf(old, "series")))
        checkSeries(findings, event);
    const auto keep = [&](std::string_view member, const char* path,
                          const InternalType* type = nullptr) {
        checkEventKept(findings, event, old, member, path, type);
    };
    keep(kNewNames.object, "involvedObject", &kInternalObjectReference);
    keep("reason", "reason");
    keep(kNewNames.message, "message");
    keep(kNewNames.source, "source", &kInternalSource);
    keep(kNewNames.first, "firstTimestamp");
    keep(kNewNames.last, "lastTimestamp");
    keep(kNewNames.count, "count");
    keep("reason", "reason");
    keep("type", "type");
    keep("eventTime", "eventTime");
    keep("action", "action");
    keep("related", "related", &kInternalObjectReference);
    keep(kNewNames.controller, "reportingController");
    keep(kNewNames.instance, "reportingInstance");
}

// --- RuntimeClass ------------------------------------------------------------------------------

void checkOverhead(Findings& findings, const Json& runtime) {
    for (const auto& member : objectAt(runtime, "overhead.podFixed")) {
        const std::string path = keyed("overhead.limits", keyOf(member));
        findings.each(path, keyOf(member), checkQualifiedName(keyOf(member)));
        checkNonNegativeQuantity(findings, member.value(), path);
    }
}

const InternalType kInternalToleration = {{"Key", "key", Absent::Text},
                                          {"Operator", "operator", Absent::Text},
                                          {"Value", "value", Absent::Text},
                                          {"Effect", "effect", Absent::Text},
                                          {"TolerationSeconds", "tolerationSeconds"}};

void checkRuntimeClass(Findings& findings, const Json& runtime) {
    checkRequired(findings, runtime, "handler", "", checkDns1123Label);
    checkOverhead(findings, runtime);
    const Json& scheduling = partOf(runtime, "scheduling");
    checkLabels(findings, find(scheduling, "nodeSelector"), "scheduling.nodeSelector");
    checkTolerations(findings, scheduling, "scheduling");
    Seen seen;
    eachItem(scheduling, "tolerations", "scheduling",
             [&](const Json& each, const std::string& path) {
                 std::string id;
                 for (const std::string_view member : {"key", "operator", "value", "effect"})
                     id += std::string(stringAt(each, member)) + "\n";
                 if (!seen.add(id))
                     findings.duplicate(path, internalView(each, kInternalToleration));
             });
}

void checkRuntimeClassUpdate(Findings& findings, const Json& runtime, const Json& old,
                             std::string_view) {
    checkImmutable(findings, runtime, old, "handler");
}

// --- APIService --------------------------------------------------------------------------------

void checkApiService(Findings& findings, const Json& object) {
    constexpr std::int64_t kGroupMax = 20000, kVersionMax = 1000;
    const Json& spec = partOf(object, "spec");
    const std::string_view group = stringAt(spec, "group"), version = stringAt(spec, "version"),
                           name = stringAt(object, "metadata.name");
    const std::string wanted = std::string(version) + "." + std::string(group);
    if (!name.empty() && checkPathSegmentName(name).empty() && name != wanted)
        findings.invalid("metadata.name", name,
                         "must be `spec.version+\".\"+spec.group`: \"" + wanted + "\"");
    if (group.empty() && version != "v1")
        findings.required("spec.group", "only v1 may have an empty group and it better be legacy "
                                        "kube");
    if (!group.empty())
        findings.each("spec.group", group, checkDns1123Subdomain(group));
    findings.each("spec.version", version, checkDns1035Label(version));
    const std::int64_t groupPriority = intAt(spec, "groupPriorityMinimum"),
                       versionPriority = intAt(spec, "versionPriority");
    if (groupPriority <= 0 || groupPriority > kGroupMax)
        findings.invalid("spec.groupPriorityMinimum", Json(groupPriority),
                         "must be positive and less than 20000");
    if (versionPriority <= 0 || versionPriority > kVersionMax)
        findings.invalid("spec.versionPriority", Json(versionPriority),
                         "must be positive and less than 1000");
    const std::string_view bundle = stringAt(spec, "caBundle");
    const bool insecure = boolAt(spec, "insecureSkipTLSVerify");
    if (!has(spec, "service")) {
        if (!bundle.empty()) {
            const std::size_t padding = bundle.ends_with("==") ? 2 : bundle.ends_with('=') ? 1 : 0;
            findings.invalid("spec.caBundle",
                             std::to_string(bundle.size() / 4 * 3 - padding) + " bytes",
                             "local APIServices may not have a caBundle");
        }
        if (insecure)
            findings.invalid("spec.insecureSkipTLSVerify", Json(true),
                             "local APIServices may not have insecureSkipTLSVerify");
        return;
    }
    const Json& service = *find(spec, "service");
    checkRequired(findings, service, "namespace", "spec.service");
    checkRequired(findings, service, "name", "spec.service");
    if (const Sentences wrong = checkPortNumber(intAt(service, "port")); !wrong.empty())
        findings.invalid("spec.service.port", Json(intAt(service, "port")),
                         "port is not valid: " + wrong[0]);
    if (insecure && !bundle.empty())
        findings.invalid("spec.insecureSkipTLSVerify", Json(true),
                         "may not be true if caBundle is present");
}

void checkApiServiceUpdate(Findings& findings, const Json& object, const Json&,
                           std::string_view subresource) {
    if (subresource != "status")
        return checkApiService(findings, object);
    eachItem(object, "status.conditions", "", [&](const Json& condition, const std::string& path) {
        checkOneOf(findings, condition, "status", path, {"True", "False", "Unknown"}, true);
    });
}
} // namespace

void addClusterRules(std::vector<KindRules>& rules) {
    rules.push_back({"", "Node", checkNode, checkNodeUpdate, true});
    rules.push_back({"", "Namespace", checkNamespace, checkNamespaceUpdate, false, nullptr, true});
    rules.push_back({"", "Event", checkCoreEvent,
                     [](Findings& findings, const Json& event, const Json&, std::string_view) {
                         checkCoreEvent(findings, event);
                     },
                     false, nullptr, true});
    rules.push_back(
        {"events.k8s.io", "Event", checkNewEvent, checkNewEventUpdate, false, nullptr, true});
    rules.push_back({"node.k8s.io", "RuntimeClass", checkRuntimeClass, checkRuntimeClassUpdate,
                     false, nullptr, true});
    rules.push_back(
        {"apiregistration.k8s.io", "APIService", checkApiService, checkApiServiceUpdate, false});
}

} // namespace orrery::api
