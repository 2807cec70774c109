// Loads the window's library and hands over.
#pragma once
#include "app/options.h"

namespace orrery::app {

// Returns the exit status. Without the library, or without a display, says so in one line.
int runWindow(const Options& options, int argc, char** argv);

} // namespace orrery::app
