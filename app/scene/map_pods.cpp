#include "app/scene/map_pods.h"

#include <algorithm>
#include <cmath>

namespace orrery::app {

static QRectF shelfArea(const MapLayout& layout) {
    return layout.shelf.height() < 60 ? layout.shelf.adjusted(78, 6, -6, -6)
                                      : layout.shelf.adjusted(14, 32, -14, -44);
}

static qreal radiusMax(const MapLayout& layout) {
    return layout.style == NodeStyle::Card ? 6.5 : layout.style == NodeStyle::Small ? 4.5 : 4;
}

void MapPods::place(const MapLayout& layout, std::unordered_map<std::string, int> nodeIndexes) {
    layout_ = layout;
    nodeIndexes_ = std::move(nodeIndexes);
    refit();
}

QRectF MapPods::areaOf(const std::string& node) const {
    const auto index = nodeIndexes_.find(node);
    if (index == nodeIndexes_.end() || index->second >= static_cast<int>(layout_.nodes.size()))
        return {layout_.centre.x() - 20, layout_.centre.y() + layout_.orbitY + 40, 40,
                40}; // a node we don't know yet
    return podArea(layout_.nodes[static_cast<std::size_t>(index->second)], layout_);
}

void MapPods::fit(Seats& seats, const QRectF& area, qreal largest) {
    // Room for a few more than there are, so that dots do not shrink with every pod.
    const int capacity =
        std::max(8, static_cast<int>(std::ceil(static_cast<double>(seats.taken.size()) / 8) * 8));
    seats.grid = computePodGrid(area, capacity, largest);
    seats.gridFor = capacity;
}

void MapPods::refit() {
    for (auto& [name, seats] : nodes_)
        fit(seats, areaOf(name), radiusMax(layout_));
    fit(shelf_, shelfArea(layout_), 6);
}

void MapPods::takeSlot(Dot& dot) {
    Seats& seats = seatsOf(dot);
    if (!seats.free.empty()) {
        dot.slot = *seats.free.begin();
        seats.free.erase(seats.free.begin());
        seats.taken[static_cast<std::size_t>(dot.slot)] = dot.key;
    } else {
        dot.slot = static_cast<int>(seats.taken.size());
        seats.taken.push_back(dot.key);
    }
    ++seats.used;
    if (seats.gridFor < static_cast<int>(seats.taken.size())) {
        if (dot.where == Where::Shelf)
            fit(seats, shelfArea(layout_), 6);
        else
            fit(seats, areaOf(dot.node), radiusMax(layout_));
    }
}

void MapPods::leaveSlot(Dot& dot) {
    if (dot.slot < 0)
        return;
    Seats& seats = seatsOf(dot);
    seats.taken[static_cast<std::size_t>(dot.slot)].clear();
    seats.free.insert(dot.slot);
    --seats.used;
    while (!seats.taken.empty() && seats.taken.back().empty()) {
        seats.free.erase(static_cast<int>(seats.taken.size()) - 1);
        seats.taken.pop_back();
    }
    dot.slot = -1;
    if (seats.used == 0 && dot.where == Where::Node)
        nodes_.erase(dot.node);
}

const MapPods::Dot* MapPods::find(const std::string& key) const {
    const auto found = dots_.find(key);
    return found == dots_.end() ? nullptr : &found->second;
}

QPointF MapPods::source() const {
    return layout_.grid ? QPointF(layout_.centre.x(), 0)
                        : layout_.centre + QPointF(0, layout_.discRadius + 8);
}

QPointF MapPods::home(const Dot& dot) const {
    if (dot.where == Where::Fresh)
        return source() + QPointF(0, (layout_.innerOrbit - layout_.discRadius) * 0.6);
    if (dot.where == Where::Shelf)
        return shelf_.grid.at(dot.slot);
    const auto seats = nodes_.find(dot.node);
    return seats == nodes_.end() ? source() : seats->second.grid.at(dot.slot);
}

qreal MapPods::radius(const Dot& dot) const {
    if (dot.where == Where::Fresh)
        return 6;
    if (dot.where == Where::Shelf)
        return shelf_.grid.radius;
    const auto seats = nodes_.find(dot.node);
    return seats == nodes_.end() ? 6 : seats->second.grid.radius;
}

QPointF MapPods::position(const Travel& travel, MapMillis now) const {
    const Dot* dot = find(travel.key);
    const QPointF to = dot ? home(*dot) : travel.from;
    const qreal linear = std::clamp((now - travel.start) / travel.duration, 0.0, 1.0);
    if (reduced_)
        return to;
    const qreal t = 1 - std::pow(1 - linear, 3), s = 1 - t; // out of the disc fast, arriving slowly
    return travel.from * (s * s * s) + travel.bend1 * (3 * s * s * t) +
           travel.bend2 * (3 * s * t * t) + to * (t * t * t);
}

void MapPods::endTravel(const std::string& key) {
    const auto gone = std::remove_if(travels_.begin(), travels_.end(),
                                     [&key](const Travel& travel) { return travel.key == key; });
    travels_.erase(gone, travels_.end());
}

void MapPods::travel(Dot& dot, QPointF from, MapMillis now, std::string note) {
    if (dot.travelling)
        endTravel(dot.key);
    dot.travelling = true;
    const QPointF to = home(dot);
    Travel made;
    made.key = dot.key;
    made.from = from;
    made.note = std::move(note);
    made.duration = reduced_ ? kFadeMs : kTravelMs;
    // Many at once leave one after the other, but none later than 700 ms.
    const int place = launched_++;
    made.start = now + std::min(700.0, place * (place >= kNamedMax ? 2.0 : 45.0));
    const qreal sideways = dot.where == Where::Shelf ? 0.5 : 0.12;
    made.bend1 = from + QPointF((to.x() - from.x()) * sideways, (to.y() - from.y()) * 0.35 + 30);
    made.bend2 = dot.where == Where::Shelf ? to + QPointF(-90, 30)
                                           : QPointF(to.x(), from.y() + (to.y() - from.y()) * 0.55);
    travels_.push_back(std::move(made));
}

void MapPods::put(const PodRow& row, MapMillis now, bool moving) {
    auto [found, fresh] = dots_.try_emplace(row.key);
    Dot& dot = found->second;
    const QPointF before = fresh ? source() : home(dot);
    QPointF from = before;
    if (!fresh && dot.travelling)
        for (const Travel& travel : travels_)
            if (travel.key == row.key)
                from = position(travel, now);
    dot.key = row.key;
    dot.shape = row.shape;
    const Where where = !row.nodeName.empty()                 ? Where::Node
                        : !fresh && dot.where == Where::Shelf ? Where::Shelf
                        : !moving || !row.waiting.empty()     ? Where::Shelf
                                                              : Where::Fresh;
    if (!fresh && where == dot.where && row.nodeName == dot.node)
        return;
    if (!fresh)
        leaveSlot(dot);
    fresh_.erase(row.key);
    dot.where = where;
    dot.node = row.nodeName;
    if (where == Where::Fresh)
        fresh_[row.key] = now;
    else
        takeSlot(dot);
    if (moving)
        travel(dot, from, now,
               where == Where::Node ? "bound to " + row.nodeName
                                    : std::string(where == Where::Shelf ? "waits" : "queued"));
}

void MapPods::settle(const std::vector<PodRow>& pods) {
    dots_.clear();
    nodes_.clear();
    shelf_ = {};
    travels_.clear();
    fresh_.clear();
    ghosts_.clear();
    for (const PodRow& row : pods)
        put(row, 0, false);
    refit();
}

void MapPods::apply(const Batch& batch, MapMillis now) {
    launched_ = 0;
    for (const std::string& key : batch.podsGone) {
        const auto found = dots_.find(key);
        if (found == dots_.end())
            continue;
        if (ghosts_.size() < 500)
            ghosts_.push_back(
                {home(found->second), found->second.shape, radius(found->second), now});
        if (found->second.travelling)
            endTravel(key);
        leaveSlot(found->second);
        fresh_.erase(key);
        dots_.erase(found);
    }
    for (const PodRow& row : batch.pods)
        put(row, now, true);
}

bool MapPods::advance(MapMillis now) {
    for (auto fresh = fresh_.begin(); fresh != fresh_.end();) {
        if (now - fresh->second < kFreshMs) {
            ++fresh;
            continue;
        }
        Dot& dot = dots_[fresh->first];
        const QPointF from = home(dot);
        dot.where = Where::Shelf;
        takeSlot(dot);
        launched_ = 0;
        travel(dot, from, now, "waits");
        fresh = fresh_.erase(fresh);
    }
    const auto arrived =
        std::remove_if(travels_.begin(), travels_.end(), [this, now](const Travel& travel) {
            if (now < travel.start + travel.duration)
                return false;
            if (const auto dot = dots_.find(travel.key); dot != dots_.end())
                dot->second.travelling = false;
            return true;
        });
    travels_.erase(arrived, travels_.end());
    const auto faded = std::remove_if(ghosts_.begin(), ghosts_.end(), [now](const Ghost& ghost) {
        return now > ghost.start + kFadeMs;
    });
    ghosts_.erase(faded, ghosts_.end());
    return !travels_.empty() || !ghosts_.empty() || !fresh_.empty();
}

void MapPods::eachSettled(const std::function<void(const Dot&)>& visit) const {
    for (const auto& [key, dot] : dots_)
        if (!dot.travelling)
            visit(dot);
}

std::string MapPods::at(QPointF point) const {
    const auto hit = [&](const Seats& seats, const QRectF& area) -> std::string {
        if (!area.adjusted(-4, -4, 4, 4).contains(point) || seats.grid.pitch <= 0)
            return {};
        const QPointF inside =
            point - seats.grid.first + QPointF(seats.grid.pitch / 2, seats.grid.pitch / 2);
        const int column = static_cast<int>(inside.x() / seats.grid.pitch);
        const int slot =
            static_cast<int>(inside.y() / seats.grid.pitch) * seats.grid.columns + column;
        const bool valid = inside.x() >= 0 && inside.y() >= 0 && column < seats.grid.columns &&
                           slot >= 0 && slot < static_cast<int>(seats.taken.size());
        return valid ? seats.taken[static_cast<std::size_t>(slot)] : std::string();
    };
    if (const std::string key = hit(shelf_, shelfArea(layout_)); !key.empty())
        return key;
    for (const auto& [name, index] : nodeIndexes_)
        if (index < static_cast<int>(layout_.nodes.size()) &&
            layout_.nodes[static_cast<std::size_t>(index)].contains(point))
            if (const auto seats = nodes_.find(name); seats != nodes_.end())
                return hit(seats->second, areaOf(name));
    return {};
}

} // namespace orrery::app
