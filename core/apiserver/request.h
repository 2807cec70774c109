// What a path, a method and a query ask for, in Kubernetes' terms.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/api/object.h"
#include "core/base/error.h"
#include "core/client/client.h"

namespace orrery::apiserver {

// Decoded parameters in the order of the request.
using Query = std::vector<std::pair<std::string, std::string>>;

// apiserver's RequestInfo.
struct RequestInfo {
    bool resourceRequest = false;
    std::string verb; // get list watch create update patch delete deletecollection; else the
                      // lowercase method
    std::string path; // decoded, without the query
    std::string group, version, resource, subresource, namespace_, name;
    std::string rest; // of the path behind the subresource (proxy), without the leading "/"
    bool oldWatchPath = false; // /api/v1/watch/...
};

// Splits "path?query"; %XX decoded in the query only. A bad escape stays as it is.
std::pair<std::string, Query> splitTarget(std::string_view target);
std::string decodePercent(std::string_view text, bool plusIsSpace);
// The first value of a parameter, or nullptr.
const std::string* parameter(const Query& query, std::string_view name);

// Path and method to resource, verb and so on; `query` tells list from watch.
RequestInfo parseRequestInfo(std::string_view method, std::string_view path, const Query& query);

// metav1.ListOptions and what the other verbs read from the query.
struct RequestOptions {
    std::string labelSelector, fieldSelector;
    std::string resourceVersion, resourceVersionMatch, continue_;
    std::int64_t limit = 0;
    bool watch = false, allowWatchBookmarks = false;
    std::optional<bool> sendInitialEvents;
    std::int64_t timeoutSeconds = 0; // 0: not given
    bool dryRun = false;
    std::string fieldManager;
    api::FieldValidation fieldValidation = api::FieldValidation::Warn;
    bool force = false;
    std::string includeObject; // of tables: "", None, Metadata, Object
    bool pretty = false;
};

// Reads the query for `verb`. Errors: BadRequest and Invalid with Kubernetes' sentences.
Result<RequestOptions> parseOptions(const Query& query, const RequestInfo& info);
// metav1 ListOptions' own rules, for list, watch and deletecollection.
Result<void> validateListOptions(const RequestOptions& options, bool watch);
// A resourceVersion as a number; the error's message is Go's ("resourceVersion: Invalid value:
// ...").
Result<std::int64_t> parseResourceVersion(std::string_view text);

} // namespace orrery::apiserver
