// What is measured, and what it must be. Each measurement starts its own Orrery and takes seconds
// to a minute.
#pragma once
#include <string>
#include <vector>

namespace orrery::bench {

struct Setup {
    std::string program; // path of orrery
    bool quick = false;  // shorter, coarser
};

struct Metric {
    std::string name, unit;
    double value = 0, must = 0, aim = 0;
    double p50 = -1, p99 = -1; // milliseconds; negative: has none
    double cpuSeconds = -1;    // of Orrery meanwhile; steadier than the clock on a busy machine
};

struct Measurement {
    const char* name;
    std::vector<Metric> (*measure)(const Setup& setup);
};
const std::vector<Measurement>& allMeasurements();

} // namespace orrery::bench
