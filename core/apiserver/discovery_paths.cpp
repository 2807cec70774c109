// /api, /apis and what is below them: which kinds there are.
#include "core/api/discovery.h"

#include "core/apiserver/negotiate.h"
#include "core/apiserver/non_resource.h"
#include "core/apiserver/pretty_json.h"
#include "core/apiserver/render.h"
#include "core/apiserver/request.h"
#include "core/apiserver/status.h"

namespace orrery::apiserver {

namespace {
constexpr std::string_view kPrivate = "no-cache, private";
constexpr std::string_view kConversion = ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

std::string serverAddress(const ServerCore& core) {
    return core.options.advertiseAddress + ":" + std::to_string(core.options.advertisePort);
}

// The plain document of a path; null when there is none.
Json plainDocument(const ServerCore& core, const std::string& path) {
    if (path == "/api")
        return api::legacyCoreVersions(serverAddress(core));
    if (path == "/apis")
        return api::groupList(core.kinds);
    if (path.starts_with("/api/"))
        return api::resourceList(core.kinds, "", path.substr(5));
    const std::string rest = path.substr(6);
    const std::size_t slash = rest.find('/');
    if (slash == std::string::npos)
        return api::groupDocument(core.kinds, rest);
    return api::resourceList(core.kinds, rest.substr(0, slash), rest.substr(slash + 1));
}

// A tree as the bytes of that medium. What discovery says of itself in the core group lacks its
// version.
Document encodeDocument(const Json& tree, Representation::Media media) {
    if (tree.is_null())
        return {};
    if (media == Representation::Media::Json)
        return makeDocument(serializeJson(tree) + "\n");
    if (media != Representation::Media::Protobuf)
        return makeDocument(*encodeTree(tree, media));
    Result<api::ProtobufForm> form = api::encodeProtobuf(tree, "v1");
    ORRERY_ASSERT(form.has_value()); // our own tree
    return makeDocument(std::move(form->bytes));
}

HttpResponse respond(const Document& document, const Representation& form) {
    HttpResponse response;
    response.headers.emplace_back("Cache-Control", kPrivate);
    response.headers.emplace_back("Content-Type", form.contentType());
    response.body.push_back({document.bytes, *document.bytes});
    if (form.pretty && form.media == Representation::Media::Json)
        response.body = {Slice::own(prettyJson(response.body))};
    return response;
}

// A document's path answers GET alone, in the forms that documents have. Groups are told by
// another part of Kubernetes' server, which looks at less.
Result<Representation> formOf(const NonResourceRequest& request) {
    const std::string& path = request.path;
    const bool ofGroups =
        path == "/apis" || (path.starts_with("/apis/") && path.find('/', 6) == std::string::npos);
    if (request.method != "GET" && path != "/api" && !ofGroups)
        return methodNotAllowed();
    const std::string_view accept = headerOf(request.headers, "accept");
    if (!ofGroups)
        ORRERY_TRY(checkProduced(accept, Endpoint()));
    ORRERY_TRY_ASSIGN(Representation form, negotiatePlain(accept));
    form.pretty = form.pretty || wantsPretty(parameter(request.query, "pretty"),
                                             headerOf(request.headers, "user-agent"));
    return form;
}
} // namespace

std::optional<HttpResponse> answerDiscovery(ServerCore& core, const NonResourceRequest& request) {
    const std::string& path = request.path;
    const bool top = path == "/api" || path == "/apis";
    if (!top && !path.starts_with("/api/") && !path.starts_with("/apis/"))
        return std::nullopt;
    const std::string_view accept = headerOf(request.headers, "accept");
    if (const auto form = top ? negotiateAggregated(accept) : std::nullopt) {
        const Document document =
            core.documents.of(path + "#aggregated " + form->contentType(), [&] {
                return encodeDocument(api::aggregatedDiscovery(core.kinds, path == "/api"),
                                      form->media);
            });
        return documentResponse(document, form->contentType() + std::string(kConversion), "public",
                                headerOf(request.headers, "if-none-match"));
    }
    const Result<Representation> form = formOf(request);
    const Document document =
        core.documents.of(path + "#" + (form ? form->contentType() : std::string()), [&] {
            return encodeDocument(plainDocument(core, path),
                                  form ? form->media : Representation::Media::Json);
        });
    if (!document.bytes)
        return std::nullopt;
    if (!form)
        return statusResponse(form.error(), request);
    return respond(document, *form);
}

} // namespace orrery::apiserver
