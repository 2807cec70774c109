#include "core/apiserver/server_core.h"

#include "core/apiserver/http/http_server.h"
#include "core/apiserver/log_answer.h"
#include "core/apiserver/non_resource.h"
#include "core/apiserver/watch_stream.h"

namespace orrery::apiserver {

namespace {
std::string servicesPrefix(const api::KindRegistry& kinds) {
    const api::KindDef* services = kinds.byResource("", "v1", "services");
    ORRERY_ASSERT(services != nullptr);
    return services->keyPrefix();
}

// The store tells of what is on disk; right afterwards the watchers hear of it.
void tellStored(ServerCore& core, const store::Event& event) {
    const std::string& key = event.current->key;
    const std::string uid(stringAt(event.current->value->tree(), "metadata.uid"));
    core.emit(Station::Stored, key, uid, event.current->version == 1 ? "created" : "changed",
              event.revision);
    core.emit(Station::Announced, key, uid, "", event.revision);
}

// Watches of a kind that changed, or is gone, end once they have seen all that came before.
void endChangedWatches(ServerCore& core, const store::Event& event) {
    const std::string& key = (event.current ? event.current : event.previous)->key;
    if (!key.starts_with(CustomKinds::kPrefix))
        return;
    for (std::string& prefix : core.customKinds.takeChanged())
        core.env.executor.post([&core, alive = core.alive, prefix = std::move(prefix)] {
            if (*alive)
                core.watches.closeKind(prefix);
        });
}
} // namespace

ServerCore::ServerCore(Env& env_, store::Store& store_, api::KindRegistry& kinds_,
                       ServerOptions options_)
    : env(env_), store(store_), kinds(kinds_), options(std::move(options_)),
      customKinds(env, kinds), watches(env, store), services(env.random, options.serviceCidr),
      events(env, store, options.eventsLive), deadlines(env) {
    pods.rebuild(store);
    services.rebuild(store, servicesPrefix(kinds));
    events.start();
    customKinds.onChange([this] {
        refreshDocuments(*this);
        forms.clear(); // rows have the columns of their kind
    });
    customKinds.rebuild(store);
    watches.addTap([this](const store::EventPtr& event) {
        endChangedWatches(*this, *event);
        if (event->type != store::Event::Type::Put)
            return;
        if (event->current->key.starts_with(EventExpiry::kPrefix))
            events.onWrite(event->current->key, event->revision);
        else if (env.trace.enabled() && event->current->key.starts_with(PodIndex::kPrefix))
            tellStored(*this, *event);
    });
}

ServerCore::~ServerCore() {
    *alive = false;
    env.executor.cancel(bookmarkTimer);
}

const api::KindDef* ServerCore::storageOf(const api::KindDef& kind) const {
    if (kind.custom)
        return kind.stored;
    if (kind.storageVersion == kind.version && kind.storageGroup == kind.group)
        return &kind;
    const api::KindDef* stored = kinds.byKind(kind.storageGroup, kind.storageVersion, kind.kind);
    return stored ? stored : &kind;
}

const api::KindDef* ServerCore::storedKind(const api::GroupResource& resource) const {
    for (const api::KindDef* kind : kinds.all())
        if (kind->plural == resource.resource && kind->group == resource.group)
            return storageOf(*kind);
    return nullptr;
}

EncodedPtr ServerCore::get(const api::GroupResource& resource, const std::string& namespace_,
                           const std::string& name) const {
    const api::KindDef* kind = storedKind(resource);
    if (!kind)
        return nullptr;
    const store::KeyValuePtr found = store.get(kind->key(namespace_, name));
    return found ? found->value : nullptr;
}

std::vector<EncodedPtr> ServerCore::list(const api::GroupResource& resource,
                                         const std::string& namespace_) const {
    std::vector<EncodedPtr> out;
    const api::KindDef* kind = storedKind(resource);
    if (!kind)
        return out;
    std::string prefix = kind->keyPrefix();
    if (!namespace_.empty() && kind->scope == api::Scope::Namespaced)
        prefix += namespace_ + "/";
    const auto found = store.list(prefix);
    ORRERY_ASSERT(found.has_value()); // the newest revision is never compacted
    for (const store::KeyValuePtr& item : found->items)
        out.push_back(item->value);
    return out;
}

void ServerCore::emit(Station station, std::string key, std::string uid, std::string note,
                      Revision revision) {
    if (env.trace.enabled())
        env.trace.onStation(
            {station, env.now(), std::move(key), std::move(uid), std::move(note), revision});
}

} // namespace orrery::apiserver
