// Node IPAM: a range of pod addresses for each node. And the node TTL annotation.
#include <charconv>
#include <set>

#include "core/controllers/controllers.h"

namespace orrery::controllers {

namespace {
constexpr int kNodeBits = 24; // each node's range: 254 pods

// The ranges of an IPv4 block, lowest first.
class Ranges {
  public:
    // "10.244.0.0/16"; a text that is none holds no range.
    explicit Ranges(const std::string& cidr) {
        std::uint32_t address = 0;
        const char* at = cidr.data();
        const char* end = at + cidr.size();
        for (int part = 0; part < 4; ++part) {
            unsigned value = 0;
            const auto [next, error] = std::from_chars(at, end, value);
            if (error != std::errc() || value > 255 || next == end ||
                *next != (part < 3 ? '.' : '/'))
                return;
            address = address << 8 | value;
            at = next + 1;
        }
        int bits = 0;
        if (std::from_chars(at, end, bits).ec != std::errc() || bits < 1 || bits > kNodeBits)
            return;
        base_ = address & ~((1ULL << (32 - bits)) - 1);
        count_ = 1 << (kNodeBits - bits);
    }
    std::string text(int index) const {
        const std::uint64_t address =
            base_ + (static_cast<std::uint64_t>(index) << (32 - kNodeBits));
        return std::to_string(address >> 24 & 255) + "." + std::to_string(address >> 16 & 255) +
               "." + std::to_string(address >> 8 & 255) + "." + std::to_string(address & 255) +
               "/" + std::to_string(kNodeBits);
    }
    int count() const { return count_; }

  private:
    std::uint64_t base_ = 0;
    int count_ = 0;
};

struct Memory {
    explicit Memory(const std::string& cidr) : ranges(cidr) {}
    Ranges ranges;
    std::set<std::string> taken;
    std::map<std::string, std::string> ofNode; // those given, before and after the node shows it
    int lowest = 0;                            // no free range is below

    void take(const std::string& node, const std::string& range) {
        taken.insert(range);
        ofNode[node] = range;
    }
    void release(const std::string& node) {
        const auto at = ofNode.find(node);
        if (at == ofNode.end())
            return;
        taken.erase(at->second);
        ofNode.erase(at);
        lowest = 0;
    }
    // The range of a node; "" when none is left.
    std::string give(const std::string& node) {
        if (const auto known = ofNode.find(node); known != ofNode.end())
            return known->second;
        for (; lowest < ranges.count(); ++lowest)
            if (const std::string range = ranges.text(lowest); taken.count(range) == 0) {
                take(node, range);
                return range;
            }
        return "";
    }
};

Outcome reconcile(const api::Node& node, Memory& memory) {
    Outcome out;
    const std::string& name = node.metadata.name;
    if (!node.podCIDR.empty() || node.metadata.deletionTimestamp)
        return out;
    const std::string range = memory.give(name);
    if (range.empty()) {
        out.events.push_back({client::referenceTo("v1", "Node", node.metadata),
                              {"Normal",
                               "CIDRNotAvailable",
                               "Node " + name + " status is now: CIDRNotAvailable",
                               "",
                               {},
                               {}}});
        out.error = internalError("no pod address range is left for node " + name);
        return out;
    }
    JsonObject spec{{"podCIDR", range}, {"podCIDRs", JsonArray{Json(range)}}};
    out.actions.push_back(patchObject({"", "v1", "nodes", "", name, ""},
                                      JsonObject{{"spec", std::move(spec)}},
                                      range + " is the next free range of pod addresses"));
    return out;
}

// --- node.alpha.kubernetes.io/ttl: how long kubelets may keep Secrets and ConfigMaps, by the
// cluster's size ---

constexpr const char* kTtl = "node.alpha.kubernetes.io/ttl";
struct TtlStep {
    std::size_t nodesMax;
    const char* seconds;
};
constexpr TtlStep kTtlSteps[] = {
    {100, "0"}, {500, "15"}, {1000, "30"}, {2000, "60"}, {~std::size_t{0}, "300"}};

Outcome reconcileTtl(const api::Node& node, std::size_t nodes) {
    Outcome out;
    const char* wanted = "0";
    for (const TtlStep& step : kTtlSteps)
        if (nodes <= step.nodesMax) {
            wanted = step.seconds;
            break;
        }
    const auto at = node.metadata.annotations.find(kTtl);
    if (at == node.metadata.annotations.end() || at->second != wanted)
        out.actions.push_back(patchObject(
            {"", "v1", "nodes", "", node.metadata.name, ""},
            JsonObject{{"metadata", JsonObject{{"annotations", JsonObject{{kTtl, wanted}}}}}},
            "the cluster has " + counted(static_cast<int>(nodes), "node", "nodes")));
    return out;
}
} // namespace

ControllerDef nodeIpamController(View& view, const std::string& clusterCidr) {
    const auto memory = std::make_shared<Memory>(clusterCidr);
    ControllerDef def;
    def.name = "node-ipam-controller";
    def.component = "cidrAllocator";
    def.user = "node-controller";
    def.watch = [&view, memory](Wakes& wakes) {
        client::Handler<api::Node> handler; // before any node is asked for: what is given already
        handler.onAdd = [memory](const client::Cached<api::Node>& node) {
            if (!node.view->podCIDR.empty())
                memory->take(node.view->metadata.name, node.view->podCIDR);
        };
        handler.onUpdate = [add = handler.onAdd](const client::Cached<api::Node>&,
                                                 const client::Cached<api::Node>& node) {
            add(node);
        };
        handler.onDelete = [memory](const client::Cached<api::Node>& node) {
            memory->release(node.view->metadata.name);
        };
        wakes.on(view.nodes, std::move(handler));
        wakes.mapped<api::Node>(view.nodes, "Node", [](const api::Node& node) {
            return node.podCIDR.empty() ? std::vector<std::string>{node.metadata.name}
                                        : std::vector<std::string>();
        });
    };
    def.reconcile = [&view, memory](const std::string& key, Time) {
        const client::Cached<api::Node>* found = view.nodes.get(key);
        return found ? reconcile(*found->view, *memory) : Outcome();
    };
    return def;
}

ControllerDef nodeTtlController(View& view) {
    ControllerDef def;
    def.name = def.component = def.user = "ttl-controller";
    def.watch = [&view](Wakes& wakes) {
        client::Handler<api::Node> handler; // of an update only the annotation matters
        handler.onAdd = [&wakes](const client::Cached<api::Node>& node) {
            wakes.add(node.view->metadata.name,
                      {"Node", client::Wake::What::Added, node.view->metadata.name, node.revision});
        };
        handler.onUpdate = [&wakes](const client::Cached<api::Node>& old,
                                    const client::Cached<api::Node>& node) {
            if (old.view->metadata.annotations != node.view->metadata.annotations)
                wakes.add(node.view->metadata.name, {"Node", client::Wake::What::Changed,
                                                     node.view->metadata.name, node.revision});
        };
        wakes.on(view.nodes, std::move(handler));
    };
    def.reconcile = [&view](const std::string& key, Time) {
        const client::Cached<api::Node>* found = view.nodes.get(key);
        return found ? reconcileTtl(*found->view, view.nodes.all().size()) : Outcome();
    };
    return def;
}

} // namespace orrery::controllers
