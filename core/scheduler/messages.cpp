#include "core/scheduler/messages.h"

#include <algorithm>
#include <vector>

namespace orrery::scheduler {

std::string unschedulableMessage(int nodes, const std::map<std::string, int>& histogram,
                                 std::string_view preFilter, std::string_view postFilter) {
    std::string text = "0/" + std::to_string(nodes) + " nodes are available:";
    if (!preFilter.empty()) {
        text.append(" ").append(preFilter).append(".");
    } else if (!histogram.empty()) {
        std::vector<std::string> parts;
        for (const auto& [reason, count] : histogram)
            parts.push_back(std::to_string(count) + " " + reason);
        std::sort(parts.begin(), parts.end()); // as text: "10 ..." stands before "2 ..."
        for (std::size_t at = 0; at < parts.size(); ++at)
            text.append(at == 0 ? " " : ", ").append(parts[at]);
        text += ".";
    }
    if (!postFilter.empty())
        text.append(" ").append(postFilter);
    return text;
}

std::string eventNote(std::string message) {
    constexpr std::size_t kBytesMax = 1024;
    constexpr std::string_view kSuffix = " ...";
    if (message.size() <= kBytesMax)
        return message;
    std::size_t end = kBytesMax - kSuffix.size();
    while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80)
        --end; // not within a character
    message.resize(end);
    return message.append(kSuffix);
}

std::string becauseOf(const Placement& placement) {
    constexpr int kOthersMax = 3;
    std::string text = "node " + placement.node;
    if (placement.nodesFeasible == 1) {
        text += placement.nodesExamined == 1 ? " is the only node" : " is the only one that fits";
    } else {
        for (const NodeVerdict& verdict : placement.nodes)
            if (verdict.node == placement.node)
                text += " scored " + std::to_string(verdict.total);
        std::vector<const NodeVerdict*> others;
        for (const NodeVerdict& verdict : placement.nodes)
            if (verdict.feasible && verdict.node != placement.node)
                others.push_back(&verdict);
        std::stable_sort(
            others.begin(), others.end(),
            [](const NodeVerdict* a, const NodeVerdict* b) { return a->total > b->total; });
        for (std::size_t at = 0; at < others.size() && at < kOthersMax; ++at)
            text += "; " + others[at]->node + " " + std::to_string(others[at]->total);
    }
    int named = 0;
    for (const NodeVerdict& verdict : placement.nodes)
        if (verdict.examined && !verdict.feasible && !verdict.reasons.empty() &&
            named++ < kOthersMax)
            text += "; " + verdict.node + ": " + verdict.reasons.front();
    return text;
}

} // namespace orrery::scheduler
