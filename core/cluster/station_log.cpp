#include "core/cluster/station_log.h"

#include <algorithm>
#include <utility>

namespace orrery::cluster {

namespace {
constexpr std::size_t kAdmittedMax = 4000;
// What the API server notes of Stored when the write made the object.
constexpr std::string_view kCreatedNote = "created";
} // namespace

void StationLog::onStation(StationEvent event) {
    if (event.station == Station::Received)
        arriving_.clear();
    if (event.station < Station::Admitted) {
        arriving_.push_back(std::move(event));
        return;
    }
    if (event.station == Station::Admitted) {
        std::vector<StationEvent> stations = std::exchange(arriving_, {});
        const auto known = journeys_.find(event.key);
        if (known != journeys_.end() && !known->second.empty() &&
            known->second.front().uid == event.uid)
            return; // a change of a pod that is there
        stations.push_back(std::move(event));
        if (admittedOrder_.size() == kAdmittedMax) {
            admitted_.erase(admittedOrder_.front());
            admittedOrder_.pop_front();
        }
        admittedOrder_.push_back(stations.back().uid);
        admitted_[stations.back().uid] = std::move(stations);
        return;
    }
    if (event.station == Station::Stored && event.note == kCreatedNote) {
        // Several may have asked for this name; the one whose uid was stored has won.
        const auto ours = admitted_.find(event.uid);
        begin(event.key);
        if (ours != admitted_.end() && ours->second.back().key == event.key) {
            for (StationEvent& one : ours->second) {
                one.key = event.key;
                one.uid = event.uid;
                keep(std::move(one));
            }
            admitted_.erase(ours);
        }
    }
    keep(std::move(event));
}

void StationLog::begin(const std::string& key) {
    const auto [at, fresh] = journeys_.try_emplace(key);
    at->second.clear();
    at->second.reserve(kStationCount);
    if (!fresh)
        return;
    order_.push_back(key);
    if (order_.size() > podsMax_) {
        journeys_.erase(order_.front());
        order_.pop_front();
    }
}

void StationLog::keep(StationEvent event) {
    const auto at = journeys_.find(event.key);
    if (at == journeys_.end())
        return;
    const bool known =
        std::any_of(at->second.begin(), at->second.end(),
                    [&event](const StationEvent& one) { return one.station == event.station; });
    if (!known)
        at->second.push_back(std::move(event));
}

std::vector<StationEvent> StationLog::journeyOf(const std::string& key) const {
    const auto at = journeys_.find(key);
    return at == journeys_.end() ? std::vector<StationEvent>() : at->second;
}

Json stationsJson(const StationLog& log, const std::string& key) {
    JsonArray stations;
    for (const StationEvent& event : log.journeyOf(key))
        stations.push_back(JsonObject{{"station", stationName(event.station)},
                                      {"time", formatMicroTime(event.at)},
                                      {"note", event.note},
                                      {"revision", event.revision}});
    return Json(JsonObject{{"object", key}, {"stations", std::move(stations)}});
}

} // namespace orrery::cluster
