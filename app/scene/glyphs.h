// Shapes drawn by one shader from one vertex buffer: pods, rings, arcs, beads, ticks, bars. Colours
// are premultiplied when they are added.
#pragma once
#include <QtGui/QColor>
#include <QtQuick/QQuickItem>
#include <QtQuick/QSGGeometryNode>
#include <vector>

namespace orrery::app {

// The numbers are the shader's (glyph.frag); 1..7 are the phases, in the order of PodShape.
enum class Shape : std::uint8_t {
    Disc = 0,
    Pending = 1,
    Starting = 2,
    Running = 3,
    Succeeded = 4,
    Failed = 5,
    Terminating = 6,
    Unknown = 7,
    Ring = 8,
    DashedRing = 9,
    Arc = 10,
    Line = 11,
    Box = 12,
    BoxOutline = 13,
};

// What one draw call draws. Units: item pixels, radians clockwise from "up".
class GlyphList {
  public:
    struct Vertex {
        float x, y, localX, localY, shape, a, b, c;
        std::uint8_t color[4];
    };
    void clear() { vertices_.clear(); }
    bool empty() const { return vertices_.empty(); }
    const std::vector<Vertex>& vertices() const { return vertices_; }

    // A phase or a disc.
    void add(Shape shape, QPointF centre, qreal radius, const QColor& color);
    void ring(QPointF centre, qreal radius, qreal width, const QColor& color);
    void dashedRing(QPointF centre, qreal radius, qreal width, int dashes, const QColor& color);
    // From `start`, `extent` further.
    void arc(QPointF centre, qreal radius, qreal width, qreal start, qreal extent,
             const QColor& color);
    void line(QPointF from, QPointF to, qreal width, const QColor& color);
    void box(const QRectF& rect, qreal cornerRadius, const QColor& color);
    void boxOutline(const QRectF& rect, qreal cornerRadius, const QColor& color);
    void dashedOutline(const QRectF& rect, const QColor& color);

  private:
    void quad(QPointF centre, qreal halfWidth, qreal halfHeight, qreal angle, Shape shape, float a,
              float b, float c, const QColor& color);
    std::vector<Vertex> vertices_;
};

// A scene-graph node for one list. Belongs to the render thread.
class GlyphNode : public QSGGeometryNode {
  public:
    GlyphNode();
    void setGlyphs(const GlyphList& list);

  private:
    QSGGeometry geometry_;
};

// Where the point at angle `angle` of a circle is.
QPointF onCircle(QPointF centre, qreal radius, qreal angle);

} // namespace orrery::app
