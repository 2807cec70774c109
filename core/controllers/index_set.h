// Completion indexes of an Indexed Job, and their spelling: "1,3-5,7".
#pragma once
#include <set>
#include <string>
#include <string_view>

namespace orrery::controllers {

using IndexSet = std::set<int>;

// Three or more in a row are written as a range.
std::string formatIndexes(const IndexSet& indexes);
// What is not below `end`, or no number, is left out.
IndexSet parseIndexes(std::string_view text, int end);

} // namespace orrery::controllers
