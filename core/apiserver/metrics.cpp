#include "core/apiserver/metrics.h"

#include <cstdio>

namespace orrery::apiserver {

namespace {
std::string labels(const Metrics::Request& request, bool code) {
    std::string text = "{";
    if (code)
        text += "code=\"" + std::to_string(request.code) + "\",";
    return text + "component=\"apiserver\",group=\"" + request.group + "\",resource=\"" +
           request.resource + "\",scope=\"" + request.scope + "\",subresource=\"" +
           request.subresource + "\",verb=\"" + request.verb + "\",version=\"" + request.version +
           "\"";
}

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", value);
    return text;
}

void head(std::string& out, const char* name, const char* type, const char* help) {
    out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name);
    out.append(" ").append(type).append("\n");
}
} // namespace

void Metrics::count(const Request& request, Duration took) {
    ++total_[request];
    Request key = request;
    key.code = 0;
    Histogram& histogram = duration_[key];
    const double seconds = std::chrono::duration<double>(took).count();
    for (std::size_t i = 0; i < kSeconds.size(); ++i)
        if (seconds <= kSeconds[i])
            ++histogram.below[i];
    ++histogram.count;
    histogram.sum += seconds;
}

std::string Metrics::text(int readOnly, int mutating, int watches, std::int64_t revision,
                          std::int64_t storeBytes) const {
    std::string out;
    head(out, "apiserver_request_total", "counter", "Requests by verb, resource and HTTP code.");
    for (const auto& [request, count] : total_)
        out +=
            "apiserver_request_total" + labels(request, true) + "} " + std::to_string(count) + "\n";
    head(out, "apiserver_request_duration_seconds", "histogram",
         "Time from a request to its answer.");
    for (const auto& [request, histogram] : duration_) {
        const std::string name = "apiserver_request_duration_seconds";
        for (std::size_t i = 0; i < kSeconds.size(); ++i)
            out += name + "_bucket" + labels(request, false) + ",le=\"" + number(kSeconds[i]) +
                   "\"} " + std::to_string(histogram.below[i]) + "\n";
        out += name + "_bucket" + labels(request, false) + ",le=\"+Inf\"} " +
               std::to_string(histogram.count) + "\n";
        out += name + "_sum" + labels(request, false) + "} " + number(histogram.sum) + "\n";
        out += name + "_count" + labels(request, false) + "} " + std::to_string(histogram.count) +
               "\n";
    }
    head(out, "apiserver_current_inflight_requests", "gauge", "Requests being served now.");
    out += "apiserver_current_inflight_requests{request_kind=\"mutating\"} " +
           std::to_string(mutating) + "\n";
    out += "apiserver_current_inflight_requests{request_kind=\"readOnly\"} " +
           std::to_string(readOnly) + "\n";
    head(out, "apiserver_longrunning_requests", "gauge", "Open watches.");
    out += "apiserver_longrunning_requests{component=\"apiserver\",verb=\"WATCH\"} " +
           std::to_string(watches) + "\n";
    head(out, "apiserver_storage_size_bytes", "gauge", "Size of the store.");
    out += "apiserver_storage_size_bytes " + std::to_string(storeBytes) + "\n";
    head(out, "orrery_store_revision", "gauge", "The newest revision of the store.");
    out += "orrery_store_revision " + std::to_string(revision) + "\n";
    return out;
}

} // namespace orrery::apiserver
