// The pure pieces: arithmetic, sentences, the queue's order, the snapshot's sums.
#include "core/scheduler/messages.h"
#include "core/scheduler/plugins/node_resources.h"
#include "core/scheduler/preemption.h"
#include "core/scheduler/queue.h"
#include "core/scheduler/scheduling_cycle.h"
#include "tests/unit/scheduler/world.h"

using namespace orrery;
using namespace orrery::tests;
using namespace orrery::scheduler;

class SchedulerPiecesTest : public QObject {
    Q_OBJECT
  private slots:
    void unschedulableMessages();
    void notesAreCut();
    void leastAllocated_data();
    void leastAllocated();
    void balanced_data();
    void balanced();
    void fits();
    void feasibleNodes();
    void normalizes();
    void imageNames();
    void portsConflict();
    void snapshotSumsUp();
    void countersStayCurrent();
    void queuePauses();
    void sacrificesCompare();
    void nonZeroRequests();
};
ORRERY_TEST(SchedulerPiecesTest)

static PodInfoPtr makePod(std::string_view text) {
    auto pod = std::make_shared<api::Pod>();
    decode(json(text), *pod);
    return makePodInfo(std::move(pod));
}

static std::shared_ptr<const api::Node> makeNode(std::string_view text) {
    auto node = std::make_shared<api::Node>();
    decode(json(text), *node);
    return node;
}

void SchedulerPiecesTest::unschedulableMessages() {
    QCOMPARE(unschedulableMessage(13, {{"b", 10}, {"a", 2}, {"c", 1}}, "", ""),
             std::string("0/13 nodes are available: 1 c, 10 b, 2 a."));
    QCOMPARE(unschedulableMessage(2, {{"a", 2}}, "claim is odd", "not found"),
             std::string("0/2 nodes are available: claim is odd. not found"));
}

void SchedulerPiecesTest::notesAreCut() {
    QCOMPARE(eventNote(std::string(1024, 'x')).size(), std::size_t(1024));
    const std::string cut = eventNote(std::string(1025, 'x'));
    QCOMPARE(cut.size(), std::size_t(1024));
    QCOMPARE(cut.substr(1018), std::string("xx ..."));
}

void SchedulerPiecesTest::leastAllocated_data() {
    QTest::addColumn<int>("cpu");
    QTest::addColumn<int>("cpuMax");
    QTest::addColumn<int>("memory");
    QTest::addColumn<int>("memoryMax");
    QTest::addColumn<int>("score");
    QTest::newRow("empty") << 0 << 4000 << 0 << 10000 << 100;
    QTest::newRow("half and half") << 2000 << 4000 << 5000 << 10000 << 50;
    QTest::newRow("rounds down") << 3000 << 4000 << 5000 << 20000 << 50; // (25 + 75) / 2
    QTest::newRow("each share rounds down") << 1 << 3000 << 1 << 3000 << 99;
    QTest::newRow("overfull") << 6000 << 4000 << 0 << 10000 << 50;
    QTest::newRow("no memory known") << 1000 << 4000 << 5 << 0 << 75;
    QTest::newRow("nothing known") << 1000 << 0 << 5 << 0 << 0;
}

void SchedulerPiecesTest::leastAllocated() {
    QFETCH(int, cpu);
    QFETCH(int, cpuMax);
    QFETCH(int, memory);
    QFETCH(int, memoryMax);
    QFETCH(int, score);
    QCOMPARE(leastAllocatedScore(cpu, cpuMax, memory, memoryMax), std::int64_t(score));
}

void SchedulerPiecesTest::balanced_data() {
    QTest::addColumn<int>("cpu");
    QTest::addColumn<int>("memory");
    QTest::addColumn<int>("usedCpu");
    QTest::addColumn<int>("usedMemory");
    QTest::addColumn<int>("score");
    QTest::newRow("changes nothing") << 100 << 100 << 0 << 0 << 75;
    QTest::newRow("tilts an even node") << 1000 << 0 << 0 << 0 << 50;
    QTest::newRow("evens a tilted node") << 0 << 1000 << 1000 << 0 << 100;
    QTest::newRow("half way") << 0 << 500 << 1000 << 0 << 87;
}

void SchedulerPiecesTest::balanced() {
    QFETCH(int, cpu);
    QFETCH(int, memory);
    QFETCH(int, usedCpu);
    QFETCH(int, usedMemory);
    QFETCH(int, score);
    const Amounts node{1000, 1000, 0, {}};
    QCOMPARE(balancedAllocationScore({cpu, memory, 0, {}}, {usedCpu, usedMemory, 0, {}}, node),
             std::int64_t(score));
}

void SchedulerPiecesTest::fits() {
    const Amounts node{2000, 4000, 0, {{"example.com/gpu", 1}}};
    QVERIFY(shortages({2000, 4000, 0, {{"example.com/gpu", 1}}}, node, {}, 0, 110).empty());
    const std::vector<Shortage> found = shortages({1500, 5000, 10, {{"example.com/gpu", 1}}}, node,
                                                  {1000, 0, 0, {{"example.com/gpu", 1}}}, 3, 3);
    std::vector<std::string> reasons;
    std::vector<bool> unresolvable;
    for (const Shortage& one : found) {
        reasons.push_back(one.reason);
        unresolvable.push_back(one.unresolvable);
    }
    QCOMPARE(reasons, (std::vector<std::string>{
                          "Too many pods", "Insufficient cpu", "Insufficient memory",
                          "Insufficient ephemeral-storage", "Insufficient example.com/gpu"}));
    QCOMPARE(unresolvable, (std::vector<bool>{false, false, true, true, false}));
}

void SchedulerPiecesTest::feasibleNodes() {
    QCOMPARE(feasibleNodesToFind(10), 10);
    QCOMPARE(feasibleNodesToFind(99), 99);
    QCOMPARE(feasibleNodesToFind(150), 100);
    QCOMPARE(feasibleNodesToFind(1000), 420);
    QCOMPARE(feasibleNodesToFind(5000), 500);
    QCOMPARE(feasibleNodesToFind(6000), 300);
}

void SchedulerPiecesTest::normalizes() {
    std::vector<std::int64_t> scores = {0, 1, 3};
    normalizeByMax(scores, false);
    QCOMPARE(scores, (std::vector<std::int64_t>{0, 33, 100}));
    scores = {0, 1, 3};
    normalizeByMax(scores, true);
    QCOMPARE(scores, (std::vector<std::int64_t>{100, 67, 0}));
    scores = {0, 0};
    normalizeByMax(scores, true);
    QCOMPARE(scores, (std::vector<std::int64_t>{100, 100}));
}

void SchedulerPiecesTest::imageNames() {
    QCOMPARE(normalizedImageName("web"), std::string("web:latest"));
    QCOMPARE(normalizedImageName("web:1"), std::string("web:1"));
    QCOMPARE(normalizedImageName("host:5000/web"), std::string("host:5000/web:latest"));
}

void SchedulerPiecesTest::portsConflict() {
    QVERIFY(scheduler::portsConflict({"0.0.0.0", "TCP", 80}, {"10.0.0.1", "TCP", 80}));
    QVERIFY(!scheduler::portsConflict({"10.0.0.2", "TCP", 80}, {"10.0.0.1", "TCP", 80}));
    QVERIFY(!scheduler::portsConflict({"0.0.0.0", "TCP", 80}, {"0.0.0.0", "UDP", 80}));
}

static constexpr const char* kPod =
    R"({"metadata":{"name":"%","namespace":"default","labels":{"app":"%"}},"spec":{
    "containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"1","memory":"1Ki"}},
    "ports":[{"containerPort":80,"hostPort":80}]}]}})";

static PodInfoPtr named(const std::string& name) {
    std::string text = kPod;
    for (std::size_t at = text.find('%'); at != std::string::npos; at = text.find('%'))
        text.replace(at, 1, name);
    return makePod(text);
}

void SchedulerPiecesTest::snapshotSumsUp() {
    Snapshot snapshot;
    snapshot.addPod(named("early"), "n", false); // the node is not known yet
    QCOMPARE(snapshot.nodeCount(), 0);
    snapshot.upsertNode(makeNode(
        R"({"metadata":{"name":"n"},
            "status":{"allocatable":{"cpu":"4","memory":"1Gi","pods":"7"}}})"));
    const NodeInfo& node = *snapshot.byName("n");
    QCOMPARE(node.requested.cpu, std::int64_t(1000));
    QCOMPARE(node.podsMax, std::int64_t(7));
    const std::uint64_t before = snapshot.generation(node.slot);
    snapshot.addPod(named("late"), "n", true);
    QVERIFY(snapshot.generation(node.slot) != before);
    QCOMPARE(node.requested.cpu, std::int64_t(2000));
    QCOMPARE(node.usedPorts.size(), std::size_t(2));
    snapshot.removePod("default/early");
    snapshot.removePod("default/early");
    QCOMPARE(node.requested.memory, std::int64_t(1024));
    QCOMPARE(node.pods.size(), std::size_t(1));
    snapshot.removePod("default/late");
    QCOMPARE(node.requested.cpu, std::int64_t(0));
    QVERIFY(node.usedPorts.empty());
    snapshot.removeNode("n");
    QCOMPARE(snapshot.nodeCount(), 0);
    QVERIFY(snapshot.byName("n") == nullptr);
}

void SchedulerPiecesTest::countersStayCurrent() {
    Snapshot snapshot;
    snapshot.upsertNode(makeNode(R"({"metadata":{"name":"n","labels":{"zone":"a"}}})"));
    snapshot.addPod(named("web"), "n", false);
    PodSelection selection;
    selection.terms.push_back({false, {"default"}, {}});
    selection.terms[0].selector.present = true;
    selection.terms[0].selector.matchLabels = {{"app", "web"}};
    const auto counts = snapshot.countsOf(selection);
    const auto zones = snapshot.topology("zone");
    QCOMPARE(*counts, std::vector<int>{1});
    snapshot.addPod(named("db"), "n", false);
    QCOMPARE(*counts, std::vector<int>{1});
    snapshot.removePod("default/web");
    QCOMPARE(*counts, std::vector<int>{0});
    snapshot.upsertNode(makeNode(R"({"metadata":{"name":"m","labels":{"zone":"b"}}})"));
    QCOMPARE(zones->valueOf, (std::vector<int>{0, 1}));
    QCOMPARE(zones->values, (std::vector<std::string>{"a", "b"}));
}

namespace {
struct FixedClock final : Clock {
    Time at{};
    Time now() const override { return at; }
    Duration monotonic() const override { return at.time_since_epoch(); }
};
} // namespace

void SchedulerPiecesTest::queuePauses() {
    FixedClock clock;
    SchedulingQueue queue(clock);
    queue.upsert(named("a"), "Pod a was added", 1);
    const int seconds[] = {1, 2, 4, 8, 10, 10};
    for (const int pause : seconds) {
        QueuedPod* pod = queue.pop();
        QVERIFY(pod != nullptr);
        queue.onError("default/a", "SchedulerError", "x");
        QVERIFY(queue.pop() == nullptr);
        QCOMPARE(queue.nextDue().value(), clock.at + std::chrono::seconds(pause));
        clock.at += std::chrono::seconds(pause);
        queue.flush();
    }
    QCOMPARE(queue.find("default/a")->attempts, 6);
    QueuedPod* pod = queue.pop();
    QVERIFY(pod != nullptr);
    queue.onUnschedulable("default/a", 0, static_cast<std::uint32_t>(Happening::NodeAdded),
                          "Unschedulable", "m");
    QCOMPARE(queue.onEvent({.what = static_cast<std::uint32_t>(Happening::PodGone)}), 0);
    QVERIFY(queue.pop() == nullptr);
    QCOMPARE(queue.onEvent({.what = static_cast<std::uint32_t>(Happening::NodeAdded)}), 1);
    QVERIFY(queue.find("default/a")->where == WaitingPod::Where::Backoff);
    QVERIFY(queue.pop() != nullptr); // nobody else waits: its pause is cut short
    queue.remove("default/a");
    QCOMPARE(queue.size(), 0);
    QVERIFY(!queue.nextDue().has_value());
}

void SchedulerPiecesTest::sacrificesCompare() {
    const auto victim = [](int priority, const char* start) {
        auto pod = std::make_shared<api::Pod>();
        pod->priority = priority;
        pod->startTime = parseTime(start).value();
        auto info = std::make_shared<PodInfo>();
        info->pod = pod;
        return PodInfoPtr(info);
    };
    const char* early = "2026-01-01T00:00:00Z";
    const char* late = "2026-01-02T00:00:00Z";
    QCOMPARE(bestSacrifice({{0, {victim(5, early)}, 0}, {1, {victim(1, early)}, 1}}).slot, 0);
    QCOMPARE(
        bestSacrifice({{0, {victim(5, early)}, 0}, {1, {victim(4, early), victim(4, early)}, 0}})
            .slot,
        1);
    QCOMPARE(
        bestSacrifice({{0, {victim(5, early), victim(1, early)}, 0}, {1, {victim(5, early)}, 0}})
            .slot,
        1);
    QCOMPARE(bestSacrifice({{0, {victim(5, early)}, 0}, {1, {victim(5, late)}, 0}}).slot, 1);
    QCOMPARE(bestSacrifice({{0, {victim(5, early)}, 0}, {1, {victim(5, early)}, 0}}).slot, 0);
}

void SchedulerPiecesTest::nonZeroRequests() {
    const PodInfoPtr pod = makePod(R"({"metadata":{"name":"p","namespace":"d"},"spec":{
        "initContainers":[{"name":"i","image":"i","resources":{"requests":{"cpu":"500m"}}},
                          {"name":"s","image":"s","restartPolicy":"Always",
                           "resources":{"requests":{"cpu":"50m"}}}],
        "containers":[{"name":"a","image":"a"},
                      {"name":"b","image":"b","resources":{"requests":{"cpu":"0"}}}]}})");
    QCOMPARE(pod->nonZeroCpu, std::int64_t(500)); // the init container alone; later 100 + 0 + 50
    QCOMPARE(pod->nonZeroMemory, std::int64_t(3) * 200 * 1024 * 1024);
    QCOMPARE(pod->request.cpu, std::int64_t(500));
}

#include "pieces_test.moc"
