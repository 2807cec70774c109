#include "vmnodes/cri/simulated_runtime.h"

#include "core/runtime/sim/sim_env.h"
#include "tests/support/test.h"
#include "vmnodes/cri/simulated_logs.h"
#include "vmnodes/kubelet/pod_range.h"

using namespace orrery;
using namespace orrery::cri;

class SimulatedRuntimeTest : public QObject {
    Q_OBJECT
  private slots:
    void imagesAreNamedAsContainerdDoes() {
        const std::pair<const char*, const char*> rows[] = {
            {"nginx", "docker.io/library/nginx:latest"},
            {"nginx:1.27", "docker.io/library/nginx:1.27"},
            {"team/app", "docker.io/team/app:latest"},
            {"registry.example.com/shop/web:1.0", "registry.example.com/shop/web:1.0"},
            {"localhost:5000/a", "localhost:5000/a:latest"},
            {"a@sha256:00", "docker.io/library/a@sha256:00"},
        };
        for (const auto& [image, name] : rows)
            QCOMPARE(normalizedImage(image), std::string(name));
    }
    void annotationsRule() {
        const Behaviour plain = behaviourOf({}, {});
        QVERIFY(!plain.runFor && plain.exitCode == 0 && !plain.neverReady && !plain.ofJob);
        const Behaviour said = behaviourOf({{"batch.kubernetes.io/controller-uid", "x"}},
                                           {{"orrery.dev/run-for", "5s"},
                                            {"orrery.dev/exit-code", "1"},
                                            {"orrery.dev/ready-after", "3s"},
                                            {"orrery.dev/never-ready", "true"}});
        QVERIFY(said.runFor == 5s && said.exitCode == 1 && said.readyAfter == 3s &&
                said.neverReady && said.ofJob);
        const Behaviour broken =
            behaviourOf({}, {{"orrery.dev/run-for", "soon"}, {"orrery.dev/exit-code", "x"}});
        QVERIFY(!broken.runFor && broken.exitCode == 0);
    }
    void runsForAsLongAsAsked() {
        NoTrace trace;
        SimEnv world(3, trace);
        kubelet::PodRange range;
        range.setCIDR("10.128.1.0/24");
        SimulatedRuntime runtime(
            world.env(), false, [&] { return range.take(); },
            [&](const std::string& ip) { range.give(ip); });
        std::string sandbox, container, ip;
        std::vector<int> exits;
        runtime.onContainerExited = [&](const ContainerStatus& status) {
            exits.push_back(status.exitCode);
        };
        PodSandboxConfig config{"p",  "default",
                                "u",  0,
                                {},   {{"orrery.dev/run-for", "7s"}, {"orrery.dev/exit-code", "4"}},
                                false};
        runtime.runPodSandbox(
            config, [&](Result<SandboxStatus> made) { sandbox = made->id, ip = made->ip; });
        world.advance(2s);
        QCOMPARE(ip, std::string("10.128.1.2"));
        runtime.createContainer(sandbox, {"c", "nginx", 0},
                                [&](Result<std::string> id) { QVERIFY(!id); });
        world.advance(2s);
        runtime.pullImage("nginx", [](Result<Image>) {});
        world.advance(10s);
        runtime.createContainer(sandbox, {"c", "nginx", 0},
                                [&](Result<std::string> id) { container = *id; });
        world.advance(2s);
        Time startedAt{};
        runtime.startContainer(container, [&](Result<void>) { startedAt = world.env().now(); });
        world.advance(6s);
        QVERIFY(exits.empty());
        world.advance(3s);
        QCOMPARE(exits, std::vector<int>{4});
        runtime.containerStatus(container, [&](Result<ContainerStatus> status) {
            QCOMPARE(status->finishedAt - startedAt, Duration(7s));
            QCOMPARE(status->reason, std::string("Error"));
        });
    }
    void logsAreTheSameWheneverAsked() {
        const Time start = *parseTime("2026-01-01T00:00:00Z");
        const SimulatedLog log{"0123456789abcdef", "app", "nginx", "web-1",
                               "10.0.0.1",         start, {},      0};
        const auto whole = simulatedLines(log, start - 1ns, start + 60s);
        QCOMPARE(whole.size(), std::size_t(4 + 12));
        auto first = simulatedLines(log, start - 1ns, start + 20s);
        const auto rest = simulatedLines(log, start + 20s, start + 60s);
        first.insert(first.end(), rest.begin(), rest.end());
        QCOMPARE(first.size(), whole.size());
        for (std::size_t i = 0; i < whole.size(); ++i)
            QVERIFY(first[i].text == whole[i].text && first[i].at == whole[i].at);
        QCOMPARE(simulatedLines(log, start - 1ns, start + 60s, 3).size(), std::size_t(3));
        QCOMPARE(*nextSimulatedLine(log, start + 20s), start + 25s);
    }
    void addressesRunOut() {
        kubelet::PodRange range;
        QVERIFY(!range.take());
        range.setCIDR("10.0.0.0/29");
        std::set<std::string> taken;
        while (true) {
            const Result<std::string> ip = range.take();
            if (!ip)
                break;
            QVERIFY(taken.insert(*ip).second);
        }
        QCOMPARE(taken.size(), std::size_t(5)); // 8 less network, bridge and broadcast
        range.give("10.0.0.4");
        QCOMPARE(*range.take(), std::string("10.0.0.4"));
    }
};
ORRERY_TEST(SimulatedRuntimeTest)
#include "simulated_runtime_test.moc"
