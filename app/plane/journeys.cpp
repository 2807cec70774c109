#include "app/plane/journeys.h"

#include <algorithm>

namespace orrery::app {

static bool beginsCreation(const StationEvent& event) {
    return event.station == Station::Received && event.note.starts_with("create ") &&
           event.note.find("/binding") == std::string::npos;
}

// A creation names its pod in its body, or lets the server choose: its first stations come without
// a key.
static bool isNameless(const std::string& key) {
    return key.empty() || key.ends_with('/');
}

std::string Journeys::take(const StationEvent& event) {
    if (isNameless(event.key)) {
        if (event.station == Station::Received)
            nameless_.clear();
        if (nameless_.size() < 4)
            nameless_.push_back(event);
        return {};
    }
    const bool created = !nameless_.empty() && beginsCreation(nameless_.front()) &&
                         event.station == Station::Admitted;
    if (created || beginsCreation(event))
        journeys_[event.key].stations.clear();
    if (created)
        for (const StationEvent& before : nameless_)
            keep(event.key, before);
    if (event.station <= Station::Admitted)
        nameless_.clear();
    keep(event.key, event);
    return event.key;
}

void Journeys::keep(const std::string& key, const StationEvent& event) {
    auto [found, fresh] = journeys_.try_emplace(key);
    if (fresh) {
        order_.push_back(key);
        if (order_.size() > kPodsMax) {
            journeys_.erase(order_.front());
            order_.pop_front();
            found = journeys_.find(key); // erasing keeps other places, but say so plainly
        }
    }
    Journey& journey = found->second;
    if (!event.uid.empty() && !journey.uid.empty() && journey.uid != event.uid)
        journey.stations.clear(); // another pod of the same name
    if (!event.uid.empty())
        journey.uid = event.uid;
    // The first time counts: later requests about the pod pass the same stations again.
    const auto known =
        std::find_if(journey.stations.begin(), journey.stations.end(),
                     [&event](const StationRow& row) { return row.station == event.station; });
    if (known == journey.stations.end())
        journey.stations.push_back({event.station, event.at, event.note});
}

std::vector<StationRow> Journeys::of(const std::string& key) const {
    const auto found = journeys_.find(key);
    return found == journeys_.end() ? std::vector<StationRow>() : found->second.stations;
}

} // namespace orrery::app
