#include "core/scheduler/pod_info.h"

#include <algorithm>

#include "core/base/json.h"

namespace orrery::scheduler {
namespace {

constexpr std::int64_t kDefaultCpu = 100;                    // millicores
constexpr std::int64_t kDefaultMemory = 200LL * 1024 * 1024; // bytes
constexpr int kTermsMax = 100;                               // of one kind in one pod

std::int64_t amountOr(const api::ResourceList& list, std::string_view name,
                      std::int64_t otherwise) {
    const auto at = list.find(name);
    return at == list.end() ? otherwise : at->second;
}

// What the pod asks of one resource when each silent container counts as `otherwise`: the
// containers and sidecars together, or the widest moment while init containers run.
std::int64_t nonZero(const api::Pod& pod, std::string_view name, std::int64_t otherwise) {
    std::int64_t sum = 0, sidecars = 0, widest = 0;
    for (const api::Container& container : pod.containers)
        sum += amountOr(container.requests, name, otherwise);
    for (const api::Container& container : pod.initContainers) {
        const std::int64_t own = amountOr(container.requests, name, otherwise);
        if (container.restartPolicy == "Always") {
            sidecars += own;
            widest = std::max(widest, sidecars);
        } else {
            widest = std::max(widest, sidecars + own);
        }
    }
    return std::max(sum + sidecars, widest) + amountOr(pod.overhead, name, 0);
}

Amounts amountsOf(const api::ResourceList& list) {
    Amounts amounts;
    for (const auto& [name, value] : list) {
        if (name == "cpu")
            amounts.cpu = value;
        else if (name == "memory")
            amounts.memory = value;
        else if (name == "ephemeral-storage")
            amounts.ephemeral = value;
        else if (value != 0)
            amounts.extended.emplace_back(name, value);
    }
    return amounts;
}

api::LabelSelector selectorAt(const Json& object, std::string_view key) {
    api::LabelSelector selector;
    if (const Json* found = find(object, key); found && found->is_object()) {
        decode(*found, selector);
        selector.present = true;
    }
    return selector;
}

AffinityTerm decodeTerm(const Json& json, const api::Pod& pod, int weight) {
    AffinityTerm term;
    term.topologyKey = stringAt(json, "topologyKey");
    term.selector = selectorAt(json, "labelSelector");
    term.namespaceSelector = selectorAt(json, "namespaceSelector");
    term.weight = weight;
    for (const Json& name : arrayAt(json, "namespaces"))
        term.namespaces.emplace_back(asString(name));
    if (term.namespaces.empty() && !term.namespaceSelector.present)
        term.namespaces.push_back(pod.metadata.namespace_);
    std::sort(term.namespaces.begin(), term.namespaces.end());
    return term;
}

void decodeTerms(const Json& affinity, std::string_view kind, const api::Pod& pod,
                 std::vector<AffinityTerm>& required, std::vector<AffinityTerm>& preferred) {
    const Json* side = affinity.is_object() ? find(affinity, kind) : nullptr;
    if (!side)
        return;
    for (const Json& json : arrayAt(*side, "requiredDuringSchedulingIgnoredDuringExecution"))
        if (static_cast<int>(required.size()) < kTermsMax)
            required.push_back(decodeTerm(json, pod, 0));
    for (const Json& json : arrayAt(*side, "preferredDuringSchedulingIgnoredDuringExecution"))
        if (const Json* term = find(json, "podAffinityTerm");
            term && static_cast<int>(preferred.size()) < kTermsMax)
            preferred.push_back(decodeTerm(*term, pod, static_cast<int>(intAt(json, "weight"))));
}

SpreadConstraint decodeConstraint(const Json& json, const api::Pod& pod) {
    SpreadConstraint constraint;
    constraint.topologyKey = stringAt(json, "topologyKey");
    constraint.maxSkew = static_cast<int>(intAt(json, "maxSkew", 1));
    constraint.minDomains = static_cast<int>(intAt(json, "minDomains", 1));
    constraint.hard = stringAt(json, "whenUnsatisfiable", "DoNotSchedule") == "DoNotSchedule";
    constraint.honorAffinity = stringAt(json, "nodeAffinityPolicy", "Honor") == "Honor";
    constraint.honorTaints = stringAt(json, "nodeTaintsPolicy", "Ignore") == "Honor";
    constraint.selector = selectorAt(json, "labelSelector");
    for (const Json& key : arrayAt(json, "matchLabelKeys"))
        if (const auto label = pod.metadata.labels.find(std::string(asString(key)));
            label != pod.metadata.labels.end() && constraint.selector.present)
            constraint.selector.matchExpressions.push_back({label->first, "In", {label->second}});
    return constraint;
}

// Field separators that no name or value can contain.
void put(std::string& text, std::string_view part) {
    text += part;
    text += '\x1f';
}
void put(std::string& text, std::int64_t number) {
    put(text, std::to_string(number));
}

void put(std::string& text, const std::vector<api::LabelSelector::Requirement>& requirements) {
    for (const api::LabelSelector::Requirement& requirement : requirements) {
        put(text, requirement.key);
        put(text, requirement.op);
        for (const std::string& value : requirement.values)
            put(text, value);
        text += '\x1e';
    }
    text += '\x1d';
}

void put(std::string& text, const api::NodeSelectorTerm& term) {
    put(text, term.matchExpressions);
    put(text, term.matchFields);
}

std::string shapeOf(const PodInfo& info) {
    const api::Pod& pod = *info.pod;
    std::string text;
    text.reserve(256);
    put(text, pod.nodeName);
    put(text, info.request.cpu);
    put(text, info.request.memory);
    put(text, info.request.ephemeral);
    put(text, info.nonZeroCpu);
    put(text, info.nonZeroMemory);
    for (const auto& [name, value] : info.request.extended) {
        put(text, name);
        put(text, value);
    }
    text += '\x1c';
    for (const auto& [key, value] : pod.nodeSelector) {
        put(text, key);
        put(text, value);
    }
    text += '\x1c';
    put(text, pod.nodeAffinity.required ? "required" : "");
    for (const api::NodeSelectorTerm& term : pod.nodeAffinity.requiredTerms)
        put(text, term);
    text += '\x1c';
    for (const api::PreferredSchedulingTerm& term : pod.nodeAffinity.preferred) {
        put(text, term.weight);
        put(text, term.preference);
    }
    text += '\x1c';
    for (const api::Toleration& toleration : pod.tolerations) {
        put(text, toleration.key);
        put(text, toleration.op);
        put(text, toleration.value);
        put(text, toleration.effect);
    }
    text += '\x1c';
    for (const HostPort& port : info.hostPorts) {
        put(text, port.ip);
        put(text, port.protocol);
        put(text, port.port);
    }
    return text;
}

void collectContainers(const std::vector<api::Container>& containers, bool ports, PodInfo& info) {
    for (const api::Container& container : containers) {
        info.images.push_back(normalizedImageName(container.image));
        if (!ports && container.restartPolicy != "Always")
            continue; // an init container's ports are not held while the pod runs
        for (const api::ContainerPort& port : container.ports)
            if (port.hostPort > 0)
                info.hostPorts.push_back({port.hostIP.empty() ? "0.0.0.0" : port.hostIP,
                                          port.protocol.empty() ? "TCP" : port.protocol,
                                          port.hostPort});
    }
}

} // namespace

bool portsConflict(const HostPort& a, const HostPort& b) {
    return a.port == b.port && a.protocol == b.protocol &&
           (a.ip == b.ip || a.ip == "0.0.0.0" || b.ip == "0.0.0.0");
}

std::string normalizedImageName(const std::string& name) {
    const std::size_t colon = name.rfind(':');
    const std::size_t slash = name.rfind('/');
    const bool tagged = colon != std::string::npos && (slash == std::string::npos || colon > slash);
    return tagged ? name : name + ":latest";
}

std::string selectorText(const api::LabelSelector& selector) {
    std::string text = selector.present ? "+" : "-";
    for (const auto& [key, value] : selector.matchLabels) {
        put(text, key);
        put(text, value);
    }
    text += '\x1d';
    put(text, selector.matchExpressions);
    return text;
}

PodInfoPtr makePodInfo(std::shared_ptr<const api::Pod> pod) {
    auto info = std::make_shared<PodInfo>();
    info->pod = std::move(pod);
    const api::Pod& view = *info->pod;
    info->key = view.metadata.namespacedName();
    info->request = amountsOf(view.requests());
    info->nonZeroCpu = nonZero(view, "cpu", kDefaultCpu);
    info->nonZeroMemory = nonZero(view, "memory", kDefaultMemory);
    collectContainers(view.initContainers, false, *info);
    collectContainers(view.containers, true, *info);
    decodeTerms(view.affinity, "podAffinity", view, info->requiredAffinity,
                info->preferredAffinity);
    decodeTerms(view.affinity, "podAntiAffinity", view, info->requiredAntiAffinity,
                info->preferredAntiAffinity);
    if (view.topologySpreadConstraints.is_array())
        for (const Json& json : view.topologySpreadConstraints.get_array())
            if (static_cast<int>(info->spread.size()) < kTermsMax)
                info->spread.push_back(decodeConstraint(json, view));
    if (view.volumes.is_array())
        for (const Json& volume : view.volumes.get_array()) {
            if (const std::string_view claim = stringAt(volume, "persistentVolumeClaim.claimName");
                !claim.empty())
                info->claims.emplace_back(claim);
            else if (find(volume, "ephemeral"))
                info->claims.push_back(view.metadata.name + "-" +
                                       std::string(stringAt(volume, "name")));
        }
    if (view.nodeName.empty())
        info->shape = shapeOf(*info);
    return info;
}

bool weighsTheSame(const api::Pod& a, const api::Pod& b) {
    if (a.metadata.labels != b.metadata.labels || a.containers.size() != b.containers.size() ||
        a.metadata.deletionTimestamp.has_value() != b.metadata.deletionTimestamp.has_value())
        return false;
    for (std::size_t at = 0; at < a.containers.size(); ++at)
        if (a.containers[at].requests != b.containers[at].requests)
            return false;
    return true;
}

} // namespace orrery::scheduler
