// The same seed gives the same history, byte by byte: revisions, times, keys, values and causes.
#include <chrono>
#include <fstream>
#include <sstream>

#include "tests/support/sim_world.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::tests;

namespace {
std::string manifest(const char* name) {
    std::ifstream stream(std::string(ORRERY_SOURCE_DIR "/examples/manifests/") + name);
    std::stringstream bytes;
    bytes << stream.rdbuf();
    return bytes.str();
}

// Ten minutes in which a bit of everything happens.
std::string tenMinutes(std::uint64_t seed) {
    using namespace std::chrono_literals;
    SimWorld world({.seed = seed, .nodes = 5});
    for (const char* file :
         {"web-deployment.yaml", "job.yaml", "rolling-update.yaml", "unschedulable-pod.yaml"})
        for (const std::string& failure : world.apply(file, manifest(file)))
            qFatal("%s", failure.c_str());
    world.advance(1min);
    Json patch = JsonObject{};
    setPath(patch, "spec.template.spec.containers",
            JsonArray{JsonObject{{"name", "shop"}, {"image", "nginx:1.27"}}});
    const api::KindDef* deployments = world.kind("deployments");
    const auto changed = world.send("patch", world.path(*deployments, "default", "shop"),
                                    std::move(patch), client::PatchType::StrategicMerge);
    if (!changed)
        qFatal("%s", changed.error().message.c_str());
    world.advance(1min);
    world.cluster().fleet().killNode("w2");
    world.advance(7min);
    world.cluster().fleet().startNode("w2");
    world.advance(1min);
    return world.dumpHistory();
}

// The line at which two histories part.
std::string parting(const std::string& one, const std::string& other) {
    std::istringstream a(one), b(other);
    std::string x, y;
    while (std::getline(a, x) && std::getline(b, y))
        if (x != y)
            return "\n" + x + "\n" + y;
    return "one is longer";
}
} // namespace

class DeterminismTest : public QObject {
    Q_OBJECT
  private slots:
    void oneSeedOneHistory() {
        const auto began = std::chrono::steady_clock::now();
        const std::string first = tenMinutes(42);
        const auto real = std::chrono::steady_clock::now() - began;
        const auto writes = std::count(first.begin(), first.end(), '\n');
        // Printed, not judged: a timed test fails on a busy machine.
        std::printf("ten minutes of 5 nodes, %ld writes, in %lld ms of real time\n",
                    static_cast<long>(writes),
                    static_cast<long long>(
                        std::chrono::duration_cast<std::chrono::milliseconds>(real).count()));
        QVERIFY(writes > 500);
        const std::string second = tenMinutes(42);
        QVERIFY2(first == second, parting(first, second).c_str());
    }
    void anotherSeedAnotherHistory() { QVERIFY(tenMinutes(42) != tenMinutes(43)); }
};
ORRERY_TEST(DeterminismTest)
#include "determinism_test.moc"
