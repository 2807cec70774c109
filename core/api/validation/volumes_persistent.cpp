// PersistentVolumes and PersistentVolumeClaims.
#include "core/api/validation/volumes_persistent.h"

#include <map>

#include "core/api/validation/findings.h"
#include "core/api/validation/internal_view.h"
#include "core/base/quantity.h"

namespace orrery::api {

namespace {
const std::vector<std::string_view> kAccessModes = {"ReadOnlyMany", "ReadWriteMany",
                                                    "ReadWriteOnce", "ReadWriteOncePod"};

void checkAccessModes(Findings& findings, const Json& spec, const std::string& path) {
    bool single = false, others = false;
    for (const Json& mode : arrayAt(spec, "accessModes")) {
        const bool known = std::find(kAccessModes.begin(), kAccessModes.end(), asString(mode)) !=
                           kAccessModes.end();
        if (!known)
            findings.notSupported(path + ".accessModes", mode, kAccessModes);
        if (asString(mode) == "ReadWriteOncePod")
            single = true;
        else if (known)
            others = true;
    }
    if (single && others)
        findings.forbidden(path + ".accessModes",
                           "may not use ReadWriteOncePod with other access modes");
}

// As Go prints a map.
Json sortedByKey(const JsonObject& object) {
    std::map<std::string_view, const Json*> sorted;
    for (const auto& member : object)
        sorted.emplace(std::string_view(member.key().data(), member.key().size()), &member.value());
    JsonObject out;
    for (const auto& [key, value] : sorted)
        out[key] = *value;
    return Json(std::move(out));
}

void checkBasicQuantity(Findings& findings, const Json& value, const std::string& path) {
    const Result<Quantity> quantity = Quantity::parse(asString(value));
    if (quantity && quantity->value() < 0)
        findings.invalid(path, Json(quantity->value()), "must be a valid resource quantity");
}

void checkCapacity(Findings& findings, const Json& spec, const std::string& path) {
    const JsonObject& capacity = objectAt(spec, "capacity");
    if (capacity.empty())
        findings.required(path);
    if (!capacity.contains("storage") || capacity.size() > 1)
        findings.notSupported(path, find(spec, "capacity") ? sortedByKey(capacity) : Json(),
                              {"storage"});
    for (const auto& member : capacity) {
        const std::string where =
            keyed(path, std::string_view(member.key().data(), member.key().size()));
        checkBasicQuantity(findings, member.value(), where);
        checkPositiveQuantity(findings, member.value(), where);
    }
}

// Mount options in the old annotation, where no driver reads them.
void checkMountOptions(Findings& findings, const Json& volume) {
    constexpr const char* kAnnotation = "volume.beta.kubernetes.io/mount-options";
    if (!objectAt(volume, "metadata.annotations").contains(kAnnotation))
        return;
    for (const std::string_view source :
         {"gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "nfs", "rbd", "quobyte",
          "iscsi", "cinder", "cephfs", "azureFile", "vsphereVolume", "azureDisk",
          "photonPersistentDisk"})
        if (has(partOf(volume, "spec"), source))
            return;
    findings.forbidden("metadata.annotations." + std::string(kAnnotation),
                       "may not specify mount options for this volume type");
}

// "/" however it is spelled.
bool isRoot(std::string_view path) {
    int depth = 0;
    if (path.empty() || path.front() != '/')
        return false;
    while (!path.empty()) {
        const std::size_t slash = std::min(path.find('/'), path.size());
        const std::string_view part = path.substr(0, slash);
        if (part == "..")
            depth = std::max(0, depth - 1);
        else if (!part.empty() && part != ".")
            ++depth;
        path.remove_prefix(std::min(slash + 1, path.size()));
    }
    return depth == 0;
}

void checkClassName(Findings& findings, const Json& spec, std::string_view member,
                    const std::string& path) {
    const std::string_view name = stringAt(spec, member);
    if (!name.empty())
        findings.each(path + "." + std::string(member), name, checkDns1123Subdomain(name));
}

void checkAttributesClass(Findings& findings, const Json& spec, const std::string& path) {
    if (!has(spec, "volumeAttributesClassName"))
        return;
    if (stringAt(spec, "volumeAttributesClassName").empty())
        findings.required(path + ".volumeAttributesClassName", "an empty string is disallowed");
    checkClassName(findings, spec, "volumeAttributesClassName", path);
    if (!has(spec, "csi"))
        findings.required(path + ".csi",
                          "has to be specified when using volumeAttributesClassName");
}

// A volume that stands in a VolumeAttachment, with what makes no sense there.
void checkInline(Findings& findings, const Json& spec, const std::string& path) {
    constexpr std::string_view kNot = "may not be specified in the context of inline volumes";
    if (has(spec, "claimRef"))
        findings.forbidden(path + ".claimRef", kNot);
    if (!objectAt(spec, "capacity").empty())
        findings.forbidden(path + ".capacity", kNot);
    if (!has(spec, "csi"))
        findings.required(path + ".csi", "has to be specified in the context of inline volumes");
}

void checkInlineRest(Findings& findings, const Json& spec, const std::string& path) {
    if (!stringAt(spec, "storageClassName").empty())
        findings.forbidden(path + ".storageClassName",
                           "may not be specified in the context of inline volumes");
    if (has(spec, "volumeMode") && stringAt(spec, "volumeMode") != "Filesystem")
        findings.forbidden(path + ".volumeMode", "may not specify volumeMode other than Filesystem "
                                                 "in the context of inline volumes");
}

bool checkVolumeAffinity(Findings& findings, const Json& spec, bool inlined,
                         const std::string& path) {
    if (!has(spec, "nodeAffinity"))
        return false;
    if (inlined) {
        findings.forbidden(path, "may not be specified in the context of inline volumes");
        return false;
    }
    const Json& required = partOf(spec, "nodeAffinity.required");
    if (required.is_null())
        findings.required(path + ".required", "must specify required node constraints");
    else
        checkNodeSelector(findings, required, path + ".required");
    return true;
}
} // namespace

void checkVolumeSpec(Findings& findings, const Json& spec, std::string_view name, bool inlined,
                     const std::string& path) {
    if (inlined)
        checkInline(findings, spec, path);
    if (arrayAt(spec, "accessModes").empty())
        findings.required(path + ".accessModes");
    checkAccessModes(findings, spec, path);
    const std::string policyPath = path + ".persistentVolumeReclaimPolicy";
    const std::string_view policy = stringAt(spec, "persistentVolumeReclaimPolicy");
    if (!inlined)
        checkCapacity(findings, spec, path + ".capacity");
    if (!policy.empty() && inlined && policy != "Retain")
        findings.forbidden(policyPath, "may only be Retain in the context of inline volumes");
    else if (!policy.empty() && !inlined)
        checkOneOf(findings, spec, "persistentVolumeReclaimPolicy", path,
                   {"Delete", "Recycle", "Retain"});
    const bool placed = checkVolumeAffinity(findings, spec, inlined, path + ".nodeAffinity");
    checkVolumeSources(findings, spec, name, placed, path);
    if (policy == "Recycle" && isRoot(stringAt(spec, "hostPath.path")))
        findings.forbidden(policyPath, "may not be 'recycle' for a hostPath mount of '/'");
    if (inlined)
        return checkInlineRest(findings, spec, path);
    checkClassName(findings, spec, "storageClassName", path);
    checkOneOf(findings, spec, "volumeMode", path, {"Block", "Filesystem"});
    checkAttributesClass(findings, spec, path);
}

namespace {
void checkVolume(Findings& findings, const Json& volume) {
    checkVolumeSpec(findings, partOf(volume, "spec"), stringAt(volume, "metadata.name"), false,
                    "spec");
    checkMountOptions(findings, volume);
}

// The source of a volume stays; a secret for growing it may be added.
void checkSourceKept(Findings& findings, const Json& volume, const Json& old) {
    Json now = internalView(partOf(volume, "spec"), kInternalVolumeSource);
    const Json before = internalView(partOf(old, "spec"), kInternalVolumeSource);
    constexpr const char* kGrowing = "CSI.ControllerExpandSecretRef";
    if (partOf(before, "CSI").is_object() && partOf(now, "CSI").is_object() &&
        partOf(before, kGrowing).is_null())
        setPath(now, kGrowing, Json());
    if (!sameValue(now, before))
        findings.forbidden("spec.persistentvolumesource",
                           "spec.persistentvolumesource is immutable after creation\n" +
                               diffText(before, now));
}

void checkVolumeUpdate(Findings& findings, const Json& volume, const Json& old,
                       std::string_view subresource) {
    if (subresource == "status")
        return;
    checkSourceKept(findings, volume, old);
    const Json &mode = partOf(volume, "spec.volumeMode"),
               &attributes = partOf(volume, "spec.volumeAttributesClassName");
    if (mode != partOf(old, "spec.volumeMode"))
        findings.invalid("volumeMode", mode, kImmutable);
    if (attributes.is_null() && !partOf(old, "spec.volumeAttributesClassName").is_null())
        findings.forbidden("spec.volumeAttributesClassName",
                           "update from non-nil value to nil is forbidden");
}

// --- PersistentVolumeClaim ---------------------------------------------------------------------

void checkDataSource(Findings& findings, const Json& source, const std::string& path,
                     bool anyGroup) {
    const std::string_view group = stringAt(source, "apiGroup"), kind = stringAt(source, "kind");
    checkRequired(findings, source, "name", path);
    checkRequired(findings, source, "kind", path);
    if (group.empty() && kind != "PersistentVolumeClaim")
        findings.invalid(path, kind,
                         "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
    if (!group.empty() && !anyGroup)
        findings.each(path + ".apiGroup", group, checkDns1123Subdomain(group));
    const std::string_view space = stringAt(source, "namespace");
    if (!space.empty())
        findings.each(path + ".namespace", space, checkDns1123Label(space));
}

void checkDataSources(Findings& findings, const Json& spec, const std::string& path,
                      bool anyGroup) {
    const Json &source = partOf(spec, "dataSource"), &reference = partOf(spec, "dataSourceRef");
    if (!source.is_null())
        checkDataSource(findings, source, path + ".dataSource", anyGroup);
    if (!reference.is_null())
        checkDataSource(findings, reference, path + ".dataSourceRef", anyGroup);
    if (source.is_null() || reference.is_null())
        return;
    // What upstream shows here is a path, which prints as nothing.
    if (!stringAt(reference, "namespace").empty())
        findings.invalid(path, Json(JsonObject()),
                         "may not be specified when dataSourceRef.namespace is specified");
    else if (partOf(source, "apiGroup") != partOf(reference, "apiGroup") ||
             stringAt(source, "kind") != stringAt(reference, "kind") ||
             stringAt(source, "name") != stringAt(reference, "name"))
        findings.invalid(path, Json(JsonObject()), "must match dataSourceRef");
}

bool namesGroup(const Json& claim) {
    return has(partOf(claim, "spec.dataSource"), "apiGroup") ||
           has(partOf(claim, "spec.dataSourceRef"), "apiGroup");
}
} // namespace

void checkClaimSpec(Findings& findings, const Json& spec, const std::string& path, bool anyGroup) {
    if (arrayAt(spec, "accessModes").empty())
        findings.required(path + ".accessModes", "at least 1 access mode is required");
    if (has(spec, "selector"))
        checkLabelSelector(findings, *find(spec, "selector"), path + ".selector");
    checkAccessModes(findings, spec, path);
    const std::string amountPath = keyed(path + ".resources", "storage");
    const Json& amount = partOf(spec, "resources.requests.storage");
    if (amount.is_null())
        findings.required(amountPath);
    else
        checkPositiveQuantity(findings, amount, amountPath);
    checkClassName(findings, spec, "storageClassName", path);
    checkOneOf(findings, spec, "volumeMode", path, {"Block", "Filesystem"});
    checkDataSources(findings, spec, path, anyGroup);
    checkClassName(findings, spec, "volumeAttributesClassName", path);
}

namespace {
constexpr const char* kOldClass = "volume.beta.kubernetes.io/storage-class";

const Json* oldClassOf(const Json& claim) {
    return objectAt(claim, "metadata.annotations").if_contains(kOldClass);
}

void checkClaim(Findings& findings, const Json& claim) {
    checkClaimSpec(findings, partOf(claim, "spec"), "spec", false);
}

// Changes of the class that are none: from the old annotation to the field, and a first choice.
void settleClass(Findings& findings, const Json& claim, const Json& old, Json& now) {
    const Json *had = oldClassOf(old), *annotation = oldClassOf(claim);
    const Json &name = partOf(claim, "spec.storageClassName"),
               &before = partOf(old, "spec.storageClassName");
    const bool first = !name.is_null() && before.is_null();
    if (had && first && name == *had && (!annotation || *annotation == *had)) {
        removePath(now, "storageClassName");
        return;
    }
    const std::string_view value = annotation ? asString(*annotation) : std::string_view();
    if (value != (had ? asString(*had) : std::string_view()))
        findings.invalid("metadata.annotations." + std::string(kOldClass), value, kImmutable);
    if (first && (!had || name == *had))
        removePath(now, "storageClassName");
}

void checkSize(Findings& findings, const Json& claim, const Json& old) {
    const auto amount = [](const Json& object, std::string_view path) {
        const Result<Quantity> quantity = Quantity::parse(stringAt(object, path, "0"));
        return quantity ? *quantity : Quantity();
    };
    const Quantity now = amount(claim, "spec.resources.requests.storage");
    if (now < amount(old, "spec.resources.requests.storage") &&
        now <= amount(old, "status.capacity.storage"))
        findings.forbidden("spec.resources.requests.storage",
                           "field can not be less than status.capacity");
}

void checkClaimAttributes(Findings& findings, const Json& claim, const Json& old) {
    const Json& now = partOf(claim, "spec.volumeAttributesClassName");
    if (now == partOf(old, "spec.volumeAttributesClassName") ||
        partOf(old, "status.currentVolumeAttributesClassName").is_null())
        return;
    const auto refuse = [&findings](std::string_view what) {
        findings.forbidden("spec.volumeAttributesClassName",
                           "update to " + std::string(what) +
                               " is forbidden when status.currentVolumeAttributesClassName is not "
                               "nil");
    };
    if (now.is_null())
        refuse("nil");
    else if (asString(now).empty())
        refuse("empty string");
}

void checkClaimChange(Findings& findings, const Json& claim, const Json& old) {
    Json now = partOf(claim, "spec"), before = partOf(old, "spec");
    if (stringAt(before, "volumeName").empty())
        setPath(before, "volumeName", partOf(now, "volumeName"));
    settleClass(findings, claim, old, now);
    if (stringAt(claim, "status.phase") == "Bound") {
        if (has(partOf(now, "resources"), "requests"))
            setPath(now, "resources.requests.storage",
                    partOf(before, "resources.requests.storage"));
        const Json& attributes = partOf(before, "volumeAttributesClassName");
        setPath(now, "volumeAttributesClassName", attributes);
    }
    const Json shown = internalView(now, kInternalClaimSpec),
               was = internalView(before, kInternalClaimSpec);
    if (!sameValue(shown, was))
        findings.forbidden("spec", "spec is immutable after creation except resources.requests and "
                                   "volumeAttributesClassName for bound claims\n" +
                                       diffText(was, shown));
}

const std::vector<std::string_view> kResizeStates = {
    "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress",
    "NodeResizeInfeasible", "NodeResizePending"};

void checkResizeKey(Findings& findings, std::string_view key, const std::string& path) {
    const Sentences wrong = checkQualifiedName(key);
    findings.each(path, key, wrong);
    const bool native = key.find('/') == std::string_view::npos ||
                        key.find("kubernetes.io/") != std::string_view::npos;
    if (wrong.empty() && native && key != "storage")
        findings.notSupported(path, Json(key), {"storage"});
}

void checkClaimStatus(Findings& findings, const Json& claim) {
    const auto name = [](const auto& member) {
        return std::string_view(member.key().data(), member.key().size());
    };
    if (arrayAt(claim, "spec.accessModes").empty())
        findings.required("Spec.accessModes");
    for (const auto& member : objectAt(claim, "status.capacity"))
        checkBasicQuantity(findings, member.value(), keyed("status.capacity", name(member)));
    const std::string states = "status.allocatedResourceStatuses";
    for (const auto& member : objectAt(claim, states)) {
        checkResizeKey(findings, name(member), states);
        if (std::find(kResizeStates.begin(), kResizeStates.end(), asString(member.value())) ==
            kResizeStates.end())
            findings.notSupported(states, Json(name(member)), kResizeStates);
    }
    const std::string allocated = "status.allocatedResources";
    for (const auto& member : objectAt(claim, allocated)) {
        const std::size_t before = findings.count();
        checkResizeKey(findings, name(member), allocated);
        if (findings.count() == before)
            checkNonNegativeQuantity(findings, member.value(), keyed(allocated, name(member)));
    }
}

void checkClaimUpdate(Findings& findings, const Json& claim, const Json& old,
                      std::string_view subresource) {
    if (subresource == "status")
        return checkClaimStatus(findings, claim);
    checkClaimSpec(findings, partOf(claim, "spec"), "spec", namesGroup(old));
    checkClaimChange(findings, claim, old);
    checkSize(findings, claim, old);
    const Json& mode = partOf(claim, "spec.volumeMode");
    if (mode != partOf(old, "spec.volumeMode"))
        findings.invalid("volumeMode", mode, kImmutable);
    checkClaimAttributes(findings, claim, old);
}
} // namespace

void addVolumeRules(std::vector<KindRules>& rules) {
    rules.push_back({"", "PersistentVolume", checkVolume, checkVolumeUpdate, true});
    rules.push_back({"", "PersistentVolumeClaim", checkClaim, checkClaimUpdate, false});
}

} // namespace orrery::api
