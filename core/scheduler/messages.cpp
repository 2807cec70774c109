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
    constexpr std::size_t kOthersMax = 3;
    std::string text = "node " + placement.node;
    std::vector<const NodeVerdict*> others, rejected;
    for (const NodeVerdict& verdict : placement.nodes) {
        if (!verdict.feasible())
            rejected.push_back(&verdict);
        else if (verdict.node() != placement.node)
            others.push_back(&verdict);
        else if (placement.nodesFeasible > 1)
            text += " scored " + std::to_string(verdict.total);
    }
    if (placement.nodesFeasible == 1)
        text += placement.nodesExamined == 1 ? " is the only node" : " is the only one that fits";
    const std::size_t best = std::min(others.size(), kOthersMax);
    std::partial_sort(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(best),
                      others.end(), [](const NodeVerdict* a, const NodeVerdict* b) {
                          // Equals in the order of examination, which is that of `nodes`.
                          return a->total != b->total ? a->total > b->total : a < b;
                      });
    for (std::size_t at = 0; at < best; ++at)
        text += "; " + others[at]->node() + " " + std::to_string(others[at]->total);
    for (std::size_t at = 0; at < std::min(rejected.size(), kOthersMax); ++at)
        text += "; " + rejected[at]->node() + ": " + rejected[at]->rejection->reasons.front();
    return text;
}

} // namespace orrery::scheduler
