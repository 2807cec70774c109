#include "core/controllers/index_set.h"

#include <algorithm>
#include <charconv>

namespace orrery::controllers {

namespace {
bool readNumber(std::string_view text, int& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size() && out >= 0;
}
} // namespace

std::string formatIndexes(const IndexSet& indexes) {
    std::string out;
    for (auto at = indexes.begin(); at != indexes.end();) {
        const int first = *at;
        int last = first;
        while (++at != indexes.end() && *at == last + 1)
            last = *at;
        out += (out.empty() ? "" : ",") + std::to_string(first);
        if (last > first)
            out += (last > first + 1 ? "-" : ",") + std::to_string(last);
    }
    return out;
}

IndexSet parseIndexes(std::string_view text, int end) {
    IndexSet out;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view part = text.substr(0, comma);
        text.remove_prefix(std::min(comma + 1, text.size()));
        const std::size_t dash = part.find('-');
        int first = 0, last = 0;
        if (!readNumber(part.substr(0, dash), first))
            continue;
        last = first;
        if (dash != std::string_view::npos && !readNumber(part.substr(dash + 1), last))
            continue;
        for (int index = first; index <= last && index < end; ++index)
            out.insert(out.end(), index);
    }
    return out;
}

} // namespace orrery::controllers
