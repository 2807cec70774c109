#include "core/trace/trace.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>

namespace orrery {

std::string_view stationName(Station station) {
    static constexpr std::array<std::string_view, kStationCount> kNames = {
        "Received", "Authenticated", "Authorized", "Admitted", "Stored",  "Announced",
        "Queued",   "Placed",        "Bound",      "Planned",  "Started", "Reported"};
    return kNames[static_cast<std::size_t>(station)];
}

namespace {
std::atomic<LogLevel> lowestLevel = LogLevel::Warning;
}

void setLogLevel(LogLevel level) {
    lowestLevel = level;
}

void logLine(LogLevel level, std::string_view component, std::string_view message) {
    if (level < lowestLevel)
        return;
    // A log line's time is for people; it is no part of the plane's history, so it may be the real
    // one.
    const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    const std::string stamp = formatMicroTime(now).substr(11, 12);
    const char letter = "DIWE"[static_cast<int>(level)];
    std::fprintf(stderr, "%c %s %.*s: %.*s\n", letter, stamp.c_str(),
                 static_cast<int>(component.size()), component.data(),
                 static_cast<int>(message.size()), message.data());
}

} // namespace orrery
