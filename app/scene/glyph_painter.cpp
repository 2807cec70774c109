#include "app/scene/glyph_painter.h"

#include <QtGui/QPainter>
#include <QtGui/QPainterPath>
#include <QtQuick/QQuickWindow>
#include <cmath>

namespace orrery::app {

namespace {

bool isSoftware(const QQuickWindow& window) {
    return window.rendererInterface()->graphicsApi() == QSGRendererInterface::Software;
}

// One shape around the origin, as the list's four corners describe it.
struct Drawn {
    Shape shape;
    qreal r, b, c;
    QColor color;
};

void ring(QPainter& painter, qreal radius, qreal width, const QColor& color) {
    painter.setPen(QPen(color, width));
    painter.setBrush(Qt::NoBrush);
    painter.drawEllipse(QPointF(), radius - width / 2, radius - width / 2);
}

void dashes(QPainter& painter, qreal radius, qreal width, int count, qreal fill,
            const QColor& color) {
    painter.setPen(QPen(color, width, Qt::SolidLine, Qt::FlatCap));
    const qreal middle = radius - width / 2, share = 360.0 / count;
    const QRectF circle(-middle, -middle, 2 * middle, 2 * middle);
    for (int i = 0; i < count; ++i)
        painter.drawArc(circle, std::lround(16 * share * i), std::lround(16 * share * fill));
}

void strokes(QPainter& painter, const QPolygonF& points, qreal width, const QColor& color) {
    painter.setPen(QPen(color, width, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(points);
}

// A disc with a sign cut out of it.
void cutDisc(QPainter& painter, const Drawn& drawn) {
    QPainterPath disc, sign;
    disc.addEllipse(QPointF(), drawn.r, drawn.r);
    if (drawn.shape == Shape::Failed) {
        QPainterPath cross;
        const qreal arm = 0.34 * drawn.r;
        cross.moveTo(-arm, -arm);
        cross.lineTo(arm, arm);
        cross.moveTo(-arm, arm);
        cross.lineTo(arm, -arm);
        QPainterPathStroker stroker;
        stroker.setWidth(0.24 * drawn.r);
        stroker.setCapStyle(Qt::RoundCap);
        sign = stroker.createStroke(cross);
    } else {
        QFont font = painter.font();
        font.setPixelSize(std::max(2, static_cast<int>(drawn.r * 1.5)));
        sign.addText(QPointF(-0.4 * drawn.r, 0.55 * drawn.r), font, QStringLiteral("?"));
    }
    painter.fillPath(disc.subtracted(sign), drawn.color);
}

void phase(QPainter& painter, const Drawn& drawn) {
    const qreal r = drawn.r, stroke = std::max(r * 0.28, 0.75);
    switch (drawn.shape) {
    case Shape::Pending:
        return ring(painter, r, stroke, drawn.color);
    case Shape::Starting:
        ring(painter, r, stroke, drawn.color);
        painter.setPen(Qt::NoPen);
        painter.setBrush(drawn.color);
        return painter.drawPie(QRectF(-r, -r, 2 * r, 2 * r), 90 * 16, 180 * 16);
    case Shape::Succeeded:
        ring(painter, r, std::max(r * 0.18, 0.6), drawn.color);
        return strokes(painter,
                       {{-0.40 * r, 0.02 * r}, {-0.10 * r, 0.32 * r}, {0.42 * r, -0.28 * r}},
                       0.22 * r, drawn.color);
    case Shape::Terminating:
        return dashes(painter, r, stroke, 8, 0.55, drawn.color);
    default:
        return cutDisc(painter, drawn);
    }
}

void draw(QPainter& painter, const Drawn& drawn) {
    const QRectF box(-drawn.r, -drawn.b, 2 * drawn.r, 2 * drawn.b);
    switch (drawn.shape) {
    case Shape::Disc:
    case Shape::Running:
        painter.setPen(Qt::NoPen);
        painter.setBrush(drawn.color);
        return painter.drawEllipse(QPointF(), drawn.r, drawn.r);
    case Shape::Ring:
        return ring(painter, drawn.r, drawn.b, drawn.color);
    case Shape::DashedRing:
        return dashes(painter, drawn.r, drawn.b, static_cast<int>(drawn.c), 0.6, drawn.color);
    case Shape::Arc: {
        painter.setPen(QPen(drawn.color, drawn.b, Qt::SolidLine, Qt::RoundCap));
        const qreal middle = drawn.r - drawn.b / 2, degrees = drawn.c * 180 / 3.14159265358979;
        return painter.drawArc(QRectF(-middle, -middle, 2 * middle, 2 * middle),
                               std::lround(16 * (90 - degrees)), std::lround(32 * degrees));
    }
    case Shape::Line:
        return strokes(painter, {{-drawn.r, 0}, {drawn.r, 0}}, drawn.b * 2, drawn.color);
    case Shape::Box:
        painter.setPen(Qt::NoPen);
        painter.setBrush(drawn.color);
        return painter.drawRoundedRect(box, drawn.c, drawn.c);
    case Shape::BoxOutline:
        painter.setPen(QPen(drawn.color, 1));
        painter.setBrush(Qt::NoBrush);
        return painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), drawn.c, drawn.c);
    default:
        return phase(painter, drawn);
    }
}

} // namespace

void GlyphPainterNode::setGlyphs(const GlyphList& list) {
    list_ = list;
    bounds_ = {};
    for (const GlyphList::Vertex& vertex : list_.vertices())
        bounds_ |= QRectF(vertex.x - 0.5, vertex.y - 0.5, 1, 1);
    markDirty(DirtyMaterial);
}

void GlyphPainterNode::render(const RenderState* state) {
    auto* painter = static_cast<QPainter*>(
        window_.rendererInterface()->getResource(&window_, QSGRendererInterface::PainterResource));
    if (!painter)
        return;
    painter->save();
    if (const QRegion* clip = state->clipRegion(); clip && !clip->isEmpty())
        painter->setClipRegion(*clip, Qt::ReplaceClip);
    painter->setOpacity(inheritedOpacity());
    painter->setRenderHint(QPainter::Antialiasing);
    const QTransform whole = matrix()->toTransform();
    const auto& vertices = list_.vertices();
    for (std::size_t i = 0; i + 3 < vertices.size(); i += 4) {
        const GlyphList::Vertex &first = vertices[i], &second = vertices[i + 1],
                                &last = vertices[i + 3];
        const int alpha = first.color[3];
        if (alpha == 0)
            continue;
        const auto plain = [alpha](int channel) { return std::min(255, channel * 255 / alpha); };
        QTransform place = whole;
        place = QTransform::fromTranslate((first.x + last.x) / 2, (first.y + last.y) / 2) * place;
        place =
            QTransform().rotateRadians(std::atan2(second.y - first.y, second.x - first.x)) * place;
        painter->setTransform(place);
        draw(*painter,
             {static_cast<Shape>(static_cast<int>(first.shape)), first.a, first.b, first.c,
              QColor(plain(first.color[0]), plain(first.color[1]), plain(first.color[2]), alpha)});
    }
    painter->restore();
}

QSGNode* makeGlyphNode(QQuickWindow& window) {
    if (isSoftware(window))
        return new GlyphPainterNode(window);
    return new GlyphNode;
}

void setGlyphs(QSGNode& node, QQuickWindow& window, const GlyphList& list) {
    if (isSoftware(window))
        static_cast<GlyphPainterNode&>(node).setGlyphs(list);
    else
        static_cast<GlyphNode&>(node).setGlyphs(list);
}

} // namespace orrery::app
