// Where every pod of the map is now: settled in a slot of its node, waiting on the shelf, or on its
// way. No scene graph in here: places in, positions out.
#pragma once
#include <QtCore/QPointF>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/bridge/batch.h"
#include "app/scene/layout.h"

namespace orrery::app {

// Milliseconds of the map's own clock.
using MapMillis = double;

class MapPods {
  public:
    enum class Where : std::uint8_t { Fresh, Shelf, Node };
    struct Dot {
        std::string key, node;
        PodShape shape = PodShape::Pending;
        Where where = Where::Fresh;
        int slot = -1;
        bool travelling = false;
    };
    struct Travel {
        std::string key;
        QPointF from, bend1, bend2;
        MapMillis start = 0, duration = 0;
        std::string note; // "bound to w2"
    };
    struct Ghost { // a pod that is gone, fading
        QPointF at;
        PodShape shape;
        qreal radius = 0;
        MapMillis start = 0;
    };
    // Above this many on the way at once they are a stream: no names, staggered.
    static constexpr int kNamedMax = 60;
    static constexpr MapMillis kTravelMs = 620, kFadeMs = 240, kFreshMs = 420;

    // The places of nodes, by name. All positions follow.
    void place(const MapLayout& layout, std::unordered_map<std::string, int> nodeIndexes);
    void setReducedMotion(bool reduced) { reduced_ = reduced; }
    // The whole truth, without movement (first batch, new layout).
    void settle(const std::vector<PodRow>& pods);
    void apply(const Batch& batch, MapMillis now);
    // Ends what has arrived. Returns whether something still moves.
    bool advance(MapMillis now);

    int count() const { return static_cast<int>(dots_.size()); }
    int shelved() const { return static_cast<int>(shelf_.used); }
    const Dot* find(const std::string& key) const;
    // Where it is drawn while settled; its radius goes with its place.
    QPointF home(const Dot& dot) const;
    qreal radius(const Dot& dot) const;
    // Its place on the way.
    QPointF position(const Travel& travel, MapMillis now) const;
    const std::vector<Travel>& travels() const { return travels_; }
    const std::vector<Ghost>& ghosts() const { return ghosts_; }
    void eachSettled(const std::function<void(const Dot&)>& visit) const;
    // The pod at this point, or "".
    std::string at(QPointF point) const;

  private:
    struct Seats {                      // of a node or of the shelf
        std::vector<std::string> taken; // slot -> key; "" is free
        std::set<int> free;
        std::size_t used = 0;
        PodGrid grid;
        int gridFor = -1; // how many seats the grid was made for
    };
    Seats& seatsOf(const Dot& dot) { return dot.where == Where::Shelf ? shelf_ : nodes_[dot.node]; }
    void takeSlot(Dot& dot);
    void leaveSlot(Dot& dot);
    void fit(Seats& seats, const QRectF& area, qreal radiusMax);
    void refit();
    QRectF areaOf(const std::string& node) const;
    void put(const PodRow& row, MapMillis now, bool moving);
    void travel(Dot& dot, QPointF from, MapMillis now, std::string note);
    void endTravel(const std::string& key);
    QPointF source() const; // where new pods come from: the lower rim of the disc

    MapLayout layout_;
    std::unordered_map<std::string, int> nodeIndexes_;
    std::unordered_map<std::string, Dot> dots_;
    std::map<std::string, Seats> nodes_;
    Seats shelf_;
    std::vector<Travel> travels_;
    std::map<std::string, MapMillis> fresh_; // unbound pods and since when
    std::vector<Ghost> ghosts_;
    bool reduced_ = false;
    int launched_ = 0; // in this batch
};

} // namespace orrery::app
