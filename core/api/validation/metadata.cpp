// metadata: names, labels, annotations, owners, finalizers, and what an update may not change.
#include "core/api/validation/addresses.h"
#include "core/api/validation/findings.h"

namespace orrery::api {

namespace {
constexpr std::size_t kAnnotationBytesMax = 256 * 1024;
constexpr std::string_view kStandardFinalizers[] = {"kubernetes", "orphan", "foregroundDeletion"};

std::string lowered(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
}

void checkAnnotations(Findings& findings, const Json& metadata, const std::string& path) {
    std::size_t bytes = 0;
    for (const auto& [key, value] : objectAt(metadata, "annotations")) {
        const std::string_view name(key.data(), key.size());
        findings.each(path, name, checkQualifiedName(lowered(name)));
        bytes += name.size() + asString(value).size();
    }
    if (bytes > kAnnotationBytesMax)
        findings.tooLong(path, kAnnotationBytesMax);
}

void checkOwner(Findings& findings, const Json& owner, const std::string& path) {
    const std::string_view version = stringAt(owner, "apiVersion");
    if (version.empty() || std::count(version.begin(), version.end(), '/') > 1)
        findings.invalid(path + ".apiVersion", version, "version must not be empty");
    for (const std::string_view member : {"kind", "name", "uid"})
        if (stringAt(owner, member).empty())
            findings.invalid(path + "." + std::string(member), "", "must not be empty");
    if (stringAt(owner, "kind") == "Event" && (version == "v1" || version == "events.k8s.io/v1")) {
        const std::string group = version == "v1" ? "" : "events.k8s.io";
        findings.invalid(path, owner, group + "/v1, Kind=Event is disallowed from being an owner");
    }
}

void checkOwners(Findings& findings, const Json& metadata, const std::string& path) {
    const JsonArray& owners = arrayAt(metadata, "ownerReferences");
    std::string first;
    for (const Json& owner : owners) {
        checkOwner(findings, owner, path);
        if (!boolAt(owner, "controller"))
            continue;
        const std::string text =
            std::string(stringAt(owner, "kind")) + "/" + std::string(stringAt(owner, "name"));
        if (first.empty())
            first = text;
        else
            findings.invalid(path, Json(owners),
                             "Only one reference can have Controller set to true. Found \"true\" "
                             "in references for " +
                                 first + " and " + text);
    }
}

void checkFinalizers(Findings& findings, const Json& metadata, const std::string& path) {
    bool orphan = false, foreground = false;
    for (const Json& finalizer : arrayAt(metadata, "finalizers")) {
        const std::string_view name = asString(finalizer);
        findings.each(path, name, checkQualifiedName(name));
        orphan = orphan || name == "orphan";
        foreground = foreground || name == "foregroundDeletion";
    }
    if (orphan && foreground)
        findings.invalid(path, Json(arrayAt(metadata, "finalizers")),
                         "finalizer orphan and foregroundDeletion cannot be both set");
}

// The stricter rule of the built-in kinds.
void checkKubeFinalizers(Findings& findings, const Json& metadata, const std::string& path) {
    const JsonArray& finalizers = arrayAt(metadata, "finalizers");
    for (std::size_t i = 0; i < finalizers.size(); ++i) {
        const std::string_view name = asString(finalizers[i]);
        const bool standard =
            std::find(std::begin(kStandardFinalizers), std::end(kStandardFinalizers), name) !=
            std::end(kStandardFinalizers);
        if (name.find('/') == std::string_view::npos && !standard)
            findings.invalid(at(path, i), name,
                             "name is neither a standard finalizer name nor is it fully qualified");
    }
}

// generateName may end with "-" or ".", because a suffix follows.
std::string masked(std::string_view prefix) {
    std::string text(prefix);
    if (text.size() > 1 && text.back() == '-')
        text.back() = 'a';
    return text;
}

const Json& metadataOf(const Json& object) {
    static const Json kNone;
    const Json* metadata = find(object, "metadata");
    return metadata ? *metadata : kNone;
}

void checkShared(Findings& findings, const Json& metadata, const std::string& path) {
    checkLabels(findings, find(metadata, "labels"), path + ".labels");
    checkAnnotations(findings, metadata, path + ".annotations");
    checkOwners(findings, metadata, path + ".ownerReferences");
}
} // namespace

NameCheck nameCheckOf(const KindDef& kind) {
    struct Row {
        std::string_view kind;
        NameCheck check;
    };
    // Core's events, API services (whose rules look at the name) and certificate requests: whatever
    // fits a path.
    if (kind.custom)
        return checkDns1123Subdomain;
    if ((kind.kind == "Event" && kind.group.empty()) || kind.kind == "APIService" ||
        kind.kind == "CertificateSigningRequest")
        return checkPathSegmentName;
    static constexpr Row kRows[] = {
        {"Namespace", checkDns1123Label},
        {"Service", checkDns1123Label},
        {"StatefulSet", checkDns1123Label},
        {"IPAddress", checkCanonicalIp},
        {"PodDisruptionBudget", checkPathSegmentName},
        {"Role", checkPathSegmentName},
        {"ClusterRole", checkPathSegmentName},
        {"RoleBinding", checkPathSegmentName},
        {"ClusterRoleBinding", checkPathSegmentName},
    };
    for (const Row& row : kRows)
        if (row.kind == kind.kind)
            return row.check;
    return checkDns1123Subdomain;
}

void checkMetadata(Findings& findings, const Json& object, bool namespaced, NameCheck check,
                   const std::string& path, bool kubeFinalizers) {
    const Json& metadata = metadataOf(object);
    const std::string_view name = stringAt(metadata, "name"),
                           prefix = stringAt(metadata, "generateName");
    if (!prefix.empty())
        findings.each(path + ".generateName", prefix, check(masked(prefix)));
    if (name.empty())
        findings.required(path + ".name", "name or generateName is required");
    else
        findings.each(path + ".name", name, check(name));
    const std::string_view space = stringAt(metadata, "namespace");
    if (namespaced && space.empty())
        findings.required(path + ".namespace");
    else if (namespaced)
        findings.each(path + ".namespace", space, checkDns1123Label(space));
    else if (!space.empty())
        findings.forbidden(path + ".namespace", "not allowed on this type");
    if (intAt(metadata, "generation") < 0)
        findings.invalid(path + ".generation", *find(metadata, "generation"), kNotNegative);
    checkShared(findings, metadata, path);
    checkFinalizers(findings, metadata, path + ".finalizers");
    if (kubeFinalizers)
        checkKubeFinalizers(findings, metadata, path + ".finalizers");
}

void checkMetadataUpdate(Findings& findings, const Json& object, const Json& old,
                         bool kubeFinalizers) {
    const std::string path = "metadata";
    const Json &now = metadataOf(object), &before = metadataOf(old);
    if (find(before, "deletionTimestamp")) {
        std::string fresh;
        const JsonArray& had = arrayAt(before, "finalizers");
        for (const Json& finalizer : arrayAt(now, "finalizers"))
            if (std::find(had.begin(), had.end(), finalizer) == had.end())
                fresh += (fresh.empty() ? "" : ", ") + serializeJson(finalizer);
        if (!fresh.empty())
            findings.forbidden(path + ".finalizers", "no new finalizers can be added if the object "
                                                     "is being deleted, found new finalizers "
                                                     "[]string{" +
                                                         fresh + "}");
    }
    for (const std::string_view member : {"name", "namespace", "uid", "creationTimestamp",
                                          "deletionTimestamp", "deletionGracePeriodSeconds"}) {
        static const Json kNull;
        const Json *value = find(now, member), *had = find(before, member);
        if ((value ? *value : kNull) != (had ? *had : kNull))
            findings.invalid(path + "." + std::string(member), value ? *value : kNull, kImmutable);
    }
    checkShared(findings, now, path);
    if (kubeFinalizers)
        checkKubeFinalizers(findings, now, path + ".finalizers");
}

} // namespace orrery::api
