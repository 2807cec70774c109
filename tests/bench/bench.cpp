// orrery_bench --orrery PATH [--quick] [NAME...]: one line of JSON for each metric.
#include <csignal>
#include <cstdio>
#include <cstring>

#include "tests/bench/https_client.h"
#include "tests/bench/metrics.h"

namespace {
using orrery::bench::Metric;

void print(const Metric& metric) {
    std::printf("{\"name\":\"%s\",\"value\":%.4g,\"unit\":\"%s\",\"must\":%g,\"aim\":%g",
                metric.name.c_str(), metric.value, metric.unit.c_str(), metric.must, metric.aim);
    if (metric.p50 >= 0)
        std::printf(",\"p50\":%.3g", metric.p50);
    if (metric.p99 >= 0)
        std::printf(",\"p99\":%.3g", metric.p99);
    if (metric.cpuSeconds >= 0)
        std::printf(",\"cpu_s\":%.3g", metric.cpuSeconds);
    std::puts("}");
    std::fflush(stdout);
}

int usage() {
    std::fputs("usage: orrery_bench --orrery PATH [--quick] [NAME...]\nnames:", stderr);
    for (const auto& one : orrery::bench::allMeasurements())
        std::fprintf(stderr, " %s", one.name);
    std::fputs("\n", stderr);
    return 2;
}
} // namespace

int main(int argc, char** argv) {
    orrery::bench::Setup setup;
    std::vector<std::string> names;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--orrery") == 0 && i + 1 < argc)
            setup.program = argv[++i];
        else if (std::strcmp(argv[i], "--quick") == 0)
            setup.quick = true;
        else
            names.emplace_back(argv[i]);
    }
    const auto& all = orrery::bench::allMeasurements();
    for (const std::string& name : names)
        if (std::none_of(all.begin(), all.end(),
                         [&name](const auto& one) { return one.name == name; }))
            return usage();
    if (setup.program.empty())
        return usage();
    std::signal(SIGPIPE, SIG_IGN);
    for (const auto& one : all)
        if (names.empty() || std::find(names.begin(), names.end(), one.name) != names.end())
            for (const Metric& metric : one.measure(setup))
                print(metric);
    return 0;
}
