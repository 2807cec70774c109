// Puts the window together: fonts, icons, QML engine, main window.
#pragma once
#include <QtCore/QString>
#include <memory>

class QQmlApplicationEngine;
class QQmlEngine;
class QQuickWindow;

namespace orrery::app {

class Session;

struct ViewOptions {
    QString theme = QStringLiteral("system"); // system, dark, light, contrast
    QString page = QStringLiteral("cluster");
    bool reducedMotion = false;
    bool remember = true; // theme and window size, in the user's settings
};

// Fonts and icons; once, after QGuiApplication is there.
void registerAssets();
// Where the window's QML modules and icons are.
void prepareEngine(QQmlEngine& engine);
// The main window, or null when the QML did not load (errors are on stderr).
QQuickWindow* openMainWindow(QQmlApplicationEngine& engine, Session& session,
                             const ViewOptions& options);

} // namespace orrery::app
