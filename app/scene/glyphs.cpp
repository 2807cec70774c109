#include "app/scene/glyphs.h"

#include <QtQuick/QSGMaterial>
#include <cmath>
#include <cstring>

namespace orrery::app {

namespace {

class GlyphShader : public QSGMaterialShader {
  public:
    GlyphShader() {
        setShaderFileName(VertexStage, QStringLiteral(":/shaders/glyph.vert.qsb"));
        setShaderFileName(FragmentStage, QStringLiteral(":/shaders/glyph.frag.qsb"));
    }
    bool updateUniformData(RenderState& state, QSGMaterial*, QSGMaterial*) override {
        QByteArray* buffer = state.uniformData();
        bool changed = false;
        if (state.isMatrixDirty()) {
            const QMatrix4x4 matrix = state.combinedMatrix();
            std::memcpy(buffer->data(), matrix.constData(), 64);
            changed = true;
        }
        if (state.isOpacityDirty()) {
            const float opacity = state.opacity();
            std::memcpy(buffer->data() + 64, &opacity, 4);
            changed = true;
        }
        return changed;
    }
};

class GlyphMaterial : public QSGMaterial {
  public:
    GlyphMaterial() { setFlag(Blending); }
    QSGMaterialType* type() const override {
        static QSGMaterialType type;
        return &type;
    }
    int compare(const QSGMaterial*) const override { return 0; }
    QSGMaterialShader* createShader(QSGRendererInterface::RenderMode) const override {
        return new GlyphShader;
    }
};

const QSGGeometry::AttributeSet& attributes() {
    static const QSGGeometry::Attribute list[] = {
        QSGGeometry::Attribute::create(0, 2, QSGGeometry::FloatType, true),
        QSGGeometry::Attribute::create(1, 2, QSGGeometry::FloatType),
        QSGGeometry::Attribute::create(2, 4, QSGGeometry::FloatType),
        QSGGeometry::Attribute::create(3, 4, QSGGeometry::UnsignedByteType),
    };
    static const QSGGeometry::AttributeSet set = {4, sizeof(GlyphList::Vertex), list};
    return set;
}

constexpr qreal kMargin = 1.5; // room for the soft edge

} // namespace

void GlyphList::quad(QPointF centre, qreal halfWidth, qreal halfHeight, qreal angle, Shape shape,
                     float a, float b, float c, const QColor& color) {
    const float alpha = color.alphaF();
    const auto premultiplied = [alpha](float channel) {
        return static_cast<std::uint8_t>(std::lround(channel * alpha * 255));
    };
    const qreal sine = std::sin(angle), cosine = std::cos(angle);
    const qreal w = halfWidth + kMargin, h = halfHeight + kMargin;
    const qreal corners[4][2] = {{-w, -h}, {w, -h}, {-w, h}, {w, h}};
    for (const auto& [x, y] : corners) {
        Vertex vertex{};
        vertex.x = static_cast<float>(centre.x() + x * cosine - y * sine);
        vertex.y = static_cast<float>(centre.y() + x * sine + y * cosine);
        vertex.localX = static_cast<float>(x);
        vertex.localY = static_cast<float>(y);
        vertex.shape = static_cast<float>(shape);
        vertex.a = a;
        vertex.b = b;
        vertex.c = c;
        vertex.color[0] = premultiplied(color.redF());
        vertex.color[1] = premultiplied(color.greenF());
        vertex.color[2] = premultiplied(color.blueF());
        vertex.color[3] = static_cast<std::uint8_t>(color.alpha());
        vertices_.push_back(vertex);
    }
}

void GlyphList::add(Shape shape, QPointF centre, qreal radius, const QColor& color) {
    quad(centre, radius, radius, 0, shape, static_cast<float>(radius), 0, 0, color);
}
void GlyphList::ring(QPointF centre, qreal radius, qreal width, const QColor& color) {
    quad(centre, radius, radius, 0, Shape::Ring, static_cast<float>(radius),
         static_cast<float>(width), 0, color);
}
void GlyphList::dashedRing(QPointF centre, qreal radius, qreal width, int dashes,
                           const QColor& color) {
    quad(centre, radius, radius, 0, Shape::DashedRing, static_cast<float>(radius),
         static_cast<float>(width), static_cast<float>(dashes), color);
}
void GlyphList::arc(QPointF centre, qreal radius, qreal width, qreal start, qreal extent,
                    const QColor& color) {
    quad(centre, radius, radius, start + extent / 2, Shape::Arc, static_cast<float>(radius),
         static_cast<float>(width), static_cast<float>(extent / 2), color);
}
void GlyphList::line(QPointF from, QPointF to, qreal width, const QColor& color) {
    const QPointF along = to - from;
    const qreal half = std::hypot(along.x(), along.y()) / 2;
    quad((from + to) / 2, half + width / 2, width / 2, std::atan2(along.y(), along.x()),
         Shape::Line, static_cast<float>(half), static_cast<float>(width / 2), 0, color);
}
void GlyphList::box(const QRectF& rect, qreal cornerRadius, const QColor& color) {
    quad(rect.center(), rect.width() / 2, rect.height() / 2, 0, Shape::Box,
         static_cast<float>(rect.width() / 2), static_cast<float>(rect.height() / 2),
         static_cast<float>(cornerRadius), color);
}
void GlyphList::boxOutline(const QRectF& rect, qreal cornerRadius, const QColor& color) {
    quad(rect.center(), rect.width() / 2, rect.height() / 2, 0, Shape::BoxOutline,
         static_cast<float>(rect.width() / 2), static_cast<float>(rect.height() / 2),
         static_cast<float>(cornerRadius), color);
}

void GlyphList::dashedOutline(const QRectF& rect, const QColor& color) {
    const auto side = [&](QPointF from, QPointF to) {
        const qreal length = std::hypot(to.x() - from.x(), to.y() - from.y());
        const int dashes = std::max(1, static_cast<int>(length / 8));
        for (int i = 0; i < dashes; ++i)
            line(from + (to - from) * ((i + 0.2) / dashes),
                 from + (to - from) * ((i + 0.7) / dashes), 1, color);
    };
    side(rect.topLeft(), rect.topRight());
    side(rect.topRight(), rect.bottomRight());
    side(rect.bottomRight(), rect.bottomLeft());
    side(rect.bottomLeft(), rect.topLeft());
}

GlyphNode::GlyphNode() : geometry_(attributes(), 0, 0, QSGGeometry::UnsignedIntType) {
    geometry_.setDrawingMode(QSGGeometry::DrawTriangles);
    setGeometry(&geometry_);
    setMaterial(new GlyphMaterial);
    setFlag(OwnsMaterial);
}

void GlyphNode::setGlyphs(const GlyphList& list) {
    const auto& vertices = list.vertices();
    const int quads = static_cast<int>(vertices.size() / 4);
    geometry_.allocate(quads * 4, quads * 6);
    if (quads > 0)
        std::memcpy(geometry_.vertexData(), vertices.data(),
                    vertices.size() * sizeof(GlyphList::Vertex));
    std::uint32_t* index = geometry_.indexDataAsUInt();
    for (int i = 0; i < quads; ++i) {
        const auto first = static_cast<std::uint32_t>(i * 4);
        for (const std::uint32_t corner : {0U, 1U, 2U, 2U, 1U, 3U})
            *index++ = first + corner;
    }
    markDirty(DirtyGeometry);
}

QPointF onCircle(QPointF centre, qreal radius, qreal angle) {
    return centre + QPointF(radius * std::sin(angle), -radius * std::cos(angle));
}

} // namespace orrery::app
