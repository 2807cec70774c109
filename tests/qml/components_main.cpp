// Runs the Qt Quick Tests of tests/qml/cases with the window's modules, fonts and icons, and sample
// batches.
#include <QtQml/QQmlContext>
#include <QtQml/QQmlEngine>
#include <QtQuickTest/quicktest.h>

#include "app/bridge/session.h"
#include "app/bridge/view.h"
#include "tests/qml/sample_batches.h"

// What a case can do to the window's session: QML has it as `fixture`.
class Fixture : public QObject {
    Q_OBJECT
    Q_PROPERTY(orrery::app::Session* session READ session CONSTANT)
  public:
    Fixture() : session_(commands_) {}
    orrery::app::Session* session() { return &session_; }
    Q_INVOKABLE void takeFirst(int nodes, int podsPerNode) {
        session_.take(orrery::tests::firstBatch(nodes, podsPerNode));
    }
    Q_INVOKABLE void takeRollout(int pods, int revision) {
        session_.take(orrery::tests::rolloutBatch(pods, revision));
    }
    Q_INVOKABLE void takeInspection(const QString& key) {
        session_.take(orrery::tests::inspectionBatch(key.toStdString()));
    }
    Q_INVOKABLE QString lastCall() const {
        return commands_.calls.empty() ? QString() : QString::fromStdString(commands_.calls.back());
    }

  private:
    orrery::tests::RecordedCommands commands_;
    orrery::app::Session session_;
};

class Setup : public QObject {
    Q_OBJECT
  public slots:
    void applicationAvailable() { orrery::app::registerAssets(); }
    void qmlEngineAvailable(QQmlEngine* engine) {
        orrery::app::prepareEngine(*engine);
        engine->rootContext()->setContextProperty(QStringLiteral("fixture"), new Fixture);
    }
};

QUICK_TEST_MAIN_WITH_SETUP(orrery_components, Setup)
#include "components_main.moc"
