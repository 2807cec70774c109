// Numbers as Go prints them.
#pragma once
#include <string>

#include "core/base/json.h"

namespace orrery::api {

// %v of a float64 ("0.5", "1e+06"), or of the int64 that it is (`whole`).
std::string goNumberText(double value, bool whole);
// The JSON value of the same number.
Json goNumberJson(double value, bool whole);
// A number as Go's JSON encoder writes it: 0.001, 1000000, 1e+21.
std::string goJsonNumber(double value);

} // namespace orrery::api
