#include "core/client/work_queue.h"

namespace orrery::client {

namespace {
constexpr Duration kBackoffFirst = 5ms;
constexpr Duration kBackoffMax = 1000s;
} // namespace

std::string Wake::text() const {
    switch (what) {
    case What::Added:
        return std::string(kind) + " " + key + " was added";
    case What::Changed:
        return std::string(kind) + " " + key + " changed";
    case What::Deleted:
        return std::string(kind) + " " + key + " was deleted";
    case What::Retry:
        return "the last attempt failed";
    case What::Timer:
        break;
    }
    return "a timer was due";
}

WorkQueue::WorkQueue(Env& env, std::function<void()> onReady)
    : env_(env), onReady_(std::move(onReady)) {}

WorkQueue::~WorkQueue() {
    env_.executor.cancel(timer_);
}

void WorkQueue::add(const std::string& key, Wake wake) {
    if (const auto busy = processing_.find(key); busy != processing_.end()) {
        if (!busy->second)
            busy->second = Waiting{std::move(wake), env_.now()};
        return;
    }
    push(key, std::move(wake));
}

void WorkQueue::push(const std::string& key, Wake wake) {
    if (!waiting_.try_emplace(key, Waiting{std::move(wake), env_.now()}).second)
        return;
    order_.push_back(key);
    if (order_.size() == 1)
        onReady_();
}

void WorkQueue::addAfter(const std::string& key, Duration delay, Wake wake) {
    if (delay <= Duration::zero()) {
        add(key, std::move(wake));
        return;
    }
    const Time at = env_.now() + delay;
    if (const auto old = delayedAt_.find(key); old != delayedAt_.end()) {
        if (old->second <= at)
            return;
        delayed_.erase({old->second, key});
    }
    delayedAt_[key] = at;
    delayed_.emplace(std::pair(at, key), std::move(wake));
    armTimer();
}

void WorkQueue::addRateLimited(const std::string& key, std::int64_t revision) {
    const int earlier = failures_[key]++;
    Duration wait = kBackoffFirst;
    for (int i = 0; i < earlier && wait < kBackoffMax; ++i)
        wait *= 2;
    Wake wake;
    wake.what = Wake::What::Retry;
    wake.revision = revision;
    addAfter(key, std::min(wait, kBackoffMax), std::move(wake));
}

int WorkQueue::failures(const std::string& key) const {
    const auto at = failures_.find(key);
    return at == failures_.end() ? 0 : at->second;
}

std::optional<WorkQueue::Item> WorkQueue::get() {
    if (order_.empty())
        return std::nullopt;
    std::string key = std::move(order_.front());
    order_.pop_front();
    const auto at = waiting_.find(key);
    Item item{key, std::move(at->second.wake), at->second.queuedAt};
    waiting_.erase(at);
    processing_.emplace(std::move(key), std::nullopt);
    return item;
}

void WorkQueue::done(const std::string& key) {
    const auto at = processing_.find(key);
    if (at == processing_.end())
        return;
    std::optional<Waiting> again = std::move(at->second);
    processing_.erase(at);
    if (again)
        push(key, std::move(again->wake));
}

std::vector<std::string> WorkQueue::keys(int limit) const {
    std::vector<std::string> out;
    for (const std::string& key : order_) {
        if (static_cast<int>(out.size()) >= limit)
            break;
        out.push_back(key);
    }
    return out;
}

void WorkQueue::armTimer() {
    if (delayed_.empty())
        return;
    const Time first = delayed_.begin()->first.first;
    if (timer_ != 0 && timerAt_ <= first)
        return;
    env_.executor.cancel(timer_);
    timerAt_ = first;
    timer_ = env_.executor.postAt(first, [this] { onTimer(); });
}

void WorkQueue::onTimer() {
    timer_ = 0;
    while (!delayed_.empty() && delayed_.begin()->first.first <= env_.now()) {
        const std::string key = delayed_.begin()->first.second;
        Wake wake = std::move(delayed_.begin()->second);
        delayed_.erase(delayed_.begin());
        delayedAt_.erase(key);
        add(key, std::move(wake));
    }
    armTimer();
}

} // namespace orrery::client
