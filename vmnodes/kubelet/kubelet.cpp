#include "vmnodes/kubelet/kubelet.h"

namespace orrery::kubelet {

namespace {
constexpr Duration kLeaseRenew = 10s;    // a quarter of the lease's 40 s
constexpr Duration kStatusReport = 5min; // nodeStatusReportFrequency
constexpr Duration kRegisterRetry = 1s;
constexpr std::size_t kSyncsPerTask = 200; // then the plane does something else
constexpr std::size_t kRecentMax = 50;
} // namespace

Kubelet::Kubelet(Env& env, client::Client& client, cri::Runtime& runtime, LoopBoard& board,
                 KubeletOptions options)
    : env_(env), client_(client), runtime_(runtime), board_(board), options_(std::move(options)),
      events_(env, client,
              {"kubelet", options_.facts.nodeName, client::EventSource::Style::Classic, ""}),
      context_{env,
               client,
               runtime,
               options_.recordEvents ? &events_ : nullptr,
               options_.facts.nodeName,
               options_.facts.hostIP,
               "kubelet on " + options_.facts.nodeName,
               options_.keepsPodIP,
               options_.reportStop,
               [this](const std::string& key) { enqueue(key); },
               [this](const std::string& key) {
                   if (dirtyKeys_.insert(key).second)
                       dirty_.push_back(key);
                   scheduleDrain();
               }} {
    runtime_.onContainerExited = [this](const cri::ContainerStatus& status) {
        for (auto& [key, worker] : workers_)
            if (worker->pod().metadata.uid == status.podUid)
                return worker->onContainerExited(status);
    };
    board_.add(this);
}

Kubelet::~Kubelet() {
    alive_.reset();
    runtime_.onContainerExited = nullptr;
    env_.executor.cancel(leaseTimer_);
    env_.executor.cancel(statusTimer_);
    board_.remove(this);
}

void Kubelet::start() {
    if (options_.registerNode)
        registerNode();
    else
        reportNode();
    // The heartbeats of many nodes are spread over the whole period.
    const auto offset = Duration(static_cast<std::int64_t>(
        env_.random.below(static_cast<std::uint64_t>(kLeaseRenew.count()))));
    writeLease("create");
    leaseTimer_ = env_.executor.postAt(env_.now() + offset, guarded([this] { renewLease(); }));
    statusTimer_ = env_.executor.postAt(env_.now() + kStatusReport + offset,
                                        guarded([this] { reportNode(); }));
}

client::Request Kubelet::request(const char* verb, const std::string& group,
                                 const std::string& resource, const std::string& namespace_,
                                 std::string because) {
    client::Request made;
    made.verb = verb;
    made.path = {group,
                 "v1",
                 resource,
                 namespace_,
                 std::string(verb) == "create" ? "" : options_.facts.nodeName,
                 ""};
    made.fieldManager = "kubelet";
    made.cause.actor = context_.actor;
    made.cause.because = std::move(because);
    return made;
}

void Kubelet::registerNode() {
    client::Request create = request("create", "", "nodes", "", "the node joins the cluster");
    create.body = computeNode(options_.facts, env_.now());
    client_.send(std::move(create), guarded([this](Result<client::Response> answer) {
                     if (answer)
                         return;
                     if (answer.error().reason == Reason::AlreadyExists)
                         return reportNode();
                     env_.executor.postAt(env_.now() + kRegisterRetry,
                                          guarded([this] { registerNode(); }));
                 }));
}

void Kubelet::reportNode() {
    client::Request patch =
        request("patch", "", "nodes", "", "the kubelet reports its node's status");
    patch.path.subresource = "status";
    patch.patchType = client::PatchType::StrategicMerge;
    const bool capacity = options_.ownsCapacity || (node_ && node_->capacity.empty());
    patch.body = computeNodeStatusPatch(options_.facts, node_.get(), capacity, env_.now());
    client_.send(std::move(patch), guarded([this](Result<client::Response> answer) {
                     if (!answer)
                         logLine(LogLevel::Warning, name(),
                                 "can't report the node's status: " + answer.error().message);
                 }));
    env_.executor.cancel(statusTimer_);
    statusTimer_ =
        env_.executor.postAt(env_.now() + kStatusReport, guarded([this] { reportNode(); }));
}

void Kubelet::writeLease(const char* verb) {
    client::Request write =
        request(verb, "coordination.k8s.io", "leases", "kube-node-lease", "the kubelet is alive");
    if (write.verb == "create") {
        write.body =
            computeLease(options_.facts.nodeName, node_ ? node_->metadata.uid : "", env_.now());
    } else {
        write.patchType = client::PatchType::Merge;
        JsonObject spec{{"renewTime", formatMicroTime(env_.now())}};
        write.body = Json(JsonObject{{"spec", std::move(spec)}});
    }
    client_.send(std::move(write), guarded([this](Result<client::Response> answer) {
                     // Made by an earlier run: renewing is all that is needed. Deleted meanwhile:
                     // the next renewal makes it again.
                     leaseMade_ =
                         answer.has_value() || answer.error().reason == Reason::AlreadyExists;
                 }));
}

void Kubelet::renewLease() {
    writeLease(leaseMade_ ? "patch" : "create");
    leaseTimer_ = env_.executor.postAt(env_.now() + kLeaseRenew, guarded([this] { renewLease(); }));
}

void Kubelet::onNode(const client::Cached<api::Node>& node) {
    node_ = node.view;
    if (networkReady_ || node_->podCIDR.empty())
        return;
    networkReady_ = true;
    options_.onPodCIDR(node_->podCIDR);
    scheduleDrain();
}

void Kubelet::onPod(const client::Cached<api::Pod>& pod) {
    const std::string key = pod.view->metadata.namespacedName();
    auto at = workers_.find(key);
    if (at != workers_.end() && at->second->pod().metadata.uid != pod.view->metadata.uid) {
        onPodGone(key); // another pod of the same name
        at = workers_.end();
    }
    if (at == workers_.end()) {
        workers_.emplace(key, std::make_unique<PodWorker>(context_, pod));
        return enqueue(key);
    }
    // The kubelet's own status writes come back too; only what a person or a controller changed
    // wakes the pod.
    const api::Pod& known = at->second->pod();
    const bool wakes =
        known.metadata.deletionTimestamp != pod.view->metadata.deletionTimestamp ||
        known.metadata.generation != pod.view->metadata.generation ||
        known.metadata.deletionGracePeriodSeconds != pod.view->metadata.deletionGracePeriodSeconds;
    at->second->update(pod);
    if (wakes)
        enqueue(key);
}

void Kubelet::onPodGone(const std::string& key) {
    const auto at = workers_.find(key);
    if (at == workers_.end())
        return;
    at->second->abandon();
    workers_.erase(at);
}

const PodWorker* Kubelet::worker(const std::string& key) const {
    const auto at = workers_.find(key);
    return at == workers_.end() ? nullptr : at->second.get();
}

void Kubelet::enqueue(const std::string& key) {
    if (queuedKeys_.insert(key).second)
        queue_.push_back(key);
    scheduleDrain();
}

void Kubelet::scheduleDrain() {
    if (drainPosted_ || !networkReady_)
        return;
    drainPosted_ = true;
    env_.executor.post(guarded([this] {
        drainPosted_ = false;
        drain(paused_ ? 0 : kSyncsPerTask);
    }));
}

void Kubelet::drain(std::size_t most) {
    for (std::size_t done = 0; done < most && !queue_.empty(); ++done)
        syncFirst();
    if (!queue_.empty() && !paused_)
        return scheduleDrain();
    if (paused_ && most == 0)
        return; // statuses wait too: paused means paused
    dirtyKeys_.clear();
    for (const std::string& key : std::exchange(dirty_, {}))
        if (const auto at = workers_.find(key); at != workers_.end())
            at->second->flushStatus();
}

void Kubelet::syncFirst() {
    const std::string key = std::move(queue_.front());
    queue_.pop_front();
    queuedKeys_.erase(key);
    const auto at = workers_.find(key);
    if (at == workers_.end())
        return;
    LoopStep step;
    step.at = env_.now();
    step.key = key;
    step.revision = at->second->wokenBy();
    const Duration began = env_.clock.monotonic();
    step.decided = at->second->sync();
    step.took = env_.clock.monotonic() - began;
    ++steps_;
    if (env_.trace.enabled())
        env_.trace.onLoop({LoopEvent::Kind::Decided, step.at, name(), key, step.decided,
                           queueLength(), step.revision});
    recent_.push_back(std::move(step));
    if (recent_.size() > kRecentMax)
        recent_.pop_front();
}

void Kubelet::pause() {
    paused_ = true;
    if (env_.trace.enabled())
        env_.trace.onLoop({LoopEvent::Kind::Paused, env_.now(), name(), "", "", queueLength(), 0});
}

void Kubelet::resume() {
    paused_ = false;
    if (env_.trace.enabled())
        env_.trace.onLoop({LoopEvent::Kind::Resumed, env_.now(), name(), "", "", queueLength(), 0});
    scheduleDrain();
}

void Kubelet::step() {
    if (paused_)
        drain(1);
}

std::vector<std::string> Kubelet::queued(int limit) const {
    const std::size_t count = std::min(queue_.size(), static_cast<std::size_t>(std::max(limit, 0)));
    return {queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count)};
}

} // namespace orrery::kubelet
