// Whether a window could open here at all; Qt would end the program where none can.
#pragma once
#include <string>

namespace orrery::app {

// "" when there is a display that answers; else what is missing: "there is no display".
std::string missingDisplay();

} // namespace orrery::app
