// The parameters of paths and queries, in our words.
#include <algorithm>

#include "core/api/openapi_parts.h"

namespace orrery::api {

namespace {
// By name. "{path}" is the rest of a proxy's path, "path" a query's.
constexpr OpenApiParameter kParameters[] = {
    {"allowWatchBookmarks", "boolean", "Ask a watch for BOOKMARK events."},
    {"command", "string", "The program to run, and its arguments; not run in a shell."},
    {"container", "string", "The container that is meant; the pod's only one when left out."},
    {"continue", "string", "The token that the list's earlier part ended with."},
    {"dryRun", "string", "All: do everything but keep the change."},
    {"fieldManager", "string", "Who is said to have changed the fields."},
    {"fieldSelector", "string", "Only objects whose fields match."},
    {"fieldValidation", "string", "Unknown and duplicate fields: Ignore, Warn or Strict."},
    {"follow", "boolean", "Go on with what is written from now on."},
    {"force", "boolean", "Apply: take fields over from other managers."},
    {"gracePeriodSeconds", "integer", "Seconds that the object has to end; 0 is at once."},
    {"ignoreStoreReadErrorWithClusterBreakingPotential", "boolean",
     "Delete an object although it can't be read any more."},
    {"insecureSkipTLSVerifyBackend", "boolean", "Believe the kubelet whatever certificate it has."},
    {"labelSelector", "string", "Only objects whose labels match."},
    {"limit", "integer", "At most so many objects in one answer."},
    {"limitBytes", "integer", "At most so many bytes."},
    {"name", "string", "The object's name."},
    {"namespace", "string", "The object's namespace."},
    {"orphanDependents", "boolean", "Old form of propagationPolicy."},
    {"path", "string", "The path to ask for."},
    {"ports", "integer", "The ports to forward; needed for WebSockets."},
    {"pretty", "string", "true: with line breaks and indentation."},
    {"previous", "boolean", "The log of the container's run before this one."},
    {"propagationPolicy", "string", "What becomes of dependents: Orphan, Background, Foreground."},
    {"resourceVersion", "string", "The version to read at, or to watch from."},
    {"resourceVersionMatch", "string", "How resourceVersion is meant: Exact or NotOlderThan."},
    {"sendInitialEvents", "boolean", "A watch begins with the objects that exist."},
    {"shardSelector", "string", "Only objects of one part of the whole."},
    {"sinceSeconds", "integer", "Only what is not older than so many seconds."},
    {"stderr", "boolean", "Connect the program's error output."},
    {"stdin", "boolean", "Connect the program's input."},
    {"stdout", "boolean", "Connect the program's output."},
    {"stream", "string", "Which output: All, Stdout or Stderr."},
    {"tailLines", "integer", "Only so many lines from the end."},
    {"timeoutSeconds", "integer", "Ends a list or watch after so many seconds."},
    {"timestamps", "boolean", "Begin each line with its time."},
    {"tty", "boolean", "Give the program a terminal."},
    {"watch", "boolean", "Follow changes instead of listing once."},
    {"{path}", "string", "The rest of the path."},
};
} // namespace

const OpenApiParameter& openApiParameter(std::string_view name) {
    const auto at = std::lower_bound(
        std::begin(kParameters), std::end(kParameters), name,
        [](const OpenApiParameter& each, std::string_view wanted) { return each.name < wanted; });
    ORRERY_ASSERT(at != std::end(kParameters) && at->name == name);
    return *at;
}

} // namespace orrery::api
