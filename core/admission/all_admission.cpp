// The admission plugins in the order in which Kubernetes runs them.
#include "core/admission/plugins.h"

namespace orrery::admission {
namespace {

template <typename List, typename Value> bool has(const List& list, const Value& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

bool applies(const PluginDef& plugin, const Request& request) {
    if (!has(plugin.operations, request.operation))
        return false;
    if (!plugin.resources.empty() && !has(plugin.resources, request.kind->groupResource()))
        return false;
    return plugin.subresources.empty() ? request.subresource.empty()
                                       : has(plugin.subresources, request.subresource);
}

} // namespace

const std::vector<PluginDef>& allPlugins() {
    static const std::vector<PluginDef> plugins = {
        namespaceLifecycle(),
        limitRanger(),
        serviceAccount(),
        nodeRestriction(),
        taintNodesByCondition(),
        priority(),
        defaultTolerationSeconds(),
        defaultStorageClass(),
        storageObjectInUseProtection(),
        runtimeClass(),
        defaultIngressClass(),
    };
    return plugins;
}

Result<void> admit(Request& request, const Context& context) {
    for (const PluginDef& plugin : allPlugins())
        if (plugin.mutate && applies(plugin, request))
            ORRERY_TRY(plugin.mutate(request, context));
    for (const PluginDef& plugin : allPlugins())
        if (plugin.validate && applies(plugin, request))
            ORRERY_TRY(plugin.validate(request, context));
    return {};
}

} // namespace orrery::admission
