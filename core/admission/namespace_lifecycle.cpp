// Nothing is made in a namespace that is not there or on its way out; the system's namespaces stay.
#include "core/admission/plugins.h"

namespace orrery::admission {
namespace {

const api::GroupResource kNamespaces{"", "namespaces"};

Result<void> check(const Request& request, const Context& context) {
    const bool isNamespace = request.kind->groupResource() == kNamespaces;
    if (isNamespace && request.operation == Operation::Delete) {
        for (const char* kept : {"default", "kube-system", "kube-public"})
            if (request.name == kept)
                return forbidden(request, "this namespace may not be deleted");
        return {};
    }
    if (isNamespace || request.namespace_.empty() || request.operation == Operation::Delete ||
        request.kind->plural == "localsubjectaccessreviews")
        return {};
    const EncodedPtr found = context.lookup.get(kNamespaces, "", request.namespace_);
    if (!found) {
        Error error =
            makeError(Reason::NotFound, "namespaces \"" + request.namespace_ + "\" not found");
        error.detailsName = request.namespace_;
        error.detailsKind = "namespaces";
        return error;
    }
    if (request.operation != Operation::Create ||
        stringAt(found->tree(), "status.phase") != "Terminating")
        return {};
    Error error = forbidden(request, "unable to create new content in namespace " +
                                         request.namespace_ + " because it is being terminated");
    error.causes.push_back({"NamespaceTerminating",
                            "namespace " + request.namespace_ + " is being terminated",
                            "metadata.namespace"});
    return error;
}

} // namespace

PluginDef namespaceLifecycle() {
    PluginDef plugin;
    plugin.name = "NamespaceLifecycle";
    plugin.operations = {Operation::Create, Operation::Update, Operation::Delete};
    plugin.subresources = {"", "binding", "eviction", "token", "status", "scale"};
    plugin.mutate = [](Request& request, const Context& context) {
        return check(request, context);
    };
    return plugin;
}

} // namespace orrery::admission
