#include "app/why_command.h"

#include <cstdio>

#include "app/https_get.h"
#include "core/api/kind.h"
#include "core/base/base64.h"
#include "core/base/yaml.h"
#include "core/runtime/real/real_files.h"

namespace orrery::app {

namespace {
int fail(const std::string& message) {
    std::fprintf(stderr, "orrery why: %s\n", message.c_str());
    return 1;
}

// The entry `name` of a kubeconfig's list ("clusters", "users", "contexts").
const Json* entry(const Json& config, std::string_view list, std::string_view name) {
    for (const Json& item : arrayAt(config, list))
        if (stringAt(item, "name") == name)
            return &item;
    return nullptr;
}

// The PEM text that a kubeconfig carries as base64.
Result<std::string> pemAt(const Json& from, std::string_view path) {
    const Result<std::string> pem = fromBase64(stringAt(from, path));
    if (!pem)
        return badRequest(std::string(path) + ": " + pem.error().message);
    return *pem;
}

// The cluster of context "orrery", or of the current one.
Result<HttpsTarget> readTarget(const std::string& path) {
    RealFiles files;
    ORRERY_TRY_ASSIGN(const std::string text, files.read(path));
    ORRERY_TRY_ASSIGN(const std::vector<YamlDocument> documents, parseYaml(text));
    if (documents.empty())
        return badRequest(path + " is empty");
    const Json& config = documents.front().value;
    const Json* context = entry(config, "contexts", "orrery");
    if (!context)
        context = entry(config, "contexts", stringAt(config, "current-context"));
    const Json* cluster =
        context ? entry(config, "clusters", stringAt(*context, "context.cluster")) : nullptr;
    const Json* user =
        context ? entry(config, "users", stringAt(*context, "context.user")) : nullptr;
    if (!cluster || !user)
        return badRequest(
            path + " has no context \"orrery\": start Orrery once, or give --kubeconfig FILE");
    HttpsTarget target;
    target.url = std::string(stringAt(*cluster, "cluster.server"));
    ORRERY_TRY_ASSIGN(target.caPem, pemAt(*cluster, "cluster.certificate-authority-data"));
    ORRERY_TRY_ASSIGN(target.clientCertificatePem, pemAt(*user, "user.client-certificate-data"));
    ORRERY_TRY_ASSIGN(target.clientKeyPem, pemAt(*user, "user.client-key-data"));
    return target;
}

std::string escapeQuery(std::string_view text) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) || c == '-' || c == '.' || c == '_')
            out.push_back(c);
        else
            out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return out;
}

void print(const Json& chain) {
    for (const Json& link : arrayAt(chain, "links")) {
        const std::string object(stringAt(link, "object"));
        const std::string verb(stringAt(link, "verb"));
        const std::string because(stringAt(link, "because"));
        const std::string request(stringAt(link, "request"));
        std::string line = std::string(stringAt(link, "time")) + "  rev " +
                           std::to_string(intAt(link, "revision")) + "  " + object + " " + verb +
                           " by " + std::string(stringAt(link, "actor"));
        if (!because.empty())
            line += " because " + because;
        if (!request.empty())
            line += " (" + request + ")";
        std::puts(line.c_str());
    }
}
} // namespace

int runWhy(const Options& options) {
    const std::size_t slash = options.whyObject.find('/');
    const std::string kindName = options.whyObject.substr(0, slash);
    const api::KindRegistry kinds;
    const api::KindDef* kind = kinds.byUserName(kindName);
    if (!kind)
        return fail("there is no kind \"" + kindName + "\" (see kubectl api-resources)");
    const std::string path = options.kubeconfig.empty() ? userKubeconfigPath() : options.kubeconfig;
    const Result<HttpsTarget> target = readTarget(path);
    if (!target)
        return fail(target.error().message);
    std::string query = "/orrery/v1/why?group=" + escapeQuery(kind->group) +
                        "&version=" + kind->version + "&resource=" + kind->plural +
                        "&name=" + escapeQuery(options.whyObject.substr(slash + 1));
    if (kind->scope == api::Scope::Namespaced)
        query += "&namespace=" + escapeQuery(options.whyNamespace);
    const Result<HttpsAnswer> answer = httpsGet(*target, query);
    if (!answer)
        return fail(answer.error().message);
    const Result<Json> body = parseJson(answer->body);
    if (!body)
        return fail("the server's answer can't be read: " + body.error().message);
    if (answer->code != 200)
        return fail(std::string(stringAt(*body, "message", "the server refused")));
    print(*body);
    return 0;
}

} // namespace orrery::app
