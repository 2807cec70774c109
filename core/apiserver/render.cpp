#include "core/apiserver/render.h"

#include "core/api/tables.h"
#include "core/apiserver/status.h"
#include "core/base/yaml.h"

namespace orrery::apiserver {

namespace {
using Media = Representation::Media;
using Shape = Representation::Shape;

std::string quotedWarning(const std::string& text) {
    std::string out = "299 - \"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out.push_back('\\');
        out.push_back(c == '\n' || c == '\r' ? ' ' : c);
    }
    return out + "\"";
}

api::TableOptions tableOptions(const Representation& form, const std::string& includeObject) {
    api::TableOptions options;
    options.version = form.metaVersion;
    if (includeObject == "None")
        options.include = api::IncludeObject::None;
    else if (includeObject == "Object")
        options.include = api::IncludeObject::Object;
    return options;
}

std::vector<Slice> encodeTree(const Json& tree, Media media) {
    return {Slice::own(media == Media::Yaml ? emitYaml(tree) : serializeJson(tree))};
}

// JSON documents end with a line, as Go's encoder writes them.
void endLine(HttpResponse& response, Media media) {
    if (media == Media::Json)
        response.body.push_back(Slice::constant("\n"));
}

// {"kind":"PodList","apiVersion":"v1","metadata":{...},"items":
std::string listHead(const Answer& answer, const std::string& kind, const std::string& apiVersion) {
    JsonObject metadata;
    metadata["resourceVersion"] = std::to_string(answer.resourceVersion);
    if (!answer.continue_.empty())
        metadata["continue"] = answer.continue_;
    if (answer.remaining)
        metadata["remainingItemCount"] = *answer.remaining;
    return "{\"kind\":\"" + kind + "\",\"apiVersion\":\"" + apiVersion +
           "\",\"metadata\":" + serializeJson(Json(std::move(metadata))) + ",\"items\":";
}

// Items of built-in kinds are sent without their kind and apiVersion: the beginning of the stored
// bytes is left out.
void appendItem(std::vector<Slice>& out, const std::string& head, const EncodedPtr& item,
                bool first) {
    if (head.empty()) { // custom resources keep theirs
        if (!first)
            out.push_back(Slice::constant(","));
        out.push_back(Slice::of(item));
        return;
    }
    if (!item->bytes().starts_with(head)) { // written by other hands than ours
        Json tree = item->tree();
        if (tree.is_object()) {
            tree.get_object().erase("kind");
            tree.get_object().erase("apiVersion");
        }
        out.push_back(Slice::own((first ? "" : ",") + serializeJson(tree)));
        return;
    }
    out.push_back(Slice::constant(first ? "{" : ",{"));
    out.push_back(Slice::of(item, head.size()));
}

std::vector<Slice> plainList(const Answer& answer) {
    std::vector<Slice> out;
    out.reserve(answer.items.size() * 2 + 2);
    out.push_back(
        Slice::own(listHead(answer, answer.kind->listKind, answer.kind->apiVersion()) + "["));
    const std::string head = answer.kind->custom ? "" : storedHead(*answer.kind);
    bool first = true;
    for (const EncodedPtr& item : answer.items) {
        appendItem(out, head, item, first);
        first = false;
    }
    out.push_back(Slice::constant("]}\n"));
    return out;
}

std::vector<Slice> partialList(const Answer& answer, const Representation& form) {
    std::string text =
        listHead(answer, "PartialObjectMetadataList", "meta.k8s.io/" + form.metaVersion);
    if (answer.items.empty())
        return {Slice::own(text + "null}\n")};
    char separator = '[';
    for (const EncodedPtr& item : answer.items) {
        text.push_back(separator);
        text += serializeJson(api::partialMetadata(item->tree(), form.metaVersion));
        item->dropTree();
        separator = ',';
    }
    return {Slice::own(text + "]}\n")};
}

std::vector<Slice> tableList(const Answer& answer, const RenderContext& context) {
    api::TableOptions options = tableOptions(context.form, context.options.includeObject);
    options.resourceVersion = std::to_string(answer.resourceVersion);
    options.continue_ = answer.continue_;
    options.remainingItemCount = answer.remaining;
    std::vector<Slice> out = encodeTree(
        api::tableFor(*answer.kind, answer.items, options, context.now), context.form.media);
    for (const EncodedPtr& item : answer.items)
        item->dropTree();
    return out;
}

std::vector<Slice> asYaml(std::vector<Slice> slices) {
    std::string text;
    for (const Slice& slice : slices)
        text += slice.bytes;
    const Result<Json> tree = parseJson(text);
    ORRERY_ASSERT(tree.has_value()); // our own bytes
    return encodeTree(*tree, Media::Yaml);
}

std::vector<Slice> renderList(const Answer& answer, const RenderContext& context) {
    if (context.form.shape == Shape::Table)
        return tableList(answer, context);
    std::vector<Slice> out = context.form.shape == Shape::Partial
                                 ? partialList(answer, context.form)
                                 : plainList(answer);
    return context.form.media == Media::Yaml ? asYaml(std::move(out)) : out;
}
} // namespace

Headers commonHeaders(const RenderContext& context) {
    Headers headers;
    headers.emplace_back("Audit-Id", context.auditId);
    headers.emplace_back("Cache-Control", "no-cache, private");
    headers.emplace_back("Content-Type", context.form.contentType());
    for (const std::string& warning : context.warnings)
        headers.emplace_back("Warning", quotedWarning(warning));
    return headers;
}

std::vector<Slice> renderObject(const api::KindDef* kind, const EncodedPtr& object,
                                const Representation& form, const std::string& includeObject,
                                bool columns, Time now) {
    if (kind && form.shape == Shape::Table) {
        api::TableOptions options = tableOptions(form, includeObject);
        options.columns = columns;
        return encodeTree(api::tableOf(*kind, object->tree(), options, now), form.media);
    }
    if (kind && form.shape == Shape::Partial)
        return encodeTree(api::partialMetadata(object->tree(), form.metaVersion), form.media);
    if (form.media == Media::Yaml)
        return encodeTree(object->tree(), Media::Yaml);
    return {Slice::of(object)};
}

HttpResponse renderAnswer(const Answer& answer, const RenderContext& context) {
    HttpResponse response;
    response.code = answer.code;
    response.headers = commonHeaders(context);
    if (answer.list)
        response.body = renderList(answer, context);
    else if (answer.object)
        response.body = renderObject(answer.kind, answer.object, context.form,
                                     context.options.includeObject, true, context.now);
    if (!answer.list && answer.object)
        endLine(response, context.form.media);
    return response;
}

HttpResponse renderError(const Error& error, const RenderContext& context) {
    const Representation plain{context.form.media, Shape::Plain, "v1"};
    const RenderContext own{plain, context.options, context.warnings, context.now, context.auditId};
    HttpResponse response;
    response.code = error.httpCode();
    response.headers = commonHeaders(own);
    if (error.retryAfterSeconds > 0)
        response.headers.emplace_back("Retry-After", std::to_string(error.retryAfterSeconds));
    response.body = encodeTree(statusOf(error), plain.media);
    endLine(response, plain.media);
    return response;
}

HttpResponse renderText(int code, std::string text) {
    HttpResponse response;
    response.code = code;
    response.headers.emplace_back("Cache-Control", "no-cache, private");
    response.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.body.push_back(Slice::own(std::move(text)));
    return response;
}

} // namespace orrery::apiserver
