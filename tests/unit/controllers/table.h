// Runs the literal tables of controllers: given these objects, one look at them must decide exactly
// this.
//
//     key: default/web                  what to reconcile; the only queued key when it is left out
//     given: [ {kind: ReplicaSet, ...}, ... ]
//     expect:
//     - create: {kind: Pod, metadata: {generateName: web-}}       contained in the request's body
//     - patchStatus: {replicas: 1}                                contained in body.status
//     - patch web-a: {spec: {replicas: 1}}                        name, and contained in the body
//     - delete: web-x
//     events: ["Normal SuccessfulCreate Created pod: web-1"]      exactly these, when given
#pragma once
#include "core/base/yaml.h"
#include "core/controllers/all_controllers.h"
#include "core/controllers/controllers.h"
#include "core/runtime/sim/sim_env.h"
#include "tests/support/test.h"
#include "tests/unit/controllers/fake_server.h"

namespace orrery::tests {

// Is every part of `want` in `have`? Arrays: the same length, item by item.
inline bool contains(const Json& have, const Json& want) {
    if (want.is_object()) {
        for (const auto& [key, value] : want.get_object()) {
            const Json* at = find(have, key);
            if (!at || !contains(*at, value))
                return false;
        }
        return have.is_object();
    }
    if (want.is_array()) {
        if (!have.is_array() || have.get_array().size() != want.get_array().size())
            return false;
        for (std::size_t i = 0; i < want.get_array().size(); ++i)
            if (!contains(have.get_array()[i], want.get_array()[i]))
                return false;
        return true;
    }
    return have == want;
}

// One controller on a fake server, on the virtual clock.
struct World {
    NoTrace trace;
    SimEnv sim{1, trace};
    FakeServer server{sim.env()};
    client::InformerFactory informers{sim.env(), server};
    LoopBoard loops;
    controllers::View view{informers};
    controllers::ObjectGraph graph{informers, server.kinds, view};
    std::vector<std::unique_ptr<controllers::Engine>> engines;

    controllers::Engine& add(controllers::ControllerDef def) {
        engines.push_back(
            std::make_unique<controllers::Engine>(sim.env(), std::move(def), server, view, loops));
        engines.back()->start();
        return *engines.back();
    }
    void start() {
        informers.start();
        sim.runPosted();
    }
    void settle(Duration span = 10s) {
        sim.runPosted();
        sim.advance(span);
    }
};

// What was asked, in the table's words.
inline std::string askedText(const client::Request& request) {
    std::string verb = request.verb;
    if (request.path.subresource == "status")
        verb += "Status";
    else if (!request.path.subresource.empty())
        verb += "/" + request.path.subresource;
    return verb + " " + request.path.resource + " " + request.path.name + " " +
           (request.body ? serializeJson(*request.body) : "");
}

inline bool fits(const client::Request& request, const Json& expected) {
    const auto& [head, want] = *expected.get_object().begin();
    std::string verb(head), name;
    if (const std::size_t space = verb.find(' '); space != std::string::npos) {
        name = verb.substr(space + 1);
        verb.resize(space);
    }
    if (verb == "delete")
        return request.verb == "delete" && request.path.name == asString(want);
    if (verb == "deletecollection")
        return request.verb == verb && request.path.resource == asString(want);
    if (!name.empty() && request.path.name != name)
        return false;
    if (verb == "patchStatus")
        return request.verb == "patch" && request.path.subresource == "status" &&
               contains(*find(*request.body, "status"), want);
    if (verb == "finalize")
        return request.path.subresource == "finalize" && contains(*request.body, want);
    return request.verb == verb && (verb != "patch" || request.path.subresource.empty()) &&
           contains(*request.body, want);
}

// Compares; every difference is a failure of the running test.
inline void checkTable(std::string_view yaml,
                       const std::function<controllers::ControllerDef(World&)>& controller) {
    const Result<std::vector<YamlDocument>> parsed = parseYaml(yaml);
    QVERIFY2(parsed.has_value(), parsed ? "" : parsed.error().message.c_str());
    for (const YamlDocument& document : *parsed) {
        World world;
        const std::string title(stringAt(document.value, "test"));
        for (const Json& object : arrayAt(document.value, "given"))
            world.server.put(object);
        world.server.recordOnly = true;
        controllers::Engine& engine = world.add(controller(world));
        engine.pause();
        world.start();
        const std::string wanted(stringAt(document.value, "key"));
        while (engine.queueLength() > 0 && !wanted.empty() && engine.queued(1).front() != wanted) {
            world.server.asked.clear();
            world.server.events.clear();
            engine.step();
        }
        world.server.asked.clear();
        world.server.events.clear();
        engine.step();
        world.sim.runPosted();

        std::string asked, unmet;
        std::vector<bool> used(world.server.asked.size());
        for (const Json& expected : arrayAt(document.value, "expect")) {
            bool found = false;
            for (std::size_t i = 0; i < used.size() && !found; ++i)
                if (!used[i] && fits(world.server.asked[i], expected))
                    found = used[i] = true;
            if (!found)
                unmet += "  missing: " + serializeJson(expected) + "\n";
        }
        for (std::size_t i = 0; i < used.size(); ++i)
            if (!used[i])
                unmet += "  unexpected: " + askedText(world.server.asked[i]) + "\n";
        for (const client::Request& request : world.server.asked)
            asked += "  " + askedText(request) + "\n";
        if (find(document.value, "events")) {
            JsonArray said;
            for (const Json& event : world.server.events)
                said.emplace_back(std::string(stringAt(event, "type")) + " " +
                                  std::string(stringAt(event, "reason")) + " " +
                                  std::string(stringAt(event, "message")));
            if (said != arrayAt(document.value, "events"))
                unmet += "  events were: " + serializeJson(said) + "\n";
        }
        QVERIFY2(unmet.empty(), (title + "\n" + unmet + "asked:\n" + asked).c_str());
    }
}

} // namespace orrery::tests
