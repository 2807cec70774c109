// The difference of two texts, line by line, as `diff -u` shows it.
#pragma once
#include <string>
#include <string_view>

namespace orrery {

// Hunks with three lines around each change, without the two lines that name files; "" when the
// texts are equal. Lines match as in Python's difflib: the longest run first. Texts of more than
// `linesMax` lines together aren't compared.
std::string unifiedDiff(std::string_view before, std::string_view after,
                        std::size_t linesMax = 8000);

} // namespace orrery
