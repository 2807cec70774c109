#include "core/apiserver/why.h"

#include <set>

#include "core/apiserver/status.h"

namespace orrery::apiserver {

namespace {
constexpr std::size_t kLinksMax = 100;
constexpr int kHistoryMax = 50;

const std::string& keyOf(const store::Event& event) {
    return (event.current ? event.current : event.previous)->key;
}

bool isTerminating(const store::KeyValuePtr& state) {
    return state && state->value && findPath(state->value->tree(), "metadata.deletionTimestamp");
}

// Who marked an object deleted it; what takes it away when its grace period or finalizers have
// ended removes it.
const char* verbOf(const store::Event& event) {
    if (event.type == store::Event::Type::Delete)
        return isTerminating(event.previous) ? "removed" : "deleted";
    if (event.current && event.current->version == 1)
        return "created";
    return isTerminating(event.current) && event.previous && !isTerminating(event.previous)
               ? "deleted"
               : "changed";
}

// "/registry/services/specs/default/web" reads better as "services/default/web".
std::string objectOf(const ServerCore& core, const std::string& key) {
    for (const api::KindDef* kind : core.kinds.all()) {
        const std::string prefix = kind->keyPrefix();
        if (key.starts_with(prefix) && core.storageOf(*kind) == kind)
            return kind->plural + "/" + key.substr(prefix.size());
    }
    return key;
}

Json linkOf(const ServerCore& core, const store::Event& event) {
    JsonObject link;
    link["time"] = formatTime(event.at);
    link["revision"] = event.revision;
    link["key"] = keyOf(event);
    link["object"] = objectOf(core, keyOf(event));
    link["verb"] = verbOf(event);
    const WriteCause none;
    const WriteCause& cause = event.cause ? *event.cause : none;
    link["actor"] = cause.actor;
    link["because"] = cause.because;
    link["request"] = cause.request;
    link["userAgent"] = cause.userAgent;
    link["wokenBy"] = cause.wokenBy;
    return Json(std::move(link));
}
} // namespace

Result<Json> whyChain(ServerCore& core, const api::KindDef& kind, const std::string& namespace_,
                      const std::string& name) {
    const std::string key = core.storageOf(kind)->key(namespace_, name);
    ORRERY_TRY_ASSIGN(const std::vector<store::EventPtr> history,
                      core.store.history(key, kHistoryMax));
    if (history.empty())
        return notFound(kind.group, kind.plural, name);
    JsonArray links;
    std::set<Revision> told;
    const auto tell = [&](const store::EventPtr& event) {
        if (links.size() >= kLinksMax || !told.insert(event->revision).second)
            return false;
        links.push_back(linkOf(core, *event));
        return true;
    };
    // From each change of the object, newest first, up through what woke its maker.
    for (auto at = history.rbegin(); at != history.rend(); ++at) {
        store::EventPtr event = *at;
        while (tell(event) && event->cause && event->cause->wokenBy > 0) {
            auto earlier = core.store.eventAt(event->cause->wokenBy);
            if (!earlier)
                break; // no longer kept: the chain ends here
            event = std::move(*earlier);
        }
    }
    JsonObject out;
    out["object"] = objectOf(core, key);
    out["links"] = std::move(links);
    return Json(std::move(out));
}

} // namespace orrery::apiserver
