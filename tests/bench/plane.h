// One headless Orrery on a fresh data folder, for as long as the object lives.
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/bench/https_client.h"

namespace orrery::bench {

class Plane {
  public:
    // Starts PROGRAM and waits for its ready line; ends the bench when it doesn't come.
    Plane(const std::string& program, const std::vector<std::string>& flags);
    ~Plane(); // SIGTERM, then the folder goes

    Plane(const Plane&) = delete;
    Plane& operator=(const Plane&) = delete;

    Endpoint endpoint() const { return readKubeconfig(folder_ + "/kubeconfig"); }
    SteadyTime begun() const { return begun_; }
    double readyMs() const { return readyMs_; } // from exec to the ready line
    double residentMb() const;
    double cpuSeconds() const; // of all its threads, since its start

  private:
    std::string folder_;
    pid_t pid_ = -1;
    int out_ = -1;
    SteadyTime begun_;
    double readyMs_ = 0;
};

} // namespace orrery::bench
