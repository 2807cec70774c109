#include "vmnodes/cri/simulated_logs.h"

#include <algorithm>

namespace orrery::cri {

namespace {
constexpr Duration kStartLine = 20ms; // between the lines of the start
constexpr std::int64_t kStartLines = 4;

std::uint64_t mixed(const std::string& text, std::int64_t number) {
    std::uint64_t hash = 0xcbf29ce484222325ULL ^ static_cast<std::uint64_t>(number);
    for (char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return hash ^ (hash >> 29);
}

Time timeOf(const SimulatedLog& log, std::int64_t index) {
    return index < kStartLines ? log.startedAt + kStartLine * index
                               : log.startedAt + kLogEvery * (index - kStartLines + 1);
}

std::string textOf(const SimulatedLog& log, std::int64_t index) {
    switch (index) {
    case 0:
        return "simulated container " + log.name + " (" + log.image + ") of pod " + log.podName;
    case 1:
        return "address " + (log.podIP.empty() ? std::string("none") : log.podIP) + ", container " +
               log.containerId.substr(0, 12);
    case 2:
        return "configuration loaded";
    case 3:
        return "ready to work";
    default:
        break;
    }
    static constexpr const char* kPaths[] = {"/", "/healthz", "/api/items", "/api/items/7",
                                             "/static/site.css"};
    const std::uint64_t hash = mixed(log.containerId, index);
    return std::string("GET ") + kPaths[hash % 5] + " 200 " +
           std::to_string(200 + hash / 5 % 9000) + " bytes " + std::to_string(1 + hash / 7 % 40) +
           " ms";
}

// The number of lines printed up to `until`.
std::int64_t countUntil(const SimulatedLog& log, Time until) {
    if (until < log.startedAt)
        return 0;
    const Duration ran = until - log.startedAt;
    return std::min<std::int64_t>(kStartLines, ran / kStartLine + 1) + ran / kLogEvery;
}
} // namespace

std::vector<LogLine> simulatedLines(const SimulatedLog& log, Time after, Time until,
                                    std::size_t linesMax) {
    const Time end = log.finishedAt ? std::min(until, *log.finishedAt) : until;
    const std::int64_t count = countUntil(log, end);
    std::int64_t first = after < log.startedAt ? 0 : countUntil(log, after);
    first = std::max(first, count - static_cast<std::int64_t>(linesMax));
    std::vector<LogLine> lines;
    for (std::int64_t i = first; i < count; ++i)
        lines.push_back({timeOf(log, i), textOf(log, i)});
    if (log.finishedAt && *log.finishedAt <= until && *log.finishedAt > after)
        lines.push_back({*log.finishedAt, "exit with status " + std::to_string(log.exitCode)});
    return lines;
}

std::optional<Time> nextSimulatedLine(const SimulatedLog& log, Time now) {
    if (log.finishedAt && *log.finishedAt <= now)
        return std::nullopt;
    return timeOf(log, countUntil(log, now));
}

} // namespace orrery::cri
