// Kubernetes' sentences of the scheduler. Equal to the letter: people and programs match on them.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "core/scheduler/placement.h"

namespace orrery::scheduler {

// "0/6 nodes are available: 3 Insufficient cpu, 3 node(s) ... . <postFilter>". `preFilter`, when
// not empty, stands in place of the counts.
std::string unschedulableMessage(int nodes, const std::map<std::string, int>& histogram,
                                 std::string_view preFilter, std::string_view postFilter);
// An event's note holds 1024 bytes: longer texts end in " ...".
std::string eventNote(std::string message);
// One sentence on why `placement.node` won: "node w2 scored 587; w1 561; w3: Insufficient cpu".
std::string becauseOf(const Placement& placement);

inline constexpr std::string_view kGatedMessage =
    "Scheduling is blocked due to non-empty scheduling gates";
inline constexpr std::string_view kNoNodesMessage = "no nodes available to schedule pods";
inline constexpr std::string_view kNotHelpful = "Preemption is not helpful for scheduling";
inline constexpr std::string_view kNoVictims = "No preemption victims found for incoming pod";

} // namespace orrery::scheduler
