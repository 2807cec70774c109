// The real window with a real cluster: files dropped, a loop paused and stepped, a pod selected,
// the window closed and opened again. Pictures go to build/.../pictures, to be looked at.
#include <QtCore/QDir>
#include <QtCore/QMimeData>
#include <QtCore/QRegularExpression>
#include <QtCore/QTemporaryDir>
#include <QtGui/QDropEvent>
#include <QtGui/QGuiApplication>
#include <QtQml/QQmlApplicationEngine>
#include <QtQuick/QQuickItem>
#include <QtQuick/QQuickWindow>
#include <QtTest/QtTest>
#include <future>

#include "app/bridge/session.h"
#include "app/bridge/view.h"
#include "app/plane/plane_thread.h"

using namespace orrery;
using namespace orrery::app;

namespace {

// A window with its cluster, as window_main makes it.
struct Program {
    Session* target = nullptr;
    PlaneThread plane;
    Session session;
    QQmlApplicationEngine engine;
    QQuickWindow* window = nullptr;

    explicit Program(const QString& folder, const QString& theme = QStringLiteral("dark"))
        : plane([this](BatchPtr batch) {
              QMetaObject::invokeMethod(
                  target, [this, batch] { target->take(batch); }, Qt::QueuedConnection);
          }),
          session(plane) {
        target = &session;
        ViewOptions view;
        view.theme = theme;
        view.remember = false;
        window = openMainWindow(engine, session, view);
        cluster::ClusterOptions options;
        options.dataDir = folder.toStdString() + "/workshop";
        options.listenPort = 0;
        options.kubeconfigPath = folder.toStdString() + "/kubeconfig";
        plane.start(options, {});
    }
    void stop() {
        std::promise<void> stopped;
        plane.stop([&stopped] { stopped.set_value(); });
        stopped.get_future().wait();
    }
    void picture(const QString& name) {
        QDir().mkpath(QStringLiteral(ORRERY_PICTURES_DIR));
        const QImage image = window->grabWindow();
        QVERIFY(!image.isNull());
        QVERIFY(
            image.save(QStringLiteral(ORRERY_PICTURES_DIR "/") + name + QStringLiteral(".png")));
    }
    int podsOf(PodShape shape) {
        const auto& rows = session.pods()->rows();
        return static_cast<int>(std::count_if(
            rows.begin(), rows.end(), [shape](const PodRow& row) { return row.shape == shape; }));
    }
    QString pageShown() { return window->property("page").toString(); }
};

QUrl writeFile(const QTemporaryDir& folder, const QString& name, const QByteArray& text) {
    QFile file(folder.filePath(name));
    return file.open(QIODevice::WriteOnly) && file.write(text) == text.size()
               ? QUrl::fromLocalFile(file.fileName())
               : QUrl();
}

const char* const kWeb = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 6
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: web:1
        resources: {requests: {cpu: 100m, memory: 64Mi}}
---
apiVersion: v1
kind: Pod
metadata: {name: giant}
spec:
  containers:
  - name: giant
    image: giant:1
    resources: {requests: {cpu: "500"}}
)";

} // namespace

class DriveTest : public QObject {
    Q_OBJECT
    QTemporaryDir folder_;
    std::unique_ptr<Program> program_;
    Session& session() { return program_->session; }

    void drop(const QList<QUrl>& urls) {
        QMimeData files;
        files.setUrls(urls);
        const QPointF middle(program_->window->width() / 2.0, program_->window->height() / 2.0);
        QDragEnterEvent enter(middle.toPoint(), Qt::CopyAction, &files, Qt::LeftButton,
                              Qt::NoModifier);
        QCoreApplication::sendEvent(program_->window, &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent event(middle, Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(program_->window, &event);
        QVERIFY(event.isAccepted());
    }
    QVariantList applied() {
        [&] {
            QTRY_VERIFY_WITH_TIMEOUT(!session().applying() && !session().applied().isEmpty(),
                                     15000);
        }();
        return session().applied();
    }
    void closeSheet() {
        QTest::keyClick(program_->window, Qt::Key_Escape);
        QTRY_VERIFY(session().applied().isEmpty());
    }

  private slots:
    void initTestCase() {
        QVERIFY(folder_.isValid());
        program_ = std::make_unique<Program>(folder_.path());
        QVERIFY(program_->window);
        program_->window->requestActivate();
        QVERIFY(QTest::qWaitForWindowActive(program_->window));
    }
    // What QML complains about, somebody sees wrong.
    void init() { QTest::failOnWarning(QRegularExpression("qrc:/qml/")); }
    void cleanupTestCase() {
        if (program_)
            program_->stop();
    }

    void a_clusterAppears() {
        QTRY_COMPARE_WITH_TIMEOUT(session().phase(), Session::Running, 20000);
        QTRY_COMPARE_WITH_TIMEOUT(session().nodes()->count(), 3, 20000);
        QTRY_VERIFY_WITH_TIMEOUT(session().loops()->count() > 10, 10000);
        QVERIFY(session().revisions()->count() > 0);
        QVERIFY(session().kinds()->all().size() > 40);
    }

    void b_brokenFilesApplyNothing() {
        drop({writeFile(
            folder_, "broken.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: half}\n---\nkind: [oops\n")});
        const QVariantList rows = applied();
        QCOMPARE(rows.size(), 1);
        QCOMPARE(rows[0].toMap().value("what").toString(), QStringLiteral("failed"));
        const QString message = rows[0].toMap().value("message").toString();
        QVERIFY2(QRegularExpression("broken\\.yaml.*line \\d+").match(message).hasMatch(),
                 qPrintable(message));
        QTest::qWait(300);
        program_->picture("broken-file");
        closeSheet();
        session().search(QStringLiteral("half"));
        QTest::qWait(500);
        QCOMPARE(session().palette()->count(), 0);
    }

    void c_droppedFilesComeToLife() {
        drop({writeFile(folder_, "web.yaml", kWeb)});
        const QVariantList rows = applied();
        QCOMPARE(rows.size(), 2);
        for (const QVariant& row : rows)
            QCOMPARE(row.toMap().value("what").toString(), QStringLiteral("created"));
        QTest::qWait(300);
        program_->picture("applied");
        closeSheet();
        QTRY_COMPARE_WITH_TIMEOUT(program_->podsOf(PodShape::Running), 6, 30000);
        QTRY_COMPARE_WITH_TIMEOUT(session().pods()->waitingCount(), 1, 5000);
        QVERIFY(session().pods()->waitingReason().contains("Insufficient cpu"));
        QTest::qWait(900);
        program_->picture("cluster");
    }

    void d_aPodTellsItsStory() {
        std::string key;
        for (const PodRow& row : session().pods()->rows())
            if (row.name.starts_with("web-"))
                key = row.key;
        session().inspectPod(QString::fromStdString(key));
        QTRY_VERIFY_WITH_TIMEOUT(session().inspector()->exists(), 5000);
        const Inspector& shown = *session().inspector();
        QVERIFY(shown.yaml().contains("kind: Pod"));
        QVERIFY2(shown.why().size() >= 3, qPrintable(QString::number(shown.why().size())));
        QStringList who;
        for (const QVariant& row : shown.why())
            who << row.toMap().value("who").toString();
        QVERIFY2(who.contains("replicaset-controller"), qPrintable(who.join(", ")));
        QCOMPARE(shown.reached(), kStationCount - 1);
        QStringList missing;
        for (const QVariant& row : shown.stations())
            if (!row.toMap().value("reached").toBool())
                missing << row.toMap().value("name").toString();
        QVERIFY2(missing.isEmpty(), qPrintable(missing.join(", ")));
        QVERIFY(shown.attempt() >= 1);
        QCOMPARE(shown.grid().size(), 3);
        QVERIFY(!shown.versions().isEmpty());
        QVERIFY(!shown.diff().isEmpty());
        QVERIFY(!shown.events().isEmpty());
        QTest::qWait(200);
        program_->picture("pod");
    }

    void e_aPausedLoopDoesNothing() {
        program_->window->setProperty("page", "loops");
        session().selectLoop(QStringLiteral("replicaset-controller"));
        session().pauseLoop(QStringLiteral("replicaset-controller"));
        const int row = session().loops()->indexOf("replicaset-controller");
        QVERIFY(row >= 0);
        QTRY_VERIFY(session().loops()->entry(row).row.paused);
        std::string victim;
        for (const PodRow& pod : session().pods()->rows())
            if (pod.name.starts_with("web-"))
                victim = pod.key;
        drop({writeFile(folder_, "more.yaml",
                        QByteArray(kWeb).replace("replicas: 6", "replicas: 9"))});
        applied();
        closeSheet();
        QTRY_VERIFY_WITH_TIMEOUT(session().loops()->entry(row).row.queueLength > 0, 8000);
        QTest::qWait(500);
        QCOMPARE(program_->podsOf(PodShape::Running), 6);
        program_->picture("loops");
        session().stepLoop(QStringLiteral("replicaset-controller"));
        QTRY_COMPARE_WITH_TIMEOUT(program_->podsOf(PodShape::Running), 9, 20000);
        session().resumeLoop(QStringLiteral("replicaset-controller"));
        QTRY_VERIFY(!session().loops()->entry(row).row.paused);
        QTest::keyClick(program_->window, Qt::Key_Space);
        QTRY_VERIFY(session().loops()->allPaused());
        QTest::keyClick(program_->window, Qt::Key_Space);
        QTRY_COMPARE(session().loops()->pausedCount(), 0);
    }

    void f_pagesByKey() {
        const QStringList pages = {"cluster", "loops", "store", "objects"};
        for (int i = 0; i < pages.size(); ++i) {
            QTest::keyClick(program_->window, static_cast<Qt::Key>(Qt::Key_1 + i),
                            Qt::ControlModifier);
            QTRY_COMPARE(program_->pageShown(), pages[i]);
        }
        QTRY_VERIFY_WITH_TIMEOUT(session().objects()->count() >= 10, 5000); // pods are listed first
        session().openKind(QStringLiteral("deployments.apps"));
        QTRY_COMPARE_WITH_TIMEOUT(session().objects()->count(), 1, 5000);
        QVERIFY(session().objects()->columns().contains("Ready"));
        QTest::qWait(200);
        program_->picture("objects");
        session().inspect(QStringLiteral("/registry/deployments/default/web"));
        session().toggleKeys(QStringLiteral("/registry/deployments/"));
        QTest::keyClick(program_->window, Qt::Key_3, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(session().inspector()->versions().size() >= 2, 5000);
        QTest::qWait(200);
        program_->picture("store");
    }

    void g_addNode() {
        session().addNode();
        QTRY_COMPARE_WITH_TIMEOUT(session().nodes()->count(), 4, 10000);
        QTest::keyClick(program_->window, Qt::Key_1, Qt::ControlModifier);
        QTest::qWait(300);
        program_->picture("four-nodes");
    }

    void h_palette() {
        QTest::keyClick(program_->window, Qt::Key_K, Qt::ControlModifier);
        QTest::qWait(300);
        for (const char letter : {'w', 'e', 'b'})
            QTest::keyClick(program_->window, letter);
        QTRY_VERIFY_WITH_TIMEOUT(session().palette()->count() > 5, 5000);
        QTest::qWait(200);
        program_->picture("palette");
        QTest::keyClick(program_->window, Qt::Key_Escape);
    }

    void i_reopenedItContinues() {
        const qsizetype pods = session().pods()->count();
        QElapsedTimer clock;
        clock.start();
        program_->stop();
        qInfo("stopped in %lld ms", static_cast<long long>(clock.elapsed()));
        program_.reset();
        program_ = std::make_unique<Program>(folder_.path(), QStringLiteral("light"));
        QTRY_COMPARE_WITH_TIMEOUT(session().phase(), Session::Running, 20000);
        QTRY_COMPARE_WITH_TIMEOUT(static_cast<qsizetype>(session().pods()->count()), pods, 20000);
        QTRY_COMPARE_WITH_TIMEOUT(program_->podsOf(PodShape::Running), 9, 30000);
        QCOMPARE(session().nodes()->count(), 4);
        QVERIFY(QTest::qWaitForWindowExposed(program_->window));
        QTest::qWait(1200);
        program_->picture("cluster-light");
    }

    void j_aSecondWindowOnTheFolderIsRefused() {
        Program second(folder_.path());
        QTRY_COMPARE_WITH_TIMEOUT(second.session.phase(), Session::Failed, 10000);
        QVERIFY(!second.session.failure().isEmpty());
        QVERIFY(QTest::qWaitForWindowExposed(second.window));
        second.picture("refused");
        second.stop();
    }
};

int main(int argc, char** argv) {
    QGuiApplication app(argc, argv);
    QGuiApplication::setQuitOnLastWindowClosed(false);
    registerAssets();
    DriveTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "drive_test.moc"
