// Flow schemas and priority levels.
#include <cmath>

#include "core/api/validation/findings.h"
#include "core/api/validation/internal_view.h"

namespace orrery::api {

namespace {
constexpr std::string_view kGroup = "flowcontrol.apiserver.k8s.io";

bool contains(const JsonArray& list, std::string_view text) {
    return std::any_of(list.begin(), list.end(),
                       [text](const Json& item) { return asString(item) == text; });
}

// --- FlowSchema --------------------------------------------------------------------------------

const InternalType kName = {{"Name", "name", Absent::Text}};
const InternalType kServiceAccount = {{"Namespace", "namespace", Absent::Text},
                                      {"Name", "name", Absent::Text}};
const InternalType kSubject = {
    {"Kind", "kind", Absent::Text},
    {"User", "user", Absent::Null, &kName},
    {"Group", "group", Absent::Null, &kName},
    {"ServiceAccount", "serviceAccount", Absent::Null, &kServiceAccount}};
const InternalType kResourceRule = {{"Verbs", "verbs"},
                                    {"APIGroups", "apiGroups"},
                                    {"Resources", "resources"},
                                    {"ClusterScope", "clusterScope", Absent::False},
                                    {"Namespaces", "namespaces"}};
const InternalType kUrlRule = {{"Verbs", "verbs"}, {"NonResourceURLs", "nonResourceURLs"}};
const InternalType kFlowRule = {{"Subjects", "subjects", Absent::Null, &kSubject},
                                {"ResourceRules", "resourceRules", Absent::Null, &kResourceRule},
                                {"NonResourceRules", "nonResourceRules", Absent::Null, &kUrlRule}};
const InternalType kMethod = {{"Type", "type", Absent::Text}};
const InternalType kFlowSpec = {
    {"PriorityLevelConfiguration", "priorityLevelConfiguration", Absent::Struct, &kName},
    {"MatchingPrecedence", "matchingPrecedence", Absent::Zero},
    {"DistinguisherMethod", "distinguisherMethod", Absent::Null, &kMethod},
    {"Rules", "rules", Absent::Null, &kFlowRule}};

const std::vector<std::string_view> kVerbs = {
    "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"};

void checkVerbs(Findings& findings, const Json& rule, const std::string& path) {
    const JsonArray& verbs = arrayAt(rule, "verbs");
    if (verbs.empty())
        return findings.required(path + ".verbs", "verbs must contain at least one value");
    if (contains(verbs, "*")) {
        if (verbs.size() > 1)
            findings.invalid(path + ".verbs", Json(verbs),
                             "if '*' is present, must not specify other verbs");
        return;
    }
    const bool known = std::all_of(verbs.begin(), verbs.end(), [](const Json& verb) {
        return std::find(kVerbs.begin(), kVerbs.end(), asString(verb)) != kVerbs.end();
    });
    if (!known)
        findings.notSupported(path + ".verbs", Json(verbs), kVerbs);
}

// A list that must not be empty, and has "*" alone or not at all.
void checkStarList(Findings& findings, const Json& rule, std::string_view member,
                   const std::string& path, std::string_view required, std::string_view others) {
    const JsonArray& list = arrayAt(rule, member);
    const std::string where = path + "." + std::string(member);
    if (list.empty())
        findings.required(where, required);
    else if (list.size() > 1 && contains(list, "*"))
        findings.invalid(where, Json(list),
                         "if '*' is present, must not specify other " + std::string(others));
}

void checkResourceRule(Findings& findings, const Json& rule, const std::string& path) {
    checkVerbs(findings, rule, path);
    checkStarList(findings, rule, "apiGroups", path,
                  "resource rules must supply at least one api group", "api groups");
    checkStarList(findings, rule, "resources", path,
                  "resource rules must supply at least one resource", "resources");
    const JsonArray& spaces = arrayAt(rule, "namespaces");
    if (spaces.empty() && !boolAt(rule, "clusterScope"))
        return findings.required(path + ".namespaces",
                                 "resource rules that are not cluster scoped must supply at least "
                                 "one namespace");
    if (contains(spaces, "*")) {
        if (spaces.size() > 1)
            findings.invalid(path + ".namespaces", Json(spaces),
                             "if '*' is present, must not specify other namespaces");
        return;
    }
    eachItem(rule, "namespaces", path, [&](const Json& space, const std::string& where) {
        for (const std::string& sentence : checkDns1123Label(asString(space)))
            findings.invalid(where, space,
                             "each member of this list must be '*' or a DNS-1123 label; " +
                                 sentence);
    });
}

std::string_view urlPathError(std::string_view path) {
    if (path.empty())
        return "must not be empty";
    if (path == "/")
        return {};
    if (path.front() != '/')
        return "must start with slash";
    if (path.find(' ') != std::string_view::npos)
        return "must not contain white-space";
    if (path.find("//") != std::string_view::npos)
        return "must not contain double slash";
    const auto stars = std::count(path.begin(), path.end(), '*');
    if (stars > 1 || (stars == 1 && !path.ends_with("/*")))
        return "wildcard can only do suffix matching";
    return {};
}

void checkUrlRule(Findings& findings, const Json& rule, const std::string& path) {
    checkVerbs(findings, rule, path);
    const JsonArray& urls = arrayAt(rule, "nonResourceURLs");
    checkStarList(findings, rule, "nonResourceURLs", path,
                  "nonResourceURLs must contain at least one value", "non-resource URLs");
    if (contains(urls, "*"))
        return;
    eachItem(rule, "nonResourceURLs", path, [&](const Json& url, const std::string& where) {
        if (const std::string_view wrong = urlPathError(asString(url)); !wrong.empty())
            findings.invalid(where, url, wrong);
    });
}

void checkFlowSubject(Findings& findings, const Json& subject, const std::string& path) {
    struct Sort {
        std::string_view kind, member;
    };
    static constexpr Sort kSorts[] = {
        {"ServiceAccount", "serviceAccount"}, {"User", "user"}, {"Group", "group"}};
    const std::string_view kind = stringAt(subject, "kind");
    const Sort* mine = std::find_if(std::begin(kSorts), std::end(kSorts),
                                    [kind](const Sort& sort) { return sort.kind == kind; });
    if (mine == std::end(kSorts))
        return findings.notSupported(path + ".kind", Json(kind),
                                     {"Group", "ServiceAccount", "User"});
    const std::string member(mine->member), where = path + "." + member;
    if (!has(subject, member)) {
        findings.required(where,
                          member + " is required when subject kind is '" + std::string(kind) + "'");
    } else {
        const Json& named = *find(subject, member);
        const bool account = kind == "ServiceAccount";
        checkRequired(findings, named, "name", where,
                      account && stringAt(named, "name") != "*" ? checkDns1123Subdomain : nullptr);
        const std::string_view space = stringAt(named, "namespace");
        if (account && space.empty())
            findings.required(where + ".namespace", "must specify namespace for service account");
        else if (account)
            findings.each(where + ".namespace", space, checkDns1123Label(space));
    }
    for (const Sort& other : kSorts)
        if (&other != mine && has(subject, other.member))
            findings.forbidden(path + "." + std::string(other.member),
                               std::string(other.member) +
                                   " is forbidden when subject kind is not '" +
                                   std::string(other.kind) + "'");
}

void checkFlowRule(Findings& findings, const Json& rule, const std::string& path) {
    if (arrayAt(rule, "subjects").empty())
        findings.required(path + ".subjects", "subjects must contain at least one value");
    eachItem(rule, "subjects", path, [&](const Json& subject, const std::string& where) {
        checkFlowSubject(findings, subject, where);
    });
    if (arrayAt(rule, "resourceRules").empty() && arrayAt(rule, "nonResourceRules").empty())
        findings.required(path,
                          "at least one of resourceRules and nonResourceRules has to be non-empty");
    eachItem(rule, "resourceRules", path, [&](const Json& each, const std::string& where) {
        checkResourceRule(findings, each, where);
    });
    eachItem(rule, "nonResourceRules", path, [&](const Json& each, const std::string& where) {
        checkUrlRule(findings, each, where);
    });
}

// The objects that a server can't do without have one value only.
const Json* mandatoryFlow(std::string_view name) {
    static const auto parsed = [](std::string_view text) {
        Result<Json> value = parseJson(text);
        ORRERY_ASSERT(value.has_value());
        return std::move(*value);
    };
    static const Json kExempt = parsed(R"({"priorityLevelConfiguration":{"name":"exempt"},
        "matchingPrecedence":1,"rules":[{"subjects":[{"kind":"Group","group":
        {"name":"system:masters"}}],"resourceRules":[{"verbs":["*"],"apiGroups":["*"],
        "resources":["*"],"clusterScope":true,"namespaces":["*"]}],"nonResourceRules":
        [{"verbs":["*"],"nonResourceURLs":["*"]}]}]})");
    static const Json kCatchAll = parsed(R"({"priorityLevelConfiguration":{"name":"catch-all"},
        "matchingPrecedence":10000,"distinguisherMethod":{"type":"ByUser"},"rules":[{"subjects":
        [{"kind":"Group","group":{"name":"system:unauthenticated"}},{"kind":"Group","group":
        {"name":"system:authenticated"}}],"resourceRules":[{"verbs":["*"],"apiGroups":["*"],
        "resources":["*"],"clusterScope":true,"namespaces":["*"]}],"nonResourceRules":
        [{"verbs":["*"],"nonResourceURLs":["*"]}]}]})");
    return name == "exempt" ? &kExempt : name == "catch-all" ? &kCatchAll : nullptr;
}

void checkConditionTypes(Findings& findings, const Json& object) {
    Seen types;
    eachItem(object, "status.conditions", "", [&](const Json& condition, const std::string& path) {
        const std::string_view type = stringAt(condition, "type");
        if (!types.add(type))
            findings.duplicate(path + ".type", Json(type));
        if (type.empty())
            findings.required(path + ".type");
    });
}

void checkFlowSchema(Findings& findings, const Json& schema) {
    constexpr std::int64_t kPrecedenceMax = 10000;
    const Json& spec = partOf(schema, "spec");
    const std::string_view name = stringAt(schema, "metadata.name");
    const std::string path = "spec.matchingPrecedence";
    const std::int64_t precedence = intAt(spec, "matchingPrecedence");
    if (precedence <= 0)
        findings.invalid(path, Json(precedence), "must be a positive value");
    if (precedence > kPrecedenceMax)
        findings.invalid(path, Json(precedence), "must not be greater than 10000");
    if (precedence == 1 && name != "exempt")
        findings.invalid(path, Json(precedence),
                         "only the schema named 'exempt' may have matchingPrecedence 1");
    const std::string_view method = stringAt(spec, "distinguisherMethod.type");
    if (has(spec, "distinguisherMethod") && method != "ByNamespace" && method != "ByUser")
        findings.notSupported("spec.distinguisherMethod.type",
                              internalView(*find(spec, "distinguisherMethod"), kMethod),
                              {"ByNamespace", "ByUser"});
    const std::string_view level = stringAt(spec, "priorityLevelConfiguration.name");
    if (level.empty())
        findings.required("spec.priorityLevelConfiguration.name",
                          "must reference a priority level");
    else
        findings.each("spec.priorityLevelConfiguration.name", level, checkDns1123Subdomain(level));
    eachItem(spec, "rules", "spec", [&](const Json& rule, const std::string& where) {
        checkFlowRule(findings, rule, where);
    });
    const Json* fixed = mandatoryFlow(name);
    if (fixed && !sameValue(internalView(spec, kFlowSpec), internalView(*fixed, kFlowSpec)))
        findings.invalid("spec", internalView(spec, kFlowSpec),
                         "spec of '" + std::string(name) + "' must equal the fixed value");
    checkConditionTypes(findings, schema);
}

// --- PriorityLevelConfiguration ----------------------------------------------------------------

const InternalType kQueuing = {{"Queues", "queues", Absent::Zero},
                               {"HandSize", "handSize", Absent::Zero},
                               {"QueueLengthLimit", "queueLengthLimit", Absent::Zero}};
const InternalType kResponse = {{"Type", "type", Absent::Text},
                                {"Queuing", "queuing", Absent::Null, &kQueuing}};
const InternalType kLimited = {
    {"NominalConcurrencyShares", "nominalConcurrencyShares", Absent::Zero},
    {"LimitResponse", "limitResponse", Absent::Struct, &kResponse},
    {"LendablePercent", "lendablePercent"},
    {"BorrowingLimitPercent", "borrowingLimitPercent"}};
const InternalType kExempt = {{"NominalConcurrencyShares", "nominalConcurrencyShares"},
                              {"LendablePercent", "lendablePercent"}};
const InternalType kLevelSpec = {{"Type", "type", Absent::Text},
                                 {"Limited", "limited", Absent::Null, &kLimited},
                                 {"Exempt", "exempt", Absent::Null, &kExempt}};

// How many bits of a hash dealing a hand from the deck takes; more than 60 is enough to know.
int entropyBits(std::int64_t deck, std::int64_t hand) {
    constexpr double kBitsMax = 60;
    double bits = 0;
    for (std::int64_t i = 0; i < hand && bits <= kBitsMax; ++i)
        bits += std::log2(static_cast<double>(deck - i));
    return static_cast<int>(std::ceil(bits));
}

void checkQueuing(Findings& findings, const Json& queuing, const std::string& path) {
    constexpr std::int64_t kQueuesMax = 10'000'000;
    constexpr int kHashBits = 60;
    const std::int64_t queues = intAt(queuing, "queues"), hand = intAt(queuing, "handSize"),
                       length = intAt(queuing, "queueLengthLimit");
    if (length <= 0)
        findings.invalid(path + ".queueLengthLimit", Json(length), "must be positive");
    if (queues <= 0)
        findings.invalid(path + ".queues", Json(queues), "must be positive");
    else if (queues > kQueuesMax)
        findings.invalid(path + ".queues", Json(queues), "must not be greater than 10000000");
    if (hand <= 0)
        findings.invalid(path + ".handSize", Json(hand), "must be positive");
    else if (hand > queues)
        findings.invalid(path + ".handSize", Json(hand),
                         "should not be greater than queues (" + std::to_string(queues) + ")");
    else if (entropyBits(queues, hand) > kHashBits)
        findings.invalid(path + ".handSize", Json(hand),
                         "required entropy bits of deckSize " + std::to_string(queues) +
                             " and handSize " + std::to_string(hand) +
                             " should not be greater than 60");
}

void checkLimitResponse(Findings& findings, const Json& response, const std::string& path) {
    const std::string_view type = stringAt(response, "type");
    const bool queues = has(response, "queuing");
    if (type == "Reject" && queues)
        findings.forbidden(path + ".queuing",
                           "must be nil if limited.limitResponse.type is not Limited");
    else if (type == "Queue" && !queues)
        findings.required(path + ".queuing",
                          "must not be empty if limited.limitResponse.type is Limited");
    else if (type == "Queue")
        checkQueuing(findings, *find(response, "queuing"), path + ".queuing");
    else if (type.empty())
        findings.required(path + ".type");
    else
        checkOneOf(findings, response, "type", path, {"Queue", "Reject"});
}

void checkShares(Findings& findings, const Json& level, const std::string& path) {
    if (intAt(level, "nominalConcurrencyShares") < 0)
        findings.invalid(path + ".nominalConcurrencyShares",
                         *find(level, "nominalConcurrencyShares"),
                         "must be a non-negative integer");
}

void checkLendable(Findings& findings, const Json& level, const std::string& path) {
    const std::int64_t percent = intAt(level, "lendablePercent");
    if (percent < 0 || percent > 100)
        findings.invalid(path + ".lendablePercent", Json(percent),
                         "must be between 0 and 100, inclusive");
}

void checkLevelSpec(Findings& findings, const Json& spec, std::string_view name) {
    const std::string_view type = stringAt(spec, "type");
    const Json &limited = partOf(spec, "limited"), &exempt = partOf(spec, "exempt");
    if ((name == "exempt") != (type == "Exempt"))
        findings.invalid("spec.type", type, "must be 'Exempt' if and only if `name` is 'exempt'");
    if (type == "Exempt") {
        if (!limited.is_null())
            findings.forbidden("spec.limited", "must be nil if the type is not Limited");
        checkShares(findings, exempt, "spec.exempt");
        checkLendable(findings, exempt, "spec.exempt");
    } else if (type == "Limited") {
        if (!exempt.is_null())
            findings.forbidden("spec.exempt", "must be nil if the type is Limited");
        if (limited.is_null())
            return findings.required("spec.limited", "must not be empty when type is Limited");
        checkShares(findings, limited, "spec.limited");
        checkLimitResponse(findings, partOf(limited, "limitResponse"),
                           "spec.limited.limitResponse");
        checkLendable(findings, limited, "spec.limited");
        if (intAt(limited, "borrowingLimitPercent") < 0)
            findings.invalid("spec.limited.borrowingLimitPercent",
                             *find(limited, "borrowingLimitPercent"),
                             "if specified, must be a non-negative integer");
    } else if (type.empty()) {
        findings.required("spec.type");
    } else {
        checkOneOf(findings, spec, "type", "spec", {"Exempt", "Limited"});
    }
}

void checkMandatoryLevel(Findings& findings, const Json& spec, std::string_view name) {
    if (name == "exempt") {
        if (stringAt(spec, "type") != "Exempt" || has(spec, "limited"))
            findings.invalid("spec", internalView(spec, kLevelSpec),
                             "spec of 'exempt' except the 'spec.exempt' field must equal the fixed "
                             "value");
        return;
    }
    if (name != "catch-all")
        return;
    const Json fixed =
        JsonObject{{"type", "Limited"},
                   {"limited", JsonObject{{"nominalConcurrencyShares", 5},
                                          {"limitResponse", JsonObject{{"type", "Reject"}}},
                                          {"lendablePercent", 0}}}};
    if (!sameValue(internalView(spec, kLevelSpec), internalView(fixed, kLevelSpec)))
        findings.invalid("spec", internalView(spec, kLevelSpec),
                         "spec of 'catch-all' must equal the fixed value");
}

void checkPriorityLevel(Findings& findings, const Json& level) {
    constexpr const char* kOldAnnotation =
        "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares";
    if (objectAt(level, "metadata.annotations").contains(kOldAnnotation))
        findings.forbidden("metadata.annotations",
                           "annotation '" + std::string(kOldAnnotation) + "' is forbidden");
    const Json& spec = partOf(level, "spec");
    const std::string_view name = stringAt(level, "metadata.name");
    checkLevelSpec(findings, spec, name);
    checkMandatoryLevel(findings, spec, name);
    checkConditionTypes(findings, level);
}

void checkFlowStatus(Findings& findings, const Json& object, const Json&,
                     std::string_view subresource) {
    if (subresource == "status")
        checkConditionTypes(findings, object);
}
} // namespace

void addFlowRules(std::vector<KindRules>& rules) {
    rules.push_back({kGroup, "FlowSchema", checkFlowSchema, checkFlowStatus, true});
    rules.push_back(
        {kGroup, "PriorityLevelConfiguration", checkPriorityLevel, checkFlowStatus, true});
}

} // namespace orrery::api
