// An Ingress without a class gets the default one.
#include "core/admission/plugins.h"

namespace orrery::admission {
namespace {

Result<void> mutate(Request& request, const Context& context) {
    Json& ingress = *request.object;
    const Json* name = findPath(ingress, "spec.ingressClassName");
    if ((name != nullptr && !name->is_null()) ||
        objectAt(ingress, "metadata.annotations").contains("kubernetes.io/ingress.class"))
        return {};
    const std::string found = defaultClass(context, {"networking.k8s.io", "ingressclasses"},
                                           {"ingressclass.kubernetes.io/is-default-class"});
    if (!found.empty())
        setPath(ingress, "spec.ingressClassName", Json(found));
    return {};
}

} // namespace

PluginDef defaultIngressClass() {
    PluginDef plugin;
    plugin.name = "DefaultIngressClass";
    plugin.operations = {Operation::Create};
    plugin.resources = {{"networking.k8s.io", "ingresses"}};
    plugin.mutate = mutate;
    return plugin;
}

} // namespace orrery::admission
