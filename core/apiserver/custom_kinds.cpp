#include "core/apiserver/custom_kinds.h"

namespace orrery::apiserver {

namespace {
std::string keyPrefixOf(const std::string& name) {
    // "widgets.example.com": its objects are under the group, then the plural.
    const std::size_t dot = name.find('.');
    return "/registry/" + name.substr(dot + 1) + "/" + name.substr(0, dot) + "/";
}
} // namespace

void CustomKinds::rebuild(const store::Store& store) {
    auto found = store.list(kPrefix);
    ORRERY_ASSERT(found.has_value()); // the newest revision is never compacted
    std::map<std::string, Entry, std::less<>> before = std::exchange(entries_, {});
    for (const store::KeyValuePtr& item : found->items) {
        const Json& definition = item->value->tree();
        const std::string name(stringAt(definition, "metadata.name"));
        // A definition that never changed has one form; else its objects may be older than it.
        const bool first = intAt(definition, "metadata.generation") <= 1;
        before.erase(name);
        install(name, definition, first ? 0 : item->modRevision);
        item->value->dropTree();
    }
    for (const auto& [name, entry] : before)
        drop(name);
    tellLater();
}

void CustomKinds::onWrite(const std::string& key, const Json* now, Revision revision) {
    const std::string name = key.substr(std::string_view(kPrefix).size());
    if (!now) {
        entries_.erase(name);
        drop(name);
        return tellLater();
    }
    const auto at = entries_.find(name);
    if (at != entries_.end() && at->second.form == api::servedForm(*now)) {
        at->second.terminating = findPath(*now, "metadata.deletionTimestamp") != nullptr;
        return;
    }
    const bool first = intAt(*now, "metadata.generation") <= 1;
    install(name, *now, first ? 0 : revision);
    tellLater();
}

void CustomKinds::install(const std::string& name, const Json& definition, Revision since) {
    Entry& entry = entries_[name];
    const bool wasThere = !entry.form.empty();
    entry.form = api::servedForm(definition);
    entry.terminating = findPath(definition, "metadata.deletionTimestamp") != nullptr;
    if (api::conditionStatus(definition, "Established") != "True") {
        if (wasThere)
            drop(name);
        return;
    }
    auto family = api::familyOf(definition, since);
    kinds_.setFamily(name, family, api::servedKinds(definition, *family));
    if (wasThere)
        changed_.push_back(keyPrefixOf(name));
}

void CustomKinds::drop(const std::string& name) {
    kinds_.setFamily(name, nullptr, {});
    changed_.push_back(keyPrefixOf(name));
}

bool CustomKinds::terminating(const api::KindDef& kind) const {
    const auto at = entries_.find(kind.plural + "." + kind.group);
    return at != entries_.end() && at->second.terminating;
}

// Listeners may send requests, and the write that changed the kinds is still under way.
void CustomKinds::tellLater() {
    if (onChange_)
        onChange_();
    if (std::exchange(telling_, true))
        return;
    env_.executor.post([this, alive = alive_] {
        if (!*alive)
            return;
        telling_ = false;
        kinds_.tellChanged();
    });
}

} // namespace orrery::apiserver
