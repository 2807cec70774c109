#include "core/apiserver/metrics.h"

#include <algorithm>
#include <cstdio>
#include <map>

namespace orrery::apiserver {

namespace {
// Unordered by day, sorted for who reads.
template <typename Map> auto sorted(const Map& map) {
    std::vector<const typename Map::value_type*> all;
    all.reserve(map.size());
    for (const auto& entry : map) // sorted below
        all.push_back(&entry);
    std::sort(all.begin(), all.end(),
              [](const auto* a, const auto* b) { return a->first < b->first; });
    return all;
}
} // namespace

// --- the text

std::string MetricsText::number(double value) {
    char text[32];
    const bool whole =
        value < 1e15 && value == static_cast<double>(static_cast<std::int64_t>(value));
    if (whole && value < 1e6)
        std::snprintf(text, sizeof text, "%lld", static_cast<long long>(value));
    else
        std::snprintf(text, sizeof text, "%.17g", value);
    double shortest = 0;
    for (int digits = 1; digits < 17 && !(whole && value < 1e6); ++digits) {
        std::snprintf(text, sizeof text, "%.*g", digits, value);
        if (std::sscanf(text, "%lf", &shortest) == 1 && shortest == value)
            break;
    }
    return text;
}

std::string MetricsText::quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out.push_back('\\');
        if (c == '\n')
            out.append("\\n");
        else
            out.push_back(c);
    }
    return out + "\"";
}

void MetricsText::family(std::string_view name, std::string_view type, std::string_view help) {
    out_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name);
    out_.append(" ").append(type).append("\n");
}

void MetricsText::value(std::string_view name, std::string_view labels, double value) {
    out_.append(name);
    if (!labels.empty())
        out_.append("{").append(labels).append("}");
    out_.append(" ").append(number(value)).append("\n");
}

void MetricsText::bucket(std::string_view name, std::string_view labels, std::string_view bound,
                         std::uint64_t count) {
    out_.append(name).append("_bucket{").append(labels).append(labels.empty() ? "" : ",");
    out_.append("le=\"").append(bound).append("\"} ").append(std::to_string(count)).append("\n");
}

// --- requests

Metrics::Series& Metrics::seriesOf(const Request& request) {
    key_.clear();
    for (const std::string* part : {&request.group, &request.version, &request.resource,
                                    &request.subresource, &request.scope, &request.verb})
        key_.append(*part).push_back('\n');
    if (request.dryRun)
        key_.push_back('d');
    const auto found = series_.find(key_);
    if (found != series_.end())
        return found->second;
    Series& made = series_[key_];
    made.request = request;
    return made;
}

namespace {
void addCode(std::vector<std::pair<int, std::uint64_t>>& codes, int code) {
    const auto found = std::find_if(codes.begin(), codes.end(),
                                    [code](const auto& entry) { return entry.first == code; });
    if (found != codes.end())
        ++found->second;
    else
        codes.emplace_back(code, 1);
}
} // namespace

void Metrics::count(const Request& request, Duration took, std::size_t responseBytes) {
    Series& series = seriesOf(request);
    addCode(series.codes, request.code);
    series.seconds.observe(kSeconds, std::chrono::duration<double>(took).count());
    series.bytes.observe(kBytes, static_cast<double>(responseBytes));
}

void Metrics::countStream(const Request& request) {
    addCode(seriesOf(request).codes, request.code);
}

void Metrics::countDurable(const std::string& group, const std::string& resource,
                           std::string_view operation, Duration took) {
    key_.assign(group).append("\n").append(resource).append("\n").append(operation);
    Durable& durable = stored_[key_];
    if (durable.labels.empty())
        durable.labels = "group=" + MetricsText::quoted(group) +
                         ",operation=" + MetricsText::quoted(operation) +
                         ",resource=" + MetricsText::quoted(resource);
    durable.seconds.observe(kSeconds, std::chrono::duration<double>(took).count());
}

std::string Metrics::labelsOf(const Request& request, int code, bool dryRun) {
    std::string text = code != 0 ? "code=\"" + std::to_string(code) + "\"," : "";
    text += "component=\"apiserver\"";
    if (dryRun)
        text += request.dryRun ? ",dry_run=\"All\"" : ",dry_run=\"\"";
    const auto add = [&text](const char* name, const std::string& value) {
        text.append(",").append(name).append("=").append(MetricsText::quoted(value));
    };
    add("group", request.group);
    add("resource", request.resource);
    add("scope", request.scope);
    add("subresource", request.subresource);
    add("verb", request.verb);
    add("version", request.version);
    return text;
}

void Metrics::append(MetricsText& text) const {
    const auto all = sorted(series_);
    text.family("apiserver_request_total", "counter",
                "Counter of apiserver requests by verb, dry run, resource and HTTP code.");
    for (const auto* entry : all) {
        auto codes = entry->second.codes;
        std::sort(codes.begin(), codes.end());
        for (const auto& [code, count] : codes)
            text.value("apiserver_request_total", labelsOf(entry->second.request, code, true),
                       static_cast<double>(count));
    }
    text.family("apiserver_request_duration_seconds", "histogram",
                "Time from a request to its answer.");
    for (const auto* entry : all)
        if (entry->second.seconds.count > 0)
            text.histogram("apiserver_request_duration_seconds",
                           labelsOf(entry->second.request, 0, true), kSeconds,
                           entry->second.seconds);
    text.family("apiserver_response_sizes", "histogram", "Bytes of answers, uncompressed.");
    for (const auto* entry : all)
        if (entry->second.bytes.count > 0 && !entry->second.request.dryRun)
            text.histogram("apiserver_response_sizes", labelsOf(entry->second.request, 0, false),
                           kBytes, entry->second.bytes);
    text.family("etcd_request_duration_seconds", "histogram",
                "Time from a write's commit until it is on disk.");
    for (const auto* entry : sorted(stored_))
        text.histogram("etcd_request_duration_seconds", entry->second.labels, kSeconds,
                       entry->second.seconds);
}

} // namespace orrery::apiserver
