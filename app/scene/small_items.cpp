#include "app/scene/small_items.h"

#include "app/scene/glyph_painter.h"

#include <QtCore/QDateTime>
#include <cmath>

namespace orrery::app {

constexpr qreal kTurn = 2 * 3.14159265358979;

GlyphItem::GlyphItem(QQuickItem* parent) : QQuickItem(parent) {
    setFlag(ItemHasContents);
}

void GlyphItem::geometryChange(const QRectF& after, const QRectF& before) {
    QQuickItem::geometryChange(after, before);
    redraw();
}

void GlyphItem::updatePolish() {
    list_.clear();
    if (width() > 0 && height() > 0)
        paint(list_);
    update();
}

QSGNode* GlyphItem::updatePaintNode(QSGNode* old, UpdatePaintNodeData*) {
    QSGNode* node = old ? old : makeGlyphNode(*window());
    setGlyphs(*node, *window(), list_);
    return node;
}

PhaseGlyph::PhaseGlyph() {
    connect(this, &PhaseGlyph::shapeChanged, this, [this] { redraw(); });
    connect(this, &PhaseGlyph::colorChanged, this, [this] { redraw(); });
}

void PhaseGlyph::paint(GlyphList& list) {
    list.add(static_cast<Shape>(shape_), QPointF(width() / 2, height() / 2),
             std::min(width(), height()) / 2, color_);
}

LoopRing::LoopRing() {
    connect(this, &LoopRing::changed, this, [this] { redraw(); });
}

void LoopRing::paint(GlyphList& list) {
    const QPointF centre(width() / 2, height() / 2);
    const qreal radius = std::min(width(), height()) / 2 - 2;
    if (paused_) {
        list.dashedRing(centre, radius, 1.8, 16, pending_);
        for (const qreal x : {-3.0, 3.0})
            list.line(centre + QPointF(x, -4), centre + QPointF(x, 4), 2, pending_);
        return;
    }
    list.ring(centre, radius, 1.6, line_);
    if (share_ > 0.01)
        list.arc(centre, radius + 0.4, 2.4, 0, std::min(share_, 0.995) * kTurn, accent_);
    if (queueLength_ == 0)
        list.add(Shape::Disc, centre, 1.6, faint_);
    if (bead_ >= 0)
        list.add(Shape::Disc, onCircle(centre, radius - 0.5, bead_ * kTurn), 2.8, accent_);
}

Bars::Bars() {
    connect(this, &Bars::changed, this, [this] { redraw(); });
}

void Bars::paint(GlyphList& list) {
    if (values_.isEmpty())
        return;
    const int largest = std::max(1, *std::max_element(values_.begin(), values_.end()));
    const qreal pitch = width() / static_cast<qreal>(values_.size());
    const qreal bar = std::max(1.5, pitch - 2);
    for (qsizetype i = 0; i < values_.size(); ++i) {
        // The root keeps small numbers visible beside large ones.
        const qreal tall =
            values_[i] == 0
                ? 1
                : 2.5 + (height() - 2.5) * std::sqrt(static_cast<qreal>(values_[i]) / largest);
        const bool recent = i >= values_.size() - 2 && values_[i] > 0;
        list.box(QRectF(static_cast<qreal>(i) * pitch, height() - tall, bar, tall),
                 std::min(1.0, tall / 2), recent ? recentColor_ : color_);
    }
}

Skyline::Skyline() {
    connect(this, &Skyline::changed, this, [this] { redraw(); });
}

void Skyline::setTimeline(Timeline* timeline) {
    if (timeline_ == timeline)
        return;
    if (timeline_)
        timeline_->disconnect(this);
    timeline_ = timeline;
    if (timeline_)
        connect(timeline_, &Timeline::changed, this, [this] {
            redraw();
            emit hoursChanged();
        });
    emit changed();
    emit hoursChanged();
}

QVariantList Skyline::hours() const {
    QVariantList result;
    if (!timeline_)
        return result;
    constexpr std::int64_t kEvery = 300;
    const std::int64_t end = timeline_->endSeconds();
    const std::int64_t span = static_cast<std::int64_t>(Timeline::kBars) * Timeline::kSecondsPerBar;
    for (std::int64_t at = end / kEvery * kEvery; at > end - span; at -= kEvery) {
        const qreal share = 1 - static_cast<qreal>(end - at) / static_cast<qreal>(span);
        if (share < 0.97 && share > 0.02)
            result << QVariantMap{
                {QStringLiteral("share"), share},
                {QStringLiteral("text"), QDateTime::fromSecsSinceEpoch(at).toString(u"HH:mm")}};
    }
    return result;
}

void Skyline::paint(GlyphList& list) {
    if (!timeline_)
        return;
    const std::vector<int> bars = timeline_->bars();
    const int largest = std::max(4, *std::max_element(bars.begin(), bars.end()));
    const qreal floor = height() - 4, room = floor - 8, right = width() - 5;
    const qreal pitch = right / Timeline::kBars;
    list.line(QPointF(0, floor + 0.5), QPointF(right, floor + 0.5), 1, line_);
    for (int i = 0; i < Timeline::kBars; ++i) {
        const int count = bars[static_cast<std::size_t>(i)];
        const qreal tall =
            count == 0 ? 1.5 : 3 + (room - 3) * std::sqrt(static_cast<qreal>(count) / largest);
        QColor color = color_;
        const int age = Timeline::kBars - i;
        color.setAlphaF(static_cast<float>(count == 0  ? 0.22
                                           : age <= 12 ? 1.0 - 0.04 * age
                                                       : 0.42));
        list.box(QRectF(i * pitch, floor - tall, std::max(1.2, pitch - 2), tall), 1, color);
    }
    list.line(QPointF(right, 2), QPointF(right, floor), 1.6, cursor_);
    list.add(Shape::Disc, QPointF(right, floor), 4.5, cursor_);
}

} // namespace orrery::app
