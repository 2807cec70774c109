#include "core/apiserver/pod_index.h"

namespace orrery::apiserver {

void PodIndex::rebuild(const store::Store& store) {
    nodeOf_.clear();
    keys_.clear();
    const auto pods = store.list(kPrefix);
    ORRERY_ASSERT(pods.has_value()); // the newest revision is never compacted
    for (const store::KeyValuePtr& pod : pods->items) {
        onWrite(pod->key, &pod->value->tree());
        pod->value->dropTree();
    }
}

void PodIndex::onWrite(const std::string& key, const Json* pod) {
    const auto known = nodeOf_.find(key);
    const std::string node(pod ? stringAt(*pod, "spec.nodeName") : std::string_view());
    if (known != nodeOf_.end()) {
        if (pod && known->second == node)
            return;
        const auto place = keys_.find(known->second);
        place->second.erase(key);
        if (place->second.empty())
            keys_.erase(place);
        nodeOf_.erase(known);
    }
    if (!pod)
        return;
    nodeOf_.emplace(key, node);
    keys_[node].insert(key);
}

const std::set<std::string>& PodIndex::onNode(const std::string& node) const {
    static const std::set<std::string> none;
    const auto place = keys_.find(node);
    return place == keys_.end() ? none : place->second;
}

} // namespace orrery::apiserver
