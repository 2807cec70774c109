// The pod's row: the hardest one, because its Status sums up phases, init containers and
// containers.
#include "core/api/columns/columns.h"
#include "core/base/time.h"

namespace orrery::api::columns {

namespace {
struct Summary {
    std::string status;
    std::int64_t ready = 0, total = 0, restarts = 0;
    std::string_view lastRestart; // RFC 3339; such times compare as text
};

bool conditionIs(const Json& pod, std::string_view type, std::string_view status) {
    for (const Json& condition : arrayAt(pod, "status.conditions"))
        if (stringAt(condition, "type") == type)
            return stringAt(condition, "status") == status;
    return false;
}

bool isSidecar(const Json& pod, std::string_view container) {
    for (const Json& init : arrayAt(pod, "spec.initContainers"))
        if (stringAt(init, "name") == container)
            return stringAt(init, "restartPolicy") == "Always";
    return false;
}

void noteRestart(const Json& status, std::int64_t& restarts, std::string_view& last) {
    restarts += intAt(status, "restartCount");
    const std::string_view finished = stringAt(status, "lastState.terminated.finishedAt");
    if (finished > last)
        last = finished;
}

// Why a terminated container ended, when it does not say.
std::string exitText(const Json& terminated) {
    if (const std::int64_t signal = intAt(terminated, "signal"))
        return "Signal:" + std::to_string(signal);
    return "ExitCode:" + std::to_string(intAt(terminated, "exitCode"));
}

// True while an init container keeps the pod from starting; sets what the status says about it.
bool summariseInit(const Json& pod, Summary& out, std::int64_t& sidecarRestarts,
                   std::string_view& sidecarLast) {
    const JsonArray& statuses = arrayAt(pod, "status.initContainerStatuses");
    for (std::size_t i = 0; i < statuses.size(); ++i) {
        const Json& status = statuses[i];
        const bool sidecar = isSidecar(pod, stringAt(status, "name"));
        noteRestart(status, out.restarts, out.lastRestart);
        if (sidecar)
            noteRestart(status, sidecarRestarts, sidecarLast);
        const Json* terminated = findPath(status, "state.terminated");
        const std::string_view waiting = stringAt(status, "state.waiting.reason");
        if (terminated && intAt(*terminated, "exitCode") == 0)
            continue;
        if (sidecar && boolAt(status, "started")) {
            out.ready += boolAt(status, "ready") ? 1 : 0;
            continue;
        }
        if (terminated)
            out.status = "Init:" + orNone(std::string(stringAt(*terminated, "reason")),
                                          exitText(*terminated));
        else if (!waiting.empty() && waiting != "PodInitializing")
            out.status = "Init:" + std::string(waiting);
        else
            out.status = "Init:" + std::to_string(i) + "/" +
                         std::to_string(arrayAt(pod, "spec.initContainers").size());
        return true;
    }
    return false;
}

void summariseContainers(const Json& pod, Summary& out) {
    bool running = false;
    const JsonArray& statuses = arrayAt(pod, "status.containerStatuses");
    for (auto at = statuses.end(); at != statuses.begin();) {
        const Json& status = *--at;
        noteRestart(status, out.restarts, out.lastRestart);
        const std::string_view waiting = stringAt(status, "state.waiting.reason");
        const Json* terminated = findPath(status, "state.terminated");
        if (!waiting.empty()) {
            out.status = waiting;
        } else if (terminated) {
            out.status =
                orNone(std::string(stringAt(*terminated, "reason")), exitText(*terminated));
        } else if (boolAt(status, "ready") && findPath(status, "state.running")) {
            running = true;
            ++out.ready;
        }
    }
    if (out.status == "Completed" && running)
        out.status = conditionIs(pod, "Ready", "True") ? "Running" : "NotReady";
}

Summary summarise(const Json& pod) {
    Summary out;
    const std::string_view phase = stringAt(pod, "status.phase"),
                           reason = stringAt(pod, "status.reason");
    out.status = reason.empty() ? phase : reason;
    for (const Json& condition : arrayAt(pod, "status.conditions"))
        if (stringAt(condition, "type") == "PodScheduled" &&
            stringAt(condition, "reason") == "SchedulingGated")
            out.status = "SchedulingGated";
    out.total = static_cast<std::int64_t>(arrayAt(pod, "spec.containers").size());
    for (const Json& init : arrayAt(pod, "spec.initContainers"))
        out.total += stringAt(init, "restartPolicy") == "Always" ? 1 : 0;
    std::int64_t sidecarRestarts = 0;
    std::string_view sidecarLast;
    const bool initializing = summariseInit(pod, out, sidecarRestarts, sidecarLast);
    if (!initializing || conditionIs(pod, "Initialized", "True")) {
        out.restarts = sidecarRestarts;
        out.lastRestart = sidecarLast;
        summariseContainers(pod, out);
    }
    if (findPath(pod, "metadata.deletionTimestamp")) {
        if (reason == "NodeLost")
            out.status = "Unknown";
        else if (phase != "Succeeded" && phase != "Failed")
            out.status = "Terminating";
    }
    return out;
}

Json restartsCell(const Json& pod, std::int64_t now) {
    const Summary summary = summarise(pod);
    std::string text = std::to_string(summary.restarts);
    if (summary.restarts != 0 && !summary.lastRestart.empty())
        text += " (" + sinceText(summary.lastRestart, now, "<unknown>") + " ago)";
    return Json(text);
}

Json gatesCell(const Json& pod, std::int64_t) {
    const JsonArray& gates = arrayAt(pod, "spec.readinessGates");
    if (gates.empty())
        return Json("<none>");
    int passed = 0;
    for (const Json& gate : gates)
        passed += conditionIs(pod, stringAt(gate, "conditionType"), "True") ? 1 : 0;
    return Json(std::to_string(passed) + "/" + std::to_string(gates.size()));
}

Json ipCell(const Json& pod, std::int64_t) {
    const JsonArray& ips = arrayAt(pod, "status.podIPs");
    const std::string_view ip =
        ips.empty() ? stringAt(pod, "status.podIP") : stringAt(ips[0], "ip");
    return Json(orNone(std::string(ip)));
}
} // namespace

void addPods(KindTable& table) {
    table.push_back(
        {"",
         "Pod",
         {
             name(),
             computed("Ready", "string",
                      [](const Json& pod, std::int64_t) {
                          const Summary summary = summarise(pod);
                          return Json(std::to_string(summary.ready) + "/" +
                                      std::to_string(summary.total));
                      }),
             computed("Status", "string",
                      [](const Json& pod, std::int64_t) { return Json(summarise(pod).status); }),
             computed("Restarts", "string", restartsCell),
             age(),
             computed("IP", "string", ipCell, kWide),
             text("Node", "spec.nodeName", "<none>", kWide),
             text("Nominated Node", "status.nominatedNodeName", "<none>", kWide),
             computed("Readiness Gates", "string", gatesCell, kWide),
         }});
}

} // namespace orrery::api::columns
