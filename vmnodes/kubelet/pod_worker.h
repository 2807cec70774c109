// One pod on one node: decides (computePodActions), does (through CRI) and remembers. The kubelet
// calls sync() whenever something woke the pod; the worker never waits.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "core/client/client.h"
#include "core/client/event_recorder.h"
#include "core/client/informer.h"
#include "core/runtime/env.h"
#include "vmnodes/kubelet/pod_actions.h"
#include "vmnodes/kubelet/pod_record.h"

namespace orrery::kubelet {

// What the workers of one node share. Outlives them.
struct NodeContext {
    Env& env;
    client::Client& client;
    cri::Runtime& runtime;
    client::EventRecorder* events = nullptr; // null: nobody is told (kwok's nodes)
    std::string nodeName, hostIP;
    std::string actor;       // "kubelet on w1"
    bool keepsPodIP = false; // an address that somebody else gave the pod stays (kwok's nodes)
    bool reportStop = true;  // write the ended containers' states before the pod is deleted
    std::function<void(const std::string& key)> wake; // queue the pod for a sync
    std::function<void(const std::string& key)>
        statusDirty; // call flushStatus() when the queue is through
};

class PodWorker {
  public:
    PodWorker(NodeContext& node, const client::Cached<api::Pod>& pod);
    ~PodWorker();
    PodWorker(const PodWorker&) = delete;
    PodWorker& operator=(const PodWorker&) = delete;

    void update(const client::Cached<api::Pod>& pod);
    // Returns what it decided, for people: "create the sandbox: spec.nodeName is this node ...".
    std::string sync();
    // Writes the status when it is another than the API has.
    void flushStatus();
    // The API no longer has the pod: ends its containers at once. The worker may be destroyed
    // afterwards.
    void abandon();
    void onContainerExited(const cri::ContainerStatus& status);

    const api::Pod& pod() const { return *pod_; }
    const PodRecord& record() const { return record_; }
    std::int64_t wokenBy() const { return revision_; }

  private:
    bool resumeFromStatus();
    void checkDeadline();
    std::string execute(const PodActions& actions);
    void createSandbox();
    void startContainer(ContainerRecord& record, const api::Container& spec,
                        const std::string& fieldPath);
    void ensureImage(const api::Container& spec, const std::string& fieldPath,
                     std::function<void(Result<cri::Image>)> done);
    void pull(const std::string& image, const std::string& fieldPath,
              std::function<void(Result<cri::Image>)> done);
    void create(const std::string& name, const api::Container& spec, const std::string& fieldPath);
    void started(const std::string& name, const std::string& id, const std::string& fieldPath);
    void failedToStart(const std::string& name, const std::string& fieldPath, const Error& error);
    void backOff(ContainerRecord& record, const std::string& fieldPath);
    std::string terminate();
    void stopAll(Duration grace);
    void finishDeletion();
    void probe(const std::string& name);
    void probeLater(const std::string& name, Time at);
    ContainerRecord* find(const std::string& name);
    const api::Container* specOf(const std::string& name) const;
    void say(const char* type, const char* reason, std::string message,
             const std::string& fieldPath = "");
    void station(Station station, std::string note);
    void woke();
    client::Request request(const char* verb, std::string subresource) const;
    // Wraps a callback so that it does nothing once the worker is gone.
    template <typename F> auto guarded(F callback) {
        return [alive = std::weak_ptr<bool>(alive_),
                callback = std::move(callback)](auto... arguments) {
            if (!alive.expired())
                callback(std::move(arguments)...);
        };
    }

    NodeContext& node_;
    std::string key_;
    std::shared_ptr<const api::Pod> pod_;
    std::int64_t revision_ = 0;
    PodRecord record_;
    bool terminating_ = false, stopAsked_ = false, deleteSent_ = false, statusInFlight_ = false;
    bool plannedTold_ = false, startedTold_ = false, reportedTold_ = false;
    TimerId wakeTimer_ = 0, deadlineTimer_ = 0;
    std::map<std::string, TimerId> probeTimers_;
    std::string lastSent_; // the status as it was written last
    std::vector<api::Condition> lastConditions_;
    std::string because_; // of the next status write
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace orrery::kubelet
