// What a controller decides: actions, each with its reason, as data. The engine executes them.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/client/client.h"
#include "core/client/event_recorder.h"

namespace orrery::controllers {

// An event about an object.
struct Said {
    client::ObjectReference regarding;
    client::EventText text;
};

// One request. In the texts of events "{name}" becomes the name of the object in the answer (or of
// the request),
// "{error}" the error's sentence.
struct Action {
    client::Request request;
    std::string because; // one sentence without a final stop: "2 of 3 replicas missing"
    std::optional<Said> whenDone, whenFailed;
};

struct Outcome {
    std::vector<Action>
        actions; // all are sent at once, in this order; none waits for another's answer
    std::vector<Said> events; // said at once, whatever becomes of the actions
    std::optional<Duration> requeueAfter;
    // Something is not as it must be and no watch will tell when it is: tried again with back-off.
    std::optional<Error> error;
    // Asked once when actions failed (those errors that mean something): what to do then.
    std::function<std::vector<Action>(const Error& first, int failed)> afterFailure;
};

// --- building
// ----------------------------------------------------------------------------------------------

Action createObject(client::ResourcePath path, Json object, std::string because);
// By name. With `uid`: only that very object. `propagation`: "Background", ..., or "" for the
// kind's own.
Action deleteObject(client::ResourcePath path, const std::string& uid, std::string because,
                    const std::string& propagation = "");
// A merge patch.
Action patchObject(client::ResourcePath path, Json patch, std::string because);
// A merge patch of the status subresource from what it is to what it shall be; nothing when they
// are equal.
std::optional<Action> patchStatus(client::ResourcePath path, const Json& object, const Json& status,
                                  std::string because);
// The merge patch (RFC 7386) that makes `to` of `from`; an empty object when they are equal.
Json mergeDiff(const Json& from, const Json& to);

// --- JSON of common parts
// ----------------------------------------------------------------------------------

// {"apiVersion", "kind", "name", "uid", "controller": true, "blockOwnerDeletion": true}
Json controllerReference(const std::string& apiVersion, const std::string& kind,
                         const api::ObjectMeta& owner);
// One condition of .status.conditions. Times are formatted; "" leaves a field out.
Json conditionJson(const std::string& type, const std::string& status, const std::string& reason,
                   const std::string& message, Time lastTransition,
                   std::optional<Time> lastUpdate = {}, std::optional<Time> lastProbe = {});
Json toJson(const api::StringMap& map);
// "1 pod", "3 pods"
std::string counted(int count, const std::string& singular, const std::string& plural);

} // namespace orrery::controllers
