#include "core/api/views/core_v1.h"

#include "core/api/views/rows.h"

namespace orrery::api {

namespace views {
std::vector<const Table*> metaTables();
std::vector<const Table*> podTables();

namespace {
// Reads a nested object of `field` into the same view: row {"spec", nested<&kNodeSpec>}.
template <const Table* Inner> void nested(const Json& value, void* out) {
    readRows(value, *Inner, out);
}

constexpr Row kTaintRows[] = {
    row<&Taint::key>("key"),
    row<&Taint::value>("value"),
    row<&Taint::effect>("effect"),
    row<&Taint::timeAdded>("timeAdded"),
};
constexpr Table kTaint{"io.k8s.api.core.v1.Taint", kTaintRows};

constexpr Row kContainerImageRows[] = {
    row<&ContainerImage::names>("names"),
    row<&ContainerImage::sizeBytes>("sizeBytes"),
};
constexpr Table kContainerImage{"io.k8s.api.core.v1.ContainerImage", kContainerImageRows};

void readAddresses(const Json& value, void* out) {
    const JsonArray* items = value.if_array();
    if (!items)
        return;
    for (const Json& item : *items) // the first of each type counts
        static_cast<Node*>(out)->addresses.emplace(stringAt(item, "type"),
                                                   stringAt(item, "address"));
}

constexpr Row kNodeSpecRows[] = {
    row<&Node::unschedulable>("unschedulable"),
    row<&Node::podCIDR>("podCIDR"),
    row<&Node::podCIDRs>("podCIDRs"),
    row<&Node::providerID>("providerID"),
    row<&Node::taints>("taints"),
};
constexpr Table kNodeSpec{"io.k8s.api.core.v1.NodeSpec", kNodeSpecRows};
constexpr Row kNodeStatusRows[] = {
    row<&Node::capacity>("capacity"),     row<&Node::allocatable>("allocatable"),
    row<&Node::conditions>("conditions"), row<&Node::images>("images"),
    {"addresses", readAddresses},
};
constexpr Table kNodeStatus{"io.k8s.api.core.v1.NodeStatus", kNodeStatusRows};
constexpr Row kNodeRows[] = {
    row<&Node::metadata>("metadata"),
    {"spec", nested<&kNodeSpec>},
    {"status", nested<&kNodeStatus>},
};
constexpr Table kNode{"io.k8s.api.core.v1.Node", kNodeRows};

constexpr Row kLeaseSpecRows[] = {
    row<&Lease::holderIdentity>("holderIdentity"),
    row<&Lease::leaseDurationSeconds>("leaseDurationSeconds"),
    row<&Lease::acquireTime>("acquireTime"),
    row<&Lease::renewTime>("renewTime"),
};
constexpr Table kLeaseSpec{"io.k8s.api.coordination.v1.LeaseSpec", kLeaseSpecRows};
constexpr Row kLeaseRows[] = {
    row<&Lease::metadata>("metadata"),
    {"spec", nested<&kLeaseSpec>},
};
constexpr Table kLease{"io.k8s.api.coordination.v1.Lease", kLeaseRows};

constexpr Row kServicePortRows[] = {
    row<&ServicePort::name>("name"),
    row<&ServicePort::protocol>("protocol"),
    row<&ServicePort::appProtocol>("appProtocol"),
    row<&ServicePort::port>("port"),
    row<&ServicePort::nodePort>("nodePort"),
    row<&ServicePort::targetPort>("targetPort"),
};
constexpr Table kServicePort{"io.k8s.api.core.v1.ServicePort", kServicePortRows};

void readServiceSelector(const Json& value, void* out) {
    Service& service = *static_cast<Service*>(out);
    assign(value, service.selector);
    service.hasSelector = !service.selector.empty();
}
constexpr Row kServiceSpecRows[] = {
    row<&Service::type>("type"),
    row<&Service::clusterIP>("clusterIP"),
    {"selector", readServiceSelector},
    row<&Service::publishNotReadyAddresses>("publishNotReadyAddresses"),
    row<&Service::ports>("ports"),
    row<&Service::ipFamilies>("ipFamilies"),
};
constexpr Table kServiceSpec{"io.k8s.api.core.v1.ServiceSpec", kServiceSpecRows};
constexpr Row kServiceRows[] = {
    row<&Service::metadata>("metadata"),
    {"spec", nested<&kServiceSpec>},
};
constexpr Table kService{"io.k8s.api.core.v1.Service", kServiceRows};

constexpr Row kNamespaceSpecRows[] = {row<&Namespace::specFinalizers>("finalizers")};
constexpr Table kNamespaceSpec{"io.k8s.api.core.v1.NamespaceSpec", kNamespaceSpecRows};
constexpr Row kNamespaceStatusRows[] = {
    row<&Namespace::phase>("phase"),
    row<&Namespace::conditions>("conditions"),
};
constexpr Table kNamespaceStatus{"io.k8s.api.core.v1.NamespaceStatus", kNamespaceStatusRows};
constexpr Row kNamespaceRows[] = {
    row<&Namespace::metadata>("metadata"),
    {"spec", nested<&kNamespaceSpec>},
    {"status", nested<&kNamespaceStatus>},
};
constexpr Table kNamespace{"io.k8s.api.core.v1.Namespace", kNamespaceRows};

constexpr Row kServiceAccountRows[] = {row<&ServiceAccount::metadata>("metadata")};
constexpr Table kServiceAccount{"io.k8s.api.core.v1.ServiceAccount", kServiceAccountRows};
} // namespace

std::vector<const Table*> allTables() {
    std::vector<const Table*> all = metaTables();
    const std::vector<const Table*> pod = podTables();
    all.insert(all.end(), pod.begin(), pod.end());
    all.insert(all.end(), {&kTaint, &kContainerImage, &kNodeSpec, &kNodeStatus, &kNode, &kLeaseSpec,
                           &kLease, &kServicePort, &kServiceSpec, &kService, &kNamespaceSpec,
                           &kNamespaceStatus, &kNamespace, &kServiceAccount});
    return all;
}

void assign(const Json& value, Taint& out) {
    readRows(value, kTaint, &out);
}
void assign(const Json& value, ContainerImage& out) {
    readRows(value, kContainerImage, &out);
}
void assign(const Json& value, ServicePort& out) {
    readRows(value, kServicePort, &out);
}
} // namespace views

void decode(const Json& object, Node& out) {
    views::readRows(object, views::kNode, &out);
}
void decode(const Json& object, Lease& out) {
    views::readRows(object, views::kLease, &out);
}
void decode(const Json& object, Service& out) {
    views::readRows(object, views::kService, &out);
}
void decode(const Json& object, Namespace& out) {
    views::readRows(object, views::kNamespace, &out);
}
void decode(const Json& object, ServiceAccount& out) {
    views::readRows(object, views::kServiceAccount, &out);
}

bool Node::ready() const {
    const Condition* condition = findCondition(conditions, "Ready");
    return condition && condition->status == "True";
}

bool tolerates(const std::vector<Toleration>& tolerations, const Taint& taint) {
    for (const Toleration& each : tolerations) {
        const bool effect = each.effect.empty() || each.effect == taint.effect;
        const bool key = each.key.empty() || each.key == taint.key;
        if (!effect || !key)
            continue;
        if (each.op == "Exists" ||
            ((each.op.empty() || each.op == "Equal") && each.value == taint.value))
            return true;
    }
    return false;
}

} // namespace orrery::api
