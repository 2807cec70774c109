#include "core/runtime/real/real_network.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace orrery {

namespace {
constexpr int kBacklog = 4096;

class RealListenSocket final : public ListenSocket {
  public:
    RealListenSocket(int fd, std::string host, int port)
        : fd_(fd), host_(std::move(host)), port_(port) {}
    ~RealListenSocket() override {
        if (fd_ >= 0)
            ::close(fd_);
    }
    std::string host() const override { return host_; }
    int port() const override { return port_; }
    int release() override { return std::exchange(fd_, -1); }

  private:
    int fd_;
    std::string host_;
    int port_;
};

int boundPort(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        return 0;
    if (address.ss_family == AF_INET6)
        return ntohs(reinterpret_cast<sockaddr_in6*>(&address)->sin6_port);
    return ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

Error listenError(const std::string& host, int port, int code) {
    const std::string where = host + ":" + std::to_string(port);
    if (code == EADDRINUSE)
        return makeError(Reason::Conflict,
                         "port " + where +
                             " is taken by another program; stop it, or choose another "
                             "with --listen HOST:PORT (port 0 picks a free one)");
    if (code == EADDRNOTAVAIL)
        return badRequest(host +
                          " is no address of this machine; choose one with --listen HOST:PORT");
    if (code == EACCES)
        return badRequest("not allowed to listen on " + where + "; choose a port above 1023");
    return internalError("can't listen on " + where + ": " + std::strerror(code));
}
} // namespace

Result<std::unique_ptr<ListenSocket>> RealNetwork::listen(const std::string& host, int port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    if (const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found))
        return badRequest("can't listen on \"" + host + "\": " + ::gai_strerror(code));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, ::freeaddrinfo);
    const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return listenError(host, port, errno);
    auto socket = std::make_unique<RealListenSocket>(fd, host, port);
    const int one = 1;
    if (::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        ::bind(fd, found->ai_addr, found->ai_addrlen) != 0 || ::listen(fd, kBacklog) != 0)
        return listenError(host, port, errno);
    const int port_ = boundPort(fd);
    const int handle = socket->release();
    return std::unique_ptr<ListenSocket>(std::make_unique<RealListenSocket>(handle, host, port_));
}

} // namespace orrery
