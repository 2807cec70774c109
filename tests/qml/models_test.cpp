// The bridge's models: every change that they announce is true (QAbstractItemModelTester), and what
// they say.
#include <QAbstractItemModelTester>
#include <QSignalSpy>

#include "app/bridge/session.h"
#include "app/bridge/text.h"
#include "tests/qml/sample_batches.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::app;

class ModelsTest : public QObject {
    Q_OBJECT
    tests::RecordedCommands commands_;
  private slots:
    void init() { commands_.calls.clear(); }
    void modelsKeepTheirWord();
    void podsComeGoAndCount();
    void nodesSortAsPeopleCount();
    void loopsCountTheLastMinute();
    void revisionsKnowCausesAndEffects();
    void revisionsAreBounded();
    void tableFollowsChanges();
    void keysOpenAndClose();
    void paletteFinds();
    void sessionPassesWishesOn();
    void filesThatCannotBeReadAreSaid();
    void words_data();
    void words();
};

void ModelsTest::modelsKeepTheirWord() {
    Session session(commands_);
    std::vector<std::unique_ptr<QAbstractItemModelTester>> testers;
    for (QAbstractItemModel* model : std::initializer_list<QAbstractItemModel*>{
             session.pods(), session.nodes(), session.loops(), session.revisions(), session.kinds(),
             session.objects(), session.keys(), session.palette()})
        testers.push_back(std::make_unique<QAbstractItemModelTester>(
            model, QAbstractItemModelTester::FailureReportingMode::QtTest));
    session.take(tests::firstBatch(5, 9));
    session.take(tests::rolloutBatch(7, 2400));
    auto gone = std::make_shared<Batch>();
    gone->podsGone = {"default/shop-w1-0", "default/shop-w5-3", "default/nobody"};
    gone->nodesGone = {"w5", "w9"};
    gone->loopsChanged = true;
    gone->loopNames = {"job-controller", "default-scheduler"};
    session.take(gone);
    session.search(QStringLiteral("sched"));
    session.toggleKeys(QStringLiteral("/registry/pods/"));
    session.kinds()->setFilter(QStringLiteral("set"));
    QCOMPARE(session.kinds()->count(), 1);
    QCOMPARE(session.nodes()->count(), 4);
    QCOMPARE(session.loops()->count(), 2);
    QCOMPARE(session.phase(), Session::Running);
}

void ModelsTest::podsComeGoAndCount() {
    Session session(commands_);
    session.take(tests::firstBatch(3, 10));
    const int before = session.pods()->count();
    QCOMPARE(before, 30 - 2 + 2);
    QCOMPARE(session.pods()->waitingCount(), 2);
    QVERIFY(session.pods()->waitingReason().contains("Insufficient cpu"));
    const NodeLoad load = session.pods()->load("w1");
    QCOMPARE(load.pods, 10);
    QCOMPARE(load.cpuMillis, 9 * 180); // the one that succeeded holds nothing
    auto bound = std::make_shared<Batch>();
    PodRow row = *session.pods()->find("default/report-a");
    row.nodeName = "w3";
    bound->pods = {row};
    session.take(bound);
    QCOMPARE(session.pods()->waitingCount(), 1);
    QCOMPARE(session.pods()->load("w3").pods, 9);
    auto gone = std::make_shared<Batch>();
    gone->podsGone = {"default/report-a"};
    session.take(gone);
    QCOMPARE(session.pods()->count(), before - 1);
    QVERIFY(!session.pods()->find("default/report-a"));
    QVERIFY(session.pods()->find("default/report-b"));
}

void ModelsTest::nodesSortAsPeopleCount() {
    Session session(commands_);
    session.take(tests::firstBatch(12, 0));
    QCOMPARE(QString::fromStdString(session.nodes()->rows()[1].name), QStringLiteral("w2"));
    QCOMPARE(QString::fromStdString(session.nodes()->rows()[9].name), QStringLiteral("w10"));
    auto more = std::make_shared<Batch>();
    more->nodes = {{"w11a", "simulated", true, false, 1000, 1000, 10}};
    session.take(more);
    QCOMPARE(session.nodes()->indexOf("w11a"), 11);
    QCOMPARE(session.nodes()->indexOf("w12"), 12);
}

void ModelsTest::loopsCountTheLastMinute() {
    LoopsModel loops; // on its own: a session moves it on with the real clock
    auto batch = std::make_shared<Batch>();
    batch->at = Time(std::chrono::seconds(1000));
    batch->loopsChanged = true;
    batch->loopNames = {"a", "b"};
    LoopRow a, b;
    a.name = "a";
    a.steps = 100; // before the window was there
    b.name = "b";
    batch->loops = {a, b};
    loops.apply(*batch);
    QCOMPARE(loops.entry(0).inLastBatch, 0);
    auto next = std::make_shared<Batch>();
    next->at = Time(std::chrono::seconds(1001));
    a.steps = 103;
    b.steps = 1;
    next->loops = {a, b};
    loops.apply(*next);
    QCOMPARE(loops.entry(0).inLastBatch, 3);
    QCOMPARE(loops.share(0), 0.75);
    QCOMPARE(loops.share(1), 0.25);
    QVERIFY(loops.advance(1030));
    QCOMPARE(loops.share(0), 0.75);
    QVERIFY(!loops.advance(1062)); // the minute is over
    QCOMPARE(loops.share(0), 0.0);
}

void ModelsTest::revisionsKnowCausesAndEffects() {
    Session session(commands_);
    session.take(tests::firstBatch());
    RevisionsModel& revisions = *session.revisions();
    QCOMPARE(revisions.data(revisions.index(0), RevisionsModel::RevisionRole).toLongLong(), 2318);
    QCOMPARE(revisions.rowOf(2318), 0);
    QCOMPARE(revisions.rowOf(1419), 899);
    QCOMPARE(revisions.rowOf(1), -1);
    const QVariantMap about = revisions.about(2315);
    QVERIFY(about.value("causes").toList().size() >= 2);
    const QVariantList effects = about.value("ledTo").toList();
    QCOMPARE(effects.size(), 1);
    QCOMPARE(effects.front().toMap().value("revision").toLongLong(), 2316);
    QVERIFY(revisions.about(7).isEmpty());
}

void ModelsTest::revisionsAreBounded() {
    Session session(commands_);
    session.take(tests::firstBatch());
    auto many = std::make_shared<Batch>();
    for (int i = 0; i < RevisionsModel::kRowsMax + 100; ++i) {
        RevisionRow row;
        row.revision = 10000 + i;
        many->revisions.push_back(row);
    }
    session.take(many);
    QCOMPARE(session.revisions()->count(), RevisionsModel::kRowsMax);
    QCOMPARE(session.revisions()->rows().front().revision, 10000 + RevisionsModel::kRowsMax + 99);
}

void ModelsTest::tableFollowsChanges() {
    Session session(commands_);
    session.take(tests::firstBatch());
    session.openKind(QStringLiteral("pods"));
    QVERIFY(session.objects()->loading());
    QCOMPARE(commands_.calls.back(), "openKind pods");
    auto batch = std::make_shared<Batch>();
    batch->at = Time(std::chrono::seconds(5000));
    TableChange change;
    change.id = "pods";
    change.reset = true;
    change.columns = {
        {"Name", "string", 0}, {"Ready", "string", 0}, {"Node", "string", 1}, {"Age", "date", 0}};
    change.upserts = {{"/registry/pods/default/b", "default", "b", {"b", "1/1", "w1", "4880"}},
                      {"/registry/pods/default/a", "default", "a", {"a", "0/1", "w1", "4990"}}};
    batch->tables = {change};
    session.take(batch);
    ObjectsModel& objects = *session.objects();
    QVERIFY(!objects.loading());
    QCOMPARE(objects.columns(),
             QStringList({"Namespace", "Name", "Ready", "Age"})); // wide columns are left out
    QCOMPARE(objects.data(objects.index(0), ObjectsModel::CellsRole).toStringList(),
             QStringList({"default", "a", "0/1", "10s"}));
    QCOMPARE(objects.data(objects.index(1), ObjectsModel::CellsRole).toStringList(),
             QStringList({"default", "b", "1/1", "2m"}));
    objects.setNow(5030);
    QCOMPARE(objects.data(objects.index(0), ObjectsModel::CellsRole).toStringList().back(),
             QStringLiteral("40s"));
    objects.setFilter(QStringLiteral("b"));
    QCOMPARE(objects.count(), 1);
    auto gone = std::make_shared<Batch>();
    TableChange less;
    less.id = "pods";
    less.gone = {"/registry/pods/default/b"};
    gone->tables = {less};
    session.take(gone);
    QCOMPARE(objects.count(), 0);
    objects.setFilter({});
    QCOMPARE(objects.count(), 1);
}

void ModelsTest::keysOpenAndClose() {
    Session session(commands_);
    session.take(tests::firstBatch());
    const int closed = session.keys()->count();
    session.toggleKeys(QStringLiteral("/registry/pods/"));
    QCOMPARE(commands_.calls.back(), "open /registry/pods/");
    auto batch = std::make_shared<Batch>();
    batch->keys = {{"/registry/pods/", {{"/registry/pods/default/a", "default/a", 3, 100}}, 40}};
    session.take(batch);
    QCOMPARE(session.keys()->count(), closed + 2); // the key, and "and 40 more"
    session.toggleKeys(QStringLiteral("/registry/pods/"));
    QCOMPARE(session.keys()->count(), closed);
    QCOMPARE(commands_.calls.back(), "close /registry/pods/");
}

void ModelsTest::paletteFinds() {
    Session session(commands_);
    session.take(tests::firstBatch());
    session.search(QStringLiteral("pause"));
    QCOMPARE(session.palette()->count(), 1);
    QCOMPARE(
        session.palette()->data(session.palette()->index(0), PaletteModel::TargetRole).toString(),
        QStringLiteral("action:pause-all"));
    session.search(QStringLiteral("shop"));
    QCOMPARE(commands_.calls.back(), "find shop");
    auto batch = std::make_shared<Batch>();
    auto found = std::make_shared<Found>();
    found->text = "shop";
    found->rows = {{"/registry/deployments/default/shop", "Deployment", "default", "shop"}};
    batch->found = found;
    session.take(batch);
    QCOMPARE(
        session.palette()->data(session.palette()->index(0), PaletteModel::TargetRole).toString(),
        QStringLiteral("/registry/deployments/default/shop"));
    // An answer to what is no longer asked is dropped.
    session.search(QStringLiteral("zzzz"));
    session.take(batch);
    QCOMPARE(session.palette()->count(), 0);
}

void ModelsTest::sessionPassesWishesOn() {
    Session session(commands_);
    session.take(tests::firstBatch());
    session.togglePause(); // one loop is paused: everything goes on
    QCOMPARE(commands_.calls.back(), "resume ");
    session.pauseLoop(QStringLiteral("job-controller"));
    QCOMPARE(commands_.calls.back(), "pause job-controller");
    session.inspectPod(QStringLiteral("default/shop-w1-0"));
    QCOMPARE(commands_.calls.back(), "inspect /registry/pods/default/shop-w1-0 0 0");
    QVERIFY(session.inspector()->loading());
    session.take(tests::inspectionBatch("/registry/pods/default/other")); // not what was asked
    QVERIFY(session.inspector()->loading());
    session.take(tests::inspectionBatch("/registry/pods/default/shop-w1-0"));
    QVERIFY(session.inspector()->exists());
    QCOMPARE(session.inspector()->stations().size(), kStationCount);
    QCOMPARE(session.inspector()->reached(), 9);
    QCOMPARE(session.inspector()->grid().size(), 3);
    auto failed = std::make_shared<Batch>();
    failed->failure = "127.0.0.1:6443 is taken";
    session.take(failed);
    QCOMPARE(session.phase(), Session::Failed);
    QCOMPARE(session.failure(), QStringLiteral("127.0.0.1:6443 is taken"));
}

void ModelsTest::filesThatCannotBeReadAreSaid() {
    Session session(commands_);
    session.applyFiles({QUrl::fromLocalFile(QStringLiteral("/nowhere/at-all.yaml"))});
    QCOMPARE(session.applied().size(), 1);
    QCOMPARE(session.applied().front().toMap().value("what").toString(), QStringLiteral("failed"));
    QVERIFY(commands_.calls.empty());
}

void ModelsTest::words_data() {
    QTest::addColumn<QString>("made");
    QTest::addColumn<QString>("wanted");
    QTest::newRow("number") << groupedNumber(1234567) << QString::fromUtf16(u"1\u00A0234\u00A0567");
    QTest::newRow("small") << groupedNumber(12) << QStringLiteral("12");
    QTest::newRow("negative") << groupedNumber(-1234) << QString::fromUtf16(u"-1\u00A0234");
    QTest::newRow("bytes") << sizeText(2764) << QStringLiteral("2.7 KB");
    QTest::newRow("ms") << millisText(0.213) << QStringLiteral("0.21 ms");
    QTest::newRow("none") << millisText(0) << QStringLiteral("0 ms");
    QTest::newRow("s") << millisText(1234) << QStringLiteral("1.2 s");
    QTest::newRow("controller") << loopTitle("replicaset-controller")
                                << QStringLiteral("replicaset");
    QTest::newRow("kubelet") << loopTitle("kubelet/node-1") << QStringLiteral("kubelet node-1");
    QTest::newRow("scheduler") << loopTitle("default-scheduler") << QStringLiteral("scheduler");
    QTest::newRow("decision") << splitDecision("create Pod (2 of 3 replicas missing)").because
                              << QStringLiteral("2 of 3 replicas missing");
    QTest::newRow("because") << splitDecision("scaled to 5, because spec.replicas is 5").what
                             << QStringLiteral("scaled to 5");
    QTest::newRow("colon") << splitDecision("patch pods web: it is not ready").because
                           << QStringLiteral("it is not ready");
    QTest::newRow("plain") << splitDecision("nothing to do").because << QString();
}

void ModelsTest::words() {
    QFETCH(QString, made);
    QFETCH(QString, wanted);
    QCOMPARE(made, wanted);
}

ORRERY_TEST(ModelsTest)
#include "models_test.moc"
