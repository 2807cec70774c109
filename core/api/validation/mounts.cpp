// A container's mounts and devices.
#include "core/api/validation/container_parts.h"

namespace orrery::api {

namespace {
const Json* volumeNamed(const PodScope& scope, std::string_view name) {
    if (contains(scope.badVolumes, name))
        return nullptr;
    for (const Json& volume : arrayAt(scope.spec, "volumes"))
        if (stringAt(volume, "name") == name)
            return &volume;
    return nullptr;
}

void checkOneMount(Findings& findings, const Json& mount, const Json& container,
                   const std::string& path, const std::string& where) {
    const std::string_view sub = stringAt(mount, "subPath"),
                           expression = stringAt(mount, "subPathExpr");
    if (!sub.empty())
        checkLocalPath(findings, sub, path + ".subPath");
    if (!expression.empty()) {
        if (!sub.empty())
            findings.invalid(where + ".subPathExpr", expression,
                             "subPathExpr and subPath are mutually exclusive");
        checkLocalPath(findings, expression, path + ".subPathExpr");
    }
    const std::string_view propagation = stringAt(mount, "mountPropagation");
    if (propagation == "Bidirectional" && !boolAt(container, "securityContext.privileged"))
        findings.forbidden(
            path + ".mountPropagation",
            "Bidirectional mount propagation is available only to privileged containers");
    else
        checkOneOf(findings, mount, "mountPropagation", path,
                   {"Bidirectional", "HostToContainer", "None"});
    const std::string_view recursive = stringAt(mount, "recursiveReadOnly");
    if (recursive == "Enabled" || recursive == "IfPossible") {
        if (!boolAt(mount, "readOnly"))
            findings.forbidden(path + ".recursiveReadOnly",
                               "may only be specified when readOnly is true");
        else if (!propagation.empty() && propagation != "None")
            findings.forbidden(
                path + ".recursiveReadOnly",
                "may only be specified when mountPropagation is None or not specified");
    } else {
        checkOneOf(findings, mount, "recursiveReadOnly", path,
                   {"Disabled", "Enabled", "IfPossible"});
    }
}
} // namespace

void checkBackstep(Findings& findings, std::string_view value, const std::string& path) {
    for (std::size_t start = 0; start <= value.size();) {
        const std::size_t slash = std::min(value.find('/', start), value.size());
        if (value.substr(start, slash - start) == "..") {
            findings.invalid(path, value, "must not contain '..'");
            return;
        }
        start = slash + 1;
    }
}

void checkLocalPath(Findings& findings, std::string_view value, const std::string& path) {
    if (!value.empty() && value.front() == '/')
        findings.invalid(path, value, "must be a relative path");
    checkBackstep(findings, value, path);
}

void checkMounts(Findings& findings, const Json& container, const std::string& path,
                 const PodScope& scope) {
    const JsonArray& mounts = arrayAt(container, "volumeMounts");
    const JsonArray& devices = arrayAt(container, "volumeDevices");
    std::vector<std::string_view> paths;
    for (std::size_t i = 0; i < mounts.size(); ++i) {
        const std::string where = at(path + ".volumeMounts", i);
        const std::string_view name = stringAt(mounts[i], "name"),
                               target = stringAt(mounts[i], "mountPath");
        if (name.empty())
            findings.required(where + ".name");
        if (!volumeNamed(scope, name))
            findings.notFound(where + ".name", name);
        if (target.empty())
            findings.required(where + ".mountPath");
        if (contains(paths, target))
            findings.invalid(where + ".mountPath", target, "must be unique");
        paths.push_back(target);
        if (anyNamed(devices, "name", name))
            findings.invalid(where + ".name", name, "must not already exist in volumeDevices");
        if (anyNamed(devices, "devicePath", target))
            findings.invalid(where + ".mountPath", target,
                             "must not already exist as a path in volumeDevices");
        checkOneMount(findings, mounts[i], container, path + ".volumeMounts", where);
    }
}

void checkDevices(Findings& findings, const Json& container, const std::string& path,
                  const PodScope& scope) {
    const JsonArray& devices = arrayAt(container, "volumeDevices");
    const JsonArray& mounts = arrayAt(container, "volumeMounts");
    std::vector<std::string_view> names, paths;
    for (std::size_t i = 0; i < devices.size(); ++i) {
        const std::string where = at(path + ".volumeDevices", i);
        const std::string_view name = stringAt(devices[i], "name"),
                               target = stringAt(devices[i], "devicePath");
        if (name.empty())
            findings.required(where + ".name");
        if (contains(names, name))
            findings.invalid(where + ".name", name, "must be unique");
        const Json* volume = volumeNamed(scope, name);
        if (volume && !find(*volume, "persistentVolumeClaim") && !find(*volume, "ephemeral"))
            findings.invalid(where + ".name", name,
                             "can only use volume source type of PersistentVolumeClaim or "
                             "Ephemeral for block mode");
        else if (!volume)
            findings.notFound(where + ".name", name);
        if (target.empty())
            findings.required(where + ".devicePath");
        else if (target.find("..") != std::string_view::npos)
            findings.invalid(where + ".devicePath", target, "can not contain backsteps ('..')");
        if (!target.empty() && contains(paths, target))
            findings.invalid(where + ".devicePath", target, "must be unique");
        if (anyNamed(mounts, "name", name))
            findings.invalid(where + ".name", name, "must not already exist in volumeMounts");
        if (anyNamed(mounts, "mountPath", target))
            findings.invalid(where + ".devicePath", target,
                             "must not already exist as a path in volumeMounts");
        names.push_back(name);
        paths.push_back(target);
    }
}

} // namespace orrery::api
