#include "app/scene/layout.h"

#include <algorithm>
#include <cmath>

namespace orrery::app {

namespace {

constexpr qreal kSide = 34; // free space at the left and right
constexpr qreal kBottom = 28;
constexpr qreal kTop = 56;     // the legend's row
constexpr qreal kAround = 126; // above and below the orbit: names, rings
constexpr qreal kNarrow = 760;
constexpr qreal kOrbitMin = 62; // its smallest half height

// Rows and columns for `count` tiles of about `aspect` (width by height) in `area`.
std::vector<QRectF> tiles(const QRectF& area, int count, int columns, qreal gap, qreal heightMax,
                          qreal widthMax) {
    std::vector<QRectF> result;
    columns = std::clamp(columns, 1, std::max(1, count));
    const int rows = (count + columns - 1) / columns;
    const qreal width = std::min(widthMax, (area.width() - gap * (columns - 1)) / columns);
    const qreal height = std::min(heightMax, (area.height() - gap * (rows - 1)) / rows);
    const qreal left = area.left() + (area.width() - columns * width - (columns - 1) * gap) / 2;
    for (int i = 0; i < count; ++i)
        result.emplace_back(left + (i % columns) * (width + gap),
                            area.top() + (i / columns) * (height + gap), width, height);
    return result;
}

void placeNodes(MapLayout& layout, const QRectF& area, int count) {
    if (count <= 8) {
        layout.style = NodeStyle::Card;
        layout.headerHeight = 50;
        const int columns = layout.grid ? std::min(count, 3) : count > 5 ? (count + 1) / 2 : count;
        layout.nodes = tiles(area, count, columns, count > 5 ? 12 : 26, layout.grid ? 240 : 150,
                             layout.grid ? 420 : 290);
        return;
    }
    if (count <= 48) {
        layout.style = NodeStyle::Small;
        layout.headerHeight = 20;
        const qreal aspect = 1.7;
        const int columns = static_cast<int>(std::ceil(
            std::sqrt(count * area.width() / std::max<qreal>(1, area.height()) / aspect)));
        layout.nodes = tiles(area, count, columns, 8, 110, 200);
        return;
    }
    layout.style = NodeStyle::Cell;
    layout.headerHeight = 0;
    const int columns = static_cast<int>(
        std::ceil(std::sqrt(count * area.width() / std::max<qreal>(1, area.height()))));
    const qreal gap = count > 1000 ? 1 : count > 300 ? 2 : 3;
    layout.nodes = tiles(area, count, columns, gap, 60, 60);
}

} // namespace

MapLayout computeMapLayout(QSizeF size, const std::vector<LoopWords>& loops, int nodes, bool grid) {
    MapLayout layout;
    layout.grid = grid;
    const qreal width = std::max<qreal>(320, size.width()),
                height = std::max<qreal>(320, size.height());
    if (grid) {
        placeNodes(layout, QRectF(kSide, kTop + 8, width - 2 * kSide, height - kTop - kBottom - 8),
                   nodes);
        layout.centre = QPointF(width / 2, -40);
        layout.shelf = QRectF(width - 180 - kSide, 12, 180, 36);
        return layout;
    }
    // The share of the height that nodes need grows with their number.
    const qreal share = nodes <= 5 ? 150 / height : nodes <= 8 ? 0.28 : nodes <= 48 ? 0.36 : 0.42;
    const qreal room = height - kTop - kBottom - kAround - 2 * kOrbitMin;
    const qreal nodesHeight =
        nodes == 0 ? 0 : std::min(room, std::clamp<qreal>(share * height, 110, height * 0.45));
    const qreal nodesTop = height - kBottom - nodesHeight;
    placeNodes(layout, QRectF(kSide, nodesTop, width - 2 * kSide, nodesHeight), nodes);

    const QRectF sky(0, kTop, width, nodesTop - kTop);
    layout.orbitY = std::clamp<qreal>((sky.height() - kAround) / 2, kOrbitMin, 230);
    layout.orbitX = std::clamp<qreal>(width / 2 - std::clamp<qreal>(width * 0.19, 120, 182),
                                      layout.orbitY, 380);
    layout.centre = QPointF(width / 2, sky.top() + 76 + layout.orbitY);
    layout.discRadius = std::clamp<qreal>(layout.orbitY * 0.31, 42, 64);
    layout.innerOrbit = std::max(layout.orbitY * 0.60, layout.discRadius * 1.55);
    // In a narrow map it is one line above the orbit instead of a box beside it.
    layout.shelf = width < kNarrow ? QRectF(width - 180 - 12, kTop - 10, 180, 36)
                                   : QRectF(width - 168 - 26, kTop + 2, 168, 104);
    Orbit orbit{layout.centre, layout.orbitX, layout.orbitY, 0, {}, {}};
    orbit.ringRadiusMax = std::clamp<qreal>(layout.orbitY * 0.112, 13, 22);
    orbit.map = QRectF(4, kTop - 8, width - 8, nodesTop - kTop);
    const qreal rim = layout.discRadius + 14;
    orbit.obstacles = {layout.shelf,
                       QRectF(layout.centre.x() - rim, layout.centre.y() - rim, 2 * rim, 2 * rim)};
    layout.orbits = placeLoops(orbit, loops);
    return layout;
}

PodGrid computePodGrid(const QRectF& area, int count, qreal radiusMax) {
    PodGrid grid;
    const qreal width = std::max<qreal>(2, area.width()),
                height = std::max<qreal>(2, area.height());
    qreal pitch = radiusMax * 3;
    // The pitch shrinks until the rows fit; a closed formula first, then at most a few steps.
    if (count > 0)
        pitch = std::min(pitch, std::sqrt(width * height / count) * 1.25);
    while (pitch > 0.5) {
        const int columns = std::max(1, static_cast<int>(width / pitch));
        const int rows = (count + columns - 1) / columns;
        if (rows * pitch <= height + 0.01)
            break;
        pitch *= 0.94;
    }
    grid.pitch = pitch;
    grid.columns = std::max(1, static_cast<int>(width / pitch));
    grid.radius = std::min(radiusMax, pitch / 2.75);
    grid.first = area.topLeft() + QPointF(pitch / 2, pitch / 2);
    return grid;
}

QRectF podArea(const QRectF& node, const MapLayout& layout) {
    switch (layout.style) {
    case NodeStyle::Card:
        return node.adjusted(14, layout.headerHeight, -14, -10);
    case NodeStyle::Small:
        return node.adjusted(7, layout.headerHeight, -7, -5);
    case NodeStyle::Cell:
        break;
    }
    const qreal inset = node.width() > 20 ? 3 : 1;
    return node.adjusted(inset, inset, -inset, -inset);
}

} // namespace orrery::app
