#include "tests/bench/metrics.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <thread>
#include <unordered_map>

#include "tests/bench/plane.h"

namespace orrery::bench {

namespace {
using std::chrono::steady_clock;
constexpr std::string_view kPods = "/api/v1/namespaces/default/pods";
constexpr std::string_view kConfigMaps = "/api/v1/namespaces/default/configmaps";

double secondsSince(SteadyTime begin) {
    return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

void sleepFor(double seconds) {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

double percentile(std::vector<double>& values, double share) {
    if (values.empty())
        return 0;
    const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at),
                     values.end());
    return values[at];
}

std::string number(std::size_t value) {
    char text[16];
    std::snprintf(text, sizeof text, "%06zu", value);
    return text;
}

// 0.5 KB with its name.
std::string configMap(std::size_t i) {
    static const std::string filling(380, 'x');
    return R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c-)" + number(i) +
           R"("},"data":{"n":")" + number(i) + R"(","filling":")" + filling + "\"}}";
}

std::string pod(std::size_t i, const char* cpu = "10m", const char* memory = "10Mi") {
    return R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p-)" + number(i) +
           R"(","labels":{"app":"bench"}},"spec":{"containers":[{"name":"main","image":"registry.k8s.io/pause:3.10",)" +
           R"("resources":{"requests":{"cpu":")" + cpu + R"(","memory":")" + memory + R"("}}}]}})";
}

// `connections` connections, each with the next request as soon as its last one is answered.
struct Load {
    std::size_t done = 0, next = 0;
    std::vector<double> latencies; // ms

    using Request = std::function<void(Connection&, std::size_t, const Connection::Answered&)>;

    // Until `count` requests are answered or `seconds` have passed; answers a second.
    double run(HttpsClient& client, int connections, std::size_t count, double seconds,
               int expected, const Request& request) {
        const SteadyTime begin = steady_clock::now();
        const SteadyTime end = begin + std::chrono::duration_cast<steady_clock::duration>(
                                           std::chrono::duration<double>(seconds));
        int open = 0;
        std::function<void(Connection&)> send = [&](Connection& connection) {
            const SteadyTime sent = steady_clock::now();
            if (next == count || sent >= end) {
                --open;
                return;
            }
            request(connection, next++, [&, sent](const Response& response) {
                if (response.code != expected)
                    giveUp("answered " + std::to_string(response.code) + ": " +
                           response.body.substr(0, 500));
                latencies.push_back(secondsSince(sent) * 1000);
                ++done;
                send(connection);
            });
        };
        std::vector<Connection*> all;
        for (int i = 0; i < connections; ++i)
            all.push_back(&client.connect());
        open = connections;
        for (Connection* connection : all)
            send(*connection);
        if (!client.run([&open] { return open == 0; }, seconds + 60))
            giveUp("requests stay without an answer");
        return static_cast<double>(done) / secondsSince(begin);
    }
};

void createConfigMap(Connection& connection, std::size_t i, const Connection::Answered& answered) {
    connection.send("POST", kConfigMaps, configMap(i), answered);
}

constexpr std::string_view kWidgets = "/apis/bench.example.com/v1/namespaces/default/widgets";

// A kind whose schema has about what people's have: types, bounds, enums, a list by key, defaults.
void defineWidgets(HttpsClient& client) {
    constexpr std::string_view kDefinitions =
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    client.ask("POST", std::string(kDefinitions),
               R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",)"
               R"("metadata":{"name":"widgets.bench.example.com"},"spec":{)"
               R"("group":"bench.example.com","scope":"Namespaced","names":{"plural":"widgets",)"
               R"("singular":"widget","kind":"Widget"},"versions":[{"name":"v1","served":true,)"
               R"("storage":true,"subresources":{"status":{}},"schema":{"openAPIV3Schema":{)"
               R"("type":"object","required":["spec"],"properties":{"spec":{"type":"object",)"
               R"("required":["size"],"properties":{"size":{"type":"integer","minimum":1},)"
               R"("colour":{"type":"string","enum":["red","green"],"default":"red"},)"
               R"("title":{"type":"string","maxLength":400},"labels":{"type":"object",)"
               R"("additionalProperties":{"type":"string"}},"ports":{"type":"array",)"
               R"("x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],)"
               R"("items":{"type":"object","required":["name"],"properties":{"name":{)"
               R"("type":"string","pattern":"^[a-z]+$"},"number":{"type":"integer",)"
               R"("maximum":65535},"protocol":{"type":"string","default":"TCP"}}}}}},)"
               R"("status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}]}})");
    const std::string path = std::string(kDefinitions) + "/widgets.bench.example.com";
    for (const SteadyTime begin = steady_clock::now(); secondsSince(begin) < 10; sleepFor(0.01))
        if (client.ask("GET", path).find("\"InitialNamesAccepted\"") != std::string::npos)
            return;
    giveUp("the definition of widgets is not established");
}

// 0.5 KB with its name.
std::string widget(std::size_t i) {
    static const std::string filling(200, 'x');
    return R"({"apiVersion":"bench.example.com/v1","kind":"Widget","metadata":{"name":"w-)" +
           number(i) + R"("},"spec":{"size":)" + std::to_string(i + 1) + R"(,"title":")" + filling +
           R"(","labels":{"a":"b"},"ports":[{"name":"http","number":80},)" +
           R"({"name":"https","number":443}]}})";
}

void createWidget(Connection& connection, std::size_t i, const Connection::Answered& answered) {
    connection.send("POST", kWidgets, widget(i), answered);
}

bool isReady(std::string_view node) {
    return node.find("\"reason\":\"KubeletReady\"") != std::string_view::npos &&
           node.find("node.kubernetes.io/not-ready") == std::string_view::npos;
}

// Returns when `count` nodes are Ready and may be scheduled to.
void awaitNodes(HttpsClient& client, std::size_t count, double seconds) {
    std::unordered_map<std::string, bool> ready;
    std::size_t now = 0;
    client.connect().watch("/api/v1/nodes?watch=1", [&](std::string_view line) {
        const std::size_t at = line.find("\"name\":\"");
        if (at == std::string_view::npos)
            return;
        const std::string name(line.substr(at + 8, line.find('"', at + 8) - at - 8));
        bool& known = ready[name];
        now += (isReady(line) ? 1 : 0) - (known ? 1 : 0);
        known = isReady(line);
    });
    if (!client.run([&] { return now >= count; }, seconds))
        giveUp(std::to_string(now) + " of " + std::to_string(count) + " nodes are Ready after " +
               std::to_string(seconds) + " s");
    client.drop();
}

// The same for thousands, where it need not be known to the millisecond: the last one to be made is
// asked for.
void awaitManyNodes(HttpsClient& client, std::size_t count, double seconds) {
    const std::string path = "/api/v1/nodes/w" + std::to_string(count);
    for (const SteadyTime begin = steady_clock::now(); secondsSince(begin) < seconds; sleepFor(0.5))
        if (client.ask("GET", "/api/v1/nodes?limit=1").size() > 200 &&
            isReady(client.ask("GET", path)))
            return;
    giveUp("node w" + std::to_string(count) + " is not Ready");
}

std::vector<Metric> measureStart(const Setup& setup) {
    std::vector<double> times;
    for (int i = 0; i < (setup.quick ? 3 : 9); ++i)
        times.push_back(Plane(setup.program, {}).readyMs());
    return {{"start_ready_ms", "ms", percentile(times, 0.5), 300, 50, percentile(times, 0.5),
             percentile(times, 0.99)}};
}

std::vector<Metric> measureIdle(const Setup& setup) {
    Plane plane(setup.program, {});
    {
        HttpsClient client(plane.endpoint());
        awaitNodes(client, 3, 30);
    }
    sleepFor(5);
    const double resident = plane.residentMb();
    const double before = plane.cpuSeconds();
    const SteadyTime begin = steady_clock::now();
    sleepFor(setup.quick ? 10 : 60);
    const double percent = 100 * (plane.cpuSeconds() - before) / secondsSince(begin);
    return {{"rss_idle_mb", "MB", std::max(resident, plane.residentMb()), 60, 25},
            {"cpu_idle_percent", "% of a core", percent, 1, 0.2}};
}

std::vector<Metric> measureCreates16(const Setup& setup) {
    Plane plane(setup.program, {});
    HttpsClient client(plane.endpoint());
    Load load;
    const double before = plane.cpuSeconds();
    const double rate = load.run(client, 16, 200'000, setup.quick ? 3 : 8, 201, createConfigMap);
    return {{"creates_16", "1/s", rate, 4000, 10'000, percentile(load.latencies, 0.5),
             percentile(load.latencies, 0.99), plane.cpuSeconds() - before}};
}

std::vector<Metric> measureCustomCreates16(const Setup& setup) {
    Plane plane(setup.program, {});
    HttpsClient client(plane.endpoint());
    defineWidgets(client);
    Load load;
    const double before = plane.cpuSeconds();
    const double rate = load.run(client, 16, 200'000, setup.quick ? 3 : 8, 201, createWidget);
    return {{"custom_creates_16", "1/s", rate, 3000, 8000, percentile(load.latencies, 0.5),
             percentile(load.latencies, 0.99), plane.cpuSeconds() - before}};
}

std::vector<Metric> measureCreates1(const Setup& setup) {
    Plane plane(setup.program, {});
    HttpsClient client(plane.endpoint());
    Load load;
    const double rate = load.run(client, 1, 200'000, setup.quick ? 2 : 5, 201, createConfigMap);
    return {{"creates_1", "1/s", rate, 1500, 3000, percentile(load.latencies, 0.5),
             percentile(load.latencies, 0.99)}};
}

std::vector<Metric> measureGets(const Setup& setup) {
    Plane plane(setup.program, {"--instant"});
    HttpsClient client(plane.endpoint());
    awaitNodes(client, 3, 30);
    client.ask("POST", kPods, pod(0));
    const std::string path = std::string(kPods) + "/p-000000";
    sleepFor(1);
    Load load;
    const double rate = load.run(
        client, 16, 1'000'000, setup.quick ? 2 : 5, 200,
        [&path](Connection& connection, std::size_t, const Connection::Answered& answered) {
            connection.send("GET", path, {}, answered);
        });
    return {{"get_pod_16", "1/s", rate, 12'000, 20'000, percentile(load.latencies, 0.5),
             percentile(load.latencies, 0.99)}};
}

std::vector<Metric> measureList(const Setup& setup) {
    // No nodes: the pods stay as they were posted.
    Plane plane(setup.program, {"--simulated-nodes", "0"});
    HttpsClient client(plane.endpoint());
    Load load;
    load.run(client, 16, 10'000, 60, 201,
             [](Connection& connection, std::size_t i, const Connection::Answered& answered) {
                 connection.send("POST", kPods, pod(i), answered);
             });
    sleepFor(3);
    std::vector<double> times;
    std::size_t bytes = 0;
    Connection& connection = client.connect();
    for (int i = 0; i < (setup.quick ? 3 : 9); ++i) {
        const SteadyTime begin = steady_clock::now();
        connection.send("GET", kPods, {}, [&](const Response& response) {
            times.push_back(secondsSince(begin) * 1000);
            bytes = response.body.size();
        });
        client.run([&connection] { return !connection.busy(); }, 60);
        if (bytes < 15'000'000)
            giveUp("a list of " + std::to_string(bytes) + " bytes is not that of 10,000 pods");
    }
    return {{"list_10000_pods_ms", "ms", percentile(times, 0.5), 150, 60, percentile(times, 0.5),
             percentile(times, 0.99)},
            {"list_10000_pods_mb", "MB", static_cast<double>(bytes) / 1e6, 28, 28}};
}

// Delivery is counted from the moment when the write is sent to the moment when a watcher has the
// event.
std::vector<Metric> measureWatch(const Setup& setup) {
    Plane plane(setup.program, {});
    HttpsClient client(plane.endpoint());
    client.ask("POST", kConfigMaps, configMap(0));
    const std::size_t count = setup.quick ? 1000 : 5000;
    std::vector<SteadyTime> sent(count + 1);
    std::vector<double> latencies;
    std::size_t began = 0;
    for (int i = 0; i < 100; ++i)
        client.connect().watch(std::string(kConfigMaps) + "?watch=1", [&](std::string_view line) {
            const std::size_t at = line.find("\"n\":\"");
            if (at == std::string_view::npos)
                return;
            const auto n = static_cast<std::size_t>(std::atoi(line.data() + at + 5));
            if (n == 0)
                ++began;
            else
                latencies.push_back(secondsSince(sent[n]) * 1000);
        });
    if (!client.run([&] { return began == 100; }, 30))
        giveUp("the watches don't begin");
    std::vector<Connection*> writers;
    for (int i = 0; i < 16; ++i)
        writers.push_back(&client.connect());
    std::size_t next = 1;
    const SteadyTime begin = steady_clock::now();
    const auto due = [&] {
        return begin + std::chrono::microseconds(2000) * static_cast<long>(next);
    };
    const auto tick = [&] {
        while (next <= count && steady_clock::now() >= due()) {
            const auto free = std::find_if(writers.begin(), writers.end(),
                                           [](const Connection* one) { return !one->busy(); });
            if (free == writers.end())
                break;
            // A late write counts from when it was due: a stuck server must not hide behind its
            // clients.
            sent[next] = due();
            (*free)->send(
                "PUT", std::string(kConfigMaps) + "/c-000000",
                [&] {
                    std::string body = configMap(0);
                    return body.replace(body.find("\"n\":\"") + 5, 6, number(next));
                }(),
                [](const Response& response) {
                    if (response.code != 200)
                        giveUp("answered " + std::to_string(response.code) + ": " + response.body);
                });
            ++next;
        }
        client.wakeAt(next <= count ? due() : SteadyTime{});
    };
    if (!client.run([&] { return latencies.size() == count * 100; }, 60, tick))
        giveUp("only " + std::to_string(latencies.size()) + " events arrived");
    const double rate = static_cast<double>(count) / secondsSince(begin);
    const double p99 = percentile(latencies, 0.99);
    return {{"watch_100_p99_ms", "ms", p99, 8, 3, percentile(latencies, 0.5), p99},
            {"watch_100_writes", "1/s", rate, 500, 500}};
}

std::vector<Metric> measureDeployment(const Setup& setup) {
    Plane plane(setup.program, {"--instant", "--simulated-nodes", "20"});
    HttpsClient client(plane.endpoint());
    awaitNodes(client, 20, 30);
    sleepFor(1);
    bool ready = false;
    SteadyTime at;
    client.connect().watch(
        "/apis/apps/v1/namespaces/default/deployments?watch=1", [&](std::string_view line) {
            if (!ready && line.find("\"readyReplicas\":1000") != std::string_view::npos) {
                ready = true;
                at = steady_clock::now();
            }
        });
    Connection& connection = client.connect();
    const double before = plane.cpuSeconds();
    const SteadyTime begin = steady_clock::now();
    connection.send(
        "POST", "/apis/apps/v1/namespaces/default/deployments",
        R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":1000,)"
        R"("selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},)"
        R"("spec":{"containers":[{"name":"main","image":"registry.k8s.io/pause:3.10"}]}}}})",
        [](const Response& response) {
            if (response.code != 201)
                giveUp("answered " + std::to_string(response.code) + ": " + response.body);
        });
    if (!client.run([&] { return ready; }, 60))
        giveUp("the deployment isn't ready after a minute");
    const double ms = std::chrono::duration<double, std::milli>(at - begin).count();
    return {{"deployment_1000_ready_ms", "ms", ms, 1000, 300, -1, -1, plane.cpuSeconds() - before}};
}

// Pods posted by 16 connections while one watches; how many were bound and Running a second, from
// the first request on.
struct PodRates {
    double posted = 0, bound = 0, running = 0;
};

PodRates postPods(HttpsClient& client, std::size_t count, const char* cpu, const char* memory) {
    std::vector<char> bound(count), running(count);
    std::size_t boundCount = 0, runningCount = 0;
    SteadyTime lastBound, lastRunning;
    client.connect().watch(std::string(kPods) + "?watch=1", [&](std::string_view line) {
        const std::size_t at = line.find("\"name\":\"p-");
        if (at == std::string_view::npos)
            return;
        const auto i = static_cast<std::size_t>(std::atoi(line.data() + at + 10));
        if (!bound[i] && line.find("\"nodeName\":\"") != std::string_view::npos) {
            bound[i] = 1;
            ++boundCount;
            lastBound = steady_clock::now();
        }
        if (!running[i] && line.find("\"phase\":\"Running\"") != std::string_view::npos) {
            running[i] = 1;
            ++runningCount;
            lastRunning = steady_clock::now();
        }
    });
    const SteadyTime begin = steady_clock::now();
    Load load;
    PodRates rates;
    rates.posted =
        load.run(client, 16, count, 120, 201,
                 [&](Connection& connection, std::size_t i, const Connection::Answered& answered) {
                     connection.send("POST", kPods, pod(i, cpu, memory), answered);
                 });
    if (!client.run([&] { return boundCount == count && runningCount == count; }, 120))
        giveUp(std::to_string(boundCount) + " of " + std::to_string(count) + " pods bound, " +
               std::to_string(runningCount) + " Running after two minutes");
    const auto rate = [&](SteadyTime last) {
        return static_cast<double>(count) / std::chrono::duration<double>(last - begin).count();
    };
    rates.bound = rate(lastBound);
    rates.running = rate(lastRunning);
    return rates;
}

std::vector<Metric> measurePods(const Setup& setup) {
    Plane plane(setup.program, {"--instant", "--simulated-nodes", "200"});
    HttpsClient client(plane.endpoint());
    awaitNodes(client, 200, 60);
    sleepFor(1);
    const double before = plane.cpuSeconds();
    const PodRates rates = postPods(client, 2000, "10m", "10Mi");
    return {{"pods_2000_bound_per_s", "1/s", rates.bound, 3000, 10'000, -1, -1,
             plane.cpuSeconds() - before},
            {"pods_2000_running_per_s", "1/s", rates.running, 3000, 10'000}};
}

std::vector<Metric> measureNodes(const Setup& setup) {
    Plane plane(setup.program, {"--simulated-nodes", "1000"});
    HttpsClient client(plane.endpoint());
    awaitNodes(client, 1000, 120);
    return {{"nodes_1000_ready_ms", "ms", secondsSince(plane.begun()) * 1000, 2000, 500, -1, -1,
             plane.cpuSeconds()}};
}

std::vector<Metric> measureManyPods(const Setup& setup) {
    Plane plane(setup.program, {"--instant", "--simulated-nodes", "5000"});
    HttpsClient client(plane.endpoint());
    awaitManyNodes(client, 5000, 120);
    sleepFor(3);
    const double before = plane.cpuSeconds();
    const PodRates rates = postPods(client, setup.quick ? 3000 : 10'000, "100m", "500Mi");
    return {{"pods_10000_on_5000_nodes_bound_per_s", "1/s", rates.bound, 3000, 10'000, -1, -1,
             plane.cpuSeconds() - before}};
}
} // namespace

const std::vector<Measurement>& allMeasurements() {
    static const std::vector<Measurement> all{
        {"start", measureStart},
        {"idle", measureIdle},
        {"creates_16", measureCreates16},
        {"custom_creates_16", measureCustomCreates16},
        {"creates_1", measureCreates1},
        {"get_pod_16", measureGets},
        {"list_10000_pods", measureList},
        {"watch_100", measureWatch},
        {"deployment_1000", measureDeployment},
        {"pods_2000", measurePods},
        {"nodes_1000", measureNodes},
        {"pods_10000_on_5000_nodes", measureManyPods},
    };
    return all;
}

} // namespace orrery::bench
