// Kubernetes Events: "Created pod: web-x2". One recorder for each component that speaks.
#pragma once
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "core/api/views/meta.h"
#include "core/base/json.h"
#include "core/client/client.h"
#include "core/runtime/env.h"

namespace orrery::client {

// corev1.ObjectReference.
struct ObjectReference {
    std::string apiVersion, kind, namespace_, name, uid, resourceVersion;
    std::string fieldPath; // "spec.containers{app}"
};
// The reference to an object of a kind by its metadata.
ObjectReference referenceTo(const std::string& apiVersion, const std::string& kind,
                            const api::ObjectMeta& metadata);

// Who speaks. The two styles of events differ in the fields that they fill.
struct EventSource {
    enum class Style : std::uint8_t {
        Classic, // source.component, firstTimestamp, lastTimestamp, count: controllers, kubelets
        Modern,  // eventTime, action, reportingInstance, series: the scheduler
    };
    std::string component; // "replicaset-controller", "default-scheduler", "kubelet"
    std::string host;      // Classic: the node's name for kubelets, else ""
    Style style = Style::Classic;
    std::string instance; // Modern: reportingInstance, "default-scheduler-<host>"
};

struct EventText {
    std::string type = "Normal"; // or "Warning"
    std::string reason;          // "SuccessfulCreate"
    std::string message;
    std::string action;                     // Modern only: "Binding"
    std::optional<ObjectReference> related; // Modern only, may be absent
    api::StringMap annotations;
};

// Writes v1 Events through a client when the plane has nothing else to do: nothing waits for them.
// The same event again raises `count` of the one that is there (Classic; more than 10 similar ones
// within 10 minutes become one "combined from similar events"), or its `series` (Modern). A
// component may say 25 things of one object at once, then one every five minutes (Classic). Plane
// thread.
class EventRecorder {
  public:
    EventRecorder(Env& env, Client& client, EventSource source);
    void record(const ObjectReference& regarding, EventText text, WriteCause cause = {});

  private:
    struct Similar { // one group of events that differ in the message only
        std::set<std::string> messages;
        Time last{};
    };
    struct Sent { // one event object in the API
        std::string name;
        std::int64_t count = 0;
        Time first{}, last{};
        bool series = false;
    };
    struct Budget {
        double tokens = 0;
        Time refilled{};
    };
    // A map that forgets what was used longest ago.
    template <typename V> struct Recent {
        std::list<std::pair<std::string, V>> order; // newest first
        std::unordered_map<std::string, typename std::list<std::pair<std::string, V>>::iterator>
            places;
        V& at(const std::string& key);
    };

    void correlate(const ObjectReference& regarding, EventText text, WriteCause cause, Time said);
    bool allowed(const ObjectReference& regarding, Time now);
    void recordClassic(const ObjectReference& regarding, EventText text, WriteCause cause,
                       Time now);
    void recordModern(const ObjectReference& regarding, EventText text, WriteCause cause, Time now);
    void create(const ObjectReference& regarding, const EventText& text, const Sent& sent,
                WriteCause cause, Time said);
    void patch(const std::string& namespace_, const std::string& name, Json patch, WriteCause cause,
               std::function<void()> whenGone);
    std::string newName(const ObjectReference& regarding, Time now);

    Env& env_;
    Client& client_;
    EventSource source_;
    Recent<Similar> similar_;
    Recent<Sent> sent_;
    Recent<Budget> budgets_;
    std::int64_t lastNameNanos_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true); // answers may come after the end
};

} // namespace orrery::client
