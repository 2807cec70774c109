#include "app/window_loader.h"

#include <cstdio>

#include "app/display.h"
#include "app/headless.h"

#if defined(_WIN32)
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace orrery::app {

namespace {
using WindowMain = int (*)(const Options* options, int argc, char** argv);

#if defined(_WIN32)
constexpr const char* kLibrary = "orrery-window.dll";
#elif defined(__APPLE__)
constexpr const char* kLibrary = "liborrery-window.dylib";
#else
constexpr const char* kLibrary = "liborrery-window.so";
#endif

// The window's entry point, or null with the reason.
WindowMain loadWindow(std::string& reason) {
#if defined(_WIN32)
    const HMODULE library = ::LoadLibraryA(kLibrary);
    if (!library) {
        reason = std::string(kLibrary) + " can't be loaded";
        return nullptr;
    }
    return reinterpret_cast<WindowMain>(::GetProcAddress(library, "orreryWindowMain"));
#else
    // Found through the program's own run path: beside it in a build, in ../lib/orrery when
    // installed.
    void* library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
    void* symbol = library ? ::dlsym(library, "orreryWindowMain") : nullptr;
    if (!symbol)
        reason = ::dlerror();
    return reinterpret_cast<WindowMain>(symbol);
#endif
}
} // namespace

int runWindow(const Options& options, int argc, char** argv) {
    if (const std::string missing = missingDisplay(); !missing.empty()) {
        std::fprintf(stderr, "orrery: %s; running headless (stop with Ctrl+C)\n", missing.c_str());
        return runHeadless(options);
    }
    std::string reason;
    const WindowMain windowMain = loadWindow(reason);
    if (!windowMain) {
        std::fprintf(stderr, "orrery: the window is not installed (%s); use --headless\n",
                     reason.c_str());
        return 1;
    }
    return windowMain(&options, argc, argv);
}

} // namespace orrery::app
