// soak [--seed N] [--hours H]: random operations on a simulated cluster; after each settling
// nothing that must hold is broken. The same seed does the same again: what fails can be looked at.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "tests/soak/invariants.h"
#include "tests/soak/operations.h"

using namespace orrery;
using namespace orrery::tests;

namespace {
struct Arguments {
    std::uint64_t seed = 1;
    double hours = 10;
};

Arguments argumentsOf(int argc, char** argv) {
    Arguments made;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string flag = argv[i];
        if (flag == "--seed")
            made.seed = std::strtoull(argv[i + 1], nullptr, 10);
        else if (flag == "--hours")
            made.hours = std::strtod(argv[i + 1], nullptr);
    }
    return made;
}

int report(const Arguments& arguments, const Operations& operations,
           const std::vector<std::string>& broken) {
    std::printf("FAILED: seed %llu, after %lld operations:\n",
                static_cast<unsigned long long>(arguments.seed),
                static_cast<long long>(operations.done()));
    for (const std::string& one : broken)
        std::printf("  %s\n", one.c_str());
    std::printf("what was done last:\n");
    for (const std::string& line : operations.log())
        std::printf("  %s\n", line.c_str());
    std::printf("again: soak --seed %llu\n", static_cast<unsigned long long>(arguments.seed));
    return 1;
}
} // namespace

int main(int argc, char** argv) {
    using namespace std::chrono_literals;
    const Arguments arguments = argumentsOf(argc, argv);
    std::printf("soak: seed %llu\n", static_cast<unsigned long long>(arguments.seed));
    std::fflush(stdout);
    const auto began = std::chrono::steady_clock::now();
    SimWorld world({.seed = arguments.seed, .nodes = 5, .keepHistory = false});
    Operations operations(world, arguments.seed);
    Invariants invariants(world);
    std::int64_t writes = 0, rounds = 0;
    world.onEvent = [&](const store::Event& event) {
        ++writes;
        invariants.onEvent(event);
    };
    const Time end =
        world.startedAt() + std::chrono::seconds(static_cast<std::int64_t>(arguments.hours * 3600));
    for (; world.env().now() < end; ++rounds) {
        for (std::uint64_t i = 0, most = 1 + operations.below(12); i < most; ++i) {
            operations.one();
            world.advance(operations.upTo(operations.below(4) == 0 ? 20s : 1s));
        }
        operations.resumeLoops();
        if (!world.settle(30s, 2h))
            return report(arguments, operations, {"it does not settle within two hours"});
        std::vector<std::string> broken = invariants.check(operations.deadNodes());
        broken.insert(broken.end(), operations.unexpected().begin(), operations.unexpected().end());
        if (!broken.empty())
            return report(arguments, operations, broken);
    }
    const auto real = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - began);
    std::printf("passed: seed %llu, %s, %lld operations, %lld settlings, %lld writes, in %.1f s\n",
                static_cast<unsigned long long>(arguments.seed),
                formatDuration(world.env().now() - world.startedAt()).c_str(),
                static_cast<long long>(operations.done()), static_cast<long long>(rounds),
                static_cast<long long>(writes), static_cast<double>(real.count()) / 1000);
    return 0;
}
