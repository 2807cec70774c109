// Paths and operations of a kind, from its verbs and subresources.
#include <algorithm>
#include <span>

#include "core/api/openapi_parts.h"

namespace orrery::api {

namespace {
constexpr std::string_view kMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

constexpr OpenApiParameter kParameters[] = {
    {"allowWatchBookmarks", "boolean", "Ask a watch for BOOKMARK events."},
    {"continue", "string", "The token of the list's earlier part."},
    {"dryRun", "string", "All: do everything but keep the change."},
    {"fieldManager", "string", "Who is said to have changed the fields."},
    {"fieldSelector", "string", "Only objects whose fields match."},
    {"fieldValidation", "string", "Unknown and duplicate fields: Ignore, Warn or Strict."},
    {"force", "boolean", "Apply: take fields over from other managers."},
    {"gracePeriodSeconds", "integer", "Seconds that the object has to end; 0 is at once."},
    {"labelSelector", "string", "Only objects whose labels match."},
    {"limit", "integer", "At most so many objects in one answer."},
    {"name", "string", "The object's name."},
    {"namespace", "string", "The object's namespace."},
    {"orphanDependents", "boolean", "Old form of propagationPolicy."},
    {"pretty", "string", "true: with line breaks and indentation."},
    {"propagationPolicy", "string", "What becomes of dependents: Orphan, Background, Foreground."},
    {"resourceVersion", "string", "The version to read at, or to watch from."},
    {"resourceVersionMatch", "string", "How resourceVersion is meant: Exact or NotOlderThan."},
    {"sendInitialEvents", "boolean", "A watch begins with the objects that exist."},
    {"timeoutSeconds", "integer", "Ends a list or watch after so many seconds."},
    {"watch", "boolean", "Follow changes instead of listing once."},
};

const std::vector<std::string_view> kReadQuery = {"pretty"};
const std::vector<std::string_view> kListQuery = {"allowWatchBookmarks",
                                                  "continue",
                                                  "fieldSelector",
                                                  "labelSelector",
                                                  "limit",
                                                  "pretty",
                                                  "resourceVersion",
                                                  "resourceVersionMatch",
                                                  "sendInitialEvents",
                                                  "timeoutSeconds",
                                                  "watch"};
const std::vector<std::string_view> kWriteQuery = {"dryRun", "fieldManager", "fieldValidation",
                                                   "pretty"};
const std::vector<std::string_view> kPatchQuery = {"dryRun", "fieldManager", "fieldValidation",
                                                   "force", "pretty"};
const std::vector<std::string_view> kDeleteQuery = {
    "dryRun", "gracePeriodSeconds", "orphanDependents", "pretty", "propagationPolicy"};
const std::vector<std::string_view> kDeleteCollectionQuery = {
    "continue",          "dryRun",          "fieldSelector",        "gracePeriodSeconds",
    "labelSelector",     "limit",           "orphanDependents",     "pretty",
    "propagationPolicy", "resourceVersion", "resourceVersionMatch", "timeoutSeconds"};

struct Verb {
    std::string_view verb, method, action, word;
};
constexpr Verb kCollectionVerbs[] = {
    {"list", "get", "list", "list"},
    {"create", "post", "post", "create"},
    {"deletecollection", "delete", "deletecollection", "deleteCollection"},
};
constexpr Verb kItemVerbs[] = {
    {"get", "get", "get", "read"},
    {"update", "put", "put", "replace"},
    {"delete", "delete", "delete", "delete"},
    {"patch", "patch", "patch", "patch"},
    {"create", "post", "post", "create"},
};

const std::vector<std::string_view>& queryOf(std::string_view action) {
    if (action == "list")
        return kListQuery;
    if (action == "post" || action == "put")
        return kWriteQuery;
    if (action == "patch")
        return kPatchQuery;
    if (action == "delete")
        return kDeleteQuery;
    return action == "deletecollection" ? kDeleteCollectionQuery : kReadQuery;
}

// "Apps", "Core", "RbacAuthorization": a group in an operation's id.
std::string groupWord(std::string_view group) {
    if (group.empty())
        return "Core";
    std::string result;
    bool upper = true;
    for (const char c : group.substr(0, group.find(".k8s.io"))) {
        if (c == '.' || c == '-') {
            upper = true;
            continue;
        }
        result += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        upper = false;
    }
    return result;
}

std::string capital(std::string_view text) {
    std::string result(text);
    if (!result.empty() && result[0] >= 'a' && result[0] <= 'z')
        result[0] = static_cast<char>(result[0] - 'a' + 'A');
    return result;
}

class PathBuilder {
  public:
    explicit PathBuilder(const KindDef& kind) : kind_(kind), schema_(openApiName(kind)) {}

    std::vector<OpenApiPath> build() {
        const std::string root =
            kind_.group.empty() ? "/api/" + kind_.version : "/apis/" + kind_.apiVersion();
        const bool namespaced = kind_.scope == Scope::Namespaced;
        const std::string collection =
            root + (namespaced ? "/namespaces/{namespace}/" : "/") + kind_.plural;
        if (namespaced && has(kind_.verbs, "list"))
            add(root + "/" + kind_.plural, {&kCollectionVerbs[0], 1}, kind_.verbs, schema_,
                "ForAllNamespaces", kind_.gvk());
        add(collection, kCollectionVerbs, kind_.verbs, schema_, "", kind_.gvk());
        // Creation belongs to the collection.
        add(collection + "/{name}", std::span<const Verb>(kItemVerbs).first(4), kind_.verbs,
            schema_, "", kind_.gvk());
        for (const Subresource& sub : kind_.subresources)
            addSubresource(collection + "/{name}/" + sub.name, sub);
        return std::move(paths_);
    }

  private:
    static bool has(const std::vector<std::string>& verbs, std::string_view verb) {
        return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
    }

    void addSubresource(const std::string& path, const Subresource& sub) {
        GroupVersionKind gvk{sub.group.empty() && sub.version.empty() ? kind_.group : sub.group,
                             sub.version.empty() ? kind_.version : sub.version, sub.kind};
        std::string type = schema_;
        if (sub.kind != kind_.kind)
            type = typeOf(gvk);
        add(path, kItemVerbs, sub.verbs, type, capital(sub.name), gvk);
    }

    // The type of a subresource's body; "" when it is none of the API's (exec, proxy).
    static std::string typeOf(const GroupVersionKind& gvk) {
        const std::string group = gvk.group.substr(0, gvk.group.find('.'));
        const std::string name =
            "io.k8s.api." + (group.empty() ? "core" : group) + "." + gvk.version + "." + gvk.kind;
        return Schema::builtIn().find(name) ? name : std::string();
    }

    void add(const std::string& path, std::span<const Verb> verbs,
             const std::vector<std::string>& served, const std::string& type,
             const std::string& suffix, const GroupVersionKind& gvk) {
        OpenApiPath made;
        made.path = path;
        for (const Verb& verb : verbs)
            if (has(served, verb.verb))
                made.operations.push_back(operation(verb, type, suffix, gvk));
        if (!made.operations.empty())
            paths_.push_back(std::move(made));
    }

    OpenApiOperation operation(const Verb& verb, const std::string& type, const std::string& suffix,
                               const GroupVersionKind& gvk) const {
        OpenApiOperation made;
        made.method = verb.method;
        made.action = type.empty() ? "connect" : std::string(verb.action);
        const bool everywhere = suffix == "ForAllNamespaces";
        made.operationId =
            std::string(type.empty() ? "connect" + capital(verb.word) : std::string(verb.word)) +
            groupWord(kind_.group) + capital(kind_.version) +
            (kind_.scope == Scope::Namespaced && !everywhere ? "Namespaced" : "") + kind_.kind +
            suffix;
        made.gvk = gvk;
        made.query = queryOf(verb.action);
        if (type.empty())
            return made;
        made.answer = type;
        if (verb.verb == "list")
            made.answer = type + "List";
        else if (verb.verb == "delete" || verb.verb == "deletecollection")
            made.answer = std::string(kMeta) + "Status";
        if (verb.verb == "create" || verb.verb == "update")
            made.body = type;
        else if (verb.verb == "patch")
            made.body = std::string(kMeta) + "Patch";
        else if (verb.method == "delete")
            made.body = std::string(kMeta) + "DeleteOptions";
        return made;
    }

    const KindDef& kind_;
    std::string schema_;
    std::vector<OpenApiPath> paths_;
};
} // namespace

std::vector<OpenApiPath> openApiPaths(const KindDef& kind) {
    std::vector<OpenApiPath> paths = PathBuilder(kind).build();
    if (kind.custom)
        for (OpenApiPath& path : paths)
            for (OpenApiOperation& operation : path.operations)
                operation.custom = true;
    return paths;
}

const OpenApiParameter& openApiParameter(std::string_view name) {
    for (const OpenApiParameter& each : kParameters)
        if (each.name == name)
            return each;
    ORRERY_ASSERT(!"a query parameter without facts");
    return kParameters[0];
}

} // namespace orrery::api
