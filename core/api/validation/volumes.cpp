// Volumes of a pod.
#include "core/api/validation/container_parts.h"
#include "core/api/validation/volume_plugins.h"
#include "core/base/quantity.h"

namespace orrery::api {

namespace {
void checkMode(Findings& findings, const Json& holder, std::string_view member,
               const std::string& path) {
    const Json* mode = find(holder, member);
    const std::int64_t value = intAt(holder, member);
    if (mode && (value < 0 || value > 0777))
        findings.invalid(path + "." + std::string(member), *mode,
                         "must be a number between 0 and 0777 (octal), both inclusive");
}

void checkItemPath(Findings& findings, std::string_view value, const std::string& path) {
    if (value.empty()) {
        findings.required(path);
        return;
    }
    if (value.front() == '/')
        findings.invalid(path, value, "must be a relative path");
    checkBackstep(findings, value, path);
    if (value.substr(0, 2) == ".." && value.substr(0, 3) != "../" && value != "..")
        findings.invalid(path, value, "must not start with '..'");
}

void checkItems(Findings& findings, const Json& source, const std::string& path) {
    const JsonArray& items = arrayAt(source, "items");
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::string where = at(path + ".items", i);
        if (stringAt(items[i], "key").empty())
            findings.required(where + ".key");
        checkItemPath(findings, stringAt(items[i], "path"), where + ".path");
        checkMode(findings, items[i], "mode", where);
    }
}

void checkEmptyDir(Findings& findings, const Json& source, const std::string& path) {
    const Result<Quantity> limit = Quantity::parse(stringAt(source, "sizeLimit", "0"));
    if (limit && limit->sign() < 0)
        findings.forbidden(path + ".sizeLimit",
                           "SizeLimit field must be a valid resource quantity");
}

void checkHostPath(Findings& findings, const Json& source, const std::string& path) {
    const std::string_view target = stringAt(source, "path");
    if (target.empty()) {
        findings.required(path + ".path");
        return;
    }
    checkBackstep(findings, target, path + ".path");
    checkOneOf(findings, source, "type", path,
               {"", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File",
                "FileOrCreate", "Socket"});
}

void checkConfigMapVolume(Findings& findings, const Json& source, const std::string& path) {
    if (stringAt(source, "name").empty())
        findings.required(path + ".name");
    checkMode(findings, source, "defaultMode", path);
    checkItems(findings, source, path);
}

void checkSecretVolume(Findings& findings, const Json& source, const std::string& path) {
    if (stringAt(source, "secretName").empty())
        findings.required(path + ".secretName");
    checkMode(findings, source, "defaultMode", path);
    checkItems(findings, source, path);
}

void checkClaim(Findings& findings, const Json& source, const std::string& path) {
    if (stringAt(source, "claimName").empty())
        findings.required(path + ".claimName");
}

void checkDownwardItem(Findings& findings, const Json& item, const std::string& path) {
    static const std::vector<std::string_view> kFields = {"metadata.annotations", "metadata.labels",
                                                          "metadata.name", "metadata.namespace",
                                                          "metadata.uid"};
    checkItemPath(findings, stringAt(item, "path"), path + ".path");
    const Json *field = find(item, "fieldRef"), *resource = find(item, "resourceFieldRef");
    if (field) {
        checkFieldPath(findings, *field, path + ".fieldRef", kFields);
        if (resource)
            findings.invalid(path, "resource",
                             "fieldRef and resourceFieldRef can not be specified simultaneously");
    } else if (resource) {
        checkResourceRef(findings, *resource, path + ".resourceFieldRef", true);
    } else {
        findings.required(path, "one of fieldRef and resourceFieldRef is required");
    }
    checkMode(findings, item, "mode", path);
}

void checkDownward(Findings& findings, const Json& source, const std::string& path) {
    checkMode(findings, source, "defaultMode", path);
    for (const Json& item : arrayAt(source, "items")) // upstream's paths have no index here
        checkDownwardItem(findings, item, path);
}

// The paths that a projection's sources write, to find two that write the same one.
void notePaths(Findings& findings, const Json& source, std::string_view owner,
               const std::string& path, std::vector<std::string_view>& seen) {
    for (const Json& item : arrayAt(source, "items")) {
        const std::string_view target = stringAt(item, "path");
        if (target.empty())
            continue;
        if (std::find(seen.begin(), seen.end(), target) != seen.end())
            findings.invalid(path, owner.empty() ? target : owner,
                             owner.empty() ? "conflicting duplicate paths"
                                           : "conflicting duplicate paths");
        seen.push_back(target);
    }
}

void checkTokenSource(Findings& findings, const Json& token, const std::string& where,
                      const std::string& path) {
    const Json* seconds = find(token, "expirationSeconds");
    const std::int64_t value = intAt(token, "expirationSeconds");
    if (seconds && value < 600)
        findings.invalid(where + ".expirationSeconds", *seconds,
                         "may not specify a duration less than 10 minutes");
    else if (seconds && value > (std::int64_t{1} << 32))
        findings.invalid(where + ".expirationSeconds", *seconds,
                         "may not specify a duration larger than 2^32 seconds");
    const std::string_view target = stringAt(token, "path");
    if (target.empty())
        findings.required(path + ".path");
    else
        checkItemPath(findings, target, path + ".path");
}

void checkProjected(Findings& findings, const Json& volume, const std::string& path) {
    checkMode(findings, volume, "defaultMode", path);
    const JsonArray& sources = arrayAt(volume, "sources");
    std::vector<std::string_view> seen;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const std::string where = at(path + ".sources", i);
        int count = 0;
        const auto source = [&](std::string_view member) -> const Json* {
            const Json* found = find(sources[i], member);
            count += found != nullptr;
            return found;
        };
        for (const std::string_view member : {"secret", "configMap"})
            if (const Json* found = source(member)) {
                const std::string inside = where + "." + std::string(member);
                if (stringAt(*found, "name").empty())
                    findings.required(inside + ".name");
                checkItems(findings, *found, inside);
                notePaths(findings, *found, stringAt(*found, "name"), path, seen);
            }
        if (const Json* found = source("downwardAPI")) {
            for (const Json& item : arrayAt(*found, "items"))
                checkDownwardItem(findings, item, where + ".downwardAPI");
            notePaths(findings, *found, "", path, seen);
        }
        if (const Json* found = source("serviceAccountToken"))
            checkTokenSource(findings, *found, where + ".serviceAccountToken", path);
        if (count > 1)
            findings.forbidden(where, "may not specify more than 1 volume type per source");
    }
}

// Upstream's own letters in one case.
std::string pathOf(std::string_view member) {
    return member == "gcePersistentDisk" ? "persistentDisk" : std::string(member);
}

struct SourceRule {
    std::string_view member;
    void (*check)(Findings&, const Json&, const std::string&);
};
constexpr SourceRule kSources[] = {
    {"emptyDir", checkEmptyDir},
    {"hostPath", checkHostPath},
    {"gitRepo", checkGitRepo},
    {"gcePersistentDisk", checkGcePersistentDisk},
    {"awsElasticBlockStore", checkAwsElasticBlockStore},
    {"secret", checkSecretVolume},
    {"nfs", checkNfs},
    {"iscsi", checkIscsi},
    {"glusterfs", checkGlusterfs},
    {"flocker", checkFlocker},
    {"persistentVolumeClaim", checkClaim},
    {"rbd", checkRbd},
    {"cinder", checkCinder},
    {"cephfs", checkCephfs},
    {"quobyte", checkQuobyte},
    {"downwardAPI", checkDownward},
    {"fc", checkFc},
    {"configMap", checkConfigMapVolume},
    {"azureFile", checkAzureFile},
    {"flexVolume", checkFlexVolume},
    {"vsphereVolume", checkVsphereVolume},
    {"photonPersistentDisk", checkPhoton},
    {"portworxVolume", checkPortworx},
    {"azureDisk", checkAzureDisk},
    {"storageos", checkStorageOs},
    {"projected", checkProjected},
    {"scaleIO", checkScaleIo},
    {"csi", checkCsi},
    {"ephemeral", checkEphemeralVolume},
    {"image", checkImageVolume},
};
} // namespace

std::vector<std::string_view> checkVolumes(Findings& findings, const Json& spec,
                                           const std::string& path) {
    std::vector<std::string_view> bad;
    const JsonArray& volumes = arrayAt(spec, "volumes");
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < volumes.size(); ++i) {
        const std::string where = at(path + ".volumes", i);
        const std::string_view name = stringAt(volumes[i], "name");
        const std::size_t before = findings.count();
        int sources = 0;
        for (const SourceRule& rule : kSources) {
            const Json* source = find(volumes[i], rule.member);
            if (!source)
                continue;
            if (++sources > 1)
                findings.forbidden(where + "." + std::string(rule.member),
                                   "may not specify more than 1 volume type");
            else
                rule.check(findings, *source, where + "." + pathOf(rule.member));
        }
        if (sources == 0)
            findings.required(where, "must specify a volume type");
        if (name.empty())
            findings.required(where + ".name");
        else if (std::find(names.begin(), names.end(), name) != names.end())
            findings.duplicate(where + ".name", Json(name));
        else
            findings.each(where + ".name", name, checkDns1123Label(name));
        names.push_back(name);
        if (findings.count() > before)
            bad.push_back(name);
    }
    return bad;
}

} // namespace orrery::api
