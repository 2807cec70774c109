// Glyphs where there is no GPU and no llvmpipe: Qt Quick's "software" backend draws no custom
// materials, so the same list is painted with QPainter. Slower, and the same picture.
#pragma once
#include <QtQuick/QSGRenderNode>

#include "app/scene/glyphs.h"

class QQuickWindow;

namespace orrery::app {

class GlyphPainterNode : public QSGRenderNode {
  public:
    explicit GlyphPainterNode(QQuickWindow& window) : window_(window) {}
    void setGlyphs(const GlyphList& list);

    void render(const RenderState* state) override;
    RenderingFlags flags() const override { return BoundedRectRendering; }
    QRectF rect() const override { return bounds_; }

  private:
    QQuickWindow& window_;
    GlyphList list_;
    QRectF bounds_;
};

// One node for a list, as the window's backend can draw it.
QSGNode* makeGlyphNode(QQuickWindow& window);
void setGlyphs(QSGNode& node, QQuickWindow& window, const GlyphList& list);

} // namespace orrery::app
