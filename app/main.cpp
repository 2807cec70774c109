// The command `orrery`. It links no Qt: the window is a library of its own, loaded when it is
// wanted.
#include <cstdio>

#include "app/headless.h"
#include "app/options.h"
#include "app/why_command.h"
#include "app/window_loader.h"

#ifndef ORRERY_VERSION
#define ORRERY_VERSION "unknown"
#endif

int main(int argc, char** argv) {
    using namespace orrery::app;
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    const orrery::Result<Options> options = parseOptions(arguments);
    if (!options) {
        std::fprintf(stderr, "orrery: %s\n", options.error().message.c_str());
        return 2;
    }
    switch (options->command) {
    case Options::Command::Help:
        std::fputs(helpText().c_str(), stdout);
        return 0;
    case Options::Command::Version:
        std::puts("orrery " ORRERY_VERSION " (Kubernetes v1.36)");
        return 0;
    case Options::Command::Why:
        return runWhy(*options);
    case Options::Command::Run:
        break;
    }
    return options->headless ? runHeadless(*options) : runWindow(*options, argc, argv);
}
