// What must hold of a cluster at rest, whatever was done to it before.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/sim_world.h"

namespace orrery::tests {

class Invariants {
  public:
    explicit Invariants(SimWorld& world) : world_(world) {}

    // Of every write, when it happens.
    void onEvent(const store::Event& event);
    // Of the whole cluster, after it settled. `dead`: nodes without a kubelet. Returns what is
    // broken, one sentence each.
    std::vector<std::string> check(const std::set<std::string>& dead);

  private:
    void readAll();
    bool isGoing(const Json& object) const; // it, or its namespace, is being deleted
    void nodesHold();
    void podsMoveOn(const std::set<std::string>& dead);
    void addressesDiffer();
    void replicaSetsMatch();
    void endpointsMatch();
    void ownersExist();
    void cachesMatch();
    void queuesAreEmpty();
    template <typename T>
    void cacheMatches(const char* group, const char* version, const char* plural);
    void broken(std::string what) { broken_.push_back(std::move(what)); }

    SimWorld& world_;
    std::vector<std::string> broken_;
    std::vector<EncodedPtr> pods_, nodes_;
    // Nothing new comes into them, while a dead node's pods may hold them.
    std::set<std::string> goingNamespaces_;
    std::map<std::string, Time> homelessSince_; // pods whose node is gone, by uid
};

} // namespace orrery::tests
