#include "app/bridge/view.h"

#include <QtCore/QFile>
#include <QtGui/QFontDatabase>
#include <QtGui/QPainter>
#include <QtQml/QQmlApplicationEngine>
#include <QtQml/QQmlEngineExtensionPlugin>
#include <QtQuick/QQuickImageProvider>
#include <QtQuick/QQuickWindow>
#include <QtSvg/QSvgRenderer>

#include "app/bridge/session.h"

namespace orrery::app {

namespace {

// "image://icon/NAME/RRGGBB": a line icon in a colour, sharp at the size that is asked for.
class IconProvider : public QQuickImageProvider {
  public:
    IconProvider() : QQuickImageProvider(Image) {}
    QImage requestImage(const QString& id, QSize* size, const QSize& requested) override {
        const QString name = id.section(u'/', 0, 0), color = u'#' + id.section(u'/', 1, 1);
        QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
        QByteArray svg = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        svg.replace("currentColor", color.toLatin1());
        const QSize pixels = requested.isValid() ? requested : QSize(20, 20);
        QImage image(pixels, QImage::Format_ARGB32_Premultiplied);
        image.fill(Qt::transparent);
        QSvgRenderer renderer(svg);
        QPainter painter(&image);
        renderer.render(&painter);
        if (size)
            *size = pixels;
        return image;
    }
};

} // namespace

void registerAssets() {
    for (const char* font : {"Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf",
                             "JetBrainsMono-Regular.ttf", "JetBrainsMono-Medium.ttf"})
        QFontDatabase::addApplicationFont(QStringLiteral(":/fonts/") + QLatin1String(font));
}

void prepareEngine(QQmlEngine& engine) {
    engine.addImportPath(QStringLiteral("qrc:/qml"));
    engine.addImageProvider(QStringLiteral("icon"), new IconProvider);
}

QQuickWindow* openMainWindow(QQmlApplicationEngine& engine, Session& session,
                             const ViewOptions& options) {
    prepareEngine(engine);
    engine.setInitialProperties({{QStringLiteral("session"), QVariant::fromValue(&session)},
                                 {QStringLiteral("themeWanted"), options.theme},
                                 {QStringLiteral("page"), options.page},
                                 {QStringLiteral("motionReduced"), options.reducedMotion}});
    engine.load(QUrl(QStringLiteral("qrc:/qml/Orrery/Pages/Main.qml")));
    return engine.rootObjects().isEmpty()
               ? nullptr
               : qobject_cast<QQuickWindow*>(engine.rootObjects().constFirst());
}

} // namespace orrery::app
