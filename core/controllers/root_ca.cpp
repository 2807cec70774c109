// Root CA publisher: every namespace has the cluster's CA in ConfigMap kube-root-ca.crt.
#include "core/controllers/controllers.h"

namespace orrery::controllers {

namespace {
constexpr const char* kName = "kube-root-ca.crt";
constexpr const char* kFile = "ca.crt";
constexpr const char* kDescription = "kubernetes.io/description";
constexpr const char* kDescribed = "Contains a CA bundle that can be used to verify the "
                                   "kube-apiserver when using internal endpoints such as the "
                                   "internal service IP or kubernetes.default.svc. No other usage "
                                   "is guaranteed across distributions of Kubernetes "
                                   "clusters.";

Outcome reconcile(const api::Namespace& namespace_, const View& view, const std::string& pem) {
    Outcome out;
    const std::string& name = namespace_.metadata.name;
    if (namespace_.metadata.deletionTimestamp || namespace_.phase == "Terminating")
        return out;
    const client::ResourcePath path{"", "v1", "configmaps", name, kName, ""};
    const client::Cached<api::ConfigMap>* found = view.rootCas.get(name + "/" + kName);
    if (!found) {
        JsonObject metadata{{"name", kName},
                            {"namespace", name},
                            {"annotations", JsonObject{{kDescription, kDescribed}}}};
        out.actions.push_back(createObject(path,
                                           JsonObject{{"apiVersion", "v1"},
                                                      {"kind", "ConfigMap"},
                                                      {"metadata", std::move(metadata)},
                                                      {"data", JsonObject{{kFile, pem}}}},
                                           "the namespace has no copy of the cluster's CA"));
        return out;
    }
    const api::ConfigMap& map = *found->view;
    const auto described = map.metadata.annotations.find(kDescription);
    if (map.data == api::StringMap{{kFile, pem}} && described != map.metadata.annotations.end() &&
        !described->second.empty())
        return out;
    JsonObject data{{kFile, pem}};
    for (const auto& [key, value] : map.data)
        if (key != kFile)
            data[key] = nullptr;
    out.actions.push_back(patchObject(
        path,
        JsonObject{
            {"metadata", JsonObject{{"annotations", JsonObject{{kDescription, kDescribed}}}}},
            {"data", std::move(data)}},
        "it does not hold the cluster's CA"));
    return out;
}
} // namespace

ControllerDef rootCaPublisher(View& view, const std::string& pem) {
    ControllerDef def;
    def.name = "root-ca-certificate-publisher-controller";
    def.component = def.user = "root-ca-cert-publisher";
    def.watch = [&view](Wakes& wakes) {
        wakes.each(view.namespaces, "Namespace");
        wakes.mapped<api::ConfigMap>(view.rootCas, "ConfigMap", [](const api::ConfigMap& map) {
            return std::vector<std::string>{map.metadata.namespace_};
        });
    };
    def.reconcile = [&view, pem](const std::string& key, Time) {
        const client::Cached<api::Namespace>* found = view.namespaces.get(key);
        return found ? reconcile(*found->view, view, pem) : Outcome();
    };
    return def;
}

} // namespace orrery::controllers
