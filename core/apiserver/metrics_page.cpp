#include "core/apiserver/metrics_page.h"

#include "core/apiserver/watch_stream.h"

namespace orrery::apiserver {

namespace {
void appendWatches(const ServerCore& core, MetricsText& text) {
    std::map<std::string, int> open;                 // by labels
    for (const auto& [stream, owner] : core.streams) // counted: no order matters
        ++open[stream->labels()];
    text.family("apiserver_longrunning_requests", "gauge", "Watches and logs that are open.");
    for (const auto& [labels, count] : open)
        text.value("apiserver_longrunning_requests", labels, count);
    if (!core.logs.empty())
        text.value("apiserver_longrunning_requests",
                   "component=\"apiserver\",group=\"\",resource=\"pods\",scope=\"resource\","
                   "subresource=\"log\",verb=\"GET\",version=\"v1\"",
                   static_cast<double>(core.logs.size()));
}
} // namespace

std::string metricsText(const ServerCore& core) {
    MetricsText text;
    core.metrics.append(text);
    appendWatches(core, text);
    text.family("apiserver_current_inflight_requests", "gauge", "Requests being served now.");
    text.value("apiserver_current_inflight_requests", "request_kind=\"mutating\"",
               core.mutatingInFlight);
    text.value("apiserver_current_inflight_requests", "request_kind=\"readOnly\"",
               core.readOnlyInFlight);
    text.family("apiserver_storage_size_bytes", "gauge", "Size of the store's file.");
    text.value("apiserver_storage_size_bytes", "storage_cluster_id=\"etcd-0\"",
               static_cast<double>(core.store.sizeBytes()));
    text.family("orrery_store_revision", "gauge", "The newest revision of the store.");
    text.value("orrery_store_revision", "", static_cast<double>(core.store.revision()));
    for (const auto& source : core.metricSources)
        source(text);
    return text.take();
}

} // namespace orrery::apiserver
