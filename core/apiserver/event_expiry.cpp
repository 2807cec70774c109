#include "core/apiserver/event_expiry.h"

namespace orrery::apiserver {

EventExpiry::EventExpiry(Env& env, store::Store& store, Duration live)
    : env_(env), store_(store), live_(live) {}

EventExpiry::~EventExpiry() {
    env_.executor.cancel(timer_);
}

void EventExpiry::start() {
    const auto events = store_.list(kPrefix);
    ORRERY_ASSERT(events.has_value()); // the newest revision is never compacted
    for (const store::KeyValuePtr& event : events->items)
        queue_.push_back({env_.now() + live_, event->key, event->modRevision});
    arm();
}

void EventExpiry::onWrite(const std::string& key, store::Revision revision) {
    queue_.push_back({env_.now() + live_, key, revision});
    arm();
}

void EventExpiry::arm() {
    if (timer_ == 0 && !queue_.empty())
        timer_ = env_.executor.postAt(queue_.front().at, [this] {
            timer_ = 0;
            expire();
        });
}

void EventExpiry::expire() {
    while (!queue_.empty() && queue_.front().at <= env_.now()) {
        const Due due = std::move(queue_.front());
        queue_.pop_front();
        const store::KeyValuePtr event = store_.get(due.key);
        if (!event || event->modRevision != due.revision)
            continue;
        WriteCause cause;
        cause.actor = "kube-apiserver";
        cause.because = "the Event is older than " + formatDuration(live_);
        const auto written = store_.commit({due.key, nullptr, due.revision, nullptr},
                                           std::move(cause), [key = due.key](Result<void> durable) {
                                               if (!durable)
                                                   logLine(LogLevel::Warning, "apiserver",
                                                           "could not expire " + key + ": " +
                                                               durable.error().message);
                                           });
        if (!written)
            logLine(LogLevel::Warning, "apiserver",
                    "could not expire " + due.key + ": " + written.error().message);
    }
    arm();
}

} // namespace orrery::apiserver
