// `orrery --headless`: the control plane without a window.
#pragma once
#include "app/options.h"

namespace orrery::app {

// Runs until SIGTERM or SIGINT. Returns the exit status; what went wrong is one line on stderr.
int runHeadless(const Options& options);

} // namespace orrery::app
