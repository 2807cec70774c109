// Every built-in kind: what the facts say, and what they can't.
#include "core/api/facts.h"
#include "core/api/kinds/kind_extra.h"
#include "core/api/schema.h"

namespace orrery::api {

namespace {
struct GroupExtras {
    std::string_view group;
    std::vector<KindExtra> kinds;
};

std::vector<GroupExtras> allExtras() {
    return {
        {"", coreKinds()},
        {"events.k8s.io", eventsKinds()},
        {"apps", appsKinds()},
        {"batch", batchKinds()},
        {"autoscaling", autoscalingKinds()},
        {"networking.k8s.io", networkingKinds()},
        {"discovery.k8s.io", discoveryKinds()},
        {"policy", policyKinds()},
        {"rbac.authorization.k8s.io", rbacKinds()},
        {"storage.k8s.io", storageKinds()},
        {"admissionregistration.k8s.io", admissionKinds()},
        {"apiextensions.k8s.io", apiextensionsKinds()},
        {"apiregistration.k8s.io", apiregistrationKinds()},
        {"scheduling.k8s.io", schedulingKinds()},
        {"coordination.k8s.io", coordinationKinds()},
        {"node.k8s.io", nodeKinds()},
        {"resource.k8s.io", resourceKinds()},
        {"flowcontrol.apiserver.k8s.io", flowcontrolKinds()},
        {"certificates.k8s.io", certificatesKinds()},
    };
}

std::vector<std::string> strings(const Json& fact, std::string_view key) {
    std::vector<std::string> result;
    for (const Json& each : arrayAt(fact, key))
        result.emplace_back(asString(each));
    return result;
}

KindDef kindOf(const Json& fact) {
    KindDef kind;
    kind.group = stringAt(fact, "group");
    kind.version = stringAt(fact, "version");
    kind.kind = stringAt(fact, "kind");
    kind.listKind = kind.kind + "List";
    kind.plural = stringAt(fact, "plural");
    kind.singular = stringAt(fact, "singular");
    kind.shortNames = strings(fact, "shortNames");
    kind.categories = strings(fact, "categories");
    kind.scope = boolAt(fact, "namespaced") ? Scope::Namespaced : Scope::Cluster;
    kind.schema = fullTypeName(stringAt(fact, "schema"));
    kind.verbs = strings(fact, "verbs");
    kind.storageVersion = kind.version;
    kind.storageGroup = kind.group;
    for (const Json& each : arrayAt(fact, "subresources")) {
        Subresource sub;
        sub.name = stringAt(each, "name");
        sub.group = stringAt(each, "group");
        sub.version = stringAt(each, "version");
        sub.kind = stringAt(each, "kind");
        sub.verbs = strings(each, "verbs");
        kind.statusSubresource |= sub.name == "status";
        kind.scaleSubresource |= sub.name == "scale";
        kind.subresources.push_back(std::move(sub));
    }
    return kind;
}

void addExtra(KindDef& kind, const std::vector<GroupExtras>& extras) {
    for (const GroupExtras& group : extras) {
        if (group.group != kind.group)
            continue;
        for (const KindExtra& extra : group.kinds) {
            if (extra.kind != kind.kind ||
                (!extra.version.empty() && extra.version != kind.version))
                continue;
            kind.generation = extra.generation;
            kind.graceful = extra.graceful;
            kind.keepsStatusOnCreate = extra.keepsStatusOnCreate;
            kind.annotationsCount = extra.annotationsCount;
            kind.selectableFields = extra.selectableFields;
            kind.strategy = extra.strategy;
        }
    }
}

// Kinds that are bodies only: no resource has them as its own kind.
KindDef body(std::string group, std::string version, std::string kind, std::string schema) {
    KindDef def;
    def.group = std::move(group);
    def.version = std::move(version);
    def.kind = std::move(kind);
    def.schema = std::move(schema);
    def.storageVersion = def.version;
    def.storageGroup = def.group;
    return def;
}
} // namespace

KindRegistry::KindRegistry() {
    const std::vector<GroupExtras> extras = allExtras();
    for (const Json& fact : kindFacts()) {
        KindDef kind = kindOf(fact);
        addExtra(kind, extras);
        groupRank_.emplace(kind.group, static_cast<int>(groupRank_.size()));
        if (kind.group == "autoscaling")
            kind.storageVersion = "v2";
        if (kind.group == "events.k8s.io") // one store for both groups' events
            kind.storageGroup = "";
        GroupVersionKind gvk = kind.gvk();
        kinds_[std::move(gvk)] = std::make_shared<const KindDef>(std::move(kind));
    }
    KindDef bodies[] = {
        body("autoscaling", "v1", "Scale", "io.k8s.api.autoscaling.v1.Scale"),
        body("policy", "v1", "Eviction", "io.k8s.api.policy.v1.Eviction"),
        body("authentication.k8s.io", "v1", "TokenRequest",
             "io.k8s.api.authentication.v1.TokenRequest"),
        body("", "v1", "DeleteOptions", "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"),
        body("meta.k8s.io", "v1", "DeleteOptions",
             "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"),
        body("", "v1", "Status", "io.k8s.apimachinery.pkg.apis.meta.v1.Status"),
    };
    bodies[2].strategy.defaultObject = defaultTokenRequest;
    for (KindDef& kind : bodies) {
        kind.scope = Scope::Namespaced;
        GroupVersionKind gvk = kind.gvk();
        bodies_[std::move(gvk)] = std::make_unique<KindDef>(std::move(kind));
    }
    reorder();
}

} // namespace orrery::api
