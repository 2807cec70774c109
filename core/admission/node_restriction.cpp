// A kubelet writes its own node and lease, and the status of the pods on it; nothing else.
#include "core/admission/plugins.h"
#include "core/auth/node_authorizer.h"

namespace orrery::admission {
namespace {

std::string quoted(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

bool endsWith(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// Labels of kubernetes.io that kubelets may set on their own node.
bool kubeletMaySet(std::string_view key) {
    static const std::set<std::string_view> allowed = {
        "kubernetes.io/hostname",
        "kubernetes.io/arch",
        "kubernetes.io/os",
        "beta.kubernetes.io/arch",
        "beta.kubernetes.io/os",
        "beta.kubernetes.io/instance-type",
        "node.kubernetes.io/instance-type",
        "failure-domain.beta.kubernetes.io/region",
        "failure-domain.beta.kubernetes.io/zone",
        "failure-domain.kubernetes.io/region",
        "failure-domain.kubernetes.io/zone",
        "topology.kubernetes.io/region",
        "topology.kubernetes.io/zone",
    };
    const std::string_view prefix = key.substr(0, std::min(key.find('/'), key.size()));
    if (prefix.size() == key.size())
        return true;
    const auto in = [&](std::string_view domain) {
        return prefix == domain || endsWith(prefix, "." + std::string(domain));
    };
    if (in("node-restriction.kubernetes.io"))
        return false;
    if (!in("kubernetes.io") && !in("k8s.io"))
        return true;
    return allowed.count(key) > 0 || in("kubelet.kubernetes.io") || in("node.kubernetes.io");
}

// The labels that differ and that a kubelet may not touch, sorted, with ", " between.
std::string forbiddenLabels(const JsonObject& labels, const JsonObject& old) {
    std::set<std::string> changed;
    const auto compare = [&](const JsonObject& one, const JsonObject& other) {
        for (const auto& [key, value] : one) {
            const auto at = other.find(key);
            if ((at == other.end() || at->value() != value) && !kubeletMaySet(key))
                changed.emplace(key);
        }
    };
    compare(labels, old);
    compare(old, labels);
    std::string text;
    for (const std::string& key : changed)
        text += (text.empty() ? "" : ", ") + key;
    return text;
}

Result<void> checkNode(const Request& request, const std::string& node) {
    const std::string name(request.object != nullptr
                               ? stringAt(*request.object, "metadata.name", request.name)
                               : request.name);
    if (name != node)
        return forbidden(request,
                         "node " + quoted(node) + " is not allowed to modify node " + quoted(name));
    if (request.operation == Operation::Create) {
        const std::string labels =
            forbiddenLabels(objectAt(*request.object, "metadata.labels"), JsonObject());
        if (!labels.empty())
            return forbidden(request, "is not allowed to set the following labels: " + labels);
    } else if (request.operation == Operation::Update) {
        if (arrayAt(*request.object, "spec.taints") != arrayAt(*request.old, "spec.taints"))
            return forbidden(request, "node " + quoted(node) + " is not allowed to modify taints");
        const std::string labels = forbiddenLabels(objectAt(*request.object, "metadata.labels"),
                                                   objectAt(*request.old, "metadata.labels"));
        if (!labels.empty())
            return forbidden(request, "is not allowed to modify labels: " + labels);
    }
    return {};
}

Result<void> checkPodCreation(const Request& request, const std::string& node) {
    const Json& pod = *request.object;
    if (!isMirrorPod(pod))
        return forbidden(request, "pod does not have \"kubernetes.io/config.mirror\" annotation, "
                                  "node " +
                                      quoted(node) + " can only create mirror pods");
    if (stringAt(pod, "spec.nodeName") != node)
        return forbidden(request, "node " + quoted(node) +
                                      " can only create pods with spec.nodeName set to itself");
    if (!stringAt(pod, "spec.serviceAccountName").empty())
        return forbidden(request, "node " + quoted(node) +
                                      " can not create pods that reference a service account");
    return {};
}

Result<void> checkPod(const Request& request, const Context& context, const std::string& node) {
    if (request.operation == Operation::Create && request.subresource.empty())
        return checkPodCreation(request, node);
    const auto refuse = [&](const char* what) {
        return forbidden(request, "node " + quoted(node) + " can only " + what +
                                      " pods with spec.nodeName set to itself");
    };
    if (request.subresource == "eviction") {
        const EncodedPtr pod = context.lookup.get({"", "pods"}, request.namespace_, request.name);
        if (pod && stringAt(pod->tree(), "spec.nodeName") != node)
            return refuse("evict");
        return {};
    }
    const bool own = request.old != nullptr && stringAt(*request.old, "spec.nodeName") == node;
    if (request.operation == Operation::Delete)
        return own ? Result<void>() : refuse("delete");
    if (request.subresource != "status")
        return forbidden(request, "unexpected pod subresource " + quoted(request.subresource));
    if (!own)
        return refuse("update pod status for");
    if (objectAt(*request.object, "metadata.labels") != objectAt(*request.old, "metadata.labels"))
        return forbidden(request,
                         "node " + quoted(node) + " cannot update labels through pod status");
    return {};
}

Result<void> checkToken(const Request& request, const Context& context, const std::string& node) {
    if (request.subresource != "token")
        return {};
    const Json* ref = findPath(*request.object, "spec.boundObjectRef");
    if (ref == nullptr || !ref->is_object() || stringAt(*ref, "kind") != "Pod" ||
        stringAt(*ref, "name").empty())
        return forbidden(request, "node requested token not bound to a pod");
    const std::string uid(stringAt(*ref, "uid"));
    if (uid.empty())
        return forbidden(request, "node requested token with a pod binding without a uid");
    const EncodedPtr pod =
        context.lookup.get({"", "pods"}, request.namespace_, std::string(stringAt(*ref, "name")));
    if (!pod)
        return forbidden(request, "node requested token bound to a pod that does not exist");
    if (stringAt(pod->tree(), "metadata.uid") != uid)
        return forbidden(request, "the UID in the bound object reference (" + uid +
                                      ") does not match the UID in record. The object might have "
                                      "been deleted and then recreated");
    if (stringAt(pod->tree(), "spec.nodeName") != node)
        return forbidden(request,
                         "node requested token bound to a pod scheduled on a different node");
    return {};
}

Result<void> checkNamedAfterNode(const Request& request, const std::string& node) {
    const bool lease = request.kind->plural == "leases";
    if (lease && request.namespace_ != "kube-node-lease")
        return forbidden(request,
                         "can only access leases in the \"kube-node-lease\" system namespace");
    const std::string name(request.object != nullptr
                               ? stringAt(*request.object, "metadata.name", request.name)
                               : request.name);
    if (name == node)
        return {};
    return forbidden(request, lease ? "can only access node lease with the same name as the "
                                      "requesting node"
                                    : "can only access CSINode with the same name as the "
                                      "requesting node");
}

Result<void> validate(const Request& request, const Context& context) {
    if (request.user == nullptr)
        return {};
    const std::string node = auth::nodeNameOf(*request.user);
    if (node.empty())
        return {};
    const std::string& resource = request.kind->plural;
    if (resource == "nodes")
        return checkNode(request, node);
    if (resource == "pods")
        return checkPod(request, context, node);
    if (resource == "serviceaccounts")
        return checkToken(request, context, node);
    return checkNamedAfterNode(request, node);
}

} // namespace

// It changes nothing, but stands among the mutating plugins: its refusal comes before later
// plugins'.
PluginDef nodeRestriction() {
    PluginDef plugin;
    plugin.name = "NodeRestriction";
    plugin.operations = {Operation::Create, Operation::Update, Operation::Delete};
    plugin.resources = {{"", "nodes"},
                        {"", "pods"},
                        {"", "serviceaccounts"},
                        {"coordination.k8s.io", "leases"},
                        {"storage.k8s.io", "csinodes"}};
    plugin.subresources = {"", "status", "eviction", "token"};
    plugin.mutate = [](Request& request, const Context& context) {
        return validate(request, context);
    };
    return plugin;
}

} // namespace orrery::admission
