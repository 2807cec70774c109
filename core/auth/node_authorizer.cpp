#include "core/auth/node_authorizer.h"

#include "core/auth/bootstrap.h"
#include "core/auth/rbac_views.h"

namespace orrery::auth {
namespace {

constexpr std::string_view kUserPrefix = "system:node:";
constexpr std::string_view kNodesGroup = "system:nodes";
constexpr std::string_view kLeaseNamespace = "kube-node-lease";
constexpr const char* kNodeIndex = "node"; // pods by spec.nodeName, shared with the controllers

Decision allowed() {
    return {true, ""};
}
Decision refused(std::string reason) {
    return {false, std::move(reason)};
}

bool isOneOf(std::string_view verb, std::initializer_list<std::string_view> verbs) {
    return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

// Calls use(kind, name) for each object of its namespace that the pod's spec names.
template <typename Use> void eachReference(const Json& pod, const Use& use) {
    for (const Json& secret : arrayAt(pod, "spec.imagePullSecrets"))
        use("secrets", stringAt(secret, "name"));
    const auto ofVolume = [&](const Json& volume) {
        use("secrets", stringAt(volume, "secret.secretName"));
        use("secrets", stringAt(volume, "secret.name")); // a projected source's
        use("configmaps", stringAt(volume, "configMap.name"));
        use("persistentvolumeclaims", stringAt(volume, "persistentVolumeClaim.claimName"));
        for (const char* driver : {"cephfs", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos"})
            if (const Json* source = find(volume, driver))
                use("secrets", stringAt(*source, "secretRef.name"));
        use("secrets", stringAt(volume, "azureFile.secretName"));
        use("secrets", stringAt(volume, "csi.nodePublishSecretRef.name"));
        if (find(volume, "ephemeral") != nullptr)
            use("persistentvolumeclaims", std::string(stringAt(pod, "metadata.name")) + "-" +
                                              std::string(stringAt(volume, "name")));
    };
    for (const Json& volume : arrayAt(pod, "spec.volumes")) {
        ofVolume(volume);
        for (const Json& source : arrayAt(volume, "projected.sources"))
            ofVolume(source);
    }
    for (const char* list : {"spec.containers", "spec.initContainers", "spec.ephemeralContainers"})
        for (const Json& container : arrayAt(pod, list)) {
            for (const Json& variable : arrayAt(container, "env")) {
                use("secrets", stringAt(variable, "valueFrom.secretKeyRef.name"));
                use("configmaps", stringAt(variable, "valueFrom.configMapKeyRef.name"));
            }
            for (const Json& source : arrayAt(container, "envFrom")) {
                use("secrets", stringAt(source, "secretRef.name"));
                use("configmaps", stringAt(source, "configMapRef.name"));
            }
        }
    use("serviceaccounts", stringAt(pod, "spec.serviceAccountName"));
}

Decision authorizeNode(const std::string& node, const Attributes& attributes) {
    if (attributes.subresource.empty() && isOneOf(attributes.verb, {"get", "list", "watch"})) {
        if (attributes.name.empty())
            return refused("node '" + node + "' cannot read all nodes, only its own Node object");
        if (attributes.name != node)
            return refused("node '" + node + "' cannot read '" + attributes.name +
                           "', only its own Node object");
        return allowed();
    }
    return refused("");
}

Decision authorizeLease(const std::string& node, const Attributes& attributes) {
    if (!isOneOf(attributes.verb, {"get", "create", "update", "patch", "delete"}))
        return refused("can only get, create, update, patch, or delete a node lease");
    if (attributes.namespace_ != kLeaseNamespace)
        return refused("can only access leases in the \"" + std::string(kLeaseNamespace) +
                       "\" system namespace");
    // A creation's name is in its body; NodeRestriction looks at it.
    if (attributes.verb != "create" && attributes.name != node)
        return refused("can only access node lease with the same name as the requesting node");
    return allowed();
}

Decision authorizeCsiNode(const std::string& node, const Attributes& attributes) {
    if (!isOneOf(attributes.verb, {"get", "create", "update", "patch", "delete"}))
        return refused("can only get, create, update, patch, or delete a CSINode");
    if (!attributes.subresource.empty())
        return refused("cannot authorize CSINode subresources");
    if (attributes.verb != "create" && attributes.name != node)
        return refused("can only access CSINode with the same name as the requesting node");
    return allowed();
}

} // namespace

std::string nodeNameOf(const UserInfo& user) {
    if (user.name.compare(0, kUserPrefix.size(), kUserPrefix) != 0 ||
        std::find(user.groups.begin(), user.groups.end(), kNodesGroup) == user.groups.end())
        return "";
    return user.name.substr(kUserPrefix.size());
}

NodeAuthorizer::NodeAuthorizer(client::InformerFactory& informers, ObjectLookup lookup)
    : pods_(informers.informer<api::Pod>("", "v1", "pods")), lookup_(std::move(lookup)) {
    pods_.addIndex(kNodeIndex, [](const api::Pod& pod) {
        return pod.nodeName.empty() ? std::vector<std::string>()
                                    : std::vector<std::string>{pod.nodeName};
    });
    for (const Json& object : bootstrapObjects())
        if (stringAt(object, "kind") == "ClusterRole" &&
            stringAt(object, "metadata.name") == "system:node")
            rules_ = decodeRules(object);
}

Decision NodeAuthorizer::authorize(const Attributes& attributes) {
    const std::string node = nodeNameOf(attributes.user);
    if (node.empty())
        return {};
    if (attributes.resourceRequest) {
        const std::string& resource = attributes.resource;
        if (attributes.group.empty()) {
            if (resource == "serviceaccounts" && attributes.subresource == "token")
                return authorizeToken(node, attributes);
            if (isOneOf(resource, {"secrets", "configmaps", "serviceaccounts",
                                   "persistentvolumeclaims", "persistentvolumes"}))
                return authorizeRelated(node, attributes);
            if (resource == "pods" && attributes.subresource.empty() &&
                isOneOf(attributes.verb, {"get", "list", "watch"}))
                return authorizePods(node, attributes);
            if (resource == "nodes" && attributes.subresource.empty() &&
                isOneOf(attributes.verb, {"get", "list", "watch"}))
                return authorizeNode(node, attributes);
        }
        if (attributes.group == "coordination.k8s.io" && resource == "leases")
            return authorizeLease(node, attributes);
        if (attributes.group == "storage.k8s.io" && resource == "csinodes")
            return authorizeCsiNode(node, attributes);
        if (attributes.group == "storage.k8s.io" && resource == "volumeattachments" &&
            attributes.verb != "get")
            return refused("can only get individual resources of this type");
    }
    return byRules(attributes);
}

Decision NodeAuthorizer::byRules(const Attributes& attributes) const {
    for (const PolicyRule& rule : rules_)
        if (allows(rule, attributes))
            return allowed();
    return {};
}

Decision NodeAuthorizer::authorizePods(const std::string& node, const Attributes& attributes) {
    if (attributes.verb != "get") {
        if (("," + attributes.fieldSelector + ",").find(",spec.nodeName=" + node + ",") ==
            std::string::npos)
            return refused("can only list/watch pods with spec.nodeName field selector");
        return allowed();
    }
    const client::Cached<api::Pod>* pod = pods_.get(attributes.namespace_ + "/" + attributes.name);
    if (pod != nullptr && pod->view->nodeName == node)
        return allowed();
    return refused("no relationship found between node '" + node + "' and this object");
}

Decision NodeAuthorizer::authorizeRelated(const std::string& node, const Attributes& attributes) {
    const std::string& resource = attributes.resource;
    const bool volume = resource == "persistentvolumes" || resource == "persistentvolumeclaims";
    if (resource == "persistentvolumeclaims" && attributes.subresource == "status") {
        if (!isOneOf(attributes.verb, {"update", "patch"}))
            return refused("can only update/patch status");
    } else {
        if (volume && attributes.verb != "get")
            return refused("can only get individual resources of this type");
        if (!isOneOf(attributes.verb, {"get", "list", "watch"}))
            return refused("can only read resources of this type");
        if (!attributes.subresource.empty())
            return refused(volume ? "cannot get subresource" : "cannot read subresource");
        if (!volume && attributes.namespace_.empty())
            return refused("can only read namespaced object of this type");
    }
    if (attributes.name.empty())
        return refused("No Object name found");
    if (related(node, attributes))
        return allowed();
    return refused("no relationship found between node '" + node + "' and this object");
}

Decision NodeAuthorizer::authorizeToken(const std::string& node, const Attributes& attributes) {
    if (attributes.verb != "create" || attributes.name.empty())
        return refused("can only create tokens for individual service accounts");
    if (related(node, attributes))
        return allowed();
    return refused("no relationship found between node '" + node + "' and this object");
}

bool NodeAuthorizer::related(const std::string& node, const Attributes& attributes) {
    bool found = false;
    for (const std::string& key : pods_.byIndex(kNodeIndex, node)) {
        const client::Cached<api::Pod>& pod = *pods_.get(key);
        const std::string& namespace_ = pod.view->metadata.namespace_;
        const bool volume = attributes.resource == "persistentvolumes";
        if (!volume && namespace_ != attributes.namespace_)
            continue;
        eachReference(pod.encoded->tree(), [&](std::string_view kind, std::string_view name) {
            if (found || name.empty())
                return;
            if (!volume) {
                found = kind == attributes.resource && name == attributes.name;
                return;
            }
            if (kind != "persistentvolumeclaims")
                return;
            const EncodedPtr claim =
                lookup_({"", std::string(kind)}, namespace_, std::string(name));
            found = claim && stringAt(claim->tree(), "spec.volumeName") == attributes.name;
        });
        pod.encoded->dropTree();
        if (found)
            return true;
    }
    return false;
}

std::vector<PolicyRule> NodeAuthorizer::rulesFor(const UserInfo&, const std::string&) {
    return {};
}

Decision AuthorizerChain::authorize(const Attributes& attributes) {
    Decision all;
    for (Authorizer* authorizer : authorizers_) {
        Decision one = authorizer->authorize(attributes);
        if (one.allowed)
            return one;
        if (!one.reason.empty())
            all.reason += (all.reason.empty() ? "" : "\n") + one.reason;
    }
    return all;
}

std::vector<PolicyRule> AuthorizerChain::rulesFor(const UserInfo& user,
                                                  const std::string& namespace_) {
    std::vector<PolicyRule> all;
    for (Authorizer* authorizer : authorizers_)
        for (PolicyRule& rule : authorizer->rulesFor(user, namespace_))
            all.push_back(std::move(rule));
    return all;
}

} // namespace orrery::auth
