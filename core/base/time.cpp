#include "core/base/time.h"

#include <cstdio>

namespace orrery {

namespace {
using Days = std::chrono::sys_days;

struct Civil {
    int year;
    unsigned month, day;
    int hour, minute, second;
    std::int64_t nanos;
};

Civil civil(Time time) {
    const Days day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const Duration rest = time - day;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(rest);
    const int total = static_cast<int>(seconds.count());
    return {static_cast<int>(date.year()),
            static_cast<unsigned>(date.month()),
            static_cast<unsigned>(date.day()),
            total / 3600,
            total / 60 % 60,
            total % 60,
            (rest - seconds).count()};
}

// Reads exactly `digits` digits from the front of `text`; -1 when they are not there.
int takeNumber(std::string_view& text, std::size_t digits) {
    if (text.size() < digits)
        return -1;
    int number = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        number = number * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return number;
}

bool takeChar(std::string_view& text, char wanted) {
    if (text.empty() || text.front() != wanted)
        return false;
    text.remove_prefix(1);
    return true;
}

Error badTime(std::string_view text) {
    return badRequest("\"" + std::string(text) + "\" is not a time like 2006-01-02T15:04:05Z");
}

// ".123456789" as nanoseconds; nothing when there is no fraction; -1 when it is broken.
std::int64_t takeFraction(std::string_view& text) {
    if (!takeChar(text, '.'))
        return 0;
    std::int64_t nanos = 0, unit = 100'000'000;
    if (text.empty() || text.front() < '0' || text.front() > '9')
        return -1;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        nanos += (text.front() - '0') * unit;
        unit /= 10;
        text.remove_prefix(1);
    }
    return nanos;
}

// "Z", "+02:00": the offset from UTC; false when it is broken.
bool takeZone(std::string_view& text, std::chrono::minutes& offset) {
    if (takeChar(text, 'Z') || takeChar(text, 'z'))
        return true;
    const bool plus = takeChar(text, '+');
    if (!plus && !takeChar(text, '-'))
        return false;
    const int hours = takeNumber(text, 2);
    if (hours < 0 || !takeChar(text, ':'))
        return false;
    const int minutes = takeNumber(text, 2);
    if (minutes < 0 || hours > 23 || minutes > 59)
        return false;
    offset = std::chrono::minutes((plus ? 1 : -1) * (hours * 60 + minutes));
    return true;
}
} // namespace

std::string formatTime(Time time) {
    const Civil c = civil(time);
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", c.year, c.month, c.day,
                  c.hour, c.minute, c.second);
    return text;
}

std::string formatMicroTime(Time time) {
    const Civil c = civil(time);
    char text[48];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", c.year, c.month, c.day,
                  c.hour, c.minute, c.second, static_cast<int>(c.nanos / 1000));
    return text;
}

Result<Time> parseTime(std::string_view text) {
    std::string_view rest = text;
    const int year = takeNumber(rest, 4);
    if (year < 0 || !takeChar(rest, '-'))
        return badTime(text);
    const int month = takeNumber(rest, 2);
    if (month < 0 || !takeChar(rest, '-'))
        return badTime(text);
    const int day = takeNumber(rest, 2);
    if (day < 0 || !(takeChar(rest, 'T') || takeChar(rest, 't')))
        return badTime(text);
    const int hour = takeNumber(rest, 2);
    if (hour < 0 || hour > 23 || !takeChar(rest, ':'))
        return badTime(text);
    const int minute = takeNumber(rest, 2);
    if (minute < 0 || minute > 59 || !takeChar(rest, ':'))
        return badTime(text);
    const int second = takeNumber(rest, 2);
    const std::int64_t nanos = second < 0 || second > 60 ? -1 : takeFraction(rest);
    std::chrono::minutes offset(0);
    if (nanos < 0 || !takeZone(rest, offset) || !rest.empty())
        return badTime(text);
    const std::chrono::year_month_day date(std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day)));
    // What a 64-bit count of nanoseconds can hold: 1678 to 2261.
    if (!date.ok() || year > 2261 || (year < 1678 && year != 1))
        return badTime(text);
    if (year == 1)
        return Time{}; // Go's zero time
    return Time(Days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second) + Duration(nanos) - offset;
}

std::string formatDuration(Duration duration) {
    if (duration == Duration::zero())
        return "0s";
    const bool negative = duration < Duration::zero();
    std::uint64_t nanos = negative ? 0 - static_cast<std::uint64_t>(duration.count())
                                   : static_cast<std::uint64_t>(duration.count());
    std::string text = negative ? "-" : "";
    const auto withFraction = [](std::uint64_t value, std::uint64_t unit) {
        std::string number = std::to_string(value / unit);
        std::string fraction = std::to_string(value % unit + unit).substr(1);
        fraction.erase(fraction.find_last_not_of('0') + 1);
        return unit == 1 || fraction.empty() ? number : number + "." + fraction;
    };
    if (nanos < 1'000)
        return text + std::to_string(nanos) + "ns";
    if (nanos < 1'000'000)
        return text + withFraction(nanos, 1'000) + "µs";
    if (nanos < 1'000'000'000)
        return text + withFraction(nanos, 1'000'000) + "ms";
    const std::uint64_t minutes = nanos / 60'000'000'000;
    nanos %= 60'000'000'000;
    if (minutes >= 60)
        text += std::to_string(minutes / 60) + "h";
    if (minutes > 0)
        text += std::to_string(minutes % 60) + "m";
    return text + withFraction(nanos, 1'000'000'000) + "s";
}

namespace {
// The unit at the front of `text` in nanoseconds, taken off; 0 when there is none.
double unitOf(std::string_view name) {
    static constexpr std::pair<std::string_view, double> kUnits[] = {
        {"ns", 1.0}, {"us", 1e3}, {"µs", 1e3}, {"μs", 1e3},
        {"ms", 1e6}, {"s", 1e9},  {"m", 60e9}, {"h", 3600e9},
    };
    for (const auto& [known, nanos] : kUnits)
        if (name == known)
            return nanos;
    return 0;
}
} // namespace

Result<Duration> parseDuration(std::string_view text) {
    const Error bad = badRequest("time: invalid duration \"" + std::string(text) + "\"");
    std::string_view rest = text;
    const bool negative = takeChar(rest, '-');
    if (!negative)
        takeChar(rest, '+');
    if (rest == "0")
        return Duration::zero();
    if (rest.empty())
        return bad;
    double total = 0;
    while (!rest.empty()) {
        double number = 0, scale = 1;
        bool digits = false, point = false;
        for (; !rest.empty(); rest.remove_prefix(1)) {
            if (rest.front() == '.' && !point) {
                point = true;
                continue;
            }
            if (rest.front() < '0' || rest.front() > '9')
                break;
            digits = true;
            number = number * 10 + (rest.front() - '0');
            scale *= point ? 10 : 1;
        }
        if (!digits)
            return bad;
        const std::string_view named =
            rest.substr(0, std::min(rest.size(), rest.find_first_of(".0123456789")));
        const double unit = unitOf(named);
        rest.remove_prefix(named.size());
        if (named.empty())
            return badRequest("time: missing unit in duration \"" + std::string(text) + "\"");
        if (unit == 0)
            return badRequest("time: unknown unit \"" + std::string(named) + "\" in duration \"" +
                              std::string(text) + "\"");
        total += number / scale * unit;
    }
    if (total > 9.2e18)
        return bad;
    return Duration(static_cast<std::int64_t>(negative ? -total : total));
}

std::string humanDuration(Duration duration) {
    const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(duration).count();
    const std::int64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
    const auto pair = [](std::int64_t big, const char* bigUnit, std::int64_t small,
                         const char* smallUnit) {
        std::string text = std::to_string(big) + bigUnit;
        return small == 0 ? text : text + std::to_string(small) + smallUnit;
    };
    if (seconds < -1)
        return "<invalid>";
    if (seconds < 0)
        return "0s";
    if (seconds < 60 * 2)
        return std::to_string(seconds) + "s";
    if (minutes < 10)
        return pair(minutes, "m", seconds % 60, "s");
    if (minutes < 60 * 3)
        return std::to_string(minutes) + "m";
    if (hours < 8)
        return pair(hours, "h", minutes % 60, "m");
    if (hours < 48)
        return std::to_string(hours) + "h";
    if (hours < 24 * 8)
        return pair(days, "d", hours % 24, "h");
    if (days < 365 * 2)
        return std::to_string(days) + "d";
    if (days < 365 * 8)
        return pair(days / 365, "y", days % 365, "d");
    return std::to_string(days / 365) + "y";
}

} // namespace orrery
