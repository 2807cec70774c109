#include <array>

#include "core/api/columns/columns.h"

namespace orrery::api::columns {

namespace {
// "RWO,ROX": short names, each once, in a fixed order.
std::string accessModes(const JsonArray& modes) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kModes = {
        {{"ReadWriteOnce", "RWO"},
         {"ReadOnlyMany", "ROX"},
         {"ReadWriteMany", "RWX"},
         {"ReadWriteOncePod", "RWOP"}}};
    std::string text;
    for (const auto& [full, brief] : kModes)
        for (const Json& mode : modes)
            if (asString(mode) == full) {
                text += (text.empty() ? "" : ",") + std::string(brief);
                break;
            }
    return text;
}

std::string_view annotation(const Json& object, std::string_view key) {
    const Json* annotations = findPath(object, "metadata.annotations");
    const Json* value = annotations ? find(*annotations, key) : nullptr;
    return value ? asString(*value) : std::string_view();
}

Json phaseOrTerminating(const Json& object, std::int64_t) {
    return Json(findPath(object, "metadata.deletionTimestamp") ? std::string_view("Terminating")
                                                               : stringAt(object, "status.phase"));
}

Json classOf(const Json& object, std::int64_t) {
    const std::string_view old = annotation(object, "volume.beta.kubernetes.io/storage-class");
    return Json(old.empty() ? stringAt(object, "spec.storageClassName") : old);
}

Json claimOf(const Json& volume, std::int64_t) {
    const Json* claim = findPath(volume, "spec.claimRef");
    if (!claim)
        return Json("");
    return Json(std::string(stringAt(*claim, "namespace")) + "/" +
                std::string(stringAt(*claim, "name")));
}

Column defaultableName(std::string_view key, std::string_view oldKey) {
    Column column = name();
    column.cell = [key = std::string(key), oldKey = std::string(oldKey)](const Json& object,
                                                                         std::int64_t) {
        std::string text(stringAt(object, "metadata.name"));
        if (annotation(object, key) == "true" || annotation(object, oldKey) == "true")
            text += " (default)";
        return Json(text);
    };
    return column;
}

void addClaims(KindTable& table) {
    const auto whenBound = [](Cell cell) {
        return [cell = std::move(cell)](const Json& claim, std::int64_t now) {
            return stringAt(claim, "spec.volumeName").empty() ? Json("") : cell(claim, now);
        };
    };
    table.push_back(
        {"",
         "PersistentVolumeClaim",
         {
             name(),
             computed("Status", "string", phaseOrTerminating),
             text("Volume", "spec.volumeName"),
             computed("Capacity", "string", whenBound([](const Json& claim, std::int64_t) {
                          return Json(stringAt(claim, "status.capacity.storage", "0"));
                      })),
             computed("Access Modes", "string", whenBound([](const Json& claim, std::int64_t) {
                          return Json(accessModes(arrayAt(claim, "status.accessModes")));
                      })),
             computed("StorageClass", "string", classOf),
             text("VolumeAttributesClass", "spec.volumeAttributesClassName", "<unset>"),
             age(),
             text("VolumeMode", "spec.volumeMode", "<unset>", kWide),
         }});
}

void addCsi(KindTable& table) {
    table.push_back(
        {"storage.k8s.io",
         "CSIDriver",
         {
             name(),
             boolean("AttachRequired", "spec.attachRequired", true),
             boolean("PodInfoOnMount", "spec.podInfoOnMount"),
             boolean("StorageCapacity", "spec.storageCapacity"),
             computed("TokenRequests", "string",
                      [](const Json& driver, std::int64_t) {
                          return Json(
                              orNone(joinText(arrayAt(driver, "spec.tokenRequests"), "audience"),
                                     "<unset>"));
                      }),
             boolean("RequiresRepublish", "spec.requiresRepublish"),
             computed("Modes", "string",
                      [](const Json& driver, std::int64_t) {
                          return Json(
                              orNone(joinText(arrayAt(driver, "spec.volumeLifecycleModes"), "")));
                      }),
             age(),
         }});
    table.push_back({"storage.k8s.io",
                     "CSINode",
                     {
                         name(),
                         computed("Drivers", "integer",
                                  [](const Json& node, std::int64_t) {
                                      return Json(static_cast<std::int64_t>(
                                          arrayAt(node, "spec.drivers").size()));
                                  }),
                         age(),
                     }});
    table.push_back({"storage.k8s.io",
                     "CSIStorageCapacity",
                     {name(), text("StorageClassName", "storageClassName"),
                      text("Capacity", "capacity", "<unset>"), age()}});
    Column attacher = text("Attacher", "spec.attacher");
    attacher.format = "name";
    table.push_back(
        {"storage.k8s.io",
         "VolumeAttachment",
         {name(), attacher, text("PV", "spec.source.persistentVolumeName"),
          text("Node", "spec.nodeName"), boolean("Attached", "status.attached"), age()}});
}
} // namespace

void addStorage(KindTable& table) {
    table.push_back({"",
                     "PersistentVolume",
                     {
                         name(),
                         text("Capacity", "spec.capacity.storage", "0"),
                         computed("Access Modes", "string",
                                  [](const Json& volume, std::int64_t) {
                                      return Json(accessModes(arrayAt(volume, "spec.accessModes")));
                                  }),
                         text("Reclaim Policy", "spec.persistentVolumeReclaimPolicy"),
                         computed("Status", "string", phaseOrTerminating),
                         computed("Claim", "string", claimOf),
                         computed("StorageClass", "string", classOf),
                         text("VolumeAttributesClass", "spec.volumeAttributesClassName", "<unset>"),
                         text("Reason", "status.reason"),
                         age(),
                         text("VolumeMode", "spec.volumeMode", "<unset>", kWide),
                     }});
    addClaims(table);
    table.push_back({"storage.k8s.io",
                     "StorageClass",
                     {
                         defaultableName("storageclass.kubernetes.io/is-default-class",
                                         "storageclass.beta.kubernetes.io/is-default-class"),
                         text("Provisioner", "provisioner"),
                         text("ReclaimPolicy", "reclaimPolicy", "Delete"),
                         text("VolumeBindingMode", "volumeBindingMode", "Immediate"),
                         computed("AllowVolumeExpansion", "string",
                                  [](const Json& object, std::int64_t) {
                                      return Json(boolAt(object, "allowVolumeExpansion"));
                                  }),
                         age(),
                     }});
    table.push_back({"storage.k8s.io",
                     "VolumeAttributesClass",
                     {name(), text("DriverName", "driverName"), age()}});
    addCsi(table);
}

} // namespace orrery::api::columns
