// A TLS secret whose texts are no PEM, as Go's tls package says it.
#include "core/api/validation/findings.h"
#include "core/api/warnings/pod_spec.h"
#include "core/base/base64.h"

namespace orrery::api {

namespace {
bool isKeyType(const std::string& type) {
    return type == "PRIVATE KEY" || std::string_view(type).ends_with(" PRIVATE KEY");
}

// The types of the PEM blocks of a text, up to the first that is wanted.
template <typename Wanted>
bool findBlock(std::string_view text, std::vector<std::string>& skipped, const Wanted& wanted) {
    constexpr std::string_view kBegin = "-----BEGIN ", kDashes = "-----";
    for (std::size_t from = text.find(kBegin); from != std::string_view::npos;
         from = text.find(kBegin, from + 1)) {
        const std::size_t name = from + kBegin.size(), end = text.find(kDashes, name);
        if (end == std::string_view::npos)
            return false;
        const std::string type(text.substr(name, end - name));
        if (text.find("-----END " + type + "-----", end) == std::string_view::npos)
            continue;
        if (wanted(type))
            return true;
        skipped.push_back(type);
    }
    return false;
}

std::string listed(const std::vector<std::string>& types) {
    std::string all;
    for (const std::string& type : types)
        all += (all.empty() ? "" : " ") + type;
    return "[" + all + "]";
}

std::string certificateWarning(std::string_view text) {
    std::vector<std::string> skipped;
    if (findBlock(text, skipped, [](const std::string& type) { return type == "CERTIFICATE"; }))
        return {};
    if (skipped.empty())
        return "tls: failed to find any PEM data in certificate input";
    if (skipped.size() == 1 && isKeyType(skipped[0]))
        return "tls: failed to find certificate PEM data in certificate input, but did find a "
               "private key; PEM inputs may have been switched";
    return "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM "
           "blocks of the following types: " +
           listed(skipped);
}

std::string keyWarning(std::string_view text) {
    std::vector<std::string> skipped;
    if (findBlock(text, skipped, isKeyType))
        return {};
    if (skipped.empty())
        return "tls: failed to find any PEM data in key input";
    if (skipped.size() == 1 && skipped[0] == "CERTIFICATE")
        return "tls: found a certificate rather than a key in the PEM for the private key";
    return "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after "
           "skipping PEM blocks of the following types: " +
           listed(skipped);
}

// Nothing when the secret lacks the entry, which validation tells.
Result<std::string> textOf(const Json& secret, std::string_view key) {
    const Json* entry = objectAt(secret, "data").if_contains(key);
    return fromBase64(entry ? asString(*entry) : std::string_view("!"));
}
} // namespace

Warnings secretWarnings(const Json& object, const Json*) {
    if (stringAt(object, "type") != "kubernetes.io/tls")
        return {};
    const auto certificate = textOf(object, "tls.crt"), key = textOf(object, "tls.key");
    if (!certificate || !key)
        return {};
    // DIVERGES: pairs that are PEM, but don't fit each other, are not looked into.
    std::string warning = certificateWarning(*certificate);
    if (warning.empty())
        warning = keyWarning(*key);
    return warning.empty() ? Warnings{} : Warnings{warning};
}

} // namespace orrery::api
