// How the Cluster page's picture is drawn: shapes into glyph lists.
#include <cmath>

#include "app/bridge/text.h"
#include "app/scene/orrery_map.h"

namespace orrery::app {

namespace {

constexpr qreal kPi = 3.14159265358979;
constexpr int kRimTicks = 60;
constexpr MapMillis kLapMs = 560;

QColor faded(QColor color, qreal alpha) {
    color.setAlphaF(static_cast<float>(color.alphaF() * alpha));
    return color;
}

// Points along a curve, drawn as a dotted line.
template <typename Curve>
void dotted(GlyphList& list, qreal length, qreal radius, const QColor& color, const Curve& curve) {
    const int dots = std::clamp(static_cast<int>(length / 6.5), 2, 120);
    for (int i = 0; i <= dots; ++i)
        list.add(Shape::Disc, curve(static_cast<qreal>(i) / dots), radius, color);
}

void ellipse(GlyphList& list, QPointF centre, qreal rx, qreal ry, const QColor& color) {
    constexpr int kSegments = 144;
    QPointF before = centre + QPointF(0, -ry);
    for (int i = 1; i <= kSegments; ++i) {
        const qreal angle = 2 * kPi * i / kSegments;
        const QPointF at = centre + QPointF(rx * std::sin(angle), -ry * std::cos(angle));
        list.line(before, at, 1, color);
        before = at;
    }
}

} // namespace

void OrreryMap::paintBackdrop() {
    backdrop_.clear();
    if (!grid_) {
        // Segments overlap at their round ends: an opaque colour keeps the line even.
        ellipse(backdrop_, layout_.centre, layout_.orbitX, layout_.orbitY, palette_.line);
        if (layout_.orbits.innerX > 0)
            ellipse(backdrop_, layout_.centre, layout_.orbits.innerX, layout_.orbits.innerY,
                    palette_.line);
        backdrop_.ring(layout_.centre, layout_.innerOrbit, 1, palette_.line);
        paintDisc();
        for (std::size_t i = 0; i < ringStates_.size(); ++i)
            paintRing(i);
    }
    if (pods_.shelved() > 0)
        backdrop_.dashedOutline(layout_.shelf, palette_.line);
    for (int i = 0; i < static_cast<int>(layout_.nodes.size()) && i < session_->nodes()->count();
         ++i)
        paintNode(i);
}

void OrreryMap::paintDisc() {
    const qreal radius = layout_.discRadius;
    // The rim: the last revisions, the newest longest and brightest. It turns by one tick a
    // revision.
    const std::int64_t newest = revision_;
    for (int age = 0; age < kRimTicks && age < newest; ++age) {
        const qreal angle = 2 * kPi * static_cast<qreal>((newest - age) % kRimTicks) / kRimTicks;
        const qreal fresh = 1 - static_cast<qreal>(age) / kRimTicks;
        const qreal length = 3.5 + (age == 0 ? 7 : 4.5 * fresh * fresh);
        backdrop_.line(onCircle(layout_.centre, radius + 3, angle),
                       onCircle(layout_.centre, radius + 3 + length, angle), 1.4,
                       faded(palette_.accent, age == 0 ? 1 : 0.18 + 0.6 * fresh * fresh));
    }
    backdrop_.add(Shape::Disc, layout_.centre, radius, palette_.raised);
    backdrop_.ring(layout_.centre, radius, 1.6, palette_.accent);
    backdrop_.ring(layout_.centre, radius * 0.8, 1, palette_.line);
}

void OrreryMap::paintRing(std::size_t index) {
    const Ring& ring = ringStates_[index];
    if (ring.loop >= session_->loops()->count() || index >= layout_.orbits.loops.size())
        return;
    const LoopRow& row = session_->loops()->entry(ring.loop).row;
    const QPointF centre = layout_.orbits.loops[index].centre;
    const qreal radius = layout_.orbits.ringRadius;
    backdrop_.add(Shape::Disc, centre, radius, palette_.surface);
    if (row.paused) {
        const QColor pending = palette_.phases[static_cast<int>(PodShape::Pending)];
        backdrop_.dashedRing(centre, radius, 1.8, 22, pending);
        if (row.queueLength == 0)
            for (const qreal x : {-3.5, 3.5})
                backdrop_.line(centre + QPointF(x, -5), centre + QPointF(x, 5), 2.2, pending);
        return;
    }
    backdrop_.ring(centre, radius, 1.8, palette_.line);
    const double share = session_->loops()->share(ring.loop);
    if (share > 0.01)
        backdrop_.arc(centre, radius + 0.4, 2.6, 0, std::min(share, 0.995) * 2 * kPi,
                      palette_.accent);
    if (row.queueLength == 0)
        backdrop_.add(Shape::Disc, centre, 2, palette_.faint);
}

void OrreryMap::paintNode(int index) {
    const QRectF& rect = layout_.nodes[static_cast<std::size_t>(index)];
    const NodeRow& row = session_->nodes()->rows()[static_cast<std::size_t>(index)];
    const bool selected = text(row.name) == selectedNode_;
    const PodRow* pod =
        selectedPod_.isEmpty() ? nullptr : session_->pods()->find(selectedPod_.toStdString());
    const bool lit = selected || (pod && pod->nodeName == row.name);
    const qreal corner = layout_.style == NodeStyle::Card    ? 12
                         : layout_.style == NodeStyle::Small ? 8
                                                             : 3;
    const QColor edge = lit         ? palette_.accent
                        : row.ready ? palette_.line
                                    : faded(palette_.danger, 0.8);
    backdrop_.box(rect, corner, palette_.surface);
    backdrop_.boxOutline(rect, corner, edge);
    if (lit)
        backdrop_.boxOutline(rect.adjusted(0.5, 0.5, -0.5, -0.5), corner, edge);
    if (layout_.style == NodeStyle::Cell)
        return;
    const bool card = layout_.style == NodeStyle::Card;
    const int percent =
        session_->nodes()->data(session_->nodes()->index(index), NodesModel::CpuRole).toInt();
    const qreal inset = card ? 14 : 8, y = rect.top() + (card ? 35 : 17);
    const qreal width = rect.width() - 2 * inset, height = card ? 3 : 1.5;
    backdrop_.box(QRectF(rect.left() + inset, y, width, height), height / 2, palette_.line);
    if (percent > 0)
        backdrop_.box(QRectF(rect.left() + inset, y,
                             std::max(height, width * std::min(percent, 100) / 100), height),
                      height / 2,
                      percent >= 90 ? palette_.danger
                                    : palette_.phases[static_cast<int>(PodShape::Running)]);
}

void OrreryMap::paintPods() {
    settled_.clear();
    const std::string selected = selectedPod_.toStdString();
    pods_.eachSettled([&](const MapPods::Dot& dot) {
        const qreal radius = pods_.radius(dot);
        if (!selected.empty() && dot.key == selected)
            settled_.ring(pods_.home(dot), radius + 3.5, 1.6, palette_.accent);
        settled_.add(static_cast<Shape>(dot.shape), pods_.home(dot), radius,
                     palette_.phases[static_cast<int>(dot.shape)]);
    });
}

void OrreryMap::paintBead(std::size_t index, MapMillis now) {
    const Ring& ring = ringStates_[index];
    if (index >= layout_.orbits.loops.size() || ring.loop >= session_->loops()->count())
        return;
    const LoopRow& row = session_->loops()->entry(ring.loop).row;
    if (row.steps == 0 || (row.paused && ring.lapStart < 0))
        return;
    const qreal lap = ring.lapStart < 0 ? 0 : std::clamp((now - ring.lapStart) / kLapMs, 0.0, 1.0);
    const QPointF centre = layout_.orbits.loops[index].centre;
    if (ring.lapStart >= 0) {
        // It reads or writes: a dotted line to the middle, bent a little, fading in and out with
        // the lap.
        const QPointF towards = layout_.centre - centre;
        const qreal distance = std::hypot(towards.x(), towards.y());
        const QPointF unit = towards / distance;
        const QPointF from = centre + unit * (layout_.orbits.ringRadius + 5);
        const QPointF to = layout_.centre - unit * (layout_.discRadius + 14);
        const QPointF bend = (from + to) / 2 + QPointF(0, distance * 0.07);
        dotted(movingList_, distance - layout_.discRadius - layout_.orbits.ringRadius, 0.9,
               faded(palette_.accent, 0.75 * std::sin(kPi * std::min(1.0, lap * 1.05))),
               [&](qreal t) {
                   return from * ((1 - t) * (1 - t)) + bend * (2 * t * (1 - t)) + to * (t * t);
               });
    }
    const qreal eased = lap < 0.5 ? 2 * lap * lap : 1 - 2 * (1 - lap) * (1 - lap);
    const QColor color = ring.lapStart >= 0 ? palette_.accent : faded(palette_.accent, 0.55);
    movingList_.add(
        Shape::Disc,
        onCircle(centre, layout_.orbits.ringRadius - 0.5, reducedMotion_ ? 0 : eased * 2 * kPi),
        ring.lapStart >= 0 ? 3.6 : 2.8, color);
}

void OrreryMap::paintMoving() {
    movingList_.clear();
    const MapMillis time = now();
    if (!grid_)
        for (std::size_t i = 0; i < ringStates_.size(); ++i)
            paintBead(i, time);
    for (const MapPods::Ghost& ghost : pods_.ghosts()) {
        const qreal fade = std::clamp((time - ghost.start) / MapPods::kFadeMs, 0.0, 1.0);
        movingList_.add(static_cast<Shape>(ghost.shape), ghost.at,
                        ghost.radius * (1 - 0.5 * fade * fade),
                        faded(palette_.phases[static_cast<int>(ghost.shape)], 1 - fade * fade));
    }
    const bool stream = static_cast<int>(pods_.travels().size()) > MapPods::kNamedMax;
    int lines = 0;
    for (const MapPods::Travel& travel : pods_.travels()) {
        const MapPods::Dot* dot = pods_.find(travel.key);
        if (!dot || time < travel.start)
            continue;
        const QColor color = palette_.phases[static_cast<int>(dot->shape)];
        const QPointF at = pods_.position(travel, time);
        const qreal progress = std::clamp((time - travel.start) / travel.duration, 0.0, 1.0);
        if (!stream && !reducedMotion_ && lines++ < 8)
            dotted(movingList_, std::hypot(at.x() - travel.from.x(), at.y() - travel.from.y()), 0.9,
                   faded(color, 0.5 * (1 - progress)), [&](qreal t) {
                       return pods_.position(travel, travel.start + travel.duration * progress * t);
                   });
        const qreal arriving = pods_.radius(*dot);
        const qreal radius = stream ? std::min(3.5, arriving) : 6.5 + (arriving - 6.5) * progress;
        movingList_.add(static_cast<Shape>(dot->shape), at, radius,
                        reducedMotion_ ? faded(color, progress) : color);
    }
}

} // namespace orrery::app
