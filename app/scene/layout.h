// Where everything of the Cluster page stands. Pure: sizes and counts in, places out.
#pragma once
#include <QtCore/QPointF>
#include <QtCore/QRectF>
#include <QtCore/QSizeF>
#include <vector>

#include "app/scene/loop_places.h"

namespace orrery::app {

// How nodes are drawn: as cards with a bar, as small cards, or as cells without words.
enum class NodeStyle : std::uint8_t { Card, Small, Cell };

struct MapLayout {
    bool grid = false; // no orrery: nodes take the whole area
    QPointF centre;
    qreal discRadius = 0, innerOrbit = 0;
    qreal orbitX = 0, orbitY = 0; // half axes of the loops' outer orbit
    LoopPlaces orbits;
    QRectF shelf; // pods that wait
    NodeStyle style = NodeStyle::Card;
    std::vector<QRectF> nodes;
    qreal headerHeight = 0; // of a node: what stands above its pods
};

MapLayout computeMapLayout(QSizeF size, const std::vector<LoopWords>& loops, int nodes, bool grid);

// A node's pods, in rows from the top left.
struct PodGrid {
    QPointF first; // centre of the first pod
    int columns = 1;
    qreal pitch = 0; // from centre to centre
    qreal radius = 0;
    QPointF at(int slot) const {
        return first + QPointF((slot % columns) * pitch, (slot / columns) * pitch);
    }
};
// The largest dots (up to `radiusMax`) with which `count` pods fit into `area`.
PodGrid computePodGrid(const QRectF& area, int count, qreal radiusMax);
// The part of a node's place where its pods are.
QRectF podArea(const QRectF& node, const MapLayout& layout);

} // namespace orrery::app
