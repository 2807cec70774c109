// The kubelet's decision as a table: a pod, what the runtime has, and what to do.
#include "vmnodes/kubelet/pod_actions.h"

#include "core/base/yaml.h"
#include "tests/support/test.h"
#include "vmnodes/kubelet/pod_status.h"

using namespace orrery;
using namespace orrery::kubelet;

namespace {
const Time kNow = *parseTime("2026-01-01T00:00:00Z");

api::Pod podOf(const std::string& yaml) {
    api::Pod pod;
    api::decode((*parseYaml(yaml))[0].value, pod);
    return pod;
}

// "none", "running", "ready", "exit 1", "busy", "exit 1 wait 10s".
ContainerRecord recordOf(const std::string& name, const std::string& text) {
    ContainerRecord record;
    record.name = name;
    record.busy = text == "busy";
    if (text == "running" || text == "ready" || text.starts_with("exit")) {
        cri::ContainerStatus status;
        status.name = name;
        status.state =
            text.starts_with("exit") ? cri::ContainerState::Exited : cri::ContainerState::Running;
        status.exitCode = text.starts_with("exit") ? std::stoi(text.substr(5)) : 0;
        record.current = status;
        record.started = text == "ready" || text == "running";
        record.ready = text == "ready";
    }
    if (const std::size_t wait = text.find("wait "); wait != std::string::npos)
        record.backoffUntil = kNow + *parseDuration(text.substr(wait + 5));
    return record;
}

PodRecord recordsOf(const api::Pod& pod, const std::string& sandbox,
                    const std::vector<std::string>& init,
                    const std::vector<std::string>& containers) {
    PodRecord record;
    record.runtimeName = "simulated";
    if (sandbox != "none") {
        record.sandbox = cri::SandboxStatus{};
        record.sandbox->ready = sandbox == "ready";
    }
    for (std::size_t i = 0; i < init.size(); ++i)
        record.initContainers.push_back(recordOf(pod.initContainers[i].name, init[i]));
    for (std::size_t i = 0; i < containers.size(); ++i)
        record.containers.push_back(recordOf(pod.containers[i].name, containers[i]));
    return record;
}

std::string describe(const PodActions& actions) {
    std::string text = actions.killPod ? "kill " : actions.createSandbox ? "sandbox " : "";
    for (const std::size_t i : actions.initContainersToStart)
        text += "init" + std::to_string(i) + " ";
    for (const std::size_t i : actions.containersToStart)
        text += "main" + std::to_string(i) + " ";
    for (const std::size_t i : actions.containersBackingOff)
        text += "wait" + std::to_string(i) + " ";
    return text.empty() ? "nothing" : text.substr(0, text.size() - 1);
}

const char* kPlain =
    "spec: {restartPolicy: Always, containers: [{name: a, image: x}, {name: b, image: x}]}";
const char* kNever =
    "spec: {restartPolicy: Never, containers: [{name: a, image: x}, {name: b, image: x}]}";
const char* kOnFailure =
    "spec: {restartPolicy: OnFailure, containers: [{name: a, image: x}, {name: b, image: x}]}";
const char* kInit =
    "spec: {restartPolicy: Always, initContainers: [{name: i, image: x}, {name: j, image: x}], "
    "containers: [{name: a, image: x}]}";
const char* kInitNever =
    "spec: {restartPolicy: Never, initContainers: [{name: i, image: x}, {name: j, image: x}], "
    "containers: [{name: a, image: x}]}";
const char* kSidecar =
    "spec: {restartPolicy: Never, initContainers: [{name: s, image: x, restartPolicy: Always}], "
    "containers: [{name: a, image: x}]}";
} // namespace

class PodActionsTest : public QObject {
    Q_OBJECT
  private slots:
    void decides() {
        struct Row {
            const char *pod, *sandbox;
            std::vector<std::string> init, containers;
            const char *actions, *phase;
        };
        const Row rows[] = {
            {kPlain, "none", {}, {"none", "none"}, "sandbox", "Pending"},
            {kPlain, "ready", {}, {"none", "none"}, "main0 main1", "Pending"},
            {kPlain, "ready", {}, {"busy", "ready"}, "nothing", "Pending"},
            {kPlain, "ready", {}, {"ready", "ready"}, "nothing", "Running"},
            {kPlain, "ready", {}, {"exit 0", "ready"}, "main0", "Running"},
            {kPlain, "ready", {}, {"exit 1 wait 10s", "ready"}, "wait0", "Running"},
            {kPlain, "gone", {}, {"exit 0", "exit 0"}, "sandbox", "Running"},
            {kNever, "ready", {}, {"exit 0", "running"}, "nothing", "Running"},
            {kNever, "ready", {}, {"exit 0", "exit 0"}, "kill", "Succeeded"},
            {kNever, "ready", {}, {"exit 0", "exit 3"}, "kill", "Failed"},
            {kNever, "gone", {}, {"exit 0", "exit 0"}, "nothing", "Succeeded"},
            {kOnFailure, "ready", {}, {"exit 0", "exit 2"}, "main1", "Running"},
            {kOnFailure, "ready", {}, {"exit 0", "exit 0"}, "kill", "Succeeded"},
            {kInit, "ready", {"none", "none"}, {"none"}, "init0", "Pending"},
            {kInit, "ready", {"exit 0", "none"}, {"none"}, "init1", "Pending"},
            {kInit, "ready", {"exit 1", "none"}, {"none"}, "init0", "Pending"},
            {kInit, "ready", {"exit 0", "running"}, {"none"}, "nothing", "Pending"},
            {kInit, "ready", {"exit 0", "exit 0"}, {"none"}, "main0", "Pending"},
            {kInitNever, "ready", {"exit 1", "none"}, {"none"}, "kill", "Failed"},
            {kSidecar, "ready", {"none"}, {"none"}, "init0", "Pending"},
            {kSidecar, "ready", {"running"}, {"none"}, "main0", "Pending"},
            {kSidecar, "ready", {"exit 1"}, {"running"}, "init0", "Running"},
            {kSidecar, "ready", {"running"}, {"exit 0"}, "kill", "Succeeded"},
        };
        int number = 0;
        for (const Row& row : rows) {
            const api::Pod pod = podOf(row.pod);
            const PodRecord record = recordsOf(pod, row.sandbox, row.init, row.containers);
            const std::string actions = describe(computePodActions(pod, record, kNow));
            const std::string phase = computePodPhase(pod, record);
            QVERIFY2(actions == row.actions && phase == row.phase,
                     (std::to_string(number) + ": got " + actions + ", " + phase).c_str());
            ++number;
        }
    }
    void backOffDoubles() {
        Duration pause{};
        std::vector<int> seconds;
        for (int i = 0; i < 8; ++i) {
            pause = nextBackoff(pause);
            seconds.push_back(
                static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(pause).count()));
        }
        QCOMPARE(seconds, (std::vector<int>{10, 20, 40, 80, 160, 300, 300, 300}));
    }
    void statusNamesWhatIsMissing() {
        const api::Pod pod = podOf(kPlain);
        const PodRecord record = recordsOf(pod, "ready", {}, {"ready", "running"});
        const PodStatus status = computePodStatus({pod, record, "172.30.0.2", kNow, {}});
        const api::Condition* ready = api::findCondition(status.conditions, "Ready");
        QCOMPARE(ready->status, std::string("False"));
        QCOMPARE(ready->reason, std::string("ContainersNotReady"));
        QCOMPARE(ready->message, std::string("containers with unready status: [b]"));
        QCOMPARE(status.phase, std::string("Running"));
        QCOMPARE(boolAt(arrayAt(status.status, "containerStatuses").at(0), "ready"), true);
    }
    void conditionsKeepTheirTimes() {
        const api::Pod pod = podOf(kPlain);
        const PodRecord record = recordsOf(pod, "ready", {}, {"ready", "ready"});
        const PodStatus first = computePodStatus({pod, record, "", kNow, {}});
        const PodStatus later = computePodStatus({pod, record, "", kNow + 1h, first.conditions});
        QCOMPARE(serializeJson(later.status), serializeJson(first.status));
    }
};
ORRERY_TEST(PodActionsTest)
#include "pod_actions_test.moc"
