// What the plane hands to the window: one immutable batch of changes a frame, coalesced by key. No
// Qt, so that the plane's side stays free of it. Everything is a copy: nothing here points into the
// plane.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/trace/trace.h"

namespace orrery::app {

// A pod's phase as the pictures show it. The numbers are the shader's (scene/glyphs.h).
enum class PodShape : std::uint8_t {
    Pending = 1,
    Starting = 2,
    Running = 3,
    Succeeded = 4,
    Failed = 5,
    Terminating = 6,
    Unknown = 7,
};

struct PodRow {
    std::string key; // "default/web"
    std::string uid, namespace_, name, nodeName;
    PodShape shape = PodShape::Pending;
    std::string status;  // kubectl's word: "ContainerCreating"
    std::string waiting; // why it has no node, in Kubernetes' words; "" when it has one
    std::int64_t cpuMillis = 0, memoryBytes = 0; // requests
    Time createdAt{};
};

struct NodeRow {
    std::string name, runtime; // "simulated", "containerd://1.6"
    bool ready = false, unschedulable = false;
    std::int64_t cpuMillis = 0, memoryBytes = 0, pods = 0; // allocatable
};

struct LoopRow {
    std::string name;
    bool paused = false;
    int queueLength = 0;
    std::int64_t steps = 0;                 // since the start
    std::string key, woken, decided, error; // of the newest step; all "" before the first
    std::int64_t revision = 0;
    Time at{};
    Duration took{};
};

struct StepRow {
    Time at{};
    std::string key, woken, decided, error;
    std::int64_t revision = 0;
    Duration took{};
};

// More about the loop that is selected.
struct LoopDetail {
    std::string name;
    std::vector<std::string> queued; // first first, at most 20
    std::vector<StepRow> recent;     // newest first, at most 20
};

struct RevisionRow {
    std::int64_t revision = 0, wokenBy = 0, bytes = 0;
    Time at{};
    std::string who, verb, key,
        because; // verb: "POST", "PUT", "PATCH", "DELETE"; key without "/registry/"
};

// A pod reached a station; the newest one of each pod in a batch.
struct Hop {
    std::string key; // "default/web"
    Station station;
    std::string note;
};

struct KindRow {
    std::string id; // "deployments.apps"; "pods" for the core group
    std::string kind, apiVersion, plural, shortNames, group, keyPrefix;
    bool namespaced = true;
    std::int64_t count = 0;
};

// The open kind's table.
struct TableColumn {
    std::string name, type;
    int priority = 0;
};
struct TableRow {
    std::string key; // store key
    std::string namespace_, name;
    std::vector<std::string> cells; // dates as seconds since 1970
};
struct TableChange {
    std::string id; // of the kind
    bool reset = false;
    std::vector<TableColumn> columns; // with reset
    std::vector<TableRow> upserts;
    std::vector<std::string> gone;
    std::int64_t left = 0; // rows behind the limit
};

// The store's key tree: one opened prefix.
struct KeyRow {
    std::string key, label; // the whole key; "default/shop"
    std::int64_t version = 0, bytes = 0;
};
struct KeyListing {
    std::string prefix;
    std::vector<KeyRow> rows;
    std::int64_t left = 0;
};

// --- the inspector
// ----------------------------------------------------------------------------------------
struct WhyRow {
    std::string who, because;
    std::int64_t revision = 0;
    double offsetMs = 0; // after the first of the chain
};
struct StationRow {
    Station station;
    Time at{};
    std::string note;
};
struct GridCell {
    std::string text; // "62"; "" when the plugin had nothing to say
    int percent = -1; // 0..100 for the shade; -1 none
};
struct GridRow {
    std::string node, reason; // reason: set when the node was rejected
    bool chosen = false;
    std::vector<GridCell> cells;
    std::int64_t total = 0;
};
struct SchedulingGrid {
    std::int64_t attempt = 0; // 0: there is no verdict
    std::string message;
    std::vector<std::string> plugins;
    std::vector<GridRow> rows;
    int nodesTotal = 0;
};
struct EventRow {
    std::string type, reason, message, from;
    std::int64_t count = 1;
    Time last{};
};
struct VersionRow {
    std::int64_t revision = 0, bytes = 0;
    std::string who, verb, because;
    Time at{};
};
struct DiffRow {
    int depth = 0;
    std::string label, before, after;
    enum class What : std::uint8_t { Context, Changed, Added, Removed };
    What what = What::Context;
};
struct Inspection {
    std::string key;                             // the store key that was asked for
    std::string kind, namespace_, name, summary; // summary: "Pod in default, running on w2"
    bool exists = false;
    int shape = 0; // PodShape of a pod; 0 for others
    std::string yaml;
    std::vector<WhyRow> why;
    std::vector<StationRow> stations; // pods only, in the order of Station
    SchedulingGrid grid;
    std::vector<EventRow> events;          // newest first
    std::vector<VersionRow> versions;      // newest first
    std::int64_t diffFrom = 0, diffTo = 0; // revisions
    std::vector<DiffRow> diff;
    std::vector<std::pair<std::string, std::string>> facts;
};

// What a pod's container wrote.
struct LogChunk {
    std::string key; // store key
    bool reset = false;
    std::string text;
};

struct FoundRow {
    std::string key, kind, namespace_, name;
};
struct Found {
    std::string text;
    std::vector<FoundRow> rows;
};

// One row of the result of applying files.
struct AppliedRow {
    std::string what, file, kind, namespace_, name,
        message; // what: "created", "configured", "unchanged", "failed"
    int line = 0;
};
struct ApplyResult {
    std::vector<AppliedRow> rows;
};

// About the cluster as a whole.
struct ClusterFacts {
    std::string serverUrl, context, kubeconfigPath, dataFolder, version;
};

struct Batch {
    Time at{};
    std::int64_t revision = 0;        // the store's newest
    std::int64_t compactRevision = 0; // oldest kept
    std::int64_t storeBytes = 0;
    std::shared_ptr<const ClusterFacts> facts; // when they changed
    std::vector<PodRow> pods;
    std::vector<std::string> podsGone; // applied before `pods`
    std::vector<NodeRow> nodes;
    std::vector<std::string> nodesGone;
    bool loopsChanged = false; // the set of loops: loopNames is all of them
    std::vector<std::string> loopNames;
    std::vector<LoopRow> loops;
    std::shared_ptr<const LoopDetail> loopDetail;
    std::vector<RevisionRow> revisions;  // oldest first
    std::map<std::int64_t, int> skyline; // revisions in each second (since 1970), all of them
    std::vector<Hop> hops;
    std::vector<KindRow> kinds;                               // all, once
    std::vector<std::pair<std::string, std::int64_t>> counts; // by kind id
    std::vector<TableChange> tables;
    std::vector<KeyListing> keys;
    std::shared_ptr<const Inspection> inspection;
    std::shared_ptr<const LogChunk> log;
    std::shared_ptr<const Found> found;
    std::shared_ptr<const ApplyResult> applied;
    std::string failure; // why the plane can't go on: shown instead of the pages
};
using BatchPtr = std::shared_ptr<const Batch>;

} // namespace orrery::app
