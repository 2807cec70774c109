// The journeys of the newest pods: which stations each has reached, and when. Kept while the plane
// runs, so that /orrery/v1/stations, the window and tests can ask afterwards.
#pragma once
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/json.h"
#include "core/trace/trace.h"

namespace orrery::cluster {

// Plane thread only. A journey begins with the creation of its pod, and keeps the first time of
// each station: later requests about the pod pass the same stations again.
class StationLog final : public Trace {
  public:
    // Journeys of at most `podsMax` pods are kept; the oldest go first.
    explicit StationLog(std::size_t podsMax = 2000) : podsMax_(podsMax) {}

    bool enabled() const override { return true; }
    void onStation(StationEvent event) override;
    void onLoop(LoopEvent) override {}

    // The stations of the newest pod with this store key, in the order in which it reached them;
    // empty when nothing is known.
    std::vector<StationEvent> journeyOf(const std::string& key) const;

  private:
    void keep(StationEvent event);
    void begin(const std::string& key);

    std::size_t podsMax_;
    std::unordered_map<std::string, std::vector<StationEvent>> journeys_; // never iterated
    std::deque<std::string> order_;                                       // of their beginning
    // A request's first stations come before it is known which pod it is about. A request passes
    // them in one go, so those that stand here belong to the one that is admitted next.
    std::vector<StationEvent> arriving_;
    // Admitted, but not stored: what may become a journey, by uid. Refused creations end here.
    std::unordered_map<std::string, std::vector<StationEvent>> admitted_; // never iterated
    std::deque<std::string> admittedOrder_;
};

// {"object": "/registry/pods/default/web", "stations": [{"station": "Received", "time", "note",
// "revision"}, ...]}
Json stationsJson(const StationLog& log, const std::string& key);

} // namespace orrery::cluster
