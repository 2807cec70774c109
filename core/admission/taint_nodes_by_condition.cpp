// A new node takes no pods before its kubelet has said that it is ready.
#include "core/admission/plugins.h"

namespace orrery::admission {
namespace {

constexpr std::string_view kTaint = "node.kubernetes.io/not-ready";

Result<void> mutate(Request& request, const Context&) {
    for (const Json& taint : arrayAt(*request.object, "spec.taints"))
        if (stringAt(taint, "key") == kTaint && stringAt(taint, "effect") == "NoSchedule")
            return {};
    ensureArray(*request.object, "spec.taints")
        .push_back(JsonObject{{"key", kTaint}, {"effect", "NoSchedule"}});
    return {};
}

} // namespace

PluginDef taintNodesByCondition() {
    PluginDef plugin;
    plugin.name = "TaintNodesByCondition";
    plugin.operations = {Operation::Create};
    plugin.resources = {{"", "nodes"}};
    plugin.mutate = mutate;
    return plugin;
}

} // namespace orrery::admission
