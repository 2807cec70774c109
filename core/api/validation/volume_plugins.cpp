#include "core/api/validation/volume_plugins.h"

#include <algorithm>

#include "core/api/validation/container_parts.h"
#include "core/base/quantity.h"

namespace orrery::api {

namespace {
// Members that must not be empty, in order.
void need(Findings& findings, const Json& source, const std::string& path,
          std::initializer_list<std::string_view> members) {
    for (const std::string_view member : members)
        if (stringAt(source, member).empty())
            findings.required(path + "." + std::string(member));
}

void checkPartition(Findings& findings, const Json& source, const std::string& path) {
    const std::int64_t partition = intAt(source, "partition");
    if (partition < 0 || partition > 255)
        findings.invalid(path + ".partition", Json(partition), rangeSentence(1, 255));
}

void checkLun(Findings& findings, const Json& source, const std::string& path) {
    const std::int64_t lun = intAt(source, "lun");
    if (lun < 0 || lun > 255)
        findings.invalid(path + ".lun", Json(lun), rangeSentence(0, 255));
}

// "iqn.2015-02.example.com:disk", "eui.02004567A425678D", "naa.…"
bool isIscsiName(std::string_view name) {
    const auto hex = [](std::string_view text, std::initializer_list<std::size_t> sizes) {
        const bool size = std::find(sizes.begin(), sizes.end(), text.size()) != sizes.end();
        return size && std::all_of(text.begin(), text.end(), [](char c) {
                   return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
                          (c >= 'A' && c <= 'F');
               });
    };
    if (name.starts_with("eui."))
        return hex(name.substr(4), {16});
    if (name.starts_with("naa."))
        return hex(name.substr(4), {16, 32});
    if (!name.starts_with("iqn.") || name.size() < 12)
        return false;
    const auto digit = [&](std::size_t i) { return name[i] >= '0' && name[i] <= '9'; };
    if (!digit(4) || !digit(5) || !digit(6) || !digit(7) || name[8] != '-' || !digit(9) ||
        !digit(10) || name[11] != '.')
        return false;
    const std::string_view rest = name.substr(12, name.find(':', 12) - 12);
    return !rest.empty() && std::all_of(rest.begin(), rest.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '.';
    });
}
} // namespace

void checkGitRepo(Findings& findings, const Json& source, const std::string& path) {
    need(findings, source, path, {"repository"});
    checkLocalPath(findings, stringAt(source, "directory"), path + ".directory");
}

void checkGcePersistentDisk(Findings& findings, const Json& source, const std::string& path) {
    need(findings, source, path, {"pdName"});
    checkPartition(findings, source, path);
}

void checkAwsElasticBlockStore(Findings& findings, const Json& source, const std::string& path) {
    need(findings, source, path, {"volumeID"});
    checkPartition(findings, source, path);
}

void checkNfs(Findings& findings, const Json& source, const std::string& path) {
    need(findings, source, path, {"server", "path"});
    const std::string_view target = stringAt(source, "path");
    if (target.empty() || target.front() != '/')
        findings.invalid(path + ".path", target, "must be an absolute path");
}

void checkIscsi(Findings& findings, const Json& source, const std::string& path) {
    need(findings, source, path, {"targetPortal"});
    const std::string_view iqn = stringAt(source, "iqn");
    if (iqn.empty())
        findings.required(path + ".iqn");
    else if (!iqn.starts_with("iqn") && !iqn.starts_with("eui") && !iqn.starts_with("naa"))
        findings.invalid(path + ".iqn", iqn, "must be valid format starting with iqn, eui, or naa");
    else if (!isIscsiName(iqn))
        findings.invalid(path + ".iqn", iqn, "must be valid format");
    checkLun(findings, source, path);
    const bool chap = boolAt(source, "chapAuthDiscovery") || boolAt(source, "chapAuthSession");
    if (chap && !find(source, "secretRef"))
        findings.required(path + ".secretRef");
    const Json* initiator = find(source, "initiatorName");
    if (initiator && !isIscsiName(asString(*initiator)))
        findings.invalid(path + ".initiatorname", asString(*initiator), "must be valid format");
}

void checkGlusterfs(Findings& findings, const Json& source, const std::string& path) {
    need(findings, source, path, {"endpoints", "path"});
}

void checkFlocker(Findings& findings, const Json& source, const std::string& path) {
    const std::string_view name = stringAt(source, "datasetName"),
                           uuid = stringAt(source, "datasetUUID");
    if (name.empty() && uuid.empty())
        findings.required(path, "one of datasetName and datasetUUID is required");
    if (!name.empty() && !uuid.empty())
        findings.invalid(path, "resource",
                         "datasetName and datasetUUID can not be specified simultaneously");
    if (name.find('/') != std::string_view::npos)
        findings.invalid(path + ".datasetName", name, "must not contain '/'");
}

void checkRbd(Findings& findings, const Json& source, const std::string& path) {
    if (arrayAt(source, "monitors").empty())
        findings.required(path + ".monitors");
    need(findings, source, path, {"image"});
}

void checkCinder(Findings& findings, const Json& source, const std::string& path) {
    need(findings, source, path, {"volumeID"});
    const Json* secret = find(source, "secretRef");
    if (secret && stringAt(*secret, "name").empty())
        findings.required(path + ".secretRef.name");
}

void checkCephfs(Findings& findings, const Json& source, const std::string& path) {
    if (arrayAt(source, "monitors").empty())
        findings.required(path + ".monitors");
}

void checkQuobyte(Findings& findings, const Json& source, const std::string& path) {
    constexpr std::string_view kHosts =
        "must be a host:port pair or multiple pairs separated by commas";
    const std::string_view registry = stringAt(source, "registry");
    if (registry.empty())
        findings.required(path + ".registry", kHosts);
    for (std::size_t start = 0; !registry.empty() && start <= registry.size();) {
        const std::size_t comma = std::min(registry.find(',', start), registry.size());
        const std::string_view pair = registry.substr(start, comma - start);
        if (std::count(pair.begin(), pair.end(), ':') != 1)
            findings.invalid(path + ".registry", registry, kHosts);
        start = comma + 1;
    }
    if (stringAt(source, "tenant").size() >= 65)
        findings.required(path + ".tenant", "must be a UUID and may not exceed a length of 64 "
                                            "characters");
    need(findings, source, path, {"volume"});
}

void checkFc(Findings& findings, const Json& source, const std::string& path) {
    const JsonArray &names = arrayAt(source, "targetWWNs"), &ids = arrayAt(source, "wwids");
    if (names.empty() && ids.empty())
        findings.required(path + ".targetWWNs", "must specify either targetWWNs or wwids, but not "
                                                "both");
    if (!names.empty() && !ids.empty())
        findings.invalid(path + ".targetWWNs", Json(names),
                         "targetWWNs and wwids can not be specified simultaneously");
    if (names.empty() || !ids.empty())
        return;
    if (!find(source, "lun"))
        findings.required(path + ".lun", "lun is required if targetWWNs is specified");
    else
        checkLun(findings, source, path);
}

void checkAzureFile(Findings& findings, const Json& source, const std::string& path) {
    need(findings, source, path, {"secretName", "shareName"});
}

void checkFlexVolume(Findings& findings, const Json& source, const std::string& path) {
    need(findings, source, path, {"driver"});
    for (const auto& member : objectAt(source, "options")) {
        const std::string_view key(member.key().data(), member.key().size());
        std::string_view space = key.substr(0, key.find('/'));
        if (key.find('/') == std::string_view::npos)
            continue;
        const auto below = [&](std::string_view domain) {
            return space == domain || space.ends_with("." + std::string(domain));
        };
        if (below("kubernetes.io") || below("k8s.io"))
            findings.invalid(keyed(path + ".options", key), key,
                             "kubernetes.io and k8s.io namespaces are reserved");
    }
}

void checkVsphereVolume(Findings& findings, const Json& source, const std::string& path) {
    need(findings, source, path, {"volumePath"});
}

void checkPhoton(Findings& findings, const Json& source, const std::string& path) {
    need(findings, source, path, {"pdID"});
}

void checkPortworx(Findings& findings, const Json& source, const std::string& path) {
    need(findings, source, path, {"volumeID"});
}

void checkAzureDisk(Findings& findings, const Json& source, const std::string& path) {
    static const std::vector<std::string_view> kManaged = {
        "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/"
        "{disk-id}"};
    static const std::vector<std::string_view> kUnmanaged = {
        "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"};
    need(findings, source, path, {"diskName", "diskURI"});
    checkOneOf(findings, source, "cachingMode", path, {"None", "ReadOnly", "ReadWrite"});
    checkOneOf(findings, source, "kind", path, {"Dedicated", "Managed", "Shared"});
    const std::string_view uri = stringAt(source, "diskURI");
    const bool managed = stringAt(source, "kind", "Shared") == "Managed";
    if (managed && !uri.starts_with("/subscriptions"))
        findings.notSupported(path + ".diskURI", Json(uri), kManaged);
    if (!managed && !uri.starts_with("https://"))
        findings.notSupported(path + ".diskURI", Json(uri), kUnmanaged);
}

void checkStorageOs(Findings& findings, const Json& source, const std::string& path) {
    const std::string_view name = stringAt(source, "volumeName"),
                           space = stringAt(source, "volumeNamespace");
    if (name.empty())
        findings.required(path + ".volumeName");
    else
        findings.each(path + ".volumeName", name, checkDns1123Label(name));
    if (!space.empty())
        findings.each(path + ".volumeNamespace", space, checkDns1123Label(space));
    const Json* secret = find(source, "secretRef");
    if (secret && stringAt(*secret, "name").empty())
        findings.required(path + ".secretRef.name");
}

void checkScaleIo(Findings& findings, const Json& source, const std::string& path) {
    need(findings, source, path, {"gateway", "system", "volumeName"});
}

void checkCsi(Findings& findings, const Json& source, const std::string& path) {
    constexpr std::size_t kDriverBytesMax = 63;
    const std::string_view driver = stringAt(source, "driver");
    if (driver.empty())
        findings.required(path + ".driver");
    if (driver.size() > kDriverBytesMax)
        findings.tooLong(path + ".driver", kDriverBytesMax);
    std::string low(driver);
    for (char& c : low)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (!driver.empty())
        findings.each(path + ".driver", driver, checkDns1123Subdomain(low));
    const Json* secret = find(source, "nodePublishSecretRef");
    if (secret && stringAt(*secret, "name").empty())
        findings.required(path + ".nodePublishSecretRef.name");
}

namespace {
// A claim's spec, as a pod may hold one.
void checkClaimSpec(Findings& findings, const Json& spec, const std::string& path) {
    static const std::vector<std::string_view> kModes = {"ReadOnlyMany", "ReadWriteMany",
                                                         "ReadWriteOnce", "ReadWriteOncePod"};
    const JsonArray& modes = arrayAt(spec, "accessModes");
    if (modes.empty())
        findings.required(path + ".accessModes", "at least 1 access mode is required");
    if (const Json* selector = find(spec, "selector"))
        checkLabelSelector(findings, *selector, path + ".selector");
    for (const Json& mode : modes)
        if (!contains(kModes, asString(mode)))
            findings.notSupported(path + ".accessModes", mode, kModes);
    const Json* storage = findPath(spec, "resources.requests.storage");
    if (!storage) {
        findings.required(path + ".resources[storage]");
    } else if (const Result<Quantity> size = Quantity::parse(asString(*storage));
               size && size->sign() <= 0) {
        findings.invalid(path + ".resources[storage]", *storage, "must be greater than zero");
    }
    if (const std::string_view name = stringAt(spec, "storageClassName"); !name.empty())
        findings.each(path + ".storageClassName", name, checkDns1123Subdomain(name));
    checkOneOf(findings, spec, "volumeMode", path, {"Block", "Filesystem"});
}
} // namespace

void checkEphemeralVolume(Findings& findings, const Json& source, const std::string& path) {
    static const Json kNone = JsonObject();
    const std::string where = path + ".volumeClaimTemplate";
    const Json* claim = find(source, "volumeClaimTemplate");
    if (!claim)
        return findings.required(where);
    const Json* metadata = find(*claim, "metadata");
    if (metadata) {
        for (const auto& member : objectAt(*metadata, "annotations")) {
            const std::string_view key(member.key().data(), member.key().size());
            findings.each(where + ".metadata.annotations", key, checkQualifiedName(key));
        }
        checkLabels(findings, find(*metadata, "labels"), where + ".metadata.labels");
        static constexpr std::string_view kForbidden[] = {
            "name",       "generateName",      "namespace",         "uid",
            "generation", "creationTimestamp", "deletionTimestamp", "ownerReferences",
            "finalizers", "managedFields"};
        for (const std::string_view member : kForbidden)
            if (find(*metadata, member))
                findings.forbidden(where + ".metadata." + std::string(member), "cannot be set");
    }
    const Json* spec = find(*claim, "spec");
    checkClaimSpec(findings, spec ? *spec : kNone, where + ".spec");
}

void checkImageVolume(Findings& findings, const Json& source, const std::string& path) {
    need(findings, source, path, {"reference"});
    checkOneOf(findings, source, "pullPolicy", path, {"Always", "IfNotPresent", "Never"});
}

} // namespace orrery::api
