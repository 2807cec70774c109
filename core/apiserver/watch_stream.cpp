#include "core/apiserver/watch_stream.h"

#include "core/api/protobuf.h"
#include "core/api/tables.h"
#include "core/apiserver/render.h"
#include "core/apiserver/status.h"

namespace orrery::apiserver {

namespace {
constexpr std::int64_t kMinWatchSeconds =
    1800; // without timeoutSeconds: between this and twice as long

// A watch event's name, and the beginning of its line.
struct EventWords {
    std::string_view name, lineHead;
};
constexpr EventWords wordsOf(WatchHub::EventType type) {
    switch (type) {
    case WatchHub::EventType::Added:
        return {"ADDED", "{\"type\":\"ADDED\",\"object\":"};
    case WatchHub::EventType::Modified:
        return {"MODIFIED", "{\"type\":\"MODIFIED\",\"object\":"};
    case WatchHub::EventType::Deleted:
        return {"DELETED", "{\"type\":\"DELETED\",\"object\":"};
    case WatchHub::EventType::Bookmark:
        break;
    }
    return {"BOOKMARK", "{\"type\":\"BOOKMARK\",\"object\":"};
}

constexpr std::size_t kLengthBytes = 4; // before each event of a protobuf stream

// `framed`: the stream tells events apart by itself.
void appendEvent(std::vector<Slice>& out, Representation::Media media, bool framed,
                 const EventWords& words, std::vector<Slice> object) {
    std::size_t size = 0;
    for (const Slice& slice : object)
        size += slice.bytes.size();
    const bool protobuf = media == Representation::Media::Protobuf;
    if (protobuf)
        out.push_back(
            Slice::own(api::protobufEventHead(words.name, size).substr(framed ? kLengthBytes : 0)));
    else
        out.push_back(Slice::constant(words.lineHead));
    std::move(object.begin(), object.end(), std::back_inserter(out));
    if (!protobuf)
        out.push_back(Slice::constant("}\n"));
}
const char* watchScope(const RequestInfo& info) {
    return !info.name.empty() ? "resource" : info.namespace_.empty() ? "cluster" : "namespace";
}
} // namespace

WatchStream::WatchStream(ServerCore& core, const Call& call, Answer& answer, Representation form)
    : core_(core), keeps_(answer.keeps), kind_(*answer.kind), form_(std::move(form)),
      includeObject_(call.options.includeObject), scope_(watchScope(call.info)),
      bookmarks_(call.options.allowWatchBookmarks) {
    form_.pretty = false; // one line, one event
}

std::string WatchStream::labels() const {
    return "component=\"apiserver\",group=\"" + kind_.group + "\",resource=\"" + kind_.plural +
           "\",scope=\"" + scope_ + "\",subresource=\"\",verb=\"WATCH\",version=\"" +
           kind_.version + "\"";
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
        !subscribed)
        self->fail(subscribed.error());
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
        if (error.message.empty()) // its kind changed: the client lists again
            return end();
        fail(error);
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
        Result<std::vector<Slice>> object =
            renderObject(core_.forms, kind_, event.object, form_, includeObject_, !columnsSent_,
                         core_.env.now());
        if (event.initial) // the others' trees go once everybody has had them
            event.object->dropTree();
        if (!object) {
            write(std::move(out));
            return fail(object.error());
        }
        columnsSent_ = true;
        appendEvent(out, form_.media, stream_->isFramed(), wordsOf(event.type), std::move(*object));
        told_ = std::max(told_, event.revision);
        if (stream_->isFramed())
            write(std::exchange(out, {}));
    }
    write(std::move(out));
}

void WatchStream::onInitialEnd(Revision revision) {
    told_ = revision;
    if (!initialEndWanted_)
        return;
    writeBookmark(revision, true);
}

void WatchStream::bookmark() {
    if (!subscription_ || !bookmarks_ || subscription_->seen() <= told_)
        return;
    told_ = subscription_->seen();
    writeBookmark(told_, false);
}

Json WatchStream::bookmarkObject(Revision revision, bool initialEnd) {
    JsonObject metadata;
    metadata["resourceVersion"] = std::to_string(revision);
    if (initialEnd)
        metadata["annotations"] = JsonObject{{"k8s.io/initial-events-end", "true"}};
    JsonObject object;
    object["kind"] = kind_.kind;
    object["apiVersion"] = kind_.apiVersion();
    object["metadata"] = std::move(metadata);
    Json whole(std::move(object));
    if (form_.shape == Representation::Shape::Partial ||
        form_.shape == Representation::Shape::PartialList) {
        setPath(whole, "kind", Json("PartialObjectMetadata"));
        setPath(whole, "apiVersion", Json("meta.k8s.io/" + form_.metaVersion));
    } else if (form_.shape == Representation::Shape::Table) {
        api::TableOptions options;
        options.version = form_.metaVersion;
        options.columns = !std::exchange(columnsSent_, true);
        whole = api::tableOf(kind_, whole, options, core_.env.now());
    }
    return whole;
}

void WatchStream::writeBookmark(Revision revision, bool initialEnd) {
    Result<std::string> object = encodeTree(bookmarkObject(revision, initialEnd), form_.media);
    if (!object)
        return fail(object.error());
    std::vector<Slice> out;
    appendEvent(out, form_.media, stream_->isFramed(), wordsOf(WatchHub::EventType::Bookmark),
                {Slice::own(std::move(*object))});
    write(std::move(out));
}

void WatchStream::fail(const Error& error) {
    Result<std::string> status = encodeTree(statusOf(error), form_.media);
    ORRERY_ASSERT(status.has_value()); // a Status has every form
    std::vector<Slice> out;
    appendEvent(out, form_.media, stream_->isFramed(), {"ERROR", "{\"type\":\"ERROR\",\"object\":"},
                {Slice::own(std::move(*status))});
    write(std::move(out));
    end();
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
