// Webhook configurations.
#include "core/api/validation/admission_parts.h"

namespace orrery::api {

namespace {
constexpr std::string_view kGroup = "admissionregistration.k8s.io";

bool contains(const JsonArray& list, std::string_view text) {
    return std::any_of(list.begin(), list.end(),
                       [text](const Json& item) { return asString(item) == text; });
}

// "pods", "pods/log", "*", "*/*", ... without two that say the same.
void checkResources(Findings& findings, const Json& rule, const std::string& path) {
    const JsonArray& resources = arrayAt(rule, "resources");
    const std::string list = path + ".resources";
    if (resources.empty())
        findings.required(list);
    Seen wholeResources, wholeSubresources; // of "pods/*" and "*/log"
    bool everything = false, all = false, plain = false;
    eachItem(rule, "resources", path, [&](const Json& item, const std::string& where) {
        const std::string_view text = asString(item);
        if (text.empty())
            return findings.required(where);
        everything = everything || text == "*/*";
        all = all || text == "*";
        const std::size_t slash = text.find('/');
        if (slash == std::string_view::npos) {
            plain = text != "*";
            return;
        }
        const std::string resource(text.substr(0, slash)), sub(text.substr(slash + 1));
        if (wholeResources.has(resource))
            findings.invalid(where, text,
                             "if '" + resource + "/*' is present, must not specify " +
                                 std::string(text));
        if (wholeSubresources.has(sub))
            findings.invalid(where, text,
                             "if '*/" + sub + "' is present, must not specify " +
                                 std::string(text));
        if (sub == "*")
            wholeResources.add(resource);
        if (resource == "*")
            wholeSubresources.add(sub);
    });
    if (resources.size() > 1 && everything)
        findings.invalid(list, Json(resources),
                         "if '*/*' is present, must not specify other resources");
    if (all && plain)
        findings.invalid(
            list, Json(resources),
            "if '*' is present, must not specify other resources without subresources");
}

void checkStarred(Findings& findings, const Json& rule, std::string_view member,
                  const std::string& path, std::string_view what) {
    const JsonArray& list = arrayAt(rule, member);
    const std::string where = path + "." + std::string(member);
    if (list.empty())
        findings.required(where);
    if (list.size() > 1 && contains(list, "*"))
        findings.invalid(where, Json(list),
                         "if '*' is present, must not specify other " + std::string(what));
}

struct ParsedUrl {
    std::string_view scheme, host, user, query, fragment;
    bool hasUser = false;
};

ParsedUrl parseUrl(std::string_view text) {
    ParsedUrl url;
    if (const std::size_t hash = text.find('#'); hash != std::string_view::npos) {
        url.fragment = text.substr(hash + 1);
        text = text.substr(0, hash);
    }
    const std::size_t colon = text.find(':');
    const bool schemed =
        colon != std::string_view::npos && colon > 0 && text.find_first_of("/?") > colon;
    if (schemed) {
        url.scheme = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    if (const std::size_t mark = text.find('?'); mark != std::string_view::npos) {
        url.query = text.substr(mark + 1);
        text = text.substr(0, mark);
    }
    if (!text.starts_with("//"))
        return url;
    text.remove_prefix(2);
    text = text.substr(0, text.find('/'));
    if (const std::size_t sign = text.rfind('@'); sign != std::string_view::npos) {
        url.hasUser = true;
        url.user = text.substr(0, sign);
        text.remove_prefix(sign + 1);
    }
    url.host = text;
    return url;
}

// "1.2.3.4:https" and the like: what Go's parser refuses.
std::string urlError(std::string_view text) {
    const bool control = std::any_of(text.begin(), text.end(),
                                     [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; });
    const std::string lead = "parse " + serializeJson(Json(text)) + ": ";
    if (control)
        return lead + "net/url: invalid control character in URL";
    if (text.starts_with(':'))
        return lead + "missing protocol scheme";
    const ParsedUrl url = parseUrl(text);
    const std::size_t colon = url.host.rfind(':');
    if (url.scheme.empty() &&
        text.substr(0, text.find_first_of("/?#")).find(':') != std::string_view::npos)
        return lead + "first path segment in URL cannot contain colon";
    if (colon == std::string_view::npos || url.host.ends_with(']'))
        return {};
    const std::string_view port = url.host.substr(colon + 1);
    if (!std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return lead + "invalid port " + serializeJson(Json(url.host.substr(colon))) + " after host";
    return {};
}

void checkClient(Findings& findings, const Json& webhook, const std::string& path) {
    const Json& client = partOf(webhook, "clientConfig");
    if (has(client, "url") == has(client, "service"))
        return findings.required(path + ".clientConfig",
                                 "exactly one of url or service is required");
    if (has(client, "url"))
        checkWebhookUrl(findings, stringAt(client, "url"), path + ".clientConfig.url");
    else
        checkWebhookService(findings, *find(client, "service"), path + ".clientConfig.service");
}

// What an older configuration had wrong, newer versions of it may keep.
struct Allowed {
    bool matchConditions = false, sideEffects = false, reviewVersions = false, twins = false;
};

const std::vector<std::string_view> kNoEffects = {"None", "NoneOnDryRun"};

void checkSideEffects(Findings& findings, const Json& webhook, const std::string& path,
                      const Allowed& allowed) {
    static const std::vector<std::string_view> kAll = {"None", "NoneOnDryRun", "Some", "Unknown"};
    const auto& classes = allowed.sideEffects ? kAll : kNoEffects;
    std::string names;
    for (const std::string_view name : classes)
        names += (names.empty() ? "" : ", ") + std::string(name);
    if (!has(webhook, "sideEffects"))
        findings.required(path + ".sideEffects", "must specify one of " + names);
    else
        checkOneOf(findings, webhook, "sideEffects", path, classes);
}

void checkReviewVersions(Findings& findings, const Json& webhook, const std::string& path,
                         const Allowed& allowed) {
    const JsonArray& versions = arrayAt(webhook, "admissionReviewVersions");
    const std::string list = path + ".admissionReviewVersions";
    if (versions.empty())
        return findings.required(list, "must specify one of v1, v1beta1");
    Seen seen;
    bool known = allowed.reviewVersions;
    eachItem(webhook, "admissionReviewVersions", path,
             [&](const Json& item, const std::string& where) {
                 const std::string_view version = asString(item);
                 if (!seen.add(version))
                     return findings.invalid(where, version, "duplicate version");
                 findings.each(where, version, checkDns1035Label(version));
                 known = known || version == "v1" || version == "v1beta1";
             });
    if (!known)
        findings.invalid(list, Json(versions), "must include at least one of v1, v1beta1");
}

void checkWebhook(Findings& findings, const Json& webhook, bool mutating, const std::string& path,
                  const Allowed& allowed) {
    constexpr std::int64_t kSecondsMax = 30;
    checkRequired(findings, webhook, "name", path, checkFullyQualifiedName);
    eachItem(webhook, "rules", path, [&](const Json& rule, const std::string& where) {
        checkAdmissionRule(findings, rule, where);
    });
    checkOneOf(findings, webhook, "failurePolicy", path, {"Fail", "Ignore"});
    checkOneOf(findings, webhook, "matchPolicy", path, {"Equivalent", "Exact"});
    checkSideEffects(findings, webhook, path, allowed);
    const std::int64_t seconds = intAt(webhook, "timeoutSeconds", 1);
    if (seconds < 1 || seconds > kSecondsMax)
        findings.invalid(path + ".timeoutSeconds", Json(seconds),
                         "the timeout value must be between 1 and 30 seconds");
    for (const std::string_view member : {"namespaceSelector", "objectSelector"})
        if (has(webhook, member))
            checkSelectorMember(findings, webhook, member, path);
    if (mutating)
        checkOneOf(findings, webhook, "reinvocationPolicy", path, {"IfNeeded", "Never"});
    checkClient(findings, webhook, path);
    if (!allowed.matchConditions)
        checkMatchConditions(findings, webhook, path);
    checkReviewVersions(findings, webhook, path, allowed);
}

template <bool kMutating>
void checkWebhooks(Findings& findings, const Json& object, const Allowed& allowed) {
    Seen names;
    eachItem(object, "webhooks", "", [&](const Json& webhook, const std::string& path) {
        checkWebhook(findings, webhook, kMutating, path, allowed);
        const std::string_view name = stringAt(webhook, "name");
        if (!allowed.twins && !name.empty() && !names.add(name))
            findings.duplicate(path + ".name", Json(name));
    });
}

template <bool kMutating> void checkNewWebhooks(Findings& findings, const Json& object) {
    checkWebhooks<kMutating>(findings, object, {});
}

template <bool kMutating>
void checkWebhooksUpdate(Findings& findings, const Json& object, const Json& old,
                         std::string_view) {
    const JsonArray &now = arrayAt(object, "webhooks"), &before = arrayAt(old, "webhooks");
    Allowed allowed;
    Seen names;
    allowed.matchConditions = now.size() == before.size();
    for (std::size_t i = 0; i < before.size(); ++i) {
        const Json& webhook = before[i];
        const std::string_view effects = stringAt(webhook, "sideEffects");
        const JsonArray& versions = arrayAt(webhook, "admissionReviewVersions");
        if (allowed.matchConditions)
            allowed.matchConditions =
                sameValue(partOf(webhook, "matchConditions"), partOf(now[i], "matchConditions"));
        if (std::find(kNoEffects.begin(), kNoEffects.end(), effects) == kNoEffects.end())
            allowed.sideEffects = true;
        if (!versions.empty() && !contains(versions, "v1") && !contains(versions, "v1beta1"))
            allowed.reviewVersions = true;
        if (!names.add(stringAt(webhook, "name")))
            allowed.twins = true;
    }
    checkWebhooks<kMutating>(findings, object, allowed);
}
} // namespace

void checkAdmissionRule(Findings& findings, const Json& rule, const std::string& path) {
    checkStarred(findings, rule, "operations", path, "operations");
    eachItem(rule, "operations", path, [&](const Json& item, const std::string& where) {
        static const std::vector<std::string_view> kOperations = {"*", "CONNECT", "CREATE",
                                                                  "DELETE", "UPDATE"};
        if (std::find(kOperations.begin(), kOperations.end(), asString(item)) == kOperations.end())
            findings.notSupported(where, item, kOperations);
    });
    checkStarred(findings, rule, "apiGroups", path, "API groups");
    checkStarred(findings, rule, "apiVersions", path, "API versions");
    eachItem(rule, "apiVersions", path, [&](const Json& item, const std::string& where) {
        if (asString(item).empty())
            findings.required(where);
    });
    checkResources(findings, rule, path);
    checkOneOf(findings, rule, "scope", path, {"*", "Cluster", "Namespaced"});
}

void checkMatchConditions(Findings& findings, const Json& holder, const std::string& path) {
    constexpr std::size_t kConditionsMax = 64;
    const JsonArray& conditions = arrayAt(holder, "matchConditions");
    if (conditions.size() > kConditionsMax)
        findings.tooMany(path + ".matchConditions", conditions.size(), kConditionsMax);
    Seen names;
    eachItem(holder, "matchConditions", path, [&](const Json& condition, const std::string& where) {
        if (trimmed(stringAt(condition, "expression")).empty())
            findings.required(where + ".expression");
        checkRequired(findings, condition, "name", where, checkQualifiedName);
        const std::string_view name = stringAt(condition, "name");
        if (!name.empty() && !names.add(name))
            findings.duplicate(where + ".name", Json(name));
    });
}

void checkSelectorMember(Findings& findings, const Json& holder, std::string_view member,
                         const std::string& path) {
    const std::string where = path + "." + std::string(member);
    if (has(holder, member))
        checkLabelSelector(findings, *find(holder, member), where);
    else
        findings.required(where);
}

void checkWebhookUrl(Findings& findings, std::string_view text, const std::string& path) {
    const std::string form = "; desired format: https://host[/path]";
    if (const std::string error = urlError(text); !error.empty())
        return findings.required(path, "url must be a valid URL: " + error + form);
    const ParsedUrl url = parseUrl(text);
    if (url.scheme != "https")
        findings.invalid(path, url.scheme, "'https' is the only allowed URL scheme" + form);
    if (url.host.empty())
        findings.invalid(path, "", "host must be specified" + form);
    if (url.hasUser)
        findings.invalid(path, url.user, "user information is not permitted in the URL");
    if (!url.fragment.empty())
        findings.invalid(path, url.fragment, "fragments are not permitted in the URL");
    if (!url.query.empty())
        findings.invalid(path, url.query, "query parameters are not permitted in the URL");
}

void checkWebhookService(Findings& findings, const Json& service, const std::string& path) {
    // Upstream takes the two for each other: a missing name is said of the namespace.
    if (stringAt(service, "namespace").empty())
        findings.required(path + ".name");
    if (stringAt(service, "name").empty())
        findings.required(path + ".namespace");
    if (const Sentences wrong = checkPortNumber(intAt(service, "port")); !wrong.empty())
        findings.invalid(path + ".port", Json(intAt(service, "port")),
                         "port is not valid: " + wrong[0]);
    const std::string where = path + ".path";
    const std::string_view text = stringAt(service, "path");
    if (text.empty() || text == "/")
        return;
    if (text == "//")
        return findings.invalid(where, text, "segment[0] may not be empty");
    if (text.front() != '/')
        findings.invalid(where, text, "must start with a '/'");
    std::string_view left = text.substr(1);
    if (left.ends_with('/'))
        left.remove_suffix(1);
    for (std::size_t i = 0;; ++i) {
        const std::size_t slash = std::min(left.find('/'), left.size());
        const std::string_view step = left.substr(0, slash);
        const std::string segment = "segment[" + std::to_string(i) + "]";
        if (step.empty())
            findings.invalid(where, text, segment + " may not be empty");
        else
            for (const std::string& sentence : checkDns1123Subdomain(step))
                findings.invalid(where, text, segment + ": " + sentence);
        if (slash == left.size())
            return;
        left.remove_prefix(slash + 1);
    }
}

void addWebhookRules(std::vector<KindRules>& rules) {
    rules.push_back({kGroup, "ValidatingWebhookConfiguration", checkNewWebhooks<false>,
                     checkWebhooksUpdate<false>, false});
    rules.push_back({kGroup, "MutatingWebhookConfiguration", checkNewWebhooks<true>,
                     checkWebhooksUpdate<true>, false});
}

} // namespace orrery::api
