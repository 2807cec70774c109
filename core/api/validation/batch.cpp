// Job and CronJob.
#include "core/api/selectors.h"
#include "core/api/validation/findings.h"

namespace orrery::api {

namespace {
constexpr std::int64_t kIndexedMax = 100000;

const Json& memberOf(const Json& object, std::string_view path) {
    static const Json kNone;
    const Json* found = findPath(object, path);
    return found ? *found : kNone;
}

void checkExitCodes(Findings& findings, const Json& codes, const std::string& path) {
    const std::string_view op = stringAt(codes, "operator");
    checkOneOf(findings, codes, "operator", path, {"In", "NotIn"}, true);
    const JsonArray& values = arrayAt(codes, "values");
    if (values.empty())
        findings.invalid(path + ".values", Json(JsonArray()), "at least one value is required");
    bool ordered = true;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (op == "In" && values[i] == Json(0))
            findings.invalid(at(path + ".values", i), values[i],
                             "must not be 0 for the In operator");
        if (i > 0 && values[i] == values[i - 1])
            findings.duplicate(at(path + ".values", i), values[i]);
        if (i > 0 && values[i].is_int64() && values[i - 1].is_int64() &&
            values[i].get_int64() < values[i - 1].get_int64())
            ordered = false;
    }
    if (!ordered)
        findings.invalid(path + ".values", Json(values), "must be ordered");
}

void checkFailureRule(Findings& findings, const Json& rule, const Json& spec,
                      const std::string& path) {
    const std::string_view action = stringAt(rule, "action");
    if (action.empty())
        findings.required(path + ".action",
                          "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]");
    else if (action == "FailIndex" && !find(spec, "backoffLimitPerIndex"))
        findings.invalid(path + ".action", action, "requires the backoffLimitPerIndex to be set");
    else
        checkOneOf(findings, rule, "action", path, {"Count", "FailIndex", "FailJob", "Ignore"});
    const Json* codes = find(rule, "onExitCodes");
    const JsonArray& conditions = arrayAt(rule, "onPodConditions");
    if (codes)
        checkExitCodes(findings, *codes, path + ".onExitCodes");
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        const std::string where = at(path + ".onPodConditions", i);
        findings.each(where + ".type", stringAt(conditions[i], "type"),
                      checkQualifiedName(stringAt(conditions[i], "type")));
        checkOneOf(findings, conditions[i], "status", where, {"False", "True", "Unknown"});
    }
}

// These two name no value at all.
void checkFailurePolicy(Findings& findings, const Json& spec, const std::string& path) {
    const JsonArray& rules = arrayAt(spec, "podFailurePolicy.rules");
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const std::string where = at(path + ".podFailurePolicy.rules", i);
        checkFailureRule(findings, rules[i], spec, where);
        const bool codes = find(rules[i], "onExitCodes"),
                   conditions = !arrayAt(rules[i], "onPodConditions").empty();
        FieldError error{"FieldValueInvalid", "Invalid value: ", where};
        if (codes && conditions)
            error.message += "specifying both OnExitCodes and OnPodConditions is not supported";
        else if (!codes && !conditions)
            error.message += "specifying one of OnExitCodes and OnPodConditions is required";
        else
            continue;
        findings.append({error});
    }
    if (find(spec, "podFailurePolicy") && stringAt(spec, "template.spec.restartPolicy") != "Never")
        findings.invalid(path + ".template.spec.restartPolicy",
                         stringAt(spec, "template.spec.restartPolicy"),
                         "only \"Never\" is supported when podFailurePolicy is specified");
}

void checkSuccessPolicy(Findings& findings, const Json& spec, const std::string& path) {
    const Json* policy = find(spec, "successPolicy");
    if (!policy)
        return;
    const JsonArray& rules = arrayAt(*policy, "rules");
    if (stringAt(spec, "completionMode") != "Indexed") {
        JsonArray internal;
        for (const Json& rule : rules) {
            JsonObject one;
            one["SucceededIndexes"] = memberOf(rule, "succeededIndexes");
            one["SucceededCount"] = memberOf(rule, "succeededCount");
            internal.push_back(std::move(one));
        }
        findings.invalid(path + ".successPolicy", Json(JsonObject{{"Rules", internal}}),
                         "requires indexed completion mode");
        return;
    }
    if (rules.empty())
        findings.required(
            path + ".successPolicy.rules",
            "at least one rules must be specified when the successPolicy is specified");
}

void checkIndexed(Findings& findings, const Json& spec, const std::string& path) {
    const bool indexed = stringAt(spec, "completionMode") == "Indexed";
    checkOneOf(findings, spec, "completionMode", path, {"NonIndexed", "Indexed"});
    if (indexed && !find(spec, "completions"))
        findings.required(path + ".completions", "when completion mode is Indexed");
    if (indexed && intAt(spec, "parallelism") > kIndexedMax)
        findings.invalid(path + ".parallelism", memberOf(spec, "parallelism"),
                         "must be less than or equal to 100000 when completion mode is Indexed");
    if (find(spec, "maxFailedIndexes") && !find(spec, "backoffLimitPerIndex"))
        findings.required(path + ".backoffLimitPerIndex", "when maxFailedIndexes is specified");
    if (!indexed)
        for (const std::string_view member : {"backoffLimitPerIndex", "maxFailedIndexes"})
            if (const Json* value = find(spec, member))
                findings.invalid(path + "." + std::string(member), *value,
                                 "requires indexed completion mode");
}

void checkRestart(Findings& findings, const Json& spec, const std::string& path) {
    const std::string where = path + ".template.spec.restartPolicy";
    const std::string_view policy = stringAt(spec, "template.spec.restartPolicy");
    if (policy == "Always" || policy.empty())
        findings.required(where, "valid values: \"OnFailure\", \"Never\"");
    else if (policy != "OnFailure" && policy != "Never")
        findings.notSupported(where, Json(policy), {"Never", "OnFailure"});
}

void checkJobSelector(Findings& findings, const Json& spec) {
    const Json* selector = find(spec, "selector");
    const Json& labels = memberOf(spec, "template.metadata.labels");
    if (!selector) {
        findings.required("spec.selector");
        findings.invalid("spec.template.metadata.labels", labels,
                         "`selector` does not match template `labels`");
        return;
    }
    checkLabelSelector(findings, *selector, "spec.selector");
    const Result<LabelFilter> filter = LabelFilter::fromObject(*selector);
    static const JsonObject kNone;
    if (filter && !filter->matchesLabels(labels.is_object() ? labels.get_object() : kNone))
        findings.invalid("spec.template.metadata.labels", labels,
                         "`selector` does not match template `labels`");
}

void checkJob(Findings& findings, const Json& job) {
    const Json& spec = memberOf(job, "spec");
    checkJobSpec(findings, spec, "spec");
    checkJobSelector(findings, spec);
}

void checkJobUpdate(Findings& findings, const Json& job, const Json& old,
                    std::string_view subresource) {
    if (!subresource.empty())
        return;
    const bool elastic = stringAt(job, "spec.completionMode") == "Indexed" &&
                         intAt(job, "spec.completions") == intAt(job, "spec.parallelism") &&
                         find(memberOf(job, "spec"), "completions");
    if (!elastic)
        checkImmutable(findings, job, old, "spec.completions");
    checkImmutable(findings, job, old, "spec.selector");
    const bool suspended =
        boolAt(old, "spec.suspend") && findPath(old, "status.startTime") == nullptr;
    Json now = memberOf(job, "spec.template.spec"), before = memberOf(old, "spec.template.spec");
    if (suspended && now.is_object() &&
        before.is_object()) // a job that never started may be placed anew
        for (const std::string_view member :
             {"nodeSelector", "affinity", "tolerations", "schedulingGates"}) {
            now.get_object().erase(member);
            before.get_object().erase(member);
        }
    if (now != before) // DIVERGES: upstream prints its internal struct here
        findings.invalid("spec.template.spec", now, kImmutable);
    for (const std::string_view path :
         {"spec.completionMode", "spec.podFailurePolicy", "spec.backoffLimitPerIndex",
          "spec.managedBy", "spec.successPolicy"})
        checkImmutable(findings, job, old, path);
}

// --- CronJob -----------------------------------------------------------------------------------

// The five fields of a schedule: ranges, steps, lists, names. What is wrong, or "".
std::string checkCronField(std::string_view field, int from, int to, std::string_view names) {
    const auto number = [&](std::string_view text, bool& good) {
        good = !text.empty() &&
               std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
               text.size() < 9;
        if (good)
            return std::strtol(std::string(text).c_str(), nullptr, 10);
        std::string low(text);
        for (char& c : low)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        const std::size_t place = low.size() == 3 ? names.find(low) : std::string_view::npos;
        good = place != std::string_view::npos && place % 3 == 0;
        return good ? static_cast<long>(place / 3) + from : 0L;
    };
    for (std::size_t start = 0; start <= field.size();) {
        const std::size_t comma = std::min(field.find(',', start), field.size());
        const std::string_view part = field.substr(start, comma - start);
        start = comma + 1;
        const std::size_t slash = part.find('/');
        const std::string_view range = part.substr(0, slash);
        if (slash != std::string_view::npos) {
            bool good = false;
            const long step = number(part.substr(slash + 1), good);
            if (!good)
                return "failed to parse int from " + std::string(part.substr(slash + 1)) +
                       ": strconv.Atoi: parsing \"" + std::string(part.substr(slash + 1)) +
                       "\": invalid syntax";
            if (step == 0)
                return "step of range should be a positive number: " + std::string(part);
        }
        if (range == "*" || range == "?")
            continue;
        const std::size_t dash = range.find('-');
        bool goodLow = false, goodHigh = true;
        const long low = number(range.substr(0, dash), goodLow);
        const long high =
            dash == std::string_view::npos ? low : number(range.substr(dash + 1), goodHigh);
        const std::string_view bad =
            goodLow ? range.substr(dash == std::string_view::npos ? 0 : dash + 1)
                    : range.substr(0, dash);
        if (!goodLow || !goodHigh)
            return "failed to parse int from " + std::string(bad) + ": strconv.Atoi: parsing \"" +
                   std::string(bad) + "\": invalid syntax";
        if (low < from)
            return "beginning of range (" + std::to_string(low) + ") below minimum (" +
                   std::to_string(from) + "): " + std::string(part);
        if (high > to)
            return "end of range (" + std::to_string(high) + ") above maximum (" +
                   std::to_string(to) + "): " + std::string(part);
        if (low > high)
            return "beginning of range (" + std::to_string(low) + ") beyond end of range (" +
                   std::to_string(high) + "): " + std::string(part);
    }
    return {};
}

std::string checkSchedule(std::string_view schedule) {
    struct Row {
        int from, to;
        std::string_view names;
    };
    static constexpr Row kRows[] = {{0, 59, ""},
                                    {0, 23, ""},
                                    {1, 31, ""},
                                    {1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
                                    {0, 6, "sunmontuewedthufrisat"}};
    static const std::vector<std::string_view> kMacros = {
        "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"};
    if (!schedule.empty() && schedule.front() == '@') {
        const bool known = std::find(kMacros.begin(), kMacros.end(), schedule) != kMacros.end() ||
                           schedule.substr(0, 7) == "@every ";
        return known ? "" : "unrecognized descriptor: " + std::string(schedule);
    }
    std::vector<std::string> fields;
    for (std::size_t i = 0; i < schedule.size();) {
        const std::size_t start = schedule.find_first_not_of(" \t", i);
        if (start == std::string_view::npos)
            break;
        i = std::min(schedule.find_first_of(" \t", start), schedule.size());
        fields.emplace_back(schedule.substr(start, i - start));
    }
    if (fields.size() != 5) {
        std::string all;
        for (const std::string& field : fields)
            all += (all.empty() ? "" : " ") + field;
        return "expected exactly 5 fields, found " + std::to_string(fields.size()) + ": [" + all +
               "]";
    }
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (std::string wrong =
                checkCronField(fields[i], kRows[i].from, kRows[i].to, kRows[i].names);
            !wrong.empty())
            return wrong;
    return {};
}

// DIVERGES: any name of the form Area/Place is taken; there is no zone database here.
void checkZone(Findings& findings, const Json& spec) {
    const Json* zone = find(spec, "timeZone");
    if (!zone)
        return;
    const std::string_view name = asString(*zone);
    static const std::vector<std::string_view> kAreas = {
        "Africa/",    "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/",
        "Australia/", "Brazil/",  "Canada/",     "Chile/",  "Etc/",  "Europe/",
        "Indian/",    "Mexico/",  "Pacific/",    "US/"};
    if (name.empty())
        findings.invalid("spec.timeZone", name, "timeZone must be nil or non-empty string");
    else if (name == "Local" || name == "local")
        findings.invalid(
            "spec.timeZone", name,
            "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
    else if (name.find('/') != std::string_view::npos &&
             std::none_of(kAreas.begin(), kAreas.end(), [&](std::string_view area) {
                 return name.substr(0, area.size()) == area;
             }))
        findings.invalid("spec.timeZone", name, "unknown time zone " + std::string(name));
}

void checkCronJob(Findings& findings, const Json& object) {
    constexpr std::size_t kNameMax = 52;
    const Json& spec = memberOf(object, "spec");
    const std::string_view schedule = stringAt(spec, "schedule");
    if (schedule.empty())
        findings.required("spec.schedule");
    else if (schedule.find("TZ") != std::string_view::npos)
        findings.invalid("spec.schedule", schedule,
                         "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
    else if (const std::string wrong = checkSchedule(schedule); !wrong.empty())
        findings.invalid("spec.schedule", schedule, wrong);
    checkNonNegative(findings, spec, "startingDeadlineSeconds", "spec");
    checkZone(findings, spec);
    checkOneOf(findings, spec, "concurrencyPolicy", "spec", {"Allow", "Forbid", "Replace"}, true);
    const Json& job = memberOf(spec, "jobTemplate.spec");
    checkJobSpec(findings, job.is_object() ? job : Json(JsonObject()), "spec.jobTemplate.spec");
    if (boolAt(job, "manualSelector"))
        findings.notSupported("spec.jobTemplate.spec.manualSelector", Json(true), {"nil", "false"});
    checkNonNegative(findings, spec, "successfulJobsHistoryLimit", "spec");
    checkNonNegative(findings, spec, "failedJobsHistoryLimit", "spec");
    if (const std::string_view name = stringAt(object, "metadata.name"); name.size() > kNameMax)
        findings.invalid("metadata.name", name, maxLengthSentence(kNameMax, "characters"));
}
} // namespace

void checkJobSpec(Findings& findings, const Json& spec, const std::string& path) {
    for (const std::string_view member :
         {"parallelism", "completions", "activeDeadlineSeconds", "backoffLimit",
          "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"})
        checkNonNegative(findings, spec, member, path);
    if (const std::string_view manager = stringAt(spec, "managedBy"); !manager.empty())
        findings.each(path + ".managedBy", manager, checkDomainPrefixedPath(manager));
    checkIndexed(findings, spec, path);
    checkFailurePolicy(findings, spec, path);
    checkSuccessPolicy(findings, spec, path);
    if (find(spec, "podReplacementPolicy"))
        checkOneOf(findings, spec, "podReplacementPolicy", path, {"Failed", "TerminatingOrFailed"});
    checkPodTemplate(findings, memberOf(spec, "template"), path + ".template");
    checkRestart(findings, spec, path);
}

void addBatchRules(std::vector<KindRules>& rules) {
    rules.push_back({"batch", "Job", checkJob, checkJobUpdate, true});
    rules.push_back({"batch", "CronJob", checkCronJob, nullptr, true});
}

} // namespace orrery::api
