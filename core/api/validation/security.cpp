// Security contexts of pods and containers.
#include <algorithm>

#include "core/api/go_internal.h"
#include "core/api/validation/container_parts.h"

namespace orrery::api {

namespace {
constexpr std::int64_t kIdMax = 2147483647;

void checkIds(Findings& findings, const Json& context, const std::string& path,
              std::initializer_list<std::string_view> members) {
    for (const std::string_view member : members) {
        const std::int64_t id = intAt(context, member);
        if (id < 0 || id > kIdMax)
            findings.invalid(path + "." + std::string(member), Json(id), rangeSentence(0, kIdMax));
    }
}

void checkSeccomp(Findings& findings, const Json& context, const std::string& parent) {
    const Json* profile = find(context, "seccompProfile");
    if (!profile)
        return;
    const std::string path = parent + ".seccompProfile";
    const std::string_view type = stringAt(*profile, "type");
    const Json* local = find(*profile, "localhostProfile");
    if (type == "Localhost") {
        if (!local || asString(*local).empty())
            findings.required(path + ".localhostProfile",
                              "must be set when seccomp type is Localhost");
        else
            checkLocalPath(findings, asString(*local), path + ".localhostProfile");
    } else if (local) {
        findings.invalid(path + ".localhostProfile", goInternal("SeccompProfile", *profile),
                         "can only be set when seccomp type is Localhost");
    }
    if (type.empty())
        findings.required(path + ".type", "type is required when seccompProfile is set");
    else
        checkOneOf(findings, *profile, "type", path, {"Localhost", "RuntimeDefault", "Unconfined"});
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n\v\f");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n\v\f") - first + 1);
}

void checkAppArmor(Findings& findings, const Json& context, const std::string& parent) {
    constexpr std::size_t kNameBytesMax = 4095;
    const Json* profile = find(context, "appArmorProfile");
    if (!profile)
        return;
    const std::string path = parent + ".appArmorProfile";
    const std::string_view type = stringAt(*profile, "type");
    const Json* local = find(*profile, "localhostProfile");
    if (type == "Localhost") {
        const std::string_view name = local ? asString(*local) : std::string_view();
        if (name.empty())
            findings.required(path + ".localhostProfile",
                              "must be set when AppArmor type is Localhost");
        else if (trimmed(name) != name)
            findings.invalid(path + ".localhostProfile", name,
                             "must not be padded with whitespace");
        else if (name.size() > kNameBytesMax)
            findings.tooLong(path + ".localhostProfile", kNameBytesMax);
    } else if (local) {
        findings.invalid(path + ".localhostProfile", *local,
                         "can only be set when AppArmor type is Localhost");
    }
    if (type.empty())
        findings.required(path + ".type", "type is required when appArmorProfile is set");
    else
        checkOneOf(findings, *profile, "type", path, {"Localhost", "RuntimeDefault", "Unconfined"});
}

// --- Windows -------------------------------------------------------------------------------------

void checkWindowsUser(Findings& findings, std::string_view name, const std::string& path) {
    constexpr std::size_t kDomainMax = 256, kUserMax = 104;
    constexpr std::string_view kBad = "\"/\\:;|=,+*?<>@[]";
    const auto control = [](char c) { return (c >= 0 && c < 32) || c == 127; };
    if (name.empty())
        return findings.invalid(path, name, "runAsUserName cannot be an empty string");
    if (std::any_of(name.begin(), name.end(), control))
        findings.invalid(path, name, "runAsUserName cannot contain control characters");
    const std::size_t slash = name.find('\\');
    if (slash != name.rfind('\\'))
        return findings.invalid(path, name, "runAsUserName cannot contain more than one backslash");
    const bool hasDomain = slash != std::string_view::npos;
    const std::string_view domain = hasDomain ? name.substr(0, slash) : std::string_view(),
                           user = hasDomain ? name.substr(slash + 1) : name;
    if (hasDomain) {
        if (domain.size() >= kDomainMax)
            findings.invalid(path, name,
                             "runAsUserName's Domain length must be under 256 characters");
        const bool good = !domain.empty() && domain.front() != '.' && domain.back() != '.' &&
                          domain.find_first_of("\"/:*?<>|") == std::string_view::npos;
        if (!good)
            findings.invalid(path, name,
                             "runAsUserName's Domain doesn't match the NetBios nor the DNS format");
    }
    if (user.empty())
        findings.invalid(path, name, "runAsUserName's User cannot be empty");
    else if (user.size() > kUserMax)
        findings.invalid(path, name,
                         "runAsUserName's User length must not be longer than 104 characters");
    if (!user.empty() &&
        std::all_of(user.begin(), user.end(), [](char c) { return c == '.' || c == ' '; }))
        findings.invalid(path, name, "runAsUserName's User cannot contain only periods or spaces");
    if (user.find_first_of(kBad) != std::string_view::npos)
        findings.invalid(path, name,
                         "runAsUserName's User cannot contain the following characters: " +
                             std::string(kBad));
}

void checkWindowsOptions(Findings& findings, const Json& context, const std::string& parent) {
    constexpr std::size_t kSpecBytesMax = 64 * 1024;
    const Json* options = find(context, "windowsOptions");
    if (!options)
        return;
    const std::string path = parent + ".windowsOptions";
    if (const Json* name = find(*options, "gmsaCredentialSpecName"))
        findings.each(path + ".gmsaCredentialSpecName", asString(*name),
                      checkDns1123Subdomain(asString(*name)));
    if (const Json* given = find(*options, "gmsaCredentialSpec")) {
        const std::string_view text = asString(*given);
        if (text.empty())
            findings.invalid(path + ".gmsaCredentialSpec", text,
                             "gmsaCredentialSpec cannot be an empty string");
        else if (text.size() > kSpecBytesMax)
            findings.invalid(path + ".gmsaCredentialSpec", text,
                             "gmsaCredentialSpec size must be under 64 KiB");
    }
    if (const Json* user = find(*options, "runAsUserName"))
        checkWindowsUser(findings, asString(*user), path + ".runAsUserName");
}

// --- sysctls -------------------------------------------------------------------------------------

bool isSysctlName(std::string_view name) {
    constexpr std::size_t kMax = 253;
    if (name.empty() || name.size() > kMax)
        return false;
    const auto end = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    for (std::size_t start = 0; start <= name.size();) {
        const std::size_t stop = std::min(name.find_first_of("./", start), name.size());
        const std::string_view part = name.substr(start, stop - start);
        if (part.empty() || !end(part.front()) || !end(part.back()) ||
            !std::all_of(part.begin(), part.end(),
                         [&](char c) { return end(c) || c == '-' || c == '_'; }))
            return false;
        start = stop + 1;
    }
    return true;
}

// "a/b.c" and "a.b/c" are the same: the first separator says which one separates.
std::string dotted(std::string_view name) {
    std::string out(name);
    const std::size_t first = name.find_first_of("./");
    if (first == std::string_view::npos || name[first] == '.')
        return out;
    for (char& c : out)
        c = c == '/' ? '.' : c == '.' ? '/' : c;
    return out;
}

void checkSysctls(Findings& findings, const Json& context, const Json& spec,
                  const std::string& parent) {
    const JsonArray& sysctls = arrayAt(context, "sysctls");
    std::vector<std::string> names;
    for (std::size_t i = 0; i < sysctls.size(); ++i) {
        const std::string path = at(parent + ".sysctls", i) + ".name";
        const std::string_view name = stringAt(sysctls[i], "name");
        if (name.empty()) {
            findings.required(path);
        } else if (!isSysctlName(name)) {
            findings.invalid(path, name,
                             "must have at most 253 characters and match regex "
                             "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*"
                             "[a-z0-9]([-_a-z0-9]*[a-z0-9])?$");
        } else if (std::find(names.begin(), names.end(), name) != names.end()) {
            findings.duplicate(path, Json(name));
        }
        names.emplace_back(name);
        const std::string plain = dotted(name);
        if (boolAt(spec, "hostNetwork") && plain.starts_with("net."))
            findings.invalid(path, name, "may not be specified when 'hostNetwork' is true");
        if (boolAt(spec, "hostIPC") &&
            (plain.starts_with("kernel.shm") || plain.starts_with("kernel.msg") ||
             plain == "kernel.sem" || plain.starts_with("fs.mqueue.")))
            findings.invalid(path, name, "may not be specified when 'hostIPC' is true");
    }
}
} // namespace

void checkContainerSecurity(Findings& findings, const Json& container, const Json& spec,
                            const std::string& parent) {
    const Json* context = find(container, "securityContext");
    if (!context)
        return;
    const std::string path = parent + ".securityContext";
    checkIds(findings, *context, path, {"runAsUser", "runAsGroup"});
    if (const Json* mount = find(*context, "procMount")) {
        checkOneOf(findings, *context, "procMount", path, {"Default", "Unmasked"});
        if (asString(*mount) == "Unmasked" && boolAt(spec, "hostUsers", true))
            findings.invalid(path + ".procMount", *mount,
                             "`hostUsers` must be false to use `Unmasked`");
    }
    checkSeccomp(findings, *context, path);
    if (find(*context, "allowPrivilegeEscalation") &&
        !boolAt(*context, "allowPrivilegeEscalation")) {
        if (boolAt(*context, "privileged"))
            findings.invalid(
                path, goInternal("SecurityContext", *context),
                "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        for (const Json& capability : arrayAt(*context, "capabilities.add"))
            if (asString(capability) == "CAP_SYS_ADMIN")
                findings.invalid(path, goInternal("SecurityContext", *context),
                                 "cannot set `allowPrivilegeEscalation` to false and "
                                 "`capabilities.Add` CAP_SYS_ADMIN");
    }
    checkWindowsOptions(findings, *context, path);
    checkAppArmor(findings, *context, path);
}

void checkPodSecurity(Findings& findings, const Json& spec, const std::string& specPath) {
    const Json* context = find(spec, "securityContext");
    const std::string path = specPath + ".securityContext";
    if (boolAt(spec, "hostPID") && boolAt(spec, "shareProcessNamespace"))
        findings.invalid(path + ".shareProcessNamespace", Json(true),
                         "ShareProcessNamespace and HostPID cannot both be enabled");
    if (!context)
        return;
    checkIds(findings, *context, path, {"fsGroup", "runAsUser", "runAsGroup"});
    const JsonArray& groups = arrayAt(*context, "supplementalGroups");
    for (std::size_t i = 0; i < groups.size(); ++i)
        if (const std::int64_t id = groups[i].is_int64() ? groups[i].get_int64() : 0;
            id < 0 || id > kIdMax)
            findings.invalid(at(path + ".supplementalGroups", i), Json(id),
                             rangeSentence(0, kIdMax));
    checkSysctls(findings, *context, spec, path);
    checkOneOf(findings, *context, "fsGroupChangePolicy", path, {"Always", "OnRootMismatch"});
    checkOneOf(findings, *context, "supplementalGroupsPolicy", path, {"Merge", "Strict"});
    checkSeccomp(findings, *context, path);
    checkWindowsOptions(findings, *context, path);
    checkAppArmor(findings, *context, path);
    checkOneOf(findings, *context, "seLinuxChangePolicy", path, {"Recursive"});
}

} // namespace orrery::api
