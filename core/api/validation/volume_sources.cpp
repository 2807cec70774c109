// The sources that a persistent volume can have.
#include "core/api/validation/volumes_persistent.h"

namespace orrery::api {

namespace {
struct Source {
    Findings& findings;
    const Json& value;
    const std::string path;
    std::string_view volume; // the volume's name

    std::string at(std::string_view member) const { return path + "." + std::string(member); }
    std::string_view text(std::string_view member) const { return stringAt(value, member); }
    void need(std::string_view member) const { checkRequired(findings, value, member, path); }
    void range(std::string_view member, std::int64_t from, std::int64_t to,
               std::int64_t shownFrom) const {
        const std::int64_t number = intAt(value, member);
        if (number < from || number > to)
            findings.invalid(at(member), Json(number), rangeSentence(shownFrom, to));
    }
    // A secret that must have a name, and a namespace where one is `spaced`.
    void secret(bool spaced) const {
        const Json& reference = partOf(value, "secretRef");
        if (reference.is_null())
            return;
        checkRequired(findings, reference, "name", at("secretRef"));
        if (spaced)
            checkRequired(findings, reference, "namespace", at("secretRef"));
    }
};

void checkNoBackstep(const Source& source, std::string_view value) {
    for (std::size_t start = 0; start <= value.size();) {
        const std::size_t slash = std::min(value.find('/', start), value.size());
        if (value.substr(start, slash - start) == "..")
            return source.findings.invalid(source.at("path"), value, "must not contain '..'");
        start = slash + 1;
    }
}

void checkHostPath(const Source& source) {
    if (source.text("path").empty())
        return source.findings.required(source.at("path"));
    checkNoBackstep(source, source.text("path"));
    checkOneOf(source.findings, source.value, "type", source.path,
               {"", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File",
                "FileOrCreate", "Socket"});
}

void checkGcePd(const Source& source) {
    source.need("pdName");
    source.range("partition", 0, 255, 1);
}

void checkEbs(const Source& source) {
    source.need("volumeID");
    source.range("partition", 0, 255, 1);
}

void checkGlusterfs(const Source& source) {
    source.need("endpoints");
    source.need("path");
    if (!has(source.value, "endpointsNamespace"))
        return;
    const std::string_view space = source.text("endpointsNamespace");
    if (space.empty())
        source.findings.invalid(source.at("endpointsNamespace"), space,
                                "if the endpointnamespace is set, it must be a valid namespace "
                                "name");
    else
        source.findings.each(source.at("endpointsNamespace"), space, checkDns1123Label(space));
}

void checkFlocker(const Source& source) {
    const std::string_view name = source.text("datasetName"), uuid = source.text("datasetUUID");
    if (name.empty() && uuid.empty())
        source.findings.required(source.path, "one of datasetName and datasetUUID is required");
    if (!name.empty() && !uuid.empty())
        source.findings.invalid(source.path, "resource",
                                "datasetName and datasetUUID can not be specified simultaneously");
    if (name.find('/') != std::string_view::npos)
        source.findings.invalid(source.at("datasetName"), name, "must not contain '/'");
}

void checkNfs(const Source& source) {
    source.need("server");
    source.need("path");
    const std::string_view target = source.text("path");
    if (target.empty() || target.front() != '/')
        source.findings.invalid(source.at("path"), target, "must be an absolute path");
}

void checkRbd(const Source& source) {
    if (arrayAt(source.value, "monitors").empty())
        source.findings.required(source.at("monitors"));
    source.need("image");
}

void checkQuobyte(const Source& source) {
    constexpr std::string_view kPairs =
        "must be a host:port pair or multiple pairs separated by commas";
    constexpr std::size_t kTenantMax = 64;
    std::string_view left = source.text("registry");
    if (left.empty()) {
        source.findings.required(source.at("registry"), kPairs);
    } else if (source.text("tenant").size() > kTenantMax) {
        source.findings.required(source.at("tenant"),
                                 "must be a UUID and may not exceed a length of 64 characters");
    } else {
        while (!left.empty()) {
            const std::size_t comma = std::min(left.find(','), left.size());
            if (left.substr(0, comma).find(':') == std::string_view::npos)
                source.findings.invalid(source.at("registry"), source.text("registry"), kPairs);
            left.remove_prefix(std::min(comma + 1, left.size()));
        }
    }
    source.need("volume");
}

void checkCephFs(const Source& source) {
    if (arrayAt(source.value, "monitors").empty())
        source.findings.required(source.at("monitors"));
}

bool isAlnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// "iqn.2001-04.com.example:storage": a month, a domain, and a text of the owner's.
bool isQualifiedIscsiName(std::string_view name) {
    constexpr std::string_view kShape = "iqn.dddd-dd."; // d: a digit
    for (std::size_t i = 0; i < kShape.size(); ++i) {
        const char c = i < name.size() ? name[i] : '\0';
        if (kShape[i] == 'd' && i > 3 ? c < '0' || c > '9' : c != kShape[i])
            return false;
    }
    name.remove_prefix(kShape.size());
    const std::size_t colon = name.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == name.size())
        return false;
    const std::string_view domain = name.substr(0, colon), own = name.substr(colon + 1);
    return std::all_of(domain.begin(), domain.end(),
                       [](char c) { return isAlnum(c) || c == '-' || c == '.'; }) &&
           own.find_first_of(",;*&$| \t\n\r\f") == std::string_view::npos;
}

// Names of iSCSI partners: the above, or "eui." and 16, "naa." and 32 letters or digits.
bool isIscsiName(std::string_view name) {
    const std::string_view kind = name.substr(0, 3);
    if (kind == "iqn")
        return isQualifiedIscsiName(name);
    const std::size_t length = kind == "eui" ? 16 : kind == "naa" ? 32 : 0;
    return length > 0 && name.size() == 4 + length &&
           std::all_of(name.begin() + 4, name.end(), isAlnum);
}

void checkIscsi(const Source& source) {
    constexpr std::size_t kNamesMax = 64;
    const std::string_view portal = source.text("targetPortal"), iqn = source.text("iqn");
    const bool named = has(source.value, "initiatorName");
    source.need("targetPortal");
    if (named && source.volume.size() + 1 + portal.size() > kNamesMax)
        source.findings.invalid(source.at("targetportal"), portal,
                                "Total length of <volume name>:<iscsi.targetPortal> must be under "
                                "64 characters if iscsi.initiatorName is specified.");
    if (iqn.empty())
        source.findings.required(source.at("iqn"));
    else if (!isIscsiName(iqn))
        source.findings.invalid(source.at("iqn"), iqn, "must be valid format");
    source.range("lun", 0, 255, 0);
    const bool secret = has(source.value, "secretRef");
    if (!secret &&
        (boolAt(source.value, "chapAuthDiscovery") || boolAt(source.value, "chapAuthSession")))
        source.findings.required(source.at("secretRef"));
    source.secret(false);
    if (named && !isIscsiName(source.text("initiatorName")))
        source.findings.invalid(source.at("initiatorname"), source.text("initiatorName"),
                                "must be valid format");
}

void checkCinder(const Source& source) {
    source.need("volumeID");
    source.secret(true);
}

void checkFc(const Source& source) {
    const bool targets = !arrayAt(source.value, "targetWWNs").empty(),
               wide = !arrayAt(source.value, "wwids").empty();
    if (!targets && !wide)
        source.findings.required(source.at("targetWWNs"),
                                 "must specify either targetWWNs or wwids, but not both");
    if (targets && wide)
        source.findings.invalid(source.at("targetWWNs"), *find(source.value, "targetWWNs"),
                                "targetWWNs and wwids can not be specified simultaneously");
    if (targets && !has(source.value, "lun"))
        source.findings.required(source.at("lun"), "lun is required if targetWWNs is specified");
    else if (targets)
        source.range("lun", 0, 255, 0);
}

void checkFlex(const Source& source) {
    source.need("driver");
    for (const auto& member : objectAt(source.value, "options")) {
        const std::string_view key(member.key().data(), member.key().size());
        std::string space = "." + std::string(key.substr(0, key.find('/')));
        for (char& c : space)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        if (space.ends_with(".kubernetes.io") || space.ends_with(".k8s.io"))
            source.findings.invalid(keyed(source.at("options"), key), key,
                                    "kubernetes.io and k8s.io namespaces are reserved");
    }
}

void checkAzureFile(const Source& source) {
    source.need("secretName");
    source.need("shareName");
    if (has(source.value, "secretNamespace"))
        source.need("secretNamespace");
}

void checkAzureDisk(const Source& source) {
    source.need("diskName");
    source.need("diskURI");
    checkOneOf(source.findings, source.value, "cachingMode", source.path,
               {"None", "ReadOnly", "ReadWrite"});
    checkOneOf(source.findings, source.value, "kind", source.path,
               {"Dedicated", "Managed", "Shared"});
    if (!has(source.value, "kind"))
        return;
    const bool managed = source.text("kind") == "Managed";
    const std::string_view uri = source.text("diskURI");
    if (managed && !uri.starts_with("/subscriptions/"))
        source.findings.notSupported(source.at("diskURI"), Json(uri),
                                     {"/subscriptions/{sub-id}/resourcegroups/{group-name}/"
                                      "providers/microsoft.compute/disks/{disk-id}"});
    if (!managed && !uri.starts_with("https://"))
        source.findings.notSupported(
            source.at("diskURI"), Json(uri),
            {"https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"});
}

void checkScaleIo(const Source& source) {
    source.need("gateway");
    source.need("system");
    source.need("volumeName");
}

void checkLocal(const Source& source) {
    if (source.text("path").empty())
        return source.findings.required(source.at("path"));
    checkNoBackstep(source, source.text("path"));
}

void checkStorageOs(const Source& source) {
    checkRequired(source.findings, source.value, "volumeName", source.path, checkDns1123Label);
    const std::string_view space = source.text("volumeNamespace");
    if (!space.empty())
        source.findings.each(source.at("volumeNamespace"), space, checkDns1123Label(space));
    source.secret(true);
}

void checkCsi(const Source& source) {
    checkDriverName(source.findings, source.text("driver"), source.at("driver"));
    source.need("volumeHandle");
    for (const std::string_view member : {"controllerPublishSecretRef", "controllerExpandSecretRef",
                                          "nodePublishSecretRef", "nodeExpandSecretRef"}) {
        if (!has(source.value, member))
            continue;
        const Json& secret = partOf(source.value, member);
        checkRequired(source.findings, secret, "name", source.at(member), checkDns1123Subdomain);
        checkRequired(source.findings, secret, "namespace", source.at(member), checkDns1123Label);
    }
}

struct SourceRule {
    std::string_view member;
    void (*check)(const Source&);
    std::string_view path = {}; // where upstream says something else than the member's name
};
constexpr SourceRule kSources[] = {
    {"hostPath", checkHostPath},
    {"gcePersistentDisk", checkGcePd, "persistentDisk"},
    {"awsElasticBlockStore", checkEbs},
    {"glusterfs", checkGlusterfs},
    {"flocker", checkFlocker},
    {"nfs", checkNfs},
    {"rbd", checkRbd},
    {"quobyte", checkQuobyte},
    {"cephfs", checkCephFs},
    {"iscsi", checkIscsi},
    {"cinder", checkCinder},
    {"fc", checkFc},
    {"flexVolume", checkFlex},
    {"azureFile", checkAzureFile},
    {"vsphereVolume", [](const Source& source) { source.need("volumePath"); }},
    {"photonPersistentDisk", [](const Source& source) { source.need("pdID"); }},
    {"portworxVolume", [](const Source& source) { source.need("volumeID"); }},
    {"azureDisk", checkAzureDisk},
    {"scaleIO", checkScaleIo},
    {"local", checkLocal},
    {"storageos", checkStorageOs},
    {"csi", checkCsi},
};
} // namespace

void checkVolumeSources(Findings& findings, const Json& spec, std::string_view name, bool placed,
                        const std::string& path) {
    int sources = 0;
    for (const SourceRule& rule : kSources) {
        if (!has(spec, rule.member))
            continue;
        const std::string where = path + "." + std::string(rule.member);
        if (++sources > 1 && rule.member != "flexVolume") {
            findings.forbidden(rule.member == "cephfs" ? path + ".cephFS" : where,
                               "may not specify more than 1 volume type");
            continue;
        }
        rule.check({findings, *find(spec, rule.member),
                    rule.path.empty() ? where : path + "." + std::string(rule.path), name});
        if (rule.member == "local" && !placed)
            findings.required(path + ".nodeAffinity", "Local volume requires node affinity");
    }
    if (sources == 0)
        findings.required(path, "must specify a volume type");
}

} // namespace orrery::api
