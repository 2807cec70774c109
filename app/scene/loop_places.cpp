#include "app/scene/loop_places.h"

#include <algorithm>
#include <cmath>

namespace orrery::app {

namespace {

constexpr qreal kPi = 3.14159265358979;
constexpr qreal kBottomGap = 0.62; // radians to each side of "down": the pods' way
constexpr qreal kRingGap = 8;      // between rings
// Rings that must be smaller than this part of what they may be take a second orbit.
constexpr qreal kCrowded = 0.8;
constexpr qreal kRingRadiusMin = 4;
constexpr qreal kLabelGap = 5; // between a ring and its name
constexpr qreal kClear = 1.5;  // around names

struct Ellipse {
    QPointF centre;
    qreal x = 0, y = 0;
    QPointF at(qreal angle) const { // 0: up, clockwise
        return centre + QPointF(x * std::sin(angle), -y * std::cos(angle));
    }
};

// Angles at even distances along the ellipse. Names stand beside the rings, so that height is what
// they need: the more loops there are, the less a step to the side counts.
std::vector<qreal> anglesOf(const Ellipse& ellipse, int count) {
    constexpr int kSamples = 720;
    const qreal sideways = std::clamp(1.25 - count * 0.045, 0.12, 1.0);
    const qreal from = -kPi + kBottomGap, to = kPi - kBottomGap;
    const auto angleOf = [&](int sample) { return from + (to - from) * sample / kSamples; };
    std::vector<qreal> lengths = {0}; // up to each sample
    for (int i = 1; i <= kSamples; ++i) {
        const QPointF step = ellipse.at(angleOf(i)) - ellipse.at(angleOf(i - 1));
        lengths.push_back(lengths.back() + std::hypot(step.x() * sideways, step.y()));
    }
    std::vector<qreal> angles;
    for (int i = 0; i < count; ++i) {
        const qreal wanted = count == 1 ? lengths.back() / 2 : lengths.back() * i / (count - 1);
        const auto sample =
            std::lower_bound(lengths.begin(), lengths.end(), wanted) - lengths.begin();
        angles.push_back(angleOf(static_cast<int>(sample)));
    }
    return angles;
}

// The largest radius with which no two rings come closer than `gap`.
qreal radiusFor(const std::vector<LoopPlace>& loops, qreal gap, qreal max) {
    qreal least = 2 * max + gap;
    for (std::size_t i = 0; i < loops.size(); ++i)
        for (std::size_t j = i + 1; j < std::min(loops.size(), i + 4); ++j) {
            const QPointF apart = loops[i].centre - loops[j].centre;
            least = std::min(least, std::hypot(apart.x(), apart.y()));
        }
    return std::min(max, (least - gap) / 2);
}

QRectF around(QPointF centre, qreal radius) {
    return {centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius};
}

// Gives every ring the first place for its name that touches nothing.
class LabelPlacer {
  public:
    LabelPlacer(const Orbit& orbit, LoopPlaces& places) : orbit_(orbit), places_(places) {
        taken_ = orbit.obstacles;
        for (const LoopPlace& loop : places.loops)
            taken_.push_back(around(loop.centre, places.ringRadius + kClear));
    }

    // The names of outer rings stand outside, those of inner rings inside; where `anywhere` is true
    // and a ring has no name yet, every side is tried.
    void place(std::size_t index, const LoopWords& words, bool anywhere) {
        LoopPlace& loop = places_.loops[index];
        if (!loop.label.isEmpty())
            return;
        const bool inner = places_.innerX > 0 && index % 2 == 1;
        if (inner && placeWithin(loop, words))
            return;
        if (!inner || anywhere)
            placeOutside(loop, words);
        if (!inner && anywhere && loop.label.isEmpty())
            placeWithin(loop, words);
    }

  private:
    void placeOutside(LoopPlace& loop, const LoopWords& words) {
        const QSizeF line(words.lineWidth, LoopWords::kLineHeight);
        const QSizeF wrapped(words.wrappedWidth, 2 * LoopWords::kLineHeight);
        const qreal right = loop.centre.x() >= orbit_.centre.x() ? 1 : -1;
        const bool top = std::abs(loop.centre.x() - orbit_.centre.x()) < orbit_.x * 0.3 &&
                         loop.centre.y() < orbit_.centre.y();
        if (top)
            for (const QSizeF& size : {line, wrapped})
                for (const qreal shift : {0.0, 0.25, 0.4})
                    if (tryAbove(loop, size, shift * right))
                        return;
        for (const QSizeF& size : {line, wrapped})
            for (const qreal shift : {0.0, -4.0, 4.0, -8.0, 8.0, -12.0, 12.0})
                if (tryBeside(loop, size, right, shift))
                    return;
        for (const QSizeF& size : {line, wrapped})
            if (tryAbove(loop, size, 0.4 * right) || tryBelow(loop, size, 0.4 * right))
                return;
    }
    bool placeWithin(LoopPlace& loop, const LoopWords& words) {
        const QSizeF line(words.lineWidth, LoopWords::kLineHeight);
        const QSizeF wrapped(words.wrappedWidth, 2 * LoopWords::kLineHeight);
        const qreal left = loop.centre.x() >= orbit_.centre.x() ? -1 : 1;
        for (const QSizeF& size : {line, wrapped}) {
            if (std::abs(loop.centre.x() - orbit_.centre.x()) < orbit_.x * 0.45 &&
                tryBelow(loop, size, 0))
                return true;
            for (const qreal shift : {0.0, -4.0, 4.0, -8.0, 8.0})
                if (tryBeside(loop, size, left, shift))
                    return true;
        }
        return tryBelow(loop, line, 0) || tryBelow(loop, wrapped, 0);
    }

    bool tryAt(LoopPlace& loop, const QRectF& label, Qt::AlignmentFlag align) {
        const QRectF wanted = label.adjusted(-kClear, 0, kClear, 0);
        if (!orbit_.map.contains(wanted) ||
            std::any_of(taken_.begin(), taken_.end(),
                        [&wanted](const QRectF& other) { return other.intersects(wanted); }))
            return false;
        loop.label = label;
        loop.align = align;
        taken_.push_back(wanted);
        return true;
    }
    // `shift`: parts of the width by which it stands aside.
    bool tryAbove(LoopPlace& loop, QSizeF size, qreal shift) {
        const QPointF corner(loop.centre.x() + (shift - 0.5) * size.width(),
                             loop.centre.y() - places_.ringRadius - kLabelGap - size.height());
        return tryAt(loop, {corner, size}, Qt::AlignHCenter);
    }
    bool tryBelow(LoopPlace& loop, QSizeF size, qreal shift) {
        const QPointF corner(loop.centre.x() + (shift - 0.5) * size.width(),
                             loop.centre.y() + places_.ringRadius + kLabelGap);
        return tryAt(loop, {corner, size}, Qt::AlignHCenter);
    }
    bool tryBeside(LoopPlace& loop, QSizeF size, qreal right, qreal shift) {
        const qreal away = places_.ringRadius + kLabelGap;
        const qreal x = right > 0 ? loop.centre.x() + away : loop.centre.x() - away - size.width();
        return tryAt(loop, {QPointF(x, loop.centre.y() - size.height() / 2 + shift), size},
                     right > 0 ? Qt::AlignLeft : Qt::AlignRight);
    }

    const Orbit& orbit_;
    LoopPlaces& places_;
    std::vector<QRectF> taken_;
};

// The rings alone, on one orbit or by turns on two.
LoopPlaces placeRings(const Orbit& orbit, int count, bool two) {
    LoopPlaces places;
    const Ellipse outer{orbit.centre, orbit.x, orbit.y};
    Ellipse inner = outer;
    if (two) {
        const qreal apart = std::clamp<qreal>(orbit.y * 0.17, 16, 40);
        places.innerX = inner.x -= apart;
        places.innerY = inner.y -= apart;
    }
    const std::vector<qreal> angles = anglesOf(outer, count);
    for (std::size_t i = 0; i < angles.size(); ++i)
        places.loops.push_back({(two && i % 2 == 1 ? inner : outer).at(angles[i]), {}, {}});
    places.ringRadius = radiusFor(places.loops, kRingGap, orbit.ringRadiusMax);
    return places;
}

} // namespace

LoopPlaces placeLoops(const Orbit& orbit, const std::vector<LoopWords>& words) {
    const int count = static_cast<int>(words.size());
    LoopPlaces places = placeRings(orbit, count, false);
    if (places.ringRadius < orbit.ringRadiusMax * kCrowded) {
        LoopPlaces two = placeRings(orbit, count, true);
        if (two.ringRadius > places.ringRadius)
            places = std::move(two);
    }
    places.ringRadius = std::max(places.ringRadius, kRingRadiusMin);
    // From both ends towards the top, where there is most room to give way; then what is left over.
    LabelPlacer placer(orbit, places);
    for (const bool anywhere : {false, true})
        for (int i = 0; i < (count + 1) / 2; ++i) {
            placer.place(static_cast<std::size_t>(i), words[static_cast<std::size_t>(i)], anywhere);
            const auto other = static_cast<std::size_t>(count - 1 - i);
            placer.place(other, words[other], anywhere);
        }
    return places;
}

} // namespace orrery::app
