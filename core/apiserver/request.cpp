#include "core/apiserver/request.h"

#include <algorithm>
#include <charconv>

#include "core/api/validation/validation.h"

namespace orrery::apiserver {

namespace {
int hexDigit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

std::vector<std::string> splitPath(std::string_view path) {
    std::vector<std::string> parts;
    std::size_t at = 0;
    while (at < path.size()) {
        const std::size_t slash = std::min(path.find('/', at), path.size());
        if (slash > at)
            parts.push_back(decodePercent(path.substr(at, slash - at), false));
        at = slash + 1;
    }
    return parts;
}

// Go's conversion of a query value: everything but "false" and "0" is true.
bool asBool(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text != "false" && text != "0";
}
bool boolParameter(const Query& query, std::string_view name) {
    const std::string* value = parameter(query, name);
    return value && asBool(*value);
}

std::string verbOf(std::string_view method, const RequestInfo& info, const Query& query) {
    if (method == "POST")
        return "create";
    if (method == "PUT")
        return "update";
    if (method == "PATCH")
        return "patch";
    const bool collection = info.name.empty();
    if (method == "DELETE")
        return collection ? "deletecollection" : "delete";
    if (method != "GET" && method != "HEAD")
        return "";
    if (!collection)
        return "get";
    return boolParameter(query, "watch") ? "watch" : "list";
}

// The parts behind /api/v1 or /apis/group/version.
void readResource(RequestInfo& info, std::vector<std::string>& parts, std::size_t at) {
    static constexpr std::string_view kNamespaceSubresources[] = {"status", "finalize"};
    if (at < parts.size() && parts[at] == "watch" && at + 1 < parts.size()) {
        info.oldWatchPath = true;
        ++at;
    }
    if (at + 1 < parts.size() && parts[at] == "namespaces") {
        info.namespace_ = parts[at + 1];
        const bool own =
            at + 2 < parts.size() &&
            std::find(std::begin(kNamespaceSubresources), std::end(kNamespaceSubresources),
                      parts[at + 2]) == std::end(kNamespaceSubresources);
        if (own)
            at += 2;
    }
    if (at < parts.size())
        info.resource = parts[at++];
    if (at < parts.size())
        info.name = parts[at++];
    if (at < parts.size())
        info.subresource = parts[at++];
    for (; at < parts.size(); ++at)
        info.rest += (info.rest.empty() ? "" : "/") + parts[at];
}

std::string goSyntaxError(std::string_view function, std::string_view text) {
    return "strconv." + std::string(function) + ": parsing \"" + std::string(text) +
           "\": invalid syntax";
}

Result<std::int64_t> intParameter(const Query& query, std::string_view name) {
    const std::string* value = parameter(query, name);
    if (!value || value->empty())
        return std::int64_t{0};
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(value->data(), value->data() + value->size(), number);
    if (code == std::errc::result_out_of_range)
        return badRequest("strconv.ParseInt: parsing \"" + *value + "\": value out of range");
    if (code != std::errc() || end != value->data() + value->size())
        return badRequest(goSyntaxError("ParseInt", *value));
    return number;
}

std::string textParameter(const Query& query, std::string_view name) {
    const std::string* value = parameter(query, name);
    return value ? *value : std::string();
}

// The kind of the options that a verb reads: its refusals name it.
std::string_view optionsKind(std::string_view verb) {
    if (verb == "create")
        return "CreateOptions";
    if (verb == "update")
        return "UpdateOptions";
    if (verb == "patch")
        return "PatchOptions";
    return "DeleteOptions";
}

void readDryRun(const Query& query, RequestOptions& out, std::vector<StatusCause>& causes) {
    std::vector<std::string> values;
    for (const auto& [name, value] : query)
        if (name == "dryRun")
            values.push_back(value);
    if (values.empty())
        return;
    std::string listed;
    bool allKnown = true;
    for (const std::string& value : values) {
        allKnown = allKnown && value == "All";
        listed += (listed.empty() ? "\"" : ",\"") + value + "\"";
    }
    if (!allKnown)
        causes.push_back({"FieldValueNotSupported",
                          "Unsupported value: [" + listed + "]: supported values: \"All\"",
                          "dryRun"});
    out.dryRun = true;
}

// As Go's %q prints it, for text whose only oddities are control characters.
std::string goQuoted(const std::string& text) {
    std::string out = serializeJson(Json(text));
    for (std::size_t at = out.find("\\u00"); at != std::string::npos; at = out.find("\\u00", at))
        out.replace(at, 4, "\\x");
    return out;
}

// Of at most 128 bytes, all printable.
void checkFieldManager(const std::string& manager, std::vector<StatusCause>& causes) {
    constexpr std::size_t kBytesMax = 128;
    if (manager.size() > kBytesMax)
        causes.push_back({"FieldValueTooLong",
                          "Too long: may not be more than " + std::to_string(kBytesMax) + " bytes",
                          "fieldManager"});
    for (std::size_t i = 0; i < manager.size(); ++i) {
        const unsigned char c = static_cast<unsigned char>(manager[i]);
        if (c >= 0x20 && c != 0x7f)
            continue;
        char point[8];
        std::snprintf(point, sizeof point, "%04X", c);
        causes.push_back({"FieldValueInvalid",
                          "Invalid value: " + goQuoted(manager) + ": invalid character U+" + point +
                              " (at position " + std::to_string(i) + ")",
                          "fieldManager"});
    }
}

void readFieldValidation(const Query& query, RequestOptions& out,
                         std::vector<StatusCause>& causes) {
    const std::string text = textParameter(query, "fieldValidation");
    if (text == "Ignore")
        out.fieldValidation = api::FieldValidation::Ignore;
    else if (text == "Strict")
        out.fieldValidation = api::FieldValidation::Strict;
    else if (!text.empty() && text != "Warn")
        causes.push_back({"FieldValueNotSupported",
                          "Unsupported value: \"" + text +
                              "\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"",
                          "fieldValidation"});
}
} // namespace

std::string decodePercent(std::string_view text, bool plusIsSpace) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hexDigit(text[i + 1]) >= 0 &&
            hexDigit(text[i + 2]) >= 0) {
            out.push_back(static_cast<char>(hexDigit(text[i + 1]) * 16 + hexDigit(text[i + 2])));
            i += 2;
        } else {
            out.push_back(plusIsSpace && text[i] == '+' ? ' ' : text[i]);
        }
    }
    return out;
}

std::pair<std::string, Query> splitTarget(std::string_view target) {
    const std::size_t mark = target.find('?');
    Query query;
    std::string_view rest =
        mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('&'), rest.size());
        const std::string_view pair = rest.substr(0, end);
        rest = end < rest.size() ? rest.substr(end + 1) : std::string_view();
        if (pair.empty())
            continue;
        const std::size_t equals = pair.find('=');
        query.emplace_back(decodePercent(pair.substr(0, equals), true),
                           equals == std::string_view::npos
                               ? std::string()
                               : decodePercent(pair.substr(equals + 1), true));
    }
    return {std::string(target.substr(0, mark)), std::move(query)};
}

const std::string* parameter(const Query& query, std::string_view name) {
    for (const auto& [key, value] : query)
        if (key == name)
            return &value;
    return nullptr;
}

RequestInfo parseRequestInfo(std::string_view method, std::string_view path, const Query& query) {
    RequestInfo info;
    info.path = decodePercent(path, false);
    info.verb = method;
    std::transform(info.verb.begin(), info.verb.end(), info.verb.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::vector<std::string> parts = splitPath(path);
    const bool core = !parts.empty() && parts[0] == "api";
    const std::size_t behind = core ? 2 : 3;
    if (parts.size() <= behind || (!core && parts[0] != "apis"))
        return info;
    info.resourceRequest = true;
    info.group = core ? "" : parts[1];
    info.version = parts[behind - 1];
    readResource(info, parts, behind);
    if (info.resource == "namespaces" && !info.name.empty())
        info.namespace_ = info.name;
    if (const std::string verb = verbOf(method, info, query); !verb.empty())
        info.verb = verb;
    if (info.oldWatchPath && (info.verb == "get" || info.verb == "list"))
        info.verb = "watch";
    return info;
}

Result<RequestOptions> parseOptions(const Query& query, const RequestInfo& info) {
    RequestOptions out;
    out.labelSelector = textParameter(query, "labelSelector");
    out.fieldSelector = textParameter(query, "fieldSelector");
    out.resourceVersion = textParameter(query, "resourceVersion");
    out.resourceVersionMatch = textParameter(query, "resourceVersionMatch");
    out.continue_ = textParameter(query, "continue");
    ORRERY_TRY_ASSIGN(out.limit, intParameter(query, "limit"));
    ORRERY_TRY_ASSIGN(out.timeoutSeconds, intParameter(query, "timeoutSeconds"));
    out.watch = info.verb == "watch";
    out.allowWatchBookmarks = boolParameter(query, "allowWatchBookmarks");
    if (parameter(query, "sendInitialEvents"))
        out.sendInitialEvents = boolParameter(query, "sendInitialEvents");
    out.fieldManager = textParameter(query, "fieldManager");
    out.force = boolParameter(query, "force");
    out.includeObject = textParameter(query, "includeObject");
    out.pretty = boolParameter(query, "pretty");
    if (info.verb == "create" || info.verb == "update" || info.verb == "patch") {
        std::vector<StatusCause> causes;
        checkFieldManager(out.fieldManager, causes);
        readDryRun(query, out, causes);
        readFieldValidation(query, out, causes);
        if (!causes.empty())
            return api::invalid("meta.k8s.io", optionsKind(info.verb), "", std::move(causes));
    }
    return out;
}

Result<void> validateListOptions(const RequestOptions& options, bool watch) {
    static constexpr const char* kMatch = "resourceVersionMatch";
    const std::string& match = options.resourceVersionMatch;
    std::vector<StatusCause> causes;
    const auto forbid = [&causes](const char* field, const std::string& text) {
        causes.push_back({"FieldValueForbidden", "Forbidden: " + text, field});
    };
    const auto unsupported = [&causes, &match](const char* values) {
        causes.push_back({"FieldValueNotSupported",
                          "Unsupported value: \"" + match + "\": supported values: " + values,
                          kMatch});
    };
    if (watch) {
        if (options.sendInitialEvents && match != "NotOlderThan")
            forbid(kMatch,
                   "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        else if (!options.sendInitialEvents && !match.empty())
            forbid(
                kMatch,
                "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
        if (!match.empty() && match != "NotOlderThan")
            unsupported("\"NotOlderThan\"");
        if (!options.continue_.empty())
            forbid(kMatch, "resourceVersionMatch is forbidden when continue is provided");
    } else {
        if (!match.empty()) {
            if (options.resourceVersion.empty())
                forbid(kMatch,
                       "resourceVersionMatch is forbidden unless resourceVersion is provided");
            if (!options.continue_.empty())
                forbid(kMatch, "resourceVersionMatch is forbidden when continue is provided");
            if (match != "Exact" && match != "NotOlderThan")
                unsupported("\"Exact\", \"NotOlderThan\", \"\"");
            if (match == "Exact" && options.resourceVersion == "0")
                forbid(kMatch,
                       "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
        }
        if (options.sendInitialEvents)
            forbid("sendInitialEvents", "sendInitialEvents is forbidden for list");
    }
    if (!causes.empty())
        return api::invalid("meta.k8s.io", "ListOptions", "", std::move(causes));
    return {};
}

Result<std::int64_t> parseResourceVersion(std::string_view text) {
    if (text.empty())
        return std::int64_t{0};
    std::uint64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool tooLarge = code == std::errc::result_out_of_range || number > INT64_MAX;
    if (!tooLarge && code == std::errc() && end == text.data() + text.size())
        return static_cast<std::int64_t>(number);
    const std::string reason =
        tooLarge ? "strconv.ParseUint: parsing \"" + std::string(text) + "\": value out of range"
                 : goSyntaxError("ParseUint", text);
    return makeError(Reason::Unknown,
                     "resourceVersion: Invalid value: \"" + std::string(text) + "\": " + reason);
}

} // namespace orrery::apiserver
