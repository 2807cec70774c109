// Times and durations, and their Kubernetes spellings.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace orrery {

using Duration = std::chrono::nanoseconds;
// Wall-clock time in UTC. Comes from Env's clock only.
using Time = std::chrono::sys_time<Duration>;

using namespace std::chrono_literals;

// metav1.Time: "2026-11-21T10:42:07Z" (seconds; what is finer is cut off).
std::string formatTime(Time time);
// metav1.MicroTime: "2026-11-21T10:42:07.318000Z".
std::string formatMicroTime(Time time);
// RFC 3339 with or without a fraction, any zone offset.
Result<Time> parseTime(std::string_view text);

// Go's time.Duration spelling: "1h30m0s", "500ms", "0s".
std::string formatDuration(Duration duration);
// Go's syntax: "300ms", "-1.5h", "2h45m".
Result<Duration> parseDuration(std::string_view text);
// kubectl's age column: "5s", "3m12s", "4h", "12d", "2y10d" (apimachinery's HumanDuration).
std::string humanDuration(Duration duration);

} // namespace orrery
