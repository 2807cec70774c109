// The Node object as its kubelet registers and reports it. Pure.
#pragma once
#include <string>

#include "core/api/views/core_v1.h"
#include "core/base/json.h"
#include "vmnodes/cri/cri.h"

namespace orrery::kubelet {

struct NodeFacts {
    std::string nodeName, hostIP;
    std::string cpu = "4", memory = "8Gi", pods = "110", ephemeralStorage = "100Gi";
    std::string runtimeName, runtimeVersion; // "simulated", "1.0.0"
    std::string machineID;                   // 32 hexadecimal digits
    bool simulated = false;
};

// For POST: metadata, labels, and a status that is Ready.
Json computeNode(const NodeFacts& facts, Time now);
// A strategic merge patch of the status: the four conditions with `now` as their heartbeat; `old`
// keeps the times of those that stay. `withCapacity`: capacity and allocatable too (left out where
// the author of the Node wrote them).
Json computeNodeStatusPatch(const NodeFacts& facts, const api::Node* old, bool withCapacity,
                            Time now);
// The node's Lease in kube-node-lease. `nodeUid` "": no owner reference.
Json computeLease(const std::string& nodeName, const std::string& nodeUid, Time now);

} // namespace orrery::kubelet
