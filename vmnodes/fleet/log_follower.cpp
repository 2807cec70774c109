#include "vmnodes/fleet/log_follower.h"

namespace orrery::fleet {

namespace {
constexpr std::int64_t kLinesMax = 10'000;
}

cri::SimulatedLog logOf(const api::Pod& pod, const cri::ContainerStatus& status) {
    cri::SimulatedLog log{status.id, status.name,      status.image, pod.metadata.name,
                          pod.podIP, status.startedAt, {},           0};
    if (status.state == cri::ContainerState::Exited) {
        log.finishedAt = status.finishedAt;
        log.exitCode = status.exitCode;
    }
    return log;
}

SimulatedFollower::SimulatedFollower(Env& env,
                                     std::function<std::optional<cri::SimulatedLog>()> read,
                                     LogOptions options, std::function<void(std::string)> onBytes,
                                     std::function<void(std::string)> onEnd)
    : env_(env), read_(std::move(read)), options_(std::move(options)), onBytes_(std::move(onBytes)),
      onEnd_(std::move(onEnd)) {}

SimulatedFollower::~SimulatedFollower() {
    env_.executor.cancel(timer_);
}

void SimulatedFollower::start() {
    timer_ = env_.executor.postAt(env_.now(), [this] { tick(true); });
}

Time SimulatedFollower::firstTime(const cri::SimulatedLog& log) const {
    Time after = log.startedAt - 1ns;
    if (options_.sinceSeconds)
        after = std::max(after, env_.now() - std::chrono::seconds(*options_.sinceSeconds));
    if (options_.sinceTime)
        after = std::max(after, *options_.sinceTime - 1ns);
    return after;
}

std::string SimulatedFollower::format(const std::vector<cri::LogLine>& lines) {
    std::string bytes;
    for (const cri::LogLine& line : lines)
        bytes += (options_.timestamps ? formatMicroTime(line.at) + " " : std::string()) +
                 line.text + "\n";
    if (options_.limitBytes) {
        const std::int64_t left = std::max<std::int64_t>(*options_.limitBytes - sent_, 0);
        bytes.resize(std::min(bytes.size(), static_cast<std::size_t>(left)));
    }
    sent_ += static_cast<std::int64_t>(bytes.size());
    return bytes;
}

void SimulatedFollower::tick(bool first) {
    timer_ = 0;
    const std::optional<cri::SimulatedLog> log = read_();
    const Time now = env_.now();
    const std::weak_ptr<bool> alive = alive_; // the listener may end us
    if (log) {
        const std::int64_t most = first ? options_.tailLines.value_or(kLinesMax) : kLinesMax;
        std::string bytes = format(
            simulatedLines(*log, first ? firstTime(*log) : shown_, now,
                           static_cast<std::size_t>(std::clamp<std::int64_t>(most, 0, kLinesMax))));
        if (!bytes.empty())
            onBytes_(std::move(bytes));
        if (alive.expired())
            return;
    }
    shown_ = now;
    const std::optional<Time> next = log ? nextSimulatedLine(*log, now) : std::nullopt;
    if (!options_.follow || !next || (options_.limitBytes && sent_ >= *options_.limitBytes))
        return onEnd_("");
    timer_ = env_.executor.postAt(*next, [this] { tick(false); });
}

} // namespace orrery::fleet
