// Bodies of custom kinds say their kind and version themselves; what is said of wrong ones.
#include <algorithm>

#include "core/api/validation/validation.h"
#include "core/apiserver/registry.h"
#include "core/apiserver/status.h"

namespace orrery::apiserver {

namespace {
// The beginning of a body, as Kubernetes quotes it.
std::string summary(const std::string& body) {
    constexpr std::size_t kMax = 30;
    return body.substr(0, kMax) + (body.size() > kMax ? " ..." : "");
}

Error lacks(const Call& call, const api::KindDef& kind, const char* what) {
    const std::string body = call.bodyText.empty() ? serializeJson(*call.body) : call.bodyText;
    return badRequest("the object provided is unrecognized (must be of type " + kind.kind +
                      "): Object '" + what + "' is missing in '" + body + "' (" + summary(body) +
                      ")");
}

// A version that has no schema knows no field at all.
void warnOfAllFields(Call& call) {
    std::vector<std::string> unknown;
    for (const auto& member : call.body->get_object()) {
        const std::string key(member.key());
        if (key != "apiVersion" && key != "kind" && key != "metadata")
            unknown.push_back("unknown field \"" + key + "\"");
    }
    std::sort(unknown.begin(), unknown.end());
    for (std::string& text : unknown)
        call.warnings.push_back(std::move(text));
}
} // namespace

Result<void> refuseOfTerminating(const ServerCore& core, const Call& call) {
    if (!call.kind->custom || !core.customKinds.terminating(*call.kind))
        return {};
    Error error = methodNotAllowed();
    error.message = "create not allowed while custom resource definition is terminating";
    return error;
}

Result<void> checkCustomBody(Call& call, const api::KindDef& kind) {
    const Json& body = *call.body;
    const std::string name(stringAt(body, "kind")), apiVersion(stringAt(body, "apiVersion"));
    if (name.empty())
        return lacks(call, kind, "Kind");
    if (apiVersion.empty())
        return lacks(call, kind, "apiVersion");
    if (apiVersion != kind.apiVersion()) {
        const bool known = std::any_of(
            kind.versions.begin(), kind.versions.end(),
            [&](const api::KindDef* version) { return version->apiVersion() == apiVersion; });
        if (!known && call.options.fieldValidation == api::FieldValidation::Warn)
            warnOfAllFields(call);
        return badRequest("the API version in the data (" + apiVersion +
                          ") does not match the expected API version (" + kind.apiVersion() + ")");
    }
    if (name == kind.kind)
        return {};
    const std::string object(stringAt(body, "metadata.name"));
    return api::invalid(
        kind.group, name, object,
        {StatusCause{"FieldValueInvalid", "Invalid value: \"" + name + "\": must be " + kind.kind,
                     "kind"}});
}

} // namespace orrery::apiserver
