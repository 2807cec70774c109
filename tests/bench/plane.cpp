#include "tests/bench/plane.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace orrery::bench {

Plane::Plane(const std::string& program, const std::vector<std::string>& flags) {
    char name[] = "/tmp/orrery-bench-XXXXXX";
    if (!::mkdtemp(name))
        giveUp("can't make a folder in /tmp");
    folder_ = name;
    std::vector<std::string> arguments{program,        "--headless",           "--listen",
                                       "127.0.0.1:0",  "--data-dir",           folder_ + "/data",
                                       "--kubeconfig", folder_ + "/kubeconfig"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    std::vector<char*> pointers;
    for (std::string& argument : arguments)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    int ends[2];
    if (::pipe(ends) != 0)
        giveUp("no pipe");
    begun_ = std::chrono::steady_clock::now();
    pid_ = ::fork();
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL); // never outlives the bench
        ::dup2(ends[1], 1);
        ::close(ends[0]);
        ::close(ends[1]);
        ::execv(program.c_str(), pointers.data());
        ::_exit(127);
    }
    ::close(ends[1]);
    out_ = ends[0];
    std::string line;
    while (line.find('\n') == std::string::npos) {
        pollfd ready{out_, POLLIN, 0};
        char bytes[4096];
        if (::poll(&ready, 1, 60'000) <= 0)
            giveUp(program + " isn't ready after a minute");
        const ssize_t got = ::read(out_, bytes, sizeof bytes);
        if (got <= 0)
            giveUp(program + " ended before it was ready");
        line.append(bytes, static_cast<std::size_t>(got));
    }
    readyMs_ = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun_)
                   .count();
    if (line.find("\"ready\":true") == std::string::npos)
        giveUp("not a ready line: " + line);
}

Plane::~Plane() {
    ::kill(pid_, SIGTERM);
    int status = 0;
    for (int i = 0; i < 1000 && ::waitpid(pid_, &status, WNOHANG) == 0; ++i)
        ::usleep(10'000);
    if (::kill(pid_, 0) == 0) {
        std::fprintf(stderr, "orrery_bench: Orrery didn't stop within 10 s\n");
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, &status, 0);
    }
    ::close(out_);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

double Plane::residentMb() const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("VmRSS:"))
            return std::atof(line.c_str() + 6) / 1024;
    giveUp("Orrery has gone");
}

double Plane::cpuSeconds() const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
    std::string line;
    std::getline(file, line);
    const std::size_t end = line.rfind(')');
    if (end == std::string::npos)
        giveUp("Orrery has gone");
    unsigned long user = 0, kernel = 0;
    std::sscanf(line.c_str() + end + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                &user, &kernel);
    return static_cast<double>(user + kernel) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

} // namespace orrery::bench
