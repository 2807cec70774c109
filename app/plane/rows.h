// Objects and store events as the window's rows. Pure.
#pragma once
#include "app/bridge/batch.h"
#include "core/base/json.h"
#include "core/cluster/cluster.h"

namespace orrery::app {

PodRow podRow(const Json& pod);
NodeRow nodeRow(const Json& node);
LoopRow loopRow(const Loop& loop);
StepRow stepRow(const LoopStep& step);
RevisionRow revisionRow(const store::Event& event);
EventRow eventRow(const Json& event);
// "POST", "PUT", "PATCH" or "DELETE".
std::string verbOf(const store::Event& event);
// Who made a write, as people say it: "kubernetes-admin, kubectl", "replicaset-controller".
std::string actorOf(const WriteCause& cause);
// Its reason; for a request, what was asked.
std::string becauseOf(const WriteCause& cause);
// What differs, as indented lines with their ancestors; at most `limit`.
std::vector<DiffRow> diffRows(const Json& before, const Json& after, int limit = 200);
// One line of JSON for a value, at most 120 characters.
std::string shortText(const Json& value);

} // namespace orrery::app
