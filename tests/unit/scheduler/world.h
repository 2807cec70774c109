// A scheduler on a virtual clock and a fake API server.
#pragma once
#include <memory>

#include "core/runtime/sim/sim_env.h"
#include "core/scheduler/scheduler.h"
#include "tests/support/test.h"
#include "tests/unit/scheduler/fake_api.h"

namespace orrery::tests {

inline Json json(std::string_view text) {
    Result<Json> parsed = parseJson(text);
    if (!parsed)
        qFatal("%s", parsed.error().message.c_str());
    return std::move(*parsed);
}

} // namespace orrery::tests

namespace QTest {
// Qt Test prints nothing of a std::string by itself.
template <> inline char* toString(const std::string& text) {
    return qstrdup(("\"" + text + "\"").c_str());
}
} // namespace QTest

namespace orrery::tests {

struct World {
    World() : World(1) {}
    explicit World(std::uint64_t seed)
        : sim(seed, trace), api(sim.env()), informers(sim.env(), api) {
        scheduler = std::make_unique<scheduler::Scheduler>(sim.env(), api, informers, board);
    }
    void start() {
        informers.start();
        settle();
    }
    void settle() { sim.runPosted(); }

    void node(const std::string& name, const std::string& cpu = "4",
              const std::string& memory = "8Gi", const std::string& more = "{}") {
        Json object =
            json(R"({"metadata":{"labels":{}},"spec":{},"status":{"allocatable":{"pods":"110"}}})");
        setPath(object, "metadata.name", Json(name));
        object.as_object()["metadata"].as_object()["labels"].as_object()["kubernetes.io/hostname"] =
            name;
        setPath(object, "status.allocatable.cpu", Json(cpu));
        setPath(object, "status.allocatable.memory", Json(memory));
        overlay(object, json(more));
        api.put("nodes", std::move(object));
    }
    // `spec` is merged into a pod of one container with `requests`.
    void pod(const std::string& name, const std::string& requests = "{}",
             const std::string& more = "{}") {
        Json object =
            json(R"({"metadata":{},"spec":{"schedulerName":"default-scheduler","priority":0,
            "containers":[{"name":"app","image":"web:1.0","resources":{}}]},
            "status":{"phase":"Pending"}})");
        setPath(object, "metadata.name", Json(name));
        setPath(object.as_object()["spec"].as_object()["containers"].as_array()[0],
                "resources.requests", json(requests));
        overlay(object, json(more));
        api.put("pods", std::move(object));
    }
    std::string reasonOf(const std::string& podName) const {
        const Json condition = api.condition("default/" + podName, "PodScheduled");
        return condition.is_null() ? "" : std::string(stringAt(condition, "reason"));
    }
    std::string messageOf(const std::string& podName) const {
        const Json condition = api.condition("default/" + podName, "PodScheduled");
        return condition.is_null() ? "" : std::string(stringAt(condition, "message"));
    }
    std::string nodeOf(const std::string& podName) const {
        return api.nodeOf("default/" + podName);
    }

    static void overlay(Json& into, const Json& from) {
        for (const auto& member : from.as_object()) {
            Json& target = into.as_object()[member.key()];
            if (member.value().is_object() && target.is_object())
                overlay(target, member.value());
            else
                target = member.value();
        }
    }

    NoTrace trace;
    SimEnv sim;
    FakeApi api;
    client::InformerFactory informers;
    LoopBoard board;
    std::unique_ptr<scheduler::Scheduler> scheduler;
};

} // namespace orrery::tests
