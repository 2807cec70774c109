#include "app/window_main.h"

#include <QtCore/QSettings>
#include <QtCore/QTimer>
#include <QtGui/QGuiApplication>
#include <QtQml/QQmlApplicationEngine>
#include <QtQuick/QQuickWindow>
#include <csignal>
#include <cstdio>

#include "app/bridge/session.h"
#include "app/bridge/view.h"
#include "app/plane/plane_thread.h"
#include "app/startup.h"

#if defined(Q_OS_UNIX)
#include <QtCore/QSocketNotifier>
#include <sys/socket.h>
#include <unistd.h>
#endif

namespace orrery::app {

namespace {

// Keeps the window open until the cluster is stopped.
class Closing : public QObject {
  public:
    Closing(QQuickWindow& window, Session& session, PlaneThread& plane)
        : window_(window), session_(session), plane_(plane) {
        window_.installEventFilter(this);
    }
    void begin() {
        if (std::exchange(begun_, true))
            return;
        QTimer::singleShot(100, this, [this] { // said only when it takes a while
            if (session_.phase() != Session::Failed)
                session_.setPhase(Session::Stopping);
        });
        plane_.stop([this] {
            QMetaObject::invokeMethod(
                this, [] { QCoreApplication::exit(0); }, Qt::QueuedConnection);
        });
    }

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() != QEvent::Close)
            return QObject::eventFilter(watched, event);
        event->ignore();
        begin();
        return true;
    }

  private:
    QQuickWindow& window_;
    Session& session_;
    PlaneThread& plane_;
    bool begun_ = false;
};

#if defined(Q_OS_UNIX)
int signalSockets[2];
void onSignal(int) {
    const char byte = 1;
    [[maybe_unused]] const auto written = ::write(signalSockets[0], &byte, 1);
}
// Ctrl+C and SIGTERM close the window like a click.
void closeOnSignals(Closing& closing) {
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, signalSockets) != 0)
        return;
    auto* notifier = new QSocketNotifier(signalSockets[1], QSocketNotifier::Read, &closing);
    QObject::connect(notifier, &QSocketNotifier::activated, &closing,
                     [&closing] { closing.begin(); });
    std::signal(SIGINT, onSignal);
    std::signal(SIGTERM, onSignal);
}
#else
void closeOnSignals(Closing&) {}
#endif

void saveScreenshot(QQuickWindow& window, const Options& options, Closing& closing) {
    QTimer::singleShot(options.screenshotAfterMs, &closing, [&window, &options, &closing] {
        const QString file = QString::fromStdString(options.screenshotFile);
        if (!window.grabWindow().save(file))
            std::fprintf(stderr, "orrery: the picture can't be written to %s\n",
                         options.screenshotFile.c_str());
        closing.begin();
    });
}

// What the user chose before: theme, motion, the window's size.
struct Preferences {
    QSettings settings{QStringLiteral("orrery"), QStringLiteral("window")};
    ViewOptions read() const {
        ViewOptions view;
        view.theme = settings.value(QStringLiteral("theme"), view.theme).toString();
        view.reducedMotion = settings.value(QStringLiteral("reducedMotion"), false).toBool();
        return view;
    }
    void restore(QQuickWindow& window) const {
        if (const QSize size = settings.value(QStringLiteral("size")).toSize(); size.isValid())
            window.resize(size);
    }
    void keep(const QQuickWindow& window) {
        settings.setValue(QStringLiteral("theme"), window.property("themeWanted"));
        settings.setValue(QStringLiteral("reducedMotion"), window.property("motionReduced"));
        settings.setValue(QStringLiteral("size"), window.size());
    }
};

} // namespace

int runWindowProgram(const Options& options, int argc, char** argv) {
    QGuiApplication app(argc, argv);
    QGuiApplication::setApplicationName(QStringLiteral("orrery"));
    QGuiApplication::setApplicationDisplayName(QStringLiteral("Orrery"));
    QGuiApplication::setApplicationVersion(QStringLiteral(ORRERY_VERSION));
    QGuiApplication::setQuitOnLastWindowClosed(false);
    registerAssets();

    Session* window = nullptr; // set before the plane starts
    PlaneThread plane([&window](BatchPtr batch) {
        QMetaObject::invokeMethod(
            window, [window, batch = std::move(batch)] { window->take(batch); },
            Qt::QueuedConnection);
    });
    Session session(plane);
    window = &session;

    const bool picture = !options.screenshotFile.empty();
    Preferences preferences;
    ViewOptions view = picture ? ViewOptions{} : preferences.read();
    if (picture) {
        view.theme = qEnvironmentVariable("ORRERY_THEME", QStringLiteral("dark"));
        view.page = options.screenshotPage.empty() ? QStringLiteral("cluster")
                                                   : QString::fromStdString(options.screenshotPage);
    }
    QQmlApplicationEngine engine;
    QQuickWindow* shown = openMainWindow(engine, session, view);
    if (!shown) {
        std::fprintf(stderr, "orrery: the window can't be opened\n");
        return 1;
    }
    if (!picture)
        preferences.restore(*shown);
    Closing closing(*shown, session, plane);
    closeOnSignals(closing);
    if (picture)
        saveScreenshot(*shown, options, closing);

    if (const Result<cluster::ClusterOptions> cluster = clusterOptions(options))
        plane.start(*cluster, options.apply);
    else
        session.setPhase(Session::Failed, QString::fromStdString(cluster.error().message));
    const int status = app.exec();
    if (!picture)
        preferences.keep(*shown);
    return status;
}

} // namespace orrery::app

extern "C" Q_DECL_EXPORT int orreryWindowMain(const orrery::app::Options* options, int argc,
                                              char** argv) {
    return orrery::app::runWindowProgram(*options, argc, argv);
}
