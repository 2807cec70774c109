// The plane's side of the bridge: listens to store, trace and loops, and packs what changed into
// one batch for each frame of the window. Everything waits here, coalesced by key, until the window
// has taken the batch before. Plane thread only.
#pragma once
#include <functional>
#include <map>
#include <set>
#include <unordered_map>

#include "app/bridge/batch.h"
#include "app/bridge/commands.h"
#include "app/plane/inspect.h"
#include "app/plane/journeys.h"
#include "core/cluster/cluster.h"
#include "vmnodes/fleet/simulated_fleet.h"

namespace orrery::app {

class Collector final : public Trace {
  public:
    // Gets each batch, on the plane thread.
    using Deliver = std::function<void(BatchPtr)>;
    explicit Collector(Deliver deliver) : deliver_(std::move(deliver)) {}

    // From now on the window is told of this cluster; both outlive the attachment.
    Result<void> attach(Env& env, cluster::Cluster& cluster, ClusterFacts facts);
    void detach();
    bool attached() const { return cluster_ != nullptr; }

    bool enabled() const override { return attached(); }
    void onStation(StationEvent event) override;
    void onLoop(LoopEvent event) override;

    // The window's wishes (commands.h).
    void windowReady();
    void act(LoopAction action, const std::string& name);
    void inspect(InspectRequest request);
    void followLogs(const std::string& key);
    void watchLoop(const std::string& name);
    void openKind(const std::string& id);
    void openKeys(const std::string& prefix, bool open);
    void find(const std::string& text);
    void apply(std::vector<std::pair<std::string, std::string>> files);

  private:
    // What one batch may cost the plane: rows decoded; more wait for the next frame.
    static constexpr int kPodsPerBatch = 1500, kRowsPerBatch = 300, kRevisionsPerBatch = 1000;
    static constexpr int kTableRowsMax = 5000, kKeysMax = 500, kFoundMax = 40, kQueueMax = 20;

    void touch(); // something waits: flush soon, when the window is ready
    void flush();
    bool pending() const;
    void onEvents(std::span<const store::EventPtr> events);
    void onEvent(const store::EventPtr& event);
    const api::KindDef* kindOf(const std::string& key) const; // by the longest known prefix
    void listKinds();
    void relistKinds();
    void readFirst();
    void fillPods(Batch& batch);
    void fillLoops(Batch& batch);
    void fillLoopDetail(Batch& batch);
    void fillTable(Batch& batch);
    void fillKeys(Batch& batch);
    void fillInspection(Batch& batch);
    TableRow tableRowOf(const api::KindDef& kind, const std::string& key, const Json& object) const;
    std::vector<TableColumn> columnsOf(const api::KindDef& kind) const;
    void applyNext();
    void finishApply();

    Deliver deliver_;
    Env* env_ = nullptr;
    cluster::Cluster* cluster_ = nullptr;
    std::unique_ptr<store::Watch> watch_;
    std::shared_ptr<bool> alive_; // false once detached: tasks that are under way check it
    bool windowReady_ = true, flushPosted_ = false;

    std::map<std::string, store::KeyValuePtr> pods_, nodes_; // to send, by store key; null: gone
    std::vector<RevisionRow> revisions_;
    std::map<std::int64_t, int> skyline_;
    std::map<std::string, Hop> hops_;
    std::map<std::string, LoopRow> sentLoops_;
    bool loopsChanged_ = false, loopsDirty_ = false;
    std::string watchedLoop_;
    bool loopDetailDirty_ = false;
    std::map<std::string, const api::KindDef*> kinds_;  // by key prefix
    std::vector<std::shared_ptr<const void>> families_; // of the custom ones among them
    std::map<std::string, std::int64_t> counts_;        // by key prefix
    std::set<std::string> countsDirty_;
    std::string wantedKind_;
    const api::KindDef* openKind_ = nullptr;
    bool tableReset_ = false;
    std::int64_t tableLeft_ = 0;
    std::map<std::string, store::KeyValuePtr> tableRows_; // to send; null: gone
    std::set<std::string> openPrefixes_, dirtyPrefixes_;
    InspectRequest inspected_;
    bool inspectionDirty_ = false;
    std::unique_ptr<fleet::LogFollower> logs_;
    LogChunk log_; // to send
    bool logDirty_ = false;
    Journeys journeys_;
    Batch next_; // what is sent as it is: facts, kinds, answers
    bool nextDirty_ = false;
    std::vector<std::pair<std::string, std::string>> toApply_; // the next one last
    std::shared_ptr<ApplyResult> applied_;
};

} // namespace orrery::app
