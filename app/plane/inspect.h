// Everything about one object for the inspector: why it is there, its stations, the scheduler's
// verdict, YAML, events, versions. Plane thread; reads the store, small answers.
#pragma once
#include "app/bridge/batch.h"
#include "core/cluster/cluster.h"

namespace orrery::app {

struct InspectRequest {
    std::string key;               // store key
    std::int64_t from = 0, to = 0; // revisions to compare; 0: the newest and the one before it
};

std::shared_ptr<const Inspection> inspectObject(cluster::Cluster& cluster, const api::KindDef* kind,
                                                const InspectRequest& request,
                                                std::vector<StationRow> stations);
// The chain of causes that ends with the newest change of `key`, oldest first.
std::vector<WhyRow> whyChain(store::Store& store, const std::vector<store::EventPtr>& history);

} // namespace orrery::app
