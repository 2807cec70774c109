#include "core/scheduler/snapshot.h"

#include <algorithm>

#include "core/base/error.h"

namespace orrery::scheduler {
namespace {

void addAmounts(Amounts& sum, const Amounts& part, int sign) {
    sum.cpu += sign * part.cpu;
    sum.memory += sign * part.memory;
    sum.ephemeral += sign * part.ephemeral;
    for (const auto& [name, value] : part.extended) {
        const auto at = std::lower_bound(
            sum.extended.begin(), sum.extended.end(), name,
            [](const auto& entry, const std::string& key) { return entry.first < key; });
        if (at != sum.extended.end() && at->first == name)
            at->second += sign * value;
        else
            sum.extended.insert(at, {name, sign * value});
    }
}

} // namespace

const std::string* NodeInfo::label(const std::string& key) const {
    const auto at = node->metadata.labels.find(key);
    return at == node->metadata.labels.end() ? nullptr : &at->second;
}

bool PodSelection::matches(const api::Pod& pod) const {
    if (skipTerminating && pod.metadata.deletionTimestamp)
        return false;
    for (const Term& term : terms)
        if ((!term.allNamespaces &&
             !std::binary_search(term.namespaces.begin(), term.namespaces.end(),
                                 pod.metadata.namespace_)) ||
            !term.selector.matches(pod.metadata.labels))
            return false;
    return !terms.empty();
}

std::string PodSelection::text() const {
    std::string text = skipTerminating ? "living" : "all";
    for (const Term& term : terms) {
        text += term.allNamespaces ? "\x1c*" : "\x1c";
        for (const std::string& name : term.namespaces)
            text += name + '\x1f';
        text += selectorText(term.selector);
    }
    return text;
}

int TopologyColumn::number(const std::string& value) {
    const auto [at, isNew] = numbers.emplace(value, static_cast<int>(values.size()));
    if (isNew)
        values.push_back(value);
    return at->second;
}

NodeInfo& Snapshot::ensureNode(const std::string& name) {
    if (const auto at = slotOf_.find(name); at != slotOf_.end())
        return *nodes_[static_cast<std::size_t>(at->second)];
    int slot = static_cast<int>(nodes_.size());
    if (!free_.empty()) {
        slot = free_.back();
        free_.pop_back();
    } else {
        nodes_.emplace_back();
        generations_.push_back(0);
    }
    nodes_[static_cast<std::size_t>(slot)] = std::make_unique<NodeInfo>();
    NodeInfo& info = *nodes_[static_cast<std::size_t>(slot)];
    info.slot = slot;
    info.name = name;
    info.sharedName = std::make_shared<const std::string>(name);
    slotOf_.emplace(name, slot);
    for (Counter& counter : counters_)
        counter.counts->resize(nodes_.size(), 0);
    for (auto& [key, column] : columns_)
        column->valueOf.resize(nodes_.size(), -1);
    touch(slot);
    return info;
}

void Snapshot::forgetIfEmpty(NodeInfo& info) {
    if (info.node || !info.pods.empty() || nominatedBySlot_.count(info.slot) > 0)
        return;
    const int slot = info.slot;
    slotOf_.erase(info.name);
    nodes_[static_cast<std::size_t>(slot)].reset();
    free_.push_back(slot);
    touch(slot);
}

void Snapshot::takeImages(NodeInfo& info, const api::Node* node) {
    std::map<std::string, std::int64_t, std::less<>> images;
    if (node)
        for (const api::ContainerImage& image : node->images)
            for (const std::string& name : image.names)
                images[name] = image.sizeBytes;
    if (images == info.images)
        return;
    for (const auto& [name, size] : info.images)
        if (!images.count(name) && --imageNodes_[name] == 0)
            imageNodes_.erase(name);
    for (const auto& [name, size] : images)
        if (!info.images.count(name))
            ++imageNodes_[name];
    info.images = std::move(images);
}

void Snapshot::upsertNode(std::shared_ptr<const api::Node> node) {
    NodeInfo& info = ensureNode(node->metadata.name);
    if (!info.node)
        ++nodeCount_;
    takeImages(info, node.get());
    info.node = std::move(node);
    info.allocatable = {};
    info.podsMax = 0;
    for (const auto& [name, value] : info.node->allocatable) {
        if (name == "cpu")
            info.allocatable.cpu = value;
        else if (name == "memory")
            info.allocatable.memory = value;
        else if (name == "ephemeral-storage")
            info.allocatable.ephemeral = value;
        else if (name == "pods")
            info.podsMax = value;
        else if (value != 0)
            info.allocatable.extended.emplace_back(name, value); // the list is sorted by name
    }
    for (auto& [key, column] : columns_) {
        const std::string* value = info.label(key);
        column->valueOf[static_cast<std::size_t>(info.slot)] = value ? column->number(*value) : -1;
    }
    // Labels that change all the time leave values behind that no node has: such columns are made
    // anew.
    std::erase_if(columns_, [this](const auto& entry) {
        return entry.second->values.size() > 2 * nodes_.size() + 1000;
    });
    touch(info.slot);
}

void Snapshot::removeNode(const std::string& name) {
    const auto at = slotOf_.find(name);
    if (at == slotOf_.end())
        return;
    NodeInfo& info = *nodes_[static_cast<std::size_t>(at->second)];
    if (!info.node)
        return;
    takeImages(info, nullptr);
    info.node.reset();
    --nodeCount_;
    for (auto& [key, column] : columns_)
        column->valueOf[static_cast<std::size_t>(info.slot)] = -1;
    touch(info.slot);
    forgetIfEmpty(info);
}

void Snapshot::weigh(NodeInfo& info, const PodInfo& pod, int sign) {
    addAmounts(info.requested, pod.request, sign);
    info.nonZeroCpu += sign * pod.nonZeroCpu;
    info.nonZeroMemory += sign * pod.nonZeroMemory;
    for (const HostPort& port : pod.hostPorts) {
        if (sign > 0) {
            info.usedPorts.push_back(port);
            continue;
        }
        const auto used = std::find(info.usedPorts.begin(), info.usedPorts.end(), port);
        if (used != info.usedPorts.end())
            info.usedPorts.erase(used);
    }
    count(*pod.pod, info.slot, sign);
    touch(info.slot);
}

void Snapshot::count(const api::Pod& pod, int slot, int sign) {
    for (Counter& counter : counters_)
        if (counter.selection.matches(pod))
            (*counter.counts)[static_cast<std::size_t>(slot)] += sign;
}

void Snapshot::addPod(PodInfoPtr pod, const std::string& nodeName, bool assumed) {
    removePod(pod->key);
    NodeInfo& info = ensureNode(nodeName);
    weigh(info, *pod, 1);
    info.pods.push_back(pod);
    const Place place{pod, info.slot, assumed};
    if (pod->hasAffinity())
        withAffinity_.emplace(pod->key, place);
    pods_[pod->key] = Standing{place, info.pods.size() - 1};
}

void Snapshot::removePod(const std::string& key) {
    const auto at = pods_.find(key);
    if (at == pods_.end())
        return;
    const Standing standing = at->second;
    pods_.erase(at);
    withAffinity_.erase(key);
    NodeInfo& info = *nodes_[static_cast<std::size_t>(standing.place.slot)];
    if (standing.position + 1 != info.pods.size()) {
        info.pods[standing.position] = info.pods.back();
        pods_[info.pods[standing.position]->key].position = standing.position;
    }
    info.pods.pop_back();
    weigh(info, *standing.place.pod, -1);
    forgetIfEmpty(info);
}

void Snapshot::refreshPod(PodInfoPtr pod) {
    const auto at = pods_.find(pod->key);
    if (at == pods_.end())
        return;
    Standing& standing = at->second;
    standing.place.assumed = false;
    nodes_[static_cast<std::size_t>(standing.place.slot)]->pods[standing.position] = pod;
    if (const auto affine = withAffinity_.find(pod->key); affine != withAffinity_.end())
        affine->second.pod = pod;
    standing.place.pod = std::move(pod);
}

void Snapshot::nominate(PodInfoPtr pod, const std::string& nodeName) {
    removeNomination(pod->key);
    if (nodeName.empty())
        return;
    NodeInfo& info = ensureNode(nodeName);
    nominations_[pod->key] = nodeName;
    nominatedBySlot_[info.slot].push_back(std::move(pod));
}

void Snapshot::removeNomination(const std::string& key) {
    const auto at = nominations_.find(key);
    if (at == nominations_.end())
        return;
    NodeInfo& info = ensureNode(at->second);
    nominations_.erase(at);
    std::vector<PodInfoPtr>& pods = nominatedBySlot_[info.slot];
    std::erase_if(pods, [&key](const PodInfoPtr& pod) { return pod->key == key; });
    if (pods.empty())
        nominatedBySlot_.erase(info.slot);
    forgetIfEmpty(info);
}

const NodeInfo* Snapshot::byName(const std::string& name) const {
    const auto at = slotOf_.find(name);
    return at == slotOf_.end() ? nullptr : this->at(at->second);
}

const Snapshot::Place* Snapshot::placeOf(const std::string& key) const {
    const auto at = pods_.find(key);
    return at == pods_.end() ? nullptr : &at->second.place;
}

const std::vector<PodInfoPtr>& Snapshot::nominatedOn(int slot) const {
    static const std::vector<PodInfoPtr> none;
    const auto at = nominatedBySlot_.find(slot);
    return at == nominatedBySlot_.end() ? none : at->second;
}

const std::string* Snapshot::nominationOf(const std::string& key) const {
    const auto at = nominations_.find(key);
    return at == nominations_.end() ? nullptr : &at->second;
}

int Snapshot::nodesWithImage(const std::string& name) const {
    const auto at = imageNodes_.find(name);
    return at == imageNodes_.end() ? 0 : at->second;
}

std::shared_ptr<const std::vector<int>> Snapshot::countsOf(const PodSelection& selection) const {
    std::string text = selection.text();
    for (auto at = counters_.begin(); at != counters_.end(); ++at)
        if (at->text == text) {
            counters_.splice(counters_.begin(), counters_, at);
            return at->counts;
        }
    auto counts = std::make_shared<std::vector<int>>(nodes_.size(), 0);
    for (const std::unique_ptr<NodeInfo>& info : nodes_)
        if (info)
            for (const PodInfoPtr& pod : info->pods)
                if (selection.matches(*pod->pod))
                    ++(*counts)[static_cast<std::size_t>(info->slot)];
    counters_.push_front(Counter{std::move(text), selection, counts});
    if (counters_.size() > kCountersMax)
        counters_.pop_back();
    return counts;
}

std::shared_ptr<const TopologyColumn> Snapshot::topology(const std::string& key) const {
    for (auto at = columns_.begin(); at != columns_.end(); ++at)
        if (at->first == key) {
            columns_.splice(columns_.begin(), columns_, at);
            return at->second;
        }
    auto column = std::make_shared<TopologyColumn>();
    column->valueOf.assign(nodes_.size(), -1);
    for (const std::unique_ptr<NodeInfo>& info : nodes_)
        if (info && info->node)
            if (const std::string* value = info->label(key))
                column->valueOf[static_cast<std::size_t>(info->slot)] = column->number(*value);
    columns_.emplace_front(key, column);
    if (columns_.size() > kColumnsMax)
        columns_.pop_back();
    return column;
}

} // namespace orrery::scheduler
