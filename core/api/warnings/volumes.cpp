// Volumes whose plugin is gone, and projections that write a file twice.
#include <algorithm>

#include "core/api/validation/findings.h"
#include "core/api/warnings/pod_spec.h"

namespace orrery::api {

namespace {
struct OldSource {
    std::string_view member, message;
};
constexpr OldSource kOldSources[] = {
    {"photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"},
    {"gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"},
    {"scaleIO", "deprecated in v1.16, non-functional in v1.22+"},
    {"flocker", "deprecated in v1.22, non-functional in v1.25+"},
    {"storageos", "deprecated in v1.22, non-functional in v1.25+"},
    {"quobyte", "deprecated in v1.22, non-functional in v1.25+"},
    {"glusterfs", "deprecated in v1.25, non-functional in v1.26+"},
    {"cephfs", "deprecated in v1.28, non-functional in v1.31+"},
    {"rbd", "deprecated in v1.28, non-functional in v1.31+"},
};

// A file that a volume writes, and from where.
struct VirtualPath {
    std::string path, source;
};

void addItems(std::vector<VirtualPath>& paths, const Json& holder, const std::string& source) {
    for (const Json& item : arrayAt(holder, "items"))
        paths.push_back({std::string(stringAt(item, "path")), source});
}

// "" when neither path is below the other.
std::string overlap(const VirtualPath& one, const VirtualPath& other) {
    const auto inside = [](const std::string& a, const std::string& b) {
        return a == b || a.starts_with(b + "/") || b.starts_with(a + "/");
    };
    if (!inside(one.path, other.path))
        return {};
    const auto told = [](const VirtualPath& each) {
        return quoted(each.path) + (each.source.empty() ? "" : " (" + each.source + ")");
    };
    return "overlapping paths: " + told(other) + " with " + told(one);
}

void warnOfOverlaps(Warnings& warnings, const std::string& volume,
                    const std::vector<VirtualPath>& paths) {
    for (std::size_t i = 0; i < paths.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (const std::string text = overlap(paths[j], paths[i]); !text.empty())
                warnings.push_back(volume + ": " + text);
}

std::vector<VirtualPath> projectedPaths(const Json& projected, bool& empty) {
    std::vector<VirtualPath> paths;
    empty = false;
    for (const Json& source : arrayAt(projected, "sources")) {
        bool known = false;
        for (const auto& [member, name] :
             {std::pair{"secret", "Secret"}, std::pair{"configMap", "ConfigMap"}})
            if (const Json* found = find(source, member)) {
                known = true;
                addItems(paths, *found, std::string(name) + " " + quoted(stringAt(*found, "name")));
            }
        if (const Json* found = find(source, "downwardAPI")) {
            known = true;
            addItems(paths, *found, "DownwardAPI");
        }
        if (const Json* found = find(source, "serviceAccountToken")) {
            known = true;
            paths.push_back({std::string(stringAt(*found, "path")), "ServiceAccountToken"});
        }
        empty = empty || !known;
    }
    return paths;
}

void warnOfFiles(Warnings& warnings, const Json& volume) {
    const std::string name = "volume " + quoted(stringAt(volume, "name"));
    std::vector<VirtualPath> paths;
    if (const Json* secret = find(volume, "secret")) {
        addItems(paths, *secret, "");
        warnOfOverlaps(warnings, name + " (Secret " + quoted(stringAt(*secret, "secretName")) + ")",
                       paths);
    } else if (const Json* map = find(volume, "configMap")) {
        addItems(paths, *map, "");
        warnOfOverlaps(warnings, name + " (ConfigMap " + quoted(stringAt(*map, "name")) + ")",
                       paths);
    } else if (const Json* fields = find(volume, "downwardAPI")) {
        addItems(paths, *fields, "");
        warnOfOverlaps(warnings, name + " (DownwardAPI)", paths);
    } else if (const Json* projected = find(volume, "projected")) {
        bool empty = false;
        paths = projectedPaths(*projected, empty);
        if (empty)
            warnings.push_back(name + " (Projected) has no sources provided");
        warnOfOverlaps(warnings, name + " (Projected)", paths);
    }
}
} // namespace

void warnOfVolumes(Warnings& warnings, const Json& spec, const std::string& specPath) {
    const JsonArray& volumes = arrayAt(spec, "volumes");
    for (std::size_t i = 0; i < volumes.size(); ++i)
        for (const OldSource& old : kOldSources)
            if (find(volumes[i], old.member))
                warnings.push_back(at(specPath + ".volumes", i) + "." + std::string(old.member) +
                                   ": " + std::string(old.message));
    for (const Json& volume : volumes)
        warnOfFiles(warnings, volume);
}

} // namespace orrery::api
