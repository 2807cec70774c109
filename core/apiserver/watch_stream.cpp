#include "core/apiserver/watch_stream.h"

#include "core/api/tables.h"
#include "core/apiserver/render.h"
#include "core/apiserver/status.h"

namespace orrery::apiserver {

namespace {
constexpr std::int64_t kMinWatchSeconds =
    1800; // without timeoutSeconds: between this and twice as long

std::string_view lineHead(WatchHub::EventType type) {
    switch (type) {
    case WatchHub::EventType::Added:
        return "{\"type\":\"ADDED\",\"object\":";
    case WatchHub::EventType::Modified:
        return "{\"type\":\"MODIFIED\",\"object\":";
    case WatchHub::EventType::Deleted:
        return "{\"type\":\"DELETED\",\"object\":";
    case WatchHub::EventType::Bookmark:
        break;
    }
    return "{\"type\":\"BOOKMARK\",\"object\":";
}
} // namespace

WatchStream::WatchStream(ServerCore& core, const Call& call, Answer& answer, Representation form)
    : core_(core), kind_(*answer.kind), form_(std::move(form)),
      includeObject_(call.options.includeObject), bookmarks_(call.options.allowWatchBookmarks) {
    form_.media = Representation::Media::Json; // a stream of YAML documents is not a thing
}

WatchStream::~WatchStream() {
    core_.env.executor.cancel(timeout_);
}

void WatchStream::start(ServerCore& core, const Call& call, Answer answer, Representation form,
                        Headers headers, HttpAnswerPtr http) {
    std::unique_ptr<WatchStream> made(new WatchStream(core, call, answer, std::move(form)));
    WatchStream* self = made.get();
    self->stream_ = http->stream(200, std::move(headers), [self] { self->remove(); });
    core.streams.emplace(self, std::move(made));
    const std::int64_t seconds =
        call.options.timeoutSeconds > 0
            ? call.options.timeoutSeconds
            : kMinWatchSeconds + static_cast<std::int64_t>(core.env.random.below(
                                     static_cast<std::uint64_t>(kMinWatchSeconds)));
    self->timeout_ =
        core.env.executor.postAt(core.env.now() + std::chrono::seconds(seconds), [self] {
            self->timeout_ = 0;
            self->end();
        });
    if (const Result<void> subscribed = self->subscribe(call, std::move(*answer.watch));
        !subscribed) {
        std::vector<Slice> line;
        self->appendError(line, subscribed.error());
        self->write(std::move(line));
        self->end();
    }
}

Result<void> WatchStream::subscribe(const Call& call, Selection selection) {
    const RequestOptions& options = call.options;
    const std::int64_t version = parseResourceVersion(options.resourceVersion).value_or(0);
    bool initial = version == 0;
    Revision after = version;
    if (options.sendInitialEvents) {
        initial = *options.sendInitialEvents;
        initialEndWanted_ = initial && bookmarks_;
        if (!initial && version == 0)
            after = core_.store.revision();
    }
    WatchHub::Watcher watcher;
    watcher.onEvents = [this](std::span<const WatchHub::Delivery> events) { onEvents(events); };
    watcher.onInitialEnd = [this](Revision revision) { onInitialEnd(revision); };
    watcher.onClosed = [this](Error error) {
        std::vector<Slice> line;
        appendError(line, error);
        write(std::move(line));
        end();
    };
    told_ = after;
    ORRERY_TRY_ASSIGN(subscription_, core_.watches.subscribe(std::move(selection), after, initial,
                                                             std::move(watcher)));
    return {};
}

void WatchStream::onEvents(std::span<const WatchHub::Delivery> events) {
    std::vector<Slice> out;
    out.reserve(events.size() * 3);
    for (const WatchHub::Delivery& event : events) {
        out.push_back(Slice::constant(lineHead(event.type)));
        if (form_.shape == Representation::Shape::Plain) {
            out.push_back(Slice::of(event.object));
        } else {
            for (Slice& slice : renderObject(&kind_, event.object, form_, includeObject_,
                                             !columnsSent_, core_.env.now()))
                out.push_back(std::move(slice));
            columnsSent_ = true;
        }
        out.push_back(Slice::constant("}\n"));
        told_ = std::max(told_, event.revision);
    }
    write(std::move(out));
}

void WatchStream::onInitialEnd(Revision revision) {
    told_ = revision;
    if (!initialEndWanted_)
        return;
    std::vector<Slice> out;
    appendBookmark(out, revision, true);
    write(std::move(out));
}

void WatchStream::bookmark() {
    if (!subscription_ || !bookmarks_ || subscription_->seen() <= told_)
        return;
    told_ = subscription_->seen();
    std::vector<Slice> out;
    appendBookmark(out, told_, false);
    write(std::move(out));
}

void WatchStream::appendBookmark(std::vector<Slice>& out, Revision revision, bool initialEnd) {
    JsonObject metadata;
    metadata["resourceVersion"] = std::to_string(revision);
    if (initialEnd)
        metadata["annotations"] = JsonObject{{"k8s.io/initial-events-end", "true"}};
    JsonObject object;
    object["kind"] = kind_.kind;
    object["apiVersion"] = kind_.apiVersion();
    object["metadata"] = std::move(metadata);
    Json whole(std::move(object));
    if (form_.shape == Representation::Shape::Partial) {
        setPath(whole, "kind", Json("PartialObjectMetadata"));
        setPath(whole, "apiVersion", Json("meta.k8s.io/" + form_.metaVersion));
    } else if (form_.shape == Representation::Shape::Table) {
        api::TableOptions options;
        options.version = form_.metaVersion;
        options.columns = !std::exchange(columnsSent_, true);
        whole = api::tableOf(kind_, whole, options, core_.env.now());
    }
    out.push_back(Slice::constant(lineHead(WatchHub::EventType::Bookmark)));
    out.push_back(Slice::own(serializeJson(whole) + "}\n"));
}

void WatchStream::appendError(std::vector<Slice>& out, const Error& error) {
    out.push_back(
        Slice::own("{\"type\":\"ERROR\",\"object\":" + serializeJson(statusOf(error)) + "}\n"));
}

void WatchStream::write(std::vector<Slice> slices) {
    if (removed_ || !stream_)
        return;
    if (stream_->queuedBytes() > core_.options.watchBufferBytesMax) {
        logLine(LogLevel::Warning, "apiserver",
                "a watcher of " + kind_.plural + " is too slow and was cut");
        stream_->cut();
        return remove();
    }
    stream_->write(std::move(slices));
}

void WatchStream::end() {
    if (removed_)
        return;
    stream_->end();
    remove();
}

// The stream may be in the middle of a call of its own: it goes a task later.
void WatchStream::remove() {
    if (std::exchange(removed_, true))
        return;
    core_.env.executor.post([&core = core_, alive = core_.alive, self = this] {
        if (*alive)
            core.streams.erase(self);
    });
}

} // namespace orrery::apiserver
