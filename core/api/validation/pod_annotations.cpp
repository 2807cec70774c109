// Annotations that mean something to pods.
#include "core/api/validation/container_parts.h"
#include "core/api/validation/pod_update.h"

namespace orrery::api {

namespace {
constexpr std::string_view kMirror = "kubernetes.io/config.mirror";
constexpr std::string_view kCost = "controller.kubernetes.io/pod-deletion-cost";
constexpr std::string_view kTolerations = "scheduler.alpha.kubernetes.io/tolerations";
constexpr std::string_view kSeccompPod = "seccomp.security.alpha.kubernetes.io/pod";
constexpr std::string_view kSeccompPrefix = "container.seccomp.security.alpha.kubernetes.io/";
constexpr std::string_view kArmorPrefix = "container.apparmor.security.beta.kubernetes.io/";

const Json* annotationOf(const Json& annotations, std::string_view key) {
    const JsonObject* object = annotations.if_object();
    return object ? object->if_contains(key) : nullptr;
}

// A 32-bit integer without a plus sign or leading zeros.
bool isCost(std::string_view text) {
    std::string_view digits = text;
    if (digits.starts_with('-'))
        digits.remove_prefix(1);
    if (digits.empty() || digits.size() > 10 || (digits.size() > 1 && digits[0] == '0') ||
        !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return false;
    const std::int64_t value = std::strtoll(std::string(text).c_str(), nullptr, 10);
    return value >= INT32_MIN && value <= INT32_MAX;
}

void checkTolerationsText(Findings& findings, std::string_view text, const std::string& path) {
    if (text.empty() || parseJson(text))
        return;
    findings.invalid(path, kTolerations,
                     std::string("invalid character '") + text[0] +
                         "' looking for beginning of value");
}

void checkSeccompProfile(Findings& findings, std::string_view profile, const std::string& path) {
    constexpr std::string_view kLocal = "localhost/";
    if (profile == "runtime/default" || profile == "docker/default" || profile == "unconfined")
        return;
    if (profile.starts_with(kLocal))
        return checkLocalPath(findings, profile.substr(kLocal.size()), path);
    findings.invalid(path, profile, "must be a valid seccomp profile");
}

bool hasContainer(const Json& spec, std::string_view name) {
    for (const char* list : {"containers", "initContainers", "ephemeralContainers"})
        if (anyNamed(arrayAt(spec, list), "name", name))
            return true;
    return false;
}

void checkArmor(Findings& findings, std::string_view key, std::string_view profile,
                const Json& spec, const std::string& path) {
    const std::string_view container = key.substr(kArmorPrefix.size());
    if (!hasContainer(spec, container))
        findings.invalid(path, container, "container not found");
    if (!profile.empty() && profile != "runtime/default" && profile != "unconfined" &&
        !profile.starts_with("localhost/"))
        findings.invalid(path, profile,
                         "invalid AppArmor profile name: " + serializeJson(Json(profile)));
}

// "runtime/default" as a field's type says it.
std::string_view typeOfAnnotation(std::string_view profile) {
    if (profile == "runtime/default" || profile == "docker/default")
        return "RuntimeDefault";
    if (profile == "unconfined")
        return "Unconfined";
    return profile.starts_with("localhost/") ? "Localhost" : "";
}

void checkAgrees(Findings& findings, const Json& context, const char* member,
                 std::string_view annotation, const std::string& path, const std::string& what) {
    const Json* profile = find(context, member);
    if (!profile)
        return;
    const std::string where = path + ".securityContext." + member;
    const std::string_view type = typeOfAnnotation(annotation);
    if (!type.empty() && stringAt(*profile, "type") != type)
        findings.forbidden(where + ".type", what + " type in annotation and field must match");
    else if (type == "Localhost" && stringAt(*profile, "localhostProfile") !=
                                        annotation.substr(std::string_view("localhost/").size()))
        findings.forbidden(where + ".localhostProfile",
                           what + " profile in annotation and field must match");
}
} // namespace

void checkPodAnnotations(Findings& findings, const Json& annotations, const Json& spec,
                         const std::string& path) {
    const JsonObject* object = annotations.if_object();
    if (!object || object->empty())
        return;
    const Json* mirror = annotationOf(annotations, kMirror);
    if (mirror && stringAt(spec, "nodeName").empty())
        findings.invalid(keyed(path, kMirror), *mirror,
                         "must set spec.nodeName if mirror pod annotation is set");
    if (const Json* text = annotationOf(annotations, kTolerations))
        checkTolerationsText(findings, asString(*text), path);
    if (const Json* cost = annotationOf(annotations, kCost); cost && !isCost(asString(*cost)))
        findings.invalid(keyed(path, kCost), *cost, "must be a 32bit integer");
    for (const auto& member : *object) {
        const std::string_view key(member.key().data(), member.key().size());
        if (key == kSeccompPod || key.starts_with(kSeccompPrefix))
            checkSeccompProfile(findings, asString(member.value()), path + "." + std::string(key));
        else if (key.starts_with(kArmorPrefix))
            checkArmor(findings, key, asString(member.value()), spec, keyed(path, key));
    }
}

void checkProfilesAgree(Findings& findings, const Json& pod) {
    static const Json kNone = JsonObject();
    const JsonObject& annotations = objectAt(pod, "metadata.annotations");
    if (annotations.empty())
        return;
    const Json* spec = find(pod, "spec");
    const Json* podContext = spec ? find(*spec, "securityContext") : nullptr;
    if (const Json* text = annotations.if_contains(kSeccompPod); text && podContext)
        checkAgrees(findings, *podContext, "seccompProfile", asString(*text), "spec", "seccomp");
    for (const char* list : {"initContainers", "containers", "ephemeralContainers"}) {
        const JsonArray& containers = arrayAt(spec ? *spec : kNone, list);
        for (std::size_t i = 0; i < containers.size(); ++i) {
            const std::string name(stringAt(containers[i], "name"));
            const std::string path = at(std::string("spec.") + list, i);
            const Json* context = find(containers[i], "securityContext");
            if (!context)
                continue;
            if (const Json* text = annotations.if_contains(std::string(kSeccompPrefix) + name))
                checkAgrees(findings, *context, "seccompProfile", asString(*text), path, "seccomp");
            if (const Json* text = annotations.if_contains(std::string(kArmorPrefix) + name))
                checkAgrees(findings, *context, "appArmorProfile", asString(*text), path,
                            "apparmor");
        }
    }
}

void checkPodAnnotationsUpdate(Findings& findings, const Json& pod, const Json& old) {
    static const Json kNone = JsonObject();
    const std::string path = "metadata.annotations";
    const JsonObject &now = objectAt(pod, path), &before = objectAt(old, path);
    const auto ownOf = [](std::string_view key) {
        return key.starts_with(kArmorPrefix) || key == kMirror;
    };
    const auto named = [](std::string_view key) {
        return key == kMirror ? "mirror pod annotation" : "AppArmor annotations";
    };
    for (const auto& member : before) {
        const std::string_view key(member.key().data(), member.key().size());
        const Json* kept = now.if_contains(key);
        if (ownOf(key) && (!kept || *kept != member.value()))
            findings.forbidden(keyed(path, key),
                               std::string("may not remove or update ") + named(key));
    }
    for (const auto& member : now) {
        const std::string_view key(member.key().data(), member.key().size());
        if (ownOf(key) && !before.contains(key))
            findings.forbidden(keyed(path, key), std::string("may not add ") + named(key));
    }
    const Json* spec = find(pod, "spec");
    checkPodAnnotations(findings, Json(now), spec ? *spec : kNone, path);
}

} // namespace orrery::api
