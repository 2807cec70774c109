// Which pods are on which node, kept at every write, so that a node's list costs its own pods only.
#pragma once
#include <set>
#include <string>
#include <unordered_map>

#include "core/base/json.h"
#include "core/store/store.h"

namespace orrery::apiserver {

class PodIndex {
  public:
    static constexpr std::string_view kPrefix = "/registry/pods/";
    // Reads every pod of the store.
    void rebuild(const store::Store& store);
    // A pod as it is written now; null: it is gone.
    void onWrite(const std::string& key, const Json* pod);
    // Keys of the pods with this spec.nodeName ("": unbound ones), in order.
    const std::set<std::string>& onNode(const std::string& node) const;

  private:
    std::unordered_map<std::string, std::string> nodeOf_;         // by key
    std::unordered_map<std::string, std::set<std::string>> keys_; // by node
};

} // namespace orrery::apiserver
