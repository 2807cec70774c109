// What the plane's side makes of objects, differences and stations.
#include "app/plane/journeys.h"
#include "app/plane/rows.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::app;

static Json json(const char* text) {
    Result<Json> parsed = parseJson(text);
    return parsed ? *parsed : Json(nullptr);
}

class PlaneRowsTest : public QObject {
    Q_OBJECT
  private slots:
    void shapes_data();
    void shapes();
    void requestsAreSummed();
    void differences();
    void journeysJoinTheNamelessStart();
    void journeysKeepTheFirstTime();
};

void PlaneRowsTest::shapes_data() {
    QTest::addColumn<QByteArray>("pod");
    QTest::addColumn<int>("shape");
    QTest::addColumn<QString>("status");
    const auto add = [](const char* name, const char* pod, PodShape shape, const char* status) {
        QTest::newRow(name) << QByteArray(pod) << static_cast<int>(shape) << QString(status);
    };
    add("new", R"({"spec":{},"status":{"phase":"Pending"}})", PodShape::Pending, "Pending");
    add("bound", R"({"spec":{"nodeName":"w1"},"status":{"phase":"Pending"}})", PodShape::Starting,
        "Pending");
    add("pulling",
        R"({"spec":{"nodeName":"w1"},"status":{"phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"ContainerCreating"}}}]}})",
        PodShape::Starting, "ContainerCreating");
    add("running",
        R"({"spec":{"nodeName":"w1"},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}})",
        PodShape::Running, "Running");
    add("not ready",
        R"({"spec":{"nodeName":"w1"},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"False"}]}})",
        PodShape::Starting, "Running");
    add("crash loop",
        R"({"spec":{"nodeName":"w1"},"status":{"phase":"Running","containerStatuses":[{"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}})",
        PodShape::Failed, "CrashLoopBackOff");
    add("succeeded", R"({"spec":{"nodeName":"w1"},"status":{"phase":"Succeeded"}})",
        PodShape::Succeeded, "Succeeded");
    add("failed", R"({"spec":{"nodeName":"w1"},"status":{"phase":"Failed"}})", PodShape::Failed,
        "Failed");
    add("terminating",
        R"({"metadata":{"deletionTimestamp":"2026-11-21T10:42:07Z"},"spec":{"nodeName":"w1"},"status":{"phase":"Running"}})",
        PodShape::Terminating, "Terminating");
    add("unknown", R"({"spec":{"nodeName":"w1"},"status":{"phase":"Unknown"}})", PodShape::Unknown,
        "Unknown");
}

void PlaneRowsTest::shapes() {
    QFETCH(QByteArray, pod);
    QFETCH(int, shape);
    QFETCH(QString, status);
    const PodRow row = podRow(json(pod.constData()));
    QCOMPARE(static_cast<int>(row.shape), shape);
    QCOMPARE(QString::fromStdString(row.status), status);
}

void PlaneRowsTest::requestsAreSummed() {
    const PodRow row =
        podRow(json(R"({"metadata":{"namespace":"default","name":"a"},"spec":{"containers":[
        {"resources":{"requests":{"cpu":"200m","memory":"128Mi"}}},{"resources":{"requests":{"cpu":"1"}}},{}]},
        "status":{"conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/3 nodes"}]}})"));
    QCOMPARE(row.cpuMillis, 1200);
    QCOMPARE(row.memoryBytes, 128LL << 20);
    QCOMPARE(QString::fromStdString(row.waiting), QStringLiteral("0/3 nodes"));
    QCOMPARE(QString::fromStdString(row.key), QStringLiteral("default/a"));
}

void PlaneRowsTest::differences() {
    const std::vector<DiffRow> rows = diffRows(
        json(
            R"({"metadata":{"generation":6,"managedFields":[1]},"spec":{"replicas":3,"containers":[{"name":"a","image":"x:1"},{"name":"b"}],"old":true}})"),
        json(
            R"({"metadata":{"generation":7,"managedFields":[2]},"spec":{"replicas":3,"containers":[{"name":"b"},{"name":"a","image":"x:2"}],"new":[1]}})"));
    QStringList lines;
    for (const DiffRow& row : rows)
        lines << QString(row.depth, u' ') +
                     QString::fromStdString(row.label + "|" + row.before + "|" + row.after);
    QCOMPARE(lines, QStringList({"metadata:||", " generation:|6|7", "spec:||", " containers:||",
                                 "  - name: a||", "   image:|\"x:1\"|\"x:2\"", " old:|true|",
                                 " new:||[1]"}));
    QVERIFY(diffRows(json(R"({"a":[1,{"b":2}]})"), json(R"({"a":[1,{"b":2}]})")).empty());
}

void PlaneRowsTest::journeysJoinTheNamelessStart() {
    Journeys journeys;
    const auto at = [](int ms) { return Time(std::chrono::milliseconds(ms)); };
    journeys.take({Station::Received, at(1), "", "", "create /api/v1/namespaces/default/pods", 0});
    journeys.take({Station::Authenticated, at(2), "", "", "me", 0});
    journeys.take({Station::Authorized, at(3), "", "", "me may create", 0});
    QCOMPARE(QString::fromStdString(journeys.take(
                 {Station::Admitted, at(4), "/registry/pods/default/a", "u1", "", 0})),
             QStringLiteral("/registry/pods/default/a"));
    journeys.take({Station::Stored, at(5), "/registry/pods/default/a", "u1", "", 7});
    const std::vector<StationRow> stations = journeys.of("/registry/pods/default/a");
    QCOMPARE(stations.size(), std::size_t(5));
    QVERIFY(stations.front().at == at(1));
    QVERIFY(journeys.of("/registry/pods/default/b").empty());
}

void PlaneRowsTest::journeysKeepTheFirstTime() {
    Journeys journeys;
    const std::string key = "/registry/pods/default/a";
    const auto at = [](int ms) { return Time(std::chrono::milliseconds(ms)); };
    journeys.take({Station::Received, at(1), key, "", "create /api/v1/pods", 0});
    journeys.take({Station::Stored, at(2), key, "u1", "", 1});
    journeys.take({Station::Received, at(50), key, "", "get /api/v1/namespaces/default/pods/a", 0});
    journeys.take({Station::Stored, at(60), key, "u1", "", 2});
    QCOMPARE(journeys.of(key).size(), std::size_t(2));
    QVERIFY(journeys.of(key)[0].at == at(1));
    QVERIFY(journeys.of(key)[1].at == at(2));
    journeys.take({Station::Stored, at(90), key, "u2", "", 9}); // another pod of that name
    QCOMPARE(journeys.of(key).size(), std::size_t(1));
}

ORRERY_TEST(PlaneRowsTest)
#include "plane_rows_test.moc"
