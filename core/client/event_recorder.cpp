#include "core/client/event_recorder.h"

#include <algorithm>
#include <cstdio>

namespace orrery::client {

namespace {
// client-go's correlator.
constexpr std::size_t kRememberedMax = 4096;
constexpr std::size_t kSimilarMax = 10;
constexpr Duration kSimilarWithin = 600s;
constexpr double kBurst = 25;
constexpr double kRefillSeconds = 300;
// client-go's events broadcaster: a series ends after six minutes of silence.
constexpr Duration kSeriesWithin = 360s;
constexpr Duration kSeriesRefresh = 1800s;
constexpr std::size_t kMessageMax = 1024; // of a modern event's note

std::string eventNamespace(const ObjectReference& regarding) {
    return regarding.namespace_.empty() ? "default" : regarding.namespace_;
}

std::string identity(const ObjectReference& r) {
    return r.apiVersion + '\n' + r.kind + '\n' + r.namespace_ + '\n' + r.name + '\n' + r.uid +
           '\n' + r.fieldPath;
}

JsonObject toJson(const ObjectReference& reference) {
    JsonObject out;
    const auto put = [&out](const char* field, const std::string& value) {
        if (!value.empty())
            out[field] = value;
    };
    put("kind", reference.kind);
    put("namespace", reference.namespace_);
    put("name", reference.name);
    put("uid", reference.uid);
    put("apiVersion", reference.apiVersion);
    put("resourceVersion", reference.resourceVersion);
    put("fieldPath", reference.fieldPath);
    return out;
}
} // namespace

ObjectReference referenceTo(const std::string& apiVersion, const std::string& kind,
                            const api::ObjectMeta& metadata) {
    ObjectReference out{apiVersion, kind, metadata.namespace_, metadata.name, metadata.uid, "", ""};
    if (metadata.resourceVersion != 0)
        out.resourceVersion = std::to_string(metadata.resourceVersion);
    return out;
}

template <typename V> V& EventRecorder::Recent<V>::at(const std::string& key) {
    if (const auto known = places.find(key); known != places.end()) {
        order.splice(order.begin(), order, known->second);
        return order.front().second;
    }
    if (order.size() >= kRememberedMax) {
        places.erase(order.back().first);
        order.pop_back();
    }
    order.emplace_front(key, V{});
    places[key] = order.begin();
    return order.front().second;
}

EventRecorder::EventRecorder(Env& env, Client& client, EventSource source)
    : env_(env), client_(client), source_(std::move(source)) {}

void EventRecorder::record(const ObjectReference& regarding, EventText text, WriteCause cause) {
    env_.executor.postIdle([this, weak = std::weak_ptr<bool>(alive_), regarding,
                            text = std::move(text), cause = std::move(cause),
                            said = env_.now()]() mutable {
        if (!weak.expired())
            correlate(regarding, std::move(text), std::move(cause), said);
    });
}

void EventRecorder::correlate(const ObjectReference& regarding, EventText text, WriteCause cause,
                              Time said) {
    if (cause.because.empty())
        cause.because = text.reason + ": " + text.message;
    if (source_.style == EventSource::Style::Modern)
        recordModern(regarding, std::move(text), std::move(cause), said);
    else
        recordClassic(regarding, std::move(text), std::move(cause), said);
}

bool EventRecorder::allowed(const ObjectReference& regarding, Time now) {
    Budget& budget = budgets_.at(identity(regarding));
    if (budget.refilled == Time{})
        budget.tokens = kBurst;
    else
        budget.tokens +=
            std::chrono::duration<double>(now - budget.refilled).count() / kRefillSeconds;
    budget.tokens = std::min(budget.tokens, kBurst);
    budget.refilled = now;
    if (budget.tokens < 1)
        return false;
    budget.tokens -= 1;
    return true;
}

void EventRecorder::recordClassic(const ObjectReference& regarding, EventText text,
                                  WriteCause cause, Time now) {
    const std::string group = identity(regarding) + '\n' + text.type + '\n' + text.reason;
    Similar& similar = similar_.at(group);
    if (similar.last != Time{} && now - similar.last > kSimilarWithin)
        similar.messages.clear();
    similar.last = now;
    similar.messages.insert(text.message);
    const bool combined = similar.messages.size() >= kSimilarMax;
    if (combined) { // counted together from now on
        similar.messages.erase(similar.messages.begin());
        text.message = "(combined from similar events): " + text.message;
    }
    if (!allowed(regarding, now))
        return;
    Sent& sent = sent_.at(combined ? group : group + '\n' + text.message);
    if (sent.count++ == 0) {
        sent.name = newName(regarding, now);
        sent.first = sent.last = now;
        create(regarding, text, sent, std::move(cause), now);
        return;
    }
    sent.last = now;
    JsonObject change{{"count", sent.count}, {"lastTimestamp", formatTime(now)}};
    if (combined)
        change["message"] = text.message;
    const Sent copy = sent;
    patch(eventNamespace(regarding), sent.name, Json(std::move(change)), cause,
          [this, regarding, text, copy, cause, now] { create(regarding, text, copy, cause, now); });
}

void EventRecorder::recordModern(const ObjectReference& regarding, EventText text, WriteCause cause,
                                 Time now) {
    if (text.message.size() > kMessageMax)
        text.message.resize(kMessageMax);
    Sent& sent = sent_.at(identity(regarding) + '\n' + text.type + '\n' + text.reason + '\n' +
                          text.action + '\n' + (text.related ? identity(*text.related) : ""));
    // DIVERGES: a changed note (FailedScheduling with other counts) is written into the series,
    // where Kubernetes keeps the first one for half an hour: people read it to learn what is wrong
    // now.
    if (sent.count == 0 || now - sent.last > kSeriesWithin) {
        sent = Sent{newName(regarding, now), 1, now, now, false};
        create(regarding, text, sent, std::move(cause), now);
        return;
    }
    ++sent.count;
    sent.last = now;
    if (sent.series && now - sent.first < kSeriesRefresh)
        return;
    sent.series = true;
    sent.first = now;
    JsonObject change{
        {"series", JsonObject{{"count", sent.count}, {"lastObservedTime", formatMicroTime(now)}}},
        {"message", text.message}};
    const Sent copy = sent;
    patch(eventNamespace(regarding), sent.name, Json(std::move(change)), cause,
          [this, regarding, text, copy, cause, now] { create(regarding, text, copy, cause, now); });
}

std::string EventRecorder::newName(const ObjectReference& regarding, Time now) {
    lastNameNanos_ = std::max<std::int64_t>(now.time_since_epoch().count(),
                                            lastNameNanos_ + 1); // two in one moment differ
    char hex[17];
    std::snprintf(hex, sizeof hex, "%llx", static_cast<unsigned long long>(lastNameNanos_));
    return regarding.name + "." + hex;
}

void EventRecorder::create(const ObjectReference& regarding, const EventText& text,
                           const Sent& sent, WriteCause cause, Time said) {
    const bool modern = source_.style == EventSource::Style::Modern;
    JsonObject metadata{{"name", sent.name}, {"namespace", eventNamespace(regarding)}};
    if (!text.annotations.empty()) {
        JsonObject& annotations = metadata["annotations"].emplace_object();
        for (const auto& [key, value] : text.annotations)
            annotations[key] = value;
    }
    JsonObject event{{"apiVersion", "v1"},
                     {"kind", "Event"},
                     {"metadata", std::move(metadata)},
                     {"involvedObject", toJson(regarding)},
                     {"reason", text.reason},
                     {"message", text.message}};
    JsonObject source;
    if (!modern) {
        source["component"] = source_.component;
        if (!source_.host.empty())
            source["host"] = source_.host;
    }
    event["source"] = std::move(source);
    event["firstTimestamp"] = modern ? Json() : Json(formatTime(sent.first));
    event["lastTimestamp"] = modern ? Json() : Json(formatTime(sent.last));
    if (!modern)
        event["count"] = sent.count;
    event["type"] = text.type;
    event["eventTime"] = modern ? Json(formatMicroTime(said)) : Json();
    if (!text.action.empty())
        event["action"] = text.action;
    if (text.related)
        event["related"] = toJson(*text.related);
    event["reportingComponent"] = source_.component;
    event["reportingInstance"] = modern ? source_.instance : source_.host;

    Request request;
    request.verb = "create";
    request.path = {"", "v1", "events", eventNamespace(regarding), "", ""};
    request.body = Json(std::move(event));
    request.cause = std::move(cause);
    // An event that is refused (its namespace is going away) is lost on purpose: nobody waits for
    // it.
    client_.send(std::move(request), [](Result<Response>) {});
}

void EventRecorder::patch(const std::string& namespace_, const std::string& name, Json patch,
                          WriteCause cause, std::function<void()> whenGone) {
    Request request;
    request.verb = "patch";
    request.path = {"", "v1", "events", namespace_, name, ""};
    request.patchType = PatchType::StrategicMerge;
    request.body = std::move(patch);
    request.cause = std::move(cause);
    const std::weak_ptr<bool> weak = alive_;
    client_.send(std::move(request),
                 [weak, whenGone = std::move(whenGone)](Result<Response> answer) {
                     if (!weak.expired() && !answer && answer.error().reason == Reason::NotFound)
                         whenGone(); // it was deleted: write it anew
                 });
}

} // namespace orrery::client
