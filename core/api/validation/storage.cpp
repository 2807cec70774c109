// Storage classes, drivers, attachments, capacities.
#include <map>
#include <set>

#include "core/api/validation/findings.h"
#include "core/api/validation/internal_view.h"
#include "core/api/validation/volumes_persistent.h"

namespace orrery::api {

namespace {
constexpr std::string_view kGroup = "storage.k8s.io";
constexpr std::size_t kParametersMax = 512, kParameterBytesMax = 256 * 1024;

std::size_t bytesOf(const JsonObject& texts) {
    std::size_t bytes = 0;
    for (const auto& member : texts)
        bytes += member.key().size() + asString(member.value()).size();
    return bytes;
}

void checkProvisioner(Findings& findings, std::string_view name, const std::string& path) {
    if (name.empty())
        return findings.required(path);
    std::string lowered(name);
    for (char& c : lowered)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    findings.each(path, lowered, checkQualifiedName(lowered));
}

void checkParameters(Findings& findings, const Json& object, bool needed) {
    const JsonObject& parameters = objectAt(object, "parameters");
    if (parameters.size() > kParametersMax)
        return findings.tooLong("parameters", kParametersMax);
    if (parameters.contains(""))
        findings.invalid("parameters", "", "field can not be empty.");
    if (bytesOf(parameters) > kParameterBytesMax)
        findings.tooLong("parameters", kParameterBytesMax);
    if (needed && parameters.empty())
        findings.required("parameters", "must contain at least one key/value pair");
}

// --- StorageClass ------------------------------------------------------------------------------

// The values of each key, in an order that doesn't matter: two terms that say the same are twins.
using Topology = std::map<std::string, std::set<std::string>, std::less<>>;

Topology checkTopologyTerm(Findings& findings, const Json& term, const std::string& path) {
    Topology all;
    eachItem(term, "matchLabelExpressions", path, [&](const Json& item, const std::string& where) {
        const std::string key(stringAt(item, "key"));
        std::set<std::string> values;
        if (arrayAt(item, "values").empty())
            findings.required(where + ".values");
        eachItem(item, "values", where, [&](const Json& value, const std::string& valuePath) {
            if (!values.emplace(asString(value)).second)
                findings.duplicate(valuePath, value);
        });
        findings.each(where + ".key", key, checkQualifiedName(key));
        if (all.contains(key))
            findings.duplicate(where + ".key", Json(key));
        all[key] = std::move(values);
    });
    return all;
}

void checkTopologies(Findings& findings, const Json& object) {
    // Upstream compares with as many empty terms as there are terms, and then the earlier ones.
    std::size_t causes = 64; // enough to know, however many terms there are
    std::map<Topology, std::size_t> seen{{{}, arrayAt(object, "allowedTopologies").size()}};
    eachItem(object, "allowedTopologies", "", [&](const Json& term, const std::string& path) {
        const Topology topology = checkTopologyTerm(findings, term, path);
        std::size_t& times = seen[topology];
        for (std::size_t i = 0; i < times && causes > 0; ++i, --causes)
            findings.duplicate(path + ".matchLabelExpressions", Json(""));
        ++times;
    });
}

void checkStorageClass(Findings& findings, const Json& object) {
    checkProvisioner(findings, stringAt(object, "provisioner"), "provisioner");
    checkParameters(findings, object, false);
    if (!stringAt(object, "reclaimPolicy").empty())
        checkOneOf(findings, object, "reclaimPolicy", "", {"Delete", "Retain"});
    if (!has(object, "volumeBindingMode"))
        findings.required("volumeBindingMode");
    checkOneOf(findings, object, "volumeBindingMode", "", {"Immediate", "WaitForFirstConsumer"});
    checkTopologies(findings, object);
}

void checkStorageClassUpdate(Findings& findings, const Json& object, const Json& old,
                             std::string_view) {
    for (const char* member : {"parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"})
        checkImmutable(findings, object, old, member);
}

// --- VolumeAttributesClass ---------------------------------------------------------------------

void checkAttributesClass(Findings& findings, const Json& object) {
    checkProvisioner(findings, stringAt(object, "driverName"), "driverName");
    checkParameters(findings, object, true);
}

void checkAttributesClassUpdate(Findings& findings, const Json& object, const Json& old,
                                std::string_view) {
    for (const std::string member : {"driverName", "parameters"})
        if (!sameValue(partOf(object, member), partOf(old, member)))
            findings.forbidden(member, "updates to " + member + " are forbidden.");
    checkAttributesClass(findings, object);
}

// --- VolumeAttachment --------------------------------------------------------------------------

void checkVolumeError(Findings& findings, const Json& status, const std::string& member) {
    constexpr std::size_t kMessageMax = 1024;
    const Json& error = partOf(status, member);
    // The limit that is named is the one of the metadata.
    if (stringAt(error, "message").size() > kMessageMax)
        findings.tooLong("status." + member + ".message", kParameterBytesMax);
    if (has(error, "errorCode") && intAt(error, "errorCode") < 0)
        findings.invalid("status." + member + ".errorCode", *find(error, "errorCode"),
                         rangeSentence(0, 2147483647));
}

void checkAttachment(Findings& findings, const Json& object) {
    const Json& spec = partOf(object, "spec");
    checkDriverName(findings, stringAt(spec, "attacher"), "spec.attacher");
    constexpr std::string_view kOne =
        "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
    const Json &inlined = partOf(spec, "source.inlineVolumeSpec"),
               &name = partOf(spec, "source.persistentVolumeName");
    if (inlined.is_null() && name.is_null())
        findings.required("spec.source", kOne);
    else if (!inlined.is_null() && !name.is_null())
        findings.forbidden("spec.source", kOne);
    else if (!inlined.is_null())
        checkVolumeSpec(findings, inlined, "", true, "spec.source.inlineVolumeSpec");
    else if (asString(name).empty())
        findings.required("spec.source.persistentVolumeName",
                          "must specify non empty persistentVolumeName");
    findings.each("spec.nodeName", stringAt(spec, "nodeName"),
                  checkDns1123Subdomain(stringAt(spec, "nodeName")));
    const Json& status = partOf(object, "status");
    if (bytesOf(objectAt(status, "attachmentMetadata")) > kParameterBytesMax)
        findings.tooLong("status.attachmentMetadata", kParameterBytesMax);
    checkVolumeError(findings, status, "attachError");
    checkVolumeError(findings, status, "detachError");
    if (!name.is_null())
        findings.each("spec.source.persistentVolumeName", asString(name),
                      checkDns1123Subdomain(asString(name)));
}

const InternalType kInternalSource = {{"PersistentVolumeName", "persistentVolumeName"},
                                      {"InlineVolumeSpec", "inlineVolumeSpec"}};
const InternalType kInternalAttachment = {{"Attacher", "attacher", Absent::Text},
                                          {"Source", "source", Absent::Struct, &kInternalSource},
                                          {"NodeName", "nodeName", Absent::Text}};

void checkAttachmentUpdate(Findings& findings, const Json& object, const Json& old,
                           std::string_view subresource) {
    if (subresource == "status")
        checkAttachment(findings, object);
    if (!sameValue(partOf(object, "spec"), partOf(old, "spec")))
        findings.invalid("spec", internalView(partOf(object, "spec"), kInternalAttachment),
                         kImmutable);
}

// --- CSINode -----------------------------------------------------------------------------------

void checkNodeDriver(Findings& findings, const Json& driver, const std::string& path) {
    constexpr std::size_t kNodeIdMax = 256;
    checkDriverName(findings, stringAt(driver, "name"), path + ".name");
    const std::string_view id = stringAt(driver, "nodeID");
    if (id.empty())
        findings.required(path + ".nodeID");
    if (id.size() > kNodeIdMax)
        findings.invalid(path + ".nodeID", id, "must be 256 characters or less");
    checkNonNegative(findings, partOf(driver, "allocatable"), "count", path + ".allocatable");
}

void checkCsiNode(Findings& findings, const Json& object) {
    Seen names;
    eachItem(object, "spec.drivers", "", [&](const Json& driver, const std::string& path) {
        checkNodeDriver(findings, driver, path);
        const std::string_view name = stringAt(driver, "name");
        if (!names.add(name))
            findings.duplicate(path + ".name", Json(name));
        Seen keys;
        for (const Json& item : arrayAt(driver, "topologyKeys")) {
            const std::string_view key = asString(item);
            if (key.empty())
                findings.required(path);
            if (!keys.add(key))
                findings.duplicate(path, item);
            findings.each(path, key, checkQualifiedName(key));
        }
    });
}

const InternalType kInternalDriver = {{"Name", "name", Absent::Text},
                                      {"NodeID", "nodeID", Absent::Text},
                                      {"TopologyKeys", "topologyKeys"},
                                      {"Allocatable", "allocatable"}};

void checkCsiNodeUpdate(Findings& findings, const Json& object, const Json& old, std::string_view) {
    std::map<std::string_view, const Json*> before;
    for (const Json& driver : arrayAt(old, "spec.drivers"))
        before.emplace(stringAt(driver, "name"), &driver);
    for (const Json& now : arrayAt(object, "spec.drivers")) {
        const auto found = before.find(stringAt(now, "name"));
        if (found == before.end())
            continue;
        Json left = now, right = *found->second; // how many volumes it takes may change
        removePath(left, "allocatable");
        removePath(right, "allocatable");
        if (!sameValue(left, right))
            findings.invalid("spec.drivers", internalView(left, kInternalDriver), kImmutable);
    }
}

// --- CSIDriver ---------------------------------------------------------------------------------

void checkTokenRequests(Findings& findings, const Json& spec) {
    constexpr std::int64_t kSecondsMin = 600, kSecondsMax = std::int64_t{1} << 32;
    Seen audiences;
    eachItem(spec, "tokenRequests", "spec", [&](const Json& request, const std::string& path) {
        const std::string_view audience = stringAt(request, "audience");
        if (!audiences.add(audience))
            return findings.duplicate(path + ".audience", Json(audience));
        const std::int64_t seconds = intAt(request, "expirationSeconds", kSecondsMin);
        if (seconds < kSecondsMin)
            findings.invalid(path + ".expirationSeconds", Json(seconds),
                             "may not specify a duration less than 10 minutes");
        if (seconds > kSecondsMax)
            findings.invalid(path + ".expirationSeconds", Json(seconds),
                             "may not specify a duration larger than 2^32 seconds");
    });
}

void checkCsiDriver(Findings& findings, const Json& object) {
    constexpr std::int64_t kPeriodMin = 10;
    const Json& spec = partOf(object, "spec");
    checkOneOf(findings, spec, "fsGroupPolicy", "spec",
               {"File", "None", "ReadWriteOnceWithFSType"});
    checkTokenRequests(findings, spec);
    for (const Json& mode : arrayAt(spec, "volumeLifecycleModes"))
        if (asString(mode) != "Persistent" && asString(mode) != "Ephemeral")
            findings.notSupported("spec.volumeLifecycleModes", mode, {"Persistent", "Ephemeral"});
    const Json& period = partOf(spec, "nodeAllocatableUpdatePeriodSeconds");
    if (!period.is_null() && intAt(spec, "nodeAllocatableUpdatePeriodSeconds") < kPeriodMin)
        findings.invalid("spec.nodeAllocatableUpdatePeriodSeconds", period,
                         "must be greater than or equal to 10 seconds");
    const Json& secrets = partOf(spec, "serviceAccountTokenInSecrets");
    if (!secrets.is_null() && arrayAt(spec, "tokenRequests").empty())
        findings.invalid("spec.serviceAccountTokenInSecrets", secrets,
                         "serviceAccountTokenInSecrets is set but no tokenRequests are specified");
}

void checkCsiDriverUpdate(Findings& findings, const Json& object, const Json& old,
                          std::string_view) {
    checkCsiDriver(findings, object);
    const Json &attach = partOf(object, "spec.attachRequired"),
               &modes = partOf(object, "spec.volumeLifecycleModes");
    if (attach != partOf(old, "spec.attachRequired"))
        findings.invalid("spec.attachedRequired", attach, kImmutable);
    if (modes != partOf(old, "spec.volumeLifecycleModes"))
        findings.invalid("spec.volumeLifecycleModes", modes, kImmutable);
}

// --- CSIStorageCapacity ------------------------------------------------------------------------

void checkStorageCapacity(Findings& findings, const Json& object) {
    if (has(object, "nodeTopology"))
        checkLabelSelector(findings, *find(object, "nodeTopology"), "nodeTopology");
    const std::string_view name = stringAt(object, "storageClassName");
    findings.each("storageClassName", name, checkDns1123Subdomain(name));
    if (has(object, "capacity"))
        checkNonNegativeQuantity(findings, *find(object, "capacity"), "capacity");
}

void checkStorageCapacityUpdate(Findings& findings, const Json& object, const Json& old,
                                std::string_view) {
    checkImmutable(findings, object, old, "nodeTopology");
    checkImmutable(findings, object, old, "storageClassName");
}
} // namespace

void addStorageRules(std::vector<KindRules>& rules) {
    rules.push_back({kGroup, "StorageClass", checkStorageClass, checkStorageClassUpdate, true});
    rules.push_back(
        {kGroup, "VolumeAttributesClass", checkAttributesClass, checkAttributesClassUpdate, false});
    rules.push_back({kGroup, "VolumeAttachment", checkAttachment, checkAttachmentUpdate, true});
    rules.push_back({kGroup, "CSINode", checkCsiNode, checkCsiNodeUpdate, true});
    rules.push_back(
        {kGroup, "CSIDriver", checkCsiDriver, checkCsiDriverUpdate, false, nullptr, true});
    rules.push_back(
        {kGroup, "CSIStorageCapacity", checkStorageCapacity, checkStorageCapacityUpdate, true});
}

} // namespace orrery::api
