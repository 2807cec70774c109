// Pictures of the window from made-up batches:
//     window_look FILE [theme] [page] [nodes] [pods a node] [travelling] [pod|none] [loops] [WxH]
#include <QtCore/QTimer>
#include <QtGui/QGuiApplication>
#include <QtQml/QQmlApplicationEngine>
#include <QtQuick/QQuickWindow>

#include "app/bridge/session.h"
#include "app/bridge/view.h"
#include "tests/qml/sample_batches.h"

int main(int argc, char** argv) {
    QGuiApplication app(argc, argv);
    const QStringList arguments = app.arguments();
    const auto argument = [&arguments](int index, const char* otherwise) {
        return arguments.size() > index ? arguments[index] : QString::fromLatin1(otherwise);
    };
    const QString file = argument(1, "/tmp/look.png");
    orrery::app::registerAssets();
    orrery::tests::RecordedCommands commands;
    orrery::app::Session session(commands);
    QQmlApplicationEngine engine;
    orrery::app::ViewOptions options;
    options.theme = argument(2, "dark");
    options.page = argument(3, "cluster");
    options.remember = false;
    QQuickWindow* window = nullptr;
    if (const QString sources = qEnvironmentVariable("ORRERY_QML_SOURCES"); !sources.isEmpty()) {
        // The QML of a folder with Orrery/Theme, ... and their qmldir files, to try changes without
        // a build.
        orrery::app::prepareEngine(engine);
        engine.addImportPath(sources);
        engine.setInitialProperties({{"session", QVariant::fromValue(&session)},
                                     {"themeWanted", options.theme},
                                     {"page", options.page}});
        engine.load(QUrl::fromLocalFile(sources + "/Orrery/Pages/Main.qml"));
        window = engine.rootObjects().isEmpty()
                     ? nullptr
                     : qobject_cast<QQuickWindow*>(engine.rootObjects().constFirst());
    } else {
        window = orrery::app::openMainWindow(engine, session, options);
    }
    if (!window)
        return 1;
    if (const QStringList sides = argument(9, "").split(u'x'); sides.size() == 2)
        window->resize(sides[0].toInt(), sides[1].toInt());
    session.take(orrery::tests::firstBatch(argument(4, "3").toInt(), argument(5, "13").toInt(),
                                           argument(8, "14").toInt()));
    if (argument(7, "pod") == "pod") {
        session.inspectPod(QStringLiteral("default/shop-w2-12"));
        session.take(orrery::tests::inspectionBatch("/registry/pods/default/shop-w2-12"));
    }
    const int travelling = argument(6, "3").toInt();
    QTimer::singleShot(700, [&] {
        if (travelling > 0)
            session.take(orrery::tests::rolloutBatch(travelling, 2319));
    });
    QTimer::singleShot(700 + (travelling > 0 ? 260 : 300), [&] {
        window->grabWindow().save(file);
        app.quit();
    });
    return app.exec();
}
