// Paths and operations of a kind, from its verbs and subresources.
#include <algorithm>

#include "core/api/openapi_parts.h"

namespace orrery::api {

namespace {
using Names = std::vector<std::string_view>;
using Media = OpenApiMedia;
constexpr std::string_view kMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

const Names kListParameters = {"allowWatchBookmarks",
                               "continue",
                               "fieldSelector",
                               "labelSelector",
                               "limit",
                               "resourceVersion",
                               "resourceVersionMatch",
                               "sendInitialEvents",
                               "shardSelector",
                               "timeoutSeconds",
                               "watch"};
const Names kWriteParameters = {"dryRun", "fieldManager", "fieldValidation"};
const Names kPatchParameters = {"dryRun", "fieldManager", "fieldValidation", "force"};
const Names kDeleteParameters = {"dryRun", "gracePeriodSeconds",
                                 "ignoreStoreReadErrorWithClusterBreakingPotential",
                                 "orphanDependents", "propagationPolicy"};
const Names kDeleteCollectionParameters = {"continue",
                                           "dryRun",
                                           "fieldSelector",
                                           "gracePeriodSeconds",
                                           "ignoreStoreReadErrorWithClusterBreakingPotential",
                                           "labelSelector",
                                           "limit",
                                           "orphanDependents",
                                           "propagationPolicy",
                                           "resourceVersion",
                                           "resourceVersionMatch",
                                           "sendInitialEvents",
                                           "shardSelector",
                                           "timeoutSeconds"};
const Names kLogParameters = {"container",  "follow",    "insecureSkipTLSVerifyBackend",
                              "limitBytes", "previous",  "sinceSeconds",
                              "stream",     "tailLines", "timestamps"};

// Kinds whose deletion answers with the object.
constexpr std::pair<std::string_view, std::string_view> kAnswerDeleted[] = {
    {"", "PersistentVolume"},
    {"", "PersistentVolumeClaim"},
    {"", "Pod"},
    {"", "PodTemplate"},
    {"", "ResourceQuota"},
    {"", "Service"},
    {"", "ServiceAccount"},
    {"resource.k8s.io", ""},
    {"storage.k8s.io", "CSIDriver"},
    {"storage.k8s.io", "CSINode"},
    {"storage.k8s.io", "StorageClass"},
    {"storage.k8s.io", "VolumeAttachment"},
    {"storage.k8s.io", "VolumeAttributesClass"},
};

struct Verb {
    std::string_view verb, method, action, word;
};
constexpr Verb kVerbs[] = {
    {"list", "get", "list", "list"},
    {"create", "post", "post", "create"},
    {"deletecollection", "delete", "deletecollection", "delete"},
    {"get", "get", "get", "read"},
    {"update", "put", "put", "replace"},
    {"delete", "delete", "delete", "delete"},
    {"patch", "patch", "patch", "patch"},
};
const Verb& verbOf(std::string_view name) {
    for (const Verb& verb : kVerbs)
        if (verb.verb == name)
            return verb;
    ORRERY_ASSERT(!"a verb without facts");
    return kVerbs[0];
}

const Names& parametersOf(std::string_view action) {
    static const Names kNone;
    if (action == "list" || action == "watch" || action == "watchlist")
        return kListParameters;
    if (action == "post" || action == "put")
        return kWriteParameters;
    if (action == "patch")
        return kPatchParameters;
    if (action == "delete")
        return kDeleteParameters;
    return action == "deletecollection" ? kDeleteCollectionParameters : kNone;
}

std::string capital(std::string_view text) {
    std::string result(text);
    if (!result.empty() && result[0] >= 'a' && result[0] <= 'z')
        result[0] = static_cast<char>(result[0] - 'a' + 'A');
    return result;
}

bool has(const std::vector<std::string>& verbs, std::string_view verb) {
    return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

class PathBuilder {
  public:
    explicit PathBuilder(const KindDef& kind)
        : kind_(kind), schema_(openApiName(kind)),
          root_(kind.group.empty() ? "/api/" + kind.version : "/apis/" + kind.apiVersion()),
          namespaced_(kind.scope == Scope::Namespaced) {}

    std::vector<OpenApiPath> build() {
        const std::string within = namespaced_ ? "/namespaces/{namespace}/" : "/";
        const std::string collection = root_ + within + kind_.plural;
        if (namespaced_ && has(kind_.verbs, "list"))
            add(root_ + "/" + kind_.plural, {"list"}, kind_.verbs, false);
        add(collection, {"list", "create", "deletecollection"}, kind_.verbs, namespaced_);
        add(collection + "/{name}", {"get", "update", "delete", "patch"}, kind_.verbs, namespaced_);
        for (const Subresource& sub : kind_.subresources)
            addSubresource(collection + "/{name}/" + sub.name, sub);
        if (has(kind_.verbs, "watch") && !kind_.custom)
            addWatches(root_ + "/watch", within + kind_.plural);
        return std::move(paths_);
    }

  private:
    void add(const std::string& path, std::initializer_list<std::string_view> verbs,
             const std::vector<std::string>& served, bool namespaced) {
        OpenApiPath made;
        made.path = path;
        made.nameOf = kind_.kind;
        for (const std::string_view verb : verbs)
            if (has(served, verb))
                made.operations.push_back(
                    operation(verbOf(verb), schema_, namespaced, "", kind_.gvk(), path));
        if (!made.operations.empty())
            paths_.push_back(std::move(made));
    }

    void addSubresource(const std::string& path, const Subresource& sub) {
        const GroupVersionKind gvk{sub.group.empty() && sub.version.empty() ? kind_.group
                                                                            : sub.group,
                                   sub.version.empty() ? kind_.version : sub.version, sub.kind};
        const std::string type = sub.kind == kind_.kind ? schema_ : typeOf(gvk);
        if (type.empty())
            return addConnections(path, sub, gvk);
        OpenApiPath made;
        made.path = path;
        made.nameOf = sub.kind;
        for (const char* verb : {"get", "update", "delete", "patch", "create"})
            if (has(sub.verbs, verb))
                made.operations.push_back(
                    operation(verbOf(verb), type, namespaced_, capital(sub.name), gvk, path));
        if (sub.name == "log")
            makeLog(made.operations);
        paths_.push_back(std::move(made));
    }

    static void makeLog(std::vector<OpenApiOperation>& operations) {
        for (OpenApiOperation& each : operations) {
            each.media = Media::Log;
            each.answer.clear();
            each.parameters.insert(each.parameters.end(), kLogParameters.begin(),
                                   kLogParameters.end());
            std::sort(each.parameters.begin(), each.parameters.end());
        }
    }

    // The type of a subresource's body; "" when it is none of the API's (exec, proxy).
    static std::string typeOf(const GroupVersionKind& gvk) {
        const std::string group = gvk.group.substr(0, gvk.group.find('.'));
        const std::string name =
            "io.k8s.api." + (group.empty() ? "core" : group) + "." + gvk.version + "." + gvk.kind;
        return Schema::builtIn().find(name) ? name : std::string();
    }

    void addConnections(const std::string& path, const Subresource& sub,
                        const GroupVersionKind& gvk) {
        const bool proxy = sub.name == "proxy";
        Names parameters;
        if (proxy)
            parameters = {"path"};
        else if (sub.name == "portforward")
            parameters = {"ports"};
        else
            parameters = {"container", "stderr", "stdin", "stdout", "tty"};
        if (sub.name == "exec")
            parameters.insert(parameters.begin(), "command");
        connect(path, sub, gvk, parameters, "");
        if (!proxy)
            return;
        parameters.push_back("{path}");
        connect(path + "/{path}", sub, gvk, parameters, "WithPath");
    }

    void connect(const std::string& path, const Subresource& sub, const GroupVersionKind& gvk,
                 const Names& parameters, const char* suffix) {
        OpenApiPath made;
        made.path = path;
        made.nameOf = sub.kind;
        for (const char* method : {"get", "put", "post", "delete", "options", "head", "patch"}) {
            const bool asked = sub.name == "proxy" || method == std::string_view("get") ||
                               method == std::string_view("post");
            if (!asked)
                continue;
            OpenApiOperation each;
            each.method = method;
            each.action = "connect";
            each.operationId = "connect" + group() + capital(method) + scope(namespaced_) +
                               kind_.kind + capital(sub.name) + suffix;
            each.description = "connect to " + sub.name + " of a " + kind_.kind;
            each.tag = tag();
            each.successes = {200};
            each.gvk = gvk;
            each.media = Media::Anything;
            each.parameters = parameters;
            addPathParameters(path, each.parameters);
            made.operations.push_back(std::move(each));
        }
        paths_.push_back(std::move(made));
    }

    void addWatches(const std::string& root, const std::string& collection) {
        if (namespaced_)
            addWatch(root + "/" + kind_.plural, "watchlist", false, "ListForAllNamespaces");
        addWatch(root + collection, "watchlist", namespaced_, "List");
        if (has(kind_.verbs, "get"))
            addWatch(root + collection + "/{name}", "watch", namespaced_, "");
    }

    void addWatch(const std::string& path, const char* action, bool namespaced,
                  const char* suffix) {
        OpenApiOperation each;
        each.method = "get";
        each.action = action;
        each.operationId = "watch" + group() + scope(namespaced) + kind_.kind + suffix;
        each.description = "old form of a list with watch=true";
        each.tag = tag();
        each.answer = std::string(kMeta) + "WatchEvent";
        each.successes = {200};
        each.gvk = kind_.gvk();
        each.media = Media::List;
        each.parameters = parametersOf(action);
        each.parameters.push_back("pretty");
        addPathParameters(path, each.parameters);
        paths_.push_back({path, kind_.kind, {std::move(each)}});
    }

    std::string group() const {
        return capital(openApiGroupWord(kind_.group)) + capital(kind_.version);
    }
    std::string tag() const { return openApiGroupWord(kind_.group) + "_" + kind_.version; }
    static std::string scope(bool namespaced) { return namespaced ? "Namespaced" : ""; }

    static void addPathParameters(const std::string& path, Names& parameters) {
        for (const std::string_view name : {"name", "namespace"})
            if (path.find("{" + std::string(name) + "}") != std::string::npos)
                parameters.push_back(name);
        std::sort(parameters.begin(), parameters.end());
    }

    bool answersDeleted() const {
        return std::any_of(std::begin(kAnswerDeleted), std::end(kAnswerDeleted),
                           [this](const auto& each) {
                               return each.first == kind_.group &&
                                      (each.second.empty() || each.second == kind_.kind);
                           });
    }

    OpenApiOperation operation(const Verb& verb, const std::string& type, bool namespaced,
                               const std::string& sub, const GroupVersionKind& gvk,
                               const std::string& path) const {
        const bool everywhere = namespaced_ && !namespaced;
        OpenApiOperation made;
        made.method = verb.method;
        made.action = verb.action;
        made.operationId = std::string(verb.word) + group() +
                           (verb.action == "deletecollection" ? "Collection" : "") +
                           scope(namespaced) + kind_.kind + sub +
                           (everywhere ? "ForAllNamespaces" : "");
        made.description =
            std::string(verb.word) + (sub.empty() ? "" : " " + sub + " of") +
            (verb.action == "list" || verb.action == "deletecollection" ? " objects of kind "
                                                                        : " a ") +
            kind_.kind;
        made.tag = tag();
        made.gvk = gvk;
        made.custom = kind_.custom;
        made.media = verb.action == "list" ? Media::List : Media::Object;
        made.parameters = parametersOf(verb.action);
        made.parameters.push_back("pretty");
        addPathParameters(path, made.parameters);
        fillBodies(verb.action, type, made);
        return made;
    }

    void fillBodies(std::string_view action, const std::string& type, OpenApiOperation& out) const {
        out.answer = action == "list" ? type + "List" : type;
        out.successes = {200};
        if (action == "post")
            out.successes = {200, 201, 202};
        else if (action == "put" || action == "patch")
            out.successes = {200, 201};
        else if (action == "delete")
            out.successes = {200, 202};
        if (action == "deletecollection" || (action == "delete" && !answersDeleted()))
            out.answer = std::string(kMeta) + "Status";
        if (action == "post" || action == "put")
            out.body = type;
        else if (action == "patch")
            out.body = std::string(kMeta) + "Patch";
        else if (out.method == "delete")
            out.body = std::string(kMeta) + "DeleteOptions";
    }

    const KindDef& kind_;
    const std::string schema_, root_;
    const bool namespaced_;
    std::vector<OpenApiPath> paths_;
};

OpenApiPath document(std::string path, std::string id, std::string tag, std::string answer,
                     std::string description, Media media = Media::Document) {
    OpenApiOperation each;
    each.method = "get";
    each.operationId = std::move(id);
    each.description = std::move(description);
    each.tag = std::move(tag);
    each.answer = std::move(answer);
    each.successes = {200};
    each.media = media;
    return {std::move(path), "", {std::move(each)}};
}
} // namespace

std::string openApiGroupWord(std::string_view group) {
    if (group.empty())
        return "core";
    std::string result;
    bool upper = false;
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

std::vector<OpenApiPath> openApiPaths(const KindDef& kind) {
    std::vector<OpenApiPath> paths = PathBuilder(kind).build();
    if (kind.custom)
        for (OpenApiPath& path : paths)
            for (OpenApiOperation& operation : path.operations)
                operation.custom = true;
    return paths;
}

std::vector<OpenApiPath> openApiDiscoveryPaths(std::string_view name) {
    const std::string meta(kMeta);
    if (name == "api")
        return {document("/api/", "getCoreAPIVersions", "core", meta + "APIVersions",
                         "get available API versions")};
    if (name == "apis")
        return {document("/apis/", "getAPIVersions", "apis", meta + "APIGroupList",
                         "get available groups")};
    if (name == "version")
        return {document("/version/", "getCodeVersion", "version",
                         "io.k8s.apimachinery.pkg.version.Info", "get the server's version",
                         Media::Json)};
    if (name == "openid/v1/jwks")
        return {document("/openid/v1/jwks/", "getServiceAccountIssuerOpenIDKeyset", "openid", "",
                         "get the keys of service account tokens", Media::KeySet)};
    if (name == ".well-known/openid-configuration")
        return {document("/.well-known/openid-configuration/",
                         "getServiceAccountIssuerOpenIDConfiguration", "WellKnown", "",
                         "get the issuer of service account tokens", Media::Json)};
    const bool core = name.starts_with("api/");
    if (!core && !name.starts_with("apis/"))
        return {};
    const std::string path = "/" + std::string(name) + "/";
    const std::string_view rest = name.substr(core ? 4 : 5);
    const std::size_t slash = rest.find('/');
    const std::string group(core ? std::string_view() : rest.substr(0, slash));
    const std::string word = openApiGroupWord(group);
    if (!core && slash == std::string_view::npos)
        return {document(path, "get" + capital(word) + "APIGroup", word, meta + "APIGroup",
                         "get the versions of a group")};
    const std::string version(core ? rest : rest.substr(slash + 1));
    return {document(path, "get" + capital(word) + capital(version) + "APIResources",
                     word + "_" + version, meta + "APIResourceList", "get available resources")};
}

} // namespace orrery::api
