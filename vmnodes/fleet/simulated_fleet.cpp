#include "vmnodes/fleet/simulated_fleet.h"

#include "vmnodes/fleet/log_follower.h"
#include "vmnodes/fleet/simulated_node.h"

namespace orrery::fleet {

namespace {
using PodCache = client::Cached<api::Pod>;
using NodeCache = client::Cached<api::Node>;

bool annotated(const api::Node& node, std::string_view key, std::string_view value) {
    const auto at = node.metadata.annotations.find(key);
    return at != node.metadata.annotations.end() && at->second == value;
}
bool isKwok(const api::Node& node) {
    return annotated(node, "kwok.x-k8s.io/node", "fake");
}
bool isOurs(const api::Node& node) {
    return annotated(node, "orrery.dev/simulated", "true");
}
} // namespace

struct SimulatedFleet::State {
    Env& env;
    std::function<std::unique_ptr<client::Client>(const std::string&)> clientFor;
    client::Informer<api::Pod>& pods;
    client::Informer<api::Node>& nodesInformer;
    LoopBoard& loops;
    FleetOptions options;
    std::map<std::string, SimulatedNode> nodes;
    std::uint32_t nodesMade = 0;
    int freeFrom = 1; // every smaller number is a node's
    bool stopped = false;

    State(Env& e, std::function<std::unique_ptr<client::Client>(const std::string&)> makeClient,
          client::InformerFactory& informers, LoopBoard& board, FleetOptions o)
        : env(e), clientFor(std::move(makeClient)),
          pods(informers.informer<api::Pod>("", "v1", "pods")),
          nodesInformer(informers.informer<api::Node>("", "v1", "nodes")), loops(board),
          options(o) {}

    SimulatedNode& add(const std::string& name, bool adopted) {
        SimulatedNode& node = nodes[name];
        node.client = clientFor(name);
        node.adopted = adopted;
        node.instant = options.instant || adopted;
        ++nodesMade;
        node.hostIP = "172.30." + std::to_string(nodesMade / 250 % 256) + "." +
                      std::to_string(nodesMade % 250 + 2);
        return node;
    }

    void plugIn(const std::string& name, bool makeNode) {
        SimulatedNode& node = nodes[name];
        node.runtime = std::make_unique<cri::SimulatedRuntime>(
            env, node.instant, [this, name] { return nodes[name].range.take(); },
            [this, name](const std::string& ip) { nodes[name].range.give(ip); });
        kubelet::KubeletOptions made;
        made.facts.nodeName = name;
        made.facts.hostIP = node.hostIP;
        made.facts.cpu = node.size.cpu;
        made.facts.memory = node.size.memory;
        made.facts.pods = node.size.pods;
        made.facts.runtimeName = node.runtime->name();
        made.facts.runtimeVersion = node.runtime->version();
        made.facts.simulated = true;
        made.facts.machineID = machineID();
        made.registerNode = makeNode;
        made.ownsCapacity = !node.adopted;
        made.recordEvents = !node.adopted; // kwok's nodes say nothing of their pods
        made.keepsPodIP = node.adopted;
        made.reportStop = !node.instant;
        made.onPodCIDR = [this, name](const std::string& cidr) { setRange(name, cidr); };
        node.kubelet = std::make_unique<kubelet::Kubelet>(env, *node.client, *node.runtime, loops,
                                                          std::move(made));
        node.kubelet->start();
        if (const NodeCache* known = nodesInformer.get(name))
            node.kubelet->onNode(*known);
        for (const std::string& key : pods.byIndex("spec.nodeName", name))
            node.kubelet->onPod(*pods.get(key));
    }

    // Addresses of pods that an earlier run started stay theirs.
    void setRange(const std::string& name, const std::string& cidr) {
        SimulatedNode& node = nodes[name];
        node.range.setCIDR(cidr);
        for (const std::string& key : pods.byIndex("spec.nodeName", name))
            if (const api::Pod& pod = *pods.get(key)->view; !pod.podIP.empty() && !pod.terminal())
                node.range.reserve(pod.podIP);
    }

    std::string machineID() {
        std::string id = newUid(env.random);
        std::erase(id, '-');
        return id;
    }

    kubelet::Kubelet* kubeletOf(const std::string& name) {
        const auto at = nodes.find(name);
        return at == nodes.end() ? nullptr : at->second.kubelet.get();
    }

    void onNode(const NodeCache& node) {
        const std::string& name = node.view->metadata.name;
        if (kubelet::Kubelet* kubelet = kubeletOf(name))
            return kubelet->onNode(node);
        if (stopped || nodes.contains(name) || !(isKwok(*node.view) || isOurs(*node.view)))
            return;
        add(name, isKwok(*node.view));
        plugIn(name, false);
    }

    void onPod(const PodCache& pod) {
        if (kubelet::Kubelet* kubelet = kubeletOf(pod.view->nodeName))
            kubelet->onPod(pod);
    }
    void onPodGone(const PodCache& pod) {
        if (kubelet::Kubelet* kubelet = kubeletOf(pod.view->nodeName))
            kubelet->onPodGone(pod.view->metadata.namespacedName());
    }

    std::string freeName() {
        for (;; ++freeFrom) {
            std::string name = "w" + std::to_string(freeFrom);
            if (!nodes.contains(name) && !nodesInformer.get(name))
                return name;
        }
    }
};

SimulatedFleet::SimulatedFleet(
    Env& env, std::function<std::unique_ptr<client::Client>(const std::string&)> clientFor,
    client::InformerFactory& informers, LoopBoard& loops, FleetOptions options)
    : state_(std::make_shared<State>(env, std::move(clientFor), informers, loops, options)) {
    state_->pods.addIndex("spec.nodeName", [](const api::Pod& pod) {
        return pod.nodeName.empty() ? std::vector<std::string>() : std::vector{pod.nodeName};
    });
    const std::weak_ptr<State> weak = state_;
    const auto live = [weak](auto call) {
        return [weak, call](const auto&... arguments) {
            if (const std::shared_ptr<State> state = weak.lock())
                call(*state, arguments...);
        };
    };
    state_->nodesInformer.addHandler(
        {live([](State& state, const NodeCache& node) { state.onNode(node); }),
         live([](State& state, const NodeCache&, const NodeCache& node) { state.onNode(node); }),
         live([](State& state, const NodeCache& node) {
             state.nodes.erase(node.view->metadata.name);
             state.freeFrom = 1;
         }),
         {}});
    state_->pods.addHandler(
        {live([](State& state, const PodCache& pod) { state.onPod(pod); }),
         live([](State& state, const PodCache&, const PodCache& pod) { state.onPod(pod); }),
         live([](State& state, const PodCache& pod) { state.onPodGone(pod); }),
         {}});
}

SimulatedFleet::~SimulatedFleet() {
    stop();
}

void SimulatedFleet::ensureNodes(int count) {
    // Those of an earlier run are adopted by the informer's first list; it may come after this
    // call.
    state_->nodesInformer.whenSynced([weak = std::weak_ptr<State>(state_), this, count] {
        const std::shared_ptr<State> state = weak.lock();
        if (!state || state->stopped)
            return;
        int ours = 0;
        for (const auto& [name, node] : state->nodes)
            ours += !node.adopted;
        for (; ours < count; ++ours)
            addNode();
    });
}

std::string SimulatedFleet::addNode(const NodeSize& size) {
    const std::string name = size.name.empty() ? state_->freeName() : size.name;
    if (state_->kubeletOf(name))
        return name;
    state_->add(name, false).size = size;
    state_->plugIn(name, true);
    return name;
}

bool SimulatedFleet::killNode(const std::string& nodeName) {
    const auto at = state_->nodes.find(nodeName);
    if (at == state_->nodes.end() || !at->second.kubelet)
        return false;
    at->second.kubelet.reset();
    at->second.runtime.reset();
    return true;
}

bool SimulatedFleet::startNode(const std::string& nodeName) {
    const auto at = state_->nodes.find(nodeName);
    if (at == state_->nodes.end() || at->second.kubelet)
        return false;
    at->second.range = {};
    state_->plugIn(nodeName, false);
    return true;
}

bool SimulatedFleet::hasNode(const std::string& nodeName) const {
    return state_->nodes.contains(nodeName);
}

std::vector<std::string> SimulatedFleet::nodeNames() const {
    std::vector<std::string> names;
    for (const auto& [name, node] : state_->nodes)
        names.push_back(name);
    return names;
}

void SimulatedFleet::stop() {
    state_->stopped = true;
    state_->nodes.clear();
}

namespace {
const kubelet::ContainerRecord* findContainer(const kubelet::PodRecord& record,
                                              const std::string& name) {
    for (const auto* list : {&record.containers, &record.initContainers})
        for (const kubelet::ContainerRecord& container : *list)
            if (container.name == name)
                return &container;
    return nullptr;
}
} // namespace

Result<std::unique_ptr<LogFollower>>
SimulatedFleet::podLogs(LogOptions options, std::function<void(std::string)> onBytes,
                        std::function<void(std::string)> onEnd) {
    kubelet::Kubelet* kubelet = state_->kubeletOf(options.nodeName);
    if (!kubelet)
        return internalError("node " + options.nodeName + " does not answer");
    const kubelet::PodWorker* worker = kubelet->worker(options.namespace_ + "/" + options.pod);
    if (!worker)
        return makeError(Reason::NotFound,
                         "pod \"" + options.pod + "\" is not on node " + options.nodeName);
    const kubelet::ContainerRecord* container = findContainer(worker->record(), options.container);
    if (!container)
        return badRequest("container " + options.container + " is not valid for pod " +
                          options.pod);
    const std::string where =
        "container \"" + options.container + "\" in pod \"" + options.pod + "\"";
    const std::optional<cri::ContainerStatus>& status =
        options.previous ? container->previous : container->current;
    if (!status && options.previous)
        return badRequest("previous terminated " + where + " not found");
    if (!status)
        return badRequest(
            where + " is waiting to start: " +
            (container->waitingReason.empty() ? "ContainerCreating" : container->waitingReason));
    // Asked anew before each print, so that following ends when the container does.
    auto read = [weak = std::weak_ptr<State>(state_), options,
                 id = status->id]() -> std::optional<cri::SimulatedLog> {
        const std::shared_ptr<State> state = weak.lock();
        kubelet::Kubelet* at = state ? state->kubeletOf(options.nodeName) : nullptr;
        const kubelet::PodWorker* pod =
            at ? at->worker(options.namespace_ + "/" + options.pod) : nullptr;
        const kubelet::ContainerRecord* found =
            pod ? findContainer(pod->record(), options.container) : nullptr;
        for (const auto* known :
             {found ? &found->current : nullptr, found ? &found->previous : nullptr})
            if (known && *known && (*known)->id == id)
                return logOf(pod->pod(), **known);
        return std::nullopt;
    };
    auto follower = std::make_unique<SimulatedFollower>(state_->env, std::move(read), options,
                                                        std::move(onBytes), std::move(onEnd));
    follower->start();
    return std::unique_ptr<LogFollower>(std::move(follower));
}

} // namespace orrery::fleet
