// Where the loops' rings stand on their orbit, and where their names find room. Pure.
#pragma once
#include <QtCore/QPointF>
#include <QtCore/QRectF>
#include <vector>

namespace orrery::app {

// The room that a loop's name takes, in one line and in two.
struct LoopWords {
    qreal lineWidth = 0, wrappedWidth = 0;
    static constexpr qreal kLineHeight = 14;
};

struct LoopPlace {
    QPointF centre;
    QRectF label; // empty: there is no room for its name, which shows when one points at the ring
    Qt::AlignmentFlag align = Qt::AlignHCenter; // of the words in `label`
};

struct LoopPlaces {
    qreal ringRadius = 0;
    qreal innerX = 0, innerY = 0; // half axes of a second orbit; 0: there is one
    std::vector<LoopPlace> loops;
};

// The outer orbit and what its rings and names must keep clear of.
struct Orbit {
    QPointF centre;
    qreal x = 0, y = 0; // half axes
    qreal ringRadiusMax = 0;
    QRectF map;                    // names stay inside of it
    std::vector<QRectF> obstacles; // the disc, the shelf, nodes
};

// From the lower left over the top to the lower right, with the pods' way free below. Rings don't
// touch each other, names touch nothing. More rings than one orbit carries alternate between two.
LoopPlaces placeLoops(const Orbit& orbit, const std::vector<LoopWords>& words);

} // namespace orrery::app
