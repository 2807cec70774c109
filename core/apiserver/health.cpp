// /healthz, /livez, /readyz: one check a line with ?verbose, each check below its path.
#include <algorithm>

#include "core/apiserver/non_resource.h"
#include "core/apiserver/render.h"
#include "core/apiserver/request.h"

namespace orrery::apiserver {

namespace {
struct Check {
    std::string name;
    std::function<std::string()> run; // "": fine
};

std::vector<Check> checksOf(ServerCore& core, std::string_view which) {
    const auto fine = [] { return std::string(); };
    std::vector<Check> checks{{"ping", fine}, {"log", fine}, {"etcd", fine}};
    if (which == "readyz") {
        checks.push_back({"informer-sync", fine});
        checks.push_back({"shutdown", [&core] {
                              return std::string(core.stopping ? "process is shutting down" : "");
                          }});
    }
    for (const auto& [name, check] : core.healthChecks)
        checks.push_back({name, check});
    return checks;
}
} // namespace

std::optional<HttpResponse> answerHealth(ServerCore& core, const NonResourceRequest& request) {
    const std::string& path = request.path;
    const std::size_t slash = path.find('/', 1);
    const std::string which =
        path.substr(1, slash == std::string::npos ? std::string::npos : slash - 1);
    if (which != "healthz" && which != "livez" && which != "readyz")
        return std::nullopt;
    std::vector<Check> checks = checksOf(core, which);
    if (slash != std::string::npos) {
        const std::string name = path.substr(slash + 1);
        std::erase_if(checks, [&name](const Check& check) { return check.name != name; });
        if (checks.empty())
            return renderText(404, "404 page not found\n");
        const std::string wrong = checks[0].run();
        return wrong.empty() ? renderText(200, "ok")
                             : renderText(500, "internal server error: " + wrong + "\n");
    }
    for (const auto& [name, value] : request.query)
        if (name == "exclude")
            std::erase_if(checks, [v = value](const Check& check) { return check.name == v; });
    std::string text;
    bool ok = true;
    for (const Check& check : checks) {
        const bool good = check.run().empty();
        ok = ok && good;
        text +=
            good ? "[+]" + check.name + " ok\n" : "[-]" + check.name + " failed: reason withheld\n";
    }
    if (!ok)
        return renderText(500, text + which + " check failed\n");
    const bool verbose = parameter(request.query, "verbose") != nullptr;
    return renderText(200, verbose ? text + which + " check passed\n" : "ok");
}

} // namespace orrery::apiserver
