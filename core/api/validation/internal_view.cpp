#include "core/api/validation/internal_view.h"

#include <algorithm>

namespace orrery::api {

namespace {
const InternalType kLabelSelector; // has names of its own: printed as it is

const InternalType kReference = {
    {"APIGroup", "apiGroup"}, {"Kind", "kind", Absent::Text}, {"Name", "name", Absent::Text}};
const InternalType kTypedReference = {{"APIGroup", "apiGroup"},
                                      {"Kind", "kind", Absent::Text},
                                      {"Name", "name", Absent::Text},
                                      {"Namespace", "namespace"}};
const InternalType kResources = {{"Limits", "limits"}, {"Requests", "requests"}};
const InternalType kSecret = {{"Name", "name", Absent::Text},
                              {"Namespace", "namespace", Absent::Text}};
const InternalType kHostPath = {{"Path", "path", Absent::Text}, {"Type", "type"}};
const InternalType kNfs = {{"Server", "server", Absent::Text},
                           {"Path", "path", Absent::Text},
                           {"ReadOnly", "readOnly", Absent::False}};
const InternalType kLocal = {{"Path", "path", Absent::Text}, {"FSType", "fsType"}};
const InternalType kCsi = {
    {"Driver", "driver", Absent::Text},
    {"VolumeHandle", "volumeHandle", Absent::Text},
    {"ReadOnly", "readOnly", Absent::False},
    {"FSType", "fsType", Absent::Text},
    {"VolumeAttributes", "volumeAttributes"},
    {"ControllerPublishSecretRef", "controllerPublishSecretRef", Absent::Null, &kSecret},
    {"NodeStageSecretRef", "nodeStageSecretRef", Absent::Null, &kSecret},
    {"NodePublishSecretRef", "nodePublishSecretRef", Absent::Null, &kSecret},
    {"ControllerExpandSecretRef", "controllerExpandSecretRef", Absent::Null, &kSecret},
    {"NodeExpandSecretRef", "nodeExpandSecretRef", Absent::Null, &kSecret}};
const InternalType kFc = {{"TargetWWNs", "targetWWNs"},
                          {"Lun", "lun"},
                          {"FSType", "fsType", Absent::Text},
                          {"ReadOnly", "readOnly", Absent::False},
                          {"WWIDs", "wwids"}};
const InternalType kIscsi = {{"TargetPortal", "targetPortal", Absent::Text},
                             {"IQN", "iqn", Absent::Text},
                             {"Lun", "lun", Absent::Zero},
                             {"ISCSIInterface", "iscsiInterface", Absent::Text},
                             {"FSType", "fsType", Absent::Text},
                             {"ReadOnly", "readOnly", Absent::False},
                             {"Portals", "portals"},
                             {"DiscoveryCHAPAuth", "chapAuthDiscovery", Absent::False},
                             {"SessionCHAPAuth", "chapAuthSession", Absent::False},
                             {"SecretRef", "secretRef", Absent::Null, &kSecret},
                             {"InitiatorName", "initiatorName"}};

const InternalType kCel = {{"Expression", "expression", Absent::Text}};
const InternalType kSelector = {{"CEL", "cel", Absent::Null, &kCel}};
const InternalType kToleration = {{"Key", "key", Absent::Text},
                                  {"Operator", "operator", Absent::Text},
                                  {"Value", "value", Absent::Text},
                                  {"Effect", "effect", Absent::Text},
                                  {"TolerationSeconds", "tolerationSeconds"}};
const InternalType kCapacity = {{"Requests", "requests"}};
const InternalType kExactly = {{"DeviceClassName", "deviceClassName", Absent::Text},
                               {"Selectors", "selectors", Absent::Null, &kSelector},
                               {"AllocationMode", "allocationMode", Absent::Text},
                               {"Count", "count", Absent::Zero},
                               {"AdminAccess", "adminAccess"},
                               {"Tolerations", "tolerations", Absent::Null, &kToleration},
                               {"Capacity", "capacity", Absent::Null, &kCapacity}};
const InternalType kSubRequest = {{"Name", "name", Absent::Text},
                                  {"DeviceClassName", "deviceClassName", Absent::Text},
                                  {"Selectors", "selectors", Absent::Null, &kSelector},
                                  {"AllocationMode", "allocationMode", Absent::Text},
                                  {"Count", "count", Absent::Zero},
                                  {"Tolerations", "tolerations", Absent::Null, &kToleration},
                                  {"Capacity", "capacity", Absent::Null, &kCapacity}};
const InternalType kRequest = {{"Name", "name", Absent::Text},
                               {"Exactly", "exactly", Absent::Null, &kExactly},
                               {"FirstAvailable", "firstAvailable", Absent::Null, &kSubRequest}};
const InternalType kConstraint = {{"Requests", "requests"},
                                  {"MatchAttribute", "matchAttribute"},
                                  {"DistinctAttribute", "distinctAttribute"}};
const InternalType kOpaque = {{"Driver", "driver", Absent::Text}, {"Parameters", "parameters"}};
const InternalType kConfiguration = {{"Requests", "requests"},
                                     {"Opaque", "opaque", Absent::Null, &kOpaque}};
const InternalType kDevices = {{"Requests", "requests", Absent::Null, &kRequest},
                               {"Constraints", "constraints", Absent::Null, &kConstraint},
                               {"Config", "config", Absent::Null, &kConfiguration}};

Json absentValue(const InternalField& field) {
    switch (field.absent) {
    case Absent::Text:
        return Json("");
    case Absent::Zero:
        return Json(0);
    case Absent::False:
        return Json(false);
    case Absent::Struct:
        return internalView(JsonObject(), *field.fields);
    case Absent::Null:
        break;
    }
    return {};
}

// --- diff ----------------------------------------------------------------------------------------

using Lines = std::vector<std::string>;

void printLines(const Json& value, const std::string& indent, const std::string& lead,
                const std::string& tail, Lines& lines) {
    const auto* object = value.if_object();
    const auto* array = value.if_array();
    if ((!object || object->empty()) && (!array || array->empty())) {
        lines.push_back(indent + lead + serializeJson(value) + tail);
        return;
    }
    lines.push_back(indent + lead + (object ? "{" : "["));
    std::size_t left = object ? object->size() : array->size();
    if (object)
        for (const auto& member : *object)
            printLines(member.value(), indent + " ",
                       serializeJson(Json(JsonStringView(member.key()))) + ": ", --left ? "," : "",
                       lines);
    else
        for (const Json& item : *array)
            printLines(item, indent + " ", "", --left ? "," : "", lines);
    lines.push_back(indent + (object ? "}" : "]") + tail);
}

struct Block {
    std::size_t a, b, size;
};

// The longest run of equal lines in both ranges, the first of several.
Block longestRun(const Lines& a, const Lines& b, std::size_t aFrom, std::size_t aTo,
                 std::size_t bFrom, std::size_t bTo) {
    Block best{aFrom, bFrom, 0};
    for (std::size_t i = aFrom; i < aTo; ++i)
        for (std::size_t j = bFrom; j < bTo; ++j) {
            std::size_t size = 0;
            while (i + size < aTo && j + size < bTo && a[i + size] == b[j + size])
                ++size;
            if (size > best.size)
                best = {i, j, size};
        }
    return best;
}

void matchingBlocks(const Lines& a, const Lines& b, std::size_t aFrom, std::size_t aTo,
                    std::size_t bFrom, std::size_t bTo, std::vector<Block>& out) {
    const Block run = longestRun(a, b, aFrom, aTo, bFrom, bTo);
    if (run.size == 0)
        return;
    matchingBlocks(a, b, aFrom, run.a, bFrom, run.b, out);
    out.push_back(run);
    matchingBlocks(a, b, run.a + run.size, aTo, run.b + run.size, bTo, out);
}

std::string rangeText(std::size_t from, std::size_t size) {
    if (size == 1)
        return std::to_string(from + 1);
    return std::to_string(size == 0 ? from : from + 1) + "," + std::to_string(size);
}

struct Change {
    std::size_t aFrom, aTo, bFrom, bTo;
};

// What lies between the runs of equal lines.
std::vector<Change> changesBetween(const Lines& a, const Lines& b) {
    constexpr std::size_t kPairsMax = 250'000; // finding runs takes their product of steps
    std::size_t head = 0, tail = 0;
    const std::size_t shorter = std::min(a.size(), b.size());
    while (head < shorter && a[head] == b[head])
        ++head;
    while (tail < shorter - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
        ++tail;
    std::vector<Block> blocks{{0, 0, head}};
    const std::size_t aTo = a.size() - tail, bTo = b.size() - tail;
    if ((aTo - head) * (bTo - head) <= kPairsMax) // else one change, however large
        matchingBlocks(a, b, head, aTo, head, bTo, blocks);
    blocks.push_back({aTo, bTo, tail});
    std::vector<Change> changes;
    std::size_t i = 0, j = 0;
    for (const Block& block : blocks) {
        if (i < block.a || j < block.b)
            changes.push_back({i, block.a, j, block.b});
        i = block.a + block.size;
        j = block.b + block.size;
    }
    return changes;
}
} // namespace

const InternalType kInternalClaimSpec = {
    {"AccessModes", "accessModes"},
    {"Selector", "selector", Absent::Null, &kLabelSelector},
    {"Resources", "resources", Absent::Struct, &kResources},
    {"VolumeName", "volumeName", Absent::Text},
    {"StorageClassName", "storageClassName"},
    {"VolumeMode", "volumeMode"},
    {"DataSource", "dataSource", Absent::Null, &kReference},
    {"DataSourceRef", "dataSourceRef", Absent::Null, &kTypedReference},
    {"VolumeAttributesClassName", "volumeAttributesClassName"}};

const InternalType kInternalVolumeSource = {{"GCEPersistentDisk", "gcePersistentDisk"},
                                            {"AWSElasticBlockStore", "awsElasticBlockStore"},
                                            {"HostPath", "hostPath", Absent::Null, &kHostPath},
                                            {"Glusterfs", "glusterfs"},
                                            {"NFS", "nfs", Absent::Null, &kNfs},
                                            {"RBD", "rbd"},
                                            {"Quobyte", "quobyte"},
                                            {"ISCSI", "iscsi", Absent::Null, &kIscsi},
                                            {"FlexVolume", "flexVolume"},
                                            {"Cinder", "cinder"},
                                            {"CephFS", "cephfs"},
                                            {"FC", "fc", Absent::Null, &kFc},
                                            {"Flocker", "flocker"},
                                            {"AzureFile", "azureFile"},
                                            {"VsphereVolume", "vsphereVolume"},
                                            {"AzureDisk", "azureDisk"},
                                            {"PhotonPersistentDisk", "photonPersistentDisk"},
                                            {"PortworxVolume", "portworxVolume"},
                                            {"ScaleIO", "scaleIO"},
                                            {"Local", "local", Absent::Null, &kLocal},
                                            {"StorageOS", "storageos"},
                                            {"CSI", "csi", Absent::Null, &kCsi}};

const InternalType kInternalDeviceClaimSpec = {{"Devices", "devices", Absent::Struct, &kDevices}};

const InternalType kInternalTaint = {{"Key", "key", Absent::Text},
                                     {"Value", "value", Absent::Text},
                                     {"Effect", "effect", Absent::Text},
                                     {"TimeAdded", "timeAdded"}};

const InternalType kInternalObjectReference = {{"Kind", "kind", Absent::Text},
                                               {"Namespace", "namespace", Absent::Text},
                                               {"Name", "name", Absent::Text},
                                               {"UID", "uid", Absent::Text},
                                               {"APIVersion", "apiVersion", Absent::Text},
                                               {"ResourceVersion", "resourceVersion", Absent::Text},
                                               {"FieldPath", "fieldPath", Absent::Text}};

Json internalView(const Json& value, const InternalType& type) {
    if (type.empty())
        return value;
    if (const auto* items = value.if_array()) {
        JsonArray out;
        for (const Json& item : *items)
            out.push_back(internalView(item, type));
        return Json(std::move(out));
    }
    if (!value.is_object())
        return value;
    JsonObject out;
    for (const InternalField& field : type) {
        const Json* member = find(value, field.member);
        const bool there = member && !member->is_null();
        if (!there)
            out[field.name] = absentValue(field);
        else
            out[field.name] = field.fields ? internalView(*member, *field.fields) : *member;
    }
    return Json(std::move(out));
}

std::string diffText(const Json& before, const Json& after) {
    constexpr std::size_t kContext = 3;
    Lines a, b;
    printLines(before, "", "", "", a);
    printLines(after, "", "", "", b);
    const std::vector<Change> changes = changesBetween(a, b);
    std::string text;
    for (std::size_t first = 0; first < changes.size();) {
        std::size_t last = first;
        while (last + 1 < changes.size() &&
               changes[last + 1].aFrom - changes[last].aTo <= 2 * kContext)
            ++last;
        const std::size_t before0 = std::min(kContext, changes[first].aFrom);
        const std::size_t aFrom = changes[first].aFrom - before0;
        const std::size_t bFrom = changes[first].bFrom - before0;
        const std::size_t aTo = std::min(a.size(), changes[last].aTo + kContext);
        const std::size_t bTo = std::min(b.size(), changes[last].bTo + kContext);
        text +=
            "@@ -" + rangeText(aFrom, aTo - aFrom) + " +" + rangeText(bFrom, bTo - bFrom) + " @@\n";
        std::size_t at = aFrom;
        for (std::size_t i = first; i <= last; ++i) {
            for (; at < changes[i].aFrom; ++at)
                text += " " + a[at] + "\n";
            for (; at < changes[i].aTo; ++at)
                text += "-" + a[at] + "\n";
            for (std::size_t j = changes[i].bFrom; j < changes[i].bTo; ++j)
                text += "+" + b[j] + "\n";
        }
        for (; at < aTo; ++at)
            text += " " + a[at] + "\n";
        first = last + 1;
    }
    return text;
}

} // namespace orrery::api
