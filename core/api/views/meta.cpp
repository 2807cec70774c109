#include "core/api/views/meta.h"

#include <algorithm>
#include <charconv>

#include "core/api/views/rows.h"
#include "core/base/quantity.h"

namespace orrery::api {

namespace views {
namespace {
constexpr Row kOwnerReferenceRows[] = {
    row<&OwnerReference::apiVersion>("apiVersion"),
    row<&OwnerReference::kind>("kind"),
    row<&OwnerReference::name>("name"),
    row<&OwnerReference::uid>("uid"),
    row<&OwnerReference::controller>("controller"),
    row<&OwnerReference::blockOwnerDeletion>("blockOwnerDeletion"),
};
constexpr Table kOwnerReference{"io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference",
                                kOwnerReferenceRows};

void readResourceVersion(const Json& value, void* out) {
    const std::string_view text = asString(value);
    std::from_chars(text.data(), text.data() + text.size(),
                    static_cast<ObjectMeta*>(out)->resourceVersion);
}

constexpr Row kObjectMetaRows[] = {
    row<&ObjectMeta::name>("name"),
    row<&ObjectMeta::namespace_>("namespace"),
    row<&ObjectMeta::uid>("uid"),
    row<&ObjectMeta::generateName>("generateName"),
    {"resourceVersion", readResourceVersion},
    row<&ObjectMeta::generation>("generation"),
    row<&ObjectMeta::creationTimestamp>("creationTimestamp"),
    row<&ObjectMeta::deletionTimestamp>("deletionTimestamp"),
    row<&ObjectMeta::deletionGracePeriodSeconds>("deletionGracePeriodSeconds"),
    row<&ObjectMeta::labels>("labels"),
    row<&ObjectMeta::annotations>("annotations"),
    row<&ObjectMeta::ownerReferences>("ownerReferences"),
    row<&ObjectMeta::finalizers>("finalizers"),
};
constexpr Table kObjectMeta{"io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", kObjectMetaRows};

constexpr Row kRequirementRows[] = {
    row<&LabelSelector::Requirement::key>("key"),
    row<&LabelSelector::Requirement::op>("operator"),
    row<&LabelSelector::Requirement::values>("values"),
};
constexpr Table kRequirement{"io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement",
                             kRequirementRows};

constexpr Row kLabelSelectorRows[] = {
    row<&LabelSelector::matchLabels>("matchLabels"),
    row<&LabelSelector::matchExpressions>("matchExpressions"),
};
constexpr Table kLabelSelector{"io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector",
                               kLabelSelectorRows};

constexpr Row kConditionRows[] = {
    row<&Condition::type>("type"),
    row<&Condition::status>("status"),
    row<&Condition::reason>("reason"),
    row<&Condition::message>("message"),
    row<&Condition::lastTransitionTime>("lastTransitionTime"),
    row<&Condition::observedGeneration>("observedGeneration"),
};
constexpr Table kCondition{"io.k8s.apimachinery.pkg.apis.meta.v1.Condition", kConditionRows};

// What the older kinds' conditions have besides.
constexpr Row kPodConditionRows[] = {row<&Condition::lastProbeTime>("lastProbeTime")};
constexpr Table kPodCondition{"io.k8s.api.core.v1.PodCondition", kPodConditionRows};
constexpr Row kNodeConditionRows[] = {row<&Condition::lastHeartbeatTime>("lastHeartbeatTime")};
constexpr Table kNodeCondition{"io.k8s.api.core.v1.NodeCondition", kNodeConditionRows};
constexpr Row kDeploymentConditionRows[] = {row<&Condition::lastUpdateTime>("lastUpdateTime")};
constexpr Table kDeploymentCondition{"io.k8s.api.apps.v1.DeploymentCondition",
                                     kDeploymentConditionRows};
} // namespace

std::vector<const Table*> metaTables() {
    return {&kOwnerReference, &kObjectMeta,   &kRequirement,   &kLabelSelector,
            &kCondition,      &kPodCondition, &kNodeCondition, &kDeploymentCondition};
}

void readRows(const Json& object, const Table& table, void* out) {
    const JsonObject* fields = object.if_object();
    if (!fields)
        return;
    for (const Row& row : table.rows)
        if (const Json* value = fields->if_contains(row.field))
            row.read(*value, out);
}

void assign(const Json& value, Time& out) {
    if (!value.is_string())
        return;
    if (const Result<Time> parsed = parseTime(asString(value)))
        out = *parsed;
}

void assign(const Json& value, StringMap& out) {
    const JsonObject* entries = value.if_object();
    if (!entries)
        return;
    for (const auto& [key, text] : *entries)
        out.emplace(std::string_view(key.data(), key.size()), asString(text));
}

void assign(const Json& value, ResourceList& out) {
    const JsonObject* entries = value.if_object();
    if (!entries)
        return;
    for (const auto& [key, text] : *entries) {
        const std::string_view name(key.data(), key.size());
        const Result<Quantity> amount = Quantity::parse(asString(text));
        if (amount)
            out.emplace(name, name == "cpu" ? amount->milliValue() : amount->value());
    }
}

void assign(const Json& value, ObjectMeta& out) {
    readRows(value, kObjectMeta, &out);
}
void assign(const Json& value, OwnerReference& out) {
    readRows(value, kOwnerReference, &out);
}
void assign(const Json& value, LabelSelector::Requirement& out) {
    readRows(value, kRequirement, &out);
}
void assign(const Json& value, LabelSelector& out) {
    out.present = value.is_object();
    readRows(value, kLabelSelector, &out);
}
void assign(const Json& value, Condition& out) {
    readRows(value, kCondition, &out);
    readRows(value, kPodCondition, &out);
    readRows(value, kNodeCondition, &out);
    readRows(value, kDeploymentCondition, &out);
}
} // namespace views

void decode(const Json& metadata, ObjectMeta& out) {
    views::assign(metadata, out);
}
void decode(const Json& selector, LabelSelector& out) {
    views::assign(selector, out);
}
void decode(const Json& condition, Condition& out) {
    views::assign(condition, out);
}

const OwnerReference* ObjectMeta::controllerOf() const {
    for (const OwnerReference& owner : ownerReferences)
        if (owner.controller)
            return &owner;
    return nullptr;
}

std::string ObjectMeta::namespacedName() const {
    return namespace_.empty() ? name : namespace_ + "/" + name;
}

namespace {
bool asNumber(const std::string& text, std::int64_t& number) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    return !text.empty() && parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

bool satisfies(const LabelSelector::Requirement& requirement, const StringMap& labels) {
    const auto label = labels.find(requirement.key);
    const bool there = label != labels.end();
    const auto listed = [&] {
        return std::find(requirement.values.begin(), requirement.values.end(), label->second) !=
               requirement.values.end();
    };
    if (requirement.op == "In")
        return there && listed();
    if (requirement.op == "NotIn")
        return !there || !listed();
    if (requirement.op == "Exists")
        return there;
    if (requirement.op == "DoesNotExist")
        return !there;
    std::int64_t left = 0, right = 0;
    if (!there || requirement.values.size() != 1 || !asNumber(label->second, left) ||
        !asNumber(requirement.values[0], right))
        return false;
    return requirement.op == "Gt" ? left > right : requirement.op == "Lt" && left < right;
}
} // namespace

bool LabelSelector::matches(const StringMap& labels) const {
    if (!present)
        return false;
    for (const auto& [key, value] : matchLabels) {
        const auto label = labels.find(key);
        if (label == labels.end() || label->second != value)
            return false;
    }
    return std::all_of(matchExpressions.begin(), matchExpressions.end(),
                       [&](const Requirement& each) { return satisfies(each, labels); });
}

const Condition* findCondition(const std::vector<Condition>& conditions, std::string_view type) {
    for (const Condition& condition : conditions)
        if (condition.type == type)
            return &condition;
    return nullptr;
}

} // namespace orrery::api
