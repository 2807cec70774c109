#include "core/controllers/index_set.h"
#include "tests/unit/controllers/table.h"

namespace orrery::tests {

namespace {
struct Jobs : World {
    Jobs() {
        add(controllers::jobController(view));
        add(controllers::ttlAfterFinishedController(view));
        start();
    }
    void make(const std::string& spec) {
        server.put((*parseYaml("{apiVersion: batch/v1, kind: Job, metadata: {name: sum, uid: j1, "
                               "generation: 1}, spec: "
                               "{selector: {matchLabels: {job: sum}}, template: {metadata: "
                               "{labels: {job: sum}}, spec: "
                               "{restartPolicy: Never, containers: [{name: task}]}}, " +
                               spec + "}}"))[0]
                       .value);
        settle(100ms);
    }
    // The first pod without a phase ends.
    void end(const std::string& phase, int exitCode = 0, const std::string& index = "") {
        for (const std::string& key : server.keys("pods")) {
            Json pod = server.get("pods", key);
            const Json* annotations = findPath(pod, "metadata.annotations");
            const Json* at = annotations
                                 ? find(*annotations, "batch.kubernetes.io/job-completion-index")
                                 : nullptr;
            if (!stringAt(pod, "status.phase").empty() ||
                (!index.empty() && (!at || asString(*at) != index)))
                continue;
            setPath(pod, "status.phase", Json(phase));
            setPath(pod, "status.containerStatuses",
                    *parseJson(R"([{"name":"task","state":{"terminated":{"exitCode":)" +
                               std::to_string(exitCode) + R"(}}}])"));
            server.put(std::move(pod));
            settle(100ms);
            return;
        }
        QFAIL("no pod is running");
    }
    int running() {
        int out = 0;
        for (const std::string& key : server.keys("pods"))
            out += stringAt(server.get("pods", key), "status.phase").empty() ? 1 : 0;
        return out;
    }
    Json job() { return server.get("jobs.batch", "default/sum"); }
    std::string conditions() {
        std::string out;
        const Json object = job();
        for (const Json& one : arrayAt(object, "status.conditions"))
            out += std::string(stringAt(one, "type")) + "=" + std::string(stringAt(one, "status")) +
                   " " + std::string(stringAt(one, "reason")) + ";";
        return out;
    }
};
} // namespace

class JobTest : public QObject {
    Q_OBJECT
  private slots:
    void spellsIndexes() {
        QCOMPARE(controllers::formatIndexes({1, 3, 4, 5, 7, 8}), std::string("1,3-5,7,8"));
        QCOMPARE(controllers::formatIndexes({}), std::string());
        QCOMPARE(controllers::parseIndexes("1,3-5,99,x", 10), controllers::IndexSet({1, 3, 4, 5}));
    }
    void completes() {
        Jobs world;
        world.make("completions: 3, parallelism: 2, backoffLimit: 6");
        QCOMPARE(world.running(), 2);
        QCOMPARE(intAt(world.job(), "status.active"), 2);
        world.end("Succeeded");
        QCOMPARE(world.running(), 2);
        world.end("Succeeded");
        world.end("Succeeded");
        QCOMPARE(world.conditions(), std::string("SuccessCriteriaMet=True CompletionsReached;"
                                                 "Complete=True CompletionsReached;"));
        const Json status = *find(world.job(), "status");
        QCOMPARE(intAt(status, "succeeded"), 3);
        QVERIFY(!find(status, "active") && find(status, "completionTime"));
        QVERIFY(objectAt(status, "uncountedTerminatedPods").empty());
        for (const std::string& key : world.server.keys("pods"))
            QVERIFY(arrayAt(world.server.get("pods", key), "metadata.finalizers").empty());
        QCOMPARE(std::string(stringAt(world.server.events.back(), "message")),
                 std::string("Job completed"));
    }
    void fails() {
        Jobs world;
        world.make("completions: 2, parallelism: 2, backoffLimit: 0");
        world.end("Failed", 1);
        world.settle(2s);
        QCOMPARE(world.conditions(), std::string("FailureTarget=True BackoffLimitExceeded;"
                                                 "Failed=True BackoffLimitExceeded;"));
        QCOMPARE(intAt(world.job(), "status.failed"), 2); // the other was deleted, and counts
        QCOMPARE(world.server.keys("pods").size(), std::size_t(1));
    }
    void triesAgainLater() {
        Jobs world;
        world.make("completions: 1, parallelism: 1, backoffLimit: 3");
        world.end("Failed", 1);
        QCOMPARE(world.running(), 0); // backs off for ten seconds
        world.settle(11s);
        QCOMPARE(world.running(), 1);
        world.end("Succeeded");
        QCOMPARE(intAt(world.job(), "status.failed"), 1);
        QVERIFY(world.conditions().find("Complete=True") != std::string::npos);
    }
    void countsIndexes() {
        Jobs world;
        world.make("completions: 4, parallelism: 3, completionMode: Indexed, backoffLimit: 6");
        QCOMPARE(world.running(), 3);
        world.end("Succeeded", 0, "2");
        QCOMPARE(stringAt(world.job(), "status.completedIndexes"), std::string_view("2"));
        QCOMPARE(world.running(), 3);
        world.end("Succeeded", 0, "0");
        world.end("Succeeded", 0, "3");
        QCOMPARE(stringAt(world.job(), "status.completedIndexes"), std::string_view("0,2,3"));
        world.end("Succeeded", 0, "1");
        QCOMPARE(stringAt(world.job(), "status.completedIndexes"), std::string_view("0-3"));
        QCOMPARE(intAt(world.job(), "status.succeeded"), 4);
        QVERIFY(world.conditions().find("Complete=True") != std::string::npos);
    }
    void followsThePolicy() {
        Jobs world;
        world.make("completions: 1, parallelism: 1, backoffLimit: 4, podFailurePolicy: {rules: "
                   "[{action: Ignore, "
                   "onPodConditions: [{type: DisruptionTarget, status: 'True'}]}, {action: "
                   "FailJob, onExitCodes: "
                   "{containerName: task, operator: In, values: [3, 42]}}]}");
        world.end("Failed", 42);
        world.settle(2s);
        QVERIFY(world.conditions().find("Failed=True PodFailurePolicy") != std::string::npos);
        const std::string message(stringAt(world.server.events.back(), "message"));
        QVERIFY2(message.find("failed with exit code 42 matching FailJob rule at index 1") !=
                     std::string::npos,
                 message.c_str());
    }
    void suspends() {
        Jobs world;
        world.make("completions: 2, parallelism: 2, suspend: true, backoffLimit: 6");
        QCOMPARE(world.conditions(), std::string("Suspended=True JobSuspended;"));
        QVERIFY(!findPath(world.job(), "status.startTime"));
        Json resumed = world.job();
        setPath(resumed, "spec.suspend", Json(false));
        setPath(resumed, "metadata.generation", Json(2));
        world.server.put(resumed);
        world.settle(100ms);
        QCOMPARE(world.conditions(), std::string("Suspended=False JobResumed;"));
        QCOMPARE(world.running(), 2);
    }
    void goesAfterItsTime() {
        Jobs world;
        world.make("completions: 1, parallelism: 1, backoffLimit: 0, ttlSecondsAfterFinished: 5");
        world.end("Succeeded");
        world.settle(3s);
        QVERIFY(!world.job().is_null());
        world.settle(4s);
        const Json left =
            world.job(); // gone, or waiting for the garbage collector that this world lacks
        QVERIFY(left.is_null() || !stringAt(left, "metadata.deletionTimestamp").empty());
    }
};
ORRERY_TEST(JobTest)

} // namespace orrery::tests

#include "job_test.moc"
