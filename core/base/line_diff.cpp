#include "core/base/line_diff.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace orrery {

namespace {
constexpr std::size_t kContext = 3;

using Lines = std::vector<std::string_view>;

Lines linesOf(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

struct Block {
    std::size_t a = 0, b = 0, size = 0;
};

// What both have in common, in order.
class Matcher {
  public:
    Matcher(const Lines& a, const Lines& b) : a_(a), b_(b) {
        for (std::size_t i = 0; i < b.size(); ++i)
            places_[b[i]].push_back(i);
        // In long texts, lines that are everywhere say nothing about where things belong.
        constexpr std::size_t kLong = 200;
        if (b.size() >= kLong)
            for (auto& [line, at] : places_)
                if (at.size() > b.size() / 100 + 1)
                    at.clear();
    }
    std::vector<Block> blocks() {
        std::vector<Block> found;
        struct Range {
            std::size_t aFrom, aTo, bFrom, bTo;
        };
        std::vector<Range> open{{0, a_.size(), 0, b_.size()}};
        while (!open.empty()) {
            const Range range = open.back();
            open.pop_back();
            const Block best = longest(range.aFrom, range.aTo, range.bFrom, range.bTo);
            if (best.size == 0)
                continue;
            found.push_back(best);
            if (range.aFrom < best.a && range.bFrom < best.b)
                open.push_back({range.aFrom, best.a, range.bFrom, best.b});
            if (best.a + best.size < range.aTo && best.b + best.size < range.bTo)
                open.push_back({best.a + best.size, range.aTo, best.b + best.size, range.bTo});
        }
        std::sort(found.begin(), found.end(),
                  [](const Block& x, const Block& y) { return x.a < y.a; });
        return found;
    }

  private:
    Block longest(std::size_t aFrom, std::size_t aTo, std::size_t bFrom, std::size_t bTo) {
        Block best{aFrom, bFrom, 0};
        std::unordered_map<std::size_t, std::size_t> lengths; // by end in b; looked up only
        for (std::size_t i = aFrom; i < aTo; ++i) {
            std::unordered_map<std::size_t, std::size_t> next;
            const auto places = places_.find(a_[i]);
            if (places != places_.end())
                for (const std::size_t j : places->second) {
                    if (j < bFrom)
                        continue;
                    if (j >= bTo)
                        break;
                    const auto before = j == 0 ? lengths.end() : lengths.find(j - 1);
                    const std::size_t size = (before == lengths.end() ? 0 : before->second) + 1;
                    next[j] = size;
                    if (size > best.size)
                        best = {i + 1 - size, j + 1 - size, size};
                }
            lengths = std::move(next);
        }
        while (best.a > aFrom && best.b > bFrom && a_[best.a - 1] == b_[best.b - 1])
            best = {best.a - 1, best.b - 1, best.size + 1};
        while (best.a + best.size < aTo && best.b + best.size < bTo &&
               a_[best.a + best.size] == b_[best.b + best.size])
            ++best.size;
        return best;
    }

    const Lines &a_, &b_;
    std::unordered_map<std::string_view, std::vector<std::size_t>> places_; // looked up only
};

// A stretch that is equal in both, or differs.
struct Step {
    bool equal;
    std::size_t aFrom, aTo, bFrom, bTo;
};

std::vector<Step> stepsOf(const Lines& a, const Lines& b) {
    std::vector<Step> steps;
    std::size_t i = 0, j = 0;
    const auto upTo = [&](std::size_t aTo, std::size_t bTo) {
        if (i < aTo || j < bTo)
            steps.push_back({false, i, aTo, j, bTo});
    };
    for (const Block& block : Matcher(a, b).blocks()) {
        upTo(block.a, block.b);
        i = block.a + block.size;
        j = block.b + block.size;
        if (!steps.empty() && steps.back().equal && steps.back().aTo == block.a &&
            steps.back().bTo == block.b) {
            steps.back().aTo = i;
            steps.back().bTo = j;
        } else {
            steps.push_back({true, block.a, i, block.b, j});
        }
    }
    upTo(a.size(), b.size());
    return steps;
}

std::string rangeText(std::size_t from, std::size_t to) {
    const std::size_t size = to - from;
    if (size == 1)
        return std::to_string(from + 1);
    return std::to_string(size == 0 ? from : from + 1) + "," + std::to_string(size);
}

void writeLines(std::string& out, char mark, const Lines& lines, std::size_t from, std::size_t to) {
    for (; from < to; ++from) {
        out += mark;
        out.append(lines[from]).append(1, '\n');
    }
}

void writeHunk(std::string& out, const std::vector<Step>& steps, const Lines& a, const Lines& b) {
    out += "@@ -" + rangeText(steps.front().aFrom, steps.back().aTo) + " +" +
           rangeText(steps.front().bFrom, steps.back().bTo) + " @@\n";
    for (const Step& step : steps) {
        if (step.equal) {
            writeLines(out, ' ', a, step.aFrom, step.aTo);
        } else {
            writeLines(out, '-', a, step.aFrom, step.aTo);
            writeLines(out, '+', b, step.bFrom, step.bTo);
        }
    }
}
} // namespace

std::string unifiedDiff(std::string_view before, std::string_view after, std::size_t linesMax) {
    const Lines a = linesOf(before), b = linesOf(after);
    std::string out;
    if (before == after || a.size() + b.size() > linesMax)
        return out;
    std::vector<Step> steps = stepsOf(a, b), hunk;
    if (Step& first = steps.front(); first.equal) {
        first.aFrom = std::max(first.aFrom, first.aTo - std::min(first.aTo, kContext));
        first.bFrom = std::max(first.bFrom, first.bTo - std::min(first.bTo, kContext));
    }
    if (Step& last = steps.back(); last.equal) {
        last.aTo = std::min(last.aTo, last.aFrom + kContext);
        last.bTo = std::min(last.bTo, last.bFrom + kContext);
    }
    for (Step step : steps) {
        if (step.equal && step.aTo - step.aFrom > 2 * kContext) {
            hunk.push_back(
                {true, step.aFrom, step.aFrom + kContext, step.bFrom, step.bFrom + kContext});
            writeHunk(out, hunk, a, b);
            hunk.clear();
            step.aFrom = step.aTo - kContext;
            step.bFrom = step.bTo - kContext;
        }
        hunk.push_back(step);
    }
    if (!hunk.empty() && !(hunk.size() == 1 && hunk[0].equal))
        writeHunk(out, hunk, a, b);
    return out;
}

} // namespace orrery
