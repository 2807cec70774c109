#include <algorithm>

#include "core/apiserver/registry.h"

namespace orrery::apiserver {

namespace {
struct Name {
    std::string_view group, plural;
};

template <std::size_t N> bool among(const api::KindDef& kind, const Name (&names)[N]) {
    return std::any_of(std::begin(names), std::end(names), [&kind](const Name& name) {
        return name.group == kind.group && name.plural == kind.plural;
    });
}

constexpr std::string_view kRbac = "rbac.authorization.k8s.io";
constexpr std::string_view kAdmission = "admissionregistration.k8s.io";
constexpr std::string_view kStorage = "storage.k8s.io";

constexpr Name kCreateOnUpdate[] = {
    {"", "endpoints"},
    {"", "events"},
    {"events.k8s.io", "events"},
    {"", "limitranges"},
    {"", "services"},
    {kRbac, "roles"},
    {kRbac, "rolebindings"},
    {kRbac, "clusterroles"},
    {kRbac, "clusterrolebindings"},
    {"coordination.k8s.io", "leases"},
    {"node.k8s.io", "runtimeclasses"},
};

constexpr Name kVersionDemanded[] = {
    {"policy", "poddisruptionbudgets"},
    {"coordination.k8s.io", "leases"},
    {kStorage, "csidrivers"},
    {kStorage, "csistoragecapacities"},
    {kAdmission, "validatingwebhookconfigurations"},
    {kAdmission, "mutatingwebhookconfigurations"},
    {kAdmission, "validatingadmissionpolicies"},
    {kAdmission, "validatingadmissionpolicybindings"},
    {kAdmission, "mutatingadmissionpolicies"},
    {kAdmission, "mutatingadmissionpolicybindings"},
    {"apiextensions.k8s.io", "customresourcedefinitions"},
    {"apiregistration.k8s.io", "apiservices"},
};

constexpr Name kReturnsDeleted[] = {
    {"", "pods"},
    {"", "podtemplates"},
    {"", "persistentvolumes"},
    {"", "persistentvolumeclaims"},
    {"", "resourcequotas"},
    {"", "serviceaccounts"},
    {"", "services"},
    {kStorage, "storageclasses"},
    {kStorage, "volumeattachments"},
    {kStorage, "volumeattributesclasses"},
    {kStorage, "csinodes"},
    {kStorage, "csidrivers"},
    {kStorage, "csistoragecapacities"},
    {"resource.k8s.io", "resourceclaims"},
    {"resource.k8s.io", "resourceclaimtemplates"},
    {"resource.k8s.io", "resourceslices"},
    {"resource.k8s.io", "deviceclasses"},
};

constexpr Name kOrphans[] = {{"batch", "jobs"}, {"", "replicationcontrollers"}};
} // namespace

bool allowsCreateOnUpdate(const api::KindDef& kind) {
    return among(kind, kCreateOnUpdate);
}

bool allowsUnconditionalUpdate(const api::KindDef& kind) {
    // Custom resources have no schema among the built-in ones, and demand a version too.
    return !among(kind, kVersionDemanded) && kind.schema.starts_with("io.k8s.");
}

bool returnsDeletedObject(const api::KindDef& kind) {
    return among(kind, kReturnsDeleted);
}
bool orphansByDefault(const api::KindDef& kind) {
    return among(kind, kOrphans);
}

} // namespace orrery::apiserver
