// Certificate signing requests.
#include <map>

#include "core/api/validation/findings.h"
#include "core/api/validation/internal_view.h"
#include "core/api/validation/pem.h"

namespace orrery::api {

namespace {
// What an older object had wrong, a newer version of it may keep.
struct Allowed {
    bool legacySigner = false, twinTypes = false, emptyType = false, bothDecisions = false;
    bool twinUsages = false, unknownUsages = false, certificate = false;
};

const std::vector<std::string_view> kUsages = {"any",
                                               "cert sign",
                                               "client auth",
                                               "code signing",
                                               "content commitment",
                                               "crl sign",
                                               "data encipherment",
                                               "decipher only",
                                               "digital signature",
                                               "email protection",
                                               "encipher only",
                                               "ipsec end system",
                                               "ipsec tunnel",
                                               "ipsec user",
                                               "key agreement",
                                               "key encipherment",
                                               "microsoft sgc",
                                               "netscape sgc",
                                               "ocsp signing",
                                               "s/mime",
                                               "server auth",
                                               "signing",
                                               "timestamping"};

bool knownUsage(const Json& usage) {
    return std::find(kUsages.begin(), kUsages.end(), asString(usage)) != kUsages.end();
}

// "example.com/signer-name": a domain of two labels at least, and a path of subdomains.
void checkSignerName(Findings& findings, std::string_view name) {
    constexpr std::size_t kDomainMax = 253, kNameMax = 253 + 1 + 253 + 1 + 63;
    const std::string path = "spec.signerName";
    if (name.empty())
        return findings.required(path);
    const std::size_t slash = name.find('/');
    if (slash == std::string_view::npos || name.find('/', slash + 1) != std::string_view::npos)
        return findings.invalid(path, name,
                                "must be a fully qualified domain and path of the form "
                                "'example.com/signer-name'");
    // The first label that is wrong speaks for the rest.
    const auto checkLabels = [&](std::string_view part, Sentences (*check)(std::string_view)) {
        std::string_view left = part;
        while (true) {
            const std::size_t dot = std::min(left.find('.'), left.size());
            const Sentences wrong = check(left.substr(0, dot));
            for (const std::string& sentence : wrong)
                findings.invalid(path, part,
                                 "validating label \"" + std::string(left.substr(0, dot)) +
                                     "\": " + sentence);
            if (!wrong.empty() || dot == left.size())
                return;
            left.remove_prefix(dot + 1);
        }
    };
    const std::string_view domain = name.substr(0, slash);
    if (domain.size() > kDomainMax)
        findings.tooLong(path, kDomainMax);
    checkLabels(domain, checkDns1123Label);
    if (domain.find('.') == std::string_view::npos)
        findings.invalid(path, domain,
                         "should be a domain with at least two segments separated by dots");
    checkLabels(name.substr(slash + 1), checkDns1123Subdomain);
    if (name.size() > kNameMax)
        findings.tooLong(path, kNameMax);
}

void checkUsages(Findings& findings, const Json& spec, const Allowed& allowed) {
    if (arrayAt(spec, "usages").empty())
        findings.required("spec.usages");
    if (!allowed.unknownUsages)
        eachItem(spec, "usages", "spec", [&](const Json& usage, const std::string& path) {
            if (!knownUsage(usage))
                findings.notSupported(path, usage, kUsages);
        });
    Seen seen;
    if (!allowed.twinUsages)
        eachItem(spec, "usages", "spec", [&](const Json& usage, const std::string& path) {
            if (!seen.add(asString(usage)))
                findings.duplicate(path, usage);
        });
}

bool onlyTrue(std::string_view type) {
    return type == "Approved" || type == "Denied" || type == "Failed";
}

void checkRequestConditions(Findings& findings, const Json& object, const Allowed& allowed) {
    const std::string list = "status.conditions";
    Seen seen;
    eachItem(object, list, "", [&](const Json& condition, const std::string& path) {
        const std::string_view type = stringAt(condition, "type");
        if (type.empty() && !allowed.emptyType)
            findings.required(path + ".type");
        if (stringAt(condition, "status").empty())
            findings.required(path + ".status");
        else if (onlyTrue(type))
            checkOneOf(findings, condition, "status", path, {"True"});
        else
            checkOneOf(findings, condition, "status", path, {"False", "True", "Unknown"});
        const bool twin = !seen.add(type);
        const bool other = (type == "Approved" && seen.has("Denied")) ||
                           (type == "Denied" && seen.has("Approved"));
        if (other && !allowed.bothDecisions)
            findings.invalid(list, type, "Approved and Denied conditions are mutually exclusive");
        if (twin && !allowed.twinTypes)
            findings.duplicate(path + ".type", Json(type));
    });
}

void checkRequest(Findings& findings, const Json& object, const Allowed& allowed) {
    constexpr std::int64_t kSecondsMin = 600;
    const Json& spec = partOf(object, "spec");
    const std::string_view request = stringAt(spec, "request"),
                           signer = stringAt(spec, "signerName");
    if (const std::string wrong = requestError(request); !wrong.empty())
        findings.invalid("spec.request", request, wrong);
    checkUsages(findings, spec, allowed);
    if (!allowed.legacySigner && signer == "kubernetes.io/legacy-unknown")
        findings.invalid("spec.signerName", signer,
                         "the legacy signerName is not allowed via this API version");
    else
        checkSignerName(findings, signer);
    if (has(spec, "expirationSeconds") && intAt(spec, "expirationSeconds") < kSecondsMin)
        findings.invalid("spec.expirationSeconds", *find(spec, "expirationSeconds"),
                         "may not specify a duration less than 600 seconds (10 minutes)");
    checkRequestConditions(findings, object, allowed);
    if (allowed.certificate)
        return;
    if (const std::string wrong = certificateError(stringAt(object, "status.certificate"));
        !wrong.empty())
        findings.invalid("status.certificate", "<certificate data>", wrong);
}

void checkNewRequest(Findings& findings, const Json& object) {
    checkRequest(findings, object, {});
}

// --- updates -----------------------------------------------------------------------------------

JsonArray conditionsOf(const Json& object, std::string_view type) {
    JsonArray found;
    for (const Json& condition : arrayAt(object, "status.conditions"))
        if (stringAt(condition, "type") == type)
            found.push_back(condition);
    return found;
}

Allowed allowedBy(const Json& object, const Json& old) {
    Allowed allowed;
    Seen types, usages;
    for (const Json& condition : arrayAt(old, "status.conditions")) {
        const std::string_view type = stringAt(condition, "type");
        allowed.twinTypes = !types.add(type) || allowed.twinTypes;
        allowed.emptyType = type.empty() || allowed.emptyType;
    }
    allowed.bothDecisions = types.has("Approved") && types.has("Denied");
    for (const Json& usage : arrayAt(old, "spec.usages")) {
        allowed.twinUsages = !usages.add(asString(usage)) || allowed.twinUsages;
        allowed.unknownUsages = !knownUsage(usage) || allowed.unknownUsages;
    }
    allowed.legacySigner = stringAt(old, "spec.signerName") == "kubernetes.io/legacy-unknown";
    const std::string_view before = stringAt(old, "status.certificate");
    allowed.certificate =
        before == stringAt(object, "status.certificate") || !certificateError(before).empty();
    return allowed;
}

const InternalType kCondition = {
    {"Type", "type", Absent::Text},       {"Status", "status", Absent::Text},
    {"Reason", "reason", Absent::Text},   {"Message", "message", Absent::Text},
    {"LastUpdateTime", "lastUpdateTime"}, {"LastTransitionTime", "lastTransitionTime"}};

// Only an approver decides, and nobody takes a decision back.
void checkDecisions(Findings& findings, const Json& object, const Json& old, bool approves) {
    const std::string path = "status.conditions";
    const auto quoted = [](std::string_view type) { return "\"" + std::string(type) + "\""; };
    for (const std::string_view type : {"Approved", "Denied", "Failed"})
        if (conditionsOf(object, type).size() < conditionsOf(old, type).size())
            findings.forbidden(path, "updates may not remove a condition of type " + quoted(type));
    if (approves)
        return;
    for (const std::string_view type : {"Approved", "Denied"}) {
        const JsonArray now = conditionsOf(object, type), before = conditionsOf(old, type);
        if (now.size() > before.size())
            findings.forbidden(path, "updates may not add a condition of type " + quoted(type));
        else if (now.size() == before.size() && !sameValue(Json(now), Json(before)))
            findings.forbidden(path, "updates may not modify a condition of type " + quoted(type) +
                                         "\n" +
                                         diffText(internalView(Json(before), kCondition),
                                                  internalView(Json(now), kCondition)));
    }
}

void checkRequestUpdate(Findings& findings, const Json& object, const Json& old,
                        std::string_view subresource) {
    checkRequest(findings, object, allowedBy(object, old));
    checkDecisions(findings, object, old, subresource == "approval");
    const std::string_view now = stringAt(object, "status.certificate"),
                           before = stringAt(old, "status.certificate");
    if (now == before)
        return;
    if (subresource != "status")
        findings.forbidden("status.certificate", "updates may not set certificate content");
    else if (!before.empty())
        findings.forbidden("status.certificate", "updates may not modify existing certificate "
                                                 "content");
}
} // namespace

void addCertificateRules(std::vector<KindRules>& rules) {
    rules.push_back({"certificates.k8s.io", "CertificateSigningRequest", checkNewRequest,
                     checkRequestUpdate, false});
}

} // namespace orrery::api
