#include "app/display.h"

#if !defined(_WIN32) && !defined(__APPLE__)
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#endif

namespace orrery::app {

#if defined(_WIN32) || defined(__APPLE__)
std::string missingDisplay() {
    return "";
}
#else

namespace {
std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

bool waylandAnswers(const std::string& display) {
    const std::string path =
        display.starts_with('/') ? display : variable("XDG_RUNTIME_DIR") + "/" + display;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return false;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0)
        return false;
    const bool answers =
        ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(socket);
    return answers;
}

// With the library that Qt's own plugin uses, so that names and permissions mean the same. Where
// it is missing, Qt may say why it can't go on.
bool x11Answers() {
    void* library = ::dlopen("libxcb.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return true;
    using Connect = void* (*)(const char*, int*);
    using HasError = int (*)(void*);
    using Disconnect = void (*)(void*);
    const auto connect = reinterpret_cast<Connect>(::dlsym(library, "xcb_connect"));
    const auto hasError = reinterpret_cast<HasError>(::dlsym(library, "xcb_connection_has_error"));
    const auto disconnect = reinterpret_cast<Disconnect>(::dlsym(library, "xcb_disconnect"));
    bool answers = true;
    if (connect && hasError && disconnect) {
        void* connection = connect(nullptr, nullptr); // never null, as xcb documents
        answers = hasError(connection) == 0;
        disconnect(connection);
    }
    ::dlclose(library);
    return answers;
}
} // namespace

std::string missingDisplay() {
    if (!variable("QT_QPA_PLATFORM").empty())
        return "";
    const std::string wayland = variable("WAYLAND_DISPLAY"), x11 = variable("DISPLAY");
    if (wayland.empty() && x11.empty())
        return "there is no display";
    if ((!wayland.empty() && waylandAnswers(wayland)) || (!x11.empty() && x11Answers()))
        return "";
    return "the display " + (x11.empty() ? wayland : x11) + " does not answer";
}

#endif

} // namespace orrery::app
