// ServiceAccount: every namespace has one named "default".
#include "core/controllers/controllers.h"

namespace orrery::controllers {

namespace {
constexpr const char* kDefault = "default";

Outcome reconcile(const api::Namespace& namespace_, const View& view) {
    Outcome out;
    const std::string& name = namespace_.metadata.name;
    if (namespace_.metadata.deletionTimestamp || namespace_.phase == "Terminating" ||
        view.serviceAccounts.get(name + "/" + kDefault))
        return out;
    out.actions.push_back(
        createObject({"", "v1", "serviceaccounts", name, "", ""},
                     JsonObject{{"apiVersion", "v1"},
                                {"kind", "ServiceAccount"},
                                {"metadata", JsonObject{{"name", kDefault}, {"namespace", name}}}},
                     "the namespace has no ServiceAccount \"default\""));
    return out;
}
} // namespace

ControllerDef serviceAccountController(View& view) {
    ControllerDef def;
    def.name = "serviceaccount-controller";
    def.component = def.user = "service-account-controller";
    def.watch = [&view](Wakes& wakes) {
        wakes.each(view.namespaces, "Namespace");
        wakes.mapped<api::ServiceAccount>(
            view.serviceAccounts, "ServiceAccount", [](const api::ServiceAccount& account) {
                return account.metadata.name == kDefault
                           ? std::vector<std::string>{account.metadata.namespace_}
                           : std::vector<std::string>();
            });
    };
    def.reconcile = [&view](const std::string& key, Time) {
        const client::Cached<api::Namespace>* found = view.namespaces.get(key);
        return found ? reconcile(*found->view, view) : Outcome();
    };
    return def;
}

} // namespace orrery::controllers
