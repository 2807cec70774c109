#include "app/headless.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <future>
#include <memory>

#include "app/startup.h"
#include "core/cluster/station_log.h"
#include "core/runtime/real/real_env.h"

namespace orrery::app {

namespace {
int signalPipe[2] = {-1, -1};

void onSignal(int) {
    const char byte = 's';
    // A full pipe already holds what wakes the reader.
    [[maybe_unused]] const ssize_t written = ::write(signalPipe[1], &byte, 1);
}

bool catchSignals() {
    if (::pipe(signalPipe) != 0)
        return false;
    struct sigaction action {};
    action.sa_handler = onSignal;
    ::signal(SIGPIPE, SIG_IGN);
    return ::sigaction(SIGTERM, &action, nullptr) == 0 &&
           ::sigaction(SIGINT, &action, nullptr) == 0;
}

void waitForSignal() {
    char byte = 0;
    while (::read(signalPipe[0], &byte, 1) < 0 && errno == EINTR) {
    }
}

int fail(const std::string& message) {
    std::fprintf(stderr, "orrery: %s\n", message.c_str());
    return 1;
}

void printReady(const cluster::Cluster& cluster) {
    JsonObject line;
    line["ready"] = true;
    line["server"] = cluster.serverUrl();
    line["kubeconfig"] = cluster.kubeconfigPath();
    std::printf("%s\n", serializeJson(Json(std::move(line))).c_str());
    std::fflush(stdout);
}

void reportApplied(const std::string& line, bool failed) {
    std::fprintf(stderr, "orrery: %s%s\n", failed ? "error: " : "", line.c_str());
}
} // namespace

int runHeadless(const Options& options) {
    Result<cluster::ClusterOptions> wanted = clusterOptions(options);
    if (!wanted)
        return fail(wanted.error().message);
    if (!catchSignals())
        return fail("can't set up signal handling");

    cluster::StationLog stations;
    wanted->stations = &stations;
    RealEnv world(stations);
    world.start();
    std::unique_ptr<cluster::Cluster> running;
    std::string error;
    world.runAndWait([&] {
        Result<std::unique_ptr<cluster::Cluster>> started =
            cluster::Cluster::start(world.env(), *wanted, [&](Result<void> ready) {
                if (!ready) {
                    error = ready.error().message;
                    return onSignal(0);
                }
                printReady(*running);
                applyFromCommandLine(world.env(), *running, options.apply, reportApplied, [] {});
            });
        if (started)
            running = std::move(*started);
        else
            error = started.error().message;
    });
    if (!running) {
        world.stop();
        return fail(error);
    }

    waitForSignal();
    std::promise<void> stopped;
    world.env().executor.post([&] { running->stop([&] { stopped.set_value(); }); });
    stopped.get_future().wait();
    world.runAndWait([&] { running.reset(); });
    world.stop();
    return error.empty() ? 0 : fail(error);
}

} // namespace orrery::app
