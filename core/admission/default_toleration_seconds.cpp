// A pod stays five minutes on a node that is not ready or not reachable, unless it says otherwise.
#include "core/admission/plugins.h"

namespace orrery::admission {
namespace {

bool tolerates(const JsonArray& tolerations, std::string_view taint) {
    for (const Json& toleration : tolerations) {
        const std::string_view key = stringAt(toleration, "key");
        const std::string_view effect = stringAt(toleration, "effect");
        if ((key == taint || key.empty()) && (effect == "NoExecute" || effect.empty()))
            return true;
    }
    return false;
}

Result<void> mutate(Request& request, const Context&) {
    const JsonArray given = arrayAt(*request.object, "spec.tolerations");
    for (const char* taint : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"})
        if (!tolerates(given, taint))
            ensureArray(*request.object, "spec.tolerations")
                .push_back(JsonObject{{"key", taint},
                                      {"operator", "Exists"},
                                      {"effect", "NoExecute"},
                                      {"tolerationSeconds", 300}});
    return {};
}

} // namespace

PluginDef defaultTolerationSeconds() {
    PluginDef plugin;
    plugin.name = "DefaultTolerationSeconds";
    plugin.operations = {Operation::Create, Operation::Update};
    plugin.resources = {{"", "pods"}};
    plugin.mutate = mutate;
    return plugin;
}

} // namespace orrery::admission
