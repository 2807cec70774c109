// What a simulated container has printed: the same lines for the same container, whenever they are
// asked for. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"

namespace orrery::cri {

struct LogLine {
    Time at{};
    std::string text;
};

// A container prints a few lines when it starts, then one about every kLogEvery.
inline constexpr Duration kLogEvery = std::chrono::seconds(5);

struct SimulatedLog {
    std::string containerId, name, image, podName, podIP;
    Time startedAt{};
    std::optional<Time> finishedAt;
    int exitCode = 0;
};

// The lines after `after` (exclusive) up to `until`, the newest `linesMax` at most.
std::vector<LogLine> simulatedLines(const SimulatedLog& log, Time after, Time until,
                                    std::size_t linesMax = 10'000);
// When the next line comes; nullopt once the container has ended.
std::optional<Time> nextSimulatedLine(const SimulatedLog& log, Time now);

} // namespace orrery::cri
