// `orrery why KIND/NAME`: the chain of causes of an object, from a running Orrery.
#pragma once
#include "app/options.h"

namespace orrery::app {

int runWhy(const Options& options);

} // namespace orrery::app
