// The stations that each pod has reached, with their times: what Trace told, kept by store key.
#pragma once
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/bridge/batch.h"

namespace orrery::app {

class Journeys {
  public:
    static constexpr std::size_t kPodsMax = 20000; // the oldest are forgotten first
    // Returns the key that it was kept under; "" while the pod has no name yet.
    std::string take(const StationEvent& event);
    std::vector<StationRow> of(const std::string& key) const;

  private:
    struct Journey {
        std::string uid;
        std::vector<StationRow> stations;
    };
    void keep(const std::string& key, const StationEvent& event);
    std::unordered_map<std::string, Journey> journeys_;
    std::deque<std::string> order_;
    std::vector<StationEvent> nameless_; // of a creation whose name the server has yet to choose
};

} // namespace orrery::app
