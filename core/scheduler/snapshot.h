// The cluster as the scheduler sees it: nodes, what their pods ask of them, and what is only
// assumed yet. Every change of a pod or a node costs the same however large the cluster is.
//
// A node keeps its slot, a small number, for life; numbers that are read for every node lie in
// columns by slot.
#pragma once
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/api/views/core_v1.h"
#include "core/scheduler/pod_info.h"

namespace orrery::scheduler {

struct NodeInfo {
    int slot = 0;
    std::string name;
    std::shared_ptr<const std::string> sharedName; // the same, for verdicts that outlive the node
    std::shared_ptr<const api::Node>
        node; // null: pods are there, the node object is not (yet, or no longer)
    std::vector<PodInfoPtr> pods;
    std::vector<HostPort> usedPorts;
    Amounts allocatable, requested;
    std::int64_t podsMax = 0;
    std::int64_t nonZeroCpu = 0, nonZeroMemory = 0;          // sums over pods
    std::map<std::string, std::int64_t, std::less<>> images; // normalized name -> bytes
    const std::string* label(const std::string& key) const;
};

// A set of pods: those that match all of the terms.
struct PodSelection {
    struct Term {
        bool allNamespaces = false;
        std::vector<std::string> namespaces; // sorted
        api::LabelSelector selector;
    };
    std::vector<Term> terms;
    bool skipTerminating = false;
    bool matches(const api::Pod& pod) const;
    std::string text() const;
};

// The values of one label on all nodes, as small numbers: -1 where a node lacks the label.
struct TopologyColumn {
    std::vector<int> valueOf;        // by slot
    std::vector<std::string> values; // by number
    std::map<std::string, int> numbers;
    int number(const std::string& value);
};

class Snapshot {
  public:
    // --- changes ---
    void upsertNode(std::shared_ptr<const api::Node> node);
    void removeNode(const std::string& name);
    // Puts a pod on a node (a pod that is elsewhere moves). `assumed`: the API server has not
    // confirmed it.
    void addPod(PodInfoPtr pod, const std::string& nodeName, bool assumed);
    void removePod(const std::string& key);
    // A newer state of a pod that is there and weighs the same.
    void refreshPod(PodInfoPtr pod);
    // Pods to which preemption has promised room.
    void nominate(PodInfoPtr pod, const std::string& nodeName);
    void removeNomination(const std::string& key);

    // --- reading ---
    int nodeCount() const { return nodeCount_; }
    int slotCount() const { return static_cast<int>(nodes_.size()); }
    // Null for a slot without a node object.
    const NodeInfo* at(int slot) const {
        const NodeInfo* info = nodes_[static_cast<std::size_t>(slot)].get();
        return info && info->node ? info : nullptr;
    }
    const NodeInfo* byName(const std::string& name) const;
    // Changes with everything that a plugin reads of the node; never repeats.
    std::uint64_t generation(int slot) const {
        return generations_[static_cast<std::size_t>(slot)];
    }
    const std::vector<std::uint64_t>& generations() const { return generations_; }
    struct Place {
        PodInfoPtr pod;
        int slot = 0;
        bool assumed = false;
    };
    const Place* placeOf(const std::string& key) const;
    const std::vector<PodInfoPtr>& nominatedOn(int slot) const;
    bool anyNominated() const { return !nominations_.empty(); }
    const std::string* nominationOf(const std::string& key) const;
    // Pods on nodes with any pod affinity or anti-affinity term.
    const std::map<std::string, Place>& podsWithAffinity() const { return withAffinity_; }
    int nodesWithImage(const std::string& name) const;
    // How many pods of `selection` each slot has. Counted once, then kept current (the newest
    // kCountersMax). Stays current for as long as it is held within one cycle.
    std::shared_ptr<const std::vector<int>> countsOf(const PodSelection& selection) const;
    std::shared_ptr<const TopologyColumn> topology(const std::string& key) const;

  private:
    static constexpr std::size_t kCountersMax = 64;
    static constexpr std::size_t kColumnsMax = 32;
    struct Counter {
        std::string text;
        PodSelection selection;
        std::shared_ptr<std::vector<int>> counts;
    };

    NodeInfo& ensureNode(const std::string& name);
    void forgetIfEmpty(NodeInfo& info);
    void touch(int slot) { generations_[static_cast<std::size_t>(slot)] = ++generation_; }
    void weigh(NodeInfo& info, const PodInfo& pod, int sign);
    void count(const api::Pod& pod, int slot, int sign);
    void takeImages(NodeInfo& info, const api::Node* node);

    std::vector<std::unique_ptr<NodeInfo>> nodes_; // by slot; null: free
    std::vector<int> free_;
    std::unordered_map<std::string, int> slotOf_;
    std::vector<std::uint64_t> generations_;
    std::uint64_t generation_ = 0;
    int nodeCount_ = 0;
    struct Standing {
        Place place;
        std::size_t position = 0; // in NodeInfo::pods
    };
    std::unordered_map<std::string, Standing> pods_;
    std::map<std::string, Place> withAffinity_;
    std::map<std::string, std::string> nominations_; // pod -> node name
    std::map<int, std::vector<PodInfoPtr>> nominatedBySlot_;
    std::unordered_map<std::string, int> imageNodes_;
    mutable std::list<Counter> counters_; // newest first
    mutable std::list<std::pair<std::string, std::shared_ptr<TopologyColumn>>> columns_;
};

} // namespace orrery::scheduler
