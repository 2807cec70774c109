// Probes, hooks and what they call.
#include "core/api/validation/container_parts.h"

namespace orrery::api {

void checkPortRange(Findings& findings, const Json& value, const std::string& path) {
    const std::int64_t number = value.is_int64() ? value.get_int64() : 0;
    for (const std::string& sentence : checkPortNumber(number))
        findings.invalid(path, value, sentence);
}

namespace {
void checkPortOrName(Findings& findings, const Json* port, const std::string& path) {
    if (port && port->is_string())
        findings.each(path, asString(*port), checkPortName(asString(*port)));
    else
        checkPortRange(findings, port ? *port : Json(0), path);
}

bool isHeaderName(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-';
    });
}
} // namespace

void checkHandler(Findings& findings, const Json& handler, const std::string& path,
                  std::int64_t graceSeconds) {
    const bool probe = graceSeconds < 0;
    int actions = 0;
    const auto action = [&](std::string_view member) -> const Json* {
        const Json* found = find(handler, member);
        if (!found)
            return nullptr;
        if (++actions > 1) {
            findings.forbidden(path + "." + std::string(member),
                               "may not specify more than 1 handler type");
            return nullptr;
        }
        return found;
    };
    if (const Json* exec = action("exec"); exec && arrayAt(*exec, "command").empty())
        findings.required(path + ".exec.command");
    if (const Json* get = action("httpGet")) {
        if (stringAt(*get, "path").empty())
            findings.required(path + ".httpGet.path");
        checkPortOrName(findings, find(*get, "port"), path + ".httpGet.port");
        checkOneOf(findings, *get, "scheme", path + ".httpGet", {"HTTP", "HTTPS"});
        const JsonArray& headers = arrayAt(*get, "httpHeaders");
        for (const Json& header : headers)
            if (!isHeaderName(stringAt(header, "name")))
                findings.invalid(
                    path + ".httpGet.httpHeaders", stringAt(header, "name"),
                    "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. "
                    "'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')");
    }
    if (const Json* socket = action("tcpSocket"))
        checkPortOrName(findings, find(*socket, "port"), path + ".tcpSocket.port");
    if (const Json* grpc = probe ? action("grpc") : nullptr)
        checkPortRange(findings, Json(intAt(*grpc, "port")), path + ".grpc.port");
    if (const Json* sleep = probe ? nullptr : action("sleep");
        sleep && (intAt(*sleep, "seconds") < 0 || intAt(*sleep, "seconds") > graceSeconds))
        findings.invalid(path + ".sleep", Json(intAt(*sleep, "seconds")),
                         "must be non-negative and less than terminationGracePeriodSeconds (" +
                             std::to_string(graceSeconds) + ")");
    if (actions == 0)
        findings.required(path, "must specify a handler type");
}

void checkProbe(Findings& findings, const Json& container, std::string_view member,
                const std::string& parent) {
    const Json* probe = find(container, member);
    if (!probe)
        return;
    const std::string path = parent + "." + std::string(member);
    checkHandler(findings, *probe, path);
    for (const std::string_view number : {"initialDelaySeconds", "timeoutSeconds", "periodSeconds",
                                          "successThreshold", "failureThreshold"})
        checkNonNegative(findings, *probe, number, path);
    const Json* grace = find(*probe, "terminationGracePeriodSeconds");
    if (grace && intAt(*probe, "terminationGracePeriodSeconds") <= 0)
        findings.invalid(path + ".terminationGracePeriodSeconds", *grace, "must be greater than 0");
    if (grace && member == "readinessProbe")
        findings.invalid(path + ".terminationGracePeriodSeconds", *grace,
                         "must not be set for readinessProbes");
    if (member != "readinessProbe" && intAt(*probe, "successThreshold", 1) != 1)
        findings.invalid(path + ".successThreshold", *find(*probe, "successThreshold"),
                         "must be 1");
}

} // namespace orrery::api
