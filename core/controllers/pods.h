// What controllers ask of pods, and how they make and claim them.
#pragma once
#include <string>
#include <vector>

#include "core/controllers/action.h"
#include "core/controllers/view.h"

namespace orrery::controllers {

using PodPtr = const client::Cached<api::Pod>*;

// Neither finished nor being deleted.
bool podActive(const api::Pod& pod);
// Being deleted and not finished.
bool podTerminating(const api::Pod& pod);
// When the Ready condition became True; nothing when it isn't.
std::optional<Time> podReadySince(const api::Pod& pod);
// Ready for `minReadySeconds`.
bool podAvailable(const api::Pod& pod, int minReadySeconds, Time now);
// How long until it is available, if it is ready and not yet available.
std::optional<Duration> podAvailableIn(const api::Pod& pod, int minReadySeconds, Time now);
int podRestarts(const api::Pod& pod);

client::ResourcePath podPath(const std::string& namespace_, const std::string& name = "");

// A pod of `podTemplate`, without a name: labels, annotations and finalizers of the template, its
// spec, and the owner.
Json podFromTemplate(const Json& podTemplate, const std::string& namespace_,
                     const Json& ownerReference);

// Orders pods by how well they can be spared, best first (what to delete when scaling down): not
// assigned, not running, not ready, low deletion cost, on crowded nodes, ready for a short time,
// restarted often, young. `crowd` is the number of related pods on the pod's node.
struct RankedPod {
    PodPtr pod = nullptr;
    int crowd = 0;
};
void sortForDeletion(std::vector<RankedPod>& pods, Time now);

// --- claiming: what `owner` controls, after adoption of matching orphans and release of what
// matches no more ---

struct Owner {
    std::string apiVersion, kind;
    const api::ObjectMeta& metadata;
    const api::LabelSelector& selector;
};
// Adds a controller reference to an orphan / takes it away again.
Action adoptObject(client::ResourcePath path, const std::string& uid, const Owner& owner,
                   const std::string& extraFinalizer = "");
Action releaseObject(client::ResourcePath path, const std::string& uid, const Owner& owner,
                     const std::string& finalizerToRemove = "");

template <typename T> struct Claimed {
    std::vector<const client::Cached<T>*> items; // with those that are being adopted
    std::vector<Action> actions;
};

// `path` names the collection of T. `finalizer`: added with the adoption, removed with the release.
template <typename T>
Claimed<T> claim(const client::Informer<T>& informer, const client::ResourcePath& path,
                 const Owner& owner, const std::string& finalizer = "") {
    Claimed<T> out;
    const bool ownerGoing = owner.metadata.deletionTimestamp.has_value();
    const auto at = [&path](const api::ObjectMeta& metadata) {
        client::ResourcePath full = path;
        full.namespace_ = metadata.namespace_;
        full.name = metadata.name;
        return full;
    };
    for (const std::string& key : controlledBy(informer, owner.metadata.uid)) {
        const client::Cached<T>* item = informer.get(key);
        const api::ObjectMeta& metadata = item->view->metadata;
        if (metadata.namespace_ != owner.metadata.namespace_)
            continue;
        if (owner.selector.matches(metadata.labels))
            out.items.push_back(item);
        else if (!ownerGoing)
            out.actions.push_back(releaseObject(at(metadata), metadata.uid, owner, finalizer));
    }
    if (ownerGoing)
        return out;
    for (const std::string& key : informer.byIndex(indexes::kOrphan, owner.metadata.namespace_)) {
        const client::Cached<T>* item = informer.get(key);
        const api::ObjectMeta& metadata = item->view->metadata;
        if (metadata.deletionTimestamp || !owner.selector.matches(metadata.labels))
            continue;
        out.items.push_back(item);
        out.actions.push_back(adoptObject(at(metadata), metadata.uid, owner, finalizer));
    }
    return out;
}

} // namespace orrery::controllers
